"""What gives a gradient is what LLaVA's own loader trained on, record by record of the matrix that it was shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.trial.masking import Masked, masked
from tests.trainers.matrix_more import shown

OUTCOMES = json.loads((Path(__file__).parents[1] / "trainers" / "outcomes" / "llava.json").read_text("ascii"))[
    "records"
]
RECORDS = shown("llava")
LOADED = [name for name, told in OUTCOMES.items() if told["outcome"] == "loaded"]
MASKED = [name for name, told in OUTCOMES.items() if told["how"] == "all labels masked"]
BY_LENGTH = {"too long a question"}
"""Masked because of its length, which is `words`' matter."""


def trained(made: Masked) -> list[str]:
    return [made.text[begin:end] for begin, end in made.spans]


@pytest.mark.parametrize("name", LOADED)
def test_of_what_it_loads_every_answer_is_trained_on_with_its_end_and_nothing_else(name: str) -> None:
    record: dict[str, Any] = RECORDS[name]
    answers = [turn["value"] for turn in record["conversations"] if turn["from"] == "gpt"]
    assert trained(masked(record)) == [f" {answer}</s>" for answer in answers]


@pytest.mark.parametrize("name", [name for name in MASKED if name not in BY_LENGTH])
def test_what_it_masks_gives_nothing(name: str) -> None:
    assert masked(RECORDS[name]).spans == ()


def test_what_it_does_not_mask_gives_something() -> None:
    others = [name for name, told in OUTCOMES.items() if told["outcome"] == "damaged" and name not in MASKED]
    assert len(others) > 20
    assert [name for name in others if not masked(RECORDS[name]).spans] == []


def test_the_picture_comes_first_and_once_wherever_its_token_stood() -> None:
    made = masked(RECORDS["token twice apart in a turn"])
    assert made.text.startswith("USER: <image>\nWhat is the dog doing? ASSISTANT: ")
    assert made.pictures == 1
