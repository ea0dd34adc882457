"""Pictures → the numbers that a vision tower takes: opened, made small and square, and centred as CLIP does it.

Nothing outside the folder is opened. A picture that is not there or does not open is told, and raises nothing.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

SIDE = 48
"""Pixels."""
_MEAN, _SPREAD = (0.481, 0.458, 0.408), (0.269, 0.261, 0.276)
"""Of CLIP's own preparation (openai/CLIP:clip/clip.py), to three digits."""


class Missing(Exception):
    """A picture that cannot be had; `args[0]` says why."""


class Pictures:
    """The pictures' folder."""

    def __init__(self, folder: Path) -> None:
        self._root = os.path.realpath(folder)

    def pixels(self, name: str) -> np.ndarray[Any, Any]:
        """Three layers of SIDE by SIDE. Raises Missing."""
        from PIL import Image

        path = self._path(name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(path) as picture:
                    small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        except FileNotFoundError as error:
            raise Missing("missing") from error
        except Exception as error:  # whatever a broken file makes Pillow raise
            raise Missing("broken") from error
        values = (np.asarray(small, dtype=np.float32) / 255 - _MEAN) / _SPREAD
        return np.ascontiguousarray(values.transpose(2, 0, 1), dtype=np.float32)

    def _path(self, name: str) -> Path:
        try:
            place = os.path.realpath(os.path.join(self._root, name))  # noqa: PTH118 (as in checks/pictures.py)
            if os.path.commonpath((self._root, place)) != self._root:
                raise Missing("outside")
        except (OSError, ValueError) as error:
            raise Missing("missing") from error
        return Path(place)
