"""A program, and who talks to it: `datagen`, forked for each line of arguments from a process that has imported it all.

It is for runs that are killed by the dozen: a start costs a tenth of a second and not one. What is killed is a process
of its own all the same; only the time before `main` is not there to be killed in.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from tests.faults.helpers import ROOT, environment


class Fork:
    """One run, with as much of Popen as a killer needs."""

    def __init__(self, pid: int, told: IO[bytes]) -> None:
        self._pid, self._told = pid, told
        self._code: int | None = None

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        if self._code is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a fork", timeout or 0)
            self._code = int(self._told.readline())
        return self._code

    def kill(self) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(self._pid, signal.SIGKILL)


class Nursery:
    """The process that forks, one run at a time; it starts when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, arguments: Sequence[str]) -> Fork:
        """`datagen` with these arguments, silent."""
        if self._process is None:
            here = [sys.executable, "-m", "tests.faults.forks"]
            pipe = subprocess.PIPE  # unbuffered: what was read ahead would be hidden from select
            self._process = subprocess.Popen(here, stdin=pipe, stdout=pipe, bufsize=0, cwd=ROOT, env=environment())
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        asked.write(json.dumps(arguments).encode() + b"\n")
        return Fork(int(told.readline()), told)

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.communicate(timeout=30)


def forked(arguments: list[str], run: Any) -> int:
    """The pid of a child in which that runs."""
    child = os.fork()
    if child:
        return child
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    code = 99
    try:
        sys.argv[1:] = arguments
        code = run()
    finally:
        os._exit(code)


def main() -> None:
    import aiohttp  # noqa: F401  (as those below: so that no child has to)
    import openai  # noqa: F401
    import pycocotools.mask  # noqa: F401

    import datagen.pipeline  # noqa: F401
    from datagen.cli.app import run
    from datagen.llm import carrier, openai_chat  # noqa: F401

    for line in sys.stdin:
        child = forked(json.loads(line), run)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
