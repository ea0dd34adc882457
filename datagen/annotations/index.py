"""The joined annotations of some files: one row an image, in the order of the first file that lists it.

What selects images asks a row for counts and categories; what plans asks it for the whole ImageContext. How rows are
packed, and where, is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from datagen.annotations import coco
from datagen.annotations.census import Census
from datagen.annotations.files import Source
from datagen.schema import ImageContext

Layout = Literal["auto", "xywh", "xyxy", "normalized"]
Crowd = Literal["keep", "drop", "group"]


class Reading(NamedTuple):
    """How files are to be read, where they do not say."""

    boxes: Layout = "auto"
    """What four numbers mean; `auto` is what the format says, unless the file shows otherwise."""
    crowd: Crowd = "keep"
    """Regions of a crowd: kept like others as LLaVA did, left out, or named as a group."""
    images: Path | None = None
    """The pictures' folder: sizes that no file tells are read from their headers."""
    cache: bool = True
    """Whether what was joined once may be kept for the next start."""


class FileFacts(NamedTuple):
    """What one file held."""

    label: str
    dialect: str
    """In words: `COCO`, `caps_boxes lines` …"""
    images: int
    annotations: int
    captions: int
    boxes: int
    categories: int


class Index:
    """Rows 0 … len - 1."""

    def __init__(self, contexts: Sequence[ImageContext], census: Census, files: tuple[FileFacts, ...] = ()) -> None:
        self._contexts = contexts
        self.census = census
        self.files = files
        self.categories: tuple[str, ...] = tuple(dict.fromkeys(b.category for c in contexts for b in c.boxes))
        self._number = {name: number for number, name in enumerate(self.categories)}

    def __len__(self) -> int:
        return len(self._contexts)

    def image_id(self, row: int) -> str:
        """The image's id."""
        return self._contexts[row].image_id

    def file_name(self, row: int) -> str:
        """The image's file name, a relative POSIX path."""
        return self._contexts[row].file_name

    def size(self, row: int) -> tuple[int, int] | None:
        """Width and height in pixels; None where nothing tells them."""
        context = self._contexts[row]
        return (context.width, context.height) if context.width and context.height else None

    def captions(self, row: int) -> int:
        """How many captions it has."""
        return len(self._contexts[row].captions)

    def boxes(self, row: int) -> int:
        """How many boxes it has."""
        return len(self._contexts[row].boxes)

    def categories_of(self, row: int) -> Sequence[int]:
        """The category of each of its boxes, in their order, as positions in `categories`."""
        return [self._number[box.category] for box in self._contexts[row].boxes]

    def context(self, row: int) -> ImageContext:
        """All that is known of it."""
        return self._contexts[row]

    def contexts(self, rows: Iterable[int] | None = None) -> Iterator[ImageContext]:
        """The contexts of `rows` in their order; of all by default."""
        return map(self.context, range(len(self)) if rows is None else rows)


def index(sources: Sequence[Source], reading: Reading = Reading()) -> Index:  # noqa: B008 (it is frozen)
    """The images of `sources`, joined. Raises InputError for a file that cannot be used."""
    census = Census()
    return Index(list(coco.contexts(sources, census)), census)
