"""kill -9 again and again, while it starts, asks and builds: nothing lost, nothing twice, the same bytes in the end.

Runs over the samples are killed and started again until they are let finish; two go side by side. When to kill is told
by the server's account and by dice, so that all phases are met. What a kill left is read from a copy, so that the next
start finds it untouched.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from tests.bench.clients import Bench, generate
from tests.bench.server import ROOT, Server, clean_environment
from tests.bench.table import Figure

_FLIGHT, _LANES = 8, 2
_FILES = ("llava.json", "messages.jsonl", "rejects.jsonl", "provenance.jsonl")
_PHASES = ("starting or planning", "asking", "building")
_LET_GO, _LET_GO_AT_LAST = 0.05, 0.4  # of all starts, and of those with nothing left to ask: those end by themselves


class Calm(NamedTuple):
    """A run that nobody disturbed: what it made, and how long its phases took."""

    queries: int
    files: dict[str, str]
    until_asking: float
    until_answered: float
    until_end: float


class Left(NamedTuple):
    """What stands in a ledger: attempts by number, answered and still open; queries; attempts after an answer."""

    answered: frozenset[int] = frozenset()
    open: frozenset[int] = frozenset()
    queries: int = 0
    twice: int = 0


def measure(bench: Bench) -> Iterator[Figure]:
    """As many kills as asked for, spread over the lanes."""
    with bench.server("--latency", "0.02", pinned=False) as server:
        calm = _calm(bench, server)
    bench.say(f"  undisturbed: asks at {calm.until_asking:.2f} s, ends at {calm.until_end:.2f} s")
    shares = [bench.kills // _LANES + (lane < bench.kills % _LANES) for lane in range(_LANES)]
    with ThreadPoolExecutor(_LANES) as lanes:
        jobs = [lanes.submit(_Lane(bench, calm, lane).work, share) for lane, share in enumerate(shares)]
        taken = [job.result() for job in jobs]
    seen: Counter[str] = sum(taken, Counter())
    seen["most"] = max(lane["most"] for lane in taken)
    bench.raw.append({"row": "kill", "seen": dict(seen), "calm": calm._asdict()})
    phases = ", ".join(f"{phase} {seen[phase]}" for phase in _PHASES)
    yield Figure("kill", "kill -9", (seen["kills"],), note=f"{phases}; {seen['runs']} runs of {calm.queries} queries")
    yield Figure("kill", "answers lost", (seen["lost"],), "", "0")
    yield Figure("kill", "answers duplicated", (seen["twice"],), "", "0", "bought after an answer, or twice in a file")
    yield Figure("kill", "sent again", (seen["resent"],), note=f"open at the kills: {seen['open']}")
    yield Figure("kill", "sent again beyond what was open", (seen["excess"],), "", "0")
    yield Figure("kill", "most open at one kill", (seen["most"],), "", f"≤ {_FLIGHT}", "in flight")
    yield Figure("kill", "runs whose files differ from a calm run's", (seen["differ"],), "", "0")
    yield Figure("kill", "starts that ended badly by themselves", (seen["bad"],), "", "0")


def _start(bench: Bench, server: Server, folder: Path) -> subprocess.Popen[bytes]:
    arguments = generate(server.address, [ROOT / "samples"], _FLIGHT, folder, task=None)
    return subprocess.Popen(
        [sys.executable, "-m", "datagen", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=bench.work, env=clean_environment(),
    )  # fmt: skip


def _calm(bench: Bench, server: Server) -> Calm:
    folder, began = bench.folder(), time.monotonic()
    process = _start(bench, server, folder)
    asking = answered = 0.0
    while process.poll() is None:
        stats = server.stats()
        now = time.monotonic() - began
        if not stats["requests"]:
            asking = now
        elif stats["billed"] < stats["requests"] or not answered:
            answered = now
        time.sleep(0.005)
    end = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"bench: kill: an undisturbed run ended with {process.returncode}")
    queries, files = server.stats()["requests"], _digests(folder)
    bench.forget(folder)
    return Calm(queries, files, asking, answered, end)


def _digests(folder: Path) -> dict[str, str]:
    found = (folder / name for name in _FILES)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.exists()}


class _Lane:
    """One run after another, each on a server of its own that counts it alone."""

    def __init__(self, bench: Bench, calm: Calm, lane: int) -> None:
        self._bench, self._calm = bench, calm
        self._dice = random.Random(lane)
        self._seen: Counter[str] = Counter()

    def work(self, kills: int) -> Counter[str]:
        """Until there were so many kills; then the last run is let finish."""
        with self._bench.server("--latency", "0.02", pinned=False) as server:
            while self._seen["kills"] < kills:
                server.reset()
                self._run(server, kills)
                self._bench.say(f"  {self._seen['kills']} of {kills} kills, {self._seen['runs']} runs")
        return self._seen

    def _run(self, server: Server, kills: int) -> None:
        folder = self._bench.folder()
        known: set[int] = set()
        opened: set[int] = set()
        while True:
            share = _LET_GO_AT_LAST if len(known) == self._calm.queries else _LET_GO
            let_go = self._seen["kills"] >= kills or self._dice.random() < share
            if not self._killed(server, folder, let_go):
                break
            left = _left(folder)
            self._seen["lost"] += len(known - left.answered)
            self._seen["most"] = max(self._seen["most"], len(left.open - opened))
            known |= left.answered
            opened |= left.open  # what a start that was killed early found open is open still
        self._look(server, folder, known, len(opened))
        self._bench.forget(folder)

    def _killed(self, server: Server, folder: Path, let_go: bool) -> bool:
        """Start it once; whether it was killed. It may have been faster."""
        before, sent = _left(folder), server.stats()["requests"]
        process = _start(self._bench, server, folder)
        if not let_go:
            self._wait(process, server, before, sent)
            process.kill()
        code = process.wait()
        if code != -9:
            self._seen["bad"] += code != 0
            return False
        self._seen["kills"] += 1
        after = _left(folder)
        if after.queries and len(after.answered) == after.queries:
            self._seen["building"] += 1
        else:
            self._seen["asking" if server.stats()["requests"] > sent else "starting or planning"] += 1
        return True

    def _wait(self, process: subprocess.Popen[bytes], server: Server, before: Left, sent: int) -> None:
        """Until the moment to kill."""
        to_ask = self._calm.queries - len(before.answered)
        phase = self._dice.choices(_PHASES, (2, 6, 2))[0]
        if not to_ask or phase == "starting or planning":
            longest = self._calm.until_asking if to_ask else self._calm.until_end
            _sleep(process, self._dice.uniform(0, longest))
        elif phase == "asking":
            come = sent + self._dice.randint(1, to_ask)
            _until(process, lambda: server.stats()["requests"] >= come)
            _sleep(process, self._dice.uniform(0, 0.03))
        else:
            come = sent + to_ask
            _until(process, lambda: (stats := server.stats())["requests"] >= come and not stats["in_flight"])
            _sleep(process, self._dice.uniform(0, self._calm.until_end - self._calm.until_answered))

    def _look(self, server: Server, folder: Path, known: set[int], opened: int) -> None:
        """A run that came to its end."""
        left, resent = _left(folder), server.stats()["requests"] - self._calm.queries
        ids = _ids(folder)
        self._seen["runs"] += 1
        self._seen["lost"] += len(known - left.answered) + max(0, self._calm.queries - len(left.answered))
        self._seen["twice"] += left.twice + len(ids) - len(set(ids))
        self._seen["resent"] += resent
        self._seen["open"] += opened
        self._seen["excess"] += max(0, resent - opened)
        self._seen["differ"] += _digests(folder) != self._calm.files


def _until(process: subprocess.Popen[bytes], there: Callable[[], bool]) -> None:
    while process.poll() is None and not there():
        time.sleep(0.004)


def _sleep(process: subprocess.Popen[bytes], seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _ids(folder: Path) -> list[str]:
    path = folder / "llava.json"
    return [record["id"] for record in json.loads(path.read_text("utf-8"))] if path.exists() else []


def _left(folder: Path) -> Left:
    """What the ledger holds, from a copy; nothing where there is none yet."""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("ledger.db", "ledger.db-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(folder / name, Path(copy) / name)
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(Path(copy) / "ledger.db")) as db:
            answered = frozenset(n for (n,) in db.execute("SELECT n FROM attempts WHERE outcome = 'answered'"))
            (queries,) = db.execute("SELECT count(*) FROM queries WHERE position IS NOT NULL").fetchone()
            open_ = frozenset(n for (n,) in db.execute("SELECT n FROM attempts WHERE outcome = 'sent'"))
            (twice,) = db.execute(
                "SELECT count(*) FROM attempts later JOIN attempts a ON a.query = later.query "
                "AND a.outcome = 'answered' AND a.n < later.n"
            ).fetchone()
            return Left(answered, open_, queries, twice)
    return Left()
