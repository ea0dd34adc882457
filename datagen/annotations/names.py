"""Ids and file names as annotation files write them → one way to write each.

Ids join files, so `7`, `7.0`, `"7"` and `"000007"` are one id. File names go into training data and are opened by
trainers that join them to a folder without looking, so an absolute or climbing one must never get through.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from datagen.text import one_line

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_ROOTED = re.compile(r"/|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://")


def identity(value: object) -> str | None:
    """An id as text, whole numbers in decimal; None for what cannot be an id."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e18 else None
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else None
    if isinstance(value, str):
        text = one_line(value)
        if len(text) > 200:
            return None
        return (str(int(text)) if _WHOLE.fullmatch(text) else text) or None
    return None


def order(value: object) -> tuple[int, int]:
    """A sort key for annotation ids: whole numbers ascending, all others after them in file order."""
    text = identity(value)
    return (0, int(text)) if text is not None and _WHOLE.fullmatch(text) else (1, 0)


def relative_path(file_name: object) -> tuple[str, bool] | None:
    """A relative POSIX path, and whether it was absolute; None for what must not be opened at all.

    Back slashes become slashes; of an absolute path or an address only the last part is kept.
    """
    if not isinstance(file_name, str) or one_line(file_name) != file_name.strip() or len(file_name) > 1000:
        return None
    text = file_name.strip().replace("\\", "/")
    rooted = _ROOTED.match(text) is not None
    if rooted:
        text = text.split("?")[0].rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    parts = [part for part in PurePosixPath(text).parts if part != "."]
    if not parts or ".." in parts or ":" in parts[0]:
        return None
    return "/".join(parts), rooted
