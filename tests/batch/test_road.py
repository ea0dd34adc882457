"""A run by batch from end to end, at a mock server over real HTTP: however batches end, each answer is bought once."""

from __future__ import annotations

import errno
import hashlib
import signal
from pathlib import Path
from typing import Any

import pytest

import datagen.batch.packing
import datagen.llm.batch_api
from datagen import LedgerError, Settings, SetupError, Stopped, cancel_batches, collect_batches, generate
from datagen.batch.road import Batching
from datagen.batch.sending import TRIES
from datagen.keys import Key
from datagen.llm.batch_api import OpenAIBatches, RemoteBatch
from tests.batch.helpers import account, adds_up, batching, bills, by_batch, outcomes
from tests.faults.helpers import QUERIES, SAMPLES, Listener, attempts, digests, run

TEXTS = ("llava.json", "messages.jsonl", "rejects.jsonl")


def same(folder: Path, calm: dict[str, str]) -> bool:
    """Whether its records are those of the live road (provenance tells the requests' own ids)."""
    return all(digests(folder)[name] == calm[name] for name in TEXTS)


def test_the_same_bytes_go_out_and_the_same_records_come_of_it(tmp_path: Path, calm: dict[str, str]) -> None:
    with batching() as server:
        run(server, tmp_path / "live")
        live = {event["key"] for event in server.events("billed")}
        server.reset()
        outcome = by_batch(server, tmp_path / "run", batch_requests=20)
        billed = bills(server)
    assert {row["key"] for row in billed} == live
    assert len(billed) == QUERIES
    assert [batch.shard.requests for batch in outcome.batches] == [20, 20, 8]
    assert same(tmp_path / "run", calm)
    assert not list((tmp_path / "run" / "batches").iterdir())


def test_it_comes_back_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with batching(tick=0, validating=60, working=600) as server:
        first = by_batch(server, tmp_path / "run", wait=False)
        second = by_batch(server, tmp_path / "run", wait=False)
        assert (first.open_batches, second.open_batches) == (1, 1)
        assert second.states.pending == QUERIES
        assert account(server)["calls"] == {"upload": 1, "create": 1, "retrieve": 1}


def test_what_failed_in_it_is_submitted_again(tmp_path: Path, calm: dict[str, str]) -> None:
    lines = {"500": "10%", "missing": "6%", "twice": "6%", "unknown": "6%", "torn": "6%", "both": "6%", "glued": "4%"}
    listener = Listener()
    with batching(lines=lines) as server:
        outcome = by_batch(server, tmp_path / "run", observer=listener, attempts=9)
        told = account(server)
    adds_up(outcome)
    assert same(tmp_path / "run", calm)
    assert len(outcome.batches) > 1
    assert any("lines that are not as they should be" in line for line in listener.said)
    unheard = sum(each.get("batch-missing", 0) for each in outcomes(outcome))
    assert told["billed"] <= QUERIES + unheard, "what was bought again had not been delivered"


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_what_a_batch_delivered_before_its_end_is_kept(tmp_path: Path, calm: dict[str, str], end: str) -> None:
    with batching(each=[{"end": end, "share": 0.5}]) as server:
        outcome = by_batch(server, tmp_path / "run")
        told = account(server)
    half = QUERIES // 2
    assert outcomes(outcome) == [{"answered": half, f"batch-{end}": half}, {"answered": half}]
    assert (told["billed"], told["repeated"]) == (QUERIES, 0)
    assert same(tmp_path / "run", calm)


def test_a_batch_without_its_files_is_asked_again_and_its_money_stays_aside(tmp_path: Path) -> None:
    with batching(each=[{"without": "both", "blank": True}, {"bare": True}]) as server:
        outcome = by_batch(server, tmp_path / "run", price="1,1", max_tokens=1000)
    assert outcomes(outcome) == [{"batch-missing": QUERIES}, {"answered": QUERIES}]
    assert outcome.spent.held > 0


