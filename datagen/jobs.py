"""What is still to be asked, as jobs: queries without an answer, bad answers that are asked for once more, and good
ones that say what is not so and may be bettered.

The road that asks them one by one and the one that puts them into batches take them from here, so that both send the
same bytes. Free; it sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from datagen.errors import LedgerError
from datagen.examine import Strictness, complaints, examine, shortcomings, strictness
from datagen.ledger import Ledger, Preferred
from datagen.llm import wire
from datagen.llm.course import Job
from datagen.paging import Pages
from datagen.plan import composers_for
from datagen.prompting.compose import Composer
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks
from datagen.records.parse import spoken
from datagen.run import Run
from datagen.schema import Query, Record, Request, Response, Task
from datagen.settings import Settings


def to_ask(
    run: Run, settings: Settings, pages: Pages | None = None, *, in_batches: bool = False
) -> tuple[Iterator[Job], int]:
    """All that is unanswered, and what was answered badly and cut short of being asked again; and how many those are.

    `pages` are what of the plan is still to be made. `in_batches`: without what batches tried often enough, and without
    what is good already: a better reply is asked for one by one.
    """
    tasks = load_tasks(run.prompts, ())
    strict = strictness(settings, run.ledger.boxed, ground=settings.repair > 0 and settings.ground)
    asked = _Asked({task.name: task for task in tasks}, composers_for(tasks, settings), strict)
    most = settings.attempts if in_batches else None
    polish = settings.repair > 0 and not in_batches
    good: list[int] = []
    found = list(_unfinished(run.ledger, asked, settings, good, polish=polish))
    if in_batches:
        run.ledger.note_good(good)
    again = _again(run.ledger, found, asked, settings)
    taken = frozenset(each.request.id if isinstance(each, Job) else each.query_id for each in found)
    more = _nothing_more if pages is None else pages.more
    rest = _unasked(run.ledger, asked, settings, taken, more, most)
    return chain(again, rest), run.ledger.unasked_count(most) + len(found)


def _nothing_more() -> bool:
    return False


def _unasked(
    ledger: Ledger,
    asked: _Asked,
    settings: Settings,
    taken: frozenset[str],
    more: Callable[[], bool],
    most: int | None,
) -> Iterator[Job]:
    """`taken` are those whose bad answer is being replaced: on their way they have none, and look unasked."""
    for query, replies in ledger.unasked(more, most):
        if query.id in taken:
            continue
        yield _job(ledger, query, asked, settings, replies)


class _Bad(NamedTuple):
    """A bad answer that is still there; the query itself is read in its turn, as there may be many."""

    query_id: str
    replies: int
    spoiled: str


def _unfinished(
    ledger: Ledger, asked: _Asked, settings: Settings, good: list[int], *, polish: bool
) -> Iterator[_Bad | Job]:
    """Bad answers that an earlier asking would have asked for again, had it not been stopped; and, to `polish`, good
    ones that a repair may better. The numbers of those that are not bad go to `good`."""
    for answer, replies in ledger.unfinished(contradicted=polish):
        query = answer.query
        look = asked.look(query)
        response = wire.read(query.id, answer.raw, answer.request_id)
        fault = look(response)
        if fault is None:
            good.append(answer.n)
        if replies + 1 >= settings.attempts:
            continue
        if fault is not None:
            yield _Bad(query.id, replies + 1, fault)
        elif polish and look.is_wrong(response):
            yield from _bettered(ledger, response, _job(ledger, query, asked, settings, replies + 1, good=True))


def _again(ledger: Ledger, found: Sequence[_Bad | Job], asked: _Asked, settings: Settings) -> Iterator[Job]:
    for each in found:
        if isinstance(each, Job):
            yield each
        else:
            query = ledger.query(each.query_id)
            yield _job(ledger, query, asked, settings, each.replies)._replace(spoiled=each.spoiled)


def _bettered(ledger: Ledger, response: Response, job: Job) -> Iterator[Job]:
    """A good answer that says what is not so: another that came of it is preferred where it is better; else a repair is
    to be asked, as long as some are left."""
    job.fault(response)
    request = job.polish(response)
    for raw in ledger.replies(response.query_id, second=True):
        other = wire.read(response.query_id, raw)
        job.fault(other)
        if job.better(other):
            ledger.record([], [], [], [Preferred(response.query_id, raw)])
            request = job.polish(other)
    if request is None:
        ledger.record([], [], [response.query_id])
    else:
        yield job._replace(first=request, polishing=True)


def _job(ledger: Ledger, query: Query, asked: _Asked, settings: Settings, replies: int, *, good: bool = False) -> Job:
    """`query` as something to ask, `replies` replies to it being there; all bad ones, unless the last is `good`."""
    look = asked.look(query)
    job = Job(_request(asked.composers, query), look, replies)
    if not settings.repair:
        return job
    last = ledger.last_bad(query.id) if replies else None
    task, composer = asked.tasks[query.task], asked.composers[query.task]
    mender = _Mender(query, task, composer, settings.repair - (last.repairs if last else 0), look)
    for raw in [*ledger.replies(query.id), last.raw] if last else ():
        look(wire.read(query.id, raw))
    first = mender(wire.read(query.id, last.raw)) if last and last.raw and not good else None
    return job._replace(repair=mender, first=first, polish=mender.polish, better=look.better, best=look.best)


class _Look:
    """Looks at the replies to one query, and remembers the last one and the best of the bad ones."""

    def __init__(self, query: Query, task: Task, strict: Strictness) -> None:
        self._query, self._task, self._strict = query, task, strict
        self._context = describe(query.image, task.sees)
        self._last: tuple[Response, Record] | None = None
        self._bad: tuple[tuple[int, int], Response] | None = None
        self._stands = (0, 0)

    def __call__(self, response: Response) -> str | None:
        """The check that would reject it, if one would."""
        record = self.record(response)
        if record.errors and (self._bad is None or shortcomings(record) <= self._bad[0]):
            self._bad = shortcomings(record), response
        return record.errors[0].check if record.errors else None

    def record(self, response: Response) -> Record:
        """It, read and judged; once."""
        if self._last is None or self._last[0] is not response:
            self._last = response, examine(self._query, self._task, response, self._context, self._strict)
        return self._last[1]

    def is_wrong(self, response: Response) -> bool:
        """Whether a reply says what is not so. If it is good else, it is what a better one is measured by."""
        self._stands = shortcomings(self.record(response))
        return self._stands[1] > 0

    def better(self, response: Response) -> bool:
        """Whether it is better than the good reply that there is."""
        return shortcomings(self.record(response)) < self._stands

    def best(self) -> Response | None:
        """The best of the bad replies, of equals the last; None where it is the last of all."""
        if self._bad is None or self._last is None or self._bad[1] is self._last[0]:
            return None
        return self._bad[1]


class _Mender:
    """Makes the repair of a bad reply, `left` times."""

    def __init__(self, query: Query, task: Task, composer: Composer, left: int, look: _Look | None = None) -> None:
        self._query, self._composer, self._left = query, composer, left
        self._look = look or _Look(query, task, Strictness())

    def __call__(self, response: Response) -> Request | None:
        if self._left <= 0:
            return None
        wrong = complaints(self._look.record(response))
        if not wrong:
            return None
        self._left -= 1
        usable = self._look.record(response).kept
        return self._composer.repair(self._query, spoken(response.text), wrong, usable=usable)

    def polish(self, response: Response) -> Request | None:
        """The repair of a good reply that says what is not so."""
        return self(response) if self._look.is_wrong(response) else None


class _Asked(NamedTuple):
    """What queries are made of, and what their replies are held to."""

    tasks: Mapping[str, Task]
    composers: Mapping[str, Composer]
    strict: Strictness

    def look(self, query: Query) -> _Look:
        """Who looks at the replies to `query`."""
        return _Look(query, self.tasks[query.task], self.strict)


def _request(composers: Mapping[str, Composer], query: Query) -> Request:
    request = composers[query.task].planned(query)
    if request is None:
        raise LedgerError(f"{query.id}: what would be sent is not what was planned", "run with --replan")
    return request
