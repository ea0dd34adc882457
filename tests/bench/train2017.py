"""Files of the size and make of COCO's train2017, the same for the same seed: `captions_train2017.json` (92 MB) and
`instances_train2017.json` (470 MB), or the same in small.

Its shape is COCO's own: one line, `,` between entries and `: ` after keys, categories last, images in no order under
sparse ids, annotations strewn over the images, polygons of about twenty points, boxes with two decimals, areas with all
their digits, one annotation in eighty a crowd with uncompressed runs. No two annotations are alike, each box is that of
its polygons, and each fits in its image. The pictures, the words and the numbers are nobody's. It writes block by block
and holds a few megabytes; it knows nothing of datagen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.bench.annotations import CATEGORIES

IMAGES, CAPTIONS, ANNOTATIONS = 118_287, 591_753, 860_001
"""What train2017 holds."""

_HIGHEST_IMAGE, _HIGHEST_CAPTION, _HIGHEST_ANNOTATION = 581_929, 829_717, 2_232_119
_WITHOUT_BOXES, _CROWDS = 1021 / IMAGES, 0.0122
_GAPS = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)  # COCO planned ninety-one categories
_KINDS = [number for number in range(1, 91) if number not in _GAPS]
_GROUPS = (
    ("person", 1), ("vehicle", 8), ("outdoor", 5), ("animal", 10), ("accessory", 5), ("sports", 10), ("kitchen", 7),
    ("food", 10), ("furniture", 6), ("electronic", 6), ("appliance", 5), ("indoor", 7),
)  # fmt: skip
_SIZES = ((640, 480), (640, 427), (480, 640), (640, 426), (500, 375), (427, 640), (640, 425), (375, 500), (612, 612))
_SHARES = (0.28, 0.2, 0.12, 0.1, 0.1, 0.08, 0.06, 0.04, 0.02)
_RINGS = (0.91, 0.06, 0.02, 0.01)  # polygons of one annotation: one, two …
_POINTS, _POINTS_SPREAD = 17, 0.75  # of one polygon: the median, and the sigma of a lognormal
_SIDE, _SIDE_SPREAD = 52, 1.1  # of a box, in pixels
_RUNS, _RUNS_SPREAD, _MOST_RUNS = 700, 0.9, 4000  # of a crowd
_BLOCK = 8192
_HUNDREDTHS = [repr(n / 100) for n in range(64_001)]
"""Every number that can stand in a polygon: looked up, not written out 40 million times."""

_OPENINGS = ("A", "A", "A", "The", "There is a", "a", "An image of a", "This is a", "Close up of a", "View of a")
_LOOKS = ("small", "large", "red", "old", "wooden", "bright", "dark", "blue", "worn", "shiny", "striped", "white", "")
_RELATIONS = ("next to a", "in front of a", "behind a", "near the", "beside a", "and a", "on top of a", "with a")
_PLACES = (
    "", "", "on a street", "in a kitchen", "at the edge of a lake", "on a hill", "in a market", "in a living room",
    "by the road", "on a beach", "outside", "at a railway station", "in a room", "during the day", "at night",
)  # fmt: skip
_ENDINGS = (".", ". ", "", " ", ".  ", ".\n", ' called "Dr. No".', " in a caf\u00e9.")
_ENDING_SHARES = (0.651, 0.1, 0.207, 0.032, 0.004, 0.003, 0.002, 0.001)  # every seventh ends in white space
_HEAD: dict[str, Any] = {
    "info": {
        "description": "synthetic, for benchmarks", "url": "http://localhost/", "version": "1.0", "year": 2017,
        "contributor": "nobody", "date_created": "2017/09/01",
    },
    "licenses": [{"url": f"http://localhost/licenses/{n}/", "id": n, "name": f"License {n}"} for n in range(1, 9)],
}  # fmt: skip

Dice = np.random.Generator
Numbers = np.ndarray[Any, np.dtype[Any]]


class Images(NamedTuple):
    """Id, width, height and four kinds of things of each image; numbers, so that all of them are held at once."""

    ids: Numbers
    sizes: Numbers
    kinds: Numbers

    @property
    def count(self) -> int:
        """How many."""
        return len(self.ids)

    def share(self, whole: int) -> int:
        """What train2017 has `whole` of, for so many images."""
        return max(1, round(whole * self.count / IMAGES))


def write(folder: Path, images: int = IMAGES, seed: int = 0) -> list[Path]:
    """Both files for so many images, in `folder`; returns their paths, captions first."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = _draw(images, np.random.default_rng(seed))
    captions, instances = folder / "captions_train2017.json", folder / "instances_train2017.json"
    _write(captions, drawn, seed, _captions)
    _write(instances, drawn, seed, _instances, _categories())
    return [captions, instances]


