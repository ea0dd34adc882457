"""The ledger's batches: what was put together to be asked at once, where that is, and what came of each line of it.

A batch's attempts are rows like any other, numbered one after another in the order of the file's lines, so that the
money for them is aside and nobody else asks their queries. The intent is one commit, made before anything is sent; each
later step is another. It knows nothing of providers, files or prompts.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from datagen.counts import Counts, whole
from datagen.schema import Answered, Response

State = Literal["intended", "uploaded", "created", "ended", "exported", "settled"]

BAD_LINE = "line-"
"""How the reasons begin of an attempt whose line made the provider refuse the whole batch: batches ask it no more."""


class Ending(NamedTuple):
    """What an attempt came to, and picodollars that it cost; None where nobody knows."""

    response: Response | Answered
    cost: int | None = None


class Member(NamedTuple):
    """A query that is about to be put into a batch."""

    query_id: str
    reserved: int | None = None
    """Picodollars that it can cost at most; None where there is no price."""
    spoiled: str | None = None
    """What was wrong with the reply that this asks again for; that reply is then the query's answer no more."""
    sha256: str | None = None
    """Of its bytes, where they are not the query's own."""


class Shard(NamedTuple):
    """A batch as the ledger has it; its fields are told in tables.py."""

    n: int
    state: State
    address: str
    sha256: str
    bytes: int
    tokens: int
    first: int
    requests: int
    price: str | None
    intended: float
    file: str | None
    tries: int
    tried: float | None
    held: float
    batch: str | None
    status: str
    done: int | None
    output: str | None
    errors: str | None
    read: str
    ended: float | None

    @property
    def tally(self) -> dict[str, Any]:
        """How far its results are read, and what was counted in them."""
        told: dict[str, Any] = json.loads(self.read)
        return told


OPEN: tuple[State, ...] = ("intended", "uploaded", "created", "ended", "exported")
"""The states of a batch that has attempts without an outcome."""


