"""The run's SQLite ledger: what is to be asked, every attempt to ask it, and what became of each answer.

Its tables are told in tables.py. A query has at most one answered attempt: the database itself refuses a second. Writes
are durable when a method returns (WAL, synchronous=FULL). The ledger knows nothing of prompts, parsing or networks.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from datagen.contexts import Contexts, image_in
from datagen.counts import NOT_MADE, UNASKED, whole
from datagen.errors import LedgerError
from datagen.schema import Grounded, ImageContext, Query
from datagen.shards import BAD_LINE, Ending, Shards, outcome_of
from datagen.tables import GROUNDING
from datagen.text import digest, shown


class Planned(NamedTuple):
    """One line of a plan: a query, or an image that a task cannot ask about, and why."""

    query: Query | None
    task: str
    image_id: str
    reason: str = ""


class Progress(NamedTuple):
    """How far a plan is made that is made page by page."""

    images: int
    """That were planned."""
    position: int
    """Of the next line."""
    left: Mapping[str, int]
    """Task → queries that are foreseen still."""


class Answer(NamedTuple):
    """An answered query, with the raw body."""

    n: int
    query: Query
    raw: bytes
    request_id: str | None
    cost: int | None = None
    """Picodollars; None where nobody knows."""
    sha256: str | None = None
    """Of the bytes that it answers, where they are not the query's own: a repair."""
    context: str = ""
    """sha256 of what the annotations told of the image."""


class Bad(NamedTuple):
    """The last bad reply to a query, and how many of its repairs were answered or refused."""

    raw: bytes
    repairs: int


class Sending(NamedTuple):
    """An attempt that is about to be sent."""

    query_id: str
    reserved: int | None = None
    """Picodollars that it can cost at most; None where there is no price."""
    spoiled: str | None = None
    """What was wrong with the reply that this asks again for; that reply is then the query's answer no more."""
    sha256: str | None = None
    """Of its bytes, where they are not the query's own."""


class Preferred(NamedTuple):
    """A reply that takes the place of its query's answer."""

    query_id: str
    raw: bytes


class Verdict(NamedTuple):
    """What a build made of an answer."""

    query: int
    reason: str | None
    """What it was rejected for; None: it is kept."""
    grounded: Grounded | None = None
    """What it claims of the picture; None where nobody looked."""


class AnswersLeftOut(Exception):
    """A plan that leaves out what was answered already; `args[0]` is how many."""