def _draw(count: int, dice: Dice) -> Images:
    ids = dice.choice(max(_HIGHEST_IMAGE, count), count, replace=False) + 1
    sizes = np.array(_SIZES)[dice.choice(len(_SIZES), count, p=_SHARES)]
    common = 1 / np.arange(4, 4 + len(CATEGORIES))
    kinds = dice.choice(len(CATEGORIES), (count, 4), p=common / common.sum())
    kinds[:, 0] = np.where(dice.random(count) < 0.5, 0, kinds[:, 0])  # a person in every other picture
    return Images(ids, sizes, kinds)


def _write(
    path: Path, images: Images, seed: int, entries: Callable[[Images, Dice], Iterator[str]], end: str = ""
) -> None:
    """`end` stands after the annotations, as categories do."""
    with path.open("w", encoding="ascii", newline="") as file:
        file.write(_json(_HEAD)[:-1])
        for name, several in (
            ("images", _images(images, np.random.default_rng([seed, 1]))),
            ("annotations", entries(images, np.random.default_rng([seed, 2]))),
        ):
            file.write(f',"{name}": [')
            for number, entry in enumerate(several):
                file.write(f",{entry}" if number else entry)
            file.write("]")
        file.write(end + "}")


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ": "))


def _categories() -> str:
    groups = [group for group, many in _GROUPS for _ in range(many)]
    told = zip(groups, _KINDS, CATEGORIES, strict=True)
    return ',"categories": ' + _json([{"supercategory": group, "id": n, "name": name} for group, n, name in told])


def _images(images: Images, dice: Dice) -> Iterator[str]:
    for start in range(0, images.count, _BLOCK):
        ids, sizes = (part[start : start + _BLOCK].tolist() for part in (images.ids, images.sizes))
        rolled = zip(*(dice.integers(low, high, len(ids)).tolist() for low, high in (
            (1, 7), (1, 10), (1, 10_000), (10**8, 10**10), (0, 16**10), (14, 24), (0, 24), (0, 60), (0, 60),
        )), strict=True)  # fmt: skip
        for number, (width, height), row in zip(ids, sizes, rolled, strict=True):
            license_, farm, server, photo, secret, day, hour, minute, second = row
            yield (
                f'{{"license": {license_},"file_name": "{number:012}.jpg",'
                f'"coco_url": "http://images.example.invalid/train2017/{number:012}.jpg",'
                f'"height": {height},"width": {width},'
                f'"date_captured": "2013-11-{day} {hour:02}:{minute:02}:{second:02}",'
                f'"flickr_url": "http://farm{farm}.pictures.invalid/{server}/{photo}_{secret:010x}_z.jpg",'
                f'"id": {number}}}'
            )


