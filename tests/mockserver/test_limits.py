"""Token buckets on a clock of our own: never more than the bank and what ran in; and what they tell is true."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.mockserver.limits import Bucket, Limits, Refused, duration, retry_headers

gaps = st.lists(st.floats(0, 90, allow_nan=False), max_size=60)
rates = st.integers(1, 100_000)
bursts = st.floats(0.5, 120)


def seconds(told: str) -> float:
    """OpenAI's durations, read back."""
    if told.endswith("ms") and "m0" not in told:
        return float(told[:-2]) / 1000
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(\d+(?:\.\d+)?)s", told)
    assert found, told
    hours, minutes, rest = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest


@given(rates, bursts, gaps)
def test_never_more_requests_than_the_bank_and_what_ran_in(rpm: int, burst: float, gaps: list[float]) -> None:
    limits, now, accepted = Limits(rpm, None, burst, 0.0), 0.0, []
    for gap in gaps:
        now += gap
        for _ in range(3):
            if limits.admit(0, now) is None:
                accepted.append(now)
    for first in range(len(accepted)):  # in any stretch of time, not only from the start
        took = accepted[-1] - accepted[first]
        assert len(accepted) - first <= rpm / 60 * (burst + took) + 1e-6


@given(rates, bursts, st.lists(st.tuples(st.floats(0, 30), st.integers(1, 5000), st.integers(0, 6000)), max_size=60))
def test_never_more_tokens_than_the_bank_what_ran_in_and_what_is_owed(
    tpm: int, burst: float, asked: list[tuple[float, int, int]]
) -> None:
    limits, now, charged = Limits(None, tpm, burst, 0.0), 0.0, 0
    for gap, estimate, used in asked:
        now += gap
        if limits.admit(estimate, now) is None:
            charged += estimate
            assert charged <= tpm / 60 * (burst + now) + 1e-6
            limits.settle(estimate, used, now)
            charged += used - estimate


@given(rates, bursts, st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3000)), max_size=40))
def test_who_waits_as_long_as_was_said_gets_in(tpm: int, burst: float, asked: list[tuple[float, int]]) -> None:
    limits, now = Limits(tpm, tpm, burst, 0.0), 0.0
    for gap, tokens in asked:
        now += gap
        refused = limits.admit(tokens, now)
        if refused is None:
            continue
        told = retry_headers(refused.wait)
        if refused.wait is None:
            assert refused.needed > tpm / 60 * burst - 1e-6
            assert told == {}
            continue
        assert float(told["retry-after"]) * 1000 >= float(told["retry-after-ms"]) >= refused.wait * 1000 - 1e-3
        assert limits.admit(tokens, now + refused.wait * 0.99 - 1e-5) is not None, "and not before"
        now += float(told["retry-after-ms"]) / 1000 + 1e-8
        assert limits.admit(tokens, now) is None


@given(rates, bursts, st.integers(0, 200), st.floats(0, 100))
def test_what_is_said_to_remain_is_there_and_no_more(rpm: int, burst: float, taken: int, later: float) -> None:
    limits = Limits(rpm, None, burst, 0.0)
    for _ in range(taken):
        limits.admit(0, 0.0)
    told = limits.headers(later)
    assert told["x-ratelimit-limit-requests"] == str(rpm)
    remaining = int(told["x-ratelimit-remaining-requests"])
    bucket = limits.buckets["requests"]
    assert remaining <= bucket.level + 1e-6 < remaining + 1 + 2e-6
    bucket.fill(later + seconds(told["x-ratelimit-reset-requests"]) + 1e-8)
    assert bucket.level == pytest.approx(bucket.capacity)


def test_the_worse_of_two_limits_is_the_one_that_is_told() -> None:
    limits = Limits(60, 6000, 2, 0.0)
    assert limits.admit(150, 0.0) is None
    assert limits.admit(150, 0.0) == Refused("tokens", 6000, 150, pytest.approx(1.0))
    assert limits.admit(50, 0.0) is None
    assert limits.admit(1, 0.0) == Refused("requests", 60, 1, pytest.approx(1.0))
    assert limits.admit(201, 0.0) == Refused("tokens", 6000, 201, None), "more than the bank ever holds"


def test_a_refusal_takes_nothing() -> None:
    limits = Limits(60, 60, 10, 0.0)
    before = limits.headers(0.0)
    for _ in range(5):
        assert limits.admit(11, 0.0) is not None
    assert limits.headers(0.0) == before


def test_what_was_too_much_comes_back_and_what_was_too_little_is_owed() -> None:
    limits = Limits(None, 60, 100, 0.0)
    limits.admit(80, 0.0)
    limits.settle(80, 30, 0.0)
    assert limits.headers(0.0)["x-ratelimit-remaining-tokens"] == "70"
    limits.settle(0, 100, 0.0)
    assert limits.headers(0.0)["x-ratelimit-remaining-tokens"] == "0"
    assert limits.admit(1, 30.0) is not None
    assert limits.admit(1, 31.0) is None


def test_a_clock_that_stands_still_gives_nothing() -> None:
    bucket = Bucket(60, 1, 5.0)
    bucket.take(1)
    bucket.fill(4.0)
    assert (bucket.level, bucket.at) == (0.0, 5.0)


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0s"), (0.0115, "12ms"), (0.9999, "1s"), (1.5, "1.5s"), (59.9999, "1m0s"), (360, "6m0s"), (90.95, "1m30.95s"),
     (3600, "1h0m0s")],
)  # fmt: skip
def test_durations_are_written_as_openai_writes_them(number: float, told: str) -> None:
    assert duration(number) == told


@given(st.floats(0, 1e6))
def test_a_duration_is_never_too_short(number: float) -> None:
    assert number - 1e-6 <= seconds(duration(number)) <= number + 0.001 + 1e-6
