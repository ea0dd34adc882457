"""The joined table as one piece of bytes, and back: what lies in the cache and what an Index looks into.

A header in JSON tells where each column lies; a checksum is over all of it. Texts are UTF-8 with a line each, numbers
as this machine writes them.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from datagen.annotations.census import Census

if TYPE_CHECKING:
    from datagen.annotations.table import Table

MAGIC = b"datagen index 1" + sys.byteorder[:1].encode()
_PREFIX = struct.Struct("=16sIQQ")  # magic, checksum of the rest, bytes of the whole, bytes of the header
_CHECKED = 20
_COLUMNS = {"name_ends": "Q", "widths": "i", "heights": "i", "caption_counts": "I", "caption_ends": "Q",
            "box_ends": "Q", "box_categories": "I", "corners": "H", "name_text": "B", "caption_text": "B"}  # fmt: skip


class FileFacts(NamedTuple):
    """What one file held."""

    label: str
    dialect: str
    """In words: `COCO`, `JSON lines` …"""
    images: int
    annotations: int
    captions: int
    boxes: int
    categories: int


class Damaged(Exception):
    """Bytes that are not what `pack` wrote."""


def pack(table: Table, census: Census, files: Sequence[FileFacts]) -> bytes:
    """The table, and what is to be known of where it came from."""
    import numpy as np

    names = [f"{image_id}\n{name}\n".encode() for image_id, name in zip(table.ids, table.names, strict=True)]
    reached = np.zeros(len(table.caption_sizes) + 1, np.uint64)
    np.cumsum(table.caption_sizes + 1, out=reached[1:], dtype=np.uint64)
    columns: dict[str, Any] = {
        "name_ends": np.cumsum(np.array([len(name) for name in names], np.uint64), dtype=np.uint64),
        "widths": table.widths.astype(np.int32),
        "heights": table.heights.astype(np.int32),
        "caption_counts": np.diff(table.caption_ends, prepend=0).astype(np.uint32),
        "caption_ends": reached[table.caption_ends],
        "box_ends": table.box_ends.astype(np.uint64),
        "box_categories": table.categories.astype(np.uint32),
        "corners": np.ascontiguousarray(table.corners, np.uint16),
        "name_text": b"".join(names),
    }
    del names
    filled = {name: column if isinstance(column, bytes) else column.tobytes() for name, column in columns.items()}
    told = {"categories": table.category_names, "census": [odd._asdict() for odd in census], "files": files}
    return _joined(filled, int(reached[-1]), _lines(table), told)


def _lines(table: Table) -> Iterator[bytes]:
    """The captions, each with a line end, some thousands at a time."""
    text, at_once = table.caption_text, 1 << 14
    for first in range(0, len(table.caption_starts), at_once):
        starts = table.caption_starts[first : first + at_once]
        ends = starts + table.caption_sizes[first : first + at_once]
        lines = [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        yield b"\n".join([*lines, b""])


def _joined(columns: Mapping[str, bytes], text_size: int, text: Iterator[bytes], told: Mapping[str, Any]) -> bytes:
    places, at = {}, 0
    for name in _COLUMNS:
        size = len(columns[name]) if name in columns else text_size
        places[name] = (at, size)
        at += size + -size % 8
    header = json.dumps({**told, "columns": places}).encode()
    header += b" " * (-(len(header) + _PREFIX.size) % 8)
    start = _PREFIX.size + len(header)
    whole = bytearray(start + at)
    whole[_PREFIX.size : start] = header
    for name, column in columns.items():
        whole[start + places[name][0] : start + places[name][0] + len(column)] = column
    at = start + places["caption_text"][0]
    for some in text:
        whole[at : at + len(some)] = some
        at += len(some)
    _PREFIX.pack_into(whole, 0, MAGIC, 0, len(whole), len(header))
    struct.pack_into("=I", whole, 16, zlib.crc32(memoryview(whole)[_CHECKED:]))
    return whole  # type: ignore[return-value]  # nobody will write to it, and a copy would weigh as much again


class Packed:
    """What `pack` made, opened: the columns as they lie, and the few that are looked up by row."""

    def __init__(self, data: Any) -> None:
        """`data`: bytes, or a mapped file. Raises Damaged."""
        self.widths: Sequence[int]
        self.heights: Sequence[int]
        self.caption_counts: Sequence[int]
        self.box_categories: memoryview
        self.data = view = memoryview(data)
        told = _checked(view)
        for name, kind in _COLUMNS.items():
            start, size = told["columns"][name]
            setattr(self, name, view[told["start"] + start : told["start"] + start + size].cast(kind))  # type: ignore[call-overload]
        self.categories: tuple[str, ...] = tuple(told["categories"])
        self.files = tuple(FileFacts(*facts) for facts in told["files"])
        self.census = Census()
        for odd in told["census"]:
            self.census.add(odd["name"], odd["example"], odd["number"])

    def names(self, row: int) -> tuple[str, str]:
        """An image's id and file name."""
        start = self.name_ends[row - 1] if row else 0
        image_id, name, _ = str(self.name_text[start : self.name_ends[row]], "utf-8").split("\n")
        return image_id, name

    def captions(self, row: int) -> tuple[str, ...]:
        """An image's captions."""
        if not self.caption_counts[row]:
            return ()
        start = self.caption_ends[row - 1] if row else 0
        return tuple(str(self.caption_text[start : self.caption_ends[row] - 1], "utf-8").split("\n"))

    def box_range(self, row: int) -> tuple[int, int]:
        """Where its boxes begin and end."""
        return self.box_ends[row - 1] if row else 0, self.box_ends[row]

    name_ends: Sequence[int]
    caption_ends: Sequence[int]
    box_ends: memoryview
    corners: memoryview
    name_text: memoryview
    caption_text: memoryview


def _checked(view: memoryview) -> dict[str, Any]:
    try:
        magic, checksum, size, header = _PREFIX.unpack_from(view)
        if magic != MAGIC or size != len(view) or zlib.crc32(view[_CHECKED:]) != checksum:
            raise Damaged
        told: dict[str, Any] = json.loads(bytes(view[_PREFIX.size : _PREFIX.size + header]))
    except (struct.error, ValueError) as error:
        raise Damaged from error
    return {**told, "start": _PREFIX.size + header}
