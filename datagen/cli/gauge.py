"""How far the reading of a file is, as one line on the terminal that is wiped away before anything else is written.

rich's progress bar cannot share a terminal with data that goes to stdout meanwhile; this line can.
"""

from __future__ import annotations

import os
import sys
import time

from datagen.text import shown

EVERY = 0.1
"""Seconds between two drawings."""
_WIPE = "\r\x1b[2K"


class Gauge:
    """Call it with a file's name, the bytes that are behind us, and all. It draws on a terminal only."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._on = not quiet and sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._drawn = False
        self._began = self._last = time.monotonic()
        self._file = ""

    def __enter__(self) -> Gauge:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.clear()

    def __call__(self, file: str, done: int, size: int) -> None:
        """Draw, if it is time to."""
        if not self._on:
            return
        now = time.monotonic()
        if file != self._file:
            self._file, self._began = file, now
        if now - self._last >= EVERY and size:
            self._last = now
            self._draw(file, done, size, now - self._began)

    def say(self, text: str) -> None:
        """Draw these words, if it is time to."""
        now = time.monotonic()
        if self._on and now - self._last >= EVERY:
            self._last = now
            self._write(f"{_WIPE}{shown(text, _width() - 1)}")
            self._drawn = True

    def _draw(self, file: str, done: int, size: int, seconds: float) -> None:
        width = _width()
        left = seconds / done * (size - done) if done else 0.0
        told = f" {done / size:4.0%} of {size / 1e6:,.0f} MB, {left:,.0f} s left"
        room = width - len(told) - 1
        filled = round(20 * done / size)
        line = f"{shown(file, max(8, room - 23))} [{'=' * filled}{' ' * (20 - filled)}]" if room > 40 else ""
        self._write(f"{_WIPE}{line}{told}"[: width + len(_WIPE) - 1])
        self._drawn = True

    def clear(self) -> None:
        """Wipe it away: something else is about to be written."""
        if self._drawn:
            self._drawn = False
            self._write(_WIPE)

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):  # a closed terminal is nobody's fault
            self._on = False


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 80
