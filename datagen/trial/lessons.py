"""A file of training data → what LLaVA makes of each of its records, and the few that the toy is taught.

A record that LLaVA stops at is left out and counted by the check that foretells it. It reads the file as a stream,
keeps a pool of records drawn by the seed, and opens no picture.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from datagen.checks import every as _every  # noqa: F401  (registers them)
from datagen.checks.base import Check, Does, of_kind
from datagen.checks.sample import Sample, sample
from datagen.records.reading import read
from datagen.sources.files import Source
from datagen.text import pick, shown
from datagen.trial.masking import Masked, masked

POOL = 32
"""Times as many records are drawn as are taught, so that those can be found that share a question."""
_DRAWS = 1 << 52


class Lesson(NamedTuple):
    """A record as LLaVA trains on it."""

    number: int
    """In the file, from 0."""
    id: str
    """As it is shown: the record's own, or its number."""
    image: str | None
    masked: Masked
    found: str = ""
    """Why nothing of it is trained on: a check's code and name."""
    unseen: bool = False
    """Whether its picture goes unused."""

    @property
    def ask(self) -> str:
        """What stands before the first answer."""
        return self.masked.text[: self.masked.spans[0][0]] if self.masked.spans else self.masked.text


class Refused(NamedTuple):
    """A record that LLaVA does not get past."""

    id: str
    why: str


def lessons(source: Source) -> Iterator[Lesson | Refused]:
    """Every record of the file, in order. Raises InputError where it is no JSON."""
    checks = [check for check in of_kind("trainer") if check.target == "llava"]
    stops, damages = _that(checks, "stops"), _that(checks, "damaged")
    for batch in read(source):
        for number, text in enumerate(batch.records(), batch.number):
            one = _sample(number, text)
            name = shown(one.id if isinstance(one.id, str | int) else f"record {number}", 80)
            why = _first(stops, one)
            yield Refused(name, why) if why else _lesson(one, name, damages)


def _that(checks: list[Check], does: Does) -> list[Check]:
    return [check for check in checks if check.does == does]


def _sample(number: int, text: bytes) -> Sample:
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError):  # of lines, one that is no JSON: LLaVA does not get past it either
        raw = None
    return sample(number, raw)


def _first(checks: list[Check], one: Sample) -> str:
    return next((f"{check.code} {check.name}" for check in checks if any(check.run(one))), "")


def _lesson(one: Sample, name: str, damages: list[Check]) -> Lesson:
    made = masked(one.raw)
    image = one.raw.get("image")
    why = "" if made.spans else _first(damages, one) or "masked"
    return Lesson(one.number, name, image, made, why, image is not None and not made.pictures)


class Pool:
    """Records drawn by a seed: the same ones of the same file, whatever their order."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._seed = size, str(seed)
        self._held: list[tuple[int, int, Lesson]] = []

    def add(self, lesson: Lesson) -> None:
        """Keep it, if it is drawn."""
        drawn = (-pick(_DRAWS, self._seed, "trial", lesson.id), -lesson.number, lesson)
        if len(self._held) < self._size * POOL:
            heapq.heappush(self._held, drawn)
        else:
            heapq.heappushpop(self._held, drawn)

    def held(self) -> list[Lesson]:
        """All that were drawn, in that order."""
        return [lesson for *_, lesson in sorted(self._held, reverse=True)]

    def drawn(self) -> list[Lesson]:
        """Those to teach: pairs that only the picture tells apart as far as half of them goes, then as they come."""
        order = self.held()
        pairs = {lesson.number for lesson in alike(order)[: self._size // 2]}
        first = [lesson for lesson in order if lesson.number in pairs]
        return (first + [lesson for lesson in order if lesson.number not in pairs])[: self._size]


def alike(taught: list[Lesson]) -> list[Lesson]:
    """Those that share their first question with another one of another picture and another first answer, beside each
    other: what they are asked does not tell what to answer."""
    groups: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in taught:
        if lesson.masked.spans and lesson.image is not None and lesson.masked.pictures == 1:
            groups[lesson.ask].append(lesson)
    return [lesson for group in groups.values() for lesson in group if _other(lesson, group) is not None]


def swaps(taught: list[Lesson]) -> list[tuple[Lesson, Lesson]]:
    """Each of those that are alike, with another whose picture it can be shown in the place of its own."""
    found = alike(taught)
    pairs = ((lesson, _other(lesson, [each for each in found if each.ask == lesson.ask])) for lesson in found)
    return [(lesson, other) for lesson, other in pairs if other is not None]


def answer(lesson: Lesson) -> str:
    """The first answer."""
    begin, end = lesson.masked.spans[0]
    return lesson.masked.text[begin:end]


def _other(lesson: Lesson, group: list[Lesson]) -> Lesson | None:
    differing = (each for each in group if each.image != lesson.image and answer(each) != answer(lesson))
    return next(differing, None)
