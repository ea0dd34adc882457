"""A folder that takes another's place whole: nobody ever sees half of an export, and a failed one leaves the old.

It is made beside its place, synced, and exchanged with what is there in one step where the system can. What is there
may only be an earlier export, of which every file is named in its manifest: nothing of anybody else's is ever deleted.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datagen.errors import SetupError
from datagen.files import sync, umask
from datagen.text import digest, shown

MANIFEST = "manifest.json"
_HERE, _EXCHANGE = -100, 2


@contextmanager
def folder_at(out: Path) -> Iterator[Path]:
    """A new folder that becomes `out` when the block ends well. Raises SetupError where it may not, or cannot."""
    out = Path(os.path.abspath(out))  # noqa: PTH100 (a link stays one)
    _check(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        fresh = Path(tempfile.mkdtemp(prefix=f"{_mark(out)}{os.getpid()}-", dir=out.parent))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        try:
            yield fresh
            _sync(fresh)
            fresh.chmod(0o777 & ~umask())
            _put(fresh, out)
        except OSError as error:
            raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _mark(out: Path) -> str:
    """How folders begin that are being made for this place, on this machine."""
    host = digest(socket.gethostname())[:8]
    return f".{out.name[:100]}.export-{host}-"


def _sweep(out: Path) -> None:
    """Take away what a killed process left half-made."""
    mark = _mark(out)
    for path in out.parent.iterdir():
        number = path.name.removeprefix(mark).partition("-")[0]
        if path.name.startswith(mark) and number.isdecimal() and not _lives(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _unwritable(out: Path, error: OSError) -> SetupError:
    cause = error.strerror or str(error)
    return SetupError(f"{shown(out)}: cannot be written: {cause}", "make room or give another -o; nothing was changed")


def _check(out: Path) -> None:
    """Raises SetupError where something stands there that no export made."""
    hint = "give a new folder, or an earlier export's, with -o"
    try:
        if not os.path.lexists(out):
            return
        if not out.is_dir() or out.is_symlink():
            raise SetupError(f"{shown(out)}: is {'a link' if out.is_symlink() else 'a file'}, not a folder", hint)
        there = [path for path in sorted(out.rglob("*")) if not path.is_dir()]
    except OSError as error:
        raise SetupError(f"{shown(out)}: cannot be a folder: {error.strerror}", hint) from error
    ours = _ours(out)
    others = [path.relative_to(out).as_posix() for path in there if path.relative_to(out).as_posix() not in ours]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise SetupError(f"{shown(out)}: holds what is no export's: {shown(others[0], 100)}{more}", hint)


def _ours(out: Path) -> set[str]:
    """The files of the export that stands there."""
    try:
        told = json.loads((out / MANIFEST).read_text("ascii"))
        return {MANIFEST, *told["files"]} if told["export"]["formats"] else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _put(fresh: Path, out: Path) -> None:
    """`fresh` in `out`'s place; what was there is in `fresh` then."""
    if not out.exists():
        fresh.rename(out)
    elif not _exchanged(fresh, out):
        aside = fresh.with_name(f"{fresh.name}.old")
        out.rename(aside)
        fresh.rename(out)
        aside.rename(fresh)
    sync(out.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system could exchange two folders in one step (Linux' renameat2)."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def _sync(folder: Path) -> None:
    for base, _, files in os.walk(folder):
        for name in files:
            sync(Path(base) / name)
        sync(Path(base))
