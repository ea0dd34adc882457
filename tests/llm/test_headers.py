"""What headers tell of limits and waits; whatever else stands there is left out, and nothing is raised."""

from __future__ import annotations

import email.utils
import math
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datagen.llm.headers import duration, retry_after, windows
from datagen.schema import Window

LONGEST = 366 * 86400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1), ("6m0s", 360), ("12ms", 0.012), ("0.5", 0.5), ("1h2m3.5s", 3723.5), ("2m59.56s", 179.56),
        ("1d", 86400),
        ("", None), (None, None), ("soon", None), ("1s?", None), ("-1s", None), ("-1", None),
        ("nan", None), ("inf", None),
        ("1735689600", None), ("9" * 400 + "s", None), ("99999d", None), ("2026-01-01T00:00:00Z", None),
    ],
)  # fmt: skip
def test_durations(text: str | None, seconds: float | None) -> None:
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None), ({"retry-after": "3"}, 3), ({"retry-after-ms": "1500"}, 1.5), ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25), ({"retry-after-ms": "x", "retry-after": "2"}, 2),
        ({"retry-after": "600"}, 600), ({"retry-after": "-1"}, None), ({"retry-after": "nan"}, None),
        ({"retry-after": "1e300"}, None), ({"retry-after": "tomorrow"}, None),
    ],
)  # fmt: skip
def test_waits(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_to_wait_for() -> None:
    wait = retry_after({"retry-after": email.utils.formatdate(time.time() + 500, usegmt=True)})
    assert wait is not None
    assert 490 < wait <= 500
    assert retry_after({"retry-after": email.utils.formatdate(time.time() - 500, usegmt=True)}) is None


def test_a_limit_is_told_whole_or_not_at_all() -> None:
    told = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"}
    assert windows(told) == (Window("requests", 60, 59, None),)
    assert windows({**told, "x-ratelimit-reset-requests": "1s"}) == (Window("requests", 60, 59, 1.0),)
    assert windows({"x-ratelimit-limit-tokens": "60"}) == ()
    assert windows({**told, "x-ratelimit-limit-requests": "0"}) == ()
    assert windows({**told, "x-ratelimit-limit-requests": "1e-320"}) == ()
    assert windows({**told, "x-ratelimit-remaining-requests": "-4"}) == ()


WORDS = st.one_of(
    st.text(max_size=20),
    st.from_regex(r"\A-?\d{1,25}(\.\d{1,9})?(ms|s|m|h|d|e\d{1,3})?\Z"),
    st.floats().map(str),
    st.sampled_from(
        ["Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 0000 07:28:00 -9999", "Fri, 31 Dec 9999 23:59:59 GMT"]
    ),
)


@given(WORDS, WORDS, WORDS)
@example("Fri, 31 Dec 9999 23:59:59 -2359", "9" * 400 + "h", "1e400")
def test_garbage_raises_nothing_and_tells_nothing_absurd(one: str, two: str, three: str) -> None:
    wait = retry_after({"retry-after": one, "retry-after-ms": two})
    assert wait is None or 0 <= wait < LONGEST
    found = duration(three)
    assert found is None or 0 <= found < LONGEST
    names = ("limit", "remaining", "reset")
    told = {f"x-ratelimit-{name}-tokens": word for name, word in zip(names, (one, two, three), strict=True)}
    for window in windows(told):
        assert 1 <= window.limit < math.inf
        assert 0 <= window.remaining < math.inf
