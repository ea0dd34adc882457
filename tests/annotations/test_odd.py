"""Other people's COCO-style files give exactly the images, boxes and captions that a plain count finds in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.annotations.names import readable

Odd = dict[str, int]

FILES: dict[str, tuple[int, int, int, Odd]] = {  # images, captions, boxes, what is counted as odd
    "coco_annotator_export.json": (2, 0, 2, {"readable-name": 2, "no-caption": 2}),
    "coco_cn_captions.json.gz": (1000, 1053, 0, {"no-box": 1000}),
    "coco_it_captions_dev.json.gz": (308, 1541, 0, {"mixed-ids": 2, "no-box": 308}),
    "crowdpose.json": (2, 0, 5, {"no-caption": 2}),
    "labelme_voc3.json": (3, 0, 12, {"readable-name": 1, "no-caption": 3}),
    "lvis_val_100.json.gz": (100, 0, 977, {"readable-name": 444, "no-caption": 100, "no-box": 7}),
    "panoptic_detection_format.json": (2, 0, 50, {"readable-name": 28, "no-caption": 2}),
    "publaynet_samples.json": (20, 0, 193, {"no-caption": 20}),
    "roboflow_chess_valid.json.gz": (58, 0, 386, {"no-caption": 58}),
    "taco.json.gz": (1500, 0, 4784, {"duplicate-annotation-id": 2, "clipped-box": 7, "no-caption": 1500}),
    "via_export_dogs.json": (50, 0, 49, {"mixed-ids": 1, "repeated-category": 49, "no-caption": 50, "no-box": 1}),
    "visdrone_first50.json.gz": (50, 0, 3326, {"no-caption": 50, "no-box": 2}),
}


def test_every_odd_file_is_in_the_table(shared_data: Path) -> None:
    assert {path.name for path in (shared_data / "odd").iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_an_odd_file_gives_what_the_table_says(name: str, shared_data: Path, load: Any) -> None:
    images, census = load(shared_data / "odd" / name)
    found = (len(images), sum(len(i.captions) for i in images), sum(len(i.boxes) for i in images))
    assert (*found, {oddity.name: oddity.number for oddity in census}) == FILES[name]


@pytest.mark.parametrize("name", FILES)
def test_an_odd_file_gives_each_image_what_a_plain_count_finds(
    name: str, shared_data: Path, load: Any, read_json: Callable[[Path], Any]
) -> None:
    document = read_json(shared_data / "odd" / name)
    expected = {str(entry["id"]): [0, 0] for entry in document["images"]}
    for entry in document["annotations"]:
        expected[str(entry["image_id"])]["caption" not in entry] += 1
    images, _ = load(shared_data / "odd" / name)
    assert {image.image_id: [len(image.captions), len(image.boxes)] for image in images} == expected


@pytest.mark.parametrize("name", FILES)
def test_an_odd_file_keeps_its_file_names_and_order(
    name: str, shared_data: Path, load: Any, read_json: Callable[[Path], Any]
) -> None:
    images, _ = load(shared_data / "odd" / name)
    expected = [entry["file_name"] for entry in read_json(shared_data / "odd" / name)["images"]]
    assert [image.file_name for image in images] == expected


def test_category_names_are_those_of_the_file_made_readable(
    shared_data: Path, load: Any, read_json: Callable[[Path], Any]
) -> None:
    path = shared_data / "odd" / "lvis_val_100.json.gz"
    document = read_json(path)
    names = {entry["id"]: readable(entry["name"]) for entry in document["categories"]}
    images, _ = load(path)
    found = sorted(box.category for image in images for box in image.boxes)
    assert found == sorted(names[entry["category_id"]] for entry in document["annotations"])


def test_captions_of_another_language_are_kept_letter_for_letter(
    shared_data: Path, load: Any, read_json: Callable[[Path], Any]
) -> None:
    path = shared_data / "odd" / "coco_cn_captions.json.gz"
    images, _ = load(path)
    found = sorted(caption for image in images for caption in image.captions)
    assert found == sorted(entry["caption"].strip() for entry in read_json(path)["annotations"])
    assert not any(caption.isascii() for caption in found)


def test_files_about_the_same_images_join_with_the_captions(shared_data: Path, load: Any) -> None:
    images, census = load(shared_data / "coco/captions_val2017_2000.json.gz", shared_data / "odd/lvis_val_100.json.gz")
    assert len(images) == 2000
    assert sum(bool(image.boxes and image.captions) for image in images) == 93
    assert census["file-names-differ"] == 100
