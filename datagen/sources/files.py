"""Which files an INPUT means. It knows their names and kinds, and nothing of what stands in them."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from datagen.errors import InputError
from datagen.text import shown

_SUFFIXES = (".json", ".json.gz", ".jsonl", ".jsonl.gz")


class Source(NamedTuple):
    """One file. `named`: the user gave it itself, not a folder that holds it."""

    path: Path
    named: bool
    name: str = ""
    """What it is called where that is not its path."""

    @property
    def label(self) -> str:
        """What it is called, on one line."""
        return self.name or shown(self.path)


def find(inputs: Sequence[Path]) -> list[Source]:
    """The files that `inputs` mean, each once, in the order given; a folder's own files by name.

    Folders are not searched downwards, except that a folder without JSON files of its own stands for its
    `annotations/`, as COCO lays them out.
    """
    sources: dict[Path, Source] = {}
    for given in inputs:
        for source in _sources(given):
            first = sources.setdefault(source.path.resolve(), source)
            if source.named and not first.named:
                sources[source.path.resolve()] = first._replace(named=True)
    return list(sources.values())


def _sources(given: Path) -> list[Source]:
    try:
        kind = given.stat().st_mode
    except FileNotFoundError as error:
        raise InputError(shown(given), "", "there is no such file or folder", _nearby(given)) from error
    except (OSError, ValueError) as error:
        raise InputError(shown(given), "", f"cannot be read: {getattr(error, 'strerror', error)}") from error
    if given.is_dir():
        return [Source(path, named=False) for path in _json_files(given)]
    if not stat.S_ISREG(kind):
        raise InputError(shown(given), "", "is no regular file", "save what it gives to a file first")
    return [Source(given, named=True)]


def _nearby(given: Path) -> str:
    if not given.parent.is_dir():
        return f"there is no folder {shown(given.parent)} either"
    there = sorted(p.name for p in given.parent.iterdir() if _is_json(p))[:5]
    return f"that folder holds: {shown(', '.join(there))}" if there else "give files, or a folder of them"


def _is_json(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES) and not path.name.startswith(
        "."
    )  # macOS leaves ._x.json beside x.json


def _json_files(folder: Path) -> list[Path]:
    try:
        for place in (folder, folder / "annotations"):
            found = [p for p in sorted(place.glob("*")) if _is_json(p) and p.is_file()]
            if found:
                return found
    except OSError as error:
        raise InputError(shown(folder), "", f"cannot be listed: {error.strerror}") from error
    raise InputError(shown(folder), "", "holds no .json or .jsonl file, plain or .gz", "give the files themselves")


def sha256(path: Path) -> str:
    """sha256 of the file's bytes in hex. Raises InputError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> InputError:
    """What is raised for a file that the system does not let be read."""
    return InputError(shown(path), "", f"cannot be read: {error.strerror or error}", "check its permissions")
