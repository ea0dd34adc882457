"""Pace against simulated servers: the limit is used, hardly anything is refused, waits are kept, nothing ever hangs.

simulated.py is the server and the clock. Where a figure is looser than 98 %, the reason stands beside it.
"""

from __future__ import annotations

import math
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.llm.pace import Guess, Pace, Ticket
from datagen.schema import Failure, Response, Usage, Window
from tests.llm.simulated import Seen, World, play

LONG = partial(pytest.param, marks=pytest.mark.slow)
"""The same with more requests: it costs a second."""


def back(pace: Pace, ticket: Ticket, response: Response | None, now: float) -> None:
    """A request is done with, answered or not."""
    if response is not None:
        pace.heard(ticket, response, now)
    pace.leave()


def check(world: World, used: float = 0.98, share: float = 0.005, few: int = 12) -> Seen:
    seen = play(world)
    assert seen.used >= used, seen
    assert seen.share < share or seen.limited <= few, seen
    assert seen.early == 0, seen
    least, most = min(seen.sends), max(seen.sends)
    assert most - least <= 4 + most * (0.1 if world.spread == 0 else 0.6), seen  # answers differ in length, workers not
    return seen


@pytest.mark.parametrize("bank", [1, 60])
@pytest.mark.parametrize(
    ("rpm", "latency", "spread", "flight"),
    [(600, 0.3, 0, 9), (600, 5, 0.8, 150), LONG(6000, 1, 0.5, 300), LONG(60_000, 0.2, 0.3, 500)],
)
def test_a_limit_of_requests_is_used(bank: float, rpm: int, latency: float, spread: float, flight: int) -> None:
    seconds, warm = (200, 90) if rpm < 60_000 else (25, 5)  # a full bank is used up at once, or is still there then
    check(World(rpm, bank=bank, latency=latency, spread=spread, flight=flight, seconds=seconds, warm=warm))


