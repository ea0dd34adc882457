"""S: ids over a whole file. Of each id it keeps a few bytes, never the id itself."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any

from datagen.checks.base import Seen, SeenAt, file_check
from datagen.checks.examples import record
from datagen.checks.sample import Sample

_FEW = 250_000  # so many ids are compared without numpy, which takes a tenth of a second to load


@file_check(
    "S030", "duplicate-id", "warning", fails=[record(), record()], passes=[record(), record(id="b")], mends=True
)
class DuplicateIds:
    """Two records have the same id.

    LLaVA's own files give one image's records the same id (MG-LLaVA issue 1), and its trainer reads no ids; tools that
    join, compare or resume by id mix such records up.
    """

    reads = "ids"

    def __init__(self, _options: Any = None) -> None:
        self._hashes = array("q")  # not Python's own, which differ from process to process
        self._numbers = array("q")

    def see(self, sample: Sample) -> None:
        """Keep what tells the id from others."""
        if isinstance(sample.id, str | int | float) and not isinstance(sample.id, bool):
            self.see_ids([sample.number], [str(sample.id)])

    def see_ids(self, numbers: Sequence[int], ids: Sequence[str]) -> None:
        """The same, for many whose ids are texts."""
        encoded = [each.encode("utf-8", "surrogatepass") for each in ids]
        self._hashes.frombytes(b"".join([blake2b(each, digest_size=8).digest() for each in encoded]))
        self._numbers.extend(numbers)

    def merge(self, later: DuplicateIds, shift: int = 0) -> None:
        """Go on where `later` ended."""
        self._hashes.extend(later._hashes)
        self._numbers.extend(number + shift for number in later._numbers)

    def end(self) -> Iterator[SeenAt]:
        """Each record whose id an earlier one has."""
        if len(self._hashes) <= _FEW and len(set(self._hashes)) == len(self._hashes):
            return
        import numpy as np

        hashes = np.frombuffer(self._hashes, dtype=np.int64) if self._hashes else np.zeros(0, np.int64)
        numbers = np.frombuffer(self._numbers, dtype=np.int64) if self._numbers else hashes
        order = np.lexsort((numbers, hashes))
        again = np.flatnonzero(hashes[order][1:] == hashes[order][:-1]) + 1
        firsts = order[again - 1]
        for number, before in sorted(zip(numbers[order[again]].tolist(), numbers[firsts].tolist(), strict=True)):
            yield SeenAt(number, Seen(f"record {before} has the same id", "id"))


@file_check("S031", "mixed-ids", "error", fails=[record(), record(id=7)], passes=[record(), record(id="7")], mends=True)
class MixedIds:
    """Some ids are texts and some are numbers.

    Arrow takes a column's type from the first rows and refuses the rest: `load_dataset` fails on the whole file
    (datasets issue 7322, Open-LLaVA-NeXT issue 31, ms-swift issue 2634).
    """

    reads = "ids"

    def __init__(self, _options: Any = None) -> None:
        self._kinds: dict[str, tuple[int, int]] = {}

    def see(self, sample: Sample) -> None:
        """Count its kind of id."""
        known = isinstance(sample.id, str | int | float) and not isinstance(sample.id, bool)
        kind = ("text" if isinstance(sample.id, str) else "number") if known else "none"
        self._add(kind, sample.number, 1)

    def see_ids(self, numbers: Sequence[int], ids: Sequence[str]) -> None:
        """The same, for many whose ids are texts."""
        if ids:
            self._add("text", numbers[0], len(ids))

    def _add(self, kind: str, number: int, count: int) -> None:
        first, before = self._kinds.get(kind, (number, 0))
        self._kinds[kind] = min(first, number), before + count

    def merge(self, later: MixedIds, shift: int = 0) -> None:
        """Go on where `later` ended."""
        for kind, (number, count) in later._kinds.items():
            self._add(kind, number + shift, count)

    def end(self) -> Iterator[SeenAt]:
        """The first record of the rarer kind."""
        kinds = {kind: seen for kind, seen in self._kinds.items() if kind != "none"}
        if len(kinds) == 2:
            rarer, other = sorted(kinds, key=lambda kind: (kinds[kind][1], -kinds[kind][0]))  # or the later one
            number, count = kinds[rarer]
            yield SeenAt(
                number, Seen(f"the first of {count:,} ids that are a {rarer}; {kinds[other][1]:,} are a {other}", "id")
            )
