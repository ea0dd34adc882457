"""Files' columns → one row an image: joined by id, nothing twice, nothing left out without a name.

The order of images is that of the first file that lists them; captions come in ascending annotation id, boxes in file
order. What comes out is packed; how it was written in the files is forgotten here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from datagen.annotations.census import Census
from datagen.annotations.columns import IN_PIXELS, NO_ID, Columns, Images
from datagen.annotations.names import readable
from datagen.annotations.placing import Layout, Means, Placed, Raw, look_like_corners, meaning, place
from datagen.annotations.repeats import repeated_boxes, repeated_captions
from datagen.text import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

Crowd = Literal["keep", "drop", "group"]
"""What becomes of regions of a crowd: kept like others as LLaVA did, left out, or named as a group."""
Sizes = Callable[[str], tuple[int, int] | None]
"""Tells a picture's width and height by its file name, where somebody has the pictures."""


class Table(NamedTuple):
    """The joined images, a row each; `*_ends` are where a row's part of what follows it ends."""

    ids: list[str]
    names: list[str]
    widths: NDArray[Any]
    heights: NDArray[Any]
    """0 where nothing tells."""
    caption_text: bytes | bytearray
    caption_starts: NDArray[Any]
    """Where each begins in the text, sorted by row."""
    caption_sizes: NDArray[Any]
    caption_ends: NDArray[Any]
    categories: NDArray[Any]
    """Of the boxes, sorted by row; positions in `category_names`."""
    corners: NDArray[Any]
    """n × 4, thousandths."""
    box_ends: NDArray[Any]
    category_names: tuple[str, ...]


class _Captions(NamedTuple):
    rows: NDArray[Any]
    orders: NDArray[Any]
    file: int
    entries: NDArray[Any]
    starts: NDArray[Any]
    sizes: NDArray[Any]
    text: bytearray


class _Boxes(NamedTuple):
    placed: Placed
    file: int