@pytest.mark.parametrize("latency", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("retry_after", [True, False])
def test_one_a_second_and_no_bank(latency: float, *, retry_after: bool) -> None:
    """Whoever comes a moment early is refused, so everybody comes a moment late: that costs a few per cent."""
    world = World(rpm=60, latency=latency, spread=0.5, flight=20, seconds=600, retry_after=retry_after)
    assert play(world).used >= 0.93
    assert play(world).limited <= 12
    check(world._replace(bank=60))


@pytest.mark.parametrize("tpm", [30_000, 300_000, LONG(900_000)])
@pytest.mark.parametrize(("latency", "spread"), [(1, 0.5), (5, 0.8)])
def test_a_limit_of_tokens_is_used(tpm: int, latency: float, spread: float) -> None:
    flight = int(max(6, tpm / 60 / 570 * latency * 3))
    world = World(tpm=tpm, bank=60, latency=latency, spread=spread, flight=min(1000, flight), seconds=300, warm=120)
    check(world)
    check(world._replace(charge="settled"), used=0.97)
    check(world._replace(charge="most"), used=0.95, share=0.02)  # what it charges is learnt from what it refuses
    check(world._replace(at_answer=True), used=0.96, few=30)


@pytest.mark.parametrize("tpm", [300_000, LONG(3_000_000)])
def test_a_limit_of_tokens_without_a_bank_is_used(tpm: int) -> None:
    check(World(tpm=tpm, latency=1, spread=0.5, flight=int(tpm / 60 / 570 * 3)))


def test_both_limits_at_once() -> None:
    check(World(rpm=600, tpm=300_000, bank=60, latency=2, spread=0.5, flight=64))
    check(World(rpm=600, tpm=900_000, bank=1, latency=2, spread=0.5, flight=64))


@pytest.mark.slow
def test_a_server_that_counts_when_it_answers() -> None:
    check(World(rpm=600, bank=60, at_answer=True, latency=1, spread=0.5, flight=60), share=0.02)
    check(World(rpm=6000, at_answer=True, latency=1, spread=0.5, flight=400))


@pytest.mark.parametrize("rpm", [60, 600, LONG(2000)])
@pytest.mark.parametrize("flight", [64, 200])
def test_windows_that_start_full_each_minute_are_used(rpm: int, flight: int) -> None:
    world = World(rpm=rpm, fixed=True, flight=flight, latency=0.5, spread=0.3, seconds=300, warm=120)
    for told in (world, world._replace(whole_seconds=True)):
        seen = play(told)
        assert seen.used >= 0.98
        assert seen.limited <= 60
        assert seen.early == 0
    untold = play(world._replace(retry_after=False))
    assert untold.used >= 0.98
    assert untold.limited <= 160 * 5  # a handful each minute, and what was on its way: 2,000 a minute before


@pytest.mark.parametrize("headers", [True, False])
@pytest.mark.parametrize("at_once", [1, 4, 16])
def test_a_refusal_that_no_limit_explains_is_backed_off_from(at_once: int, *, headers: bool) -> None:
    """A full server that tells of its limits, none of them reached, was sent 1,500 requests a second."""
    world = World(rpm=60_000, bank=60, headers=headers, at_once=at_once, flight=64, latency=1, spread=0.3)
    seen = play(world)
    assert seen.answered > 0.75 * at_once * world.seconds / 1.05
    assert seen.limited < 1.2 * world.seconds
    assert min(seen.sends) > 0


@pytest.mark.parametrize("retry_after", [LONG(True), LONG(False)])
def test_a_server_that_tells_nothing(*, retry_after: bool) -> None:
    world = World(headers=False, retry_after=retry_after, latency=1, spread=0.3, warm=60)
    check(world._replace(rpm=600, bank=60, flight=64), share=0.05)
    check(world._replace(rpm=3000, bank=60, flight=250), share=0.04)
    check(world._replace(rpm=3000, flight=250), used=0.9, share=0.04)
    assert play(world._replace(flight=500, seconds=20)).limited == 0


def test_without_limits_all_workers_are_at_work_after_the_first_answer() -> None:
    seen = play(World(headers=False, flight=1000, latency=1, seconds=30, warm=10))
    assert seen.answered >= 1000 * (30 - 3)


def test_limits_that_the_user_gave_are_kept_whatever_the_server_tells() -> None:
    told = play(World(rpm=600, given=True, flight=64, latency=1, spread=0.3))
    assert told.limited <= 3
    silent = play(World(rpm=600, given=True, headers=False, flight=64, latency=1, spread=0.3))
    assert silent.answered <= 600 * 5 + 10
    assert silent.used >= 0.95


def test_two_a_minute_and_many_workers() -> None:
    """Those that a cold start sends in vain were counted as if the server had: four minutes without a send."""
    world = World(rpm=2, fixed=True, whole_seconds=True, flight=32, latency=0.1, seconds=660, warm=60)
    assert play(world).answered >= 20
    assert play(world._replace(fixed=False, bank=60)).answered >= 20


@pytest.mark.slow
@settings(deadline=None, max_examples=40, derandomize=True)  # one in many thousands may be slow, and is no fault
@given(
    st.builds(
        World,
        rpm=st.none() | st.floats(2, 3000), tpm=st.none() | st.floats(2000, 2e6), bank=st.floats(0.5, 60),
        fixed=st.booleans(), at_answer=st.booleans(), charge=st.sampled_from(["usage", "settled", "most"]),
        headers=st.booleans(), retry_after=st.booleans(), whole_seconds=st.booleans(), flight=st.integers(1, 60),
        latency=st.floats(0.05, 20), spread=st.floats(0, 1.5), at_once=st.none() | st.integers(1, 20),
        way=st.floats(0.005, 0.5), given=st.booleans(), seed=st.integers(0, 99), seconds=st.just(240.0),
    )
)  # fmt: skip
def test_no_server_makes_it_hang_or_break_a_wait(world: World) -> None:
    seen = play(world)
    assert seen.early == 0
    assert seen.answered > 0 or world.retry_after or world.latency > 5
    slowest = max(60 / (world.rpm or 1e9), 60 * 1600 / (world.tpm or 1e9))  # seconds for one request
    overdrawn = world.flight if world.at_answer else 0
    assert seen.idle <= 70 + (5 + overdrawn) * slowest + 60 * world.latency


NUMBERS = st.floats(0, 1e15) | st.integers(0, 1000).map(float)
WINDOWS = st.builds(
    Window,
    st.sampled_from(["requests", "tokens"]),
    NUMBERS.map(lambda x: x + 1),
    NUMBERS,
    st.none() | st.floats(0, 3e7),
)
COUNTS = st.none() | st.integers(0, 10**9)
RESPONSES = st.builds(
    Response,
    query_id=st.just("q"),
    usage=st.builds(Usage, COUNTS, COUNTS),
    windows=st.lists(WINDOWS, max_size=2).map(tuple),
    error=st.none()
    | st.builds(
        Failure, reason=st.sampled_from(["rate-limited", "timeout"]), message=st.just(""), again=st.just(True),
        wait=st.none() | st.floats(0, 3e7),
    ),
)  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(st.none() | RESPONSES, st.floats(0, 1000), st.floats(1, 1e6)), max_size=60), st.integers(1, 9)
)
def test_whatever_a_server_says_it_goes_on_and_keeps_its_word(
    steps: list[tuple[Response | None, float, float]], ceiling: int
) -> None:
    pace, now = Pace(ceiling), 1000.0
    out: list[Ticket] = []
    for response, passed, tokens in steps:
        now += passed
        wait = pace.wait(tokens, now)
        if wait == 0:
            out.append(pace.enter(tokens, now))
        else:
            assert out if wait is None else 0 < wait < math.inf  # somebody has to come back, or the clock to move
        assert pace.in_flight == len(out) <= ceiling
        if out and passed > 300:
            back(pace, out.pop(0), response, now)
            error = response.error if response else None
            if error and error.reason == "rate-limited" and error.wait:
                left = pace.wait(1.0, now)
                assert left is None or left >= error.wait - 1e-6


