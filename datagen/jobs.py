"""What is still to be asked, as jobs: queries without an answer, and bad answers that are asked for once more.

The road that asks them one by one and the one that puts them into batches take them from here, so that both send the
same bytes. Free; it sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from datagen.errors import LedgerError
from datagen.examine import complaints, examine
from datagen.ledger import Ledger
from datagen.llm import wire
from datagen.llm.course import Job
from datagen.paging import Pages
from datagen.plan import composers_for
from datagen.prompting.compose import Composer
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks
from datagen.records.parse import spoken
from datagen.run import Run
from datagen.schema import Fault, Query, Request, Response, Task
from datagen.settings import Settings


def to_ask(
    run: Run, settings: Settings, pages: Pages | None = None, *, in_batches: bool = False
) -> tuple[Iterator[Job], int]:
    """All that is unanswered, and what was answered badly and cut short of being asked again; and how many those are.

    `pages` are what of the plan is still to be made. `in_batches`: without what batches tried often enough.
    """
    tasks = {task.name: task for task in load_tasks(run.prompts, ())}
    most = settings.attempts if in_batches else None
    good: list[int] = []
    bad = list(_unfinished(run.ledger, tasks, settings, good))
    if in_batches:
        run.ledger.note_good(good)
    again = _again(run.ledger, bad, tasks, settings)
    taken = frozenset(each.query_id for each in bad)
    more = _nothing_more if pages is None else pages.more
    rest = _unasked(run.ledger, tasks, settings, taken, more, most)
    return chain(again, rest), run.ledger.unasked_count(most) + len(bad)


def _nothing_more() -> bool:
    return False


def _unasked(
    ledger: Ledger,
    tasks: Mapping[str, Task],
    settings: Settings,
    taken: frozenset[str],
    more: Callable[[], bool],
    most: int | None,
) -> Iterator[Job]:
    """`taken` are those whose bad answer is being replaced: on their way they have none, and look unasked."""
    composers = composers_for(list(tasks.values()), settings)
    for query, replies in ledger.unasked(more, most):
        if query.id in taken:
            continue
        yield _job(ledger, query, tasks[query.task], composers, settings, replies)


class _Bad(NamedTuple):
    """A bad answer that is still there; the query itself is read in its turn, as there may be many."""

    query_id: str
    replies: int
    spoiled: str


def _unfinished(ledger: Ledger, tasks: Mapping[str, Task], settings: Settings, good: list[int]) -> Iterator[_Bad]:
    """Bad answers that an earlier asking would have asked for again, had it not been stopped. The numbers of those that
    are not bad go to `good`."""
    for answer, replies in ledger.unfinished():
        query = answer.query
        fault = _looker(query, tasks[query.task])
        spoiled = fault(wire.read(query.id, answer.raw, answer.request_id))
        if spoiled is None:
            good.append(answer.n)
        elif replies + 1 < settings.attempts:
            yield _Bad(query.id, replies + 1, spoiled)


def _again(ledger: Ledger, found: Sequence[_Bad], tasks: Mapping[str, Task], settings: Settings) -> Iterator[Job]:
    composers = composers_for(list(tasks.values()), settings) if found else {}
    for query_id, replies, spoiled in found:
        query = ledger.query(query_id)
        yield _job(ledger, query, tasks[query.task], composers, settings, replies)._replace(spoiled=spoiled)


def _job(
    ledger: Ledger, query: Query, task: Task, composers: Mapping[str, Composer], settings: Settings, replies: int
) -> Job:
    """`query` as something to ask, `replies` bad replies to it being there."""
    job = Job(_request(composers, query), _looker(query, task), replies)
    if not settings.repair:
        return job
    last = ledger.last_bad(query.id) if replies else None
    mender = _Mender(query, task, composers[query.task], settings.repair - (last.repairs if last else 0))
    first = mender(wire.read(query.id, last.raw)) if last and last.raw else None
    return job._replace(repair=mender, first=first)


class _Mender:
    """Makes the repair of a bad reply, `left` times."""

    def __init__(self, query: Query, task: Task, composer: Composer, left: int) -> None:
        self._query, self._task, self._composer, self._left = query, task, composer, left

    def __call__(self, response: Response) -> Request | None:
        if self._left <= 0:
            return None
        wrong = complaints(examine(self._query, self._task, response))
        if not wrong:
            return None
        self._left -= 1
        return self._composer.repair(self._query, spoken(response.text), wrong)


def _looker(query: Query, task: Task) -> Fault:
    """What tells the check that would reject a reply to `query`."""
    return partial(_fault, query, task, describe(query.image, task.sees))


def _fault(query: Query, task: Task, context: str, response: Response) -> str | None:
    errors = examine(query, task, response, context).errors
    return errors[0].check if errors else None


def _request(composers: Mapping[str, Composer], query: Query) -> Request:
    composer = composers[query.task]
    if not composer.is_planned(query):
        raise LedgerError(f"{query.id}: what would be sent is not what was planned", "run with --replan")
    return composer.request(query)
