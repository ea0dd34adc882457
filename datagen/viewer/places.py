"""Where side files lie: one for each thing that is looked at, in the cache folder, held by one process at a time.

Who looks at the same thing meanwhile gets a side file of its own, which goes with it. What was not used for longest
makes room.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from datagen.annotations.cache import cache_folder
from datagen.errors import SetupError
from datagen.text import digest, shown

ROOM = 2 << 30
"""Bytes that all side files may have."""
_ENDS = ("", "-wal", "-shm", ".lock")


class Place:
    """A side file's place, held until it is let go."""

    def __init__(self, path: Path, lock: int, *, private: bool) -> None:
        self.path, self._lock, self._private = path, lock, private

    def let_go(self) -> None:
        """Others may have it; one that was only for this process is gone."""
        if self._private:
            _remove(self.path)
        os.close(self._lock)


def place_of(target: Path) -> Place:
    """The place for what lies at `target`. Raises SetupError where nothing can be kept."""
    folder = cache_folder(os.environ) / "views"
    stem = digest(str(target.resolve()))[:24]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # side files hold the words of what may be private
        _make_room(folder, stem)
        for path in (folder / f"{stem}.db", folder / f"{stem}-{os.getpid()}.db"):
            lock = _held(path)
            if lock is not None:
                return Place(path, lock, private=path.stem != stem)
    except OSError as error:
        hint = "give another folder with DATAGEN_CACHE_DIR"
        raise SetupError(f"{shown(folder)}: the viewer's index cannot be kept there: {shown(error)}", hint) from error
    raise SetupError(f"{shown(target)}: this process looks at it already", "close the other look at it first")


def _held(path: Path) -> int | None:
    """The lock of a side file, taken; None where another has it."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _make_room(folder: Path, stem: str) -> None:
    """Private ones that nobody holds any more go, and of the others those that are too many."""
    found = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in folder.glob("*.db")), reverse=True)
    used = 0
    for _, size, path in found:
        used += size
        if path.stem != stem and ("-" in path.stem or used > ROOM):
            lock = _held(path)
            if lock is not None:
                _remove(path)
                os.close(lock)


def _remove(path: Path) -> None:
    for end in _ENDS:
        with suppress(OSError):
            path.with_name(path.name + end).unlink()
