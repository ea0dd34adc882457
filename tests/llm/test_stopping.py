"""Wherever a worker waits, the end of the run ends its wait: when somebody says stop, and when another worker fails.

And what an outage costs: few sends while it lasts, no attempt of any request, full speed after one good answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from datagen.errors import DatagenError, LedgerError, ProviderError, Stopped
from datagen.llm import fanout
from datagen.llm.circuit import IN_A_ROW, Allowance
from datagen.llm.course import Job
from datagen.llm.fanout import Limits, ask_all
from datagen.money import Budget, Price
from datagen.schema import Failure, Fault, Request, Response, Usage

FLIGHT = 6


def fine(query: str) -> Response:
    return Response(query_id=query, text="x", usage=Usage(0, 0))


def failed(query: str, reason: str = "server-error", wait: float | None = 0.0) -> Response:
    return Response(query_id=query, error=Failure(reason=reason, message="no", again=True, wait=wait))


class Stage:
    """A backend and a journal. `q0` waits for the end of the others' ways, and then is what the test wants."""

    def __init__(self, answer: Callable[[str], Response], *, last: BaseException | None) -> None:
        self.answer, self.last = answer, last
        self.stop, self.stuck = asyncio.Event(), asyncio.Event()
        self.sends: list[str] = []
        self.disk_hangs = False
        self.raises: BaseException | None = None

    async def ask(self, request: Request) -> Response:
        self.sends.append(request.id)
        if request.id != "q0":
            await asyncio.sleep(0)
            return self.answer(request.id)
        await asyncio.sleep(0.03)  # by then the others wait where they do
        if self.last is not None:
            raise self.last
        self.stop.set()
        return fine("q0")

    async def aclose(self) -> None: ...

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None:
        if self.disk_hangs and request.id != "q0":
            await self.stuck.wait()

    async def done(self, response: Response, cost: int | None) -> None:
        if self.raises is not None and response.error is None:
            raise self.raises

    async def looked(self, response: Response, fault: Fault) -> str | None:
        return None if response.error else fault(response)

    def final(self, request: Request) -> None: ...


def run(stage: Stage, budget: Budget | None = None, **limits: float) -> None:
    async def main() -> None:
        jobs = (Job(Request(id=f"q{n}", body=b"{}")) for n in range(1000))
        bounds = Limits(concurrency=FLIGHT, reply_limit=10, grace=0.05, last_wait=0.05)._replace(**limits)
        price = Price(1, 1, "") if budget else None
        await ask_all(stage, jobs, stage, bounds, stage.stop, budget, price)

    asyncio.run(asyncio.wait_for(main(), 20))


def slowly(query: str) -> Response:
    return failed(query, wait=600.0)


PLACES = {
    "gate, a limit": (fine, {"rpm": 1.0}),
    "gate, a wait that was asked for": (lambda query: failed(query, "rate-limited", 600.0), {}),
    "gate, a circuit": (failed, {"attempts": 1000, "probe_every": 600.0}),
    "backing off": (slowly, {}),
    "the disk": (fine, {}),
    "money": (fine, {}),
    "the allowance of repetitions": (failed, {"attempts": 1000}),
}


@pytest.mark.parametrize(
    "last", [None, ProviderError("bad key"), LedgerError("full"), Stopped("enough"), RuntimeError("bug")]
)
@pytest.mark.parametrize("place", PLACES)
def test_the_end_reaches_everybody(place: str, last: Exception | None, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, limits = PLACES[place]
    stage = Stage(answer, last=last)
    stage.disk_hangs = place == "the disk"
    budget = Budget(12 + 5, 0) if place == "money" else None  # one at a time fits
    if place == "the allowance of repetitions":
        monkeypatch.setattr(Allowance, "spend", lambda *_: False)
    if place == "gate, a circuit":
        monkeypatch.setattr(fanout.Circuit, "is_open", True)
        monkeypatch.setattr(fanout.Circuit, "wait", lambda *_: 0.0 if not stage.sends else 600.0)
    if last is None:
        run(stage, budget, **limits)
    else:
        with pytest.raises(type(last), match=str(last)):
            run(stage, budget, **limits)
    assert "q0" in stage.sends
    assert len(stage.sends) < 100
    if budget is not None:
        assert budget.aside == 0


def test_the_first_failure_is_told_and_not_what_came_of_it() -> None:
    async def main() -> None:
        class Two(Stage):
            async def ask(self, request: Request) -> Response:
                if request.id == "q0":
                    await asyncio.sleep(0.02)
                    raise ProviderError("second")
                raise ProviderError("first")

        stage = Two(fine, last=None)
        jobs = (Job(Request(id=f"q{n}", body=b"{}")) for n in range(2))
        with pytest.raises(DatagenError, match="first"):
            await ask_all(stage, jobs, stage, Limits(concurrency=2), stage.stop)

    asyncio.run(asyncio.wait_for(main(), 20))


@pytest.mark.parametrize("error", [LedgerError("full"), RuntimeError("bug")])
def test_when_the_journal_breaks_nobody_waits_and_no_money_is_forgotten(error: Exception) -> None:
    stage = Stage(fine, last=None)
    stage.raises = error
    budget = Budget(12 * 3, 0)
    with pytest.raises(type(error)):
        run(stage, budget)
    assert budget.aside == 0
    assert budget.spent == 12 * len(stage.sends)  # nobody knows what is on disk: all of it counts


class Outage:
    """Answers, but for a while."""

    def __init__(self, out: float) -> None:
        self.out, self.began = out, 0.0
        self.sends: list[float] = []
        self.good = 0

    async def ask(self, request: Request) -> Response:
        self.sends.append(time.monotonic())
        await asyncio.sleep(0.001)
        if self.good >= 50:
            self.began = self.began or time.monotonic()
            if time.monotonic() - self.began < self.out:
                return failed(request.id, "connection")
        self.good += 1
        return fine(request.id)

    async def aclose(self) -> None: ...

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None: ...

    async def done(self, response: Response, cost: int | None) -> None: ...

    async def looked(self, response: Response, fault: Fault) -> str | None:
        return None

    def final(self, request: Request) -> None: ...


def test_an_outage_is_met_with_probes_costs_no_attempt_and_is_over_with_one_good_answer() -> None:
    server, every = Outage(0.3), 0.05

    async def main() -> None:
        jobs = (Job(Request(id=f"q{n}", body=b"{}")) for n in range(400))
        limits = Limits(concurrency=FLIGHT, attempts=20, probe_every=every)
        await ask_all(server, jobs, server, limits, asyncio.Event())

    asyncio.run(asyncio.wait_for(main(), 20))
    assert server.good == 400
    end = server.began + server.out
    during = sum(server.began <= sent < end for sent in server.sends)
    assert during <= IN_A_ROW + FLIGHT + server.out / every + 1
    assert len(server.sends) <= 400 + IN_A_ROW + 2 * FLIGHT + server.out / every + 1


def test_rate_limits_cost_no_attempt() -> None:
    counts: dict[str, int] = {}

    def busy(query: str) -> Response:
        counts[query] = counts.get(query, 0) + 1
        return failed(query, "rate-limited", 1e-6) if counts[query] < 30 else fine(query)

    class Busy(Stage):
        async def ask(self, request: Request) -> Response:
            return self.answer(request.id)

    async def main() -> None:
        stage = Busy(busy, last=None)
        jobs = (Job(Request(id=f"q{n}", body=b"{}")) for n in range(5))
        await ask_all(stage, jobs, stage, Limits(concurrency=5, attempts=2), stage.stop)

    asyncio.run(asyncio.wait_for(main(), 20))
    assert set(counts.values()) == {30}
