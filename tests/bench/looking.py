"""The viewer over a run of 158,000: its pages beside static files of the same bytes from the same server, its search
beside the bare full-text query (searching.py), its memory."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

from tests.bench import searching
from tests.bench.clients import Bench
from tests.bench.searching import timed
from tests.bench.table import Figure, ratio

ROW = "view"
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
        viewer.hang_up()
        yield from searching.figures(ROW, viewer.side_file, bench.repeats)
        viewer.json("/api/status")
        for more, what in (("", "search"), ("&state=kept&task=conversation", "filtered search")):
            asked = [f"/api/list?q={quote(q)}{more}" for q in searching.TYPED]
            yield Figure(ROW, f"{what} over HTTP", tuple(timed(partial(viewer.get, each)) for each in asked), "ms")
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
        try:
            while not self._still():
                time.sleep(0.5)
        except BaseException:
            self.__exit__()
            raise
        self.indexed = time.monotonic() - start
        return self

    def _still(self) -> bool:
        """Whether nothing was added in the last seconds."""
        before = self.json("/api/status")
        self.samples = before["done"]
        self.hang_up()
        time.sleep(4)
        now = self.json("/api/status")
        pending = dict(map(tuple, now["facets"]["state"])).get("pending", 0)
        return bool(self.samples) and now["changes"] == before["changes"] and not pending

    def __exit__(self, *_exc: object) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait(20)

    def hang_up(self) -> None:
        """Before a pause: after five seconds the server would, and the next question would meet that."""
        self._connection.close()

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


def _pages(viewer: _Viewer, repeats: int) -> Iterator[Figure]:
    places = [viewer.samples * number // _PAGES for number in range(_PAGES)]
    keys = [viewer.json(f"/api/list?after={place - 1}")["items"][0]["key"] for place in places]  # type: ignore[index]
    twins = {key: viewer.twin(f"{number}.html", viewer.get(f"/s/{key}")) for number, key in enumerate(keys)}
    whole, static = [], []
    for _ in range(repeats):
        pairs = [(timed(lambda: viewer.get(f"/s/{key}")), timed(lambda: viewer.get(twins[key]))) for key in keys]  # noqa: B023
        whole.append(statistics.median(pair[0] for pair in pairs))
        static.append(statistics.median(pair[1] for pair in pairs))
    yield Figure(ROW, "a sample's page", tuple(whole), "ms", note=f"median of {_PAGES} pages")
    yield Figure(ROW, "a static page of the same bytes, same server", tuple(static), "ms")
    yield ratio(ROW, "sample's page / static page", whole, static, "≤ 3")