def test_a_limit_for_a_day_is_not_taken_for_one_of_a_minute() -> None:
    pace = Pace(8)
    ticket = pace.enter(100, 0.0)
    back(pace, ticket, Response(query_id="q", windows=(Window("requests", 14_400, 10, 86_340.0),)), 1.0)
    for _ in range(10):
        assert pace.wait(100, 1.0) == 0
        back(pace, pace.enter(100, 1.0), Response(query_id="q"), 1.0)
    wait = pace.wait(100, 1.0)
    assert wait is not None
    assert 5 < wait < 7


def test_a_guess_follows_what_came_back() -> None:
    guess = Guess(300.0)
    assert guess.of(bytes(400)) == 400
    for _ in range(100):
        guess.learn(bytes(400), Usage(200, 50))
        guess.learn(bytes(400), Usage(None, 7))
    assert guess.of(bytes(400)) == pytest.approx(250, rel=0.01)


@pytest.mark.parametrize(
    ("ceiling", "latency", "at_once"), [(1000, 1.0, 200), (1000, 0.05, 200), (300, 1.0, 64), (64, 1.0, 64)]
)
def test_a_round_s_sends_are_spread_and_none_is_held_back_for_a_round(
    ceiling: int, latency: float, at_once: int
) -> None:
    pace = Pace(ceiling)
    back(pace, pace.enter(1.0, 0.0), Response(query_id="q"), latency)
    sent: list[float] = []
    now = latency
    while (wait := pace.wait(1.0, now)) is not None:
        if wait == 0:
            pace.enter(1.0, now)
            sent.append(now)
        now += wait
    assert sum(when == latency for when in sent) in (at_once, at_once - 1), "the first answer's own is still counted"
    assert len(sent) == ceiling
    assert sent[-1] - latency < latency
