"""What annotation files hold, and what is wrong with them: all that is worth knowing before a run costs anything.

It asks the joined index row by row, for counts; only for the lengths of captions and the areas of boxes it reads
whole images, and of many only some. It knows nothing of how files are read, and nothing of terminals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from datagen.annotations.census import Oddity
from datagen.annotations.index import Index, Reading, index
from datagen.annotations.packing import FileFacts
from datagen.observer import Observer, Silent
from datagen.plan import sources_of
from datagen.prompting.folder import wanted_tasks
from datagen.schema import Task

SAMPLE = 5_000
"""Of more images than that, only so many are read whole."""
CROWDED = 20
"""More boxes than that make an image a crowded one."""


class Extent(NamedTuple):
    """The least, the middle and the most of some numbers; the middle is one of them, the lower of two."""

    min: int
    median: int
    max: int


class Holding(NamedTuple):
    """How many captions, or boxes, there are."""

    total: int
    per_image: Extent | None
    """Over all images, those without any too; None where there is no image."""
    without: int
    """How many images have none."""


class Joined(NamedTuple):
    """What the images have, once the files are put together."""

    images: int
    both: int
    captions_only: int
    boxes_only: int
    neither: int
    listed: int
    """How often the files list an image, each file counted for itself."""
    shared: int | None
    """How many images both of two files list. None where there are not two, or where that cannot be told because
    images were left out or listed twice."""


class Pictures(NamedTuple):
    """The pictures' sizes in pixels, where they are known."""

    width: Extent | None
    height: Extent | None
    landscape: int
    portrait: int
    square: int
    unknown: int


class Category(NamedTuple):
    """How often a category is used."""

    name: str
    boxes: int
    images: int


class Crowded(NamedTuple):
    """Images with many boxes."""

    more_than: int
    images: int
    most: str
    """The id of the image with the most boxes; empty where there are no boxes."""


class Areas(NamedTuple):
    """Shares of its picture that a box covers, 0..1: a tenth of them cover no more than `small`, half of them no more
    than `medium`, nine tenths no more than `large`."""

    small: float
    medium: float
    large: float


class Sampled(NamedTuple):
    """What only whole images tell, of evenly spaced ones among those that have a caption or a box."""

    images: int
    """How many were read."""
    of: int
    characters: Extent | None
    """Of a caption."""
    areas: Areas | None


class Askable(NamedTuple):
    """How many images a shipped task can be asked about."""

    task: str
    needs: tuple[str, ...]
    images: int


class Inspection(NamedTuple):
    """What some annotation files hold, each and together."""

    files: tuple[FileFacts, ...]
    joined: Joined
    captions: Holding
    boxes: Holding
    sampled: Sampled
    pictures: Pictures
    listed_categories: int
    """How many categories the files list, at the least: of several files' lists the longest counts."""
    categories: tuple[Category, ...]
    """Those that are used, the most frequent first."""
    crowded: Crowded
    oddities: tuple[Oddity, ...]
    tasks: tuple[Askable, ...]

    @property
    def left_out(self) -> tuple[Oddity, ...]:
        """The oddities for which something was left out."""
        return tuple(oddity for oddity in self.oddities if oddity.drops)

    @property
    def kept(self) -> tuple[Oddity, ...]:
        """The oddities that cost nothing that the files hold."""
        return tuple(oddity for oddity in self.oddities if not oddity.drops)


def inspect(
    inputs: Sequence[Path],
    reading: Reading = Reading(),  # noqa: B008 (it is frozen)
    observer: Observer | None = None,
) -> Inspection:
    """What the files that `inputs` mean hold. Raises InputError for one that cannot be used. Sends nothing."""
    return survey(index(sources_of(inputs, observer or Silent()), reading), wanted_tasks())


