"""Servers that go wrong on purpose, runs that meet them, and what must add up in the end.

A server runs in a thread of the test (`serving`), over real HTTP, or in a process of its own (`mock_server`). A run
goes on in the test (`run`), or in a process of its own (`start`) where it is to be killed, stopped or starved.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from datagen import Outcome, Settings, Silent, generate
from datagen.keys import Key
from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.script import Script, parse
from datagen.mockserver.server import MockServer

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
QUERIES = 48
"""That the samples make, three a picture."""
FILES = ("llava.json", "messages.jsonl", "rejects.jsonl", "provenance.jsonl")


class Server:
    """A mock server's address, its account, and its ledger of events."""

    def __init__(self, address: str, ledger: Path) -> None:
        self.address = address
        self._ledger, self._kept = ledger, ""

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.address.replace("/v1", "/stats"), timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def at_rest(self) -> dict[str, Any]:
        """Its account once nothing is in flight; then it must add up in itself."""
        while (told := self.stats())["in_flight"]:
            time.sleep(0.02)
        assert told["requests"] == told["accepted"] + told["refused"]
        assert told["accepted"] == told["billed"] == told["delivered"] + told["undelivered"]
        return told

    def until(self, condition: Callable[[dict[str, Any]], bool], seconds: float = 60) -> None:
        """Wait until its account fulfils a condition."""
        end = time.monotonic() + seconds
        while not condition(self.stats()):
            assert time.monotonic() < end, self.stats()
            time.sleep(0.01)

    def reset(self) -> None:
        urllib.request.urlopen(self.address.replace("/v1", "/reset"), data=b"", timeout=30).close()

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """What its ledger says happened since the last reset, in order; of some kinds only, if any are named."""
        lines = (self._kept or self._ledger.read_text("ascii")).splitlines()
        events = [json.loads(line) for line in lines]
        resets = [place for place, event in enumerate(events) if event["event"] == "reset"]
        return [event for event in events[resets[-1] + 1 if resets else 0 :] if not kinds or event["event"] in kinds]

    def keep(self) -> None:
        """Its ledger is about to go: remember what it says."""
        self._kept = self._ledger.read_text("ascii")

    def arrivals(self) -> list[float]:
        """When each request came, in seconds of the server's clock."""
        return [event["t"] for event in self.events("accepted", "refused")]


def script(*entries: object, then: object = "ok") -> Script:
    """What the n-th request meets."""
    return parse({"requests": list(entries), "then": then})


