"""Pictures' sizes from their headers, for annotation files that do not tell them. No picture is decoded."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from datagen.errors import InputError
from datagen.text import shown


def sizes_in(folder: Path) -> Callable[[str], tuple[int, int] | None]:
    """What tells a picture's width and height in pixels by its file name below `folder`, or by its last part there;
    None for what is missing or no picture. Raises InputError where there is no such folder."""
    if not folder.is_dir():
        raise InputError(shown(folder), "", "there is no such folder of pictures", "give it with --images")

    def size(name: str) -> tuple[int, int] | None:
        return _size(folder / name) or (_size(folder / name.rpartition("/")[2]) if "/" in name else None)

    return size


def _size(path: Path) -> tuple[int, int] | None:
    from PIL import Image

    if not path.is_file():  # a pipe would be waited for
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pictures that are large to decode: only their header is read
            with Image.open(path) as picture:
                width, height = picture.size
    except Exception:  # whatever a broken header makes Pillow raise, there is no size
        return None
    return (width, height) if 0 < width < 10**6 and 0 < height < 10**6 else None
