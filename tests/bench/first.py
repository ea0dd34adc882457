"""How long `datagen generate` takes, from the start of its process, until its first request arrives somewhere.

Where it arrives is a socket that notes the time and never answers; then the process is stopped. It knows nothing of
what is asked.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from tests.bench.clients import Bench
from tests.bench.loops import MODEL
from tests.bench.server import ROOT, clean_environment

_PATIENCE = 1800.0


class Ear:
    """A port that hears when the first completion is asked for; use as a context manager."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"
        self.heard: float | None = None
        self._open: list[socket.socket] = []

    def __enter__(self) -> Ear:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes whoever waits on it
            one.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                came, _ = self._listening.accept()
                self._open.append(came)
                threading.Thread(target=self._hear, args=(came,), daemon=True).start()

    def _hear(self, came: socket.socket) -> None:
        with suppress(OSError):
            if came.recv(4) == b"POST" and self.heard is None:
                self.heard = time.perf_counter()


def wait(bench: Bench, files: Sequence[Path]) -> float:
    """Wall seconds until the first query of all tasks over `files`, nothing cached before."""
    folder = bench.folder()
    with Ear() as ear, tempfile.TemporaryFile("w+") as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            _command(files, ear.address, folder), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
            cwd=bench.work, env=clean_environment(),
        )  # fmt: skip
        try:
            while ear.heard is None and process.poll() is None and time.perf_counter() - began < _PATIENCE:
                time.sleep(0.005)
        finally:
            _stop(process)
        if ear.heard is None:
            said.seek(0)
            raise SystemExit(f"bench: generate asked for nothing: {said.read()[-1000:]}")
    bench.forget(folder)
    return ear.heard - began


def _command(files: Sequence[Path], address: str, folder: Path) -> list[str]:
    uncached = ["--no-cache"] if _has_no_cache() else []
    return [
        sys.executable, "-m", "datagen", "generate", *map(str, files), "--model", MODEL, "--base-url", address,
        *uncached, "--yes", "--price", "0,0", "-o", str(folder), "--concurrency", "8",
    ]  # fmt: skip


@cache
def _has_no_cache() -> bool:
    """Whether this datagen has a cache to leave out."""
    asked = [sys.executable, "-m", "datagen", "generate", "--help"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=ROOT, env=clean_environment())
    return "--no-cache" in told.stdout


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Twice asked, then made to: the first asking waits for answers that never come."""
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(2)
            return
    process.wait()
