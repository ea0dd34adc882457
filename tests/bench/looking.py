"""The viewer over a run of 158,000: its pages beside static files of the same bytes from the same server, its search
beside the bare full-text query, its memory."""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.clients import Bench
from tests.bench.table import Figure, ratio

ROW = "view"
_TYPED = ("dog", "a person", '"next to"', "wooden tab", "street", "the", "stri", "red worn car")
_PAGES = 200


def measure(bench: Bench) -> Iterator[Figure]:
    """Samples drawn over the whole run, each asked in turns with its static twin."""
    count = bench.size(158_000, 1200)
    run, made = bench.work / "looked-at", not (bench.work / "looked-at").exists()
    if made:
        bench.say(f"  making a run of {count:,} samples")
        command = [sys.executable, "-m", "datagen", "generate", *map(str, bench.inputs(count // 3))]
        flags = ["--model", "mock", "-o", str(run), "--display", "none"]
        subprocess.run([*command, *flags], check=True, capture_output=True)
    with _Viewer(bench, run) as viewer:
        bench.say(f"  indexed in {viewer.indexed:.0f} s")
        yield Figure(ROW, "index of words: made in", (viewer.indexed,), "s", note=f"{viewer.samples:,} samples, once")
        yield from _pages(viewer, max(1, bench.repeats))
        yield from _search(viewer, max(3, bench.repeats))
        yield Figure(ROW, "datagen view: peak memory", (viewer.peak() / 1e6,), "MB", "≤ 200")
    if made:
        bench.forget(run)


class _Viewer:
    """`datagen view` as its own process, its index complete."""

    def __init__(self, bench: Bench, run: Path) -> None:
        self._static = bench.work / "static"
        self._environment = {**os.environ, "DATAGEN_CACHE_DIR": str(bench.work / "cache")}
        self._run = run
        self.indexed, self.samples = 0.0, 0

    def __enter__(self) -> _Viewer:
        command = [sys.executable, "-m", "tests.bench.looked", str(self._run), str(self._static)]
        self._static.mkdir(exist_ok=True)
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self._environment)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        start = time.monotonic()
        while not self._still():
            time.sleep(0.5)
        self.indexed = time.monotonic() - start
        return self

    def _still(self) -> bool:
        """Whether nothing was added in the last seconds."""
        before = self.json("/api/status")
        self.samples = before["done"]
        time.sleep(4)
        now = self.json("/api/status")
        pending = dict(map(tuple, now["facets"]["state"])).get("pending", 0)
        return bool(self.samples) and now["changes"] == before["changes"] and not pending

    def __exit__(self, *_exc: object) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait(20)

    def get(self, path: str) -> bytes:
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        assert answer.status == 200, path
        return answer.read()

    def json(self, path: str) -> dict[str, object]:
        told: dict[str, object] = json.loads(self.get(path))
        return told

    def peak(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def twin(self, name: str, data: bytes) -> str:
        """A static file of these bytes, served by the same server."""
        (self._static / name).write_bytes(data)
        return f"/twin/{name}"

    @property
    def side_file(self) -> Path:
        (found,) = Path(self._environment["DATAGEN_CACHE_DIR"], "views").glob("*.db")
        return found


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _pages(viewer: _Viewer, repeats: int) -> Iterator[Figure]:
    places = [viewer.samples * number // _PAGES for number in range(_PAGES)]
    keys = [viewer.json(f"/api/list?after={place - 1}")["items"][0]["key"] for place in places]  # type: ignore[index]
    twins = {key: viewer.twin(f"{number}.html", viewer.get(f"/s/{key}")) for number, key in enumerate(keys)}
    whole, static = [], []
    for _ in range(repeats):
        pairs = [(_timed(lambda: viewer.get(f"/s/{key}")), _timed(lambda: viewer.get(twins[key]))) for key in keys]  # noqa: B023
        whole.append(statistics.median(pair[0] for pair in pairs))
        static.append(statistics.median(pair[1] for pair in pairs))
    yield Figure(ROW, "a sample's page", tuple(whole), "ms", note=f"median of {_PAGES} pages")
    yield Figure(ROW, "a static page of the same bytes, same server", tuple(static), "ms")
    yield ratio(ROW, "sample's page / static page", whole, static, "≤ 3")


def _search(viewer: _Viewer, repeats: int) -> Iterator[Figure]:
    from datagen.viewer.index import Index
    from datagen.viewer.search import PAGE, Lists, Wanted, match_of

    index = Index(viewer.side_file)
    lists = Lists(index)
    bare = sqlite3.connect(f"file:{viewer.side_file}?mode=ro", uri=True)
    bare.execute("PRAGMA cache_size=-8000")

    def plain(typed: str) -> None:
        match = match_of(typed)
        bare.execute("SELECT count(*) FROM texts WHERE texts MATCH ?", (match,)).fetchall()
        bare.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rowid LIMIT ?", (match, PAGE)).fetchall()

    def ours(typed: str) -> None:
        lists.count(Wanted(q=typed))
        lists.page(Wanted(q=typed))

    for typed in _TYPED:  # what comes first would pay for all that is read from the disk
        plain(typed)
        ours(typed)
    mine, theirs = [], []
    for _ in range(repeats):
        mine.append(sum(_timed(lambda: ours(typed)) for typed in _TYPED) / len(_TYPED))  # noqa: B023
        theirs.append(sum(_timed(lambda: plain(typed)) for typed in _TYPED) / len(_TYPED))  # noqa: B023
    over = [sum(_timed(lambda: viewer.get(f"/api/list?q={t.replace(' ', '%20')}")) for t in _TYPED) / len(_TYPED)]  # noqa: B023
    index.close()
    bare.close()
    yield Figure(ROW, "search: first page and count", tuple(mine), "ms", note=f"mean of {len(_TYPED)} searches")
    yield Figure(ROW, "bare SQLite full-text query, the same", tuple(theirs), "ms")
    yield ratio(ROW, "search / bare query", mine, theirs, "≤ 3")
    yield Figure(ROW, "search over HTTP", tuple(over), "ms")
