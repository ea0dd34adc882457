"""How a file is replaced so that nobody ever sees half of one, and how one is read that grew line by line and may be
cut short. It knows nothing of what is in it."""

from __future__ import annotations

import gzip
import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast


@contextmanager
def replacing(
    path: Path, *, zipped: bool = False, keep_mode: bool = False, encoding: str = "ascii"
) -> Iterator[IO[str]]:
    """A text file that takes the place of `path` when the block ends well: whole, on disk, or not at all.

    Written beside it with `\\n` and in ASCII (unless told otherwise), synced, renamed, and the folder synced; a link at
    `path` is replaced, not followed. `keep_mode`: with the permissions of the file that was there. An OSError leaves
    the old file.
    """
    mode = path.stat().st_mode & 0o777 if keep_mode and path.exists() else 0o666 & ~umask()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary: Path | None = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with _as_text(file, zipped, encoding) as text:
                yield text
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
        temporary = None
        sync(path.parent)
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


@contextmanager
def _as_text(file: IO[bytes], zipped: bool, encoding: str) -> Iterator[IO[str]]:
    """Letters into `file`, which stays open; a gzip of the same letters has the same bytes at any hour."""
    packed = cast(IO[bytes], gzip.GzipFile("", "wb", fileobj=file, mtime=0)) if zipped else file
    text = io.TextIOWrapper(packed, encoding=encoding, newline="\n")
    try:
        yield text
        text.flush()
        if zipped:
            packed.close()
    finally:
        with suppress(ValueError, OSError):  # what went wrong was said before
            text.detach()
        if zipped:
            with suppress(ValueError, OSError):
                packed.close()


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file that are JSON objects; others, such as one that a crash cut off, are passed over."""
    with path.open("rb") as file:
        for line in file:
            try:
                told = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(told, dict):
                yield told


def umask() -> int:
    """What new files are not allowed, as the process has it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
