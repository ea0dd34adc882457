"""A server with limits and a client with workers, event by event on a clock of its own: hours in a second.

The client does what gate.py does (first come, first served, a timer for the next), with the real Pace; the server
keeps buckets or fixed windows, counts when a request comes in or when it is answered, and charges what was used or all
that could have been. Neither knows the other's inside: what passes is a Response.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from datagen.llm.pace import Guess, Pace, Ticket
from datagen.schema import Failure, Response, Usage, Window


class World(NamedTuple):
    """What is simulated."""

    rpm: float | None = None
    tpm: float | None = None
    bank: float = 1.0
    """Seconds' worth that a bucket holds."""
    fixed: bool = False
    """Windows of a minute that start full, and no buckets."""
    at_answer: bool = False
    """Whether the server counts when it answers; else when a request comes in."""
    charge: str = "usage"
    """`usage`; `settled`, the most at first, and the difference given back with the answer; or `most`, for good."""
    most_reply: int = 1000
    headers: bool = True
    retry_after: bool = True
    whole_seconds: bool = False
    """A retry-after in whole seconds, as most servers have it."""
    flight: int = 100
    """Workers, each with one request at a time."""
    latency: float = 1.0
    """Seconds of an answer; the median, where it varies."""
    spread: float = 0.0
    """Sigma of the lognormal latency."""
    way: float = 0.02
    """Seconds there, and the same back."""
    at_once: int | None = None
    """Requests that the server works on at a time; the rest get a 429 that explains nothing."""
    seconds: float = 300.0
    warm: float = 90.0
    given: bool = False
    """Whether the client was told the limits by its user."""
    seed: int = 0


class Seen(NamedTuple):
    """What came of it."""

    used: float
    """Of the scarcest limit, after the warm-up."""
    answered: int
    limited: int
    early: int
    """Sends while a wait that the server asked for was not over."""
    sends: tuple[int, ...]
    """Of each worker."""
    idle: float
    """The longest time without a send."""
    longest: float
    """The longest time that a worker waited for its turn."""

    @property
    def share(self) -> float:
        """Of all sends, those that were refused."""
        return self.limited / max(1, self.limited + self.answered)


class _Limit:
    """One limit of the server."""

    def __init__(self, kind: str, limit: float, world: World) -> None:
        self.kind, self.limit, self.rate, self.fixed = kind, limit, limit / 60, world.fixed
        self.size = limit if world.fixed else self.rate * world.bank
        self.size = max(1.0, self.size) if kind == "requests" else self.size
        self.level, self.at, self.ends = self.size, 0.0, 60.0

    def fill(self, now: float) -> None:
        if not self.fixed:
            self.level = min(self.size, self.level + (now - self.at) * self.rate)
        elif now >= self.ends:
            self.level, self.ends = self.size, (math.floor(now / 60) + 1) * 60.0
        self.at = now

    def wait(self, need: float, now: float) -> float:
        need = min(need, self.size)
        if self.level >= need - 1e-9:
            return 0.0
        return self.ends - now if self.fixed else (need - self.level) / self.rate

    def window(self, now: float) -> Window:
        full = self.ends - now if self.fixed else (self.size - self.level) / self.rate
        return Window(self.kind, self.limit, max(0.0, math.floor(self.level)), math.ceil(full * 1000) / 1000)  # type: ignore[arg-type]


class Server:
    """What stands at the other end."""

    def __init__(self, world: World) -> None:
        self.world, self.working = world, 0
        told = (("requests", world.rpm), ("tokens", world.tpm))
        self.limits = [_Limit(kind, limit, world) for kind, limit in told if limit is not None]

    def come_in(self, usage: Usage, now: float) -> Failure | None:
        """A refusal, or None: it is being worked on."""
        waits = []
        for limit in self.limits:
            limit.fill(now)
            waits.append(limit.wait(self._need(limit, usage, first=True), now))
        wait = max(waits, default=0.0)
        full = self.world.at_once is not None and self.working >= self.world.at_once
        if wait > 0 or full:
            asked = math.ceil(wait) if self.world.whole_seconds else math.ceil(wait * 1000) / 1000
            told = asked if self.world.retry_after and not full else None
            return Failure(reason="rate-limited", message="", again=True, wait=told)
        self.working += 1
        if not self.world.at_answer:
            for limit in self.limits:
                limit.level -= self._need(limit, usage, first=True)
        return None

    def answer(self, usage: Usage, now: float) -> None:
        """It is done with one."""
        self.working -= 1
        for limit in self.limits:
            limit.fill(now)
            before = 0.0 if self.world.at_answer else self._need(limit, usage, first=True)
            limit.level = min(limit.size, limit.level + before - self._need(limit, usage, first=False))

    def windows(self, now: float) -> tuple[Window, ...]:
        for limit in self.limits:
            limit.fill(now)
        return tuple(limit.window(now) for limit in self.limits) if self.world.headers else ()

    def _need(self, limit: _Limit, usage: Usage, *, first: bool) -> float:
        if limit.kind == "requests":
            return 1.0
        assert usage.prompt is not None
        assert usage.completion is not None
        most = self.world.charge == "most" or (first and self.world.charge == "settled")
        return usage.prompt + (self.world.most_reply if most else usage.completion)


