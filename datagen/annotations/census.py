"""What was found odd while reading, by name, with a count and the first place each was seen.

One odd entry never stops a run; it is counted here under one of the names below, and the count is shown. This file is
the documented rule for each: the sentence says what was done about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

ODDITIES = {
    "bad-image-entry": "entries of `images` that are no object or have no usable id were left out",
    "duplicate-image-id": "images listed twice in one file: the first entry counts, the others were left out",
    "another-image": "images that an earlier file lists with another name and another size were left out: are the "
    "files of one set?",
    "bad-record": "lines or list entries that are no object with a picture were left out",
    "unsafe-file-name": "images whose file name is missing, climbs out of its folder (`..`) or cannot be a path "
    "were left out",
    "gone-with-image": "captions and boxes of images that were left out went with them",
    "name-from-url": "images without a file name: the last part of their address is taken",
    "absolute-file-name": "absolute paths and addresses as file names: only the last part is kept",
    "sizes-differ": "images that two files give different sizes: boxes are placed by their own file's",
    "file-names-differ": "images that two files name differently: the first file's name counts",
    "mixed-ids": "ids written as text and as numbers in one file: they are joined by their value",
    "shared-file-name": "file names that several images share",
    "bad-annotation-entry": "entries of `annotations` that are no object or have no usable image_id were left out",
    "dangling-image-id": "annotations of images that the file does not list were left out",
    "empty-annotation": "annotations with neither caption nor box were left out",
    "bad-caption": "captions that are no text, or blank, were left out",
    "duplicate-annotation-id": "annotations with an id that another one of the file has were kept",
    "repeated-annotation": "captions or boxes that stand in two files were taken once",
    "repeated-category": "categories listed twice in one file: the first name counts",
    "readable-name": "categories whose names were made readable",
    "unknown-category": "boxes whose category the file does not name were left out",
    "no-image-size": "boxes of images without a width and height were left out: they cannot be placed (--images DIR "
    "reads sizes from the pictures)",
    "size-from-picture": "images whose size no file tells: it was read from the picture",
    "normalized-boxes": "boxes told as shares of the picture, 0 to 1, were taken as that",
    "share-like-boxes": "boxes were taken as pixels, though most lie within 0 to 1: if they are shares of the picture, "
    "give --boxes normalized",
    "corner-like-boxes": "boxes were read as x, y, width and height, though many reach out of their pictures so and "
    "all would fit as two corners: if that is what they are, give --boxes xyxy",
    "crowd-left-out": "regions of a crowd were left out, as --crowd says",
    "crowd-grouped": "regions of a crowd were named as a group, as --crowd says",
    "bad-box": "boxes that are not four finite numbers with a size of at least zero were left out",
    "box-from-mask": "boxes that were missing and were made from the segmentation",
    "bad-mask": "segmentations that no box could be made from were left out",
    "outside-box": "boxes wholly outside their picture were left out",
    "flat-box": "boxes of no width or no height were kept, as LLaVA's contexts keep them",
    "clipped-box": "boxes that reached outside their picture were cut at its edge",
    "no-caption": "images without a caption: tasks that need one leave them out",
    "no-box": "images without a box: the model is shown their captions alone",
    "not-coco": "files of a folder that are no COCO-style annotations were passed over",
}
"""Every name that can be counted, and what is done about it."""

DROPS = frozenset(
    {
        "bad-image-entry",
        "unsafe-file-name",
        "gone-with-image",
        "bad-annotation-entry",
        "dangling-image-id",
        "empty-annotation",
        "bad-caption",
        "unknown-category",
        "no-image-size",
        "bad-box",
        "bad-mask",
        "outside-box",
        "bad-record",
        "duplicate-image-id",
        "another-image",
        "crowd-left-out",
        "not-coco",
    }
)
"""The names among them that leave something out; with the others all is kept that the files hold."""

HARMLESS = frozenset(
    {
        "no-caption",
        "no-box",
        "readable-name",
        "normalized-boxes",
        "name-from-url",
        "size-from-picture",
        "crowd-left-out",
        "crowd-grouped",
        "flat-box",
    }
)
"""The names that tell what a file is like, or what was wished for, and not that something is wrong with it."""


class Oddity(NamedTuple):
    """One name of ODDITIES with how often, and where first."""

    name: str
    number: int
    example: str

    @property
    def drops(self) -> bool:
        """Whether something was left out."""
        return self.name in DROPS

    @property
    def wrong(self) -> bool:
        """Whether it is a fault of the file."""
        return self.name not in HARMLESS

    @property
    def rule(self) -> str:
        """What it is, and what was done about it."""
        return ODDITIES[self.name]

    @property
    def sentence(self) -> str:
        """The rule, how often it was needed, and where first."""
        return f"{self.rule}: {self.number} (first: {self.example})"


class Census:
    """A tally of oddities. Mutable on purpose: readers share one and add to it as they go."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}

    def add(self, name: str, example: str, number: int = 1) -> None:
        """Count `number` of `name`, a key of ODDITIES; `example` is `file: place: what`, kept when it is the first."""
        if name not in ODDITIES:
            raise KeyError(name)
        self._counts[name] = self._counts.get(name, 0) + number
        self._examples.setdefault(name, example)

    def take(self, other: Census) -> None:
        """Count all that another counted."""
        for odd in other:
            self.add(odd.name, odd.example, odd.number)

    def __iter__(self) -> Iterator[Oddity]:
        for name in ODDITIES:
            if name in self._counts:
                yield Oddity(name, self._counts[name], self._examples[name])

    def __getitem__(self, name: str) -> int:
        return self._counts.get(name, 0)
