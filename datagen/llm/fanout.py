"""Many requests at once: at most N in flight, each attempt journalled, retries with jitter, a clean stop.

It composes nothing before its turn and keeps no answer: a journal (the caller's) is told before each send and after
each outcome, and the next step waits until it has that on disk. That order is what makes "never lost, never bought
twice" true: an answer is durable before anybody counts on it, and a send that a crash cut short is known to have been
one. tenacity owns the retries; backends never retry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

import tenacity

from datagen.errors import ProviderError, Stopped
from datagen.llm.base import Backend
from datagen.schema import Failure, Request, Response

_JITTER = tenacity.wait_random_exponential(multiplier=0.5, max=30)


class Journal(Protocol):
    """Where attempts are made durable."""

    async def sent(self, request: Request) -> None:
        """Returns once it is on disk that `request` is about to be sent."""
        ...

    async def done(self, response: Response) -> None:
        """Returns once the outcome is on disk."""
        ...


class Limits(NamedTuple):
    """How hard to ask."""

    concurrency: int = 32
    """Requests in flight."""
    attempts: int = 5
    """Sends of one request."""
    grace: float = 30.0
    """Seconds to wait for answers on their way when told to stop."""
    last_wait: float = 300.0
    """The same when the provider ends it: then nobody is in a hurry, and those answers are paid for."""
    patience: float = 900.0
    """Seconds that a provider may ask to wait; more than that stops the run."""


async def ask_all(
    backend: Backend, requests: Iterable[Request], journal: Journal, limits: Limits, stop: asyncio.Event
) -> None:
    """Ask each request until it is answered, refused for good, or out of attempts.

    Returns when all are done or, after `stop` is set, when what was in flight is home or the grace is over. Raises
    ProviderError when the provider refuses everything, Stopped when it has long not answered anything.
    """
    waiting, halt, outage = iter(requests), asyncio.Event(), _Outage(limits)
    work = (_work(backend, waiting, journal, limits, halt, outage) for _ in range(limits.concurrency))
    workers = [asyncio.create_task(worker) for worker in work]
    stopping = asyncio.create_task(stop.wait())
    try:
        await _until_done_failed_or_told(workers, stopping)
    finally:
        halt.set()
        await _come_home(workers, stop, limits)
        stopping.cancel()
    for worker in workers:
        if not worker.cancelled() and (error := worker.exception()):
            raise error


async def _until_done_failed_or_told(workers: list[asyncio.Task[None]], stopping: asyncio.Task[bool]) -> None:
    pending = set(workers)
    while pending and not stopping.done():
        done, _ = await asyncio.wait({*pending, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finished = pending & done
        pending -= finished
        if any(worker.exception() for worker in finished):
            return


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


async def _work(
    backend: Backend,
    waiting: Iterator[Request],
    journal: Journal,
    limits: Limits,
    halt: asyncio.Event,
    outage: _Outage,
) -> None:
    while not halt.is_set() and (request := next(waiting, None)) is not None:
        response = await _until_answered(backend, request, journal, limits, halt, outage)
        if response is not None:
            outage.saw_last(response)


async def _until_answered(
    backend: Backend,
    request: Request,
    journal: Journal,
    limits: Limits,
    halt: asyncio.Event,
    outage: _Outage,
) -> Response | None:
    """The last attempt's response; None when it was stopped before any."""

    async def attempt() -> Response | None:
        if halt.is_set():
            return None
        await journal.sent(request)
        try:
            response = await backend.ask(request)
        except ProviderError as error:
            failure = Failure(reason="provider-refused", message=str(error), again=True)
            await journal.done(Response(query_id=request.id, error=failure))
            raise
        await journal.done(response)
        _check_patience(response, limits)
        outage.saw_attempt(response)
        return response

    retrying = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(limits.attempts),
        wait=_wait,
        retry=tenacity.retry_if_result(lambda r: r is not None and r.error is not None and r.error.again),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        sleep=lambda seconds: _sleep(seconds, halt),
    )
    response: Response | None = await retrying(attempt)
    return response


def _check_patience(response: Response, limits: Limits) -> None:
    wait = response.error.wait if response.error else None
    if wait is not None and wait > limits.patience:
        message = f"the provider asks to wait {wait:.0f} seconds: {response.error and response.error.message}"
        raise Stopped(message, "run the same command again after that; nothing is lost")


def _wait(state: tenacity.RetryCallState) -> float:
    """As long as the provider asked for, in full; else a random time that grows."""
    response = state.outcome.result() if state.outcome else None
    asked = response.error.wait if response is not None and response.error else None
    return _JITTER(state) if asked is None else asked


async def _sleep(seconds: float, halt: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(halt.wait(), seconds)
    except TimeoutError:
        return


class _Outage:
    """Gives up when request after request failed, or attempt after attempt was left without an answer.

    Time-outs are counted by attempt, because each may have been billed. A request that is too long for the model says
    nothing about the provider.
    """

    def __init__(self, limits: Limits) -> None:
        self._patience = max(20, limits.concurrency)
        self._failed = self._timed_out = 0

    def saw_attempt(self, response: Response) -> None:
        timed_out = response.error is not None and response.error.reason == "timeout"
        self._timed_out = self._timed_out + 1 if timed_out else 0
        self._check(self._timed_out, "attempts", response)

    def saw_last(self, response: Response) -> None:
        if response.error is not None and response.error.reason == "too-long":
            return
        self._failed = self._failed + 1 if response.error else 0
        self._check(self._failed, "requests", response)

    def _check(self, in_a_row: int, what: str, response: Response) -> None:
        if in_a_row >= self._patience and response.error:
            message = f"the last {in_a_row} {what} all failed, the last with {response.error.reason}"
            hint = "when that is mended, run the same command again: it asks what has no answer"
            raise Stopped(f"{message}: {response.error.message}", hint)
