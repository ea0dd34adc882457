"""What the checks say of the data, with a few places to each: what `validate` finds, kept small. It knows no pages."""

from __future__ import annotations

from typing import NamedTuple

from datagen.checks.base import CHECKS
from datagen.rules import Wishes
from datagen.schema import Hit, Verdict
from datagen.sources.files import Source
from datagen.validation import validate

PLACES = 4
"""Findings of a check that are shown."""
_LONGEST = 400


class Found(NamedTuple):
    """A check that had something to say."""

    code: str
    name: str
    level: str
    about: str
    number: int
    places: tuple[Place, ...]


class Place(NamedTuple):
    """One of its findings."""

    record: str
    where: str
    message: str
    before: str
    words: str
    after: str


def findings(source: Source) -> tuple[list[Found], Verdict]:
    """All that is found in a file, by check: errors first, then the most frequent."""
    places: dict[str, list[Place]] = {}

    def take(hit: Hit) -> bool:
        kept = places.setdefault(hit.finding.code, [])
        if len(kept) < PLACES:
            kept.append(_place(hit))
        return True

    verdict = validate([source], Wishes(), take)
    levels = ("error", "warning", "info")
    found = [
        Found(code, CHECKS[code].name, CHECKS[code].level, CHECKS[code].about, number, tuple(places[code]))
        for code, number in verdict.by_check.items()
    ]
    return sorted(found, key=lambda each: (levels.index(each.level), -each.number, each.code)), verdict


def _place(hit: Hit) -> Place:
    words = hit.finding.words[:_LONGEST]
    at = hit.text.find(words) if words else -1
    before, after = ("", "") if at < 0 else (hit.text[max(0, at - 120) : at], hit.text[at + len(words) :][:120])
    return Place(hit.id or "", hit.place, hit.finding.message, before, words, after)
