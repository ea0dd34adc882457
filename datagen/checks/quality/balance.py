"""Q: one type of dialogue hardly there, or answers of quite another length than the rest.

A file's types are those that its ids tell (`000000033471-conversation-0`), as datagen writes them; LLaVA's own tell
none, and are taken as one. What is kept does not grow with the file: counts, and the forty extremes of each type.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from datagen.checks.base import Seen, SeenAt, file_check
from datagen.checks.examples import ANSWER, record
from datagen.checks.quality.options import Options
from datagen.checks.quality.texts import look, type_of
from datagen.checks.sample import Sample
from datagen.text import shown

_TYPES = 16  # beyond which they are no types
_MANY_RECORDS, _SPARSE = 200, 0.1
_MANY_ANSWERS, _EXTREMES = 50, 20
_TIMES = 10
_LONG = 2000  # characters; no answer below that is far too long
_STEPS = 8  # of length, to each doubling


def _typed(number: int, kind: str) -> dict[str, object]:
    return record(id=f"{number:012d}-{kind}-0")


@file_check(
    "Q005",
    "rare-type",
    "info",
    fails=[_typed(n, "conversation" if n else "detail_description") for n in range(200)],
    passes=[_typed(n, "conversation" if n % 3 else "detail_description") for n in range(200)],
)
class RareType:
    """A type of dialogue is hardly there: less than a tenth of what an equal share would be.

    Mostly its run was stopped early, or most of its replies were rejected. LLaVA's own mix is 58,000 conversations,
    23,000 descriptions and 77,000 questions of reasoning (its paper, section 3).
    """

    def __init__(self, options: Options) -> None:
        self._types: Counter[str] = Counter()

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        if len(self._types) <= _TYPES:
            self._types[type_of(sample)] += 1

    def merge(self, other: RareType, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        self._types += other._types

    def end(self) -> Iterator[SeenAt]:
        """Each type that is so rare."""
        counts = {name: count for name, count in sorted(self._types.items()) if name}
        whole = sum(counts.values())
        if len(self._types) > _TYPES or whole < _MANY_RECORDS:
            return
        for name, count in counts.items():
            if count < _SPARSE * whole / len(counts):
                yield SeenAt(None, Seen(f"only {count:,} of {whole:,} records are of the type {shown(name)}"))


@lru_cache(1 << 14)
def _step(length: int) -> int:
    return round(_STEPS * math.log2(length))


def _keep(heap: list[tuple[int, int, str]], entry: tuple[int, int, str]) -> None:
    if len(heap) < _EXTREMES:
        heapq.heappush(heap, entry)
    elif entry > heap[0]:
        heapq.heapreplace(heap, entry)


class _Lengths:
    """The lengths of one type's answers: how many of about each, and the shortest and longest with their places."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.longest: list[tuple[int, int, str]] = []
        self.shortest: list[tuple[int, int, str]] = []

    def add(self, length: int, number: int, where: str) -> None:
        self.counts[_step(length)] += 1
        if len(self.longest) < _EXTREMES or length >= self.longest[0][0]:
            _keep(self.longest, (length, -number, where))
        if len(self.shortest) < _EXTREMES or -length >= self.shortest[0][0]:
            _keep(self.shortest, (-length, -number, where))

    def merge(self, other: _Lengths, shift: int) -> None:
        self.counts += other.counts
        for length, number, where in other.longest:
            _keep(self.longest, (length, number - shift, where))
        for length, number, where in other.shortest:
            _keep(self.shortest, (length, number - shift, where))

    def at(self, share: float) -> float:
        """The length that this share of the answers does not go beyond."""
        left = share * self.counts.total()
        for step in sorted(self.counts):
            left -= self.counts[step]
            if left <= 0:
                break
        return float(2 ** (step / _STEPS))


@file_check(
    "Q006",
    "odd-length",
    "info",
    fails=[record(id=str(n), answer=ANSWER * (1 if n else 100)) for n in range(50)],
    passes=[record(id=str(n), answer=ANSWER * (1 + n % 9)) for n in range(50)],
)
class OddLength:
    """An answer is far shorter or far longer than nearly all others of its type.

    Far is ten times: longer than ten times what 95 of 100 answers stay below (and than 2,000 characters), or shorter
    than a tenth of what 95 of 100 exceed. Such an answer was cut off, is another task's, or never came to an end. At
    most the 20 shortest and the 20 longest are told.
    """

    def __init__(self, options: Options) -> None:
        self._types: dict[str, _Lengths] = {}

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        kind = type_of(sample)
        if kind not in self._types and len(self._types) > _TYPES:
            return
        lengths = self._types.setdefault(kind, _Lengths())
        for answer in look(sample).answers:
            lengths.add(len(answer.text) or 1, sample.number, answer.where)

    def merge(self, other: OddLength, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        for kind, lengths in other._types.items():
            self._types.setdefault(kind, _Lengths()).merge(lengths, shift)

    def end(self) -> Iterator[SeenAt]:
        """The odd ones, in the file's order."""
        if len(self._types) <= _TYPES:
            found = [seen for lengths in self._types.values() for seen in _odd(lengths)]
            yield from sorted(found, key=lambda seen: (seen.number, seen.seen.where))


def _odd(lengths: _Lengths) -> Iterator[SeenAt]:
    if lengths.counts.total() < _MANY_ANSWERS:
        return
    high, low = lengths.at(0.95), lengths.at(0.05)
    for length, number, where in lengths.longest:
        if length > max(_TIMES * high, _LONG):
            yield SeenAt(-number, Seen(f"{length:,} characters; 95 % of the answers have at most {high:,.0f}", where))
    for minus, number, where in lengths.shortest:
        if -minus < low / _TIMES:
            yield SeenAt(-number, Seen(f"{-minus:,} characters; 95 % of the answers have at least {low:,.0f}", where))