def test_an_expired_batch_with_no_list_of_errors_was_not_run(tmp_path: Path) -> None:
    with batching(each=[{"end": "expired", "without": "error"}]) as server:
        outcome = by_batch(server, tmp_path / "run", price="1,1", max_tokens=1000)
    assert outcomes(outcome)[0] == {"answered": QUERIES // 2, "batch-expired": QUERIES // 2}
    assert outcome.spent.held == 0


@pytest.mark.parametrize(
    "calls",
    [
        {"upload": ["drop-after", "drop-before"], "create": ["drop-after"]},
        {"create": ["drop-before", {"status": 500}, {"fault": "429", "headers": {"retry-after": "3"}}]},
        {"create": ["html", "ok", "empty"], "list": ["503", "drop-after"]},
        {"retrieve": ["503", "html", "drop-after"], "content": ["short", "truncate", "drop-after", "503"]},
        {"list-files": {"then": "404"}, "upload": ["drop-after"]},
    ],
    ids=["dropped", "refused", "unread", "looks", "no-list"],
)
def test_whatever_calls_meet_with_nothing_is_made_twice(
    tmp_path: Path, calm: dict[str, str], calls: dict[str, Any]
) -> None:
    with batching(calls=calls) as server:
        outcome = by_batch(server, tmp_path / "run", batch_requests=30)
        told = account(server)
    assert (told["batches"], told["billed"], told["repeated"]) == (2, QUERIES, 0)
    assert outcomes(outcome) == [{"answered": 30}, {"answered": 18}]
    assert same(tmp_path / "run", calm)


def test_files_and_lists_that_are_late_are_waited_for(tmp_path: Path) -> None:
    with batching(arrives=5, late=30, appears=3, calls={"create": ["drop-after"]}) as server:
        outcome = by_batch(server, tmp_path / "run")
        told = account(server)
    assert (told["batches"], told["billed"]) == (1, QUERIES)
    assert outcome.states.kept == QUERIES


def test_what_cannot_be_had_yet_is_left_for_the_next_time(tmp_path: Path) -> None:
    listener = Listener()
    with batching(late=1000) as server:
        by_batch(server, tmp_path / "run", wait=False)
        outcome = by_batch(server, tmp_path / "run", wait=False, observer=listener)
        assert outcome.batches[0].shard.state == "ended"
        assert any("cannot be had yet" in line for line in listener.said)
        for _ in range(200):
            account(server)
        server_clock(server, 2000)
        assert by_batch(server, tmp_path / "run", wait=False).states.kept == QUERIES


def server_clock(server: Any, seconds: int) -> None:
    import urllib.request

    body = b'{"seconds": %d}' % seconds
    urllib.request.urlopen(server.address.replace("/v1", "/clock"), data=body, timeout=30).close()


def test_the_cap_holds_at_half_the_price(tmp_path: Path) -> None:
    given = {"price": "2,2", "max_tokens": 400, "max_cost": 0.05}
    listener = Listener()
    with batching(price="1,1") as server:
        with pytest.raises(Stopped, match=r"--max-cost \$0\.05.*one more request could cost"):
            by_batch(server, tmp_path / "run", observer=listener, **given)
        told = account(server)
        assert 0.03 < told["dollars"] <= 0.05
        assert any("the rest waits for open batches" in line for line in listener.said)
        outcome = by_batch(server, tmp_path / "run", **{**given, "max_cost": 1})
        told = account(server)
    assert outcome.states.kept == QUERIES
    assert outcome.spent.settled / 10**12 == pytest.approx(told["dollars"])
    assert outcome.price == "--price, half of it by batch"


def test_one_road_never_asks_what_the_other_has(tmp_path: Path, calm: dict[str, str]) -> None:
    with batching(tick=0, working=60) as server:
        by_batch(server, tmp_path / "run", limit=8, wait=False)
        outcome = run(server, tmp_path / "run", limit=8)
        assert (outcome.open_batches, outcome.states.pending) == (1, 24)
        assert server.stats()["requests"] == 0, "all of it is in the batch"
        outcome = run(server, tmp_path / "run")
        assert (outcome.states.kept, outcome.states.pending) == (24, 24)
        server_clock(server, 1000)
        outcome = by_batch(server, tmp_path / "run", wait=False)
        assert account(server)["on_both_roads"] == 0
        assert (account(server)["billed"], server.stats()["billed"]) == (24, 24)
    assert outcome.states.kept == QUERIES
    assert same(tmp_path / "run", calm)


def test_bad_replies_are_drawn_again_and_those_that_stay_bad_are_rejected(tmp_path: Path) -> None:
    with batching(at={"1": "length", "2": "garbled"}) as server:
        outcome = by_batch(server, tmp_path / "run", attempts=2)
        told = attempts(tmp_path / "run", "outcome", "reason")
    assert len(outcome.batches) == 2
    assert outcome.states.kept == QUERIES - 2
    assert sum(1 for word, _ in told if word == "spoiled") == 2


def test_a_bad_reply_is_mended_by_batch(tmp_path: Path) -> None:
    with batching(each=[{"at": {"1": "garbled"}}]) as server:
        by_batch(server, tmp_path / "run", repair=1)
        (changed,) = {row["custom_id"] for row in bills(server)[QUERIES:]}
        asked = attempts(tmp_path / "run", "sha256")
    assert changed
    assert sum(sha is not None for (sha,) in asked) <= 1


def test_each_is_submitted_so_many_times_and_no_more(tmp_path: Path) -> None:
    with batching(lines={"500": "100%"}) as server:
        outcome = by_batch(server, tmp_path / "run", attempts=3)
        again = by_batch(server, tmp_path / "run", attempts=3)
    assert outcomes(outcome) == [{"server-error": QUERIES}] * 3
    assert again.states.failed == {"server-error": QUERIES}
    assert len(again.batches) == 3


def test_ctrl_c_while_it_waits_ends_the_waiting_and_nothing_else(tmp_path: Path) -> None:
    def pressed(_seconds: float) -> None:
        raise KeyboardInterrupt

    listener = Listener()
    with batching(tick=0, working=60) as server:
        outcome = by_batch(server, tmp_path / "run", pause=pressed, observer=listener)
        assert outcome.interrupted == signal.SIGINT
        assert outcome.open_batches == 1
        server_clock(server, 1000)
        assert by_batch(server, tmp_path / "run", wait=False).states.kept == QUERIES
        assert account(server)["batches"] == 1
    assert any("the batches go on at the provider's" in line for line in listener.said)


def test_what_ended_before_it_could_be_cancelled_is_no_refusal(tmp_path: Path) -> None:
    listener = Listener()
    with batching(tick=0, working=3600, cancelling=60, each=[{"working": 1}]) as server:
        settings = Settings(model="any", base_url=server.address)
        by_batch(server, tmp_path / "run", wait=False, batch_requests=30)
        server_clock(server, 60)
        outcome = cancel_batches(tmp_path / "run", settings, key=Key(None), observer=listener)
        assert [batch.shard.status for batch in outcome.batches] == ["completed", "cancelling"]
        assert "batch 1: completed before it was cancelled" in listener.said[0]
        server_clock(server, 60)
        assert collect_batches(tmp_path / "run", settings, key=Key(None)).states.kept == 30


def test_no_more_time_than_it_was_given(tmp_path: Path) -> None:
    with batching(tick=0, working=60) as server:
        outcome = by_batch(server, tmp_path / "run", max_time=0.01)
    assert outcome.ended.out_of_time
    assert outcome.open_batches == 1


def test_the_mock_that_is_built_in_takes_none(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="takes no batches"):
        generate([SAMPLES], Settings(model="mock"), tmp_path / "run", batch=Batching())


def test_nobody_answers(tmp_path: Path) -> None:
    settings = Settings(model="any", base_url="http://127.0.0.1:9/v1")
    listener, manner = Listener(), Batching(pause=lambda _: None)
    with pytest.raises(Stopped, match="batch 1 could not be submitted"):
        generate([SAMPLES], settings, tmp_path / "run", observer=listener, batch=manner)
    assert sum("batch 1: not submitted yet" in line for line in listener.said) == TRIES - 1
    listener.said.clear()
    settings = settings.model_copy(update={"max_wait": 0.0})
    with pytest.raises(Stopped, match="batch 1 could not be submitted"):
        generate([SAMPLES], settings, tmp_path / "run", observer=listener, batch=manner)
    assert not any("not submitted yet" in line for line in listener.said)


def test_an_orphan_is_found_behind_pages_of_others(tmp_path: Path) -> None:
    with batching(calls={"create": [{"fault": "drop-after", "times": 1}]}) as server:
        provider = OpenAIBatches(server.address, None, 60, lambda _: None)
        path = tmp_path / "one.jsonl"
        path.write_bytes(b'{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}}\n')
        with pytest.raises(Stopped):
            by_batch(server, tmp_path / "run", wait=False, pause=_Crowd(provider, path))
        outcome = by_batch(server, tmp_path / "run")
        told = account(server)
        provider.close()
    assert (told["batches"], len(outcome.batches)) == (251, 1)
    assert outcome.states.kept == QUERIES


class _Crowd:
    """A pause in which somebody else makes many batches, and which nobody comes back from."""

    def __init__(self, provider: OpenAIBatches, path: Path) -> None:
        self._provider, self._path = provider, path

    def __call__(self, _seconds: float) -> None:
        for _ in range(250):
            self._provider.create(self._provider.upload(self._path, "theirs.jsonl"), {})
        raise Stopped("killed")


def test_files_of_requests_stay_until_they_are_submitted(tmp_path: Path) -> None:
    with batching(calls={"create": {"then": "503"}}) as server:
        with pytest.raises(Stopped, match="batch 1 could not be submitted"):
            by_batch(server, tmp_path / "run")
        (file,) = (tmp_path / "run" / "batches").iterdir()
        assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(file.stem)
        (tmp_path / "run" / "batches" / "left.part").touch()
    with batching() as server:
        by_batch(server, tmp_path / "elsewhere")
        outcome = by_batch(server, tmp_path / "run")
    assert outcome.open_batches == 1, "it is another provider's to end"
    assert not (tmp_path / "run" / "batches" / "left.part").exists()


@pytest.mark.parametrize("name", ["fsync", "write"])
def test_a_full_disk_ends_it_with_a_message_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with batching() as server:
        if name == "write":
            (tmp_path / "run").mkdir()
            by_batch(server, tmp_path / "run", wait=False)
        with monkeypatch.context() as patch:
            patch.setattr(datagen.llm.batch_api.os if name == "write" else datagen.batch.packing.os, "fsync", full)
            with pytest.raises(LedgerError, match="cannot be written: No space left"):
                by_batch(server, tmp_path / "run")
        outcome = by_batch(server, tmp_path / "run")
        told = account(server)
    assert outcome.states.kept == QUERIES
    assert (told["batches"], told["billed"]) == (1, QUERIES)


def test_where_its_files_cannot_lie_it_says_so(tmp_path: Path) -> None:
    with batching() as server:
        run(server, tmp_path / "run", limit=1)
        (tmp_path / "run" / "batches").write_text("in the way")
        with pytest.raises(LedgerError, match="batches: cannot be written"):
            by_batch(server, tmp_path / "run")


def test_a_status_that_nobody_knows_is_waited_out(tmp_path: Path) -> None:
    listener, seen = Listener(), iter(["paused", "paused", "<b>\x1b[31mred"])

    class Odd(OpenAIBatches):
        def batch(self, batch: str) -> RemoteBatch:
            told = super().batch(batch)
            return told._replace(status=next(seen, told.status))

    with batching() as server:
        settings = Settings(model="any", base_url=server.address)
        manner = Batching(wait=True, pause=lambda _: None, provider=lambda *_: Odd(server.address, None, 60, print))
        outcome = generate([SAMPLES], settings, tmp_path / "run", batch=manner, observer=listener)
    assert outcome.states.kept == QUERIES
    odd = [line for line in listener.said if "whatever that is" in line]
    assert len(odd) == 2
    assert "\x1b" not in "".join(odd)