class Shards(Counts):
    """The half of a ledger that keeps batches."""

    def run_id(self) -> str:
        """What tells this run's batches from all others at a provider's; made when it is first asked for."""
        known = self.meta("run")
        if known is None:
            known = secrets.token_hex(8)
            self.set_meta("run", known)
        return known

    def intend(
        self, members: Sequence[Member], *, state: State, address: str, sha256: str, size: int, tokens: int,
        price: str | None
    ) -> Shard:  # fmt: skip
        """The next batch, with these as its lines, in one commit: from here on they are asked nowhere else."""
        now = time.time()
        with self._commit() as db:
            db.executemany(
                "UPDATE attempts SET outcome = 'spoiled', reason = ? "
                "WHERE outcome = 'answered' AND query = (SELECT n FROM queries WHERE id = ?)",
                [(each.spoiled, each.query_id) for each in members if each.spoiled is not None],
            )
            (first,) = db.execute("SELECT coalesce(max(n), 0) + 1 FROM attempts").fetchone()
            db.execute(
                "INSERT INTO batches (state, address, sha256, bytes, tokens, first, requests, price, intended) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (state, address, sha256, size, tokens, first, len(members), price, now),
            )
            (number,) = db.execute("SELECT max(n) FROM batches").fetchone()
            made = db.executemany(
                "INSERT INTO attempts (query, outcome, sent, reserved, sha256, batch) "
                "SELECT n, 'sent', ?, ?, ?, ? FROM queries WHERE id = ?",
                [(now, each.reserved, each.sha256, number, each.query_id) for each in members],
            )
            assert made.rowcount == len(members), "each line of a batch is a query"
        return self.batch(whole(number))

    def batch(self, n: int) -> Shard:
        """One batch."""
        return _shard(next(self._rows(f"SELECT {_FIELDS} FROM batches WHERE n = ?", n)))  # noqa: S608

    def batches(self, *states: State) -> list[Shard]:
        """Those in some states, or all, in the order in which they were made."""
        found = [_shard(row) for row in self._rows(f"SELECT {_FIELDS} FROM batches ORDER BY n")]  # noqa: S608
        return [shard for shard in found if not states or shard.state in states]

    def change(self, shard: Shard, **fields: object) -> Shard:
        """Note what is new of a batch, in one commit."""
        with self._commit() as db:
            _change(db, shard.n, fields)
        return self.batch(shard.n)

    def members(self, *numbers: int) -> dict[str, tuple[int, str]]:
        """Query id → its attempt in these batches and what that came to so far; where several do, the latest."""
        found: dict[str, tuple[int, str]] = {}
        for number in sorted(numbers):
            shard = self.batch(number)
            sql = (
                "SELECT q.id, a.n, a.outcome FROM attempts a JOIN queries q ON q.n = a.query "
                "WHERE a.n BETWEEN ? AND ? AND a.batch = ? ORDER BY a.n"
            )
            last = shard.first + shard.requests - 1
            for query_id, n, outcome in self._rows(sql, shard.first, last, number):
                found[str(query_id)] = (whole(n), str(outcome))
        return found

    def take_in(self, endings: Sequence[tuple[int, Ending]], shard: Shard, **fields: object) -> None:
        """In one commit: what some attempts came to, and how far that batch's results are read then. An attempt that
        has its answer keeps it; an answer to a query that has one from elsewhere is kept beside it, as spoiled."""
        now = time.time()
        with self._commit() as db:
            db.executemany(_TAKE_IN, [(*outcome_of(ending, now), n) for n, ending in endings])
            _change(db, shard.n, fields)

    def settle(self, shard: Shard, reason: str, message: str, *, outcome: str = "failed", **fields: object) -> int:
        """What has no outcome in a batch gets this one, and the batch is settled; returns how many those were.
        `unknown` is what may have been billed: the money for it stays aside."""
        now = time.time()
        cost = None if outcome == "unknown" else 0
        with self._commit() as db:
            left = db.execute(
                "UPDATE attempts SET outcome = ?, ended = ?, reason = ?, message = ?, cost = ? "
                "WHERE outcome = 'sent' AND batch = ? AND n BETWEEN ? AND ?",
                (outcome, now, reason, message, cost, shard.n, shard.first, shard.first + shard.requests - 1),
            ).rowcount
            _change(db, shard.n, {"state": "settled", "ended": now, **fields})
        self._account(shard.n)
        return left

    def _account(self, number: int) -> None:
        """Each line of a settled batch is in exactly one state. An AssertionError here is a bug in datagen."""
        shard, outcomes = self.batch(number), self.outcomes(number)
        total = sum(outcomes.values())
        assert total == shard.requests, f"batch {number}: {shard.requests} requests, but {total} accounted for"
        assert "" not in outcomes, f"batch {number}: is settled, and some of it has no outcome"

    def outcomes(self, number: int) -> dict[str, int]:
        """What a batch's requests came to: `answered`, or the reason for which they were not; '' for not yet."""
        shard = self.batch(number)
        sql = (
            "SELECT CASE WHEN outcome IN ('answered', 'spoiled') THEN 'answered' WHEN outcome = 'sent' THEN '' "
            "ELSE coalesce(reason, outcome) END, count(*) FROM attempts WHERE n BETWEEN ? AND ? AND batch = ? "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        last = shard.first + shard.requests - 1
        return {str(word): whole(count) for word, count in self._rows(sql, shard.first, last, number)}

    def in_batches(self) -> int:
        """Queries that wait for a batch."""
        return whole(next(self._rows("SELECT count(*) FROM attempts WHERE outcome = 'sent' AND batch IS NOT NULL"))[0])


_TAKE_IN = (
    "UPDATE attempts SET outcome = CASE WHEN ?1 = 'answered' AND EXISTS (SELECT 1 FROM attempts other "
    "WHERE other.query = attempts.query AND other.outcome = 'answered') THEN 'spoiled' ELSE ?1 END, "
    "ended = ?2, reason = ?3, message = ?4, model = ?5, prompt_tokens = ?6, completion_tokens = ?7, cost = ?8, "
    "request_id = ?9, raw = ?10 WHERE n = ?11 AND outcome NOT IN ('answered', 'spoiled')"
)
_FIELDS = ", ".join(Shard._fields)


def _shard(row: Sequence[Any]) -> Shard:
    return Shard(*row)


def _change(db: sqlite3.Connection, number: int, fields: Mapping[str, object]) -> None:
    assert fields.keys() <= set(Shard._fields)
    if fields:
        told = ", ".join(f"{name} = ?" for name in fields)
        db.execute(f"UPDATE batches SET {told} WHERE n = ?", (*fields.values(), number))  # noqa: S608 (names above)


def outcome_of(ending: Ending, now: float) -> tuple[object, ...]:
    """An ending as the columns of an attempt, from `outcome` to `raw`."""
    response, cost = ending
    usage = response.usage
    reason, message = (response.error.reason, response.error.message) if response.error else (None, None)
    return (
        _word(response), now, reason, message, response.model, usage.prompt, usage.completion, cost,
        response.request_id, response.raw,
    )  # fmt: skip


def _word(response: Response | Answered) -> str:
    error = response.error
    if error is None:
        return "answered"
    if not error.again:
        return "refused"
    return "unknown" if error.perhaps_billed and not response.raw else "failed"
