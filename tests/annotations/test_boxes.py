"""Four numbers are taken as they are told, masks give the box around them, and what gives none is refused, in C too."""

from __future__ import annotations

import contextlib
import json
import math
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycocotools import mask as masks

from datagen.annotations.boxes import BadBox, are_sound, four, from_segmentation

HUGE = float("1e400")
ALPHABET = "".join(map(chr, range(48, 112)))  # what pycocotools writes run lengths with


def mask_of(rows: slice, columns: slice, height: int = 40, width: int = 60) -> Any:
    mask = np.zeros((height, width), dtype=np.uint8, order="F")
    mask[rows, columns] = 1
    return mask


def rle(counts: Any, size: Any = (40, 60)) -> dict[str, Any]:
    return {"size": list(size) if isinstance(size, tuple) else size, "counts": counts}


def packed(mask: Any) -> dict[str, Any]:
    return rle(masks.encode(mask)["counts"].decode("ascii"), mask.shape)


def runs(mask: Any) -> dict[str, Any]:
    """COCO's uncompressed form: run lengths down the columns, background first."""
    flat, lengths, value = mask.flatten(order="F"), [0], 0
    for pixel in flat.tolist():
        if pixel != value:
            value = pixel
            lengths.append(0)
        lengths[-1] += 1
    return rle(lengths, mask.shape)


# bbox


@pytest.mark.parametrize(
    "bbox",
    [
        [1, 2, 3, 4],
        [1.5, 2.25, 0.5, 0.75],
        [-5, -6, 10, 10],
        [3, 4, 0, 0],
        [3, 4, 0.0, -0.0],
        [0, 0, 5e8, 5e8],
        [math.nextafter(1e9, 0), math.nextafter(-1e9, 0), 10**9 - 1, 5e-324],
    ],
)
def test_a_bbox_is_four_numbers_as_they_are_told(bbox: list[float]) -> None:
    assert four(bbox) == tuple(bbox)
    assert {type(value) for value in four(bbox)} == {float}
    assert are_sound(np.array(bbox, float))


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, HUGE, -HUGE, True, None, "5", [], {}, 10**9, 10**30, -(10**30), 1e9]
)
def test_a_bbox_of_anything_but_plain_numbers_is_refused(place: int, value: Any) -> None:
    bbox: list[Any] = [10, 10, 10, 10]
    bbox[place] = value
    with pytest.raises(BadBox) as caught:
        four(bbox)
    assert caught.value.args[0] == "bad-box"


@pytest.mark.parametrize("bbox", [None, "1234", 7, True, {}, (1, 2, 3, 4), [], [1], [1, 2, 3], [1, 2, 3, 4, 5], [[1]]])
def test_a_bbox_that_is_no_list_of_four_is_refused(bbox: Any) -> None:
    with pytest.raises(BadBox, match="bbox"):
        four(bbox)


@pytest.mark.parametrize("bbox", [[1, 1, -1, 5], [1, 1, 5, -1], [1, 1, -0.001, 5], [9, 9, -9, -9]])
def test_a_negative_size_is_refused(bbox: list[float]) -> None:
    with pytest.raises(BadBox, match="negative size"):
        four(bbox)


# Many at once

NEAR = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e9, -1e9, math.nextafter(1e9, 0), math.nan, math.inf, -math.inf])


@settings(deadline=None, max_examples=120)
@given(numbers=st.lists(st.tuples(*[NEAR | st.floats(-1e10, 1e10) | st.floats(0, 9)] * 4), min_size=1, max_size=5))
def test_many_are_sound_only_where_each_would_be_taken(numbers: list[tuple[float, ...]]) -> None:
    def is_taken(bbox: tuple[float, ...]) -> bool:
        with contextlib.suppress(BadBox):
            return four(list(bbox)) == bbox
        return False

    assert are_sound(np.array(numbers).ravel()) == all(map(is_taken, numbers))


# Segmentations


