"""Which images of an index are asked about: what was wished for, what it leaves, and what each wish left out.

Wishes are taken in one fixed order, and an image that is left out is counted under the first one that it does not
meet. Every draw is by a hash of the image's id, so it depends neither on the order of files nor on what else is there.
It reads counts, ids and categories of rows, never a whole image, and knows nothing of settings or files.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heapreplace
from typing import Literal, NamedTuple

from datagen.annotations.index import Index
from datagen.annotations.names import identity
from datagen.errors import SetupError
from datagen.registry import unknown
from datagen.text import shown

SampleBy = Literal["random", "coverage"]
SPLIT_SALT = "split"
"""Of the hash that deals images to parts: never the seed, so that parts made on several machines fit together."""


class Selection(NamedTuple):
    """What is wished for. The defaults wish for every image."""

    images_list: tuple[str, ...] | None = None
    """Ids and file names, as a person writes them; None is all images."""
    categories: tuple[str, ...] = ()
    """An image stays if one of its boxes is of one of these; empty is all images."""
    min_captions: int = 0
    min_boxes: int = 0
    max_boxes: int | None = None
    split: tuple[int, int] | None = None
    """(i, N): the i-th of N parts, from 1."""
    sample: int | None = None
    """So many of those that are left."""
    sample_by: SampleBy = "random"
    """`coverage` takes rare categories first, and as much of each as of the others."""
    limit: int | None = None
    """At most so many of those, the first ones."""
    seed: int = 0
    """Of `sample`."""


class Chosen(NamedTuple):
    """What a selection leaves."""

    rows: Sequence[int]
    """In the order of the index."""
    left_out: dict[str, int]
    """The wish that was not met, in the word of its flag → images. With `rows` they add up to `seen`."""
    seen: int
    not_found: tuple[str, ...] = ()
    """Entries of the images list that no image has."""


def select(index: Index, wanted: Selection) -> Chosen:
    """The rows of `index` that `wanted` leaves. Raises SetupError where it leaves none of some, UnknownName for a
    category that the index does not have."""
    seen = len(index)
    rows, left_out = array("I", range(seen)), dict[str, int]()
    listed = None if wanted.images_list is None else _Listed(wanted.images_list)
    for reason, keep in _wishes(index, wanted, listed):
        kept = array("I", keep(rows))
        if len(kept) < len(rows):
            left_out[reason] = len(rows) - len(kept)
        rows = kept
    assert sum(left_out.values()) + len(rows) == seen
    if seen and listed is not None and "images-list" in left_out and left_out["images-list"] == seen:
        raise _nothing_listed(index, listed)
    if seen and not rows:
        raise _nothing_left(seen, left_out)
    return Chosen(rows, left_out, seen, listed.missing() if listed else ())


_Keep = Callable[[Sequence[int]], Iterable[int]]


def _wishes(index: Index, wanted: Selection, listed: _Listed | None) -> Iterator[tuple[str, _Keep]]:
    """The wishes in the order in which they are counted, each with what it keeps of some rows."""
    if listed is not None:
        yield "images-list", lambda rows: (r for r in rows if listed.names(index.image_id(r), index.file_name(r)))
    if wanted.categories:
        numbers = _numbers(index, wanted.categories)
        yield "categories", lambda rows: (r for r in rows if not numbers.isdisjoint(index.categories_of(r)))
    if wanted.min_captions:
        yield "min-captions", lambda rows: (r for r in rows if index.captions(r) >= wanted.min_captions)
    if wanted.min_boxes:
        yield "min-boxes", lambda rows: (r for r in rows if index.boxes(r) >= wanted.min_boxes)
    if (most := wanted.max_boxes) is not None:
        yield "max-boxes", lambda rows: (r for r in rows if index.boxes(r) <= most)
    if wanted.split is not None:
        part, parts = wanted.split
        deal = _lot(SPLIT_SALT)
        yield "split", lambda rows: (r for r in rows if deal(index.image_id(r)) % parts == part - 1)
    if (number := wanted.sample) is not None:
        yield "sample", lambda rows: _sample(index, rows, number, wanted.sample_by, wanted.seed)
    if wanted.limit is not None:
        yield "limit", lambda rows: rows[: wanted.limit]


def _lot(salt: str) -> Callable[[str], int]:
    """What gives an id its number, 0 to 2**64 - 1: the same wherever and whenever it is asked."""
    begun = hashlib.blake2b(salt.encode() + b":", digest_size=8)

    def draw(image_id: str) -> int:
        sha = begun.copy()
        sha.update(image_id.encode("utf-8", "surrogatepass"))
        return int.from_bytes(sha.digest(), "big")

    return draw


def _sample(index: Index, rows: Sequence[int], number: int, by: SampleBy, seed: int) -> Sequence[int]:
    if len(rows) <= number:
        return rows
    lot = _lot(f"sample {seed}")
    drawn = array("Q", (lot(index.image_id(row)) for row in rows))
    in_turn = array("I", (rows[place] for place in sorted(range(len(rows)), key=drawn.__getitem__)))
    return sorted(in_turn[:number] if by == "random" else _covering(index, in_turn, number))


def _covering(index: Index, in_turn: Sequence[int], number: int) -> Sequence[int]:
    """`number` of the rows: again and again, of the category that has the fewest so far (then the rarest of all these
    rows, then by name), the next one. Rows without a box come when nothing else is left."""
    holds: dict[int, array[int]] = {}
    bare = array("I")
    for row in in_turn:
        found = set(index.categories_of(row))
        for category in found:
            holds.setdefault(category, array("I")).append(row)
        if not found:
            bare.append(row)
    queue = [(0, len(having), index.categories[category], category) for category, having in holds.items()]
    heapify(queue)
    has, next_at = dict.fromkeys(holds, 0), dict.fromkeys(holds, 0)
    taken, chosen = bytearray(len(index)), array("I")
    while queue and len(chosen) < number:
        told, rarity, name, category = queue[0]
        if told < has[category]:  # others' images had it too, since it was put here
            heapreplace(queue, (has[category], rarity, name, category))
            continue
        having, at = holds[category], next_at[category]
        while at < rarity and taken[having[at]]:
            at += 1
        next_at[category] = at
        if at == rarity:
            heappop(queue)
            continue
        taken[having[at]] = 1
        chosen.append(having[at])
        for other in set(index.categories_of(having[at])):
            has[other] += 1
    return chosen + bare[: number - len(chosen)]


def _numbers(index: Index, names: Sequence[str]) -> set[int]:
    """The categories that are meant: by name, whatever its case; else by its letters and digits alone, for names are
    made readable and `wall-other-merged` may be another's `wall other merged`."""
    exact, loose = dict[str, set[int]](), dict[str, set[int]]()
    for number, name in enumerate(index.categories):
        exact.setdefault(name.casefold(), set()).add(number)
        loose.setdefault(_letters(name), set()).add(number)
    found: set[int] = set()
    for name in names:
        meant = exact.get(name.casefold()) or (loose.get(_letters(name)) if _letters(name) else None)
        if not meant:
            raise unknown("category", shown(name, 60), index.categories)
        found |= meant
    return found


