"""The program as tests run it: in this process, which is ten times as fast, or as a process of its own."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Program:
    """`program("generate", ...)` runs it here: with a fresh argv, folder, environment and streams, and what it changes
    of this process is put back. `process` is for what only a process shows: signals, terminals, how streams close."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *arguments: object, cwd: Path | None = None, **environ: str) -> Done:
        words = [*map(str, arguments)]
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with _as_if_alone(words, cwd or self._folder, environ, out, err):
            code = _main()
        return Done(words, code, *(_read(stream) for stream in (out, err)))

    def process(self, *arguments: object, cwd: Path | None = None, timeout: float = 100, **environ: str) -> Done:
        """The same as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "datagen", *map(str, arguments)],
            cwd=cwd or self._folder,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )


def _main() -> int:
    """The exit code that a process would end with."""
    from datagen.cli import main

    try:
        with pytest.raises(SystemExit) as ended:
            main()
    except Exception:
        traceback.print_exc()
        return 1
    code = ended.value.code
    assert code is None or isinstance(code, int)
    return code or 0


@contextmanager
def _as_if_alone(
    words: list[str], folder: Path, environ: dict[str, str], out: io.TextIOWrapper, err: io.TextIOWrapper
) -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    first = os.dup(1)  # the program lets go of it where nobody reads on
    with pytest.MonkeyPatch.context() as patch, Path(os.devnull).open() as nothing:
        patch.chdir(folder)
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["datagen", *words])
        patch.setattr(sys.modules["__main__"], "__package__", "")  # by which typer tells how it was called
        for name, stream in (("stdin", nothing), ("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, stream)
        try:
            yield
        finally:
            os.dup2(first, 1)
            os.close(first)
            for number, handler in handlers.items():
                signal.signal(number, handler)


def _read(stream: io.TextIOWrapper) -> str:
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
