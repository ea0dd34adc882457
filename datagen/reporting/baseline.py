"""Findings that were accepted, so that only new ones are reported.

A finding is known by its code, its record, its place inside the record and what was said of which words; numbers in
what was said do not count, since many of them (a share, a position) change with other records. A record is known by
its id, and one without an id by its content: neither changes when records are added or reordered. Equal findings are
counted, so that one more than were accepted is new. The file has a finding a line, to be read in a diff.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from datagen.errors import InputError, SetupError
from datagen.schema import Hit
from datagen.text import digest, shown

VERSION = 1
_NUMBER = re.compile(r"\d[\d,.]*")
_LONG = 200
"""Of an id; longer ones are kept as a digest."""
_AGAIN = "write it afresh, or give the file that datagen wrote"


class Key(NamedTuple):
    """What a finding is known by."""

    code: str
    record: str
    where: str
    said: str


def key_of(hit: Hit) -> Key:
    """The same for the same finding, wherever its record stands."""
    finding = hit.finding
    said = digest(finding.words, _NUMBER.sub("0", finding.message))[:16]
    return Key(finding.code, _record(hit), finding.where, said)


def _record(hit: Hit) -> str:
    if hit.number is None:
        return f"file:{Path(hit.file).name}"
    if hit.id is not None:
        return f"id:{hit.id if len(hit.id) <= _LONG else digest(hit.id)}"
    return f"content:{hit.digest[:32]}" if hit.digest else f"place:{hit.place}"


class Baseline:
    """Accepted findings, each as often as it was accepted."""

    def __init__(self) -> None:
        self._left: Counter[Key] = Counter()

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """What `write` wrote. Raises InputError for anything else."""
        baseline = cls()
        for number, row in enumerate(_rows(path)):
            if not _is_row(row):
                cause = "is not [code, record, where, digest, count]"
                raise InputError(shown(path), f"accepted[{number}]", cause, _AGAIN)
            baseline._left[Key(*row[:4])] += row[4]
        return baseline

    def add(self, hit: Hit) -> None:
        """Accept a finding."""
        self._left[key_of(hit)] += 1

    def is_known(self, hit: Hit) -> bool:
        """Whether the finding is an accepted one that has not come up yet; from now on it has."""
        key = key_of(hit)
        known = self._left[key] > 0 if key in self._left else False
        if known:
            self._left[key] -= 1
        return known

    def __len__(self) -> int:
        """How many are accepted and have not come up."""
        return self._left.total()

    def write(self, path: Path) -> None:
        """Keep what is accepted and has not come up. The file is the old one or the new one, never a part of either."""
        rows = ",\n".join(json.dumps([*key, count]) for key, count in sorted(self._left.items()) if count)
        text = f'{{"version": {VERSION}, "accepted": [\n{rows}\n]}}\n'
        try:
            _replace(path, text.encode("ascii"))
        except OSError as error:
            raise SetupError(
                f"{shown(path)}: cannot be written: {error.strerror}", "give another --baseline"
            ) from error


def _rows(path: Path) -> list[Any]:
    try:
        told = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(shown(path), "", f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(shown(path), "", "is no baseline: not JSON", _AGAIN) from error
    if not isinstance(told, dict) or "version" not in told or not isinstance(told.get("accepted"), list):
        raise InputError(shown(path), "", "is no baseline", _AGAIN)
    if told["version"] != VERSION:
        cause = f"has version {shown(told['version'], 20)}, this datagen reads {VERSION}"
        raise InputError(shown(path), "version", cause, _AGAIN)
    return told["accepted"]  # type: ignore[no-any-return]


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 5
        and all(isinstance(part, str) for part in row[:4])
        and type(row[4]) is int
        and row[4] > 0
    )


def _replace(path: Path, data: bytes) -> None:
    """Through a file beside it that is whole before it takes the name; a link stays one."""
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
