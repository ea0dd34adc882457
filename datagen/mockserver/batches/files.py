"""Files as `/v1/files` has them. What is large lies on disk, in a file without a name that goes with the process.

It knows nothing of batches.
"""

from __future__ import annotations

from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any

_SMALL = 256 * 1024  # bytes that stay in memory: a thousand small files must not cost a thousand descriptors
_LONGEST = 1 << 20  # bytes of a line
_KEPT = 30 * 86400  # seconds


class Spool:
    """Bytes that are appended and read at any place."""

    __slots__ = ("_at_end", "_file", "size")

    def __init__(self) -> None:
        self._file: IO[bytes] = BytesIO()
        self.size, self._at_end = 0, True

    def write(self, data: bytes) -> None:
        """Append."""
        if not self._at_end:
            self._file.seek(0, 2)
            self._at_end = True
        self._file.write(data)
        before, self.size = self.size, self.size + len(data)
        if before <= _SMALL < self.size:
            small, self._file = self._file, TemporaryFile()  # noqa: SIM115  (closed with the server)
            small.seek(0)
            self._file.write(small.read())

    def read(self, at: int, count: int) -> bytes:
        """So many bytes from `at`, or what there is."""
        self._at_end = False
        self._file.seek(at)
        return self._file.read(count)

    def line(self, at: int) -> bytes:
        """The line that begins at `at`, with its end."""
        self._at_end = False
        self._file.seek(at)
        return self._file.readline()

    def lines(self, at: int, count: int) -> list[bytes]:
        """The lines from `at`, about so many bytes of them."""
        self._at_end = False
        self._file.seek(at)
        return self._file.readlines(count)

    def cut_last_line(self) -> None:
        """Let the last line break off in its middle."""
        tail = self.read(max(0, self.size - _LONGEST), _LONGEST)
        last = len(tail) - (tail[:-1].rfind(b"\n") + 1)
        self.size -= last - last // 2
        self._file.truncate(self.size)

    def close(self) -> None:
        self._file.close()


class Stored:
    """A file: its bytes and what is said of it."""

    __slots__ = ("created", "deleted", "digest", "id", "name", "purpose", "seen_from", "spool")

    def __init__(self, name: str, purpose: str, spool: Spool, digest: str = "") -> None:
        self.name, self.purpose, self.spool, self.digest = name, purpose, spool, digest
        self.id, self.created, self.seen_from, self.deleted = "", 0, 0.0, False

    def shape(self) -> dict[str, Any]:
        """As OpenAI shows it."""
        return {
            "object": "file",
            "id": self.id,
            "purpose": self.purpose,
            "filename": self.name,
            "bytes": self.spool.size,
            "created_at": self.created,
            "expires_at": self.created + _KEPT,
            "status": "processed",
            "status_details": None,
        }


class Files:
    """All files, in the order in which they came to be."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._all: dict[str, Stored] = {}

    def add(self, stored: Stored, created: int, seen_from: float) -> Stored:
        """Give it an id, and a time from which it can be had."""
        stored.id = f"file-mock-{self._name}-{len(self._all) + 1:06d}"
        stored.created, stored.seen_from = created, seen_from
        self._all[stored.id] = stored
        return stored

    def find(self, name: str, now: float) -> Stored | None:
        """The file, if it is there and can be had already."""
        stored = self._all.get(name)
        return None if stored is None or stored.deleted or now < stored.seen_from else stored

    def listed(self, now: float) -> list[Stored]:
        """Those that can be had, the oldest first."""
        return [stored for stored in self._all.values() if not stored.deleted and now >= stored.seen_from]

    def close(self) -> None:
        for stored in self._all.values():
            stored.spool.close()
