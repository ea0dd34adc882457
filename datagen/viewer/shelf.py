"""The ledger, read for those who look at single samples: one query whole, and what came in since the last look.

Reading only, also while a run is being written. What a reply is worth is for others to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from datagen.counts import whole
from datagen.errors import LedgerError
from datagen.schema import ImageContext, Query
from datagen.store import Store
from datagen.text import shown


class Standing(NamedTuple):
    """A query of today's plan, and the attempt that counts: its answer, else the last one there was."""

    position: int
    query: Query
    attempt: int | None
    outcome: str
    """As the ledger tells it; `` for a query that was never sent."""
    reason: str
    message: str
    raw: bytes
    request_id: str | None
    cost: int | None
    sha256: str | None
    """Of the bytes sent, where they were a repair."""

    @property
    def failed(self) -> bool:
        """Whether it has no answer, and its last attempt said why."""
        return self.outcome in ("failed", "refused") or (self.outcome == "unknown" and bool(self.reason))


class Attempt(NamedTuple):
    """One time that a query was sent."""

    n: int
    outcome: str
    sent: float
    ended: float | None
    reason: str | None
    message: str | None
    model: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reserved: int | None
    cost: int | None
    request_id: str | None
    repair: bool


_STANDING = (
    "SELECT q.position, a.n, a.outcome, a.reason, a.message, a.raw, a.request_id, a.cost, a.sha256, "
    "q.id, q.digest, q.task, c.body, q.question, q.draw FROM queries q JOIN contexts c ON c.n = q.context "
    "LEFT JOIN attempts a ON a.n = coalesce((SELECT n FROM attempts WHERE query = q.n AND outcome = 'answered'), "
    "(SELECT max(n) FROM attempts WHERE query = q.n)) WHERE q.position IS NOT NULL AND "
)
_ATTEMPTS = (
    "SELECT a.n, a.outcome, a.sent, a.ended, a.reason, a.message, a.model, a.prompt_tokens, a.completion_tokens, "
    "a.reserved, a.cost, a.request_id, a.sha256 IS NOT NULL FROM attempts a JOIN queries q ON q.n = a.query "
    "WHERE q.id = ? ORDER BY a.n"
)


class Shelf(Store):
    """A ledger to look at."""

    def identity(self) -> str:
        """Changes when the plan does, or when another ledger takes this one's place."""
        first = next(self._rows("SELECT sent FROM attempts ORDER BY n LIMIT 1"), ("",))[0]
        return f"{self.meta('plan')} {first}"

    def version(self) -> int:
        """Another number whenever somebody else wrote to the ledger."""
        with self._lock:
            return whole(next(self._rows("PRAGMA data_version"))[0])

    def planned(self, after: int, most: int) -> list[Standing]:
        """The next queries of the plan after a position."""
        with self._lock:
            return [_standing(row) for row in self._rows(_STANDING + "q.position > ? ORDER BY 1 LIMIT ?", after, most)]

    def newer(self, low: int, most: int) -> list[tuple[int, int, bool]]:
        """Attempts from the `low`-th: number, query's number, and whether its end is still to come."""
        sql = "SELECT n, query, outcome = 'sent' FROM attempts WHERE n >= ? ORDER BY n LIMIT ?"
        with self._lock:
            return [(whole(n), whole(query), bool(open_)) for n, query, open_ in self._rows(sql, low, most)]

    def standings(self, queries: Sequence[int]) -> list[Standing]:
        """How some queries stand now, in plan order."""
        marks = ",".join("?" * len(queries))
        with self._lock:
            return [_standing(row) for row in self._rows(f"{_STANDING}q.n IN ({marks}) ORDER BY 1", *queries)]

    def standing(self, query_id: str) -> Standing | None:
        """How one query stands; None where today's plan has none of that id."""
        with self._lock:
            return next((_standing(row) for row in self._rows(_STANDING + "q.id = ?", query_id)), None)

    def attempts(self, query_id: str) -> list[Attempt]:
        """Every time it was sent, oldest first."""
        with self._lock:
            return [Attempt._make([*row[:-1], bool(row[-1])]) for row in self._rows(_ATTEMPTS, query_id)]

    def raw(self, attempt: int) -> bytes:
        """What came back for one attempt."""
        with self._lock:
            rows = list(self._rows("SELECT raw FROM attempts WHERE n = ?", attempt))
        return rows[0][0] if rows and isinstance(rows[0][0], bytes) else b""

    def named(self, start: str, most: int = 5) -> list[str]:
        """Ids of today's queries that begin so."""
        sql = "SELECT id FROM queries WHERE position IS NOT NULL AND id >= ? AND id < ? ORDER BY id LIMIT ?"
        with self._lock:
            return [str(row[0]) for row in self._rows(sql, start, start + "\U0010ffff", most)]

    def size(self) -> int:
        """Queries in today's plan."""
        with self._lock:
            return whole(next(self._rows("SELECT count(*) FROM queries WHERE position IS NOT NULL"))[0])

    def every(self) -> Iterator[str]:
        """Each picture's context that today's plan asks about, as it is kept."""
        sql = "SELECT body FROM contexts WHERE n IN (SELECT context FROM queries WHERE position IS NOT NULL)"
        for (body,) in self._rows(sql):
            yield str(body)


def _standing(row: Sequence[object]) -> Standing:
    position, n, outcome, reason, message, raw, request_id, cost, sha256, *query = row
    return Standing(
        whole(position),
        _query(query),
        None if n is None else whole(n),
        str(outcome or ""),
        str(reason or ""),
        str(message or ""),
        raw if isinstance(raw, bytes) else b"",
        None if request_id is None else str(request_id),
        None if cost is None else whole(cost),
        None if sha256 is None else str(sha256),
    )


def _query(row: Sequence[object]) -> Query:
    query_id, sha, task, body, question, draw = row
    return Query(
        id=str(query_id),
        digest=str(sha),
        task=str(task),
        image=_image(str(body)),
        question=None if question is None else str(question),
        draw=whole(draw),
    )


@lru_cache(maxsize=8)  # a picture's tasks follow each other
def _image(body: str) -> ImageContext:
    try:
        return ImageContext.model_validate_json(body)
    except ValueError as error:
        hint = "the ledger is damaged: bring it back from a copy"
        raise LedgerError(f"a picture in the ledger cannot be read: {shown(error)}", hint) from error
