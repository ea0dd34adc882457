"""COCO-style JSON → columns, fast where entries are sound and by rule, one by one, where they are not.

A slice of entries is decoded straight into the few fields that are needed; as soon as one entry of it is not what COCO
says it should be, the whole slice is read again as plain JSON, entry by entry. Both ways give the same columns. What a
file holds is told from its annotations: `caption` gives captions, `bbox` or `segmentation` gives boxes, and native
panoptic files give a box for each of `segments_info`. A null counts as if nothing stood there.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from datagen.annotations import boxes as geometry
from datagen.annotations.advice import advice
from datagen.annotations.cleaning import cleaned
from datagen.annotations.columns import IN_PIXELS, NO_ID, Columns
from datagen.annotations.names import SOUND_PATH, identity, is_crowd, pixels, relative_path
from datagen.errors import InputError
from datagen.sources.stream import Stream
from datagen.text import one_line, shown, unbroken

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Image(msgspec.Struct, gc=False):
    id: int
    file_name: str
    width: int = 0
    height: int = 0
    neg_category_ids: list[int] | msgspec.UnsetType = msgspec.UNSET


class _Annotation(msgspec.Struct, gc=False):
    image_id: int
    id: int
    category_id: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    iscrowd: int = 0
    caption: str | None = None


_IMAGES = msgspec.json.Decoder(list[_Image])
_ANNOTATIONS = msgspec.json.Decoder(list[_Annotation])
_ANY = msgspec.json.Decoder(list[dict[str, Any]])
_HINT = "COCO-style files hold the lists `images` and `annotations`, and `categories` for boxes"
_IDS, _IMAGE_IDS = "id", "image_id"


class Coco:
    """One COCO-style file being read into `columns`."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._listed: set[int] = set()
        self._all_listed = False
        self._kinds: dict[str, set[type]] = {_IDS: set(), _IMAGE_IDS: set()}
        self._found: dict[str, str] = {}

    def read(self, stream: Stream) -> None:
        """Read the object that comes next. Raises InputError where it is no COCO-style file."""
        for key in stream.members():
            readers = {"images": self._read_images, "annotations": self._read_annotations,
                       "categories": self._read_categories}  # fmt: skip
            if key not in readers:
                self._found.setdefault(key, "")
                if b'"regions"' in stream.glance():
                    self._found["regions"] = ""
                continue
            if self._found.get(key) == "a list":
                raise stream.fault(f"{key!r} stands twice", "join the two lists")
            self._found[key] = kind = _kind(stream.peek())
            if kind == "a list":
                readers[key](stream)
        self._check()

    def _check(self) -> None:
        for key in ("images", "annotations"):
            found = self._found.get(key)
            if found != "a list":
                cause = f"there is no {key!r}" if found is None else f"{found} stands here, not a list"
                raise NotCoco(self.columns.label, f"$.{key}", cause, advice(self._found) or _HINT)

    # --- images -------------------------------------------------------------------------------------------------

    def _read_images(self, stream: Stream) -> None:
        base = 0
        for piece in stream.elements(_IMAGES):
            if piece.typed is not None and self._take_images(piece.typed, base):
                base += len(piece.typed)
                continue
            entries = piece.plain()
            for place, entry in enumerate(entries, base):
                self._read_image(place, entry)
            base += len(entries)
        self._all_listed = True

    def _take_images(self, entries: list[_Image], base: int) -> bool:
        """Take a slice of images at once; false, and nothing is taken, where one of them is odd."""
        keys = [entry.id for entry in entries]
        fresh = set(keys)
        names = [entry.file_name for entry in entries]
        whole = _whole(keys)
        if (
            whole is None
            or len(fresh) != len(keys)
            or not self._listed.isdisjoint(fresh)
            or not all(map(SOUND_PATH, names))
        ):
            return False
        widths, heights = _sides([entry.width for entry in entries]), _sides([entry.height for entry in entries])
        if widths is None or heights is None:
            return False
        images = self.columns.images
        self.columns.federated |= entries[0].neg_category_ids is not msgspec.UNSET
        self._note(_IMAGE_IDS, f"{self.columns.image_place.format(base)}.id", keys[0])
        images.keys.frombytes(whole.tobytes())
        images.names.extend(names)
        images.widths.frombytes(widths)
        images.heights.frombytes(heights)
        images.places.frombytes(_numbers(range(len(keys)), base).tobytes())
        self._listed |= fresh
        return True

    def _read_image(self, number: int, entry: object) -> None:
        columns = self.columns
        place = columns.image_place.format(number)
        key = columns.keys.of(entry.get("id")) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or key is None:
            columns.odd("bad-image-entry", place, entry)
            return
        if key in self._listed:
            columns.odd("duplicate-image-id", place, f"id {identity(entry['id'])}")
            return
        self._listed.add(key)
        self._note(_IMAGE_IDS, f"{place}.id", entry.get("id"))
        name = self._file_name(place, entry)
        told = "no file name" if entry.get("file_name") is None else shown(entry["file_name"], 100)
        columns.federated |= "neg_category_ids" in entry
        width, height = pixels(entry.get("width")), pixels(entry.get("height"))
        columns.add_image(key, name, told, (width, height) if width and height else None, number)

    def _file_name(self, place: str, entry: dict[str, Any]) -> str | None:
        """`file_name`, or where there is none, as in LVIS 1.0, the end of the picture's address."""
        told = entry.get("file_name")
        if told is None and isinstance(address := entry.get("coco_url") or entry.get("url"), str):
            name, _ = relative_path(address) or (None, False)
            if name is not None:
                self.columns.odd("name-from-url", place, address)
            return name
        name, absolute = relative_path(told) or (None, False)
        if absolute:
            self.columns.odd("absolute-file-name", place, told)
        return name

    # --- categories ---------------------------------------------------------------------------------------------

    def _read_categories(self, stream: Stream) -> None:
        number = 0
        seen: set[int] = set()
        for piece in stream.elements(_ANY):
            for entry in piece.typed if piece.typed is not None else piece.plain():
                self._read_category(number, entry, seen)
                number += 1

    def _read_category(self, number: int, entry: object, seen: set[int]) -> None:
        columns = self.columns
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            return
        key = columns.keys.of(entry.get("id"))
        if key is None:
            return
        name = one_line(entry["name"])
        if name and columns.categories.setdefault(key, name) and key in seen:
            columns.odd("repeated-category", f"$.categories[{number}]", f"id {identity(entry['id'])}")
        seen.add(key)

    # --- annotations --------------------------------------------------------------------------------------------

    def _read_annotations(self, stream: Stream) -> None:
        base = 0
        for piece in stream.elements(_ANNOTATIONS):
            if piece.typed is not None and self._take_annotations(piece.typed, base):
                base += len(piece.typed)
                continue
            entries = piece.plain()
            for place, entry in enumerate(entries, base):
                self._read_annotation(place, entry)
            base += len(entries)
        self.columns.entries = base

    def _take_annotations(self, entries: list[_Annotation], base: int) -> bool:
        """Take a slice of annotations at once; false, and nothing is taken, where one of them is odd."""
        columns = self.columns
        keys, ids = _whole([entry.image_id for entry in entries]), _whole([entry.id for entry in entries])
        captions, boxes = [entry.caption for entry in entries], [entry.bbox for entry in entries]
        of_text, of_box = _given(captions), _given(boxes)
        if keys is None or ids is None or not _all_speak(of_text, of_box, len(entries)):
            return False
        if len(of_box) < len(entries) and _may_be_masked(entries, of_text):
            return False
        texts = cleaned([text for text in captions if text is not None]) if of_text else None
        if texts is not None and not texts.sizes.all():
            return False
        first = len(columns.annotations.keys)
        if of_box and not self._take_boxes(entries, of_box, first):
            return False
        place = columns.annotation_place.format(base)
        self._note(_IMAGE_IDS, f"{place}.image_id", entries[0].image_id)
        self._note(_IDS, f"{place}.id", entries[0].id)
        columns.add_annotations(keys, ids, base)
        if texts is not None:
            columns.add_captions(_numbers(of_text, first), texts)
        return True

    def _take_boxes(self, entries: list[_Annotation], whose: Sequence[int], first: int) -> bool:
        import numpy as np

        if len(whose) < len(entries):
            entries = [entries[n] for n in whose]
        categories = _whole([entry.category_id for entry in entries])
        crowds = [entry.iscrowd for entry in entries]
        sides = chain.from_iterable([entry.bbox or () for entry in entries])
        numbers = struct.pack(f"{4 * len(entries)}d", *sides)
        if categories is None or not {0, 1}.issuperset(crowds) or not geometry.are_sound(np.frombuffer(numbers)):
            return False
        taken = self.columns.boxes
        taken.entries.frombytes(_numbers(whose, first).tobytes())
        taken.categories.frombytes(categories.tobytes())
        taken.numbers.frombytes(numbers)
        taken.kinds.extend(bytes(len(entries)))
        taken.crowds.extend(bytes(crowds))
        return True

    def _read_annotation(self, number: int, entry: object) -> None:
        columns = self.columns
        place = columns.annotation_place.format(number)
        key = columns.keys.of(entry.get("image_id")) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or key is None:
            columns.odd("bad-annotation-entry", place, entry)
            return
        self._note(_IMAGE_IDS, f"{place}.image_id", entry.get("image_id"))
        self._note(_IDS, f"{place}.id", entry.get("id"))
        own = columns.keys.of(entry.get("id"))
        columns.add_annotation(key, NO_ID if own is None else own, number)
        caption, segments = entry.get("caption"), entry.get("segments_info")
        if caption is not None:
            self._read_caption(place, caption, key)
        drawn = entry.get("segmentation") and (caption is None or entry.get("category_id") is not None)
        if entry.get("bbox") is not None or drawn:
            self._read_box(place, entry, key)
        elif isinstance(segments, list) and segments and caption is None:
            for n, segment in enumerate(segments):
                self._read_segment(f"{place}.segments_info[{n}]", segment, key)
        elif caption is None:
            self._fault(key, "empty-annotation", place, f"of image {identity(entry['image_id'])}")

    def _read_caption(self, place: str, caption: object, key: int) -> None:
        text = unbroken(caption) if isinstance(caption, str) else ""
        if text:
            self.columns.add_caption(text)
        else:
            self._fault(key, "bad-caption", f"{place}.caption", repr(caption))

    def _read_segment(self, place: str, segment: object, key: int) -> None:
        if isinstance(segment, dict) and segment.get("bbox") is not None:
            self._read_box(place, segment, key)
        else:
            self._fault(key, "bad-box", place, segment)

    def _read_box(self, place: str, entry: dict[str, Any], key: int) -> None:
        columns = self.columns
        category = columns.keys.of(entry.get("category_id"))
        if category is None:
            self._fault(key, "unknown-category", f"{place}.category_id", entry.get("category_id"))
            return
        crowd = is_crowd(entry.get("iscrowd"))
        if entry.get("bbox") is not None:
            try:
                columns.add_box(category, geometry.four(entry["bbox"]), crowd=crowd)
                return
            except geometry.BadBox as fault:
                if not entry.get("segmentation"):
                    self._fault(key, fault.args[0], place, fault.args[1])
                    return
        try:
            corners = geometry.from_segmentation(entry.get("segmentation"))
        except geometry.BadBox as fault:
            self._fault(key, fault.args[0], place, fault.args[1])
            return
        if category in columns.categories or not columns.categories:
            self._fault(key, "box-from-mask", place, f"image {identity(entry.get('image_id'))}")
        columns.add_box(category, corners, kind=IN_PIXELS, crowd=crowd)

    # --- what is odd --------------------------------------------------------------------------------------------

    def _fault(self, key: int, name: str, place: str, what: object) -> None:
        """Counted at once where the file's images are known, and not at all for an image that it does not list."""
        if not self._all_listed:
            self.columns.faults.append((key, name, place, shown(what, 100)))
        elif key in self._listed:
            self.columns.odd(name, place, what)

    def _note(self, name: str, place: str, value: object) -> None:
        """Once a file: the first id that is written otherwise than those it is to be compared with."""
        kinds, kind = self._kinds[name], type(value)
        if kind in (int, str) and kind not in kinds:
            kinds.add(kind)
            if len(kinds) == 2:
                self.columns.odd("mixed-ids", place, repr(value))


