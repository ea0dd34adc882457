"""Which files an INPUT means, and a JSON file read with every fault named: file, place, cause, what to do.

It knows that a file is JSON, perhaps gzipped; what stands in it is `coco.py`'s business.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import json
import stat
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from datagen.errors import InputError
from datagen.text import shown

_SUFFIXES = (".json", ".json.gz")


class Source(NamedTuple):
    """One annotation file. `named`: the user gave it itself, not a folder that holds it."""

    path: Path
    named: bool

    @property
    def label(self) -> str:
        return shown(self.path)


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
    return f"that folder holds: {shown(', '.join(there))}" if there else "give annotation files, or a folder of them"


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
    raise InputError(shown(folder), "", "holds no .json or .json.gz file", "give the annotation files themselves")


def sha256(path: Path) -> str:
    """sha256 of the file's bytes in hex. Raises InputError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(shown(path), "", f"cannot be read: {error.strerror}", "check its permissions") from error


def read(source: Source) -> Any:
    """The file's JSON. Raises InputError with the place and cause for whatever is wrong with it."""
    data = _bytes(source)
    if not data.strip():
        raise InputError(source.label, "", "the file is empty")
    try:
        return json.loads(data.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as error:
        cause = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        offset = error.start + len(data) - len(error.object)
        raise InputError(source.label, f"offset {offset}", cause, "save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError(source.label, f"line {error.lineno}, column {error.colno}", *_json_fault(error)) from error
    except RecursionError as error:
        raise InputError(source.label, "", "lists or objects are nested too deeply to be annotations") from error
    except ValueError as error:  # json's own guard
        raise InputError(source.label, "", "a number has thousands of digits", "no annotation needs that") from error


def _json_fault(error: json.JSONDecodeError) -> tuple[str, str]:
    if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
        return "the JSON ends in the middle", "the file is cut off: copy or download it again"
    if error.msg == "Extra data":
        return "more text follows after the JSON", "a file holds one JSON object; JSON lines are not read"
    return f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", "give COCO-style JSON, plain or .gz"


def _bytes(source: Source) -> bytes:
    try:
        data = source.path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(source.label, "", f"damaged gzip: {error}", "copy or download it again") from error
    except OSError as error:
        raise InputError(
            source.label, "", f"cannot be read: {error.strerror or error}", "check its permissions"
        ) from error
