"""One request's way through the asking: what it is, what it has met with so far, and whether it is sent once more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

import tenacity

from datagen.llm.circuit import Allowance
from datagen.schema import Fault, Request, Response

_JITTER = tenacity.wait_random_exponential(multiplier=0.5, max=30)


class Job(NamedTuple):
    """A request to ask until it is answered well."""

    request: Request
    fault: Fault = lambda response: None
    replies: int = 0
    """Bad replies that there are already, from an earlier asking."""
    spoiled: str | None = None
    """What is wrong with the last of them, where the ledger still has it as the answer."""
    repair: Callable[[Response], Request | None] = lambda response: None
    """What to send after this bad reply in place of the request; None: the request once more. Asked once a reply."""
    first: Request | None = None
    """The same for the last of the bad replies that there are already."""
    polish: Callable[[Response], Request | None] = lambda response: None
    """What to send after this good reply to have a better one; None: it is as good as it gets. Asked once a reply."""
    better: Callable[[Response], bool] = lambda response: False
    """Whether what came of that is to take the place of the good reply that there is."""
    best: Callable[[], Response | None] = lambda: None
    """Of several bad replies the one that stays, where that is not the last."""
    polishing: bool = False
    """Whether there is a good reply already, and `first` is to better it."""


class Journal(Protocol):
    """Where attempts are made durable."""

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None:
        """Returns once it is on disk that `request` is about to be sent, with so much money aside; `spoiled` is what
        was wrong with the reply that it is asked again for."""
        ...

    async def done(self, response: Response, cost: int | None) -> None:
        """Returns once the outcome is on disk."""
        ...

    async def looked(self, response: Response, fault: Fault) -> str | None:
        """What is wrong with a reply that is on disk; the end of the attempt."""
        ...

    def prefer(self, response: Response) -> None:
        """This earlier reply to its query is the answer, and not the one that is."""
        ...

    def final(self, request: Request) -> None:
        """It is not asked again, though its reply was bad or could be better."""
        ...


class Course:
    """Where one job stands."""

    def __init__(self, job: Job, attempts: int) -> None:
        self.job = job
        self.request = job.first or job.request
        """What is sent next."""
        self.response: Response | None = None
        self.replies = job.replies
        self.spoiled = job.spoiled
        self.polishing = job.polishing
        """Whether it has a good reply, and only a better one is wanted."""
        self.goes_on = self.failed_last = self.stopped = False
        self._failures, self._attempts = 0, attempts

    def stop(self) -> None:
        """It is not sent any more, because nothing is."""
        self.goes_on, self.stopped = False, True

    def answered(self, response: Response | None = None) -> None:
        """It has its good answer, and goes on where a better one may be had."""
        self.goes_on = self.failed_last = False
        self.response = None
        if response is not None and self._used + 1 < self._attempts:
            polish = self.job.polish(response)
            if polish is not None:
                self.request, self.spoiled, self.polishing, self.goes_on = polish, None, True, True
                self.replies += 1

    def polished(self, response: Response) -> bool:
        """What should be better came; whether it is."""
        better = self.job.better(response)
        self.answered(response if better else None)
        return better

    def failed(self, response: Response, *, counts: bool) -> None:
        """An attempt brought no reply; it counts unless the limits or an outage are to blame."""
        assert response.error is not None
        self.spoiled = None  # the ledger has taken note of it
        self.response, self.failed_last = response, response.error.reason != "rate-limited"
        self._failures += counts
        again = response.error.again
        if not (again or self.polishing) and self.request is not self.job.request:  # longer, say, than models take
            self.request, again = self.job.request, True
        self.goes_on = again and self._used < self._attempts

    def spoil(self, response: Response, fault: str, redraws: Allowance, now: float) -> bool:
        """A reply came and was bad; whether it stays the last one."""
        self.response, self.failed_last = None, False
        self.replies += 1
        self.goes_on = self._used < self._attempts and redraws.spend(now)
        self.spoiled = fault if self.goes_on else None
        if self.goes_on:
            self.request = self.job.repair(response) or self.job.request
        return not self.goes_on

    @property
    def _used(self) -> int:
        return self._failures + self.replies

    async def repeating(self, halted: asyncio.Event, again: Callable[[], Awaitable[None]]) -> None:
        """Send once more as long as it goes on: tenacity, to whom its first attempt is the one that was made."""
        made = False

        async def attempt() -> None:
            nonlocal made
            if made:
                await again()
            made = True

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda _: self.goes_on),
            wait=self._wait,
            sleep=lambda seconds: pause(seconds, halted),
        )
        await retrying(attempt)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """As long as the server asked for, in full; else a random time that grows. Rate limits and bad replies are
        waited for by the gate, if at all."""
        error = self.response.error if self.response is not None else None
        if error is None or error.reason == "rate-limited":
            return 0.0
        return _JITTER(state) if error.wait is None else error.wait


async def pause(seconds: float, halted: asyncio.Event) -> None:
    """Wait so long, or until nothing is sent any more."""
    if seconds <= 0:
        return
    try:
        await asyncio.wait_for(halted.wait(), seconds)
    except TimeoutError:
        return
