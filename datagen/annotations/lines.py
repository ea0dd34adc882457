"""Objects with a picture each, as JSON lines or in a list → columns: the simplest way in, and LLaVA's own.

    {"image": "a.jpg", "captions": ["A dog."], "boxes": [["dog", 0.1, 0.2, 0.5, 0.9]]}

Boxes are two corners, in 0..1, or in pixels where `width` and `height` are told. They may also be objects with
`category` and `bbox`, which with `instances` for `boxes` is what LLaVA gave to GPT-4
(haotian-liu/LLaVA:llava/eval/table/caps_boxes_coco2014_val_80.jsonl). `id` joins with other files; without one the
picture's name does. Several objects may speak of one picture.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from datagen.annotations import boxes as geometry
from datagen.annotations.advice import advice
from datagen.annotations.columns import AS_TOLD, IN_SHARES, NO_ID, Columns
from datagen.annotations.names import is_crowd, pixels, relative_path
from datagen.errors import InputError
from datagen.sources.stream import Stream
from datagen.text import one_line, shown, unbroken

_ANY = msgspec.json.Decoder(list[dict[str, Any]])
_NAMES = ("image", "file_name", "image_path")
_CAPTIONS = ("captions", "caption")
_BOXES = ("boxes", "instances", "objects")


def is_record(entry: object) -> bool:
    """Whether it is an object that speaks of a picture."""
    return (
        isinstance(entry, dict)
        and any(isinstance(entry.get(name), str) for name in _NAMES)
        and any(name in entry for name in (*_CAPTIONS, *_BOXES))
    )


class Lines:
    """One such file being read into `columns`."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._listed: set[int] = set()
        self._other: dict[str, Any] | None = None  # the first object that speaks of no picture
        columns.corners = True

    def read_lines(self, stream: Stream) -> None:
        """Read JSON lines to the end. Raises InputError where none of them is usable."""
        self.columns.image_place = self.columns.annotation_place = "line {}"
        number = 0
        while (line := stream.line()) is not None:
            number += 1
            if line.strip():
                self._read(number, _loaded(line))
        self._check("line 1")

    def read_list(self, stream: Stream) -> None:
        """Read a list of them. Raises InputError where none of them is usable."""
        self.columns.image_place = self.columns.annotation_place = "$[{}]"
        number = 0
        for piece in stream.elements(_ANY):
            for entry in piece.typed if piece.typed is not None else piece.plain():
                self._read(number, entry)
                number += 1
        self._check("$")

    def _check(self, place: str) -> None:
        if not self._listed:
            hint = 'each holds {"image": …, "captions": […], "boxes": […]}'
            known = advice(self._other or ())
            cause = "a list stands at the top, not an object" if place == "$" else "no line speaks of a picture"
            raise NoRecords(self.columns.label, place, cause, known or hint)

    def _read(self, number: int, entry: object) -> None:
        columns = self.columns
        columns.entries += 1
        if not is_record(entry) or not isinstance(entry, dict):
            if isinstance(entry, dict) and self._other is None:
                self._other = entry
            columns.odd("bad-record", columns.image_place.format(number), entry)
            return
        told = next(entry[name] for name in _NAMES if isinstance(entry.get(name), str))
        own = next((entry[name] for name in ("id", "image_id") if entry.get(name) is not None), told)
        key = columns.keys.of(own)
        if key is None:
            columns.odd("bad-record", columns.image_place.format(number), entry)
            return
        if key not in self._listed:
            self._listed.add(key)
            self._add_image(number, key, told, entry)
        columns.add_annotation(key, NO_ID, number)
        for caption in _listed(entry, _CAPTIONS):
            text = unbroken(caption) if isinstance(caption, str) else ""
            if text:
                columns.add_caption(text)
            else:
                columns.odd("bad-caption", columns.annotation_place.format(number), repr(caption))
        boxes = [(box, *_parts(box)) for box in _listed(entry, _BOXES)]
        sized = bool(pixels(entry.get("width")) and pixels(entry.get("height")))
        kind = IN_SHARES if _are_shares([numbers for _, _, numbers, _ in boxes], sized) else AS_TOLD
        for box, name, numbers, crowd in boxes:
            self._read_box(number, box, name, numbers, kind, crowd=crowd)

    def _add_image(self, number: int, key: int, told: str, entry: dict[str, Any]) -> None:
        columns = self.columns
        name, absolute = relative_path(told) or (None, False)
        if absolute:
            columns.odd("absolute-file-name", columns.image_place.format(number), told)
        width, height = pixels(entry.get("width")), pixels(entry.get("height"))
        columns.add_image(key, name, shown(told, 100), (width, height) if width and height else None, number)

    def _read_box(self, number: int, box: object, name: object, numbers: object, kind: int, *, crowd: bool) -> None:
        columns = self.columns
        place = columns.annotation_place.format(number)
        key = columns.keys.of(name) if isinstance(name, str) else None
        if key is None or not isinstance(name, str):
            columns.odd("unknown-category", place, box)
            return
        try:
            four = geometry.four(numbers)
        except geometry.BadBox as fault:
            columns.odd(fault.args[0], place, fault.args[1])
            return
        columns.categories.setdefault(key, one_line(name))
        columns.add_box(key, four, kind=kind, crowd=crowd)


class NoRecords(InputError):
    """A file in which nothing speaks of a picture."""


def _loaded(line: bytes) -> object:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return shown(line.decode("utf-8", "replace"), 100)


def _are_shares(boxes: list[object], sized: bool) -> bool:
    """Whether a picture's boxes are shares of it: none beyond 1, or, where no pixels can be meant, none far beyond."""
    numbers = [n for four in boxes if isinstance(four, list) for n in four if isinstance(n, int | float)]
    return not numbers or max(numbers) <= (1.002 if sized else 2)


def _listed(entry: dict[str, Any], names: tuple[str, ...]) -> Iterator[object]:
    """What stands under the first of `names` that is there: a list, or one thing."""
    found = next((entry[name] for name in names if entry.get(name) is not None), ())
    yield from found if isinstance(found, list | tuple) else (found,)


def _parts(box: object) -> tuple[object, object, bool]:
    """Category, four numbers, whether a crowd."""
    if isinstance(box, list) and len(box) == 5:
        return box[0], box[1:], False
    if isinstance(box, list) and len(box) == 2:
        return box[0], box[1], False
    if isinstance(box, dict):
        name = next((box[key] for key in ("category", "label", "name") if key in box), None)
        return name, next((box[key] for key in ("bbox", "box") if key in box), None), is_crowd(box.get("iscrowd"))
    return None, None, False
