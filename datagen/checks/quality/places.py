"""Many digests, and the record and place each was seen at, in 14 bytes each; those that were seen before are found at
the end, by sorting. It does not know what the digests stand for."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

_NOWHERE = (1 << 16) - 1


class Again(NamedTuple):
    """A digest that was seen before: in which record and where, and where first."""

    number: int
    where: str
    first: int
    first_where: str


class Places:
    """What was seen, in order."""

    def __init__(self) -> None:
        self._digests, self._numbers, self._where = array("Q"), array("I"), array("H")
        self._names: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._digests)

    def add(self, digest: int, number: int, where: str = "") -> None:
        """One more."""
        self._digests.append(digest)
        self._numbers.append(number)
        self._where.append(self._name(where))

    def _name(self, where: str) -> int:
        if len(self._names) < _NOWHERE:
            return self._names.setdefault(where, len(self._names))
        return self._names.get(where, _NOWHERE)

    def merge(self, other: Places, shift: int) -> None:
        """What came after, its records' numbers shifted."""
        names = [*map(self._name, other._names), *[_NOWHERE] * (_NOWHERE + 1 - len(other._names))]
        self._digests += other._digests
        self._numbers.extend(number + shift for number in other._numbers)
        self._where.extend(names[at] for at in other._where)

    def again(self) -> Iterator[Again]:
        """What was seen before, in order."""
        import numpy as np

        digests = np.frombuffer(self._digests, np.uint64)
        order = np.argsort(digests, kind="stable")
        ranked = digests[order]
        starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])) if len(ranked) else order
        first = np.repeat(order[starts], np.diff(np.append(starts, len(order))))  # where each one's like stood first
        later = first != order
        del ranked, digests
        back = np.argsort(order[later])
        names = [*self._names, ""]
        for at, earlier in zip(order[later][back].tolist(), first[later][back].tolist(), strict=True):
            yield Again(self._numbers[at], self._at(names, at), self._numbers[earlier], self._at(names, earlier))

    def _at(self, names: list[str], at: int) -> str:
        name = self._where[at]
        return "" if name == _NOWHERE else names[name]
