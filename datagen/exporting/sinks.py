"""Where records go: one sink a format, each with its count and with what it could not say, by name.

The sinks of texts stand here. Bytes are JSON in ASCII, an object a line (in arrays too): every reader takes them,
whatever its locale, and the same records give the same bytes.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from pathlib import Path
from typing import IO, Any

import msgspec

from datagen.exporting.given import Given
from datagen.records.formats.saying import say, say_plain
from datagen.records.formats.shapes import Shape

_BUFFER = 1 << 20
_encode = msgspec.json.Encoder().encode
_escape = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":")).encode


def encoded(record: Any) -> bytes:
    """The record as JSON in ASCII."""
    try:
        data = _encode(record)
    except UnicodeEncodeError:  # half a character, which only an escape can hold
        return _escape(record).encode("ascii")
    return data if data.isascii() else _escape(msgspec.to_builtins(record)).encode("ascii")


class Sink(ABC):
    """Takes records until it is closed."""

    def __init__(self) -> None:
        self.written = 0
        self.losses: Counter[str] = Counter()

    @abstractmethod
    def take(self, given: Given) -> None:
        """Write one record, or count why not."""

    @abstractmethod
    def close(self) -> None:
        """The last one was taken."""

    @abstractmethod
    def release(self) -> None:
        """Let go of what is open, however it ended; also after `close`, and twice."""


class TextSink(Sink):
    """One file of JSON."""

    def __init__(self, shape: Shape, file: IO[bytes], *, lines: bool) -> None:
        super().__init__()
        self._shape, self._file = shape, file
        self._first, self._between, self._last = (b"", b"\n", b"\n") if lines else (b"[\n", b",\n", b"\n]\n")
        self._nothing = b"" if lines else b"[]\n"
        self._held: list[bytes] = []
        self._size = 0

    def take(self, given: Given) -> None:
        """In the sink's shape."""
        record, lost = self._said(given)
        if lost:
            self.losses.update(lost)
        if record is None:
            return
        data = encoded(record)
        self._held.append(data)
        self._size += len(data)
        self.written += 1
        if self._size > _BUFFER:
            self._flush()

    def _said(self, given: Given) -> tuple[Any, tuple[str, ...]]:
        if given.plain is None:
            return say(given.entry, self._shape)
        return (given.plain, ()) if self._shape.as_is else say_plain(given.entry, self._shape)

    def _flush(self) -> None:
        if self._held:
            self._file.write(self._first + self._between.join(self._held))
            self._first = self._between
        self._held, self._size = [], 0

    def close(self) -> None:
        """What is still held, and the end."""
        self._flush()
        self._file.write(self._last if self.written else self._nothing)

    def release(self) -> None:
        """The file is somebody else's."""


class FileSink(TextSink):
    """One new file of JSON in a folder that is being made."""

    def __init__(self, shape: Shape, path: Path) -> None:
        self._open = path.open("wb")
        super().__init__(shape, self._open, lines=path.suffix == ".jsonl")

    def release(self) -> None:
        """The file."""
        self._open.close()
