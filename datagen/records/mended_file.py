"""The mended copy of a file, and beside it what was dropped: whole and on disk, or not there at all.

Written in the form of the input (an array with a record a line, or JSON lines; gzipped or not), in ASCII like all that
datagen writes. It writes what it is given, and judges nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from datagen.errors import SetupError
from datagen.files import replacing
from datagen.records.mending import writable
from datagen.schema import Finding
from datagen.text import shown

Write = Callable[[Any], None]


class Form(NamedTuple):
    """How a file is written."""

    lines: bool
    """JSON lines; else one array."""
    zipped: bool = False


def place_of_copy(source: Path | None, out: Path, *, in_place: bool = False) -> Path:
    """Where a mended copy of `source` (None is standard input) is to be written; raises SetupError where it may not be.

    In place, a link is followed: what it leads to is replaced, not the link.
    """
    with _told(out):
        if out.exists() and not out.is_file():
            what = "a folder" if out.is_dir() else "no file that can be replaced"
            raise SetupError(f"{shown(out)}: is {what}", "give the name of a file for the repaired copy")
        if not out.parent.is_dir():
            raise SetupError(f"{shown(out)}: there is no folder {shown(out.parent)}", "make it first")
        same = source is not None and out.exists() and source.exists() and out.samefile(source)
        if same and not in_place:
            hint = "add --in-place to overwrite it, or give another name"
            raise SetupError(f"{shown(out)}: is the file that is read", hint)
        return out.resolve() if in_place else out


@contextmanager
def mended_copy(out: Path, form: Form) -> Iterator[Write]:
    """Takes records one by one; `out` is there when the block ends well, else whatever was there stays."""
    with _told(out), replacing(out, zipped=form.zipped, keep_mode=True) as file:
        if form.lines:
            yield lambda record: _line(file, record)
        else:
            array = _Array(file)
            yield array.write
            array.end()


@contextmanager
def rejects(path: Path, *, more: bool = False) -> Iterator[Write]:
    """Takes a line for each dropped record. `more`: behind the lines that are there, since in place they are the only
    copy of what an earlier repair dropped. Leave this block before that of the copy, so that nothing is lost between.
    """
    with _told(path), replacing(path, keep_mode=True) as file:
        if more and path.exists():
            with path.open(encoding="utf-8", errors="surrogateescape") as old:
                _append(old, file, path)
        yield lambda line: _line(file, line)


def _append(old: Iterable[str], file: IO[str], path: Path) -> None:
    for line in old:
        if not line.isascii():
            raise SetupError(f"{shown(path)}: was not written by datagen", "move it away")
        file.write(line if line.endswith("\n") else f"{line}\n")


def reject_line(number: int, raw: Any, findings: Iterable[Finding]) -> dict[str, Any]:
    """What is kept of a dropped record: number, id, the reason (the first error's name), all findings, the record."""
    found = list(findings)
    reason = next((each.check for each in found if each.level == "error"), found[0].check if found else "")
    return {
        "number": number,
        "id": raw.get("id") if isinstance(raw, dict) else None,
        "reason": reason,
        "findings": [each.model_dump() for each in found],
        "record": raw,
    }


class _Array:
    """One array with a record a line."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._between = file, "[\n"

    def write(self, record: Any) -> None:
        self._file.write(self._between + _dumped(record))
        self._between = ",\n"

    def end(self) -> None:
        self._file.write("\n]\n" if self._between == ",\n" else "[]\n")


def _line(file: IO[str], record: Any) -> None:
    file.write(_dumped(record) + "\n")


_dump = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False).encode


def _dumped(record: Any) -> str:
    """JSON in ASCII that every reader takes, whatever the record holds."""
    try:
        return _dump(writable(record))
    except (RecursionError, ValueError) as error:
        raise SetupError(
            "a record cannot be written: its lists or objects are nested too deeply", "take it out"
        ) from error


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cause = error.strerror or os.strerror(error.errno or 0)
        hint = "make room, mend the permissions or give another name; nothing was changed"
        raise SetupError(f"{shown(path)}: cannot be written: {cause}", hint) from error
