"""A synthetic COCO: any number of images with five captions and about seven boxes each, the same for the same seed.

It has COCO's shape, names and sizes and nobody's data. Images are drawn one by one, each from its own seed, so a larger
set begins with the smaller one. It knows nothing of datagen.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

CATEGORIES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant",
    "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard",
    "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli",
    "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
    "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""COCO's eighty."""

_ADJECTIVES = ("small", "large", "red", "old", "wooden", "bright", "dark", "blue", "worn", "shiny", "striped", "white")
_RELATIONS = ("next to", "in front of", "behind", "not far from", "to the left of", "beside", "across from", "near")
_PLACES = (
    "on a quiet street", "in a bright kitchen", "at the edge of a lake", "on a grassy hill", "in a busy market",
    "in a living room", "by the side of a road", "on a sandy beach", "in a narrow garden", "at a railway station",
)  # fmt: skip
_SIZES = ((640, 480), (480, 640), (640, 427), (500, 375))


def write(folder: Path, images: int, seed: int = 0) -> list[Path]:
    """`captions.json` and `instances.json` in `folder`; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    captions, instances = folder / "captions.json", folder / "instances.json"
    _write(captions, images, seed, (entry for n in range(images) for entry in _captions(n, seed)), ())
    categories = [{"id": n, "name": name, "supercategory": "thing"} for n, name in enumerate(CATEGORIES, 1)]
    _write(instances, images, seed, (entry for n in range(images) for entry in _boxes(n, seed)), categories)
    return [captions, instances]


def _write(
    path: Path, images: int, seed: int, annotations: Iterable[dict[str, Any]], categories: Iterable[dict[str, Any]]
) -> None:
    """One file, an entry a line and never whole in memory."""
    with path.open("w", encoding="ascii") as file:
        file.write('{"info":{"description":"synthetic, for benchmarks"},"licenses":[],\n"categories":')
        file.write(json.dumps(list(categories)))
        for name, entries in (("images", (_image(n, seed) for n in range(images))), ("annotations", annotations)):
            file.write(f',\n"{name}":[')
            for number, entry in enumerate(entries):
                file.write((",\n" if number else "\n") + json.dumps(entry, separators=(",", ":")))
            file.write("]")
        file.write("}\n")


def _draw(number: int, seed: int) -> tuple[random.Random, int, tuple[int, int], list[int]]:
    """An image's dice, id, size and the categories of what stands in it."""
    rng = random.Random(seed * 1_000_003 + number)
    size = rng.choice(_SIZES)
    kinds = [rng.randrange(len(CATEGORIES)) for _ in range(rng.randint(4, 10))]
    return rng, number * 5 + 9, size, kinds


def _image(number: int, seed: int) -> dict[str, Any]:
    _, image_id, (width, height), _ = _draw(number, seed)
    return {"license": 1, "file_name": f"{image_id:012}.jpg", "height": height, "width": width, "id": image_id}


def _captions(number: int, seed: int) -> Iterator[dict[str, Any]]:
    rng, image_id, _, kinds = _draw(number, seed)
    for n in range(5):
        one, other = CATEGORIES[rng.choice(kinds)], CATEGORIES[rng.choice(kinds)]
        first, second = rng.sample(_ADJECTIVES, 2)
        text = f"A {first} {one} {rng.choice(_RELATIONS)} a {second} {other} {rng.choice(_PLACES)}."
        yield {"image_id": image_id, "id": number * 5 + n + 1, "caption": text}


def _boxes(number: int, seed: int) -> Iterator[dict[str, Any]]:
    rng, image_id, (width, height), kinds = _draw(number, seed)
    for n, kind in enumerate(kinds):
        wide, high = rng.uniform(12, width * 0.6), rng.uniform(12, height * 0.6)
        box = [rng.uniform(0, width - wide), rng.uniform(0, height - high), wide, high]
        yield {
            "segmentation": [], "area": round(wide * high, 2), "iscrowd": 0, "image_id": image_id,
            "bbox": [round(side, 2) for side in box], "category_id": kind + 1, "id": number * 16 + n + 1,
        }  # fmt: skip
