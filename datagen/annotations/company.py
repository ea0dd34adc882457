"""What would fit into a picture and is surely not in it: drawn from what stands together in the annotations.

How many images two categories share is counted once, over columns; each image then draws from those that often stand
where its own do, by a hash of its id and their names, and of what is drawn only what somebody proves absent is told.
It knows nothing of words: whether a caption names a thing, or a thing is but another name for one that is there, is
that somebody's to say.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from datagen.annotations.index import Index
from datagen.schema import ImageContext

if TYPE_CHECKING:
    from numpy.typing import NDArray

Proof = Callable[[ImageContext, Sequence[str]], Sequence[bool]]
"""Says of each of some categories whether an image surely shows none of it."""
TOLD = 4
"""Absent things that are told of an image, at most."""
_DRAWN = 12  # of which so many are told as are proven
_AT_ONCE = 5  # that are proven: mostly enough
_NEAR = 24  # the likeliest ones, of which they are drawn
_KNOWN = 2000  # categories that are counted, the most frequent ones: two by two, they have to fit into the memory
_PAIRS = 1 << 21  # that are counted at once
_GROUP = " (group)"


class Company:
    """Which categories stand together in the images of an index, and what is missing in one of them."""

    def __init__(self, index: Index, seed: int, proof: Proof) -> None:
        self._seed, self._proof = seed, proof
        self._names, together = _counted(index)
        self._places = {name: place for place, name in enumerate(self._names)}
        self._likely = _likelihoods(together, len(index))

    def absent(self, image: ImageContext) -> tuple[str, ...]:
        """What would fit in and is proven absent, in the order drawn; the same for the same index, seed and image."""
        drawn = self._drawn(image)
        told: list[str] = []
        for first in range(0, len(drawn), _AT_ONCE):
            some = drawn[first : first + _AT_ONCE]
            told += [name for name, absent in zip(some, self._proof(image, some), strict=True) if absent]
            if len(told) >= TOLD:
                break
        return tuple(told[:TOLD])

    def completed(self, image: ImageContext) -> ImageContext:
        """The image, told what is absent."""
        absent = self.absent(image)
        return image.model_copy(update={"absent": absent}) if absent else image

    def _drawn(self, image: ImageContext) -> list[str]:
        there = {box.category.removesuffix(_GROUP) for box in image.boxes}
        rows = sorted(self._places[name] for name in there if name in self._places)
        if not rows:
            return []
        weights = self._likely[rows].sum(axis=0) ** 2
        weights[rows] = 0
        near = (-weights).argsort(kind="stable")[:_NEAR]
        keys = [(self._key(image.image_id, self._names[n], int(weights[n])), self._names[n]) for n in near]
        return [name for key, name in sorted(keys)[:_DRAWN] if key < math.inf]

    def _key(self, image_id: str, name: str, weight: int) -> float:
        """The lowest keys are drawn: each as likely as it weighs."""
        if not weight:
            return math.inf
        lot = hashlib.blake2b(f"absent {self._seed}:{image_id}:{name}".encode("utf-8", "surrogatepass"), digest_size=8)
        return -math.log((int.from_bytes(lot.digest(), "big") + 1) / (1 << 64)) / weight


def _counted(index: Index) -> tuple[list[str], NDArray[Any]]:
    """The categories, groups being as their members, and in how many images each two stand together."""
    import numpy as np

    names = list(dict.fromkeys(name.removesuffix(_GROUP) for name in index.categories))
    place = {name: n for n, name in enumerate(names)}
    renamed = np.array([place[name.removesuffix(_GROUP)] for name in index.categories], np.int64)
    rows, kinds = _once_an_image(index, renamed, len(names))
    most = np.sort(np.bincount(kinds, minlength=len(names)).argsort(kind="stable")[::-1][:_KNOWN])
    if len(most) < len(names):
        numbers = np.full(len(names), -1, np.int64)
        numbers[most] = np.arange(len(most))
        kept = numbers[kinds] >= 0
        rows, kinds, names = rows[kept], numbers[kinds[kept]], [names[n] for n in most]
    return names, _together(rows, kinds, len(names))


def _once_an_image(index: Index, renamed: NDArray[Any], count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Row and category of each category in each row, once, by rows."""
    import numpy as np

    ends, categories = index.box_columns
    of_row: NDArray[Any] = np.diff(np.frombuffer(ends, np.int64), prepend=np.int64(0))
    kinds = renamed[np.frombuffer(categories, np.uint32)] if len(renamed) else np.zeros(0, np.int64)
    both = np.unique(np.repeat(np.arange(len(of_row)), of_row) * max(count, 1) + kinds)
    rows, kinds = np.divmod(both, max(count, 1))
    return rows, kinds


def _together(rows: NDArray[Any], kinds: NDArray[Any], count: int) -> NDArray[Any]:
    """count × count, some rows at a time, so that memory does not follow their number."""
    import numpy as np

    found = np.zeros(count * count, np.int64)
    _, starts, sizes = np.unique(rows, return_index=True, return_counts=True)
    reached = np.cumsum(sizes * sizes)
    first = 0
    while first < len(starts):
        before = reached[first - 1] if first else 0
        last = max(int(np.searchsorted(reached, before + _PAIRS)), first + 1)
        some = slice(first, last)
        each = np.repeat(sizes[some], sizes[some])  # of every entry, how many stand in its row
        entries = np.arange(starts[first], starts[first] + len(each))
        left = np.repeat(kinds[entries], each)
        inner = np.arange(len(left)) - np.repeat(np.cumsum(each) - each, each)
        right = kinds[np.repeat(np.repeat(starts[some], sizes[some]), each) + inner]
        found += np.bincount(left * count + right, minlength=count * count)
        first = last
    return found.reshape(count, count)


def _likelihoods(together: NDArray[Any], images: int) -> NDArray[Any]:
    """How many of a thousand images with the one (a row) have the other too; 0 where it stands there no more often than
    anywhere. Whole numbers: what is drawn must not hang on how a machine rounds."""
    import numpy as np

    own = np.diagonal(together)
    shares = together * 1000 // np.maximum(own, 1)[:, None]
    return np.where(together * images > own[:, None] * own[None, :], shares, 0)
