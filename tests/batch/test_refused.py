"""Batches that a provider will not run: one line's fault, everybody's, too much at once, or nobody there who could."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen import ProviderError, Stopped
from tests.batch.helpers import account, adds_up, batching, by_batch, outcomes
from tests.faults.helpers import QUERIES, run


def test_a_line_that_fails_the_whole_batch_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    wrong = {"code": "invalid_json_line", "message": "no JSON", "line": 3, "param": None}
    with batching(each=[{"end": "failed", "errors": [wrong]}]) as server:
        outcome = by_batch(server, tmp_path / "run")
        again = by_batch(server, tmp_path / "run")
        told = account(server)
        assert outcomes(outcome) == [{"batch-failed": QUERIES - 1, "line-invalid-json-line": 1}, {"answered": 47}]
        assert outcome.states.failed == {"line-invalid-json-line": 1}
        assert again.batches == outcome.batches, "it is not put into another"
        assert told["billed"] == QUERIES - 1
        assert run(server, tmp_path / "run").states.kept == QUERIES, "the other road may ask it"


@pytest.mark.parametrize(("named", "whole"), [(range(1, 49), True), (range(1, 11), True), (range(2, 12), False)])
def test_lines_without_end_are_no_lines_own_fault(tmp_path: Path, named: range, whole: bool) -> None:
    wrong = [{"code": "model_mismatch", "message": "no", "line": line, "param": None} for line in named]
    with batching(each=[{"end": "failed", "errors": wrong}]) as server:
        if whole:
            with pytest.raises(ProviderError, match="refused as a whole"):
                by_batch(server, tmp_path / "run")
        assert by_batch(server, tmp_path / "run").states.kept == QUERIES - (0 if whole else len(named))


def test_a_batch_refused_as_a_whole_stops_after_the_others_are_in(tmp_path: Path) -> None:
    wrong = {"code": "model_not_found", "message": "no such model", "line": None, "param": None}
    with batching(each=[{"end": "failed", "errors": [wrong]}]) as server:
        with pytest.raises(ProviderError, match="batch 1 was refused as a whole: model_not_found: no such model"):
            by_batch(server, tmp_path / "run", batch_requests=30)
        outcome = by_batch(server, tmp_path / "run")
    assert outcomes(outcome) == [{"batch-failed": 30}, {"answered": 18}, {"answered": 30}]


def test_too_many_tokens_at_once_wait_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.batch.road._FIRST_HOLD", 0.0)
    with batching(enqueued=40_000) as server:
        outcome = by_batch(server, tmp_path / "run", batch_requests=20)
        told = account(server)
    adds_up(outcome)
    assert outcome.states.kept == QUERIES
    assert (told["billed"], told["repeated"]) == (QUERIES, 0)


def test_a_batch_that_could_never_fit_is_made_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.batch.road._FIRST_HOLD", 0.0)
    with batching(enqueued=40_000) as server:
        outcome = by_batch(server, tmp_path / "run")
    assert outcomes(outcome)[0] == {"batch-withdrawn": QUERIES}
    assert outcome.states.kept == QUERIES
    assert all(batch.shard.tokens <= 40_000 for batch in outcome.batches[1:])


def test_tokens_that_may_wait_can_be_told(tmp_path: Path) -> None:
    with batching(enqueued=40_000) as server:
        outcome = by_batch(server, tmp_path / "run", batch_tokens=30_000)
        assert account(server)["batches"] == len(outcome.batches) >= 3
    assert all(batch.outcomes.keys() == {"answered"} for batch in outcome.batches)


def test_a_server_that_knows_no_batches_says_so(tmp_path: Path) -> None:
    with batching(calls={"upload": {"then": "404"}}) as server, pytest.raises(ProviderError, match="404") as caught:
        by_batch(server, tmp_path / "run")
    assert "--export-batch" in caught.value.hint


def test_a_batch_that_is_not_there_is_not_given_up(tmp_path: Path) -> None:
    with batching(tick=0) as server:
        by_batch(server, tmp_path / "run", wait=False)
        server.reset()
        with pytest.raises(ProviderError, match=r"batch 1 .* is not there") as caught:
            by_batch(server, tmp_path / "run", wait=False)
        assert "the account" in caught.value.hint
        assert account(server)["batches"] == 0


@pytest.mark.parametrize(("fault", "error"), [("401", ProviderError), ("quota", ProviderError), ("503", Stopped)])
def test_what_the_provider_refuses_is_told_apart_from_what_it_cannot_now(
    tmp_path: Path, fault: str, error: type[Exception]
) -> None:
    with batching(calls={"upload": {"then": fault}}) as server, pytest.raises(error):
        by_batch(server, tmp_path / "run")
    with batching() as server:
        outcome = by_batch(server, tmp_path / "run", base_url=server.address, wait=False)
    assert outcome.batches[0].shard.state == "intended", "it is for the other address"
