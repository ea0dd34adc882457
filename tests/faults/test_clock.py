"""A wall clock that jumps: it is written down, but nothing waits by it."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from datagen.mockserver.latency import parse
from tests.faults.helpers import QUERIES, adds_up, attempts, digests, run, script, serving

DAY = 86400.0


@pytest.mark.slow
@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_a_clock_that_jumps_a_day_changes_no_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: dict[str, str], jump: float
) -> None:
    """F9: in the middle of a run with waits in it, once for good and then to and fro."""
    true, calls = time.time, itertools.count()

    def jumping() -> float:
        number = next(calls)
        return true() + (jump if number > 20 else 0.0) + (jump if number % 2 else 0.0)

    limited = {"fault": "429", "headers": {"retry-after-ms": "400"}}
    failing = {"fault": "503", "headers": {"retry-after": "1"}}
    entries = ({"fault": "ok", "times": 12}, limited, {"fault": "ok", "times": 8}, failing)
    with serving(script=script(*entries), latency=parse("0.02")) as server:
        monkeypatch.setattr(time, "time", jumping)
        outcome = run(server, tmp_path / "run")
        monkeypatch.undo()
        told = server.at_rest()
    assert next(calls) > 30
    adds_up(outcome, told)
    assert outcome.states.kept == QUERIES
    assert (told["requests"], told["billed"], told["repeated"]) == (QUERIES + 2, QUERIES, 0)
    assert digests(tmp_path / "run") == calm
    (first,) = [event["t"] for event in server.events("refused") if event["status"] == 429]
    assert_silent(server.arrivals(), first + 0.1, first + 0.39)
    assert all(sent > 0 and ended > 0 for sent, ended in attempts(tmp_path / "run", "sent", "ended"))


def assert_silent(arrivals: list[float], start: float, end: float) -> None:
    """Nothing came between two moments of the server's clock; what was on its way at the first had until then."""
    assert [at for at in arrivals if start < at < end] == []