@pytest.mark.parametrize(
    "polygons",
    [
        [[10, 20, 30, 20, 30, 45.5, 10, 45.5]],
        [10, 20, 30, 20, 30, 45.5],
        [[10, 20, 12, 22], [28, 40, 30, 45.5]],
        [[30, 45.5, 10, 20]],
        [[10, 20, 30, 45.5], "junk", [1], [1, 2, 3], [5, math.nan, 1, 1], [True, 1, 2, 3]],
    ],
)
def test_polygons_give_their_exact_extent(polygons: Any) -> None:
    assert from_segmentation(polygons) == (10, 20, 30, 45.5)


@pytest.mark.parametrize(
    "segmentation",
    [
        *([], [[]], [[[]]], [1], [1, 2], [1, 2, 3], [[1, 2]], [[1, 2, 3, 4, 5]], ["1", "2", "3", "4"], [{}], [None]),
        *([[1, 2, 3, math.nan]], [[1, 2, HUGE, 4]], [True, False, True, False], [[10**30, 1, 2, 3]]),
        *(None, "P13700000l0", 5, True),
    ],
)
def test_what_is_no_polygon_is_refused(segmentation: Any) -> None:
    with pytest.raises(BadBox) as caught:
        from_segmentation(segmentation)
    assert caught.value.args[0] == "bad-mask"


MASKS = [
    (mask_of(slice(5, 15), slice(10, 30)), (10, 5, 30, 15)),
    (mask_of(slice(0, 40), slice(0, 60)), (0, 0, 60, 40)),
    (mask_of(slice(0, 1), slice(0, 1)), (0, 0, 1, 1)),
    (mask_of(slice(39, 40), slice(59, 60)), (59, 39, 60, 40)),
    (mask_of(slice(3, 9), slice(2, 7)) | mask_of(slice(20, 22), slice(50, 55)), (2, 3, 55, 22)),
    (mask_of(slice(10, 11), slice(100, 4000), 30, 5000), (100, 10, 4000, 11)),
]


@pytest.mark.parametrize(("mask", "corners"), MASKS)
@pytest.mark.parametrize("form", [packed, runs])
def test_a_mask_gives_the_box_around_its_pixels(
    form: Callable[[Any], dict[str, Any]], mask: Any, corners: tuple[float, ...]
) -> None:
    assert from_segmentation(form(mask)) == corners


@settings(deadline=None, max_examples=60)
@given(pixels=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 59)), min_size=1, max_size=30))
def test_any_mask_gives_the_box_around_its_pixels(pixels: list[tuple[int, int]]) -> None:
    mask = mask_of(slice(0, 0), slice(0, 0))
    for y, x in pixels:
        mask[y, x] = 1
    ys, xs = zip(*pixels, strict=True)
    box = from_segmentation(packed(mask))
    assert box == from_segmentation(runs(mask))
    left, top, right, bottom = box
    assert left == min(xs)
    assert right == max(xs) + 1
    assert top <= min(ys)  # pycocotools takes a run that goes on in the next column for the whole height
    assert bottom >= max(ys) + 1


@pytest.mark.parametrize("form", [packed, runs])
def test_an_empty_mask_is_refused(form: Callable[[Any], dict[str, Any]]) -> None:
    with pytest.raises(BadBox, match="empty"):
        from_segmentation(form(mask_of(slice(0, 0), slice(0, 0))))


@pytest.mark.parametrize(
    ("counts", "corners"),
    [
        ([0, 0, 0, 100], (0, 0, 10, 10)),
        ("000T3", (0, 0, 10, 10)),
        ([10, 0, 10, 10, 70], (2, 0, 3, 10)),
        ([10, 5, 0, 3, 82], (1, 0, 2, 8)),
        ([0, 100], (0, 0, 10, 10)),
    ],
)
def test_a_run_of_no_pixels_beside_others_does_not_matter(counts: Any, corners: tuple[float, ...]) -> None:
    assert from_segmentation(rle(counts, (10, 10))) == corners


