"""The server's account adds up, whatever came; its ledger has whole lines, also when it is killed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from datagen.errors import SetupError
from datagen.mockserver.account import Book
from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.server import MockServer

QUICK = [
    "500=4%", "502=4%", "503=4%", "429=4%", "quota=4%", "drop-before=4%", "drop-after=4%", "truncate=4%", "short=4%",
    "garbled=4%", "length=4%", "null=4%", "no-usage=4%", "hang=2%",
]  # fmt: skip


def identities(told: dict[str, Any]) -> None:
    """What holds when nothing is in flight."""
    assert told["in_flight"] == 0
    assert told["requests"] == told["accepted"] + told["refused"]
    assert told["accepted"] == told["billed"] == told["delivered"] + told["undelivered"] == sum(told["per_second"])
    assert told["repeated"] == sum(told[f"repeated_{kind}"] for kind in ("after_delivery", "after_fault", "in_flight"))
    assert told["limited"] + sum(told["faults"].values()) <= told["requests"]


async def storm(bench: Any, times: int = 4, bodies: int = 40) -> dict[str, Any]:
    for _ in range(times):
        await asyncio.gather(*(bench.ask(f"Picture {n}.", patience=0.7) for n in range(bodies) for _twice in range(2)))
    return await bench.settled()


@pytest.mark.slow
def test_it_adds_up_after_a_storm(visit: Any, tmp_path: Path) -> None:
    behaviour = Behaviour.told(
        faults=QUICK, rpm=240, burst=60, tpm=10**6, latency="uniform:0,0.02", ledger=tmp_path / "l"
    )
    told = visit(behaviour, storm)
    identities(told)
    assert told["requests"] == 320
    assert told["limited"] > 0
    assert told["repeated_after_delivery"] > 0
    assert told["repeated_in_flight"] > 0
    assert told["most_in_flight"] > 1
    events = [json.loads(line) for line in (tmp_path / "l").read_bytes().splitlines()]
    seen = Counter(event["event"] for event in events)
    assert all(seen[name] == told[name] for name in ("accepted", "refused", "billed", "delivered", "undelivered"))
    billed = [event for event in events if event["event"] == "billed"]
    assert sum(event["prompt_tokens"] for event in billed) == told["prompt_tokens"]
    assert sum(event["completion_tokens"] for event in billed) == told["completion_tokens"]
    assert told["repeated"] == told["billed"] - len({event["key"] for event in billed})
    assert [event["t"] for event in events] == sorted(event["t"] for event in events)
    assert {event["n"] for event in events} == set(range(320))


def test_three_kinds_of_repeats(visit: Any) -> None:
    async def asks(bench: Any) -> Any:
        await bench.ask("once")
        await bench.ask("once")
        await asyncio.gather(bench.ask("both"), bench.ask("both"))
        await bench.ask("gone", patience=0.05)
        await bench.settled()
        await bench.ask("gone")
        return await bench.settled()

    told = visit(Behaviour.told(latency="0.2"), asks)
    identities(told)
    assert told["undelivered"] == 1
    assert [told[f"repeated_{kind}"] for kind in ("after_delivery", "in_flight", "after_fault")] == [1, 1, 1]


def test_a_request_that_is_ended_with_its_client_is_paid_too() -> None:
    async def asks() -> Any:
        server = MockServer(Behaviour.told(latency="5"))
        async with TestServer(server.app()) as runner, aiohttp.ClientSession() as session:
            url = runner.make_url("/v1/chat/completions")
            body = {"model": "m", "messages": [{"role": "user", "content": "A dog."}]}
            with pytest.raises(TimeoutError):
                await session.post(url, json=body, timeout=aiohttp.ClientTimeout(0.1))
            while server.account.in_flight:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return server.account.stats()

    told = asyncio.run(asks())
    identities(told)
    assert told["undelivered"] == 1


def test_what_cannot_be_read_is_refused_and_costs_nothing(visit: Any) -> None:
    async def asks(bench: Any) -> Any:
        deep = b'{"model": "m", "messages": [{"role": "user", "content": ' + b"[" * 500 + b"]" * 500 + b"}]}"
        for body in (b"", b"[]", b'{"messages": 1}', b"[" * 100_000):
            assert (await bench.send(body)).status == 400
        assert (await bench.send(deep)).status in (200, 400)
        return await bench.settled()

    told = visit(Behaviour(), asks)
    identities(told)
    assert told["refused"] >= 4


def test_reset_begins_anew_and_what_was_in_flight_does_not_count(visit: Any, tmp_path: Path) -> None:
    async def asks(bench: Any) -> Any:
        await bench.ask("once")
        flying = asyncio.create_task(bench.ask("flying"))
        while not (await bench.stats())["in_flight"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await bench.reset()
        assert (await bench.stats())["requests"] == 0
        assert (await flying).status == 200
        await bench.ask("once")
        return await bench.settled()

    told = visit(Behaviour.told(latency="0.3", rpm=60, burst=2, ledger=tmp_path / "l"), asks)
    identities(told)
    assert (told["requests"], told["repeated"], told["connections"]) == (1, 0, 1)
    assert {"reset"} <= {json.loads(line)["event"] for line in (tmp_path / "l").read_text().splitlines()}


def test_connections_are_counted_once_each(visit: Any) -> None:
    async def asks(bench: Any) -> Any:
        for _ in range(5):
            await bench.ask()
        await asyncio.gather(*(bench.ask(str(n)) for n in range(3)))
        return await bench.settled()

    told = visit(Behaviour.told(latency="0.05"), asks)
    assert told["connections"] == 3


def test_a_kill_leaves_whole_lines(tmp_path: Path) -> None:
    """And a second server goes on in the same file."""
    path = tmp_path / "ledger.jsonl"
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "datagen", "mock-server", "--port", "0", "--ledger", str(path)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        for n in range(5):
            body = json.dumps({"model": "m", "messages": [{"role": "user", "content": str(n)}]}).encode()
            urllib.request.urlopen(urllib.request.Request(f"{address}/chat/completions", body)).close()
        process.kill()
        process.wait()
        process.stdout.close()
    data = path.read_bytes()
    assert data.endswith(b"\n")
    events = [json.loads(line) for line in data.splitlines()]
    assert Counter(event["event"] for event in events)["billed"] == 10


def test_a_full_disk_is_counted_and_the_next_line_begins_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, write = Book(tmp_path / "l"), os.write
    book.write("one\n")
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    book.write("twotwo\n")
    monkeypatch.undo()
    book.write("three\n")
    book.close()
    assert (tmp_path / "l").read_text().split("\n") == ["one", "two", "three", ""]
    assert book.lost == 1
    full = Book(Path("/dev/full"))
    full.write("one\n")
    full.close()
    assert full.lost == 1


def test_a_ledger_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="No such file"):
        MockServer(Behaviour(ledger=tmp_path / "no" / "where"))
