"""Servers that say wait, no, or nothing: waits are kept to the end, refusals end it at once, outages are sat out."""

from __future__ import annotations

import asyncio
import email.utils
import itertools
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import tenacity

from datagen import ProviderError, Stopped, status
from datagen.llm import course
from datagen.llm.fanout import Limits, ask_all
from datagen.llm.openai_chat import OpenAIChat
from datagen.mockserver.faults import parse as mix
from datagen.mockserver.latency import parse
from tests.faults import virtual
from tests.faults.helpers import QUERIES, adds_up, attempts, digests, finish, left, run, script, serving, start

pytestmark = pytest.mark.slow


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two attempts at the same it waits a fiftieth of what it would."""
    monkeypatch.setattr(course, "_JITTER", tenacity.wait_random_exponential(multiplier=0.01, max=0.6))


def later(seconds: int) -> str:
    return email.utils.format_datetime(datetime.fromtimestamp(int(time.time()) + seconds, UTC), usegmt=True)


@pytest.mark.parametrize("form", ["retry-after", "retry-after-ms", "date"])
def test_nothing_is_sent_before_a_wait_is_over(tmp_path: Path, calm: dict[str, str], form: str) -> None:
    """F10: all eight in flight are told to wait two seconds; by the server's clock nobody comes before."""
    until = float(int(time.time()) + 3)
    said = {"retry-after": "2", "retry-after-ms": "2000", "date": later(3)}[form]
    told_all = {"fault": "429", "headers": {form.replace("date", "retry-after"): said}, "latency": 0.3, "times": 8}
    with serving(script=script(told_all)) as server:
        outcome = run(server, tmp_path / "run")
        told = server.at_rest()
    adds_up(outcome, told)
    assert (told["requests"], told["refused"], told["billed"], told["repeated"]) == (QUERIES + 8, 8, QUERIES, 0)
    refused, accepted = server.events("refused"), server.events("accepted")
    if form != "date":
        assert min(one["t"] for one in accepted) >= max(one["t"] for one in refused) + 2
    else:
        assert min(sent for (sent,) in attempts(tmp_path / "run", "sent")[8:]) >= until - 0.01
    assert digests(tmp_path / "run") == calm


def test_a_wait_that_makes_no_sense_is_none(tmp_path: Path, calm: dict[str, str]) -> None:
    """F10: a wait beyond five seconds would stop this run. A billion milliseconds could be meant, a billion seconds
    cannot."""
    entries: list[object] = ["ok"]
    for said in ("-5", "1e9", "soon", "NaN", "inf", "", "Thu, 99 Foo 2999", later(-60)):
        for name in ("retry-after", "retry-after-ms"):
            value = "1e20" if (name, said) == ("retry-after-ms", "1e9") else said
            entries += [{"fault": "429", "headers": {name: value}}, "ok"]
    with serving(script=script(*entries), rpm=600_000) as server:
        outcome = run(server, tmp_path / "run", max_wait=5, concurrency=1)
        told = server.at_rest()
    adds_up(outcome, told)
    assert (told["requests"], told["refused"], told["billed"]) == (QUERIES + 16, 16, QUERIES)
    assert digests(tmp_path / "run") == calm


@pytest.mark.parametrize("wait", [121.0, 500.0, 890.0])
def test_long_waits_are_kept_in_full(monkeypatch: pytest.MonkeyPatch, wait: float) -> None:
    """F10: above 120 seconds too, by everybody, on a virtual clock."""
    backend = virtual.Backend(lambda n, t: virtual.failed("rate-limited", wait) if n == 20 else None)
    journal = virtual.Memory()
    work = ask_all(backend, virtual.jobs(100), journal, Limits(concurrency=8), asyncio.Event())
    virtual.run(work, monkeypatch)
    told = backend.sent[20][0] + 0.01
    assert backend.between(told + 0.001, told + wait - 0.001) == 0
    assert backend.between(told + wait - 0.001, told + wait + 1) >= 1
    assert len(backend.sent) == 101
    assert set(journal.answers.values()) == {1}


def test_a_server_error_that_says_how_long_is_waited_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """F10: by the request that met it; the others go on."""
    backend = virtual.Backend(lambda n, t: virtual.failed("server-error", 300.0) if n == 5 else None)
    virtual.run(
        ask_all(backend, virtual.jobs(50), virtual.Memory(), Limits(concurrency=8), asyncio.Event()), monkeypatch
    )
    hit = backend.sent[5][1]
    first, second = (at for at, request in backend.sent if request == hit)
    assert second - first > 299.99
    assert backend.between(0, 60) == 50


