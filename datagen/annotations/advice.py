"""What to do about JSON of other tools that is no COCO-style file: told by the keys it has."""

from __future__ import annotations

from collections.abc import Container

_SIGNS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"_via_img_metadata"}),
        "this is VIA's own project: there, Annotation → Export Annotations (COCO format)",
    ),
    (frozenset({"regions"}), "this is VIA's own export: in VIA, Annotation → Export Annotations (COCO format)"),
    (frozenset({"shapes", "imagePath"}), "this is labelme's own file: its labelme2coco.py makes one COCO file of them"),
    (frozenset({"predictions", "data"}), "this is Label Studio's own JSON: there, Export → COCO"),
    (frozenset({"annotations", "data"}), "this is Label Studio's own JSON: there, Export → COCO"),
    (frozenset({"annotation_id", "lead_time"}), "this is Label Studio's own JSON: there, Export → COCO"),
    (frozenset({"segments_info"}), "these are segments alone: give the file that lists the images too"),
    (frozenset({"score", "bbox"}), "these are a detector's results: give the COCO annotation file"),
    (
        frozenset({"image_id", "caption"}),
        "these are captions without images, perhaps results: give the COCO file",
    ),
    (
        frozenset({"image_id", "bbox"}),
        "these are boxes without images, perhaps results: give the COCO file",
    ),
    (frozenset({"conversations"}), "these are training records, not annotations"),
    (frozenset({"messages"}), "these are training records, not annotations"),
    (frozenset({"image", "annotations"}), "this is CreateML's format: export it as COCO from the tool that made it"),
    (frozenset({"items", "categories"}), "this is Datumaro's own format: `datum convert -f coco` makes COCO of it"),
    (frozenset({"samples"}), "this is FiftyOne's own dataset: export it as fiftyone.types.COCODetectionDataset"),
)


def advice(keys: Container[str]) -> str:
    """What to do with an object that has these keys; empty where they are of no tool we know."""
    return next((hint for signs, hint in _SIGNS if all(sign in keys for sign in signs)), "")