class NotCoco(InputError):
    """JSON that is no COCO-style file."""


def _whole(ids: Sequence[int | None]) -> NDArray[Any] | None:
    """The ids, where all are numbers that `Keys` would leave as they are."""
    import numpy as np

    try:
        found = np.frombuffer(struct.pack(f"{len(ids)}q", *ids), np.int64)  # in half the time of an array's own making
    except struct.error:
        return None
    return found if found.min() > -NO_ID and found.max() < NO_ID else None


def _sides(pixels: Sequence[int]) -> bytes | None:
    """Widths or heights as 32 bits each, where all may be true."""
    import numpy as np

    found = _whole(pixels)
    if found is None or found.min() <= 0 or found.max() >= 10**6:
        return None
    return found.astype(np.int32).tobytes()


def _given(values: list[Any]) -> Sequence[int]:
    """Where something stands."""
    if all(values):
        return range(len(values))
    if values.count(None) == len(values):
        return ()
    return [n for n, value in enumerate(values) if value is not None]


def _all_speak(of_text: Sequence[int], of_box: Sequence[int], total: int) -> bool:
    """Whether each entry has a caption or a box."""
    return total in (len(of_text), len(of_box)) or len({*of_text, *of_box}) == total


def _may_be_masked(entries: Sequence[_Annotation], of_text: Sequence[int]) -> bool:
    """Whether one with a caption speaks of a category and has no box: it may have a segmentation, which is not decoded
    here."""
    categories = [entry.category_id for entry in entries]
    if categories.count(None) == len(categories):
        return False
    return any(categories[n] is not None and entries[n].bbox is None for n in of_text)


def _numbers(places: Sequence[int], first: int) -> NDArray[Any]:
    """`places`, counted from `first` on."""
    import numpy as np

    if isinstance(places, range):
        return np.arange(first + places.start, first + places.stop, dtype=np.int32)
    return np.array(places, np.int32) + np.int32(first)


def _kind(first: bytes) -> str:
    names = {b"{": "an object", b"[": "a list", b'"': "a text", b"t": "true or false", b"f": "true or false",
             b"n": "null"}  # fmt: skip
    return names.get(first, "a number")
