"""The bytes of a file, plain or gzipped, seen through a window that moves forward; memory does not follow their number.

It knows bytes, gzip and white space, and nothing of what the bytes mean.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from datagen.errors import InputError
from datagen.sources.files import Source, unreadable

SLICE = 1 << 22
"""Bytes that are read at a time: enough that reading them costs nothing, few enough that they weigh nothing."""
_SWELLING, _HARMLESS = 200, 1 << 20  # a gzip that grows so many times, beyond so many bytes, is a bomb
_MARK = b"\xef\xbb\xbf"
_INNER = bytes(range(0x80, 0xC0))  # those of a letter's bytes that are not its first
_NOT_SPACE = re.compile(rb"[^ \t\r\n]")


class Window:
    """One open file. `digest`: whether `sha256` will be wanted when all is read.

    What is seen of it is `_data[_at:_end]`; the buffer is used again and again, since fresh memory costs more than what
    is read into it.
    """

    def __init__(self, source: Source, *, digest: bool = False) -> None:
        self.source = source
        self._data = bytearray(2 * SLICE)
        self._at = self._end = 0
        self._offset = 0  # of _data in the (unzipped) file
        self._ended = False
        with self._translated():
            self._raw = _Hashed(source.path.open("rb", buffering=0), hashlib.sha256() if digest else None)
            zipped = self._raw.peek2() == b"\x1f\x8b"
            self._file: Any = gzip.GzipFile(fileobj=self._raw) if zipped else self._raw
            self._zipped = zipped

    def __exit__(self, *_exc: object) -> None:
        self._raw.close()

    @property
    def sha256(self) -> str:
        """Of the file's bytes as they lie on the disk, in hex; asked for at the end."""
        with self._translated():
            while self._raw.read(SLICE):
                pass
        return self._raw.hashed()

    def _more(self) -> bool:
        """Let go of what was gone past and read on; false at the end."""
        if self._ended:
            return False
        past = max(self._at - 1, 0)  # the byte before stays: a slice is framed there
        rest = self._end - past
        if past:
            self._data[:rest] = self._data[past : self._end]
            self._offset, self._at, self._end = self._offset + past, self._at - past, rest
        if len(self._data) - rest <= SLICE:
            self._data.extend(bytes(len(self._data)))
        with self._translated(), memoryview(self._data) as view, view[rest : rest + SLICE] as room:
            count = self._file.readinto(room) or 0
        self._ended = not count
        self._end += count
        total = self._offset + self._end
        if self._zipped and total > _HARMLESS and total > _SWELLING * self._raw.consumed:
            raise InputError(self.source.label, "", f"the gzip swells to over {_SWELLING} times its size", "unzip it")
        return not self._ended

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            hint = "copy or download it again"
            raise InputError(self.source.label, "", f"damaged gzip: {error}", hint) from error
        except OSError as error:
            raise unreadable(self.source.path, error) from error

    def peek(self) -> bytes:
        """The next byte that is no white space; empty at the end."""
        while True:
            found = _NOT_SPACE.search(self._data, self._at, self._end)
            if found:
                self._at = found.start()
                return found[0]
            self._at = self._end
            if not self._more():
                return b""

    def take(self, byte: bytes) -> bool:
        """Go past `byte` if it comes next."""
        if self.peek() != byte:
            return False
        self._at += 1
        return True

    def skip_mark(self) -> bool:
        """Go past a byte order mark at the very beginning; whether there is one."""
        while self._end - self._at < len(_MARK) and self._more():
            pass
        marked = self._data.startswith(_MARK, self._at, self._end)
        self._at += len(_MARK) * marked
        return marked

    def glance(self, size: int = 400) -> bytes:
        """Some of what comes next, without going past it."""
        self.peek()
        while self._end - self._at < size and self._more():
            pass
        return bytes(self._data[self._at : min(self._at + size, self._end)])

    def count_lines(self, end: int) -> tuple[int, int]:
        """Line and column, counted from 1 and in letters of UTF-8, of the byte at `end`; reads on from the beginning,
        so only for a window that was just opened."""
        line = column = 1
        seen = len(_MARK) * self.skip_mark()
        while seen < end and (self._end > self._at or self._more()):
            part = bytes(self._data[self._at : min(self._end, self._at + end - seen)])
            line += part.count(b"\n")
            last = part[part.rfind(b"\n") + 1 :]
            column = (1 if len(last) < len(part) else column) + len(last.translate(None, _INNER))
            seen += len(part)
            self._at += len(part)
        return line, column


class _Hashed(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: io.FileIO, sha: Any) -> None:
        self._file, self._sha = file, sha
        self._waiting = self.consumed = 0
        self._pool = ThreadPoolExecutor(1) if sha is not None else None

    def peek2(self) -> bytes:
        """The first two bytes, which stay to be read."""
        first = self._file.read(2)
        self._file.seek(0)
        return first or b""

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        count = self._file.readinto(room) or 0
        self.consumed += count
        if self._pool is not None:  # beside the decoding: hashing lets go of the interpreter
            hashing = self._pool.submit(self._sha.update, bytes(memoryview(room)[:count]))
            self._waiting = (self._waiting + 1) % 8
            if not self._waiting:  # what waits to be hashed must not pile up
                hashing.result()
        return count

    def hashed(self) -> str:
        """The digest of what was read, in hex; nothing may be read after it."""
        assert self._pool is not None
        self._pool.shutdown()
        digest: str = self._sha.hexdigest()
        return digest

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._file.close()
        super().close()
