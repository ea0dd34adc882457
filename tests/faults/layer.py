"""A fault layer under a run: it counts everything a run does to its files, and lets the n-th of them go wrong.

What SQLite does (write, sync, truncate, delete) is met below SQLite itself: its default VFS hands each open file a
table of functions, and those that change something are replaced by ours. What Python does is met by an audit hook
(open, rename, remove, mkdir, truncate), by os.fsync, and in the file that os.fdopen gives. Counted is only what happens
in the run's folder.

Three kinds of fault: `crash` ends the process as kill -9 would; `power` first takes back what had not yet been
synced, as a power loss may; an errno is raised there, and from then on, as a full or broken disk would.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

Step = Callable[[str], int]
"""Told what is about to happen; 0 or the errno it fails with."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HEARD = {"open": 0, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "os.truncate": 0}
_SQLITE = {errno.ENOSPC: 13, errno.EROFS: 10 | (3 << 8), errno.EIO: 10 | (3 << 8)}  # what its unix VFS makes of them
_CREATES, _CANNOT_OPEN = 4, 14
_PLACES = {"close": 0, "read": 1, "write": 2, "truncate": 3, "sync": 4}  # in sqlite3_io_methods, after iVersion
_METHODS = 19  # words of sqlite3_io_methods, version 3
_DELETE = 7  # place of xDelete in sqlite3_vfs, in words: 3 ints take two

_FILE, _INT, _I64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_TYPES = {
    "close": ctypes.CFUNCTYPE(_INT, _FILE),
    "read": ctypes.CFUNCTYPE(_INT, _FILE, ctypes.c_void_p, _INT, _I64),
    "write": ctypes.CFUNCTYPE(_INT, _FILE, ctypes.c_void_p, _INT, _I64),
    "truncate": ctypes.CFUNCTYPE(_INT, _FILE, _I64),
    "sync": ctypes.CFUNCTYPE(_INT, _FILE, _INT),
}


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("iVersion", _INT), ("szOsFile", _INT), ("mxPathname", _INT), ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p), ("pAppData", ctypes.c_void_p), ("xOpen", ctypes.c_void_p),
        ("xDelete", ctypes.c_void_p), ("rest", ctypes.c_void_p * 16),
    ]  # fmt: skip


_OPEN = ctypes.CFUNCTYPE(_INT, ctypes.c_void_p, ctypes.c_void_p, _FILE, _INT, ctypes.c_void_p)
_REMOVE = ctypes.CFUNCTYPE(_INT, ctypes.c_void_p, ctypes.c_char_p, _INT)


class _Raw(io.FileIO):
    """A file whose writes are counted."""

    step: Step = staticmethod(lambda what: 0)
    unsynced: ClassVar[dict[int, int]] = {}  # inode → a descriptor that stays open when the file is closed

    def write(self, data: Any) -> int:
        _raise(type(self).step("write"))
        inode = os.fstat(self.fileno()).st_ino
        if inode not in self.unsynced:
            self.unsynced[inode] = os.dup(self.fileno())
        return super().write(data)


def _raise(code: int) -> None:
    if code:
        raise OSError(code, os.strerror(code))


