"""A server that is out is left alone but for a probe now and then; repetitions have an allowance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.llm.circuit import IN_A_ROW, Allowance, Circuit, is_outage
from datagen.schema import Failure, Response

GOOD = Response(query_id="q", text="x")


def failed(reason: str) -> Response:
    return Response(query_id="q", error=Failure(reason=reason, message="", again=True))


def opened(every: float = 30.0) -> Circuit:
    circuit = Circuit(every)
    circuit.saw(GOOD, 0.0)
    for _ in range(IN_A_ROW):
        assert not circuit.is_open
        assert circuit.wait(1.0) == 0
        circuit.saw(failed("server-error"), 1.0)
    assert circuit.is_open
    return circuit


def test_one_probe_each_time_and_back_after_one_good_answer() -> None:
    circuit = opened()
    assert circuit.wait(1.0) == 30
    assert circuit.wait(31.0) == 0
    assert circuit.is_open
    circuit.sent(31.0)
    assert circuit.wait(31.0) == 30
    circuit.saw(failed("timeout"), 40.0)
    assert circuit.wait(40.0) == 21
    assert circuit.open_since == 1.0
    assert circuit.is_open
    circuit.sent(61.0)
    circuit.saw(GOOD, 62.0)
    assert not circuit.is_open
    assert circuit.wait(62.0) == 0
    circuit.sent(62.0)
    assert not circuit.is_open
    assert circuit.open_since is None


@pytest.mark.parametrize("reason", ["rate-limited", "too-long", "bad-request", "moderated"])
def test_a_server_that_says_no_is_there(reason: str) -> None:
    circuit = opened()
    circuit.saw(failed(reason), 31.0)
    assert not circuit.is_open


@pytest.mark.parametrize("reason", ["server-error", "timeout", "connection", "not-a-completion"])
def test_what_an_outage_looks_like(reason: str) -> None:
    assert is_outage(failed(reason))
    assert not is_outage(GOOD)


def test_a_server_that_was_never_there_is_not_out() -> None:
    circuit = Circuit()
    for _ in range(1000):
        circuit.saw(failed("connection"), 0.0)
    assert not circuit.is_open


def test_a_success_between_starts_the_count_anew() -> None:
    circuit = Circuit()
    for _ in range(10):
        circuit.saw(GOOD, 0.0)
        for _ in range(IN_A_ROW - 1):
            circuit.saw(failed("timeout"), 0.0)
    assert not circuit.is_open


@given(st.lists(st.tuples(st.floats(0, 40), st.booleans()), max_size=200))
def test_probes_are_never_closer_than_they_should_be(steps: list[tuple[float, bool]]) -> None:
    circuit, now, last = opened(), 1.0, 1.0
    for passed, comes_back in steps:
        now += passed
        if circuit.wait(now) == 0:
            assert circuit.is_open
            circuit.sent(now)
            assert now - last >= 30 - 1e-9
            last = now
        if comes_back:
            circuit.saw(failed("timeout"), now)
        assert circuit.wait(now) <= 30 + 1e-9


def test_an_allowance_is_spent_earned_and_trickles() -> None:
    allowance = Allowance(2, 0.5, 10.0, 0.0)
    assert [allowance.spend(0.0) for _ in range(3)] == [True, True, False]
    allowance.earn(False)
    assert not allowance.spend(0.0)
    allowance.earn(False)
    assert allowance.spend(0.0)
    allowance.earn(True)
    assert allowance.spend(0.0)
    assert not allowance.spend(4.0)
    assert allowance.spend(10.0)
    assert [allowance.spend(1e6) for _ in range(3)] == [True, True, False]


@given(st.lists(st.tuples(st.sampled_from(["try", "good", "again"]), st.floats(0, 5)), max_size=200))
def test_repetitions_are_never_more_than_allowed(steps: list[tuple[str, float]]) -> None:
    allowance, now, spent, earned = Allowance(10, 0.5, 2.0, 0.0), 0.0, 0, 0.0
    for what, passed in steps:
        now += passed
        if what == "try":
            spent += allowance.spend(now)
        else:
            allowance.earn(what == "again")
            earned += 1.5 if what == "again" else 0.5
        assert spent <= 10 + earned + now / 2.0 + 1e-6