def _captions(images: Images, dice: Dice) -> Iterator[str]:
    """Five an image, and a sixth for one in four hundred."""
    total = max(5 * images.count, images.share(CAPTIONS))
    owners = np.arange(total) % images.count  # the first images get what is over
    dice.shuffle(owners)
    ids = dice.choice(max(_HIGHEST_CAPTION, total), total, replace=False) + 1
    for start in range(0, total, _BLOCK):
        rows = owners[start : start + _BLOCK]
        many = len(rows)
        choices = [dice.integers(0, len(words), many).tolist() for words in (
            _OPENINGS, _LOOKS, _RELATIONS, _LOOKS, _PLACES,
        )]  # fmt: skip
        things = images.kinds[rows[:, None], dice.integers(0, 4, (many, 2))].tolist()
        endings = dice.choice(len(_ENDINGS), many, p=_ENDING_SHARES).tolist()
        told = zip(images.ids[rows].tolist(), ids[start:].tolist(), things, endings, *choices, strict=False)
        for image, number, (one, other), ending, a, b, c, d, e in told:
            words = (
                _OPENINGS[a], _LOOKS[b], CATEGORIES[one], _RELATIONS[c], _LOOKS[d], CATEGORIES[other], _PLACES[e],
            )  # fmt: skip
            text = json.dumps(" ".join(filter(None, words)) + _ENDINGS[ending])
            yield f'{{"image_id": {image},"id": {number},"caption": {text}}}'


def _owners(images: Images, dice: Dice) -> tuple[Numbers, Numbers]:
    """The image of each annotation, in no order, and which of them are crowds: one an image at most, for their ids tell
    nothing but image and category."""
    total = images.share(ANNOTATIONS)
    having = dice.permutation(images.count)[: max(1, images.count - round(images.count * _WITHOUT_BOXES))][:total]
    weights = dice.exponential(size=len(having))
    many = 1 + dice.multinomial(total - len(having), weights / weights.sum())
    crowds = np.zeros(total, bool)
    firsts = np.cumsum(many) - many
    crowds[dice.choice(firsts, min(len(firsts), round(total * _CROWDS)), replace=False)] = True
    order = dice.permutation(total)
    return np.repeat(having, many)[order], crowds[order]


def _instances(images: Images, dice: Dice) -> Iterator[str]:
    owners, crowds = _owners(images, dice)
    total = len(owners)
    ids = dice.choice(max(_HIGHEST_ANNOTATION, total), total, replace=False) + 1
    for start in range(0, total, _BLOCK):
        rows = owners[start : start + _BLOCK]
        boxes = _boxes(images.sizes[rows], dice)
        shapes = _shapes(boxes, dice)
        kinds = images.kinds[rows, dice.integers(0, 4, len(rows))].tolist()
        sizes, numbers = images.sizes[rows].tolist(), images.ids[rows].tolist()
        for n, (image, kind, crowd) in enumerate(zip(numbers, kinds, crowds[start:].tolist(), strict=False)):
            shape, category = next(shapes), _KINDS[kind]
            number = int(ids[start + n])
            if crowd:
                shape = _crowd(sizes[n], boxes[n], dice)
                number = 900_000_000_000 + category * 100_000_000 + image
            segmentation, area, box = shape
            yield (
                f'{{"segmentation": {segmentation},"area": {area!r},"iscrowd": {crowd:d},"image_id": {image},'
                f'"bbox": [{box}],"category_id": {category},"id": {number}}}'
            )


def _boxes(sizes: Numbers, dice: Dice) -> Numbers:
    """x, y, width, height, each in its image and at least two pixels wide and high."""
    together, apart = dice.normal(size=(len(sizes), 1)), dice.normal(size=sizes.shape)
    sides = np.clip(_SIDE * np.exp(_SIDE_SPREAD * (0.85 * together + 0.53 * apart)), 2, sizes)
    return np.hstack([dice.random(sizes.shape) * (sizes - sides), sides])


