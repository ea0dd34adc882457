"""What a person said of samples: `labels.jsonl`, the one file that the viewer writes, and what an export honours.

A line for each time somebody said something; the last about a sample holds:

    {"id": record's id, "query_id": the query's id or null, "verdict": "keep" | "reject" | null, "note": "", "at": UTC}

`verdict` null takes an earlier one back (a note may stay). It stands in the run's folder; for a file of training data
beside it, as FILE.labels.jsonl, and is known by the record's id. Lines are appended whole and are on disk when a label
is shown as kept; a line cut short by a crash is passed over.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from datagen.errors import SetupError
from datagen.files import objects
from datagen.text import shown

Verdict = Literal["keep", "reject"]
VERDICTS: tuple[str, ...] = ("keep", "reject")
LONGEST_NOTE = 4000


class Label(NamedTuple):
    """What was last said of a sample."""

    verdict: Verdict | None
    note: str
    at: str


Key = tuple[str, str]
"""(query's id, record's id); of a file's record the first is empty."""


class Labels:
    """One file of labels, which may not be there yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._labels: dict[Key, Label] = {}

    def of(self, query_id: str, name: str) -> Label | None:
        """What was last said of one sample."""
        self._read()
        return self._labels.get((query_id, "" if query_id else name))

    def changed(self) -> dict[Key, Label] | None:
        """All labels, when they are others than the last time; else None."""
        before = self._seen
        self._read()
        if self._seen == before and before is not None:
            return None
        return dict(self._labels)

    def add(self, query_id: str, name: str, verdict: Verdict | None, note: str) -> Label:
        """Say something of a sample; it is on disk when this returns. Raises SetupError where it cannot be kept."""
        at = time.strftime("%FT%TZ", time.gmtime())
        told = {"id": name, "query_id": query_id or None, "verdict": verdict, "note": note[:LONGEST_NOTE], "at": at}
        line = json.dumps(told, ensure_ascii=True).encode() + b"\n"
        try:
            _append(self.path, line)
        except OSError as error:
            hint = "make room or mend the permissions; what was said before is kept"
            raise SetupError(f"{shown(self.path)}: cannot be written: {error.strerror}", hint) from error
        return Label(verdict, note[:LONGEST_NOTE], at)

    def _read(self) -> None:
        try:
            found = self.path.stat()
        except OSError:
            self._seen, self._labels = (0, 0, 0), {}
            return
        seen = (found.st_ino, found.st_size, found.st_mtime_ns)
        if seen != self._seen:
            self._labels = read_labels(self.path)
            self._seen = seen


def read_labels(path: Path) -> dict[Key, Label]:
    """The last word on each sample; lines that are none are passed over."""
    found: dict[Key, Label] = {}
    for told in objects(path):
        _take(found, told)
    return found


def is_foreign(path: Path) -> bool:
    """Whether something stands in a file, and no line of it is a label: then it is another file."""
    if any(isinstance(told.get("id"), str) and "verdict" in told for told in objects(path)):
        return False
    with path.open("rb") as file:
        return any(line.strip() for line in file)


def _take(found: dict[Key, Label], told: dict[str, Any]) -> None:
    name, query_id = told.get("id"), told.get("query_id")
    verdict, note = told.get("verdict"), told.get("note", "")
    if not isinstance(name, str) or not isinstance(query_id, str | None) or verdict not in (*VERDICTS, None):
        return
    key = (query_id or "", "" if query_id else name)
    note = note if isinstance(note, str) else ""
    found.pop(key, None)
    if verdict is not None or note:
        found[key] = Label(cast(Verdict | None, verdict), note, str(told.get("at", "")))


def _append(path: Path, line: bytes) -> None:
    """One whole line at the end, on disk; not through a link, and after a line that was cut short not behind that."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        written = os.write(descriptor, line)
        if written != len(line):
            os.ftruncate(descriptor, size)
            raise OSError(28, "no room left")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
