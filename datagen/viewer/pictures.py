"""Pictures from one folder, and from nowhere else: what an annotation file calls one is never trusted.

A name is made relative first, and what it leads to must lie in the folder, links followed. Only what Pillow knows as a
picture of a few plain kinds is given out, under its own type; SVG, which can hold scripts, is none of them.
"""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from datagen.annotations.names import relative_path

TYPES: Mapping[str, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
}
"""Pillow's name → the type it is given out under."""
THUMB = 160
_LARGEST = 64 << 20
_PIXELS = 80_000_000
_ROOM = 16 << 20
_BESIDE = ("images", "train2017", "val2017", "train2014", "val2014", "test2017", ".")


class Picture(NamedTuple):
    """A picture's bytes, fit to be given out."""

    data: bytes
    kind: str


class Pictures:
    """One folder of pictures; None is no folder at all."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = None if folder is None else folder.resolve()
        self._thumbs: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._drawing = threading.Semaphore(2)  # each holds a whole picture in memory

    def whole(self, name: str) -> Picture | None:
        """The picture as it is; None where there is none that may be shown."""
        with _Open(self._path(name)) as file:
            kind = _kind(file)
            if file is None or kind is None:
                return None
            file.seek(0)
            return Picture(file.read(), kind)

    def thumb(self, name: str, edge: int = THUMB) -> Picture | None:
        """A small JPEG of it."""
        known = self._known(f"{edge} {name}")
        if known is not None:
            return Picture(known, "image/jpeg")
        with _Open(self._path(name)) as file, self._drawing:
            data = None if file is None or _kind(file) is None else _smaller(file, edge)
        if data is None:
            return None
        self._keep(f"{edge} {name}", data)
        return Picture(data, "image/jpeg")

    def has(self, name: str) -> bool:
        """Whether there is a file of that name in the folder."""
        return self._path(name) is not None

    def _path(self, name: str) -> Path | None:
        """Where it is, with no link left in its path."""
        told = relative_path(name)
        if self.folder is None or told is None:
            return None
        for relative in dict.fromkeys((told[0], told[0].rpartition("/")[2])):
            try:
                path = (self.folder / relative).resolve()
                if path.is_relative_to(self.folder) and path.is_file():
                    return path
            except (OSError, ValueError, RuntimeError):  # too long, a loop of links
                continue
        return None

    def _known(self, key: str) -> bytes | None:
        with self._lock:
            if key in self._thumbs:
                self._thumbs.move_to_end(key)
            return self._thumbs.get(key)

    def _keep(self, key: str, data: bytes) -> None:
        with self._lock:
            if key not in self._thumbs:
                self._thumbs[key] = data
                self._held += len(data)
            while self._held > _ROOM:
                self._held -= len(self._thumbs.popitem(last=False)[1])


class _Open:
    """A regular file of bearable size, opened without following a link that was put there meanwhile."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> IO[bytes] | None:
        try:
            if self._path is not None:
                descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
                self._file = os.fdopen(descriptor, "rb")
                if os.fstat(descriptor).st_size > _LARGEST:
                    self.__exit__()
        except OSError:
            self._file = None
        return self._file

    def __exit__(self, *_exc: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _kind(file: IO[bytes] | None) -> str | None:
    """The type it may be given out under, by what stands in it; its name says nothing."""
    if file is None:
        return None
    with _Opened(file) as picture:
        return TYPES.get(picture.format) if picture is not None else None


class _Opened:
    """Pillow's picture, or None where it is none; whatever a broken file makes Pillow raise."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __enter__(self) -> Any:
        from PIL import Image

        self._file.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                picture = Image.open(self._file, formats=list(TYPES))
            except Exception:
                return None
        return picture if 0 < picture.width * picture.height <= _PIXELS else None

    def __exit__(self, *_exc: object) -> None: ...


def _smaller(file: IO[bytes], edge: int) -> bytes | None:
    with _Opened(file) as picture:
        if picture is None:
            return None
        try:
            picture.draft("RGB", (edge * 2, edge * 2))
            small = picture.convert("RGBA") if picture.mode in ("P", "LA", "PA", "RGBA") else picture.convert("RGB")
            small.thumbnail((edge, edge))
            made = io.BytesIO()
            _flat(small).save(made, "JPEG", quality=82)  # nothing of the file's own bytes is left in it
        except Exception:
            return None
        return made.getvalue()


def _flat(picture: Any) -> Any:
    """Without transparency, on white."""
    if picture.mode != "RGBA":
        return picture
    from PIL import Image

    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def likely_folder(annotations: list[str], names: list[str]) -> Path | None:
    """Where a run's pictures probably are: in a folder beside its annotations, as COCO and the samples lay them out."""
    for told in annotations:
        for root in list(Path(told).absolute().parents)[:2]:
            for beside in _BESIDE:
                folder = Pictures(root / beside)
                if names and all(map(folder.has, names)):
                    return folder.folder
    return None
