"""COCO-style files, joined by image id → a stream of ImageContext.

What a file holds is told from its annotations: `caption` gives captions, `bbox` or `segmentation` gives boxes, and a
file may hold both. Several files are joined by image id. The order of images is that of the first file that lists
them. Nothing is dropped without a name in `census.ODDITIES`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from datagen.annotations import boxes as geometry
from datagen.annotations.census import Census
from datagen.annotations.files import Source, read
from datagen.annotations.names import identity, order, relative_path
from datagen.errors import InputError
from datagen.schema import Box, ImageContext
from datagen.text import one_line, shown, unbroken


class _Found(NamedTuple):
    """A box as a file gave it, in pixels, until all files have told what they know of its image."""

    number: int
    """Of the file."""
    place: str
    category: str
    corners: geometry.Corners
    size: tuple[int, int] | None
    """Of the image, by the same file."""


class _Image:
    """One image while its files are being read."""

    __slots__ = ("boxes", "captions", "file_name", "height", "image_id", "origin", "place", "width")

    def __init__(self, image_id: str, file_name: str | None, size: tuple[int, int] | None, place: str) -> None:
        self.image_id, self.file_name, self.place = image_id, file_name, place
        self.width: int | None = size and size[0]
        self.height: int | None = size and size[1]
        self.captions: list[tuple[tuple[int, int], str]] = []
        self.origin: dict[str, int] = {}  # which file first gave a caption
        self.boxes: list[_Found] = []

    def context(self, census: Census) -> ImageContext | None:
        """What is known, once all files are read; None when no file has a name for it that can be used."""
        if self.file_name is None:
            census.add("unsafe-file-name", self.place)
            for place in [self.place] * len(self.captions) + [found.place for found in self.boxes]:
                census.add("gone-with-image", place)
            return None
        context = ImageContext(
            image_id=self.image_id,
            file_name=self.file_name,
            width=self.width,
            height=self.height,
            captions=tuple(caption for _, caption in sorted(self.captions, key=lambda entry: entry[0])),
            boxes=tuple(self._placed(census)),
        )
        for name, held in (("no-caption", context.captions), ("no-box", context.boxes)):
            if not held:
                census.add(name, self.place)
        return context

    def _placed(self, census: Census) -> Iterator[Box]:
        """The boxes, 0..1; one that an earlier file gave already (same category, corners within a hundredth) only once.

        Files overlap: COCO's keypoint files repeat the boxes of its instance files.
        """
        several = len({found.number for found in self.boxes}) > 1
        earlier = _Earlier()
        for found in self.boxes:
            box = self._place(found, census)
            if box is None:
                continue
            if several and earlier.takes(found.number, box):
                census.add("repeated-annotation", f"{found.place}: {box.category}")
                continue
            yield box

    def _place(self, found: _Found, census: Census) -> Box | None:
        size = found.size or (self.width and self.height and (self.width, self.height))
        if not size:
            census.add("no-image-size", f"{found.place}: image {self.image_id}")
            return None
        try:
            corners, cut = geometry.normalised(found.corners, *size)
        except geometry.BadBox as fault:
            census.add(fault.args[0], f"{found.place}: {fault.args[1]}")
            return None
        if cut:
            census.add("clipped-box", f"{found.place}: corners {list(found.corners)} in {size[0]} x {size[1]}")
        if found.corners[0] == found.corners[2] or found.corners[1] == found.corners[3]:
            census.add("flat-box", f"{found.place}: corners {list(found.corners)}")
        return Box(found.category, *corners)


class _Earlier:
    """The boxes that files gave so far, each of which a later file may repeat once; found by where they begin."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, int, int], list[tuple[int, Box]]] = {}

    def takes(self, number: int, box: Box) -> bool:
        """Whether `box` of file `number` is one that an earlier file gave; if not, it is remembered."""
        column, row = int(box.x1 * 50), int(box.y1 * 50)
        near: list[tuple[float, int, list[tuple[int, Box]]]] = []
        for x, y in product((column - 1, column, column + 1), (row - 1, row, row + 1)):
            cell = self._cells.get((box.category, x, y), [])
            near += [(_apart(e[1], box), n, cell) for n, e in enumerate(cell) if e[0] < number]
        apart, n, cell = min(near, key=lambda entry: entry[0], default=(1.0, 0, []))
        if apart <= 0.01:
            del cell[n]
            return True
        self._cells.setdefault((box.category, column, row), []).append((number, box))
        return False


