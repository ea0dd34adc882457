"""The joined annotations of some files: one row an image, in the order of the first file that lists it.

What selects images asks a row for counts and categories; what plans asks it for the whole ImageContext. Rows are packed
into one piece of bytes, as it also lies in the cache; nothing is unpacked before it is asked for.
"""

from __future__ import annotations

import gc
import mmap
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import starmap
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from datagen.annotations import cache
from datagen.annotations.census import Census
from datagen.annotations.columns import Keys
from datagen.annotations.formats import facts, read_file
from datagen.annotations.packing import FileFacts, Packed, pack
from datagen.annotations.pictures import sizes_in
from datagen.errors import InputError
from datagen.schema import Box, Boxed, ImageContext
from datagen.sources.files import Source, sha256

if TYPE_CHECKING:
    from datagen.annotations.joining import Crowd
    from datagen.annotations.placing import Layout

_SHARES = tuple(n / 1000 for n in range(1001))


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


class Index:
    """Rows 0 … len - 1."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self.census = packed.census
        """What was odd."""
        self.files = packed.files
        """What each file held."""
        self.categories = packed.categories
        """Names, by number."""

    def __len__(self) -> int:
        return len(self._packed.widths)

    def image_id(self, row: int) -> str:
        """The image's id."""
        return self._packed.names(row)[0]

    def file_name(self, row: int) -> str:
        """The image's file name, a relative POSIX path."""
        return self._packed.names(row)[1]

    def size(self, row: int) -> tuple[int, int] | None:
        """Width and height in pixels; None where nothing tells them."""
        width, height = self._packed.widths[row], self._packed.heights[row]
        return (width, height) if width else None

    def captions(self, row: int) -> int:
        """How many captions it has."""
        return self._packed.caption_counts[row]

    def boxes(self, row: int) -> int:
        """How many boxes it has."""
        start, end = self._packed.box_range(row)
        return end - start

    def categories_of(self, row: int) -> Sequence[int]:
        """The category of each of its boxes, in their order, as positions in `categories`."""
        start, end = self._packed.box_range(row)
        return self._packed.box_categories[start:end]

    @property
    def data(self) -> memoryview:
        """All of it as bytes, for `opened` in another process."""
        return self._packed.data

    @property
    def boxed(self) -> Boxed:
        """What could have a box: categories that are listed and never used may not have been looked for."""
        used = set(self._packed.box_categories)
        names = tuple(name for number, name in enumerate(self.categories) if number in used)
        return Boxed(names, self.everywhere)

    @property
    def everywhere(self) -> bool:
        """Whether every category was looked for in every image, so that no box means something."""
        return all(file.dialect != "LVIS" for file in self.files)

    @property
    def box_columns(self) -> tuple[memoryview, memoryview]:
        """Of all rows: where the boxes of each end (64 bits), and the category of each box (32 bits)."""
        return self._packed.box_ends, self._packed.box_categories

    def context(self, row: int) -> ImageContext:
        """All that is known of it."""
        packed = self._packed
        image_id, file_name = packed.names(row)
        start, end = packed.box_range(row)
        corners = packed.corners[4 * start : 4 * end].tolist()
        names, shares = self.categories, _SHARES
        values = [shares[n] for n in corners]
        boxes = starmap(Box, zip([names[n] for n in packed.box_categories[start:end]], values[0::4], values[1::4],
                                 values[2::4], values[3::4], strict=True))  # fmt: skip
        # not validated: all of it was made here, and a check of each would cost more than all the rest
        return ImageContext.model_construct(
            image_id=image_id,
            file_name=file_name,
            width=packed.widths[row] or None,
            height=packed.heights[row] or None,
            captions=packed.captions(row),
            boxes=tuple(boxes),
        )

    def contexts(self, rows: Iterable[int] | None = None) -> Iterator[ImageContext]:
        """The contexts of `rows` in their order; of all by default."""
        return map(self.context, range(len(self)) if rows is None else rows)


