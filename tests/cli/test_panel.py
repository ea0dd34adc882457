"""How an asking goes, in words that fit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from datagen import Pulse
from datagen.cli.panel import Panel
from datagen.money import DOLLAR
from datagen.schema import Failure, Response, Usage

ANSWER = Response(query_id="q", usage=Usage(900, 100))
LIMITED = Response(query_id="q", error=Failure(reason="rate-limited", message="", again=True))


class Clock:
    """It stands still until it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def running(clock: Clock, answers: int = 100, seconds: float = 30.0) -> Panel:
    """A panel that has seen answers come in evenly, a cent each after the first two dollars."""
    panel = Panel(clock)
    panel.asking(1000)
    panel.beat(Pulse(0, 2 * DOLLAR, 20 * DOLLAR))
    for number in range(1, answers + 1):
        clock.now = seconds * number / answers
        panel.heard(ANSWER, None)
        panel.beat(Pulse(32, 2 * DOLLAR + number * DOLLAR // 100, 20 * DOLLAR, 500, 200_000))
    return panel


def test_all_that_matters_is_told() -> None:
    panel = running(Clock())
    panel.heard(ANSWER, "grammar")
    panel.heard(LIMITED, None)
    assert panel.lines(200) == [
        "1 bad replies (grammar 1) · 1 attempts failed (rate-limited 1) · 32 in flight",
        "204 of 500 requests/min · 202.0k of 200.0k tokens/min · cost $3.00 · likely $12.00 in all · cap $20.00",
    ]
    assert panel.plain().startswith("100 of 1000 answered, 1 bad replies (grammar 1), ")


def test_speed_is_that_of_the_last_minute() -> None:
    clock = Clock()
    panel = running(clock)
    for _ in range(120):
        clock.now += 1
        panel.beat(Pulse(0, 0, None))
    assert panel.lines(200)[1].startswith("0 requests/min")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_what_has_no_room_is_left_out(width: int) -> None:
    told = running(Clock()).lines(width)
    assert told
    assert all(0 < len(line) <= width for line in told)


def test_a_wait_is_told() -> None:
    panel = Panel(Clock())
    panel.asking(10)
    panel.beat(Pulse(3, 0, None, held=42.0))
    assert panel.lines(80)[0] == "waiting 42 s for the server · 3 in flight"
    panel.beat(Pulse(3, 0, None, held=600.0))
    assert panel.lines(80)[0].startswith("waiting 10 min")


def test_nothing_is_told_that_is_not_known() -> None:
    panel = Panel(Clock())
    panel.asking(10)
    assert panel.lines(80) == []
    assert panel.plain() == "0 of 10 answered"


def many(panel: Panel) -> Iterator[str]:
    for reason in ("cut", "cut", "grammar", "echo", "refusal", "empty"):
        panel.heard(ANSWER, reason)
    yield from panel.lines(200)


def test_the_most_frequent_reasons_only() -> None:
    clock = Clock()
    clock.now = 5.0
    (line, *_) = many(Panel(clock))
    assert line == "6 bad replies (cut 2, grammar 1, echo 1, …)"