def test_a_wait_beyond_all_patience_stops_it(tmp_path: Path, calm: dict[str, str]) -> None:
    """F10, `--max-wait`: code 3, what was answered is kept, and the hint says when to go on."""
    entries = [{"fault": "ok", "times": 10}, {"fault": "429", "headers": {"retry-after": "600"}, "times": 99}]
    with serving(script=script(*entries), latency=parse("0.05")) as server:
        code, _out, err = finish(start(server, tmp_path / "run", "--max-wait", "60"))
        told = server.at_rest()
    assert code == 3, err
    assert "asks to wait 600 seconds" in err
    assert "hint: after that, run the same command again" in err
    assert told["refused"] <= 8
    adds_up(status(tmp_path / "run"), told)
    assert len(left(tmp_path / "run").answers) == told["billed"] == 10
    with serving() as server:
        run(server, tmp_path / "run")
        assert server.at_rest()["requests"] == QUERIES - 10
    assert digests(tmp_path / "run") == calm


NO_ACCESS = {"status": 403, "body": {"error": {"message": "Project has no access to this model", "code": None}}}
REFUSALS = {
    "quota": ("quota", "no quota left", "add credit"),
    "401": ("401", "the key was not accepted", "OPENAI_API_KEY"),
    "404": ("404", "no such model or address", "check --model"),
    "403": (NO_ACCESS, "access was refused", "have the model?"),
    "402": ({"status": 402, "body": "Payment required"}, "no quota left", "add credit"),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("before", [0, 20])
def test_who_refuses_everything_is_not_asked_on(tmp_path: Path, calm: dict[str, str], name: str, before: int) -> None:
    """F11: from the first request on, or after twenty: no more than were in flight meet it, and nothing is bought twice
    when it is mended."""
    fault, says, hint = REFUSALS[name]
    entries = [{"fault": "ok", "times": before}] if before else []
    with serving(script=script(*entries, then=fault), latency=parse("0.03")) as server:
        with pytest.raises(ProviderError, match=says) as caught:
            run(server, tmp_path / "run")
        told = server.at_rest()
    assert hint in caught.value.hint
    assert caught.value.exit_code == 4
    assert told["billed"] == before == len(left(tmp_path / "run").answers)
    assert 1 <= told["refused"] <= 8
    stopped = status(tmp_path / "run")
    adds_up(stopped, told)
    with serving() as server:
        run(server, tmp_path / "run")
        assert server.at_rest()["requests"] == QUERIES - before
    assert digests(tmp_path / "run") == calm


def test_a_wrong_address_is_mended_by_the_right_one(tmp_path: Path, calm: dict[str, str]) -> None:
    """F11: a path that is not there is a 404, too, and the same run goes on elsewhere."""
    with serving() as server:
        with pytest.raises(ProviderError, match="no such model or address"):
            run(server.address.replace("/v1", "/v2"), tmp_path / "run")
        assert server.stats()["requests"] == 0
        run(server, tmp_path / "run")
        assert server.at_rest()["requests"] == QUERIES
    assert digests(tmp_path / "run") == calm


def test_a_refusal_in_a_real_process(tmp_path: Path) -> None:
    """F11: code 4, a message and a hint."""
    with serving(script=script(then="quota")) as server:
        code, _out, err = finish(start(server, tmp_path / "run"))
        assert server.at_rest()["requests"] <= 8
    assert code == 4, err
    assert "has no quota left" in err
    assert "hint: nothing is lost; add credit" in err


def test_what_is_too_long_fails_alone_and_is_not_sent_again(tmp_path: Path) -> None:
    """F11: three of them; the others go on, and a second start asks for nothing."""
    entries = [{"fault": "ok", "times": 5}, {"fault": "too-long", "times": 3}]
    with serving(script=script(*entries)) as server:
        outcome = run(server, tmp_path / "run")
        adds_up(outcome, server.at_rest())
        assert outcome.states.failed == {"too-long": 3}
        assert outcome.states.kept == QUERIES - 3
        again = run(server, tmp_path / "run")
        told = server.at_rest()
    assert again.states == outcome.states
    assert (told["requests"], told["billed"], told["refused"]) == (QUERIES, QUERIES - 3, 3)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", ["500", "502", "drop-before", {"fault": "503", "headers": {"retry-after": "0"}}])
def test_a_burst_of_errors_costs_nothing(tmp_path: Path, calm: dict[str, str], fault: Any) -> None:
    """F12: fifteen in a row, and all are kept in the end."""
    burst = {**(fault if isinstance(fault, dict) else {"fault": fault}), "times": 15}
    with serving(script=script({"fault": "ok", "times": 10}, burst)) as server:
        outcome = run(server, tmp_path / "run")
        told = server.at_rest()
    adds_up(outcome, told)
    assert (told["requests"], told["billed"], told["repeated"]) == (QUERIES + 15, QUERIES, 0)
    assert digests(tmp_path / "run") == calm


@pytest.mark.usefixtures("hasty")
def test_a_brown_out_is_got_through(tmp_path: Path, calm: dict[str, str]) -> None:
    """F12: half of all requests fail; no request is sent more often than allowed, and nothing is bought twice."""
    with serving(faults=mix(["500=30%", "502=20%"])) as server:
        for _start in range(4):
            outcome = run(server, tmp_path / "run", attempts=6)
            adds_up(outcome, server.at_rest())
            if not outcome.states.failed:
                break
            assert set(outcome.states.failed) == {"server-error"}
        told = server.at_rest()
    assert outcome.states.kept == QUERIES
    assert (told["billed"], told["repeated"]) == (QUERIES, 0)
    sends: dict[str, int] = {}
    for event in server.events("accepted", "refused"):
        sends[event["key"]] = sends.get(event["key"], 0) + 1
    assert max(sends.values()) <= 6 * (_start + 1)
    assert digests(tmp_path / "run") == calm


def test_an_outage_is_looked_at_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """F12, on a virtual clock: ten minutes out, one look each half minute, and full rate within one after that."""
    backend = virtual.Backend(lambda n, t: virtual.failed("server-error") if 60 <= t < 660 else None)
    journal = virtual.Memory()
    virtual.run(ask_all(backend, virtual.jobs(8000), journal, Limits(concurrency=32), asyncio.Event()), monkeypatch)
    assert set(journal.answers.values()) == {1}
    assert len(journal.answers) == 8000
    in_outage = [at for at, _ in backend.sent if 60 <= at < 660]
    opened = in_outage[19 + 31]  # at the latest: what was on its way when the twentieth failed had been sent
    for start_ in range(int(opened) + 1, 630, 30):
        assert backend.between(start_, start_ + 30) <= 1
    assert backend.between(720, 730) >= 0.9 * backend.between(40, 50)


def test_an_outage_that_does_not_end_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """F12: after fifteen minutes, with a few dozen sends and not thousands."""
    backend = virtual.Backend(lambda n, t: virtual.failed("server-error") if t >= 60 else None)
    work = ask_all(backend, virtual.jobs(8000), virtual.Memory(), Limits(concurrency=32), asyncio.Event())
    with pytest.raises(Stopped, match="has been out for 900 seconds"):
        virtual.run(work, monkeypatch)
    assert backend.between(60, 1e9) <= 19 + 32 + 900 / 30 + 1


@pytest.mark.usefixtures("hasty")
def test_an_outage_by_the_servers_account() -> None:
    """F12, over real HTTP: between two looks nothing comes, and when it is back all are answered, once each."""

    async def work(address: str) -> virtual.Memory:
        from datagen.schema import Request

        body = b'{"model":"any","messages":[{"role":"user","content":"A cat %d."}]}'
        told = (course.Job(Request(id=str(n), body=body % n)) for n in range(300))
        backend, journal = OpenAIChat(address, None, 30.0, 8), virtual.Memory()
        try:
            await ask_all(backend, told, journal, Limits(concurrency=8, attempts=20, probe_every=0.5), asyncio.Event())
        finally:
            await backend.aclose()
        return journal

    outage = {"from": 0.4, "to": 2.4, "fault": "500"}
    with serving(script=script(outage), latency=parse("0.05")) as server:
        journal = asyncio.run(work(server.address))
        told = server.at_rest()
    assert (len(journal.answers), told["billed"], told["repeated"]) == (300, 300, 0)
    events = server.events("refused", "delivered")
    over = max(place for place, event in enumerate(events) if event["event"] == "refused")
    heard = max(place for place, event in enumerate(events[:over]) if event["event"] == "delivered")
    refused = [event["t"] for event in events[heard + 1 : over + 1]]  # none was answered in between, not even late
    looks = [at for at in refused[20:] if at >= refused[19] + 0.2]  # what was on its way when it opened has come
    assert looks
    assert all(later_ - earlier >= 0.2 for earlier, later_ in itertools.pairwise(looks))
    assert len(looks) <= 6
