"""Which samples the filters let through: a byte for each number, 1 or 0.

Bytes are looked into by number without searching, here and in SQL (`substr`): a search asks them of each sample that
holds the words, and a list without words is read off them. They are made when a filter is first used, and again when
the side file has changed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from datagen.viewer.index import Index

Chosen = tuple[tuple[str, str], ...]
"""(kind, value) of each filter that is set."""
_KEPT = 24
_NUMBERS = {
    "state": "SELECT n FROM samples WHERE state = ?",
    "task": "SELECT n FROM samples WHERE task = ?",
    "label": "SELECT n FROM samples WHERE label = ? AND label != ''",
    "check": "SELECT n FROM found WHERE code = ?",
    "category": "SELECT n FROM categories WHERE category = ?",
}
KINDS = tuple(_NUMBERS)
_BY_VALUE = {
    ("label", "any"): "SELECT n FROM samples WHERE label != ''",
    ("label", "none"): "SELECT n FROM samples WHERE label = ''",
}


class Masks:
    """The masks of an index, those made last."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._changes = -1
        self._made: dict[Chosen, bytes] = {}

    def of(self, chosen: Chosen) -> bytes:
        """1 at the numbers that all filters let through; it may be shorter than there are numbers, the rest is 0."""
        with self._lock:
            if self._changes != self._index.changes:
                self._changes = self._index.changes
                self._made.clear()
            if chosen not in self._made:
                masks = [self._one(each) for each in chosen]
                self._keep(chosen, masks[0] if len(masks) == 1 else _all(masks))
            return self._made[chosen]

    def _one(self, each: tuple[str, str]) -> bytes:
        if (each,) not in self._made:
            kind, value = each
            sql = _BY_VALUE.get(each)
            numbers = self._index.numbers(sql) if sql else self._index.numbers(_NUMBERS[kind], (value,))
            marks = bytearray(max(numbers, default=-1) + 1)
            for n in numbers:
                marks[n] = 1
            self._keep((each,), bytes(marks))
        return self._made[each,]

    def _keep(self, chosen: Chosen, mask: bytes) -> None:
        self._made.pop(chosen, None)
        while len(self._made) >= _KEPT:
            del self._made[next(iter(self._made))]
        self._made[chosen] = mask


def _all(masks: Sequence[bytes]) -> bytes:
    """1 where all of them are."""
    size = min(map(len, masks))
    both = int.from_bytes(masks[0][:size], "little")
    for mask in masks[1:]:
        both &= int.from_bytes(mask[:size], "little")
    return both.to_bytes(size, "little")


def after(mask: bytes, n: int, most: int) -> list[int]:
    """The numbers it lets through that follow `n`, at most so many."""
    found: list[int] = []
    while len(found) < most and (n := mask.find(1, max(n + 1, 0))) >= 0:
        found.append(n)
    return found


def before(mask: bytes, n: int, most: int) -> list[int]:
    """Those before `n`, the nearest first."""
    found: list[int] = []
    while len(found) < most and n > 0 and (n := mask.rfind(1, 0, n)) >= 0:
        found.append(n)
    return found
