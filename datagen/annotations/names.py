"""Ids and file names as annotation files write them → one way to write each.

Ids join files, so `7`, `7.0`, `"7"` and `"000007"` are one id. File names go into training data and are opened by
trainers that join them to a folder without looking, so an absolute or climbing one must never get through.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from datagen.text import is_plain, one_line

_WHOLE = re.compile(r"-?[0-9]{1,40}")
_BEYOND = 10**40
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DRIVE = re.compile(r"[A-Za-z]:")


def identity(value: object) -> str | None:
    """An id as text, whole numbers in decimal; None for what cannot be an id."""
    if type(value) is int:  # asked first, for so are nearly all; true and false are of another type
        return str(value) if -_BEYOND < value < _BEYOND else None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else None
    if isinstance(value, str):
        text = one_line(value)
        if len(text) > 200:
            return None
        return (str(int(text)) if _WHOLE.fullmatch(text) else text) or None
    return None


def order(value: object) -> tuple[int, int]:
    """A sort key for annotation ids: whole numbers ascending, all others after them in file order."""
    if type(value) is int and -_BEYOND < value < _BEYOND:
        return 0, value
    text = identity(value)
    return (0, int(text)) if text is not None and _WHOLE.fullmatch(text) else (1, 0)


def relative_path(file_name: object) -> tuple[str, bool] | None:
    """A relative POSIX path, and whether it was absolute; None for what must not be opened at all.

    Back slashes become slashes; of an absolute path or an address only the last part is kept.
    """
    if not isinstance(file_name, str) or not is_plain(file_name) or len(file_name) > 1000:
        return None
    text = file_name.strip().replace("\\", "/")
    last = _last_of_absolute(text)
    parts = [part for part in PurePosixPath(text if last is None else last).parts if part != "."]
    if not parts or any(part.strip() == ".." for part in parts) or parts[0].startswith("/") or parts[0][1:2] == ":":
        return None
    path = "/".join(parts)
    if path != path.strip():
        again = relative_path(path)
        return again and (again[0], again[1] or last is not None)
    return path, last is not None


def _last_of_absolute(text: str) -> str | None:
    """The last part of an absolute path or an address; None when the path is relative."""
    if _ADDRESS.match(text):
        return re.split(r"[?#]", text.partition("://")[2])[0].rpartition("/")[2].strip()
    if _DRIVE.match(text):
        text = "/" + text[2:]
    return text.rpartition("/")[2].strip() if text.startswith("/") else None
