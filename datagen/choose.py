"""Settings → which images: how the annotations are to be read, and what is selected of them.

The annotations wing knows nothing of settings, and settings stand below it; here the two meet, before anything is
planned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from datagen.annotations.index import Index, Reading
from datagen.annotations.selection import Chosen, Selection, select
from datagen.errors import InputError
from datagen.observer import Observer
from datagen.settings import Settings, part_of
from datagen.text import shown


class ImagesList(NamedTuple):
    """The file of --images-list, read."""

    entries: tuple[str, ...]
    sha256: str


def reading(settings: Settings) -> Reading:
    """How the annotations are to be read. Raises InputError for a pictures' folder that is none."""
    images = settings.images
    if images is not None and not images.is_dir():
        cause = "is a file, not a folder" if images.exists() else "there is no such folder"
        raise InputError(shown(images), "", cause, "--images is the folder that the pictures are in")
    return Reading(settings.boxes, settings.crowd, images, settings.cache)


def images_list(settings: Settings) -> ImagesList | None:
    """The images list, if one is given: an entry a line, blank lines and those that begin with `#` left out. Raises
    InputError when it cannot be read."""
    path = settings.images_list
    if path is None:
        return None
    data = _bytes(path)
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        cause = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        offset = error.start + len(data) - len(error.object)
        raise InputError(shown(path), f"offset {offset}", cause, "save the list as UTF-8 text") from error
    entries = (line.strip() for line in lines)
    return ImagesList(tuple(e for e in entries if e and not e.startswith("#")), hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        cause = "there is no such file" if isinstance(error, FileNotFoundError) else "cannot be read"
        why = "" if isinstance(error, FileNotFoundError) else f": {getattr(error, 'strerror', None) or error}"
        hint = "--images-list is a text file with an image id or file name a line"
        raise InputError(shown(path), "", f"{cause}{why}", hint) from error


def selection(settings: Settings, listed: ImagesList | None = None) -> Selection:
    """What the settings wish for; `listed` is what `images_list` gave for them."""
    return Selection(
        images_list=None if listed is None else listed.entries,
        categories=settings.categories,
        min_captions=settings.min_captions,
        min_boxes=settings.min_boxes,
        max_boxes=settings.max_boxes,
        split=None if settings.split is None else part_of(settings.split),
        sample=settings.sample,
        sample_by=settings.sample_by or "random",
        limit=settings.limit,
        seed=settings.seed,
    )


def choose(images: Index, settings: Settings, listed: ImagesList | None, observer: Observer) -> Chosen:
    """The images that the settings select; says what was left out. Raises as `select` does."""
    chosen = select(images, selection(settings, listed))
    if chosen.not_found:
        observer.say(_not_found(chosen.not_found))
    if chosen.left_out:
        why = ", ".join(f"{reason} {count:,}" for reason, count in chosen.left_out.items())
        observer.say(f"taken {len(chosen.rows):,} of {chosen.seen:,} images (left out: {why})")
    return chosen


def _not_found(entries: Sequence[str]) -> str:
    first = ", ".join(shown(entry, 60) for entry in entries[:3])
    what = "entry is" if len(entries) == 1 else "entries are"
    return f"--images-list: {len(entries):,} {what} no image's id or file name (first: {first})"


def record(chosen: Chosen) -> dict[str, object]:
    """As run.json and manifest.json keep it."""
    return {
        "images": chosen.seen,
        "taken": len(chosen.rows),
        "left_out": chosen.left_out,
        "not_found": len(chosen.not_found),
    }
