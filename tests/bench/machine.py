"""The machine: which core the server gets and which the client, and what all this ran on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple


class Cores(NamedTuple):
    """One for each side; both None where there is only one core to share."""

    server: int | None
    client: int | None

    @property
    def told(self) -> str:
        """For the line under the table."""
        if self.client is None:
            return "one core, shared by server and client"
        return "server and client on a core each"


def cores() -> Cores:
    """The first core that this process may use for the server, the last for the client."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[-1]) if len(usable) > 1 else Cores(None, None)


def told(places: Cores) -> str:
    """The machine in one line."""
    packages = ", ".join(f"{name} {_version(name)}" for name in ("openai", "aiohttp"))
    count = len(os.sched_getaffinity(0))
    place = f"{count} {'core' if count == 1 else 'cores'}; {places.told}"
    return f"{_processor()}, {place}; CPython {platform.python_version()}, {packages}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
