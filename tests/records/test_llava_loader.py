"""LLaVA's preprocessing, re-enacted, masks, drops and misreads nothing of what we write; and it does see faults."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from datagen import Settings, generate

_spec = importlib.util.spec_from_file_location("llava_loader", Path(__file__).with_name("llava_loader.py"))
assert _spec is not None
assert _spec.loader is not None
llava_loader = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(llava_loader)
load = llava_loader.load


def record(*values: str, image: bool = True) -> dict[str, Any]:
    turns = [{"from": ("human", "gpt")[n % 2], "value": value} for n, value in enumerate(values)]
    return {"id": "1", **({"image": "1.jpg"} if image else {}), "conversations": turns}


@pytest.mark.parametrize("token", ["first", "last", "random"])
def test_what_we_write_is_trained_on_whole(tmp_path: Path, token: str) -> None:
    outcome = generate([Path("samples")], Settings(model="mock", image_token=token), tmp_path / "run")
    records = json.loads((outcome.folder / "llava.json").read_text("ascii"))
    assert len(records) == outcome.states.planned > 0
    for written in records:
        fate = load(written)
        assert fate.well
        assert fate.trained == [turn["value"] for turn in written["conversations"] if turn["from"] == "gpt"]


def test_on_real_input_too(tmp_path: Path, shared_data: Path) -> None:
    names = ("captions_train2017.json.gz", "instances_train2017.json.gz")
    inputs = [shared_data / "coco" / "mini_train2017" / name for name in names]
    outcome = generate(inputs, Settings(model="mock"), tmp_path / "run")
    records = json.loads((outcome.folder / "llava.json").read_text("ascii"))
    assert len(records) == 240
    assert all(load(written).well for written in records)


@pytest.mark.parametrize(
    "values",
    [
        ("<image>\nQ", "an end </s> token"),
        ("<image>\nQ", "a turn ASSISTANT: inside"),
        ("<image>\nQ", "A", "Q2", ""),
        ("<image>\nQ", "A", "Q2"),
        ("<image>\nQ", "an <image> in the answer"),
        ("<image>\nQ", "A", "<image>\nQ2", "A2"),
    ],
)
def test_the_re_enactment_sees_what_llava_masks_or_misreads(values: tuple[str, ...]) -> None:
    assert not load(record(*values)).well


def test_it_is_content_with_a_sound_record() -> None:
    assert load(record("Q\n<image>", "A", "Q2", "A2")).trained == ["A", "A2"]
