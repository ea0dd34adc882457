"""On which line of a file something stands: the lines are counted as far as anybody asks, once."""

from __future__ import annotations

from contextlib import suppress
from io import BufferedReader

from datagen.sources.files import Source

_STEP = 1 << 20


class Lines:
    """Line numbers by offset, for offsets that do not go back. Of gzipped files nothing is said: nobody opens them at
    a line."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._file: BufferedReader | None = None
        self._at, self._line = 0, 1

    def close(self) -> None:
        """No more will be asked."""
        if self._file is not None:
            self._file.close()

    def at(self, offset: int) -> int | None:
        """The line, from 1, of the byte at `offset`; None where it cannot be said."""
        if self._file is None:
            try:
                self._file = self._source.path.open("rb")
            except OSError:
                return None
        with suppress(OSError):
            if self._at == 0 and self._file.peek(2)[:2] == b"\x1f\x8b":
                return None
            while self._at < offset:
                piece = self._file.read(min(_STEP, offset - self._at))
                if not piece:
                    return None
                self._at += len(piece)
                self._line += piece.count(b"\n")
            return self._line
        return None
