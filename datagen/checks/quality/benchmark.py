"""Q: records of pictures that a benchmark asks about, and questions that stand in one.

It keeps the benchmark (which the user gave, see `against.py`) and what was found of it, and nothing of other records.
"""

from __future__ import annotations

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

    def __init__(self, options: Options = Options()) -> None:  # noqa: B008
        self._against = options.against
        self._found: list[SeenAt] = []

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        if not self._against:
            return
        for image in sample.images or ():
            name = picture(_name(image))
            if name in self._against:
                seen = Seen(f"{shown(_name(image), 100)!r} is a picture of the benchmark ({name})", "image")
                self._found.append(SeenAt(sample.number, seen))

    def merge(self, other: BenchmarkImage, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        self._found += [SeenAt((number or 0) + shift, seen) for number, seen in other._found]

    def end(self) -> Iterator[SeenAt]:
        """Each record of such a picture."""
        yield from self._found


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

    def __init__(self, options: Options = Options()) -> None:  # noqa: B008
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
