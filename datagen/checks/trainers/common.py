"""What the trainers' checks share: which trainers there are, which records each can read at all, and what each does
without the picture.

A trainer's module says in FITS whether a record has a form that the trainer reads (the trainers asked about without
`--target` are those that fit a file's first records), and in MISSING_IMAGE what it does where the picture's file is
not there or does not open. It knows no trainer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from datagen.checks.base import Does
from datagen.checks.sample import Sample

FITS: dict[str, Callable[[Sample], bool]] = {}
"""For each target: whether it can read a record of this form at all, well or not."""
MISSING_IMAGE: dict[str, Does] = {}
"""For each target: what happens to a record whose picture is missing or cannot be read."""
NOT_BY_DEFAULT: set[str] = set()
"""Targets that are asked about only by name."""

ORDER: tuple[Does, ...] = ("stops", "lost", "damaged")
"""From the worst."""


def worst(does: Iterable[Does | None]) -> str:
    """The worst of what is done to a record; `loaded` where nothing is."""
    done = set(does)
    return next((each for each in ORDER if each in done), "loaded")


class Turn(NamedTuple):
    """One turn of `conversations`, both its members texts."""

    role: str
    value: str
    where: str
    """`conversations[0].value`"""


def turns(sample: Sample) -> tuple[Turn, ...]:
    """The turns of a record in LLaVA's form, where there are some, each a role and a text; else none. Of a record that
    is sound there is nothing to say, so it has none here either."""
    listed = listing(sample, "conversations")
    found = []
    for at, turn in enumerate(listed):
        if not (isinstance(turn, dict) and isinstance(turn.get("from"), str) and isinstance(turn.get("value"), str)):
            return ()
        found.append(Turn(turn["from"], turn["value"], f"conversations[{at}].value"))
    return tuple(found)


def listing(sample: Sample, key: str) -> list[Any]:
    """The list under a member of the record; an empty one where there is none."""
    if sample.sound is not None or not isinstance(sample.raw, dict):
        return []
    listed = sample.raw.get(key)
    return listed if isinstance(listed, list) else []


def has_dialogue(sample: Sample, form: str) -> bool:
    """Whether the record's dialogue is a list under that name: what a trainer of that form reads."""
    if sample.sound is not None:
        return sample.sound.form == form
    return bool(isinstance(sample.raw, dict) and isinstance(sample.raw.get(form), list))
