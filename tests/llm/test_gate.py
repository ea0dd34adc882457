"""The gate: first come, first served, nobody is forgotten, and whoever is cancelled gives the place back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.llm.circuit import IN_A_ROW, Circuit
from datagen.llm.gate import Gate
from datagen.llm.pace import Pace, Ticket
from datagen.schema import Failure, Response

GOOD = Response(query_id="q", text="x")
LIMITED = Response(query_id="q", error=Failure(reason="rate-limited", message="", again=True, wait=900.0))
OUT = Response(query_id="q", error=Failure(reason="connection", message="", again=True))


def back(gate: Gate, ticket: Ticket, response: Response | None) -> None:
    """A request is done with, answered or not."""
    if response is not None:
        gate.heard(ticket, response)
    gate.leave()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


async def ticks(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def gate_of(ceiling: int, **limits: float) -> Gate:
    return Gate(Pace(ceiling, **limits), Circuit())


async def entered(gate: Gate) -> Ticket:
    ticket = await gate.enter(1.0)
    assert ticket is not None
    return ticket


def test_who_waits_longest_goes_first_and_each_return_lets_one_in() -> None:
    async def work() -> None:
        gate, order = gate_of(1), []

        async def one(number: int) -> None:
            ticket = await entered(gate)
            order.append(number)
            await ticks()
            assert gate.pace.in_flight == 1
            back(gate, ticket, GOOD)

        await asyncio.gather(*map(one, range(20)))
        assert order == list(range(20))
        assert gate.pace.in_flight == 0

    run(work())


@pytest.mark.parametrize("why", ["window", "limit", "asked", "outage"])
def test_whoever_waits_for_whatever_is_sent_away_when_it_is_shut(why: str) -> None:
    async def work() -> None:
        gate = gate_of(1) if why == "window" else gate_of(8, rpm=1) if why == "limit" else gate_of(8)
        back(gate, await entered(gate), LIMITED if why == "asked" else GOOD)
        held = [await entered(gate)] if why == "window" else []
        for _ in range(IN_A_ROW if why == "outage" else 0):
            gate.circuit.saw(OUT, asyncio.get_running_loop().time())
        waiting = [asyncio.create_task(gate.enter(1.0)) for _ in range(9)]
        await ticks()
        assert not any(task.done() for task in waiting)
        gate.shut()
        assert await asyncio.gather(*waiting) == [None] * 9
        assert await gate.enter(1.0) is None
        for ticket in held:
            back(gate, ticket, None)
        assert gate.pace.in_flight == 0

    run(work())


def test_the_place_of_one_who_was_cancelled_while_waiting_goes_to_the_next() -> None:
    async def work() -> None:
        gate = gate_of(1)
        ticket = await entered(gate)
        first, second = (asyncio.create_task(gate.enter(1.0)) for _ in range(2))
        await ticks()
        first.cancel()
        await ticks()
        back(gate, ticket, GOOD)
        assert await second is not None
        assert gate.pace.in_flight == 1

    run(work())


def test_one_who_is_cancelled_just_as_the_turn_comes_gives_it_back() -> None:
    async def work() -> None:
        gate = gate_of(1)
        ticket = await entered(gate)
        first, second = (asyncio.create_task(gate.enter(1.0)) for _ in range(2))
        await ticks()
        back(gate, ticket, GOOD)  # the turn is first's, who does not know it yet
        first.cancel()
        assert await second is not None
        assert first.cancelled()
        assert gate.pace.in_flight == 1

    run(work())


def test_a_wait_that_was_asked_for_is_everybodys() -> None:
    async def work() -> None:
        gate = gate_of(8)
        back(gate, await entered(gate), LIMITED)
        waiting = [asyncio.create_task(gate.enter(1.0)) for _ in range(3)]
        await ticks()
        assert not any(task.done() for task in waiting)
        gate.pace.held_until = 0.0
        gate._pump()
        assert None not in await asyncio.gather(*waiting)

    run(work())


def test_the_clock_lets_in_without_any_return() -> None:
    async def work() -> None:
        gate = gate_of(8, rpm=60_000)
        for _ in range(1005):  # a second's worth, and a few that wait for their millisecond
            back(gate, await entered(gate), GOOD)

    run(work())


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 5), st.lists(st.sampled_from(["enter", "leave", "lose", "cancel", "tick"]), max_size=60))
def test_however_they_come_and_go_no_place_is_lost(ceiling: int, steps: list[str]) -> None:
    async def work() -> None:
        gate, inside = gate_of(ceiling), []
        waiting: list[asyncio.Task[Ticket | None]] = []
        for number, step in enumerate(steps):
            if step == "enter":
                waiting.append(asyncio.create_task(gate.enter(1.0)))
            elif step == "cancel" and waiting:
                waiting[number % len(waiting)].cancel()
            elif step in ("leave", "lose") and inside:
                back(gate, inside.pop(), GOOD if step == "leave" else None)
            else:
                await ticks()
            inside += [ticket for task in waiting if task.done() and not task.cancelled() and (ticket := task.result())]
            waiting = [task for task in waiting if not task.done()]
            assert gate.pace.in_flight <= ceiling
        while waiting or inside:
            await ticks()
            inside += [ticket for task in waiting if task.done() and not task.cancelled() and (ticket := task.result())]
            waiting = [task for task in waiting if not task.done()]
            if inside:
                back(gate, inside.pop(), GOOD)
        assert gate.pace.in_flight == 0

    run(work())