def _letters(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


class _Listed:
    """A list of ids and file names, asked image by image; it remembers what was found of it.

    An entry means the images with that id, and those whose path ends as it does: `139.jpg` is `train/139.jpg`, and
    `data/train/139.jpg` is both `train/139.jpg` and `139.jpg`, but not `val/139.jpg`.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self.entries = tuple(dict.fromkeys(entries))
        self._found = bytearray(len(self.entries))
        self._ids: dict[str, list[int]] = {}
        self._by_last: dict[str, list[tuple[int, str]]] = {}
        for place, entry in enumerate(self.entries):
            if (image_id := identity(entry)) is not None:
                self._ids.setdefault(image_id, []).append(place)
            path = _path(entry)
            self._by_last.setdefault(path.rpartition("/")[2], []).append((place, f"/{path}"))

    def names(self, image_id: str, file_name: str) -> bool:
        """Whether an entry means this image."""
        places = list(self._ids.get(image_id, ()))
        for place, path in self._by_last.get(file_name.rpartition("/")[2], ()):
            if path.endswith(f"/{file_name}") or f"/{file_name}".endswith(path):
                places.append(place)
        for place in places:
            self._found[place] = 1
        return bool(places)

    def missing(self) -> tuple[str, ...]:
        """The entries that no image had so far."""
        return tuple(entry for entry, found in zip(self.entries, self._found, strict=True) if not found)


def _path(entry: str) -> str:
    """As the annotations' paths are written. Nothing is opened by it, so wherever it climbs to does no harm."""
    return "/".join(part for part in entry.replace("\\", "/").split("/") if part not in ("", ".", ".."))


def _nothing_listed(index: Index, listed: _Listed) -> SetupError:
    has = f"the images are called as {shown(index.image_id(0), 60)} and {shown(index.file_name(0), 60)} are"
    if not listed.entries:
        return SetupError("--images-list: the list is empty", f"an id or a file name a line; {has}")
    what = f"none of its {len(listed.entries):,} entries is an image's id or file name"
    return SetupError(f"--images-list: {what}", f"it begins with {shown(listed.entries[0], 60)}; {has}")


def _nothing_left(seen: int, left_out: dict[str, int]) -> SetupError:
    why = ", ".join(f"{reason} {count:,}" for reason, count in left_out.items())
    most = max(left_out, key=left_out.__getitem__)
    return SetupError(f"none of {seen:,} images is left (left out: {why})", f"ask for less: --{most} took the most")
