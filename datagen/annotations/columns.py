"""What one file gave, column by column: a few bytes an entry, whichever format it was read from.

Formats write into it, `joining.py` reads it. Numbers stand here as the file has them; what they mean together is
decided when the whole file is known.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from datagen.annotations.census import Census
from datagen.annotations.names import identity
from datagen.sources.files import Source
from datagen.text import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from datagen.annotations.cleaning import Cleaned

_FAR = 1 << 62
NO_ID = _FAR
"""Stands for an annotation without an id that counts."""
AS_TOLD, IN_PIXELS, IN_SHARES = 0, 1, 2
"""What a box's four numbers are: as the file's layout says; corners in pixels whatever it says, for they were made from
a mask; corners in shares of the picture, unless the user says otherwise."""


class Keys:
    """Ids as numbers, the same for the same id however it is written: whole numbers are themselves, all else is
    numbered from below."""

    def __init__(self) -> None:
        self._others: dict[str, int] = {}

    def of(self, value: object) -> int | None:
        """The key of an id; None for what cannot be an id."""
        if type(value) is int and -_FAR < value < _FAR:
            return value
        text = identity(value)
        if text is None:
            return None
        try:
            whole = int(text) if len(text) < 20 else _FAR
        except ValueError:
            whole = _FAR
        if -_FAR < whole < _FAR and str(whole) == text:
            return whole
        return self._others.setdefault(text, -_FAR - 1 - len(self._others))

    def texts(self) -> dict[int, str]:
        """The keys that are no numbers, with what they stand for."""
        return {key: text for text, key in self._others.items()}


class Images(NamedTuple):
    """The entries that speak of an image, in file order."""

    keys: array[int]
    names: list[str | None]
    """None where the file has none that may be used."""
    told: list[str]
    """Only for those: what stood there."""
    widths: array[int]
    heights: array[int]
    """Pixels; 0 where the file does not tell."""
    places: array[int]


class Annotations(NamedTuple):
    """The entries that speak of something in an image, in file order."""

    keys: array[int]
    """Of the image."""
    ids: array[int]
    """Their own; NO_ID where there is none."""
    places: array[int]


class Captions(NamedTuple):
    """Captions, cleaned, in file order."""

    entries: array[int]
    """Whose: positions in Annotations."""
    text: bytearray
    """All of them one after the other, in UTF-8."""
    sizes: array[int]
    """Bytes of each."""


class Boxes(NamedTuple):
    """Boxes in file order."""

    entries: array[int]
    """Whose: positions in Annotations."""
    categories: array[int]
    """Key of the file's category."""
    numbers: array[float]
    """Four a box."""
    kinds: bytearray
    """AS_TOLD, IN_PIXELS or IN_SHARES."""
    crowds: bytearray
    """1 for a region of a crowd."""


class Columns:
    """One file, read. `where` says how a place is written: `annotations[{}]` with the entry's number in it."""

    def __init__(self, source: Source, keys: Keys) -> None:
        self.source, self.keys = source, keys
        self.dialect = ""
        """In words; empty while nobody knows."""
        self.federated = False
        """Whether categories were looked for in some images only, which then tell in which (LVIS)."""
        self.census = Census()
        self.annotations = Annotations(array("q"), array("q"), array("i"))
        self._empty()
        self.image_places = self.images.places
        self.faults: list[tuple[int, str, str, str]] = []
        """What was wrong with annotations, told only if their image is listed: its key, the oddity, place, what."""
        self.categories: dict[int, str] = {}
        self.entries = 0
        """Of the list of annotations, bad ones too."""
        self.image_place = "$.images[{}]"
        self.annotation_place = "$.annotations[{}]"
        self.corners = False
        """Whether the format itself says that a box is two corners."""

    @property
    def label(self) -> str:
        """The file's name, as it was given."""
        return self.source.label

    def at(self, place: str) -> str:
        """A place, with its file."""
        return f"{self.label}: {place}"

    def odd(self, name: str, place: str, what: object) -> None:
        """Count something odd."""
        self.census.add(name, f"{self.at(place)}: {shown(what, 100)}")

    def odds(self, name: str, count: int, entry: int, what: str = "", field: str = "") -> None:
        """Count something odd of `count` annotations, the first of which is at `entry` of Annotations."""
        place = self.at(self.annotation_place.format(self.annotations.places[entry]) + field)
        self.census.add(name, f"{place}: {shown(what, 100)}" if what else place, count)

    def forget(self) -> None:
        """Let go of all but what tells where something stood."""
        self.image_places = self.images.places
        self._empty()

    def _empty(self) -> None:
        self.images = Images(array("q"), [], [], array("i"), array("i"), array("i"))
        self.annotations = Annotations(array("q"), array("q"), self.annotations.places)
        self.captions = Captions(array("i"), bytearray(), array("i"))
        self.boxes = Boxes(array("i"), array("q"), array("d"), bytearray(), bytearray())

    def add_image(self, key: int, name: str | None, told: str, size: tuple[int, int] | None, place: int) -> None:
        """One image; `told` is what stood where its name should."""
        images = self.images
        images.keys.append(key)
        images.names.append(name)
        if name is None:
            images.told.append(told)
        images.widths.append(size[0] if size else 0)
        images.heights.append(size[1] if size else 0)
        images.places.append(place)

    def add_annotation(self, key: int, own: int, place: int) -> None:
        """One entry that speaks of the image `key`; captions and boxes that are added next are its."""
        annotations = self.annotations
        annotations.keys.append(key)
        annotations.ids.append(own)
        annotations.places.append(place)

    def add_caption(self, text: str) -> None:
        """One caption, cleaned."""
        self.captions.entries.append(len(self.annotations.keys) - 1)
        self.captions.sizes.append(len(data := text.encode()))
        self.captions.text.extend(data)

    def add_annotations(self, keys: NDArray[Any], ids: NDArray[Any], place: int) -> None:
        """Many such entries at once, which stand one after the other from `place` on."""
        import numpy as np

        annotations = self.annotations
        annotations.keys.frombytes(keys.tobytes())
        annotations.ids.frombytes(ids.tobytes())
        annotations.places.frombytes(np.arange(place, place + len(keys), dtype=np.int32).tobytes())

    def add_captions(self, entries: NDArray[Any], captions: Cleaned) -> None:
        """Many captions at once; `entries` are positions in Annotations."""
        self.captions.entries.frombytes(entries.tobytes())
        self.captions.sizes.frombytes(captions.sizes.tobytes())
        self.captions.text.extend(captions.text)

    def add_box(self, category: int, numbers: Sequence[float], *, kind: int = AS_TOLD, crowd: bool = False) -> None:
        """One box."""
        boxes = self.boxes
        boxes.entries.append(len(self.annotations.keys) - 1)
        boxes.categories.append(category)
        boxes.numbers.extend(numbers)
        boxes.kinds.append(kind)
        boxes.crowds.append(crowd)