def survey(rows: Index, tasks: Sequence[Task]) -> Inspection:
    """What joined annotations hold, and how many images each of `tasks` can be asked about."""
    captions = [int(rows.captions(row)) for row in range(len(rows))]
    boxes = [int(rows.boxes(row)) for row in range(len(rows))]
    joined = _joined(rows, captions, boxes)
    categories = _categories(rows, boxes)
    return Inspection(
        files=tuple(rows.files),
        joined=joined,
        captions=_holding(captions),
        boxes=_holding(boxes),
        sampled=_sampled(rows, [row for row, held in enumerate(zip(captions, boxes, strict=True)) if any(held)]),
        pictures=_pictures(rows),
        listed_categories=max(len(rows.categories), *(file.categories for file in rows.files), 0),
        categories=categories,
        crowded=_crowded(rows, boxes),
        oddities=tuple(rows.census),
        tasks=tuple(Askable(task.name, task.needs, _askable(task, joined)) for task in tasks),
    )


def _joined(rows: Index, captions: Sequence[int], boxes: Sequence[int]) -> Joined:
    kinds = Counter((bool(said), bool(seen)) for said, seen in zip(captions, boxes, strict=True))
    listed = sum(file.images for file in rows.files) or len(rows)
    lost = any(rows.census[name] for name in ("bad-image-entry", "duplicate-image-id", "unsafe-file-name"))
    return Joined(
        images=len(rows),
        both=kinds[True, True],
        captions_only=kinds[True, False],
        boxes_only=kinds[False, True],
        neither=kinds[False, False],
        listed=listed,
        shared=listed - len(rows) if len(rows.files) == 2 and not lost else None,
    )


def _askable(task: Task, joined: Joined) -> int:
    """By what a task needs and sees; a sight that rows tell nothing of is taken to be there."""
    kinds = {
        (True, True): joined.both,
        (True, False): joined.captions_only,
        (False, True): joined.boxes_only,
        (False, False): joined.neither,
    }
    total = 0
    for (captions, boxes), images in kinds.items():
        has = {"captions": captions, "boxes": boxes}
        needs, sees = ([has.get(name, True) for name in names] for names in (task.needs, task.sees))
        total += images if all(needs) and any(sees) else 0
    return total


def _extent(numbers: Iterable[int]) -> Extent | None:
    ordered = sorted(numbers)
    return Extent(ordered[0], ordered[(len(ordered) - 1) // 2], ordered[-1]) if ordered else None


def _holding(counts: Sequence[int]) -> Holding:
    return Holding(sum(counts), _extent(counts), counts.count(0))


def _pictures(rows: Index) -> Pictures:
    sizes = [(int(size[0]), int(size[1])) for size in map(rows.size, range(len(rows))) if size is not None]
    return Pictures(
        width=_extent(width for width, _ in sizes),
        height=_extent(height for _, height in sizes),
        landscape=sum(width > height for width, height in sizes),
        portrait=sum(width < height for width, height in sizes),
        square=sum(width == height for width, height in sizes),
        unknown=len(rows) - len(sizes),
    )


def _categories(rows: Index, boxes: Sequence[int]) -> tuple[Category, ...]:
    used: Counter[int] = Counter()
    images: Counter[int] = Counter()
    for row, number in enumerate(boxes):
        if number:
            found = rows.categories_of(row)
            used.update(found)
            images.update(set(found))
    ordered = sorted(used, key=lambda category: (-used[category], category))
    return tuple(Category(rows.categories[category], used[category], images[category]) for category in ordered)


def _crowded(rows: Index, boxes: Sequence[int]) -> Crowded:
    most = max(boxes, default=0)
    return Crowded(
        more_than=CROWDED,
        images=sum(number > CROWDED for number in boxes),
        most=rows.image_id(boxes.index(most)) if most else "",
    )


def _sampled(rows: Index, worth: Sequence[int]) -> Sampled:
    count = min(len(worth), SAMPLE)
    lengths: list[int] = []
    areas: list[float] = []
    for image in rows.contexts([worth[n * len(worth) // count] for n in range(count)]):
        lengths += map(len, image.captions)
        areas += ((x2 - x1) * (y2 - y1) for _, x1, y1, x2, y2 in image.boxes)
    return Sampled(count, len(worth), _extent(lengths), _areas(areas))


def _areas(areas: list[float]) -> Areas | None:
    areas.sort()
    return Areas(*(areas[(len(areas) - 1) * tenths // 10] for tenths in (1, 5, 9))) if areas else None