class Ledger(Shards, Contexts):
    """One open ledger. `writable=False` opens it for looking at while another process writes."""

    def plan(self, lines: Iterable[Planned], key: str, *, may_retire: bool) -> int:
        """Make `lines` today's plan, all or nothing; returns how many answered queries it leaves out.

        Queries that are there already keep their answers. Raises AnswersLeftOut, and changes nothing, where answered
        queries would be left out and `may_retire` is false; LedgerError when an id comes with another body.
        """
        with self._commit() as db:
            before = self._answered_in_plan(db)
            db.execute("UPDATE queries SET position = NULL WHERE position IS NOT NULL")
            db.execute("DELETE FROM left_out")
            self._insert(db, lines, 0)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('plan', ?)", (key,))
            db.execute("DELETE FROM meta WHERE key = 'progress'")
            retired = len(before - self._answered_in_plan(db))
            if retired and not may_retire:
                raise AnswersLeftOut(retired)
            return retired

    def _insert(self, db: sqlite3.Connection, lines: Iterable[Planned], first: int) -> None:
        image, context = None, 0
        for position, line in enumerate(lines, first):
            if line.query is None:
                db.execute("INSERT INTO left_out VALUES (?, ?, ?)", (line.task, line.image_id, line.reason))
                continue
            if line.query.image is not image:  # the tasks follow each other, and share their image
                image = line.query.image
                context = self._keep_context(db, image)
            self._plan_query(db, position, line.query, context)

    def begin(self, key: str, progress: Progress) -> None:
        """An empty plan, which `extend` fills. Only for a ledger in which nothing was ever planned."""
        with self._commit() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('plan', ?)", (key,))
            db.execute("INSERT OR REPLACE INTO meta VALUES ('progress', ?)", (json.dumps(progress),))

    def extend(self, lines: Sequence[Planned], progress: Progress | None) -> None:
        """The next lines of today's plan, all or nothing; `progress` is how far it is then, None at its end."""
        known = self.progress()
        with self._commit() as db:
            self._insert(db, lines, known.position if known is not None else 0)
            if progress is None:
                db.execute("DELETE FROM meta WHERE key = 'progress'")
            else:
                db.execute("INSERT OR REPLACE INTO meta VALUES ('progress', ?)", (json.dumps(progress),))

    def progress(self) -> Progress | None:
        """How far today's plan is made; None where it is whole, or there is none."""
        told = self.meta("progress")
        return None if told is None else Progress(*json.loads(told))

    def is_new(self) -> bool:
        """Whether nothing was ever planned."""
        return next(self._rows("SELECT 1 FROM queries LIMIT 1"), None) is None

    @staticmethod
    def _answered_in_plan(db: sqlite3.Connection) -> set[int]:
        sql = "SELECT q.n FROM queries q JOIN attempts a ON a.query = q.n AND a.outcome = 'answered' "
        return {n for (n,) in db.execute(sql + "WHERE q.position IS NOT NULL")}

    @staticmethod
    def _keep_context(db: sqlite3.Connection, image: ImageContext) -> int:
        body = image.model_dump_json(exclude_defaults=True)  # as older datagens wrote it, where nothing newer is told
        key = digest(body)
        db.execute("INSERT OR IGNORE INTO contexts (digest, body) VALUES (?, ?)", (key, body))
        return whole(db.execute("SELECT n FROM contexts WHERE digest = ?", (key,)).fetchone()[0])

    def _plan_query(self, db: sqlite3.Connection, position: int, query: Query, context: int) -> None:
        values = (query.id, query.digest, query.task, context, query.question, query.draw, position)
        planned = db.execute(
            "INSERT INTO queries (id, digest, task, context, question, draw, position) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET context = excluded.context, question = excluded.question, "
            "position = excluded.position WHERE digest = excluded.digest AND position IS NULL",
            values,
        )
        if not planned.rowcount:
            (at,) = db.execute("SELECT position FROM queries WHERE id = ?", (query.id,)).fetchone()
            what = "is planned twice" if at is not None else "stands for another request already"
            raise LedgerError(f"{shown(self.path)}: the id {query.id} {what}", "give another -o")

    def unasked(
        self, more: Callable[[], bool] = lambda: False, in_batches: int | None = None
    ) -> Iterator[tuple[Query, int]]:
        """Today's queries that have no answer and may get one, with the number of bad replies there are, in plan order;
        a page at a time so that answers can be written meanwhile. At their end `more` may plan more of them.

        `in_batches`: those only that may still be put into a batch, where each may be so many times.
        """
        last = -1
        sql, told = (_UNASKED_PAGE, ()) if in_batches is None else (_UNBATCHED_PAGE, (in_batches,))
        while True:
            with self._lock:
                page = list(self._rows(sql, last, *told))
            for row in page:
                yield _query(row[2:]), whole(row[1])
            if page:
                last = whole(page[-1][0])
            elif not more():
                return

    def unasked_count(self, in_batches: int | None = None) -> int:
        """How many `unasked` would give."""
        sql, told = (_UNASKED_COUNT, ()) if in_batches is None else (_UNASKED_COUNT + _BATCHABLE, (in_batches,))
        return whole(next(self._rows(sql, *told))[0]) + sum(self.unplanned().values())

    def unfinished(self, *, contradicted: bool = False) -> Iterator[tuple[Answer, int]]:
        """Today's answers that nobody has looked at, or that were bad and cut short of being asked again; with the
        number of bad replies before them. `contradicted`: also those that are kept, and say what is not so."""
        sql = (
            "SELECT (SELECT count(*) FROM attempts s WHERE s.query = q.n AND s.outcome = 'spoiled'), "
            "q.n, a.raw, a.request_id, q.id, q.digest, q.task, c.body, q.question, q.draw "
            "FROM attempts a JOIN queries q ON q.n = a.query JOIN contexts c ON c.n = q.context "
            "LEFT JOIN verdicts v ON v.query = q.n WHERE a.outcome = 'answered' AND a.reason IS NULL "
            "AND q.position IS NOT NULL AND (v.query IS NULL OR v.reason IS NOT NULL"
        )
        so = " OR EXISTS (SELECT 1 FROM grounding g WHERE g.query = q.n AND g.contradicted > 0)"
        sql += so + ")" if contradicted and self._has("grounding") else ")"
        for replies, n, raw, request_id, *rest in self._rows(sql):
            yield Answer(whole(n), _query(rest), _bytes(raw), _word_of(request_id)), whole(replies)

    def query(self, query_id: str) -> Query:
        """A query that was planned once."""
        sql = (
            "SELECT q.id, q.digest, q.task, c.body, q.question, q.draw FROM queries q "
            "JOIN contexts c ON c.n = q.context WHERE q.id = ?"
        )
        with self._lock:
            return _query(next(self._rows(sql, query_id)))

    def last_bad(self, query_id: str) -> Bad | None:
        """The last reply to a query with a bad one; no raw bytes where its repair was refused."""
        with self._lock:
            rows = list(self._rows(_LAST_BAD, query_id))
        return Bad(b"" if rows[0][0] is None else _bytes(rows[0][0]), whole(rows[0][1])) if rows else None

    def replies(self, query_id: str, *, second: bool = False) -> list[bytes]:
        """The replies to a query that are not its answer, in order; `second`: only those that should have been better
        than the answer, and that nobody has looked at."""
        sql = (
            "SELECT a.raw FROM attempts a JOIN queries q ON q.n = a.query WHERE q.id = ? AND a.outcome = 'spoiled' "
            "AND (NOT ? OR a.reason = 'second') ORDER BY a.n"
        )
        with self._lock:
            return [_bytes(raw) for (raw,) in self._rows(sql, query_id, second)]

    def settle_unknown(self) -> int:
        """Mark attempts that nobody waits for any more (their process died or gave up); returns how many those are."""
        with self._commit() as db:
            sql = "UPDATE attempts SET outcome = 'unknown' WHERE outcome = 'sent' AND batch IS NULL"
            return db.execute(sql).rowcount

    def record(
        self,
        sent: Sequence[Sending],
        done: Sequence[Ending],
        final: Sequence[str] = (),
        preferred: Sequence[Preferred] = (),
    ) -> None:
        """In one commit: attempts that are about to be sent, outcomes of attempts that were, replies that take the
        place of an answer, and queries (by id) whose answer stays. What comes while there is an answer is none yet."""
        now = time.time()
        with self._commit() as db:
            db.executemany(
                "UPDATE attempts SET outcome = 'spoiled', reason = ? "
                "WHERE outcome = 'answered' AND query = (SELECT n FROM queries WHERE id = ?)",
                [(each.spoiled, each.query_id) for each in sent if each.spoiled is not None],
            )
            db.executemany(
                "INSERT INTO attempts (query, outcome, sent, reserved, sha256) "
                "SELECT n, 'sent', ?, ?, ? FROM queries WHERE id = ?",
                [(now, each.reserved, each.sha256, each.query_id) for each in sent],
            )
            db.executemany(
                "UPDATE attempts SET outcome = ?, ended = ?, reason = ?, message = ?, model = ?, prompt_tokens = ?, "
                "completion_tokens = ?, cost = ?, request_id = ?, raw = ? "
                "WHERE outcome = 'sent' AND batch IS NULL AND query = (SELECT n FROM queries WHERE id = ?)",
                [(*self._outcome(db, each, now), each.response.query_id) for each in done],
            )
            for each in preferred:
                (place,) = db.execute(_PREFERRED, (each.query_id, each.raw)).fetchone()
                if place is not None:
                    db.execute(_NO_MORE, (each.query_id,))
                    db.execute("UPDATE attempts SET outcome = 'answered', reason = NULL WHERE n = ?", (place,))
            db.executemany(
                "UPDATE attempts SET reason = 'final' "
                "WHERE outcome = 'answered' AND query = (SELECT n FROM queries WHERE id = ?)",
                [(query_id,) for query_id in final],
            )

    @staticmethod
    def _outcome(db: sqlite3.Connection, ending: Ending, now: float) -> tuple[object, ...]:
        """A good reply to a repair is no answer yet where there is one: whether it is better is still to be seen."""
        told = outcome_of(ending, now)
        second = told[0] == "answered" and db.execute(_SECOND, (ending.response.query_id,)).fetchone() is not None
        return ("spoiled", now, "second", *told[3:]) if second else told

    def answers(self) -> Iterator[Answer]:
        """Today's answered queries in plan order."""
        sql = (
            "SELECT q.n, a.raw, a.request_id, a.cost, a.sha256, c.digest, "
            "q.id, q.digest, q.task, c.body, q.question, q.draw FROM queries q JOIN contexts c ON c.n = q.context "
            "JOIN attempts a ON a.query = q.n AND a.outcome = 'answered' "
            "WHERE q.position IS NOT NULL ORDER BY q.position"
        )
        for n, raw, request_id, cost, sha256, context, *rest in self._rows(sql):
            paid = None if cost is None else whole(cost)
            told = _word_of(request_id), paid, _word_of(sha256), str(context)
            yield Answer(whole(n), _query(tuple(rest)), _bytes(raw), *told)

    def failures(self) -> Iterator[tuple[Query, str, str]]:
        """Today's queries whose last attempt failed, with its reason and message, in plan order."""
        sql = (
            "SELECT l.reason, l.message, q.id, q.digest, q.task, c.body, q.question, q.draw "  # noqa: S608
            "FROM queries q JOIN contexts c ON c.n = q.context "
            "JOIN attempts l ON l.n = (SELECT max(n) FROM attempts WHERE query = q.n) "
            "WHERE q.position IS NOT NULL AND l.outcome IN ('failed', 'refused', 'unknown') "
            "AND l.reason IS NOT NULL AND l.reason NOT IN " + repr(NOT_MADE) + " "
            "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.query = q.n AND a.outcome = 'answered') "
            "ORDER BY q.position"
        )
        for reason, message, *rest in self._rows(sql):
            yield _query(rest), str(reason), str(message)

    def set_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Replace what the last build said."""
        with self._commit() as db:
            db.execute(GROUNDING)
            db.execute("DELETE FROM verdicts")
            db.execute("DELETE FROM grounding")
            for query, reason, grounded in verdicts:
                db.execute("INSERT INTO verdicts VALUES (?, ?)", (query, reason))
                if grounded is not None and any(grounded):
                    db.execute("INSERT INTO grounding VALUES (?, ?, ?, ?)", (query, *grounded))

    def note_good(self, numbers: Sequence[int]) -> None:
        """These queries' answers were looked at and are good: until the next build nobody need look again."""
        with self._commit() as db:
            db.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, NULL)", [(number,) for number in numbers])