class Annotations:
    """Some annotation files: what their digests are, and what they hold when they are joined. Either is found out once,
    and on the way to the other where that costs nothing."""

    def __init__(self, sources: Sequence[Source], reading: Reading) -> None:
        self._sources, self._reading = sources, reading
        self._digests: dict[Path, str] = {}
        self._place: cache.Place | None = None
        self._index: Index | None = None
        if reading.cache and reading.images is None:  # pictures may change where no digest tells
            options = (reading.boxes, reading.crowd)
            self._place = cache.place_for(sources, options, os.environ, self._digests)

    def digests(self) -> list[tuple[Source, str]]:
        """Each file with the sha256 of its bytes in hex. Raises InputError for one that cannot be read."""
        for source in self._sources:
            if source.path not in self._digests:
                self._digests[source.path] = sha256(source.path)
        return [(source, self._digests[source.path]) for source in self._sources]

    def index(self, meanwhile: Callable[[], None] | None = None) -> Index:
        """The images, joined; `meanwhile` is done beside that where files must be read for it, in this thread or in
        another. Raises InputError for a file that cannot be used."""
        if self._index is None:
            known = self._place.load() if self._place is not None else None
            self._index = Index(known if known is not None else self._read(meanwhile))
        return self._index

    def _read(self, meanwhile: Callable[[], None] | None) -> Packed:
        if meanwhile is not None:
            packed = self._read_apart(meanwhile)
            if packed is not None:
                return packed
            Thread(target=meanwhile, daemon=True).start()
        joined = self._joined(self._digests)
        self._save(joined)
        return Packed(joined)

    def _read_apart(self, meanwhile: Callable[[], None]) -> Packed | None:
        """None where it does not pay, where there is no room for a copy or none any more, and where the digests may be
        those of other bytes than were read."""
        from datagen.annotations import apart  # multiprocessing, which most commands do without

        known = dict(self._digests)

        def also() -> None:
            meanwhile()
            self.digests()

        with suppress(OSError, apart.Killed):
            before = [cache.stat_of(source.path) for source in self._sources]
            packed = apart.read(partial(self._joined, None), also) if apart.pays(self._sources) else None
            if before == [cache.stat_of(source.path) for source in self._sources]:
                if packed is not None:
                    self._save(packed.data)
                return packed
        self._digests.clear()
        self._digests.update(known)
        return None

    def _joined(self, digests: dict[Path, str] | None) -> bytes:
        with _without_garbage():
            return _joined(self._sources, self._reading, digests)

    def _save(self, packed: bytes | memoryview) -> None:
        if self._place is not None:
            self._place.save(packed)


def index(sources: Sequence[Source], reading: Reading = Reading()) -> Index:  # noqa: B008 (it is frozen)
    """The images of `sources`, joined. Raises InputError for a file that cannot be used."""
    if not reading.cache:
        with _without_garbage():
            return Index(Packed(_joined(sources, reading, None)))
    return Annotations(sources, reading).index()


def opened(path: Path) -> Index:
    """An index from a file that its `data` were written to."""
    with path.open("rb") as file:
        return Index(Packed(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def _joined(sources: Sequence[Source], reading: Reading, digests: dict[Path, str] | None) -> bytes:
    """`digests` takes those of the files, where it is given."""
    from datagen.annotations.joining import Joined  # numpy, which a start from the cache does without

    census, keys = Census(), Keys()
    held: list[FileFacts] = []
    joined = Joined(reading.boxes, reading.crowd)
    for source in sources:
        columns = read_file(source, keys, digests)
        if columns is None:
            census.add("not-coco", source.label)
        else:
            held.append(facts(columns))
            joined.add(columns)
    if not held:
        raise InputError(", ".join(s.label for s in sources) or "no file", "", "no COCO-style annotations in there")
    sizes = None if reading.images is None else sizes_in(reading.images)
    return pack(joined.table(sizes, census), census, held)


@contextmanager
def _without_garbage() -> Iterator[None]:
    """Millions of small things are made and none of them in circles: looking for those costs as much as the rest."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
