"""Files' columns, one after the other → rows by image id: who is joined with whom, and what becomes of each entry.

The order of images is that of the first file that lists them. Nothing is left out without a name in `census.ODDITIES`.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from datagen.annotations.columns import AS_TOLD, IN_SHARES, NO_ID, Columns, Images
from datagen.annotations.names import readable
from datagen.annotations.placing import Layout, Means, Raw, like_shares, look_like_corners, meaning
from datagen.annotations.table import ORIGIN, Gathered, SomeCaptions
from datagen.text import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

Crowd = Literal["keep", "drop", "group"]
"""What becomes of regions of a crowd: kept like others as LLaVA did, left out, or named as a group."""


class Joined(Gathered):
    """Takes files one by one, in their order, and makes the table of them."""

    def __init__(self, layout: Layout = "auto", crowd: Crowd = "keep") -> None:
        super().__init__()
        self._layout, self._crowd = layout, crowd
        self._foreign: set[int] = set()  # ids under which the file at hand lists other pictures than earlier ones

    def add(self, columns: Columns) -> None:
        """Take one file; the columns it came in are emptied."""
        import numpy as np

        number = len(self._files)
        self._files.append(columns)
        listed = self._join(number, columns)
        rows = looked_up(listed, np.frombuffer(columns.annotations.keys, np.int64))
        self._tell_dangling(columns, rows)
        _tell_duplicates(columns, rows)
        for key, name, where, what in columns.faults:
            if key in listed:
                columns.odd(name, where, what)
        columns.faults.clear()
        self._take_captions(number, columns, rows)
        self._take_boxes(number, columns, rows, listed)
        columns.forget()

    # --- images -------------------------------------------------------------------------------------------------

    def _join(self, number: int, columns: Columns) -> dict[int, int]:
        """The file's images among the joined: key → row."""
        rows, names, widths, heights = self._rows, self._names, self._widths, self._heights
        self._foreign.clear()
        if self._is_as_before(columns.images) or self._is_first(number, columns.images):
            return rows
        told = iter(columns.images.told)
        listed: dict[int, int] = {}
        images = columns.images
        for n, (key, name, width, height) in enumerate(zip(images.keys, images.names, images.widths, images.heights,
                                                           strict=True)):  # fmt: skip
            words = next(told) if name is None else ""
            row = rows.setdefault(key, len(names))
            listed[key] = row
            if row == len(names):
                names.append(name)
                widths.append(width)
                heights.append(height)
                self._origins.append(number * ORIGIN + n)
                if name is None:
                    self._told[row] = words
            elif names[row] != name or widths[row] != width or heights[row] != height:
                if self._is_another(columns, n, row):
                    del listed[key]
                    self._foreign.add(key)
                else:
                    self._compare(columns, n, row, words)
        return listed

    def _is_as_before(self, images: Images) -> bool:
        """Whether a file lists exactly what was listed so far, as COCO's files of one set do."""
        return (
            len(images.keys) == len(self._names)
            and images.names == self._names
            and (images.widths, images.heights) == (self._widths, self._heights)
            and images.keys == array("q", self._rows)
        )

    def _is_first(self, number: int, images: Images) -> bool:
        """Whether a file lists the first images of all, each with a name and once; they are taken then, all at once."""
        if self._names or images.told:
            return False
        rows = dict(zip(images.keys, range(len(images.keys)), strict=True))
        if len(rows) < len(images.keys):
            return False
        self._rows.update(rows)
        self._names += images.names
        self._widths += images.widths
        self._heights += images.heights
        self._origins.extend(range(number * ORIGIN, number * ORIGIN + len(rows)))
        return True

    def _is_another(self, columns: Columns, n: int, row: int) -> bool:
        """Whether an image that an earlier file lists under the same id is plainly another: other name, other size."""
        images, known = columns.images, self._names[row]
        name, size, there = (
            images.names[n],
            (images.widths[n], images.heights[n]),
            (self._widths[row], self._heights[row]),
        )
        if name is None or known is None or name == known or not size[0] or not there[0] or size == there:
            return False
        where = f"{columns.at(columns.image_place.format(images.places[n]))}: {shown(name, 100)} {size[0]} x {size[1]}"
        columns.census.add("another-image", f"{where} is {shown(known, 100)} {there[0]} x {there[1]} elsewhere")
        return True

    def _compare(self, columns: Columns, n: int, row: int, words: str) -> None:
        """An image that an earlier file listed otherwise."""
        images = columns.images
        name, size = images.names[n], (images.widths[n], images.heights[n])
        where = f"{columns.at(columns.image_place.format(images.places[n]))}: {shown(name or words, 100)}"
        known = self._names[row]
        if known is None:
            self._names[row] = name
        elif name not in (None, known):
            columns.census.add("file-names-differ", f"{where} is {shown(known, 100)} elsewhere")
        there = (self._widths[row], self._heights[row])
        if there[0] and size[0] and size != there:
            columns.census.add("sizes-differ", f"{where}: {size} is {there[0]} x {there[1]} elsewhere")
        if not there[0]:
            self._widths[row], self._heights[row] = size

    # --- annotations --------------------------------------------------------------------------------------------

    def _tell_dangling(self, columns: Columns, rows: NDArray[Any]) -> None:
        import numpy as np

        gone = np.flatnonzero(rows < 0)
        if self._foreign and len(gone):
            keys = np.frombuffer(columns.annotations.keys, np.int64)[gone]
            foreign = np.isin(keys, np.fromiter(self._foreign, np.int64))
            if foreign.any():
                columns.odds("gone-with-image", int(foreign.sum()), int(gone[foreign.argmax()]))
            gone = gone[~foreign]
        if len(gone):
            key = columns.annotations.keys[int(gone[0])]
            text = columns.keys.texts().get(key, str(key))
            columns.odds("dangling-image-id", len(gone), int(gone[0]), f"image_id {text}")

    def _take_captions(self, number: int, columns: Columns, rows: NDArray[Any]) -> None:
        import numpy as np

        entries = np.frombuffer(columns.captions.entries, np.int32)
        if not len(entries):
            return
        of, orders = rows[entries], np.frombuffer(columns.annotations.ids, np.int64)[entries]
        orders[np.abs(orders) >= NO_ID] = NO_ID
        sizes = np.frombuffer(columns.captions.sizes, np.int32)
        starts = np.cumsum(sizes, dtype=np.int64) - sizes
        kept = of >= 0
        self._captions.append(
            SomeCaptions(
                of[kept], orders[kept], number, entries[kept], starts[kept], sizes[kept], columns.captions.text
            )
        )

    def _take_boxes(self, number: int, columns: Columns, rows: NDArray[Any], listed: dict[int, int]) -> None:
        import numpy as np

        boxes = columns.boxes
        if not boxes.kinds:
            return
        entries = np.frombuffer(boxes.entries, np.int32)
        numbers = np.frombuffer(boxes.numbers).reshape(-1, 4)
        kinds = np.frombuffer(boxes.kinds, np.uint8)
        if self._layout != "auto":
            kinds = np.where(kinds == IN_SHARES, np.uint8(AS_TOLD), kinds)
        raw = Raw(rows[entries], self._named(columns, rows[entries]), numbers, kinds, entries)
        kept = (raw.rows >= 0) & (raw.categories >= 0)
        raw = raw if kept.all() else raw.some(kept)
        widths, heights = self._own_sizes(columns, listed)
        means = self._meaning(columns, raw, widths, heights)
        placeable = (widths[raw.rows] > 0) | (raw.kinds == IN_SHARES) | ((raw.kinds == AS_TOLD) & means.shares)
        if not placeable.all():
            self._waiting.append((number, raw.some(~placeable), means))
            raw = raw.some(placeable)
        self._place(number, raw, means, widths, heights)

    def _meaning(self, columns: Columns, raw: Raw, widths: NDArray[Any], heights: NDArray[Any]) -> Means:
        """What the file's four numbers mean; says where that was guessed, and where it looks wrong."""
        told = raw if not raw.kinds.any() else raw.some(raw.kinds == AS_TOLD)
        means = meaning(self._layout, columns.corners, told.numbers)
        if not len(told.rows) or self._layout != "auto" or columns.corners:
            return means
        first = f"{told.numbers[0].tolist()}"
        if means.shares:
            as_what = "two corners" if means.corners else "x, y, width and height"
            columns.odds("normalized-boxes", len(told.rows), int(told.entries[0]), f"{first} as {as_what}")
        elif like_shares(told.numbers) > 0.5:
            columns.odds("share-like-boxes", len(told.rows), int(told.entries[0]), first)
        elif look_like_corners(told, widths, heights):
            columns.odds("corner-like-boxes", len(told.rows), int(told.entries[0]), first)
        return means

    def _own_sizes(self, columns: Columns, listed: dict[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Widths and heights by row, as the file itself tells them."""
        import numpy as np

        images = columns.images
        rows = looked_up(listed, np.frombuffer(images.keys, np.int64))
        ours = rows >= 0  # some may be other pictures than those that earlier files list
        sizes = np.zeros((2, len(self._names)), np.int32)
        for told, pixels in zip(sizes, (images.widths, images.heights), strict=True):
            told[rows[ours]] = np.frombuffer(pixels, np.int32)[ours]
        return sizes[0], sizes[1]

    def _named(self, columns: Columns, rows: NDArray[Any]) -> NDArray[Any]:
        """Each box's category among all; -1 for boxes that are left out for theirs."""
        import numpy as np

        of_file = self._category_numbers(columns)
        boxes = columns.boxes
        found = looked_up(of_file, np.frombuffer(boxes.categories, np.int64))
        unknown = (found < 0) & (rows >= 0)
        if unknown.any():
            first = int(unknown.argmax())
            key = boxes.categories[first]
            columns.odds("unknown-category", int(unknown.sum()), boxes.entries[first],
                         columns.keys.texts().get(key, str(key)), ".category_id")  # fmt: skip
        crowds = np.frombuffer(boxes.crowds, np.uint8) > 0
        if self._crowd != "keep" and (chosen := crowds & (found >= 0) & (rows >= 0)).any():
            first = int(chosen.argmax())
            name = "crowd-left-out" if self._crowd == "drop" else "crowd-grouped"
            columns.odds(name, int(chosen.sum()), boxes.entries[first], "a region of a crowd")
            found[chosen] = -1 if self._crowd == "drop" else self._grouped(found[chosen])
        return found

    def _category_numbers(self, columns: Columns) -> dict[int, int]:
        numbers = {}
        for n, (key, told) in enumerate(columns.categories.items()):
            name = readable(told)
            if name != told:
                columns.odd("readable-name", f"$.categories[{n}]", f"{told} → {name}")
            numbers[key] = self._categories.setdefault(name, len(self._categories))
        return numbers

    def _grouped(self, categories: NDArray[Any]) -> list[int]:
        names = list(self._categories)
        return [self._categories.setdefault(f"{names[n]} (group)", len(self._categories)) for n in categories.tolist()]


def looked_up(numbers: Mapping[int, int], keys: NDArray[Any]) -> NDArray[Any]:
    """What `numbers` has for each of `keys`; -1 where it has nothing."""
    import numpy as np

    known = np.fromiter(numbers, np.int64, len(numbers))
    values = np.fromiter(numbers.values(), np.int32, len(numbers))
    if not len(known) or not len(keys):
        return np.full(len(keys), -1, np.int32)
    low, high = int(known.min()), int(known.max())
    if high - low < 16 * len(known) + (1 << 20):  # nearly all ids of all files
        table: NDArray[Any] = np.full(high - low + 2, -1, np.int32)
        table[known - low] = values
        places = np.where((keys < low) | (keys > high), high + 1, keys) - low
        found: NDArray[Any] = table[places]
        return found
    order = np.argsort(known)
    at = np.searchsorted(known, keys, sorter=order).clip(0, len(known) - 1)
    rows: NDArray[Any] = np.where(known[order[at]] == keys, values[order[at]], np.int32(-1))
    return rows


def _tell_duplicates(columns: Columns, rows: NDArray[Any]) -> None:
    import numpy as np

    ids = np.frombuffer(columns.annotations.ids, np.int64)
    known = np.flatnonzero((ids != NO_ID) & (rows >= 0))
    some = ids[known] if len(known) < len(ids) else ids
    ordered = np.sort(some)
    if not (ordered[1:] == ordered[:-1]).any():
        return
    _, firsts = np.unique(some, return_index=True)
    again = np.ones(len(some), bool)
    again[firsts] = False
    first = int(known[again.argmax()])
    key = columns.annotations.ids[first]
    columns.odds("duplicate-annotation-id", int(again.sum()), first, f"id {columns.keys.texts().get(key, str(key))}")
