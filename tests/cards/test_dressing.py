"""An export's folder, dressed: the card tells what its own manifest tells, and what is private stays out of it."""

from __future__ import annotations

import json
from pathlib import Path

from datagen.cards.card import MOCK
from datagen.cards.dressing import dress
from tests.cards.test_facts import RUN, export

LINES = {"swift": "swift sft --dataset swift.jsonl\n", "trl": "a = 1\nb = 2\n"}


def test_both_are_written_with_the_lines_to_paste(tmp_path: Path) -> None:
    told = export(RUN, losses={"swift": {"inner-image": 2}})
    told["files"] |= {"LOADING.md": RUN["files"]["llava.json"], "internvl_meta.json": RUN["files"]["llava.json"]}
    dress(tmp_path, told, license="cc0-1.0", loading=LINES)
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "### swift\n\n```\nswift sft --dataset swift.jsonl\n```" in card
    assert "### trl\n\n```\na = 1\nb = 2\n```" in card
    assert "| `inner-image` in `swift` | 2 |" in card
    assert 'license: "cc0-1.0"' in card
    assert "LOADING.md" not in card
    meta = json.loads((tmp_path / "croissant.json").read_text("ascii"))
    assert [file["name"] for file in meta["distribution"]] == ["swift.jsonl", "parquet/0.parquet"]


def test_without_lines_or_a_licence_it_is_a_card_all_the_same(tmp_path: Path) -> None:
    dress(tmp_path, export({**RUN, "mock": True}, mock=True))
    card = (tmp_path / "README.md").read_text("utf-8")
    assert MOCK in card
    assert "No licence is told" in card
    assert "How to load it" not in card


def test_half_a_character_in_a_line_does_not_end_it(tmp_path: Path) -> None:
    dress(tmp_path, export(RUN), loading={"a\udcff": "cd /a\udcffb\n"})
    assert "cd /a\ufffdb" in (tmp_path / "README.md").read_text("utf-8")
