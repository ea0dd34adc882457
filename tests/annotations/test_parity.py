"""The contexts are LLaVA's own, to the last digit, and the boxes are pycocotools' own."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.schema import ImageContext

FULL, INTEGERS = "coco/instances_val2017_full_101.json.gz", "coco/instances_val2017_2000_boxes.json.gz"
MINI = "coco/mini_train2017/instances_train2017.json.gz"
Indexed = Callable[[str], dict[str, ImageContext]]


@pytest.fixture(scope="module")
def oracle(shared_data: Path) -> dict[str, Any]:
    lines = (shared_data / "bench" / "caps_boxes_coco2014_val_50.jsonl").read_text(encoding="utf-8").splitlines()
    return {str(int(entry["id"])): entry for entry in map(json.loads, lines)}


@pytest.fixture(scope="module")
def indexed(shared_data: Path, load: Any) -> Indexed:
    return lambda name: {image.image_id: image for image in load(shared_data / name)[0]}


@pytest.mark.parametrize(
    ("file", "at_least"),
    [("coco/captions_val2014_4800.json.gz", 15), ("coco/captions_val2017_2000.json.gz", 5)],
)
def test_captions_are_exactly_llavas(file: str, at_least: int, oracle: dict[str, Any], indexed: Indexed) -> None:
    images = indexed(file)
    joined = oracle.keys() & images.keys()
    assert len(joined) >= at_least
    for key in joined:
        assert list(images[key].captions) == oracle[key]["captions"]


def test_float_boxes_are_exactly_llavas(oracle: dict[str, Any], indexed: Indexed) -> None:
    images = indexed(FULL)
    joined = oracle.keys() & images.keys()
    assert "416256" in joined
    for key in joined:
        expected = [(entry["category"], *entry["bbox"]) for entry in oracle[key]["instances"]]
        assert expected
        assert list(map(tuple, images[key].boxes)) == expected


def test_integer_boxes_are_llavas_but_for_their_truncation(oracle: dict[str, Any], indexed: Indexed) -> None:
    images = indexed(INTEGERS)
    joined = oracle.keys() & images.keys()
    assert len(joined) >= 5
    compared = 0
    for key in joined:
        expected, boxes = oracle[key]["instances"], images[key].boxes
        assert [box.category for box in boxes] == [entry["category"] for entry in expected]
        for box, entry in zip(boxes, expected, strict=True):
            assert box[1:] == pytest.approx(entry["bbox"], abs=0.0031)
            compared += 1
    assert compared >= 39


@pytest.mark.parametrize(("file", "boxes"), [(FULL, 984), (MINI, 739)])
def test_boxes_equal_a_computation_with_pycocotools(
    file: str, boxes: int, shared_data: Path, indexed: Indexed, read_json: Callable[[Path], Any]
) -> None:
    from pycocotools.coco import COCO

    coco = COCO()
    coco.dataset = read_json(shared_data / file)
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    images = indexed(file)
    assert list(images) == [str(key) for key in coco.getImgIds()]
    compared = 0
    for key, image in images.items():
        [entry] = coco.loadImgs(int(key))
        width, height = entry["width"], entry["height"]
        expected = []
        for annotation in coco.loadAnns(coco.getAnnIds(imgIds=int(key))):
            x, y, w, h = annotation["bbox"]
            corners = [x / width, y / height, (x + w) / width, (y + h) / height]
            name = coco.loadCats(annotation["category_id"])[0]["name"]
            expected.append((name, *(min(round(value, 3), 1.0) for value in corners)))
        assert list(map(tuple, image.boxes)) == expected
        compared += len(expected)
    assert compared == boxes


def test_the_three_files_of_one_set_join_and_overlap_only_once(shared_data: Path, load: Any) -> None:
    images, census = load(shared_data / "coco" / "mini_train2017")
    assert len(images) == 80
    assert sum(len(image.captions) for image in images) == 400
    assert sum(len(image.boxes) for image in images) == 739
    assert [(oddity.name, oddity.number) for oddity in census] == [("repeated-annotation", 172)]


def test_boxes_of_another_precision_are_taken_once_too(shared_data: Path, load: Any) -> None:
    images, census = load(shared_data / FULL, shared_data / INTEGERS)
    assert sum(len(image.boxes) for image in images) == 15_139
    assert census["repeated-annotation"] == 984
