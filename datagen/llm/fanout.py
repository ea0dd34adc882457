"""Many requests at once: each asked until it has a good answer, is refused for good, or has had its attempts.

It composes nothing before its turn and keeps no answer: a journal (the caller's) is told before each send and after
each outcome, and the next step waits until it has that on disk. That order is what makes "never lost, never bought
twice" true: an answer is durable before anybody counts on it, and a send that a crash cut short is known to have been
one. Before a send the budget sets its worst cost aside and the gate gives leave. tenacity owns the repetitions;
backends never repeat.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from datagen.errors import ProviderError, Stopped
from datagen.llm.base import Backend
from datagen.llm.circuit import Allowance, Circuit
from datagen.llm.course import Course, Job, Journal, pause
from datagen.llm.gate import Gate
from datagen.llm.pace import Guess, Pace, Ticket
from datagen.money import Budget, Price, dollars, worst
from datagen.observer import Pulse
from datagen.schema import Failure, Request, Response

BEAT = 1.0
"""Seconds between two words on how it goes."""
_ON = "run the same command again: nothing is lost, and what was answered is not asked again"


class Limits(NamedTuple):
    """How hard to ask."""

    concurrency: int = 32
    """Requests in flight at most."""
    attempts: int = 5
    """Replies and failures of one request."""
    grace: float = 30.0
    """Seconds to wait for answers on their way when told to stop."""
    last_wait: float = 300.0
    """The same when the provider ends it: then nobody is in a hurry, and those answers are paid for."""
    patience: float = 900.0
    """Seconds that a provider may ask to wait, or be out; more than that stops the run."""
    rpm: float | None = None
    tpm: float | None = None
    reply_limit: int = 0
    """Tokens of a reply at most, for setting money aside."""
    reply_guess: float = 300.0
    """Tokens of a reply, until some have come."""
    probe_every: float = 30.0
    """Seconds between two looks at a server that is out."""


async def ask_all(
    backend: Backend,
    jobs: Iterable[Job],
    journal: Journal,
    limits: Limits,
    stop: asyncio.Event,
    budget: Budget | None = None,
    price: Price | None = None,
    watch: Callable[[Pulse], None] = lambda _: None,
) -> None:
    """Ask each job until it is done with. `watch` is told about once a second how it goes.

    Returns when all are or, after `stop` is set, when what was in flight is home or the grace is over. Raises
    ProviderError when the provider refuses everything, Stopped when the budget is used up or when there was no answer
    for longer than anybody should wait.
    """
    asking = _Asking(backend, journal, limits, budget or Budget(None, 0), price)
    waiting = iter(jobs)
    more = max(1, limits.concurrency // 4)  # whose reply is being looked at while others are in flight
    workers = [asyncio.create_task(asking.work(waiting)) for _ in range(limits.concurrency + more)]
    stopping = asyncio.create_task(stop.wait())
    ending = asyncio.create_task(_over(workers))
    heart = asyncio.create_task(asking.beat(watch))
    try:
        await asyncio.wait((ending, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        asking.halt()
        await _come_home(workers, stop, limits)
        stopping.cancel()
        ending.cancel()
        heart.cancel()
    if asking.failure is not None:
        raise asking.failure


async def _over(workers: Sequence[asyncio.Task[None]]) -> None:
    """Until all are done or one has failed. (`asyncio.wait` on them all would look at all for each that ends.)"""
    over, left = asyncio.Event(), len(workers)

    def seen(worker: asyncio.Task[None]) -> None:
        nonlocal left
        left -= 1
        if not left or worker.cancelled() or worker.exception():
            over.set()

    for worker in workers:
        worker.add_done_callback(seen)
    await over.wait()


async def _come_home(workers: list[asyncio.Task[None]], stop: asyncio.Event, limits: Limits) -> None:
    """Workers that are mid-send bring a paid answer home; after the wait they are cancelled."""
    deadline = asyncio.get_running_loop().time() + limits.last_wait
    pending = {worker for worker in workers if not worker.done()}
    while pending:
        if stop.is_set():
            deadline = min(deadline, asyncio.get_running_loop().time() + limits.grace)
            stop = asyncio.Event()
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            break
        _, pending = await asyncio.wait(pending, timeout=min(left, 0.2))
    for worker in pending:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


class _Asking:
    """What all workers of one asking share."""

    def __init__(self, backend: Backend, journal: Journal, limits: Limits, budget: Budget, price: Price | None) -> None:
        now = time.monotonic()
        self.backend, self.journal, self.limits = backend, journal, limits
        self.budget, self.price = budget, price
        self.circuit = Circuit(limits.probe_every)
        self.gate = Gate(Pace(limits.concurrency, limits.rpm, limits.tpm, now), self.circuit)
        self.guess = Guess(limits.reply_guess)
        self.repeats = Allowance(max(100, 2 * limits.concurrency), 0.5, 1.0, now)
        self.redraws = Allowance(20, 0.5, None)
        self.halted = asyncio.Event()
        self.failure: Exception | None = None
        self._lost = self._timed_out = 0
        self._limited_since: float | None = None

    async def beat(self, watch: Callable[[Pulse], None]) -> None:
        """Tell how it goes, for ever."""
        while True:
            await asyncio.sleep(BEAT)
            now, pace, budget = time.monotonic(), self.gate.pace, self.budget
            held = max(pace.held_until - now, self.circuit.wait(now), 0.0)
            limits = pace.limits()
            watch(Pulse(pace.in_flight, budget.spent, budget.cap, limits.get("requests"), limits.get("tokens"), held))

    def halt(self) -> None:
        """Nothing more is sent."""
        self.halted.set()
        self.gate.shut()
        self.budget.shut()

    async def work(self, waiting: Iterator[Job]) -> None:
        """One worker: a job at a time, until there are none. The first that fails ends it for all; what others meet
        with after that may be but its consequence."""
        try:
            while not self.halted.is_set() and (job := next(waiting, None)) is not None:
                await self._see_through(Course(job, self.limits.attempts))
        except Exception as error:
            self.failure = self.failure or error
            self.halt()
            raise

    async def _see_through(self, course: Course) -> None:
        await self._attempt(course)
        if course.goes_on:
            await course.repeating(self.halted, partial(self._again, course))
        self._saw_last(course)

    async def _again(self, course: Course) -> None:
        if course.failed_last:
            while not self.repeats.spend(time.monotonic()):
                await pause(0.2, self.halted)
                if self.halted.is_set():
                    break
        await self._attempt(course)

    async def _attempt(self, course: Course) -> None:
        """One send, if it may still be sent: money aside, leave to go, on disk, gone, back, on disk."""
        request = course.request
        amount = worst(len(request.body), self.limits.reply_limit, self.price) if self.price else None
        if self.halted.is_set() or not await self._set_aside(amount):
            return course.stop()
        cost: int | None = 0
        try:
            ticket = await self.gate.enter(self.guess.of(request.body))
            if ticket is None:
                return course.stop()
            cost = None  # whatever comes in between, an exception too: nobody knows
            response = await self._send(course, ticket, amount)
            cost = self._cost(response)
        except ProviderError:
            cost = 0
            raise
        finally:
            self.budget.settle(amount, cost)
        self.guess.learn(request.body, response.usage)
        self._judge(course, response, await self.journal.looked(response, course.job.fault))

    async def _send(self, course: Course, ticket: Ticket, amount: int | None) -> Response:
        """In flight: from the note that it is sent to the note of what came of it."""
        try:
            await self.journal.sent(course.request, amount, course.spoiled)
            response = await self._ask(course.request)
            self.gate.heard(ticket, response)
            await self.journal.done(response, self._cost(response))
            return response
        finally:
            self.gate.leave()

    async def _ask(self, request: Request) -> Response:
        try:
            return await self.backend.ask(request)
        except ProviderError as error:
            self.halt()
            failure = Failure(reason="provider-refused", message=str(error), again=True)
            refused = Response(query_id=request.id, error=failure)
            await self.journal.done(refused, 0)
            await self.journal.looked(refused, lambda _: None)
            raise

    async def _set_aside(self, amount: int | None) -> bool:
        if await self.budget.set_aside(amount):
            return True
        if self.halted.is_set():
            return False
        cap, spent = dollars(self.budget.cap or 0), dollars(self.budget.spent)
        message = f"--max-cost {cap}: {spent} of it are spent, and one more request could cost {dollars(amount or 0)}"
        raise Stopped(message, "give a larger --max-cost to go on, or a --max-tokens to set less aside for each reply")

    def _cost(self, response: Response) -> int | None:
        """What it cost; None where nobody knows."""
        if response.error is not None:
            return None if response.error.perhaps_billed else 0
        return None if self.price is None else self.price.of(response.usage)

    def _judge(self, course: Course, response: Response, fault: str | None) -> None:
        """Whether to go on with it, and whether with the run at all."""
        now = time.monotonic()
        error = response.error
        if error is not None:
            self._check_patience(response, now)
            limited = error.reason == "rate-limited"
            course.failed(response, counts=not limited and not self.circuit.is_open)
            if course.polishing and not error.again:
                self.journal.final(course.job.request)
            return
        self._limited_since = None
        self.repeats.earn(course.failed_last)
        if course.polishing:
            if course.polished(response):
                self.journal.prefer(response)
            if not course.goes_on:
                self.journal.final(course.job.request)
        elif fault is None:
            self.redraws.earn(course.replies > 0)
            course.answered(response)
        elif course.spoil(response, fault, self.redraws, now):
            best = course.job.best()
            if best is not None:
                self.journal.prefer(best)
            self.journal.final(course.job.request)

    def _check_patience(self, response: Response, now: float) -> None:
        """Raises Stopped where waiting on makes no sense any more."""
        error = response.error
        assert error is not None
        patience = self.limits.patience
        if error.wait is not None and error.wait > patience:
            raise Stopped(f"the provider asks to wait {error.wait:.0f} seconds: {error.message}", f"after that, {_ON}")
        if error.reason == "rate-limited":
            self._limited_since = self._limited_since or now
            if now - self._limited_since > patience:
                raise Stopped(f"nothing but rate limits for {patience:.0f} seconds: {error.message}", f"later, {_ON}")
        since = self.circuit.open_since
        if since is not None and now - since > patience:
            message = f"the server has been out for {patience:.0f} seconds, the last time with {error.reason}"
            raise Stopped(f"{message}: {error.message}", f"when it is back, {_ON}")
        self._timed_out = self._timed_out + 1 if error.reason == "timeout" and not self.circuit.ever_answered else 0
        self._give_up(self._timed_out, "attempts", response)

    def _saw_last(self, course: Course) -> None:
        """A server that lets request after request fail is not one to go on with. A request that is too long for the
        model says nothing about the server."""
        response = course.response
        if response is None or response.error is None:
            self._lost = 0
        elif not course.stopped and response.error.reason != "too-long":
            self._lost += 1
            self._give_up(self._lost, "requests", response)

    def _give_up(self, in_a_row: int, what: str, response: Response) -> None:
        patience = max(20, self.limits.concurrency) if self.circuit.ever_answered else 20
        if in_a_row >= patience and response.error:
            message = f"the last {in_a_row} {what} all failed, the last with {response.error.reason}"
            raise Stopped(f"{message}: {response.error.message}", f"when that is mended, {_ON}")
