"""The run's SQLite ledger: what is to be asked, every attempt to ask it, and what became of each answer.

Its tables are told in tables.py. A query has at most one answered attempt: the database itself refuses a second. Writes
are durable when a method returns (WAL, synchronous=FULL). The ledger knows nothing of prompts, parsing or networks.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from datagen.errors import LedgerError, SetupError
from datagen.schema import ImageContext, Query, Response
from datagen.tables import SCHEMA, VERSION
from datagen.text import digest, shown


class Planned(NamedTuple):
    """One line of a plan: a query, or an image that a task cannot ask about, and why."""

    query: Query | None
    task: str
    image_id: str
    reason: str = ""


class Answer(NamedTuple):
    """An answered query, with the raw body."""

    n: int
    query: Query
    raw: bytes
    request_id: str | None


class States(NamedTuple):
    """Today's plan counted: every query in exactly one state."""

    planned: int
    kept: int
    rejected: dict[str, int]
    failed: dict[str, int]
    unread: int
    """Answered, and not looked at since."""
    pending: int

    def check(self) -> None:
        """The accounting identity. An AssertionError here is a bug in datagen."""
        total = self.kept + sum(self.rejected.values()) + sum(self.failed.values()) + self.unread + self.pending
        assert self.planned == total, f"{self.planned} planned, but {total} accounted for"


class AnswersLeftOut(Exception):
    """A plan that leaves out what was answered already; `args[0]` is how many."""


