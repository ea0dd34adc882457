"""Small pictures as data URIs, from a folder that nothing outside of is read from. It knows no pages."""

from __future__ import annotations

import base64
import io
import warnings
from pathlib import Path

SIDE = 160
"""Pixels of the longer side."""


def thumbnail(folder: Path, name: str) -> str | None:
    """`data:image/jpeg;base64,…`; None where there is no such picture in the folder, or it does not open."""
    from PIL import Image

    try:
        path = (folder / name).resolve()
        if not name or not path.is_relative_to(folder.resolve()) or not path.is_file():
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                picture.draft("RGB", (SIDE * 2, SIDE * 2))
                small = picture.convert("RGB")
                small.thumbnail((SIDE, SIDE))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    kept = io.BytesIO()
    small.save(kept, "JPEG", quality=72)
    return "data:image/jpeg;base64," + base64.b64encode(kept.getvalue()).decode("ascii")
