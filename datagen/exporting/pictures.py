"""The pictures of records, found below one folder and nowhere else, by whatever names records give them.

A path that leads out of the folder (`../`, absolute, or over a link) is never opened. Headers are read, so that what is
written is named by what it is; no picture is decoded or changed.
"""

from __future__ import annotations

import os
import warnings
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from datagen.errors import SetupError
from datagen.text import shown

_NAMES = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "BMP": "bmp", "TIFF": "tiff"}


class Picture(NamedTuple):
    """A file that opens."""

    path: Path
    kind: str
    """`jpg`, `png`: what it is, whatever it is called."""


class Unusable(Exception):
    """Why a picture cannot be used: `picture-missing`, `picture-broken` or `picture-outside`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Pictures:
    """Those of one folder. Raises SetupError where it is none."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SetupError(f"--images: there is no folder {shown(folder)}", "give the folder of pictures")
        self._root = os.path.realpath(folder)
        self._find = lru_cache(1 << 14)(self._look)

    def find(self, name: str) -> Picture:
        """The picture that a record calls so. Raises Unusable."""
        found = self._find(name)
        if isinstance(found, str):
            raise Unusable(found)
        return found

    def _look(self, name: str) -> Picture | str:
        try:
            place = os.path.realpath(os.path.join(self._root, name))  # noqa: PTH118 (absolute names too)
            if os.path.commonpath((self._root, place)) != self._root:
                return "picture-outside"
            if not os.path.isfile(place):  # noqa: PTH113
                return "picture-missing"
            kind = _kind(place)
        except (OSError, ValueError):  # a name that cannot be one
            return "picture-missing"
        return Picture(Path(place), kind) if kind else "picture-broken"


def _kind(place: str) -> str:
    """By its header; empty for what is no picture."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pictures that are large to decode: only their header is read
            with Image.open(place) as picture:
                return _NAMES.get(picture.format or "", "")
    except Exception:  # whatever a broken header makes Pillow raise
        return ""
