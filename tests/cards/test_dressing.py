"""An export's folder, dressed: the card tells what its own manifest and LOADING.md tell."""

from __future__ import annotations

import json
from pathlib import Path

from datagen.cards.card import MOCK
from datagen.cards.dressing import dress
from tests.cards.test_facts import RUN, export

LOADING = (
    "# How to load this\n\n## swift\n\n```sh\nswift sft --dataset x\n```\n\n## trl\n\n```python\na = 1\nb = 2\n```\n"
)


def test_both_are_written_and_the_lines_to_paste_are_those_of_the_export(tmp_path: Path) -> None:
    (tmp_path / "LOADING.md").write_text(LOADING, "utf-8")
    dress(tmp_path, export(RUN, losses={"swift": {"inner-image": 2}}), "cc0-1.0")
    card = (tmp_path / "README.md").read_text("utf-8")
    assert "### swift\n\n```\nswift sft --dataset x\n```" in card
    assert "### trl\n\n```\na = 1\nb = 2\n```" in card
    assert "| `inner-image` in `swift` | 2 |" in card
    assert 'license: "cc0-1.0"' in card
    told = json.loads((tmp_path / "croissant.json").read_text("ascii"))
    assert [file["name"] for file in told["distribution"]] == ["swift.jsonl", "parquet/0.parquet"]


def test_without_lines_or_a_licence_it_is_a_card_all_the_same(tmp_path: Path) -> None:
    dress(tmp_path, export({**RUN, "mock": True}, mock=True))
    card = (tmp_path / "README.md").read_text("utf-8")
    assert MOCK in card
    assert "No licence is told" in card
    assert "How to load it" not in card