class Joined:
    """Takes files one by one, in their order, and makes the table of them."""

    def __init__(self, layout: Layout = "auto", crowd: Crowd = "keep") -> None:
        self._layout, self._crowd = layout, crowd
        self._rows: dict[int, int] = {}
        self._names: list[str | None] = []
        self._widths, self._heights = array("i"), array("i")
        self._files: list[Columns] = []
        self._origins: list[tuple[int, int]] = []  # the file that listed an image first, and the entry there
        self._told: dict[int, str] = {}
        self._captions: list[_Captions] = []
        self._boxes: list[_Boxes] = []
        self._waiting: list[tuple[int, Raw, Means]] = []
        self._categories: dict[str, int] = {}

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
        if self._is_as_before(columns.images):
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
                self._origins.append((number, n))
                if name is None:
                    self._told[row] = words
            elif names[row] != name or widths[row] != width or heights[row] != height:
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

    def _image_place(self, row: int) -> str:
        number, n = self._origins[row]
        columns = self._files[number]
        told = self._told.get(row) or self._names[row] or ""
        return f"{columns.at(columns.image_place.format(columns.image_places[n]))}: {shown(told, 100)}"

    # --- annotations --------------------------------------------------------------------------------------------

    def _tell_dangling(self, columns: Columns, rows: NDArray[Any]) -> None:
        import numpy as np

        gone = np.flatnonzero(rows < 0)
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
            _Captions(of[kept], orders[kept], number, entries[kept], starts[kept], sizes[kept], columns.captions.text)
        )

    def _take_boxes(self, number: int, columns: Columns, rows: NDArray[Any], listed: dict[int, int]) -> None:
        import numpy as np

        boxes = columns.boxes
        if not boxes.kinds:
            return
        entries = np.frombuffer(boxes.entries, np.int32)
        numbers = np.frombuffer(boxes.numbers).reshape(-1, 4)
        pixels = np.frombuffer(boxes.kinds, np.uint8) == IN_PIXELS
        raw = Raw(rows[entries], self._named(columns, rows[entries]), numbers, pixels, entries)
        kept = (raw.rows >= 0) & (raw.categories >= 0)
        raw = raw if kept.all() else raw.some(kept)
        means = meaning(self._layout, columns.corners, raw.numbers if not pixels.any() else raw.numbers[~raw.pixels])
        if means.shares and self._layout == "auto" and not columns.corners and len(raw.rows):
            columns.odds("normalized-boxes", len(raw.rows), int(raw.entries[0]), str(raw.numbers[0].tolist()))
        widths, heights = self._own_sizes(columns, listed)
        if not means.corners and not means.shares and look_like_corners(raw, widths, heights):
            columns.odds("corner-like-boxes", len(raw.rows), int(raw.entries[0]), str(raw.numbers[0].tolist()))
        placeable = (widths[raw.rows] > 0) | (means.shares & ~raw.pixels)
        if not placeable.all():
            self._waiting.append((number, raw.some(~placeable), means))
            raw = raw.some(placeable)
        self._place(number, raw, means, widths, heights)

    def _place(self, number: int, raw: Raw, means: Means, widths: NDArray[Any], heights: NDArray[Any]) -> None:
        columns = self._files[number]

        def odd(name: str, count: int, what: Callable[[], str], entry: int) -> None:
            columns.odds(name, count, entry, what())

        self._boxes += [_Boxes(placed, number) for placed in place(raw, means, widths, heights, odd)]

    def _own_sizes(self, columns: Columns, listed: dict[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Widths and heights by row, as the file itself tells them."""
        import numpy as np

        rows = np.fromiter(listed.values(), np.int32, len(listed))  # in the order of the file's images, once each
        sizes = np.zeros((2, len(self._names)), np.int32)
        sizes[0, rows], sizes[1, rows] = columns.images.widths, columns.images.heights
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

    # --- the table ----------------------------------------------------------------------------------------------

    def table(self, sizes: Sizes | None, census: Census) -> Table:
        """All that was taken, sorted by row, and what was odd about it in `census`."""
        import numpy as np

        if sizes is not None:
            self._ask_pictures(sizes)
        self._place_waiting()
        named = np.fromiter((name is not None for name in self._names), bool, len(self._names))
        captions = self._sorted_captions(named)
        boxes = self._sorted_boxes(named)
        self._tell_gone(named)
        table = self._packed(named, captions, boxes)
        for columns in self._files:
            census.take(columns.census)
        return table

    def _ask_pictures(self, sizes: Sizes) -> None:
        for row, name in enumerate(self._names):
            if name is not None and not self._widths[row] and (size := sizes(name)):
                self._widths[row], self._heights[row] = size
                number = self._origins[row][0]
                self._files[number].census.add("size-from-picture", self._image_place(row))

    def _place_waiting(self) -> None:
        import numpy as np

        widths, heights = np.frombuffer(self._widths, np.int32), np.frombuffer(self._heights, np.int32)
        for number, raw, means in self._waiting:
            known = widths[raw.rows] > 0
            named = np.fromiter((self._names[row] is not None for row in raw.rows.tolist()), bool, len(raw.rows))
            lost = np.flatnonzero(~known & named)
            if len(lost):
                first = int(lost[0])
                image = self._image_ids()[int(raw.rows[first])]
                self._files[number].odds("no-image-size", len(lost), int(raw.entries[first]), f"image {image}")
            gone = ~known & ~named
            if gone.any():  # counted with its image
                some = raw.some(gone)
                self._boxes.append(_Boxes(Placed(some.rows, some.categories, np.zeros((len(some.rows), 4), np.uint16),
                                                 some.entries), number))  # fmt: skip
            self._place(number, raw.some(known), means, widths, heights)
        self._waiting.clear()

    def _image_ids(self) -> list[str]:
        texts = self._files[0].keys.texts() if self._files else {}
        return [texts.get(key) or str(key) for key in self._rows]

    def _sorted_captions(self, named: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], bytearray]:
        """Rows, starts, sizes, by row and ascending annotation id; and the text."""
        import numpy as np

        if not self._captions:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing, nothing, bytearray()
        rows, orders, entries, starts, sizes = (
            np.concatenate([getattr(some, name) for some in self._captions])
            for name in ("rows", "orders", "entries", "starts", "sizes")
        )
        lengths = [len(some.rows) for some in self._captions]
        files = np.repeat([some.file for some in self._captions], lengths)
        begins = np.cumsum([0, *(len(some.text) for some in self._captions)])[:-1]
        starts += np.repeat(begins, lengths)
        text = self._captions[0].text
        for some in self._captions[1:]:
            text += some.text
        self._captions.clear()
        kept = self._kept(rows, files, entries, named)
        several = self._of_several(rows, files, kept)
        if several is not None:
            words = memoryview(text)
            for n in repeated_captions(several.tolist(), rows, files, starts, sizes, words):
                kept[n] = False
                what = str(words[starts[n] : starts[n] + sizes[n]], "utf-8")
                self._files[files[n]].odds("repeated-annotation", 1, int(entries[n]), what)
            words.release()
        order = np.lexsort((orders, rows))
        order = order if kept.all() else order[kept[order]]
        return rows[order], starts[order], sizes[order], text

    def _sorted_boxes(self, named: NDArray[Any]) -> Placed:
        import numpy as np

        if not self._boxes:
            nothing = np.zeros(0, np.int32)
            return Placed(nothing, nothing, np.zeros((0, 4), np.uint16), nothing)
        placed = Placed(*(np.concatenate([column for column in columns])
                          for columns in zip(*(some.placed for some in self._boxes), strict=True)))  # fmt: skip
        files = np.concatenate([np.full(len(some.placed.rows), some.file, np.int16) for some in self._boxes])
        self._boxes.clear()
        order = np.lexsort((placed.entries, files, placed.rows)) if self._is_mixed(files, placed.entries) else \
            np.argsort(placed.rows, kind="stable")
        placed, files = Placed(*(column[order] for column in placed)), files[order]
        kept = self._kept(placed.rows, files, placed.entries, named)
        several = self._of_several(placed.rows, files, kept)
        if several is not None:
            names = list(self._categories)
            for n in repeated_boxes(several.tolist(), placed, files):
                kept[n] = False
                what = names[placed.categories[n]]
                self._files[files[n]].odds("repeated-annotation", 1, int(placed.entries[n]), what)
        return placed if kept.all() else Placed(*(column[kept] for column in placed))

    @staticmethod
    def _is_mixed(files: NDArray[Any], entries: NDArray[Any]) -> bool:
        """Whether they do not lie in the order in which they were read."""
        return bool(((files[1:] < files[:-1]) | ((files[1:] == files[:-1]) & (entries[1:] < entries[:-1]))).any())

    def _kept(self, rows: NDArray[Any], files: NDArray[Any], entries: NDArray[Any], named: NDArray[Any]) -> NDArray[Any]:
        """Those whose image is kept; the others are counted."""
        import numpy as np

        kept = named[rows]
        for n in np.flatnonzero(~kept).tolist():
            self._files[files[n]].odds("gone-with-image", 1, int(entries[n]))
        return kept

    @staticmethod
    def _of_several(rows: NDArray[Any], files: NDArray[Any], kept: NDArray[Any]) -> NDArray[Any] | None:
        """Where the entries are of images that several files speak of; None where only one file speaks at all."""
        import numpy as np

        if not len(files) or files.min() == files.max():
            return None
        low, high = np.full(rows.max() + 1, np.iinfo(np.int32).max), np.full(rows.max() + 1, -1)
        np.minimum.at(low, rows, files)
        np.maximum.at(high, rows, files)
        return np.flatnonzero((low < high)[rows] & kept)

    def _tell_gone(self, named: NDArray[Any]) -> None:
        import numpy as np

        for row in np.flatnonzero(~named).tolist():
            self._files[self._origins[row][0]].census.add("unsafe-file-name", self._image_place(row))

    def _packed(
        self, named: NDArray[Any], captions: tuple[NDArray[Any], NDArray[Any], NDArray[Any], bytearray], boxes: Placed
    ) -> Table:
        import numpy as np

        total = len(self._names)
        caption_counts = np.bincount(captions[0], minlength=total)[named]
        box_counts = np.bincount(boxes.rows, minlength=total)[named]
        for name, counts in (("no-caption", caption_counts), ("no-box", box_counts)):
            without = np.flatnonzero(counts == 0)
            if len(without):
                row = int(np.flatnonzero(named)[without[0]])
                self._files[self._origins[row][0]].census.add(name, self._image_place(row), len(without))
        names = [name for name in self._names if name is not None]
        ids = [text for text, there in zip(self._image_ids(), named.tolist(), strict=True) if there]
        self._tell_shared(names, ids, named)
        return Table(
            ids=ids, names=names,
            widths=np.frombuffer(self._widths, np.int32)[named] if total else np.zeros(0, np.int32),
            heights=np.frombuffer(self._heights, np.int32)[named] if total else np.zeros(0, np.int32),
            caption_starts=captions[1], caption_sizes=captions[2], caption_text=captions[3],
            caption_ends=np.cumsum(caption_counts),
            categories=boxes.categories, corners=boxes.corners, box_ends=np.cumsum(box_counts),
            category_names=tuple(self._categories),
        )  # fmt: skip

    def _tell_shared(self, names: Sequence[str], ids: Sequence[str], named: NDArray[Any]) -> None:
        if len(set(names)) == len(names):
            return
        import numpy as np

        rows = np.flatnonzero(named)
        seen: dict[str, str] = {}
        for row, name, image_id in zip(rows.tolist(), names, ids, strict=True):
            other = seen.setdefault(name, image_id)
            if other != image_id:
                columns = self._files[self._origins[row][0]]
                columns.census.add("shared-file-name", f"{self._image_place(row)} is image {other} too")


def looked_up(numbers: Mapping[int, int], keys: NDArray[Any]) -> NDArray[Any]:
    """What `numbers` has for each of `keys`; -1 where it has nothing."""
    import numpy as np

    known = np.fromiter(numbers, np.int64, len(numbers))
    values = np.fromiter(numbers.values(), np.int32, len(numbers))
    if not len(known) or not len(keys):
        return np.full(len(keys), -1, np.int32)
    low, high = int(known.min()), int(known.max())
    if high - low < 16 * len(known) + (1 << 20):  # nearly all ids of all files
        table = np.full(high - low + 2, -1, np.int32)
        table[known - low] = values
        places = np.where((keys < low) | (keys > high), high + 1, keys) - low
        return table[places]
    order = np.argsort(known)
    at = np.searchsorted(known, keys, sorter=order).clip(0, len(known) - 1)
    found = order[at]
    return np.where(known[found] == keys, values[found], np.int32(-1))


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
