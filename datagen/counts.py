"""How a run stands: the ledger's queries and attempts counted, and the accounting identity asserted.

Reading only. What the states mean is told in `States`; who brings them about is none of its business.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from datagen.schema import Grounded
from datagen.store import Store


class States(NamedTuple):
    """Today's plan counted: every query in exactly one state."""

    planned: int
    kept: int
    rejected: dict[str, int]
    failed: dict[str, int]
    unread: int
    """Answered, and not looked at since."""
    pending: int
    repaired: int = 0
    """Of those kept, whose reply was mended by the model once it was told what is wrong."""

    def check(self) -> None:
        """The accounting identity. An AssertionError here is a bug in datagen."""
        total = self.kept + sum(self.rejected.values()) + sum(self.failed.values()) + self.unread + self.pending
        assert self.planned == total, f"{self.planned} planned, but {total} accounted for"


NOT_MADE = ("batch-cancelled", "batch-failed", "batch-withdrawn")
"""Reasons for which an attempt in a batch was not made, and counts neither as one nor as a failure."""
_REASONS = repr(NOT_MADE)
UNASKED = (
    "NOT EXISTS (SELECT 1 FROM attempts a WHERE a.query = q.n AND a.outcome = 'answered') "
    "AND NOT EXISTS (SELECT 1 FROM attempts o WHERE o.query = q.n AND o.outcome = 'sent' AND o.batch IS NOT NULL) "
    "AND coalesce("
    "(SELECT l.outcome != 'refused' OR l.sha256 IS NOT NULL FROM attempts l WHERE l.query = q.n "
    "ORDER BY l.n DESC LIMIT 1), 1)"
)
"""SQL: a query `q` that has no answer, waits for none in a batch, and was not refused one for good: a repair that is
refused says nothing of it."""


class Spent(NamedTuple):
    """What all attempts of a ledger's life came to, in picodollars and tokens."""

    settled: int
    """By the providers' own counts of tokens."""
    held: int
    """The most that attempts can have cost whose end nobody knows, or whose tokens nobody counted."""
    prompt: int
    """Tokens of the attempts that have no amount, because there was no price then."""
    completion: int
    unheard: int
    """Attempts that nobody heard the end of, and that have no amount."""

    @property
    def amount(self) -> int:
        """What the cap is held against."""
        return self.settled + self.held


class Claims(NamedTuple):
    """What the kept records claim of their pictures, as far as anybody looked."""

    records: int
    """That claim anything."""
    wrong: int
    """Of these, how many say something that the annotations contradict."""
    claims: Grounded