class Layer:
    """The layer, once installed. It cannot be taken out again: use it in a process of its own."""

    def __init__(self, folder: Path, step: Step) -> None:
        self._folder, self._step = os.fspath(folder), step
        self._within = self._folder + os.sep
        self._kept: list[Any] = []  # what C holds on to
        self._names: dict[int, str] = {}
        self._undo: dict[int, list[tuple[int, bytes]]] = {}
        self._busy = False

    def install(self) -> None:
        self._below_sqlite()
        sys.addaudithook(self._audit)
        fsync, fdopen = os.fsync, os.fdopen

        def counted_fsync(fd: int) -> None:
            _raise(self._step("fsync"))
            fsync(fd)
            if (inode := os.fstat(fd).st_ino) in _Raw.unsynced:
                os.close(_Raw.unsynced.pop(inode))

        def counted_fdopen(fd: int, mode: str = "r", *_given: Any, **given: Any) -> Any:
            if mode != "w":
                return fdopen(fd, mode, *_given, **given)
            return io.TextIOWrapper(io.BufferedWriter(_Raw(fd, "w")), given["encoding"], newline=given["newline"])

        _Raw.step = staticmethod(self._step)
        os.fsync, os.fdopen = counted_fsync, counted_fdopen

    def _is_ours(self, path: str) -> bool:
        return path == self._folder or path.startswith(self._within)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        place = _HEARD.get(event)
        if place is None or self._busy or (event == "open" and not _changes(arguments)):
            return
        path = arguments[place]
        if isinstance(path, str | os.PathLike) and self._is_ours(os.fspath(path)):
            self._busy = True
            try:
                code = self._step(event)
            finally:
                self._busy = False
            _raise(code)

    def _below_sqlite(self) -> None:
        library = ctypes.CDLL(_where_sqlite_is())
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        default = library.sqlite3_vfs_find(None).contents
        self._open, self._delete = _OPEN(default.xOpen), _REMOVE(default.xDelete)
        ours = _OPEN(self._on_open), _REMOVE(self._on_delete)
        self._kept += ours
        default.xOpen, default.xDelete = (ctypes.cast(one, ctypes.c_void_p).value for one in ours)

    def _on_open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        path = "" if name is None else os.fsdecode(ctypes.string_at(name))  # SQLite keeps the pointer: it is handed on
        ours = self._is_ours(path) and not path.endswith("-shm")
        if ours and flags & _CREATES and not Path(path).exists() and self._step("sqlite open"):
            ctypes.cast(file, ctypes.POINTER(ctypes.c_void_p))[0] = None  # SQLite closes what has methods
            return _CANNOT_OPEN
        code = self._open(vfs, name, file, flags, out)
        if code == 0 and ours:
            self._names[file], self._undo[file] = path, []
            place = ctypes.cast(file, ctypes.POINTER(ctypes.c_void_p))
            place[0] = self._methods(place[0])
        return int(code)

    def _methods(self, old: int | None) -> int:
        assert old is not None
        table = (ctypes.c_void_p * _METHODS).from_address(old)
        fresh = (ctypes.c_void_p * _METHODS)(*table)
        calls = {name: kind(table[1 + _PLACES[name]]) for name, kind in _TYPES.items()}

        def write(file: int, data: int, size: int, at: int) -> int:
            if code := self._step("sqlite write"):
                return _SQLITE[code]
            before = ctypes.create_string_buffer(size)
            code = calls["read"](file, ctypes.addressof(before), size, at)
            self._undo[file].append((at, before.raw if code == 0 else b""))
            return int(calls["write"](file, data, size, at))

        def truncate(file: int, size: int) -> int:
            code = self._step("sqlite truncate")
            return _SQLITE[code] if code else int(calls["truncate"](file, size))

        def sync(file: int, flags: int) -> int:
            if code := self._step("sqlite sync"):
                return _SQLITE[code]
            self._undo[file] = []
            return int(calls["sync"](file, flags))

        def close(file: int) -> int:
            self._names.pop(file), self._undo.pop(file)
            return int(calls["close"](file))

        for name, function in (("write", write), ("truncate", truncate), ("sync", sync), ("close", close)):
            made = _TYPES[name](function)
            fresh[1 + _PLACES[name]] = ctypes.cast(made, ctypes.c_void_p).value
            self._kept.append(made)
        self._kept.append(fresh)
        return ctypes.addressof(fresh)

    def _on_delete(self, vfs: int, name: bytes, sync: int) -> int:
        if self._is_ours(os.fsdecode(name)) and (code := self._step("sqlite delete")):
            return _SQLITE[code]
        return int(self._delete(vfs, name, sync))

    def lose_power(self) -> None:
        """Take back what SQLite wrote and did not sync; what lay beyond a file's end is cut off. Other files that were
        not synced are empty, whatever they are called by now."""
        self._busy = True
        for fd in _Raw.unsynced.values():
            os.ftruncate(fd, 0)
        for file, writes in self._undo.items():
            fd = os.open(self._names[file], os.O_RDWR)
            for at, before in reversed(writes):
                os.pwrite(fd, before, at) if before else os.truncate(fd, min(at, os.fstat(fd).st_size))


def _changes(arguments: tuple[Any, ...]) -> bool:
    _path, _mode, flags = arguments
    return isinstance(flags, int) and bool(flags & _WRITES)


def _where_sqlite_is() -> str:
    """The very library that Python's sqlite3 uses: a shared one, or the module itself."""
    import _sqlite3

    with Path("/proc/self/maps").open(encoding="utf-8") as maps:
        loaded = {line.split()[-1] for line in maps if "libsqlite3" in line}
    return next(iter(loaded), _sqlite3.__file__)