class Polygons(NamedTuple):
    """Those of a block, in hundredths of a pixel: all points one after the other, where each polygon starts and how
    many points it has, and the number of polygons of each annotation."""

    xs: Numbers
    ys: Numbers
    starts: Numbers
    points: Numbers
    rings: Numbers

    def areas(self) -> Numbers:
        """Of each annotation; with all the digits that come of it, as COCO's have."""
        following = np.arange(len(self.xs)) + 1
        following[self.starts + self.points - 1] = self.starts
        xs, ys = self.xs / 100, self.ys / 100
        return np.abs(np.add.reduceat(xs * ys[following] - xs[following] * ys, self._firsts())) / 2

    def boxes(self) -> Numbers:
        """x, y, width, height of each annotation."""
        low = [np.minimum.reduceat(side, self._firsts()) for side in (self.xs, self.ys)]
        high = [np.maximum.reduceat(side, self._firsts()) for side in (self.xs, self.ys)]
        return np.stack([*low, high[0] - low[0], high[1] - low[1]], axis=1)

    def texts(self) -> Iterator[str]:
        """The segmentation of each annotation."""
        flat = np.stack([self.xs, self.ys], axis=1).ravel().tolist()
        ends = (2 * (self.starts + self.points)).tolist()
        polygons = (_numbers(flat[at:end]) for at, end in zip([0, *ends], ends, strict=False))
        for many in self.rings.tolist():
            yield f"[[{'],['.join(next(polygons) for _ in range(many))}]]"

    def _firsts(self) -> Numbers:
        return self.starts[np.cumsum(self.rings) - self.rings]


def _shapes(boxes: Numbers, dice: Dice) -> Iterator[tuple[str, float, str]]:
    """Polygons, area and box of each annotation, as they are written."""
    stars = _stars(boxes, dice)
    return zip(stars.texts(), stars.areas().tolist(), map(_numbers, stars.boxes().tolist()), strict=True)


def _stars(boxes: Numbers, dice: Dice) -> Polygons:
    """Rough circles in each box, side by side where there are several."""
    rings = 1 + dice.choice(len(_RINGS), len(boxes), p=_RINGS)
    owner = np.repeat(np.arange(len(boxes)), rings)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(rings) - rings, rings)
    points = np.maximum(4, _POINTS * np.exp(_POINTS_SPREAD * dice.normal(size=len(owner)))).astype(int)
    starts = np.cumsum(points) - points
    step = np.arange(points.sum()) - np.repeat(starts, points)
    angle = 2 * np.pi * (step + 0.8 * dice.random(len(step))) / np.repeat(points, points)
    reach = 0.6 + 0.4 * dice.random(len(step))
    left, top, wide, high = boxes[owner].T
    wide = wide / rings[owner]
    xs, ys = (
        np.rint(100 * np.repeat(low, points) + 50 * np.repeat(side, points) * (1 + reach * turned)).astype(int)
        for low, side, turned in ((left + place * wide, wide, np.cos(angle)), (top, high, np.sin(angle)))
    )
    return Polygons(xs, ys, starts, points, rings)


def _numbers(hundredths: list[int]) -> str:
    return ",".join([_HUNDREDTHS[n] for n in hundredths])


def _crowd(size: list[int], box: Numbers, dice: Dice) -> tuple[str, int, str]:
    """A crowd's runs, column by column as COCO counts them; whole pixels."""
    width, height = size
    wanted = min(_MOST_RUNS, _RUNS * np.exp(_RUNS_SPREAD * dice.normal())) / 2
    left, top = int(box[0] / 2), int(box[1] / 2)
    wide = int(min(width - left, max(4, box[2] * 2, wanted / 8)))
    high = int(min(height - top, max(16, box[3] * 2)))
    each = int(min(max(1, round(wanted / wide)), high // 4))
    stretch = high // each
    on = dice.integers(1, stretch, (wide, each))
    off = stretch - on
    off[:, -1] += height - stretch * each
    runs = np.stack([on, off], axis=2).ravel()
    before = left * height + top
    runs[-1] = width * height - before - int(runs[:-1].sum())
    if runs[-1] == 0:
        runs = runs[:-1]
    counts = ",".join(map(str, [before, *runs.tolist()]))
    tall = int(on[:, -1].max()) + stretch * (each - 1)
    return f'{{"counts": [{counts}],"size": [{height},{width}]}}', int(on.sum()), f"{left},{top},{wide},{tall}"
