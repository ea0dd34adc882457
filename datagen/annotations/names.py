"""Ids, file names, category names, sizes and crowds as annotation files write them → one way to write each.

Ids join files, so `7`, `7.0`, `"7"` and `"000007"` are one id. File names go into training data and are opened by
trainers that join them to a folder without looking, so an absolute or climbing one must never get through. Category
names are shown to a model, which answers in the words it is given.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from datagen.text import is_plain, one_line

_WHOLE = re.compile(r"-?[0-9]{1,40}")
_BEYOND = 10**40
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
SOUND_PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]{0,200}").fullmatch
"""Tells file names that are relative paths already, as nearly all are; each part begins with no dot."""
_DRIVE = re.compile(r"[A-Za-z]:")
_HUNG_ON = ("other", "merged", "stuff")
_MADE_OF = re.compile(r"^(ceiling|floor|wall)-(brick|concrete|marble|panel|stone|tile|wood)$", re.IGNORECASE)
_AS_SAID = {  # single names of nightrome/cocostuff:labels.txt and of lvis-dataset/lvis-api:data/lvis_val_100.json
    "playingfield": "playing field",
    "waterdrops": "water drops",
    "window-blind": "window blind",
    "monitor (computer equipment) computer monitor": "monitor (computer equipment)",
    "speaker (stero equipment)": "speaker (stereo equipment)",
}


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


def readable(name: str) -> str:
    """A category's name as people say it; the name as given where nothing would be left of it.

    Underscores are spaces; what COCO hangs on its stuff goes (`sky-other-merged`: sky), and what stuff is made of comes
    first (`wall-brick`: brick wall). Any other hyphen stays: `t-shirt`, `hot-air balloon` and `flip-flop` are spelt
    with one, and nothing tells `white-king` from them.
    """
    text = _MADE_OF.sub(r"\2 \1", _without_suffixes(one_line(name.replace("_", " "))))
    return _AS_SAID.get(text.lower(), text) or name


def _without_suffixes(text: str) -> str:
    """`text` without COCO's suffixes; a name that is nothing but those keeps its first."""
    end = len(text)  # moved from the back, for a name of a megabyte of them must not cost a second each
    while (at := text.rfind("-", 0, end)) > 0 and text[at + 1 : end].strip().lower() in _HUNG_ON:
        end = at
    return text[:end].rstrip()


def pixels(value: object) -> int | None:
    """A width or height as a whole number of pixels; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**6:
        return None
    return int(value) if value == int(value) else None


def is_crowd(value: object) -> bool:
    """Whether `iscrowd` says yes: 1, true, and the same as text; COCO Annotator writes "false"."""
    if isinstance(value, str):
        return value.strip().lower() in ("1", "true", "yes")
    return isinstance(value, bool | int | float) and value == 1
