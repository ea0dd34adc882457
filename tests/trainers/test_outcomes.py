"""What we say a trainer does with a record is what its own loader did with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import datagen.checks.every  # noqa: F401
from datagen.checks.base import of_kind
from datagen.checks.sample import Sample, Sound, sample
from datagen.checks.trainers.common import FITS, MISSING_IMAGE, worst
from tests.trainers.matrix_more import shown

OUTCOMES = {
    path.stem: json.loads(path.read_text("ascii"))
    for path in sorted(Path(__file__).with_name("outcomes").glob("*.json"))
}
CASES = [(target, name) for target, told in OUTCOMES.items() for name in told["records"]]
SOUND = {
    "sound": Sound("conversations", image=True, single=True, token_first=True),
    "sound token last": Sound("conversations", image=True, single=True, token_first=False),
    "sound two turns": Sound("conversations", image=True, single=False, token_first=True),
    "sound text only": Sound("conversations", image=False, single=True, token_first=False),
    "sound text only two turns": Sound("conversations", image=False, single=False, token_first=False),
    "sound chat": Sound("messages", image=True, single=True, token_first=True),
    "sound chat two turns": Sound("messages", image=True, single=False, token_first=True),
    "sound chat text only": Sound("messages", image=False, single=True, token_first=False),
}


def predicted(target: str, record: Sample) -> str:
    found = [check for check in of_kind("trainer") if check.target == target and any(check.run(record))]
    return worst(check.does for check in found)


@pytest.mark.parametrize(("target", "name"), CASES)
def test_we_say_what_it_did(target: str, name: str) -> None:
    told: dict[str, Any] = OUTCOMES[target]["records"][name]
    assert predicted(target, sample(0, shown(target)[name])) == told["outcome"], told["how"]


@pytest.mark.parametrize("target", OUTCOMES)
def test_each_has_seen_the_whole_matrix(target: str) -> None:
    assert list(OUTCOMES[target]["records"]) == list(shown(target))


@pytest.mark.parametrize(("target", "name"), [(target, name) for target in OUTCOMES for name in SOUND])
def test_of_a_sound_record_its_summary_says_enough(target: str, name: str) -> None:
    """A record that was proven to be sound is judged by that proof alone, as it is by its text."""
    proven = Sample(0, {}, None, (), None, SOUND[name])
    whole = sample(0, shown(target)[name])
    assert predicted(target, proven) == predicted(target, whole)
    assert FITS[target](proven) == FITS[target](whole)


def test_every_trainer_is_told_of_and_proven() -> None:
    targets = {check.target for check in of_kind("trainer", "file") if check.target}
    assert targets == set(FITS) == {*MISSING_IMAGE, "hf"}  # `hf` opens no picture
    assert targets >= set(OUTCOMES)


@pytest.mark.parametrize("target", OUTCOMES)
def test_what_it_takes_whole_fits_it(target: str) -> None:
    """No file is left out of a trainer's defaults whose records it loads."""
    taken = [name for name, told in OUTCOMES[target]["records"].items() if told["outcome"] == "loaded"]
    assert [name for name in taken if not FITS[target](sample(0, shown(target)[name]))] == []