@contextmanager
def serving(behaviour: Behaviour = Behaviour(), **more: Any) -> Iterator[Server]:  # noqa: B008  (frozen)
    """A mock server in a thread of this process; `more` are fields of its behaviour."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "account.jsonl"
        server = MockServer(behaviour._replace(ledger=ledger, **more))
        loop, ready, addresses = asyncio.new_event_loop(), threading.Event(), []
        ended = asyncio.Event()

        async def serve() -> None:
            runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
            addresses.append(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
            ready.set()
            await ended.wait()
            await runner.cleanup()

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
        thread.start()
        assert ready.wait(30)
        told = Server(addresses[0], ledger)
        try:
            yield told
        finally:
            told.keep()
            loop.call_soon_threadsafe(ended.set)
            thread.join(30)
            loop.close()
            server.close()


@contextmanager
def mock_server(*arguments: str) -> Iterator[Server]:
    """`datagen mock-server` in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "account.jsonl"
        command = [sys.executable, "-m", "datagen", "mock-server", "--port", "0", "--ledger", str(ledger), *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
            assert process.stdout is not None
            told = Server(process.stdout.readline().strip(), ledger)
            try:
                yield told
            finally:
                told.keep()
                process.terminate()


class Listener(Silent):
    """An Observer that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def run(server: Server | str, folder: Path, *inputs: Path, key: str | None = None, **given: Any) -> Outcome:
    """A run in this process over the samples; `observer` and settings as given."""
    address = server if isinstance(server, str) else server.address
    observer = given.pop("observer", None)
    settings = Settings(**{"model": "any", "base_url": address, "concurrency": 8, **given})
    return generate(list(inputs) or [SAMPLES], settings, folder, key=Key(key), observer=observer)


def environment(**more: str) -> dict[str, str]:
    """The environment for a process of ours: it finds the package wherever it is started."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, **more}


def command(server: Server | str, folder: Path, *more: str, inputs: Sequence[Path] = (SAMPLES,)) -> list[str]:
    """The command line of a run."""
    address = server if isinstance(server, str) else server.address
    asked = ["generate", *map(str, inputs), "--model", "any", "--base-url", address, "-o", str(folder)]
    return [sys.executable, "-m", "datagen", *asked, "--concurrency", "8", *more]


def start(server: Server | str, folder: Path, *more: str, **given: Any) -> subprocess.Popen[str]:
    """A run over the samples, or `inputs`, in a process of its own."""
    asked = command(server, folder, *more, inputs=given.pop("inputs", (SAMPLES,)))
    pipe = subprocess.PIPE
    streams = {"stdin": subprocess.DEVNULL, "stdout": pipe, "stderr": pipe, "text": True, "env": environment()}
    return subprocess.Popen(asked, **{**streams, **given})


def finish(process: subprocess.Popen[str], timeout: float = 100) -> tuple[int, str, str]:
    """Its exit code, stdout and stderr. No end of a run is a traceback."""
    out, err = process.communicate(timeout=timeout)
    assert "Traceback" not in (err or ""), err
    return process.returncode, out or "", err or ""


def digests(folder: Path) -> dict[str, str]:
    """What a run has made."""
    return {name: digest(folder / name) for name in FILES}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Left(NamedTuple):
    """What a ledger holds: answers' attempt, query and bytes; attempts still open; how many are planned; how many
    attempts came after their query's answer."""

    answers: frozenset[tuple[int, str, str]] = frozenset()
    open: frozenset[int] = frozenset()
    planned: int = 0
    twice: int = 0
    attempts: int = 0


def left(folder: Path) -> Left:
    """What stands in a ledger, read from a copy, so that the next start finds it untouched."""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("ledger.db", "ledger.db-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(folder / name, Path(copy) / name)
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(Path(copy) / "ledger.db")) as db:
            answers = db.execute(
                "SELECT a.n, q.id, a.raw FROM attempts a JOIN queries q ON q.n = a.query WHERE a.outcome = 'answered'"
            ).fetchall()
            opened = frozenset(n for (n,) in db.execute("SELECT n FROM attempts WHERE outcome = 'sent'"))
            (planned,) = db.execute("SELECT count(*) FROM queries WHERE position IS NOT NULL").fetchone()
            (attempts,) = db.execute("SELECT count(*) FROM attempts").fetchone()
            (twice,) = db.execute(
                "SELECT count(*) FROM attempts later JOIN attempts a ON a.query = later.query "
                "AND a.outcome = 'answered' AND a.n < later.n"
            ).fetchone()
            known = frozenset((n, query, hashlib.sha256(raw).hexdigest()) for n, query, raw in answers)
            return Left(known, opened, planned, twice, attempts)
    return Left()


def adds_up(outcome: Outcome, told: dict[str, Any]) -> None:
    """Every query is in one state, and the run's ledger knows of each request that came to the server."""
    states, tally = outcome.states, outcome.tally
    lost = sum(states.rejected.values()) + sum(states.failed.values())
    assert states.planned == states.kept + lost + states.unread + states.pending
    assert states.unread == 0
    assert told["requests"] <= tally["attempts"], "an attempt that the ledger does not know of"
    assert told["billed"] <= tally["attempts"] - told["refused"]
    assert sum(tally.get(word, 0) for word in WORDS) == tally["attempts"]


WORDS = ("answered", "spoiled", "failed", "refused", "unknown")
"""What an attempt can have come to, once nobody waits for any."""


def attempts(folder: Path, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of all attempts in a run's ledger, in the order they were sent."""
    with closing(sqlite3.connect(f"file:{folder / 'ledger.db'}?mode=ro", uri=True)) as db:
        return list(db.execute(f"SELECT {', '.join(columns)} FROM attempts ORDER BY n"))


def at_each_step(folder: Path, kind: str, every: int, lanes: int = 1) -> list[dict[str, Any]]:
    """What came of a tiny run whose n-th step went wrong, for each n, or for some of them."""

    def lane(first: int) -> list[dict[str, Any]]:
        with serving() as server:
            asked = [kind, server.address, str(folder / str(first)), str(first), str(lanes * every)]
            (folder / str(first)).mkdir()
            done = subprocess.run(
                [sys.executable, "-m", "tests.faults.steps", *asked],
                cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300,
            )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    with ThreadPoolExecutor(lanes) as pool:
        firsts = range(5, 5 + lanes) if every > 1 else range(1, 1 + lanes)  # 5: SQLite is making its file
        found = [one for lane_found in pool.map(lane, firsts) for one in lane_found]
    met = [one for one in found if one["at"] is not None]
    assert {one["second"]["code"] for one in found} == {0}, [one["second"] for one in found if one["second"]["code"]]
    assert {one["second"]["kept"] for one in found} == {2}
    assert len({json.dumps(one["second"]["files"]) for one in found}) == 1, "the same bytes whatever happened"
    for one in met:
        assert one["lost"] == [], "what was heard of, or stood in the ledger, is gone"
        assert one["twice"] == 0
        if kind in ("crash", "power"):
            assert one["files"].items() <= one["second"]["files"].items(), "a file is whole or not there"
        assert one["told"]["billed"] - 2 <= one["open"] <= 2, "what was bought again was in flight"
        assert one["told"]["requests"] <= one["second"]["attempts"]
        assert one["sent"] - one["at"]["requests"] <= 2, "nothing new was sent after the fault"
    return met
