"""A thousand random schedules against the money cap: whatever happens, what the provider bills stays below it.

A schedule is drawn whole before it is played: how many at once, the cap, when it is killed, and for each request how
long it takes, what it truly costs, and whether its usage comes back. The provider here is a counter in this process.
What guards the money is `purse()`, the one place that knows datagen's own classes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple, Protocol

from datagen.money import Budget
from tests.bench.clients import Bench
from tests.bench.table import Figure


class Purse(Protocol):
    """What a budget must do to be measured. Amounts are whole picodollars."""

    async def set_aside(self, amount: int) -> bool:
        """Set aside what a send may cost at most, as soon as it fits; False where it never will."""
        ...

    def settle(self, amount: int, cost: int | None) -> None:
        """A send is over. None: nobody knows what it cost, so all that was set aside counts."""
        ...


def purse(cap: int) -> Purse:
    """datagen's own guard under `cap`."""
    return Budget(cap, 0)


class Send(NamedTuple):
    """One request of a schedule. It costs `cost` of the `most` that it can, whether or not anybody hears of it."""

    seconds: float
    most: int
    cost: int
    told: bool
    """Whether usage comes back; else it timed out, or the reply had none."""


class Schedule(NamedTuple):
    """A run, drawn."""

    cap: int
    flight: int
    sends: tuple[Send, ...]
    killed: float | None
    """Seconds after which all that is in flight is cancelled, and its cost unknown."""


class Played(NamedTuple):
    """What came of a schedule."""

    billed: int
    sent: int
    stopped: bool
    """Whether the cap ended it."""


def draw(seed: int) -> Schedule:
    """A schedule. Half of the caps are below what the sends cost together."""
    rng = random.Random(seed)
    sends = tuple(_send(rng) for _ in range(rng.randint(1, 200)))
    cap = int(sum(send.cost for send in sends) * rng.uniform(0.05, 2))
    killed = rng.uniform(0, 0.02) if rng.random() < 0.3 else None
    return Schedule(cap, rng.randint(1, 64), sends, killed)


def _send(rng: random.Random) -> Send:
    most = rng.randint(1, 10**9)
    cost = most if rng.random() < 0.1 else rng.randint(0, most)
    return Send(rng.uniform(0, 0.004), most, cost, rng.random() > 0.15)


async def play(schedule: Schedule, guard: Purse) -> Played:
    """Ask as a run does: set aside, send, settle; the bill is written the moment something is sent."""
    left, billed, sent, stopped = iter(schedule.sends), 0, 0, False

    async def work() -> None:
        nonlocal billed, sent, stopped
        for send in left:
            if stopped or not await guard.set_aside(send.most):
                stopped = True
                return
            billed, sent = billed + send.cost, sent + 1
            told = False
            try:
                await asyncio.sleep(send.seconds)
                told = send.told
            finally:
                guard.settle(send.most, send.cost if told else None)

    workers = asyncio.gather(*(work() for _ in range(schedule.flight)))
    with suppress(TimeoutError):
        await asyncio.wait_for(workers, schedule.killed)
    return Played(billed, sent, stopped)


def measure(bench: Bench) -> Iterator[Figure]:
    """How many schedules were billed more than their cap, and how much of a cap is used where it ended the run."""
    count = bench.size(1000, 50)
    over, used, stopped = 0, [], 0
    for seed in range(count):
        schedule = draw(seed)
        played = asyncio.run(play(schedule, purse(schedule.cap)))
        over += played.billed > schedule.cap
        if played.stopped and schedule.cap:
            stopped += 1
            used.append(played.billed / schedule.cap)
    yield Figure("budget", "schedules billed above their cap", (float(over),), "", "0", f"of {count:,} at random")
    yield Figure("budget", "cap used where it ended the run", tuple(used), "x", note=f"{stopped:,} schedules")
