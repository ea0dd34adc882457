"""The measured processes, from outside: each client starts fresh, pinned, through launch.py, and says what it used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench import annotations
from tests.bench.loops import MODEL, TASK
from tests.bench.machine import Cores
from tests.bench.server import ROOT, Server, clean_environment

_LAUNCH = Path(__file__).with_name("launch.py")


class Used(NamedTuple):
    """What a client used: seconds, bytes; for how many requests; and whatever else it told."""

    cpu: float
    wall: float
    peak: int
    requests: int = 0
    failed: int = 0
    code: int = 0
    told: dict[str, Any] = {}  # noqa: RUF012  (nobody writes to it)

    @property
    def each(self) -> float:
        """CPU milliseconds a request."""
        return self.cpu / self.requests * 1000

    @property
    def per_second(self) -> float:
        return self.requests / self.wall


class Bench:
    """One go: where its files lie, which cores it uses, how much it measures. Every process is started here."""

    def __init__(self, work: Path, places: Cores, *, quick: bool, repeats: int, kills: int, server_root: Path) -> None:
        self.work, self.places, self.quick = work, places, quick
        self.repeats, self.kills, self._server_root = repeats, kills, server_root
        self.raw: list[dict[str, Any]] = []

    def say(self, text: str) -> None:
        """Progress, for people."""
        print(text, file=sys.stderr, flush=True)

    def size(self, whole: int, quick: int) -> int:
        """How many: for real, or for a look."""
        return quick if self.quick else whole

    def server(self, *flags: str, pinned: bool = True) -> Server:
        """A mock server; `with` it."""
        return Server(*flags, core=self.places.server if pinned else None, root=self._server_root)

    def folder(self) -> Path:
        """A new one, for a run."""
        return Path(tempfile.mkdtemp(prefix="run-", dir=self.work))

    def forget(self, folder: Path) -> None:
        """Give its space back."""
        for path in (folder, folder.with_name(f"{folder.name}-warm")):
            shutil.rmtree(path, ignore_errors=True)

    def inputs(self, images: int) -> list[Path]:
        """Annotations of so many images."""
        folder = self.work / f"coco-{images}"
        if not folder.exists():
            return annotations.write(folder, images)
        return [folder / "captions.json", folder / "instances.json"]

    def bodies(self, images: int) -> Path:
        """The requests for so many images, a line each."""
        path = self.work / f"bodies-{images}"
        if not path.exists():
            self._loop("bodies", *self.inputs(images), "--bodies", path)
        return path

    def bare(self, server: Server, requests: int, in_flight: int, images: int) -> Used:
        """aiohttp alone."""
        return self._raw("bare", server, requests, in_flight, images)

    def sdk(self, server: Server, requests: int, in_flight: int, images: int) -> Used:
        """The openai package's default way."""
        return self._raw("sdk", server, requests, in_flight, images)

    def _raw(self, kind: str, server: Server, requests: int, in_flight: int, images: int) -> Used:
        bodies = self.bodies(images)
        return self._loop(
            kind, "--address", server.address, "--bodies", bodies, "--requests", requests,
            "--in-flight", in_flight, "--warm", min(in_flight, 16, requests),
        )  # fmt: skip

    def asking(self, server: Server, images: int, in_flight: int, *, warm: int = 16, run: Path | None = None) -> Used:
        """datagen's asking; `run` is one that was planned already."""
        folder = run or self.folder()
        used = self._loop(
            "ours", *self.inputs(images), "--address", server.address, "--run", folder,
            "--in-flight", in_flight, "--warm", warm,
        )  # fmt: skip
        self.forget(folder)
        return used

    def planned(self, server: Server, images: int, in_flight: int) -> Path:
        """A run's folder, planned in a process of its own."""
        folder = self.folder()
        self._loop("planned", *self.inputs(images), "--address", server.address, "--run", folder,
                   "--in-flight", in_flight)  # fmt: skip
        return folder

    def whole(self, server: Server, inputs: Sequence[Path], in_flight: int, folder: Path, *more: object) -> Used:
        """`datagen generate` as people run it, start-up included; `told` is what it prints as JSON."""
        return self.datagen(*generate(server.address, inputs, in_flight, folder), *more)

    def datagen(self, *arguments: object) -> Used:
        """Any command of datagen."""
        return self._run([sys.executable, "-m", "datagen", *map(str, arguments)])

    def _loop(self, kind: str, *arguments: object) -> Used:
        return self.inside("loops", kind, *arguments)

    def inside(self, module: str, kind: str, *arguments: object, **environment: str) -> Used:
        """One of the modules here that measure from inside their process and print JSON about it."""
        command = [sys.executable, "-m", f"tests.bench.{module}", kind, *map(str, arguments)]
        used = self._run(command, **environment)
        if used.code:
            raise SystemExit(f"bench: {kind} ended with {used.code}")
        inside = used.told
        names = ("cpu", "wall", "peak", "requests", "failed")
        used = used._replace(**{name: inside[name] for name in names if name in inside})
        if used.failed:
            self.say(f"  {kind}: {used.failed} of {used.requests} failed")
        return used

    def _run(self, command: list[str], **environment: str) -> Used:
        core = "-" if self.places.client is None else str(self.places.client)
        with tempfile.TemporaryDirectory(dir=self.work) as where:
            report = Path(where) / "report.json"
            done = subprocess.run(
                [sys.executable, "-I", "-S", str(_LAUNCH), core, str(report), *command],
                capture_output=True, stdin=subprocess.DEVNULL, text=True, cwd=where,
                env={**clean_environment(ROOT), **environment},
            )  # fmt: skip
            if not report.exists():
                raise SystemExit(f"bench: {command[1:4]} could not be started: {done.stderr[-500:]}")
            used = json.loads(report.read_text("ascii"))
        if used["code"]:
            self.say(f"  {' '.join(command[1:4])} ended with {used['code']}: {done.stderr.strip()[-500:]}")
        told = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        self.raw.append({"command": [Path(part).name for part in command[1:5]], **used, "told": told})
        return Used(used["cpu"], used["wall"], used["peak"], told.get("planned", 0), 0, used["code"], told)


def generate(address: str, inputs: Sequence[Path], in_flight: int, folder: Path, task: str | None = TASK) -> list[str]:
    """The arguments of `datagen generate`."""
    tasks = ["-t", task] if task else []
    return [
        "generate", *map(str, inputs), *tasks, "--model", MODEL, "--base-url", address,
        "--concurrency", str(in_flight), "-o", str(folder), "--json", "--max-rejected", "100%",
    ]  # fmt: skip
