"""Stage 1: from captions alone, in LLaVA's plain form, by a seed, and clean."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.exporting.pretraining import REQUESTS
from tests.program import Program

ROOT = Path(__file__).resolve().parents[2]


def coco(captions: dict[int, list[str]]) -> dict[str, Any]:
    """A file of captions."""
    images = [{"id": number, "file_name": f"{number:012}.jpg", "width": 8, "height": 8} for number in captions]
    told = [{"image_id": number, "caption": text} for number, texts in captions.items() for text in texts]
    return {"images": images, "annotations": [{"id": at, **each} for at, each in enumerate(told)]}


def made(path: Path, out: Path, **wish: Any) -> list[dict[str, Any]]:
    """The records."""
    datagen.export([path], datagen.ExportWish(("pretrain",), **wish), out)
    return json.loads((out / "pretrain.json").read_text())  # type: ignore[no-any-return]


def test_a_picture_a_request_and_its_caption(tmp_path: Path) -> None:
    records = made(ROOT / "samples", tmp_path / "out")
    told = json.loads((ROOT / "samples" / "annotations" / "captions.json").read_text())
    captions = {each["caption"].strip() for each in told["annotations"]}
    assert len(records) == 16
    for each in records:
        ask, answer = each["conversations"]
        assert ask["value"].removeprefix("<image>\n") in REQUESTS
        assert answer["value"] in captions
    source = datagen.Source(tmp_path / "out" / "pretrain.json", named=True)
    found: list[datagen.Hit] = []
    wished = datagen.Wishes(target=("llava-plain", "llava", "hf"), select=("S", "T"))
    datagen.validate([source], wished, lambda hit: not found.append(hit))
    assert not found
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["mock"] is False


def test_the_draw_depends_on_the_seed_and_the_image_alone(tmp_path: Path, write: Callable[..., Path]) -> None:
    captions = {number: [f"Caption {number} {c}." for c in "abcde"] for number in range(1, 60)}
    whole, part = write("all.json", coco(captions)), write("part.json", coco(dict(list(captions.items())[20:])))
    first = {each["id"]: each for each in made(whole, tmp_path / "out")}
    again = {each["id"]: each for each in made(part, tmp_path / "out")}
    assert again.items() <= first.items()
    assert len(again) == 39
    assert {each["id"]: each for each in made(whole, tmp_path / "out", seed=1)} != first
    assert len(made(whole, tmp_path / "out", every_caption=True)) == 5 * 59


def test_captions_that_a_trainer_stumbles_over_are_left_out(cli: Program, write: Callable[..., Path]) -> None:
    bad = {1: ["A dog."], 2: ["</s>"], 3: ["<image> of a dog."], 4: [" \n"], 5: []}
    done = cli("export", write("captions.json", coco(bad)), "-f", "pretrain,messages", "-o", "out", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["written"] == {"pretrain": 1, "messages": 1}
    assert sum(told["losses"]["given"].values()) == 2
    assert "left out: a trainer would stumble over its caption" in done.stderr


@pytest.mark.parametrize("document", [coco({}), coco({1: []}), {"a": 1}, []])
def test_what_has_no_caption_is_refused(document: Any, cli: Program, write: Callable[..., Path]) -> None:
    done = cli("export", write("captions.json", document), "-f", "pretrain", "-o", "out")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (write("x", "").parent / "out").exists()


def test_a_run_is_no_annotation(cli: Program, run: Path) -> None:
    done = cli("export", run, "-f", "pretrain", "-o", "out")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