def contexts(sources: Sequence[Source], census: Census) -> Iterator[ImageContext]:
    """The images of `sources`, joined. Raises InputError for a file that cannot be used."""
    images: dict[str, _Image] = {}
    used = 0
    for number, source in enumerate(sources):
        document = read(source)
        if source.named or _is_coco(document):
            used += 1
            _File(source.label, number, document, census).read_into(images)
        else:
            census.add("not-coco", source.label)
        del document  # what it weighs must not stay while the next one is read
    if not used:
        raise InputError(", ".join(s.label for s in sources) or "no file", "", "no COCO-style annotations in there")
    _count_shared_names(images, census)
    for image_id in list(images):
        context = images.pop(image_id).context(census)  # taken out, so that what was handed on weighs nothing here
        if context is not None:
            yield context


def _is_coco(document: object) -> bool:
    return isinstance(document, dict) and all(isinstance(document.get(key), list) for key in ("images", "annotations"))


class _File:
    """One file being read into the images it speaks of."""

    def __init__(self, label: str, number: int, document: Any, census: Census) -> None:
        self.label, self.number, self.census = label, number, census
        if not isinstance(document, dict):
            hint = "COCO-style files hold an object with `images` and `annotations`"
            raise InputError(label, "$", f"{_kind(document)} stands at the top, not an object", hint)
        self.images = self._list(document, "images")
        self.annotations = self._list(document, "annotations")
        self.categories = self._categories(document.get("categories"))
        self.sizes: dict[str, tuple[int, int] | None] = {}
        self.annotation_ids: set[str] = set()
        self.id_types: dict[str, set[type]] = {"image_id": set(), "id": set()}

    def _list(self, document: dict[str, Any], key: str) -> list[Any]:
        value = document.get(key)
        if isinstance(value, list):
            return value
        cause = f"there is no {key!r}" if key not in document else f"{_kind(value)} stands here, not a list"
        hint = "COCO-style files hold the lists `images` and `annotations`, and `categories` for boxes"
        raise InputError(self.label, f"$.{key}", cause, hint)

    def _categories(self, entries: object) -> dict[str, str]:
        names: dict[str, str] = {}
        seen: set[str] = set()
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and (key := identity(entry.get("id"))) and isinstance(entry.get("name"), str):
                name = one_line(entry["name"])
                if name and names.setdefault(key, name) and key in seen:
                    self._odd("repeated-category", f"categories[{index}]", f"id {key}")
                seen.add(key)
        return names

    def _at(self, place: str) -> str:
        return f"{self.label}: $.{place}"

    def _odd(self, name: str, place: str, what: object) -> None:
        self.census.add(name, f"{self._at(place)}: {shown(what, 100)}")

    def read_into(self, images: dict[str, _Image]) -> None:
        for index, entry in enumerate(self.images):
            self._read_image(f"images[{index}]", entry, images)
        for index, entry in enumerate(self.annotations):
            self._read_annotation(f"annotations[{index}]", entry, images)

    def _read_image(self, place: str, entry: object, images: dict[str, _Image]) -> None:
        image_id = identity(entry.get("id")) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or image_id is None:
            self._odd("bad-image-entry", place, entry)
            return
        if image_id in self.sizes:
            self._odd("duplicate-image-id", place, f"id {image_id}")
            return
        name, absolute = relative_path(entry.get("file_name")) or (None, False)
        if absolute:
            self._odd("absolute-file-name", place, entry.get("file_name"))
        self.sizes[image_id] = size = _size(entry)
        self._count_type("image_id", f"{place}.id", entry.get("id"))
        told = "no file name" if entry.get("file_name") is None else shown(entry["file_name"], 100)
        self._join(f"{self._at(place)}: {told}", images, image_id, name, size)

    def _join(
        self, place: str, images: dict[str, _Image], image_id: str, name: str | None, size: tuple[int, int] | None
    ) -> None:
        known = images.get(image_id)
        if known is None:
            images[image_id] = _Image(image_id, name, size, place)
            return
        if known.file_name is None:
            known.file_name = name
        elif name not in (None, known.file_name):
            self.census.add("file-names-differ", f"{place} is {known.file_name} elsewhere")
        if known.width and size not in (None, (known.width, known.height)):
            self.census.add("sizes-differ", f"{place}: {size} is {known.width} x {known.height} elsewhere")
        if known.width is None and size is not None:
            known.width, known.height = size

    def _read_annotation(self, place: str, entry: object, images: dict[str, _Image]) -> None:
        image_id = identity(entry.get("image_id")) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or image_id is None:
            self._odd("bad-annotation-entry", place, entry)
            return
        if image_id not in self.sizes:
            self._odd("dangling-image-id", place, f"image_id {image_id}")
            return
        self._count_ids(place, entry)
        has_caption = "caption" in entry
        has_box = entry.get("bbox") is not None or bool(entry.get("segmentation"))
        if has_caption:
            self._read_caption(place, entry, images[image_id])
        if has_box:
            self._read_box(place, entry, images[image_id])
        if not has_caption and not has_box:
            self._odd("empty-annotation", place, f"of image {image_id}")

    def _count_ids(self, place: str, entry: dict[str, Any]) -> None:
        """Ids that stand twice, and a file that writes ids now as text and now as numbers."""
        key = identity(entry.get("id"))
        if key is not None and key in self.annotation_ids:
            self._odd("duplicate-annotation-id", place, f"id {key}")
        elif key is not None:
            self.annotation_ids.add(key)
        for name, kinds in self.id_types.items():
            if type(entry.get(name)) not in kinds:
                self._count_type(name, f"{place}.{name}", entry.get(name))

    def _count_type(self, name: str, place: str, value: object) -> None:
        """Once a file: the first id that is written otherwise than those it is to be compared with."""
        kinds, kind = self.id_types[name], type(value)
        if kind in (int, str) and kind not in kinds:
            kinds.add(kind)
            if len(kinds) == 2:
                self._odd("mixed-ids", place, repr(value))

    def _read_caption(self, place: str, entry: dict[str, Any], image: _Image) -> None:
        caption = entry["caption"]
        text = unbroken(caption) if isinstance(caption, str) else ""
        if not text:
            self._odd("bad-caption", f"{place}.caption", repr(caption))
            return
        key = (order(entry.get("id")), text)
        if image.origin.setdefault(text, self.number) != self.number:
            self._odd("repeated-annotation", place, text)
            return
        image.captions.append(key)

    def _read_box(self, place: str, entry: dict[str, Any], image: _Image) -> None:
        category = self.categories.get(identity(entry.get("category_id")) or "")
        if category is None:
            self._odd("unknown-category", f"{place}.category_id", entry.get("category_id"))
            return
        try:
            corners = self._corners(place, entry)
        except geometry.BadBox as fault:
            self._odd(fault.args[0], place, fault.args[1])
            return
        image.boxes.append(_Found(self.number, self._at(place), category, corners, self.sizes[image.image_id]))

    def _corners(self, place: str, entry: dict[str, Any]) -> geometry.Corners:
        """From `bbox`; from the segmentation where that is missing or unusable."""
        if entry.get("bbox") is not None:
            try:
                return geometry.from_xywh(entry["bbox"])
            except geometry.BadBox:
                if not entry.get("segmentation"):
                    raise
        corners = geometry.from_segmentation(entry.get("segmentation"))
        self._odd("box-from-mask", place, f"image {entry.get('image_id')}")
        return corners


def _size(entry: dict[str, Any]) -> tuple[int, int] | None:
    width, height = (_pixels(entry.get(key)) for key in ("width", "height"))
    return (width, height) if width and height else None


def _pixels(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**6:
        return None
    return int(value) if value == int(value) else None


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _apart(a: Box, b: Box) -> float:
    """The largest distance between two corners' coordinates."""
    return max(abs(p - q) for p, q in zip(a[1:], b[1:], strict=True))


def _count_shared_names(images: dict[str, _Image], census: Census) -> None:
    seen: dict[str, str] = {}
    for image in images.values():
        other = seen.setdefault(image.file_name or image.image_id, image.image_id)
        if other != image.image_id:
            census.add("shared-file-name", f"{image.place} is image {other} too")
