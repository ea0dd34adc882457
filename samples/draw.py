"""Draws the sample set: the pictures of `images/` and the COCO-style files of `annotations/`.

Run it from anywhere with `python samples/draw.py` (Python 3.11 or newer, and Pillow); it rewrites both folders, and
writes the same bytes every time. The scenes are in `parts/scenes_outside.py` and `parts/scenes_inside.py`, the figures
they are made of in the other modules of `parts/`, the sentences in `parts/captions.py`. The boxes are measured from
what was drawn (see `parts/brush.py`), so they are exact and follow every change to a scene.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from parts.brush import Scene
from parts.captions import CAPTIONS
from parts.scenes_inside import INSIDE
from parts.scenes_outside import OUTSIDE

HERE = Path(__file__).resolve().parent
ORDER = [
    "harbour", "park", "breakfast", "street", "living_room", "farm", "beach", "kitchen",
    "snow", "desk", "station", "savanna", "birthday", "night", "robin", "bedroom",
]  # fmt: skip
INFO = {
    "description": "datagen sample scenes, drawn by samples/draw.py",
    "version": "1.0",
    "year": 2026,
    "contributor": "datagen",
}
# COCO's own numbers for the categories that occur: (id, supercategory).
CATEGORIES = {
    "person": (1, "person"), "bicycle": (2, "vehicle"), "car": (3, "vehicle"), "bus": (6, "vehicle"),
    "train": (7, "vehicle"), "truck": (8, "vehicle"), "boat": (9, "vehicle"), "traffic light": (10, "outdoor"),
    "stop sign": (13, "outdoor"), "bench": (15, "outdoor"), "bird": (16, "animal"), "cat": (17, "animal"),
    "dog": (18, "animal"), "sheep": (20, "animal"), "cow": (21, "animal"), "zebra": (24, "animal"),
    "giraffe": (25, "animal"), "backpack": (27, "accessory"), "umbrella": (28, "accessory"),
    "handbag": (31, "accessory"), "suitcase": (33, "accessory"), "frisbee": (34, "sports"), "skis": (35, "sports"),
    "sports ball": (37, "sports"), "kite": (38, "sports"), "surfboard": (42, "sports"), "wine glass": (46, "kitchen"),
    "bottle": (44, "kitchen"), "cup": (47, "kitchen"), "spoon": (50, "kitchen"), "bowl": (51, "kitchen"),
    "banana": (52, "food"), "apple": (53, "food"), "orange": (55, "food"), "cake": (61, "food"),
    "chair": (62, "furniture"), "couch": (63, "furniture"), "potted plant": (64, "furniture"),
    "bed": (65, "furniture"), "dining table": (67, "furniture"), "tv": (72, "electronic"),
    "laptop": (73, "electronic"), "mouse": (74, "electronic"), "keyboard": (76, "electronic"),
    "cell phone": (77, "electronic"), "microwave": (78, "appliance"), "oven": (79, "appliance"),
    "sink": (81, "appliance"), "refrigerator": (82, "appliance"), "book": (84, "indoor"), "clock": (85, "indoor"),
    "vase": (86, "indoor"), "teddy bear": (88, "indoor"),
}  # fmt: skip


def image_entry(number: int, name: str, scene: Scene) -> dict[str, Any]:
    return {"id": number, "file_name": f"{name}.png", "width": scene.width, "height": scene.height}


def box_entries(number: int, scene: Scene, first: int) -> list[dict[str, Any]]:
    return [
        {
            "id": first + i,
            "image_id": number,
            "category_id": CATEGORIES[thing.category][0],
            "bbox": list(thing.box()),
            "area": thing.area(),
            "iscrowd": 0,
            "segmentation": [],
        }
        for i, thing in enumerate(scene.things)
    ]


def caption_entries(number: int, name: str) -> list[dict[str, Any]]:
    first = (number - 1) * 5 + 1
    return [{"id": first + i, "image_id": number, "caption": text} for i, text in enumerate(CAPTIONS[name])]


def write_json(path: Path, content: dict[str, Any]) -> None:
    with path.open("w", encoding="ascii", newline="\n") as file:
        json.dump(content, file, ensure_ascii=True, indent=1)
        file.write("\n")


def main() -> None:
    scenes = OUTSIDE | INSIDE
    images: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []
    captions: list[dict[str, Any]] = []
    for folder in ("images", "annotations"):
        (HERE / folder).mkdir(exist_ok=True)
    for number, name in enumerate(ORDER, start=1):
        scene = scenes[name]()
        scene.picture().save(HERE / "images" / f"{name}.png", optimize=True)
        images.append(image_entry(number, name, scene))
        boxes += box_entries(number, scene, len(boxes) + 1)
        captions += caption_entries(number, name)
    categories = [
        {"id": number, "name": name, "supercategory": above}
        for name, (number, above) in sorted(CATEGORIES.items(), key=lambda item: item[1][0])
    ]
    write_json(HERE / "annotations" / "captions.json", {"info": INFO, "images": images, "annotations": captions})
    write_json(
        HERE / "annotations" / "instances.json",
        {"info": INFO, "images": images, "annotations": boxes, "categories": categories},
    )


if __name__ == "__main__":
    main()
