"""What came of a batch → the ledger: files of results read as a stream, joined by id alone, each line counted once.

Lines come in any order and in two files. Each is taken, or it has a name: `unknown` (nobody asked that), `duplicate`,
`torn`, `strange`; and what no line speaks of is `missing`. An answer is never given up for an error, in whichever order
the two come. A transaction holds thousands of rows and how far the file is read, so that a crash between two of them
neither loses a line nor counts one twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from datagen.ledger import Ledger
from datagen.llm.batch_lines import read_line
from datagen.schema import Answered, Response
from datagen.shards import Ending, Shard

ROWS, BYTES = 20_000, 32 << 20
"""Of one transaction at most."""
LONGEST = 32 << 20
"""Bytes of a line; what is longer is torn."""
ANOMALIES = ("unknown", "duplicate", "torn", "strange")
_OPEN, _FAILED, _ANSWERED, _SILENT = range(4)  # _SILENT: settled, though no line ever spoke of it

Cost = Callable[[Response | Answered], int | None]


class Reader:
    """Reads the results of one batch into the ledger; `brought`: of several that were exported, in files of the user's,
    which are read from their beginning each time."""

    def __init__(
        self, ledger: Ledger, shard: Shard, members: dict[str, tuple[int, str]], cost: Cost, *, brought: bool = False
    ) -> None:
        self._ledger, self._shard, self._cost, self._brought = ledger, shard, cost, brought
        settled = _SILENT if brought else _FAILED
        words = {"sent": _OPEN, "answered": _ANSWERED, "spoiled": _ANSWERED}
        self._numbers = {query_id: n for query_id, (n, _) in members.items()}
        self._states = {query_id: words.get(outcome, settled) for query_id, (_, outcome) in members.items()}
        self.tally = {"lines": 0, "taken": 0, **dict.fromkeys(ANOMALIES, 0)}
        self.tally |= {} if brought else shard.tally.get("tally", {})

    def read(self, path: Path, part: str) -> None:
        """One file, from where it was left; `part` is what it is called in the ledger's notes."""
        told = {} if self._brought else self._shard.tally
        if part in told.get("read", ()):
            return
        at = told.get("at", 0) if told.get("part") == part else 0
        for rows, end in self._groups(path, at):
            self._keep(rows, part=part, at=end)
        self._keep([], read=[*told.get("read", ()), part])
        assert self.tally["lines"] == self.tally["taken"] + sum(self.tally[name] for name in ANOMALIES)

    def _keep(self, rows: list[tuple[int, Ending]], **how_far: object) -> None:
        if self._brought:
            return self._ledger.take_in(rows, self._shard)
        before = {"read": self._shard.tally.get("read", [])}
        noted = json.dumps({**before, **how_far, "tally": self.tally})
        self._ledger.take_in(rows, self._shard, read=noted)
        self._shard = self._shard._replace(read=noted)

    def _groups(self, path: Path, at: int) -> Iterator[tuple[list[tuple[int, Ending]], int]]:
        """What each transaction holds, and where in the file the next begins."""
        with path.open("rb") as file:
            file.seek(at)
            rows: list[tuple[int, Ending]] = []
            size = 0
            for line in _lines(file):
                size += len(line)
                if (row := self._row(line)) is not None:
                    rows.append(row)
                if len(rows) >= ROWS or size >= BYTES:
                    at, size = at + size, 0
                    yield _in_order(rows), at
                    rows = []
            yield _in_order(rows), at + size

    def _row(self, line: bytes) -> tuple[int, Ending] | None:
        if not line.strip():
            return None
        self.tally["lines"] += 1
        told = read_line(line) if len(line) < LONGEST else "torn"
        if isinstance(told, str):
            self.tally[told] += 1
            return None
        state = self._states.get(told.custom_id)
        if state is None:
            self.tally["unknown"] += 1
            return None
        answered = told.response.error is None
        if state == _ANSWERED or (state == _FAILED and not answered):
            self.tally["duplicate"] += 1
            return None
        self.tally["duplicate" if state == _FAILED else "taken"] += 1
        self._states[told.custom_id] = _ANSWERED if answered else _FAILED
        return self._numbers[told.custom_id], Ending(told.response, self._cost(told.response))


def _in_order(rows: list[tuple[int, Ending]]) -> list[tuple[int, Ending]]:
    """By attempt, as they lie in the database; of two rows of one the later stands (sorting keeps their order)."""
    return sorted(rows, key=lambda row: row[0])


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Line by line; one without an end is handed out in pieces, each of which is torn."""
    return iter(lambda: file.readline(LONGEST), b"")