class _Worker:
    """Somebody who always has one more to ask."""

    def __init__(self) -> None:
        self.sends, self.since = 0, 0.0
        self.body, self.usage = b"", Usage()


class Simulation:
    """The whole, played."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, 0.0
        self.rng = random.Random(world.seed)
        self.server = Server(world)
        given = (world.rpm, world.tpm) if world.given else (None, None)
        self.pace, self.guess = Pace(world.flight, *given, 0.0), Guess(300.0)
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.count = itertools.count()
        self.queue: deque[_Worker] = deque()
        self.used = {limit.kind: 0.0 for limit in self.server.limits}
        self.answered = self.limited = self.early = 0
        self.asked_until = self.idle = self.longest = self.last_send = 0.0
        self.timer: object = None

    def play(self) -> Seen:
        """From a cold start to the end."""
        workers = [_Worker() for _ in range(self.world.flight)]
        for worker in workers:
            self._draw(worker)
            self.queue.append(worker)
        self._pump()
        while self.events and self.events[0][0] <= self.world.seconds:
            self.now, _, act = heapq.heappop(self.events)
            act()
        assert self.events, "nothing is on its way, and nobody looks at the clock: it would hang for ever"
        span = self.world.seconds - self.world.warm
        used = [self.used[limit.kind] / (limit.rate * span) for limit in self.server.limits]
        waiting = max((self.now - worker.since for worker in self.queue), default=0.0)
        return Seen(
            max(used, default=0.0), self.answered, self.limited, self.early,
            tuple(worker.sends for worker in workers), max(self.idle, self.world.seconds - self.last_send),
            max(self.longest, waiting),
        )  # fmt: skip

    def _at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self.events, (when, next(self.count), act))

    def _draw(self, worker: _Worker) -> None:
        """What it asks next."""
        prompt = round(self.rng.uniform(200, 600))
        worker.body = bytes(prompt * 4)
        worker.usage = Usage(prompt, max(1, min(self.world.most_reply, round(self.rng.lognormvariate(5, 0.5)))))
        worker.since = self.now

    def _pump(self) -> None:
        self.timer = None
        while self.queue:
            tokens = self.guess.of(self.queue[0].body)
            wait = self.pace.wait(tokens, self.now)
            if wait == 0:
                self._send(self.queue.popleft(), tokens)
                continue
            if wait is not None:
                assert math.isfinite(wait)
                self._look_again(self.now + wait)
            return

    def _look_again(self, when: float) -> None:
        mine = self.timer = object()
        self._at(when, lambda: self._pump() if self.timer is mine else None)

    def _send(self, worker: _Worker, tokens: float) -> None:
        ticket = self.pace.enter(tokens, self.now)
        assert self.pace.in_flight <= self.world.flight
        self.early += self.now < self.asked_until - 1e-9
        self.idle, self.last_send = max(self.idle, self.now - self.last_send), self.now
        self.longest = max(self.longest, self.now - worker.since)
        worker.sends += 1
        self._at(self.now + self._way(), lambda: self._arrive(worker, ticket))

    def _way(self) -> float:
        return self.world.way * self.rng.uniform(0.8, 1.2)

    def _arrive(self, worker: _Worker, ticket: Ticket) -> None:
        refusal = self.server.come_in(worker.usage, self.now)
        if refusal is not None:
            self._back(worker, ticket, Response(query_id="q", error=refusal, windows=self.server.windows(self.now)))
            return
        latency = self.world.latency * self.rng.lognormvariate(0, self.world.spread)
        self._at(self.now + latency, lambda: self._answer(worker, ticket))

    def _answer(self, worker: _Worker, ticket: Ticket) -> None:
        self.server.answer(worker.usage, self.now)
        if self.now >= self.world.warm:
            for limit in self.server.limits:
                self.used[limit.kind] += self.server._need(limit, worker.usage, first=False)
        windows = self.server.windows(self.now)
        self._back(worker, ticket, Response(query_id="q", text="x", usage=worker.usage, windows=windows))

    def _back(self, worker: _Worker, ticket: Ticket, response: Response) -> None:
        self._at(self.now + self._way(), lambda: self._home(worker, ticket, response))

    def _home(self, worker: _Worker, ticket: Ticket, response: Response) -> None:
        self.pace.heard(ticket, response, self.now)
        self.pace.leave()
        if response.error is None:
            self.answered += 1
            self.guess.learn(worker.body, response.usage)
            self._draw(worker)
        else:
            self.limited += 1
            worker.since = self.now
            self.asked_until = max(self.asked_until, self.now + (response.error.wait or 0.0))
        self.queue.append(worker)
        self._pump()


def play(world: World) -> Seen:
    """Play it."""
    return Simulation(world).play()
