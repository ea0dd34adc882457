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
from datagen.checks.quality.texts import look
from datagen.checks.sample import Sample
from datagen.text import shown

_NAMES = ("path", "image", "url", "file_name")


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
        self._numbers, self._names = array("I"), array("I")
        self._known: dict[str, int] = {}

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        if not self._against:
            return
        for image in sample.images or ():
            name = _name(image)
            if picture(name) in self._against:
                self._numbers.append(sample.number)
                self._names.append(self._known.setdefault(name, len(self._known)))

    def merge(self, other: BenchmarkImage, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        names = [self._known.setdefault(name, len(self._known)) for name in other._known]
        self._numbers.extend(number + shift for number in other._numbers)
        self._names.extend(names[at] for at in other._names)

    def end(self) -> Iterator[SeenAt]:
        """Each record of such a picture."""
        names = list(self._known)
        for number, at in zip(self._numbers, self._names, strict=True):
            known = f"{shown(names[at], 100)!r} is a picture of the benchmark ({shown(picture(names[at]), 100)})"
            yield SeenAt(number, Seen(known, "image", names[at]))


def _name(image: Any) -> Any:
    if isinstance(image, dict):
        return next((image[key] for key in _NAMES if isinstance(image.get(key), str)), None)
    return image


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
