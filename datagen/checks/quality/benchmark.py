"""Q: records of pictures that a benchmark asks about, and questions that stand in one.

It keeps the benchmark (which the user gave, see `against.py`), which of its pictures and questions it met, and 8 bytes
for each record of such a picture.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, SeenAt, file_check
from datagen.checks.examples import record
from datagen.checks.quality.against import picture
from datagen.checks.quality.options import Options
from datagen.checks.quality.texts import look, media_of
from datagen.checks.sample import Sample
from datagen.text import shown

_LONGEST_NAME, _DEEPEST = 500, 3  # beyond which a text is the picture itself


@file_check(
    "Q010",
    "benchmark-image",
    "warning",
    fails=[record()],
    passes=[record(image="train2017/000000000009.jpg")],
)
class BenchmarkImage:
    """The record's picture is one of the benchmark's (`--against`).

    What a model was tuned on it must not be tested on. COCO's pictures are known by their number, since
    `COCO_val2014_000000397133.jpg` and `val2017/000000397133.jpg` are one: val2017 was taken from val2014, and parts
    of val2014 were trained on as train2017.
    """

    def __init__(self, options: Options) -> None:
        self._against = options.against
        self._numbers, self._found = array("I"), array("I")
        self._known: dict[tuple[str, str], int] = {}

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        if not self._against:
            return
        names = {name: where for where, medium in media_of(sample) for name in _names(medium)}
        for name, where in names.items():
            if picture(name) in self._against:
                self._numbers.append(sample.number)
                self._found.append(self._known.setdefault((name, where), len(self._known)))

    def merge(self, other: BenchmarkImage, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        known = [self._known.setdefault(each, len(self._known)) for each in other._known]
        self._numbers.extend(number + shift for number in other._numbers)
        self._found.extend(known[at] for at in other._found)

    def end(self) -> Iterator[SeenAt]:
        """Each record of such a picture."""
        known = list(self._known)
        for number, at in zip(self._numbers, self._found, strict=True):
            name, where = known[at]
            message = f"{shown(name, 100)!r} is a picture of the benchmark ({shown(picture(name), 100)})"
            yield SeenAt(number, Seen(message, where, name))


def _names(medium: Any, depth: int = 0) -> Iterator[str]:
    """The texts in a medium's description that may be names."""
    if isinstance(medium, str):
        if len(medium) <= _LONGEST_NAME:
            yield medium
    elif isinstance(medium, list | dict) and depth < _DEEPEST:
        for each in medium.values() if isinstance(medium, dict) else medium:
            yield from _names(each, depth + 1)


@file_check(
    "Q011",
    "benchmark-question",
    "info",
    fails=[record("<image>\nWhy does the brown dog jump over the white fence?")],
    passes=[record("<image>\nWhy does the brown dog jump?")],
)
class BenchmarkQuestion:
    """A question is word for word one of the benchmark's (`--against`).

    Told once for each question, with how often it is asked. Short questions, those that the benchmark itself asks of
    several pictures, and requests to describe a picture are left out: everybody asks them.
    """

    def __init__(self, options: Options) -> None:
        self._questions = options.questions
        self._found: dict[str, tuple[int, str, int]] = {}

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        if not self._questions:
            return
        for question in look(sample).questions:
            key = question.key
            if key in self._questions:
                number, where, count = self._found.get(key, (sample.number, question.where, 0))
                self._found[key] = (number, where, count + 1)

    def merge(self, other: BenchmarkQuestion, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        for key, (number, where, more) in other._found.items():
            first, at, count = self._found.get(key, (number + shift, where, 0))
            self._found[key] = (first, at, count + more)

    def end(self) -> Iterator[SeenAt]:
        """Each such question, at its first place."""
        for key, (number, where, count) in self._found.items():
            often = f"; it is asked {count:,} times in this file" if count > 1 else ""
            yield SeenAt(number, Seen(f"{shown(key, 100)!r} is a question of the benchmark{often}", where, key))
