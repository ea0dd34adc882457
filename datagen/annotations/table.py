"""What several files gave, gathered → one table, a row an image.

Captions come in ascending annotation id, boxes in file order; nothing comes twice, and nothing is left out without a
name. How things were written in the files is forgotten here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from datagen.annotations.census import Census
from datagen.annotations.columns import Columns
from datagen.annotations.placing import Means, Placed, Raw, place
from datagen.annotations.repeats import repeated_boxes, repeated_captions
from datagen.text import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORIGIN = 1 << 32
"""An image's origin is one number: so many times the file, and the entry in it."""
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


class SomeCaptions(NamedTuple):
    """A file's captions, by row."""

    rows: NDArray[Any]
    orders: NDArray[Any]
    file: int
    entries: NDArray[Any]
    starts: NDArray[Any]
    sizes: NDArray[Any]
    text: bytearray


class SomeBoxes(NamedTuple):
    """Some of a file's boxes, placed."""

    placed: Placed
    file: int


class Gathered:
    """What the files gave until now, and the table that it makes."""

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self._names: list[str | None] = []
        self._widths, self._heights = array("i"), array("i")
        self._files: list[Columns] = []
        self._origins = array("q")  # by row: the file that listed the image first, and the entry there
        self._told: dict[int, str] = {}
        self._captions: list[SomeCaptions] = []
        self._boxes: list[SomeBoxes] = []
        self._waiting: list[tuple[int, Raw, Means]] = []
        self._categories: dict[str, int] = {}

    def _place(self, number: int, raw: Raw, means: Means, widths: NDArray[Any], heights: NDArray[Any]) -> None:
        columns = self._files[number]

        def odd(name: str, count: int, what: Callable[[], str], entry: int) -> None:
            columns.odds(name, count, entry, what())

        self._boxes += [SomeBoxes(placed, number) for placed in place(raw, means, widths, heights, odd)]

    def _origin(self, row: int) -> tuple[Columns, int]:
        number, n = divmod(self._origins[row], ORIGIN)
        return self._files[number], n

    def _image_place(self, row: int) -> str:
        columns, n = self._origin(row)
        told = self._told.get(row) or self._names[row] or ""
        return f"{columns.at(columns.image_place.format(columns.image_places[n]))}: {shown(told, 100)}"

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
                self._origin(row)[0].census.add("size-from-picture", self._image_place(row))

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
                some, nowhere = raw.some(gone), np.zeros((int(gone.sum()), 4), np.uint16)
                self._boxes.append(SomeBoxes(Placed(some.rows, some.categories, nowhere, some.entries), number))
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
        order = _by_row_and(orders, rows)
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
        order = (
            np.lexsort((placed.entries, files, placed.rows))
            if self._is_mixed(files, placed.entries)
            else _by_row(placed.rows)
        )
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

    def _kept(
        self, rows: NDArray[Any], files: NDArray[Any], entries: NDArray[Any], named: NDArray[Any]
    ) -> NDArray[Any]:
        """Those whose image is kept; the others are counted."""
        import numpy as np

        kept: NDArray[Any] = named[rows]
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
            self._origin(row)[0].census.add("unsafe-file-name", self._image_place(row))

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
                self._origin(row)[0].census.add(name, self._image_place(row), len(without))
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
                columns, _ = self._origin(row)
                columns.census.add("shared-file-name", f"{self._image_place(row)} is image {other} too")


def _by_row(rows: NDArray[Any]) -> NDArray[Any]:
    """The order that sorts by row and leaves a row's entries as they lie: in half the time of a stable sort, for keys
    that are all different can be sorted in any way."""
    import numpy as np

    keys = (rows.astype(np.int64) << 32) | np.arange(len(rows))
    keys.sort()
    return keys & 0xFFFFFFFF


def _by_row_and(orders: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """The order that sorts by row, then by `orders`, and leaves as they lie those that are alike in both."""
    import numpy as np

    low = int(orders.min(initial=0))
    span = int(orders.max(initial=0)) - low + 1
    if span * (int(rows.max(initial=0)) + 1) < 1 << 62:
        keys = rows.astype(np.int64) * span + (orders - low)
        order = np.argsort(keys)
        sorted_keys = keys[order]
        if (sorted_keys[1:] != sorted_keys[:-1]).all():
            return order
    return np.lexsort((orders, rows))