class Counts(Store):
    """The reading half of a ledger that adds up."""

    def states(self) -> States:
        """Today's plan counted; the accounting identity is asserted."""
        sql = (
            "SELECT CASE WHEN a.n IS NOT NULL THEN CASE WHEN v.query IS NULL THEN 'unread' "  # noqa: S608
            "WHEN v.reason IS NULL THEN 'kept' ELSE 'rejected' END "
            "WHEN coalesce(l.reason, '') IN " + _REASONS + " THEN 'pending' "
            "WHEN l.outcome IN ('failed', 'refused') OR l.outcome = 'unknown' AND l.reason IS NOT NULL THEN 'failed' "
            "ELSE 'pending' END AS state, "
            "CASE WHEN a.n IS NOT NULL THEN v.reason WHEN l.reason NOT IN " + _REASONS + " THEN l.reason END AS why, "
            "count(*), count(a.sha256) "
            "FROM queries q LEFT JOIN attempts a ON a.query = q.n AND a.outcome = 'answered' "
            "LEFT JOIN attempts l ON l.n = (SELECT max(n) FROM attempts WHERE query = q.n) "
            "LEFT JOIN verdicts v ON v.query = q.n WHERE q.position IS NOT NULL GROUP BY state, why"
        )
        counts: dict[str, dict[str, int]] = {}
        repaired: dict[str, int] = {}
        for state, why, count, mended in self._rows(sql):
            repaired[str(state)] = repaired.get(str(state), 0) + whole(mended)
            reasons = counts.setdefault(str(state), {})
            reasons[str(why or "")] = reasons.get(str(why or ""), 0) + whole(count)
        total = {state: sum(reasons.values()) for state, reasons in counts.items()}
        planned = whole(next(self._rows("SELECT count(*) FROM queries WHERE position IS NOT NULL"))[0])
        coming = sum(self.unplanned().values())
        states = States(
            planned=planned + coming,
            kept=total.get("kept", 0),
            rejected=_ordered(counts.get("rejected", {})),
            failed=_ordered(counts.get("failed", {})),
            unread=total.get("unread", 0),
            pending=total.get("pending", 0) + coming,
            repaired=repaired.get("kept", 0),
        )
        states.check()
        return states

    def claims(self) -> Claims:
        """What the kept records of today's plan claim, as the last build saw it."""
        sql = (
            "SELECT count(*), coalesce(sum(g.contradicted > 0), 0), coalesce(sum(g.supported), 0), "
            "coalesce(sum(g.contradicted), 0), coalesce(sum(g.unknown), 0) FROM grounding g "
            "JOIN verdicts v ON v.query = g.query JOIN queries q ON q.n = g.query "
            "WHERE v.reason IS NULL AND q.position IS NOT NULL"
        )
        row = map(whole, next(self._rows(sql))) if self._has("grounding") else iter((0, 0, 0, 0, 0))
        records, wrong, *claims = row
        return Claims(records, wrong, Grounded(*claims))

    def unplanned(self) -> dict[str, int]:
        """Task → queries that are foreseen and not planned yet, while a plan is made page by page."""
        told = self.meta("progress")
        return {} if told is None else {str(task): whole(count) for task, count in json.loads(told)[2].items()}

    def left_out(self) -> dict[str, dict[str, int]]:
        """Task → reason → how many images that task could not ask about."""
        counts: dict[str, dict[str, int]] = {}
        sql = "SELECT task, reason, count(*) FROM left_out GROUP BY task, reason ORDER BY task, reason"
        for task, reason, count in self._rows(sql):
            counts.setdefault(str(task), {})[str(reason)] = whole(count)
        return counts

    def tally(self) -> dict[str, int]:
        """Attempts by outcome, those that were repairs, and tokens in and out over the ledger's whole life, earlier
        plans included."""
        sql = (
            "SELECT outcome, count(*), count(sha256), coalesce(sum(prompt_tokens), 0), "
            "coalesce(sum(completion_tokens), 0) "
            "FROM attempts GROUP BY outcome ORDER BY outcome"
        )
        tally = {"attempts": 0, "repairs": 0, "prompt_tokens": 0, "completion_tokens": 0}
        for outcome, count, repairs, prompt, completion in self._rows(sql):
            tally[str(outcome)] = whole(count)
            tally["attempts"] += whole(count)
            tally["repairs"] += whole(repairs)
            tally["prompt_tokens"] += whole(prompt)
            tally["completion_tokens"] += whole(completion)
        return tally

    def spent(self) -> Spent:
        """What was spent so far, earlier plans included."""
        sql = (
            "SELECT coalesce(sum(cost), 0), coalesce(sum(reserved) FILTER (WHERE cost IS NULL), 0), "
            "coalesce(sum(prompt_tokens) FILTER (WHERE coalesce(cost, reserved) IS NULL), 0), "
            "coalesce(sum(completion_tokens) FILTER (WHERE coalesce(cost, reserved) IS NULL), 0), "
            "count(*) FILTER (WHERE coalesce(cost, reserved) IS NULL AND outcome IN ('sent', 'unknown')) FROM attempts"
        )
        return Spent(*map(whole, next(self._rows(sql))))

    def answered(self) -> dict[str, bool]:
        """The id of each query that has an answer, and whether it is in today's plan."""
        sql = (
            "SELECT q.id, q.position IS NOT NULL FROM queries q "
            "JOIN attempts a ON a.query = q.n AND a.outcome = 'answered'"
        )
        return {str(query_id): bool(in_plan) for query_id, in_plan in self._rows(sql)}

    def lengths(self) -> dict[str, list[int]]:
        """Task → tokens of each answer that says them, shortest first."""
        sql = (
            "SELECT q.task, a.completion_tokens FROM queries q JOIN attempts a ON a.query = q.n "
            "AND a.outcome = 'answered' AND a.completion_tokens IS NOT NULL ORDER BY 1, 2"
        )
        found: dict[str, list[int]] = {}
        for task, tokens in self._rows(sql):
            found.setdefault(str(task), []).append(whole(tokens))
        return found

    def latency(self) -> float | None:
        """Mean seconds that an answer took that was asked for alone; None where there is none."""
        sql = "SELECT avg(ended - sent) FROM attempts WHERE outcome = 'answered' AND batch IS NULL"
        (mean,) = next(self._rows(sql))
        return mean if isinstance(mean, float) else None

    def lifetime(self) -> tuple[float, float] | None:
        """Seconds since 1970 of the first sending and of the last end; None where nothing was sent."""
        first, last = next(self._rows("SELECT min(sent), max(coalesce(ended, sent)) FROM attempts"))
        return (first, last) if isinstance(first, float) and isinstance(last, float) else None

    def history(self) -> Iterator[tuple[float, str, str | None, int]]:
        """Each attempt that ended, in order: when, its outcome and reason, and picodollars (where nobody knows them,
        the most it can have cost)."""
        sql = "SELECT coalesce(ended, sent), outcome, reason, coalesce(cost, reserved, 0) FROM attempts ORDER BY n"
        for at, outcome, reason, cost in self._rows(sql):
            yield float(str(at)), str(outcome), None if reason is None else str(reason), whole(cost)

    def unasked_by_task(self) -> dict[str, int]:
        """Task → how many of today's queries have no answer."""
        sql = "SELECT q.task, count(*) FROM queries q WHERE q.position IS NOT NULL AND "
        sql += UNASKED + " GROUP BY q.task ORDER BY 1"
        coming = self.unplanned()
        found = {str(task): whole(count) for task, count in self._rows(sql)}
        return {task: found.get(task, 0) + coming.get(task, 0) for task in sorted({*found, *coming})}

    def models(self) -> list[str]:
        """The models that say they gave today's answers."""
        sql = (
            "SELECT DISTINCT coalesce(a.model, '') FROM attempts a JOIN queries q ON q.n = a.query "
            "WHERE a.outcome = 'answered' AND q.position IS NOT NULL ORDER BY 1"
        )
        return [str(name) for (name,) in self._rows(sql)]

    def kept_by_task(self) -> dict[str, int]:
        """Task → how many of today's answers are kept."""
        sql = (
            "SELECT q.task, count(*) FROM queries q JOIN verdicts v ON v.query = q.n AND v.reason IS NULL "
            "WHERE q.position IS NOT NULL GROUP BY q.task ORDER BY 1"
        )
        return {str(task): whole(count) for task, count in self._rows(sql)}

    def days(self) -> list[str]:
        """The days (UTC) of the first and the last of today's answers; none where there are none."""
        sql = (
            "SELECT date(min(a.ended), 'unixepoch'), date(max(a.ended), 'unixepoch') FROM attempts a "
            "JOIN queries q ON q.n = a.query WHERE a.outcome = 'answered' AND q.position IS NOT NULL"
        )
        return sorted({str(day) for day in next(self._rows(sql)) if day is not None})

    def standing(self) -> str:
        """Another text whenever something came in, or was asked for again: with the plan's key it tells whether files
        that were made from the answers are still those that would be made."""
        sql = (
            "SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM attempts WHERE outcome = 'answered'), "
            "(SELECT count(*) FROM attempts WHERE outcome = 'sent' AND batch IS NOT NULL)"
        )
        return " ".join(str(count) for count in next(self._rows(sql)))


def _ordered(counts: dict[str, int]) -> dict[str, int]:
    """Most frequent first, then by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def whole(value: object) -> int:
    """A column that holds a whole number."""
    assert isinstance(value, int)
    return value