@pytest.mark.parametrize("counts", [[0, 0, 100], [50, 0, 50], [100, 0], "00T3", "T30"])
def test_a_mask_whose_runs_have_no_pixels_is_refused(counts: Any) -> None:
    with pytest.raises(BadBox, match="empty"):
        from_segmentation(rle(counts, (10, 10)))


SIZES = [None, [], [10], [10, 10, 10], "10", 10, {}, [0, 0], [0, 10], [10, 0], [-10, 10], [10.0, 10.0], ["10", "10"]]
SIZES += [[True, True], [None, None], [100_001, 10], [10, 2**31], [2**32, 2**32], [2**63, 1], [10**30, 10**30]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("counts", [[10, 20, 70], "fb1"])
def test_a_mask_of_a_bad_size_is_refused(size: Any, counts: Any) -> None:
    with pytest.raises(BadBox) as caught:
        from_segmentation(rle(counts, size))
    assert caught.value.args[0] == "bad-mask"


COUNTS = [None, 5, True, [], "", {}, [1.5, 2], ["1"], [True, 2], [None], [-1, 10], [2**31], [10**30], [[1]], b"1"]
COUNTS += ["P13700000l", "o", "oooo", "P\x00Q", "P Q", "P/Q", "Pp0", "P\u00e90", "\ud800", "\U0001f600", "5\n"]


@pytest.mark.parametrize("counts", COUNTS)
def test_a_mask_of_bad_counts_is_refused(counts: Any) -> None:
    with pytest.raises(BadBox) as caught:
        from_segmentation(rle(counts))
    assert caught.value.args[0] == "bad-mask"


@pytest.mark.parametrize("mask", [{}, {"size": [10, 10]}, {"counts": [1, 2]}, {"Size": [10, 10], "counts": "0"}])
def test_a_mask_without_its_parts_is_refused(mask: Any) -> None:
    with pytest.raises(BadBox):
        from_segmentation(mask)


REAL = packed(mask_of(slice(5, 15), slice(10, 30)) | mask_of(slice(20, 39), slice(15, 19)))


def test_a_torn_mask_never_reads_past_its_end() -> None:
    unfinished = [n for n in range(1, len(REAL["counts"])) if (ord(REAL["counts"][n - 1]) - 48) & 0x20]
    assert unfinished
    for length in unfinished:
        with pytest.raises(BadBox, match="mask with size"):
            from_segmentation(rle(REAL["counts"][:length]))


def test_a_torn_mask_gives_no_box() -> None:
    for length in range(1, len(REAL["counts"]) - 1):
        with pytest.raises(BadBox):
            from_segmentation(rle(REAL["counts"][:length]))


@pytest.mark.parametrize("counts", [[50, 1000], [3, 4], [0, 2**28], [0, 100, 1]])
def test_a_mask_whose_runs_do_not_fill_its_size_is_refused(counts: list[int]) -> None:
    with pytest.raises(BadBox):
        from_segmentation(rle(counts, (10, 10)))


def assert_box_or_named_fault(segmentation: Any, width: int, height: int) -> None:
    """Either a box within the mask or a named fault, whatever the C code made of it."""
    try:
        x1, y1, x2, y2 = from_segmentation(segmentation)
    except BadBox as fault:
        assert fault.args[0] == "bad-mask"  # noqa: PT017  (either is right)
    else:
        assert 0 <= x1 < x2 <= width
        assert 0 <= y1 < y2 <= height


SIDES = st.integers(1, 100) | st.sampled_from([1, 2, 99_999, 100_000])


@settings(deadline=None, max_examples=120)
@given(counts=st.text(ALPHABET, min_size=1, max_size=40) | st.text(max_size=10), height=SIDES, width=SIDES)
@example(counts="o" * 5000 + "0", height=100_000, width=100_000)
@example(counts="0" * 100_000, height=1, width=1)
@example(counts="_" * 50, height=7, width=1)
def test_no_string_of_run_lengths_crashes(counts: str, height: int, width: int) -> None:
    assert_box_or_named_fault(rle(counts, (height, width)), width, height)


@settings(deadline=None, max_examples=200)
@given(counts=st.lists(st.integers(0, 2**29 - 1) | st.integers(0, 200), max_size=20), height=SIDES, width=SIDES)
@example(counts=[2**29 - 1] * 1000, height=1, width=1)
@example(counts=[0] * 100_000, height=100_000, width=100_000)
def test_no_list_of_run_lengths_crashes(counts: list[int], height: int, width: int) -> None:
    assert_box_or_named_fault(rle(counts, (height, width)), width, height)


@settings(deadline=None, max_examples=100)
@given(flipped=st.integers(0, len(REAL["counts"]) - 1), letter=st.sampled_from(ALPHABET))
def test_no_damaged_run_length_crashes(flipped: int, letter: str) -> None:
    counts = REAL["counts"]
    assert_box_or_named_fault(rle(counts[:flipped] + letter + counts[flipped + 1 :]), 60, 40)


MEASURE = """
import json, sys
from datagen.annotations.boxes import BadBox, from_segmentation
for case in json.load(sys.stdin):
    try:
        from_segmentation(case)
    except BadBox:
        pass
print("alive")
"""


def survives(*cases: dict[str, Any]) -> bool:
    """Whether a process that measures the masks, each many times, lives to tell."""
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE], input=json.dumps(cases * 20), capture_output=True, text=True, timeout=60
    )
    return (measured.returncode, measured.stdout) == (0, "alive\n")