_UNASKED_COUNT = "SELECT count(*) FROM queries q WHERE q.position IS NOT NULL AND " + UNASKED  # noqa: S608
_PAGE = (
    "SELECT q.position, (SELECT count(*) FROM attempts s WHERE s.query = q.n AND s.outcome = 'spoiled'), "  # noqa: S608
    "q.id, q.digest, q.task, c.body, q.question, q.draw "
    "FROM queries q JOIN contexts c ON c.n = q.context WHERE q.position > ? AND " + UNASKED
)
_BATCHABLE = (
    " AND (SELECT count(*) FILTER (WHERE f.outcome IN ('failed', 'unknown', 'spoiled') "  # noqa: S608
    f"AND coalesce(f.reason, '') NOT IN {NOT_MADE!r}) + 1000 * count(*) FILTER (WHERE f.reason LIKE '{BAD_LINE}%') "
    "FROM attempts f WHERE f.query = q.n AND (f.batch IS NOT NULL OR f.outcome = 'spoiled')) < ?"
)
_UNASKED_PAGE = _PAGE + " ORDER BY q.position LIMIT 500"
_UNBATCHED_PAGE = _PAGE + _BATCHABLE + " ORDER BY q.position LIMIT 500"

_LAST_BAD = (
    "SELECT CASE WHEN a.outcome != 'refused' THEN a.raw END, "
    "(SELECT count(*) FROM attempts r WHERE r.query = q.n AND r.sha256 IS NOT NULL "
    "AND r.outcome IN ('answered', 'spoiled', 'refused')) "
    "FROM queries q JOIN attempts a ON a.query = q.n WHERE q.id = ? "
    "AND (a.outcome IN ('answered', 'spoiled') OR a.outcome = 'refused' AND a.sha256 IS NOT NULL) "
    "ORDER BY a.n DESC LIMIT 1"
)


_SECOND = (
    "SELECT 1 FROM queries q JOIN attempts r ON r.query = q.n AND r.outcome = 'sent' AND r.sha256 IS NOT NULL "
    "JOIN attempts a ON a.query = q.n AND a.outcome = 'answered' WHERE q.id = ?"
)
_NO_MORE = (
    "UPDATE attempts SET outcome = 'spoiled', reason = 'bettered' "
    "WHERE outcome = 'answered' AND query = (SELECT n FROM queries WHERE id = ?)"
)
_PREFERRED = (
    "SELECT max(a.n) FROM attempts a JOIN queries q ON q.n = a.query "
    "WHERE q.id = ? AND a.outcome = 'spoiled' AND a.raw = ?"
)


def _query(row: Sequence[object]) -> Query:
    query_id, sha, task, body, question, draw = row
    return Query(
        id=str(query_id),
        task=str(task),
        image=image_in(str(body)),
        question=None if question is None else str(question),
        draw=whole(draw),
        digest=str(sha),
    )


def _word_of(value: object) -> str | None:
    return None if value is None else str(value)


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value
