"""I: is the picture there, does it open, is it of the size that the record tells? Looked at only with `--images DIR`.

Headers are read, no picture is decoded, and nothing outside the folder is opened. What each trainer does without a
picture is in `trainers.common.MISSING_IMAGE`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from datagen.checks.base import Seen, picture_check
from datagen.checks.examples import record
from datagen.checks.sample import Sample
from datagen.text import shown


class Look(NamedTuple):
    """What there is at a path."""

    state: Literal["there", "missing", "broken", "outside"]
    size: tuple[int, int] | None = None
    """Width and height in pixels, where it opens."""


class Folder:
    """The pictures' folder."""

    def __init__(self, path: str) -> None:
        self._root = os.path.realpath(path)
        self.look = lru_cache(1 << 16)(self._look)

    def _look(self, name: str) -> Look:
        """What is to be seen at `name`, which may be absolute, inside the folder."""
        if "\x00" in name:
            return Look("missing")
        try:
            place = os.path.realpath(os.path.join(self._root, name))  # noqa: PTH118 (Path would take `//` for another name)
            if os.path.commonpath((self._root, place)) != self._root:
                return Look("outside")
            return Look("there", _size(Path(place))) if Path(place).is_file() else Look("missing")
        except (OSError, ValueError, UnicodeError):
            return Look("missing")
        except _Unreadable:
            return Look("broken")


class _Unreadable(Exception):
    """No picture."""


def _size(path: Path) -> tuple[int, int]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pictures that are large to decode: only their header is read
            with Image.open(path) as picture:
                return picture.size
    except Exception as error:  # whatever a broken header makes Pillow raise
        raise _Unreadable from error


def named(sample: Sample) -> list[str]:
    """The paths that a record names."""
    return [image for image in sample.images or () if isinstance(image, str) and image and "://" not in image]


@picture_check("I001", "missing-image", "error", fails=record(image="not-there.jpg"), passes=record())
def missing(sample: Sample, folder: Folder) -> Iterator[Seen]:
    """The picture is not in the folder.

    LLaVA ends there; LLaVA-NeXT and others put another record in its place without a word; some take the text alone.
    """
    for name in named(sample):
        if folder.look(name).state == "missing":
            yield Seen(f"there is no {shown(name, 200)!r}", "image", name)


@picture_check("I002", "broken-image", "error", fails=record(image="broken.jpg"), passes=record())
def broken(sample: Sample, folder: Folder) -> Iterator[Seen]:
    """The file is no picture that opens."""
    for name in named(sample):
        if folder.look(name).state == "broken":
            yield Seen(f"{shown(name, 200)!r} does not open", "image", name)


@picture_check("I003", "image-size", "warning", fails=record(width=7, height=7), passes=record(width=640, height=480))
def size(sample: Sample, folder: Folder) -> Iterator[Seen]:
    """The picture is of another size than the record tells."""
    told = [_number(sample.raw.get(key)) for key in ("width", "height")] if isinstance(sample.raw, dict) else []
    names = named(sample)
    found = folder.look(names[0]).size if len(names) == 1 and len(told) == 2 and all(told) else None
    if found and tuple(told) != found:
        yield Seen(f"{found[0]} x {found[1]}, but {told[0]} x {told[1]} is told", "width", "")


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@picture_check("I004", "image-outside", "error", fails=record(image="/etc/hostname"), passes=record())
def outside(sample: Sample, folder: Folder) -> Iterator[Seen]:
    """The path leads out of the pictures' folder, and was not looked at."""
    for name in named(sample):
        if folder.look(name).state == "outside":
            yield Seen(f"{shown(name, 200)!r} is elsewhere", "image", name)
