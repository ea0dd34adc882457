"""The cap: whatever comes back, or does not, what the provider bills stays below it, and what fits under it is spent.

The schedules run the real asking over a provider that is a counter; its bill is written the moment something is sent.
"""

from __future__ import annotations

import asyncio
import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.errors import Stopped
from datagen.llm.course import Job
from datagen.llm.fanout import Limits, ask_all
from datagen.money import DOLLAR, Budget, Price, dollars, worst
from datagen.schema import Failure, Fault, Request, Response, Usage

PRICE = Price(3, 11, "test")
REPLY = 50


class Row(NamedTuple):
    """An attempt in the ledger."""

    reserved: int
    cost: int | None = None


class World:
    """A provider that bills, a ledger that lasts, and a run that is killed now and then."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.requests = [
            Request(id=f"q{n}", body=bytes(self.rng.randint(1, 99))) for n in range(self.rng.randint(1, 25))
        ]
        whole = sum(self.worst(request) for request in self.requests)
        self.cap = int(whole * self.rng.uniform(0, 1.5))
        self.flight = self.rng.randint(1, 64)
        self.trouble = self.rng.choice([0, 0, 0.2, 0.6])
        self.bill = 0
        self.rows: list[Row] = []
        self.open: dict[str, int] = {}
        self.answered: set[str] = set()
        self.stop = asyncio.Event()
        self.kill_at = self.rng.randint(1, 60) if self.rng.random() < 0.5 else None

    def worst(self, request: Request) -> int:
        amount = worst(len(request.body), REPLY, PRICE)
        assert amount is not None
        return amount

    @property
    def spent(self) -> int:
        """As the ledger adds it up."""
        return sum(row.reserved if row.cost is None else row.cost for row in self.rows)

    async def _pass(self, most: int) -> None:
        for _ in range(self.rng.randint(0, most)):
            if self.kill_at is not None:
                self.kill_at -= 1
                if self.kill_at <= 0:
                    self.stop.set()
            await asyncio.sleep(0)

    async def ask(self, request: Request) -> Response:
        most = self.worst(request)
        prompt = self.rng.randint(0, len(request.body))
        usage = Usage(prompt, self.rng.choice([REPLY, self.rng.randint(0, REPLY)]))
        if self.rng.random() < 0.1:
            usage = Usage(len(request.body), REPLY)
        cost = PRICE.of(usage)
        assert cost is not None
        assert cost <= most
        if self.rng.random() < self.trouble:
            return await self._fail(request, cost)
        self.bill += cost
        await self._pass(12)
        return Response(query_id=request.id, text="x", usage=usage if self.rng.random() < 0.85 else Usage(prompt, None))

    async def _fail(self, request: Request, cost: int) -> Response:
        reason, billed = self.rng.choice([("timeout", True), ("rate-limited", False), ("server-error", False)])
        self.bill += cost if billed else 0
        await self._pass(12)
        failure = Failure(reason=reason, message="", again=True, wait=1e-6, perhaps_billed=billed)
        return Response(query_id=request.id, error=failure)

    async def aclose(self) -> None: ...

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None:
        assert aside is not None
        self.open[request.id] = len(self.rows)
        self.rows.append(Row(aside))
        await self._pass(3)

    async def done(self, response: Response, cost: int | None) -> None:
        number = self.open.pop(response.query_id)
        self.rows[number] = self.rows[number]._replace(cost=cost)
        if response.error is None:
            self.answered.add(response.query_id)
        await self._pass(3)

    async def looked(self, response: Response, fault: Fault) -> str | None:
        return None

    def final(self, request: Request) -> None: ...

    @property
    def left(self) -> list[Request]:
        return [request for request in self.requests if request.id not in self.answered]

    async def run(self) -> bool:
        """Until it is killed or ends; whether the cap ended it."""
        budget = Budget(self.cap, self.spent)
        limits = Limits(concurrency=self.flight, attempts=3, grace=0.0, reply_limit=REPLY, probe_every=0.001)
        try:
            await ask_all(self, (Job(request) for request in self.left), self, limits, self.stop, budget, PRICE)
        except Stopped as stopped:
            if "--max-cost" not in str(stopped):
                return False
            assert budget.spent == self.spent
            assert budget.aside == 0
            assert self.cap - self.spent < max(map(self.worst, self.left)), "one more would have fitted"
            return True
        assert budget.aside == 0
        assert budget.spent == self.spent or (self.stop.is_set() and budget.spent > self.spent)  # killed while it wrote
        return False


async def _play(seed: int) -> bool:
    world = World(seed)
    while True:
        stopped = await world.run()
        assert world.bill <= world.spent <= world.cap
        if not world.stop.is_set():
            return stopped
        world.stop.clear()
        world.kill_at = None


@pytest.mark.slow
def test_a_thousand_schedules_and_no_bill_above_the_cap() -> None:
    async def main() -> list[bool]:
        return [await _play(seed) for seed in range(1000)]

    stopped = asyncio.run(asyncio.wait_for(main(), 100))
    assert 200 < sum(stopped) < 900  # both ends are seen


def test_what_does_not_fit_waits_for_what_turns_out_cheaper() -> None:
    async def main() -> None:
        budget = Budget(100, 10)
        assert await budget.set_aside(80)
        waiting = [asyncio.create_task(budget.set_aside(20)) for _ in range(4)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        budget.settle(80, 30)
        assert [await task for task in waiting[:3]] == [True] * 3
        budget.settle(20, 20)
        budget.settle(20, None)
        await asyncio.sleep(0)
        assert not waiting[3].done()  # 80 spent, 20 aside
        budget.settle(20, 20)
        assert await waiting[3] is False
        assert (budget.spent, budget.aside) == (100, 0)

    asyncio.run(asyncio.wait_for(main(), 20))


def test_nobody_waits_once_it_is_shut() -> None:
    async def main() -> None:
        budget = Budget(100, 0)
        assert await budget.set_aside(100)
        waiting = [asyncio.create_task(budget.set_aside(1)) for _ in range(9)]
        await asyncio.sleep(0)
        budget.shut()
        assert not any(await asyncio.gather(*waiting))
        assert budget.aside == 100

    asyncio.run(asyncio.wait_for(main(), 20))


def test_a_cancelled_wait_sets_nothing_aside() -> None:
    async def main() -> None:
        budget = Budget(100, 0)
        assert await budget.set_aside(100)
        waiting = asyncio.create_task(budget.set_aside(1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        budget.settle(100, 0)
        assert (budget.spent, budget.aside) == (0, 0)

    asyncio.run(asyncio.wait_for(main(), 20))


@pytest.mark.parametrize(("cap", "amount"), [(None, 10**30), (None, None), (5, None), (0, 0), (5, 5)])
def test_what_fits_does_not_wait(cap: int | None, amount: int | None) -> None:
    assert asyncio.run(Budget(cap, 0).set_aside(amount))


def test_what_never_fits_is_refused_at_once() -> None:
    assert not asyncio.run(Budget(4, 0).set_aside(5))
    assert not asyncio.run(Budget(4, 9).set_aside(0))


@given(st.binary(max_size=500), st.integers(0, 1000), st.integers(0, 10**9), st.integers(0, 10**9), st.data())
def test_no_request_costs_more_than_its_worst(body: bytes, reply: int, one: int, two: int, data: st.DataObject) -> None:
    price = Price(one, two, "")
    usage = Usage(data.draw(st.integers(0, len(body))), data.draw(st.integers(0, reply)))
    cost, most = price.of(usage), worst(len(body), reply, price)
    assert cost is not None
    assert most is not None
    assert 0 <= cost <= most
    assert price.of(Usage(1, None)) is price.of(Usage(None, 1)) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"), (DOLLAR, "$1.00"), (1234 * DOLLAR, "$1,234.00"), (DOLLAR // 1000, "$0.0010"),
        (DOLLAR // 10**6, "$1e-06"),
    ],
)  # fmt: skip
def test_amounts_for_people(amount: int, text: str) -> None:
    assert dollars(amount) == text