class Ledger:
    """One open ledger. `writable=False` opens it for looking at while another process writes."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self.path = path
        self._lock = threading.RLock()  # answers are committed in a thread while the next queries are read
        with self._translated():
            self._db = self._open(writable)
            try:
                self._check_version(writable)
            except BaseException:
                self._db.close()
                raise

    def _open(self, writable: bool) -> sqlite3.Connection:
        if not writable and not self.path.exists():
            raise SetupError(f"{shown(self.path)}: there is no ledger here", "is this a run folder of datagen?")
        uri = self.path.absolute().as_uri() + ("?mode=rwc" if writable else "?mode=ro")
        if not writable and not os.access(self.path.parent, os.W_OK):
            uri += "&immutable=1"  # a WAL database cannot be opened in a folder that nothing can be written to
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=60)
        if writable:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA foreign_keys=ON")
        return db

    def _check_version(self, writable: bool) -> None:
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found == 0 and writable and not self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
        elif found != VERSION:
            hint = "use the datagen that made it, or another -o"
            raise LedgerError(f"{shown(self.path)}: has version {found}, this datagen reads {VERSION}", hint)

    def _damaged(self, error: sqlite3.Error) -> LedgerError:
        if isinstance(error, sqlite3.OperationalError) and ("full" in str(error) or "disk I/O" in str(error)):
            hint = "make room, or look at the disk; the same command goes on from here"
            return LedgerError(f"{shown(self.path)}: cannot be written: {shown(error)}", hint)
        if isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error)):
            return LedgerError(f"{shown(self.path)}: another program holds it", "close that; the same command goes on")
        hint = "what is in it may still be read with sqlite3's `.recover`; datagen will not write to it"
        return LedgerError(f"{shown(self.path)}: cannot be used: {shown(error)}", hint)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable at the end."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _rows(self, sql: str, *values: object) -> Iterator[tuple[object, ...]]:
        with self._translated():
            yield from self._db.execute(sql, values)

    def meta(self, key: str) -> str | None:
        """A value that `set_meta` kept."""
        return next((str(row[0]) for row in self._rows("SELECT value FROM meta WHERE key = ?", key)), None)

    def set_meta(self, key: str, value: str) -> None:
        with self._commit() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def plan(self, lines: Iterable[Planned], key: str, *, may_retire: bool) -> int:
        """Make `lines` today's plan, all or nothing; returns how many answered queries it leaves out.

        Queries that are there already keep their answers. Raises AnswersLeftOut, and changes nothing, where answered
        queries would be left out and `may_retire` is false; LedgerError when an id comes with another body.
        """
        with self._commit() as db:
            before = self._answered_in_plan(db)
            db.execute("UPDATE queries SET position = NULL WHERE position IS NOT NULL")
            db.execute("DELETE FROM left_out")
            for position, line in enumerate(lines):
                if line.query is None:
                    db.execute("INSERT INTO left_out VALUES (?, ?, ?)", (line.task, line.image_id, line.reason))
                else:
                    self._plan_query(db, position, line.query)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('plan', ?)", (key,))
            retired = len(before - self._answered_in_plan(db))
            if retired and not may_retire:
                raise AnswersLeftOut(retired)
            return retired

    @staticmethod
    def _answered_in_plan(db: sqlite3.Connection) -> set[int]:
        sql = "SELECT q.n FROM queries q JOIN attempts a ON a.query = q.n AND a.outcome = 'answered' "
        return {n for (n,) in db.execute(sql + "WHERE q.position IS NOT NULL")}

    def _plan_query(self, db: sqlite3.Connection, position: int, query: Query) -> None:
        body = query.image.model_dump_json()
        key = digest(body)
        db.execute("INSERT OR IGNORE INTO contexts (digest, body) VALUES (?, ?)", (key, body))
        (context,) = db.execute("SELECT n FROM contexts WHERE digest = ?", (key,)).fetchone()
        row = db.execute("SELECT digest, position FROM queries WHERE id = ?", (query.id,)).fetchone()
        if row is not None and (row[0] != query.digest or row[1] is not None):
            what = "is planned twice" if row[1] is not None else "stands for another request already"
            raise LedgerError(f"{shown(self.path)}: the id {query.id} {what}", "give another -o")
        values = (query.id, query.digest, query.task, context, query.question, query.draw, position)
        db.execute(
            "INSERT INTO queries (id, digest, task, context, question, draw, position) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET context = excluded.context, question = excluded.question, "
            "position = excluded.position",
            values,
        )

    def unasked(self) -> Iterator[Query]:
        """Today's queries that have no answer, in plan order, a page at a time so that answers
        can be written meanwhile."""
        last = -1
        while True:
            sql = (
                "SELECT q.position, q.id, q.digest, q.task, c.body, q.question, q.draw "
                "FROM queries q JOIN contexts c ON c.n = q.context WHERE q.position > ? AND NOT EXISTS "
                "(SELECT 1 FROM attempts a WHERE a.query = q.n AND a.outcome = 'answered') "
                "ORDER BY q.position LIMIT 500"
            )
            with self._lock:
                page = list(self._rows(sql, last))
            for row in page:
                yield _query(row[1:])
            if not page:
                return
            last = int(str(page[-1][0]))

    def unasked_count(self) -> int:
        """How many `unasked` would give."""
        sql = (
            "SELECT count(*) FROM queries q WHERE q.position IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM attempts a WHERE a.query = q.n AND a.outcome = 'answered')"
        )
        return _int(next(self._rows(sql))[0])

    def settle_unknown(self) -> int:
        """Mark attempts that nobody waits for any more (their process died or gave up); returns how many those are."""
        with self._commit() as db:
            return db.execute("UPDATE attempts SET outcome = 'unknown' WHERE outcome = 'sent'").rowcount

    def record(self, sent: Sequence[str], done: Sequence[Response]) -> None:
        """In one commit: attempts that are about to be sent (by query id), and outcomes of attempts that were."""
        now = time.time()
        with self._commit() as db:
            db.executemany(
                "INSERT INTO attempts (query, outcome, sent) SELECT n, 'sent', ? FROM queries WHERE id = ?",
                [(now, query_id) for query_id in sent],
            )
            db.executemany(
                "UPDATE attempts SET outcome = ?, ended = ?, reason = ?, message = ?, model = ?, prompt_tokens = ?, "
                "completion_tokens = ?, request_id = ?, raw = ? "
                "WHERE outcome = 'sent' AND query = (SELECT n FROM queries WHERE id = ?)",
                [_outcome(response, now) for response in done],
            )

    def answers(self) -> Iterator[Answer]:
        """Today's answered queries in plan order."""
        sql = (
            "SELECT q.n, a.raw, a.request_id, q.id, q.digest, q.task, c.body, q.question, q.draw "
            "FROM queries q JOIN contexts c ON c.n = q.context "
            "JOIN attempts a ON a.query = q.n AND a.outcome = 'answered' "
            "WHERE q.position IS NOT NULL ORDER BY q.position"
        )
        for n, raw, request_id, *rest in self._rows(sql):
            yield Answer(_int(n), _query(tuple(rest)), _bytes(raw), None if request_id is None else str(request_id))

    def failures(self) -> Iterator[tuple[Query, str, str]]:
        """Today's queries whose last attempt failed, with its reason and message, in plan order."""
        sql = (
            "SELECT l.reason, l.message, q.id, q.digest, q.task, c.body, q.question, q.draw "
            "FROM queries q JOIN contexts c ON c.n = q.context "
            "JOIN attempts l ON l.n = (SELECT max(n) FROM attempts WHERE query = q.n) "
            "WHERE q.position IS NOT NULL AND l.outcome = 'failed' ORDER BY q.position"
        )
        for reason, message, *rest in self._rows(sql):
            yield _query(rest), str(reason), str(message)

    def set_verdicts(self, verdicts: Iterable[tuple[int, str | None]]) -> None:
        """Replace what the last build said: query number, and None for kept or the reason for rejecting."""
        with self._commit() as db:
            db.execute("DELETE FROM verdicts")
            db.executemany("INSERT INTO verdicts VALUES (?, ?)", verdicts)

    def states(self) -> States:
        """Today's plan counted; the accounting identity is asserted."""
        sql = (
            "SELECT CASE WHEN a.n IS NOT NULL THEN CASE WHEN v.query IS NULL THEN 'unread' "
            "WHEN v.reason IS NULL THEN 'kept' ELSE 'rejected' END "
            "WHEN l.outcome = 'failed' THEN 'failed' ELSE 'pending' END AS state, "
            "CASE WHEN a.n IS NOT NULL THEN v.reason ELSE l.reason END AS why, count(*) "
            "FROM queries q LEFT JOIN attempts a ON a.query = q.n AND a.outcome = 'answered' "
            "LEFT JOIN attempts l ON l.n = (SELECT max(n) FROM attempts WHERE query = q.n) "
            "LEFT JOIN verdicts v ON v.query = q.n WHERE q.position IS NOT NULL GROUP BY state, why"
        )
        counts: dict[str, dict[str, int]] = {}
        for state, why, count in self._rows(sql):
            reasons = counts.setdefault(str(state), {})
            reasons[str(why or "")] = reasons.get(str(why or ""), 0) + _int(count)
        total = {state: sum(reasons.values()) for state, reasons in counts.items()}
        planned = _int(next(self._rows("SELECT count(*) FROM queries WHERE position IS NOT NULL"))[0])
        states = States(
            planned=planned,
            kept=total.get("kept", 0),
            rejected=_ordered(counts.get("rejected", {})),
            failed=_ordered(counts.get("failed", {})),
            unread=total.get("unread", 0),
            pending=total.get("pending", 0),
        )
        states.check()
        return states

    def left_out(self) -> dict[str, dict[str, int]]:
        """Task → reason → how many images that task could not ask about."""
        counts: dict[str, dict[str, int]] = {}
        sql = "SELECT task, reason, count(*) FROM left_out GROUP BY task, reason ORDER BY task, reason"
        for task, reason, count in self._rows(sql):
            counts.setdefault(str(task), {})[str(reason)] = _int(count)
        return counts

    def tally(self) -> dict[str, int]:
        """Attempts by outcome and tokens in and out over the ledger's whole life, earlier plans included."""
        sql = (
            "SELECT outcome, count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0) "
            "FROM attempts GROUP BY outcome ORDER BY outcome"
        )
        tally = {"attempts": 0, "prompt_tokens": 0, "completion_tokens": 0}
        for outcome, count, prompt, completion in self._rows(sql):
            tally[str(outcome)] = _int(count)
            tally["attempts"] += _int(count)
            tally["prompt_tokens"] += _int(prompt)
            tally["completion_tokens"] += _int(completion)
        return tally

    def models(self) -> list[str]:
        """The models that say they gave today's answers."""
        sql = (
            "SELECT DISTINCT coalesce(a.model, '') FROM attempts a JOIN queries q ON q.n = a.query "
            "WHERE a.outcome = 'answered' AND q.position IS NOT NULL ORDER BY 1"
        )
        return [str(name) for (name,) in self._rows(sql)]

    def newest(self) -> int:
        """The number of the latest attempt: with the plan's key it tells whether anything came in since."""
        return _int(next(self._rows("SELECT coalesce(max(n), 0) FROM attempts WHERE outcome != 'sent'"))[0])

    def verify(self) -> None:
        """SQLite's own check of every page. Raises LedgerError that says what it found."""
        found = [str(row[0]) for row in self._rows("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            raise self._damaged(sqlite3.DatabaseError(found[0]))


def _outcome(response: Response, now: float) -> tuple[object, ...]:
    error = response.error
    outcome = "failed" if error else "answered"
    usage = response.usage
    return (
        outcome, now, error and error.reason, error and error.message, response.model, usage.prompt, usage.completion,
        response.request_id, response.raw, response.query_id,
    )  # fmt: skip


def _query(row: Sequence[object]) -> Query:
    query_id, sha, task, body, question, draw = row
    image = ImageContext.model_validate_json(str(body))
    return Query(
        id=str(query_id),
        task=str(task),
        image=image,
        question=None if question is None else str(question),
        draw=_int(draw),
        digest=str(sha),
    )


def _ordered(counts: dict[str, int]) -> dict[str, int]:
    """Most frequent first, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
