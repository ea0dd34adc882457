"""A mixture: so many records of each kind, drawn by a seed, the same ones whatever else there is.

Each record's lot is a hash of the seed, its id and its first words; of each kind the lowest lots are taken. So records
that are added later take the place of few, and the order of files does not matter. The kind is the task that stands in
the ids that datagen gives; of other files, the file's name.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Iterable, Mapping

from datagen.errors import SetupError
from datagen.exporting.given import Given
from datagen.exporting.result import Short
from datagen.records.formats.entry import Entry
from datagen.text import shown

_PART = re.compile(r"\s*([^:\s][^:]*?)\s*:\s*(\d+(?:\.\d+)?)\s*([kKmM]?)\s*")
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
_ID = re.compile(r"[^-]+-(.+)-\d+")


def wished(told: str) -> dict[str, int]:
    """`conversation:58k,complex_reasoning:77k` as numbers by kind. Raises SetupError."""
    found: dict[str, int] = {}
    for part in told.split(","):
        match = _PART.fullmatch(part)
        if match is None or match[1] in found:
            cause = "stands twice" if match else "is no kind and number"
            raise SetupError(
                f"--mix: {shown(part, 60)!r} {cause}", "write it as conversation:58k,complex_reasoning:77k"
            )
        found[match[1]] = round(float(match[2]) * _TIMES[match[3].lower()])
    return found


def kind_of(each: Given, file: str) -> str:
    """The kind of a record of that file (its name without what stands behind the first dot)."""
    match = _ID.fullmatch(each.id)
    return match[1] if match else file.partition(".")[0]


class Mixture:
    """Shown all records once, it says which to take when they come again."""

    def __init__(self, wish: Mapping[str, int], seed: int, files: list[str]) -> None:
        self._wish, self._files = wish, files
        self._begun = hashlib.blake2b(f"mix {seed}\0".encode(), digest_size=8)
        self._lots: dict[str, array[int]] = {kind: array("Q") for kind in wish}
        self._left: dict[str, list[int]] = {}
        self._others: set[str] = set()

    def see(self, records: Iterable[Given]) -> None:
        """All of them, once. Raises SetupError where there is none of any kind that is wished for."""
        for each in records:
            if each.left_out:
                continue
            kind = kind_of(each, self._files[each.source])
            if kind in self._lots:
                self._lots[kind].append(self._lot(each.entry))
            elif len(self._others) < 20:
                self._others.add(kind)
        if not any(self._lots.values()):
            there = shown(", ".join(sorted(self._others)), 200)
            raise SetupError(f"--mix: no record is of a kind wished for ({shown(', '.join(self._wish), 200)})",
                             f"there are: {there}")  # fmt: skip
        for kind, number in self._wish.items():
            lots = sorted(self._lots[kind])[:number]
            last = lots[-1] if lots else -1
            self._left[kind] = [last, lots.count(last)]

    def takes(self, each: Given) -> bool:
        """Whether this record is drawn."""
        kind = kind_of(each, self._files[each.source])
        left = self._left.get(kind)
        if left is None:
            return False
        lot = self._lot(each.entry)
        if lot == left[0]:
            left[1] -= 1
            return left[1] >= 0
        return lot < left[0]

    def short(self) -> dict[str, Short]:
        """The kinds of which there was too little."""
        found = {kind: Short(number, len(self._lots[kind])) for kind, number in self._wish.items()}
        return {kind: short for kind, short in found.items() if short.found < short.wished}

    def _lot(self, entry: Entry) -> int:
        lot = self._begun.copy()
        said = entry.lines[0].said
        lot.update(f"{entry.id}\0{said if isinstance(said, str) else said[-1:]}".encode("utf-8", "surrogatepass"))
        return int.from_bytes(lot.digest(), "big")
