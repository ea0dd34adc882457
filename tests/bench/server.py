"""`datagen mock-server` as a process of its own on a core of its own: started, asked for its account, stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def clean_environment(root: Path = ROOT) -> dict[str, str]:
    """This environment without anybody's keys and settings, with a cache of its own and `root` to import from."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATAGEN_", "OPENAI_"))}
    return {**kept, "PYTHONPATH": str(root), "DATAGEN_CACHE_DIR": _own_cache().name}


@lru_cache(maxsize=1)
def _own_cache() -> tempfile.TemporaryDirectory[str]:
    """Gone when this process ends."""
    return tempfile.TemporaryDirectory(prefix="datagen-bench-")


class Server:
    """A running mock server; use as a context manager. `root` is the checkout that it is run from."""

    def __init__(self, *flags: str, core: int | None = None, root: Path = ROOT) -> None:
        command = [sys.executable, "-m", "datagen", "mock-server", "--port", "0", *flags]
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed on exit)
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._said, text=True, env=clean_environment(root), cwd=root
        )
        if core is not None:
            os.sched_setaffinity(self._process.pid, {core})
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        if not self.address:
            self._said.seek(0)
            raise SystemExit(f"bench: the server did not start: {' '.join(command)}\n{self._said.read()[-2000:]}")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._said.close()

    def stats(self) -> dict[str, Any]:
        """Its account so far."""
        told: dict[str, Any] = self._call("/stats")
        return told

    def reset(self) -> None:
        """Counts to nothing, banks full."""
        self._call("/reset", b"")

    def ask(self, body: bytes) -> dict[str, Any]:
        """One completion."""
        told: dict[str, Any] = self._call("/v1/chat/completions", body)
        return told

    def _call(self, path: str, data: bytes | None = None) -> Any:
        request = urllib.request.Request(self.address.removesuffix("/v1") + path, data=data)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