@pytest.mark.parametrize("huge", [2**29, 2**30, 2**31 - 1])
def test_huge_run_lengths_leave_the_process_alive(huge: int) -> None:
    assert survives(rle([0, 0, huge, huge] * 5000, (100, 100)), rle([0, 0, huge, huge] * 50, (100_000, 100_000)))


def test_long_run_lengths_leave_the_process_alive() -> None:
    wild = random.Random(2304)
    strings = ["".join(wild.choices(ALPHABET, k=wild.randrange(1, 500))) for _ in range(60)]
    lists = [[0, 0, 2**29 - 1, 2**29 - 1] * 5000, [2**29 - 1, 0] * 5000, [1] * 20_000]
    assert survives(*(rle(counts, (100_000, 100_000)) for counts in (*strings, "o" * 10_000 + "0", *lists)))


# COCO's own boxes


def test_segmentations_give_cocos_own_boxes(shared_data: Path, read_json: Callable[[Path], Any]) -> None:
    document = read_json(shared_data / "coco" / "instances_val2017_full_101.json.gz")
    compared = {"polygon": 0, "crowd": 0}
    for entry in document["annotations"]:
        kind, tolerance = ("crowd", 1.0) if entry["iscrowd"] else ("polygon", 0.01)
        x, y, width, height = entry["bbox"]
        assert from_segmentation(entry["segmentation"]) == pytest.approx((x, y, x + width, y + height), abs=tolerance)
        compared[kind] += 1
    assert compared == {"polygon": 970, "crowd": 14}


def test_compressed_masks_give_the_boxes_of_the_file(shared_data: Path, read_json: Callable[[Path], Any]) -> None:
    document = read_json(shared_data / "odd" / "panoptic_detection_format.json")
    for entry in document["annotations"]:
        x, y, width, height = entry["bbox"]
        assert isinstance(entry["segmentation"]["counts"], str)
        assert from_segmentation(entry["segmentation"]) == pytest.approx((x, y, x + width, y + height), abs=1)
    assert len(document["annotations"]) == 50


def test_without_bbox_a_file_gives_the_same_boxes(
    shared_data: Path, read_json: Callable[[Path], Any], load: Any, write: Callable[[str, Any], Path]
) -> None:
    path = shared_data / "coco" / "instances_val2017_full_101.json.gz"
    document = read_json(path)
    for entry in document["annotations"]:
        del entry["bbox"]
    images, census = load(write("masks.json", document))
    assert census["box-from-mask"] == 984
    for image, own in zip(images, load(path)[0], strict=True):
        for made, given_ in zip(image.boxes, own.boxes, strict=True):
            assert made.category == given_.category
            assert made[1:] == pytest.approx(given_[1:], abs=0.0051)
