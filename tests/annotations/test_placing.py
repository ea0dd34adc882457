"""Boxes lie on their pictures by LLaVA's rule to the last digit; what four numbers mean is told by all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datagen.annotations import placing
from datagen.annotations.placing import Means, Placed, Raw, look_like_corners, meaning, place, thousandths

Four = tuple[float, float, float, float]
Told = list[tuple[str, int, str, int]]

XYWH, CORNERS = Means(False, False), Means(True, False)
SHARES, SHARED_CORNERS = Means(False, True), Means(True, True)


def raw(numbers: Sequence[Sequence[float]], rows: Sequence[int] | None = None, pixels: Sequence[bool] = ()) -> Raw:
    """One box an image, unless `rows` says otherwise; entries are numbered from 100."""
    count = len(numbers)
    return Raw(
        np.array(range(count) if rows is None else rows, np.int32),
        np.arange(count, dtype=np.int32) + 7,
        np.array(numbers, float).reshape(-1, 4),
        np.array(pixels or [False] * count, bool),
        np.arange(count, dtype=np.int32) + 100,
    )


def placed(boxes: Raw, sizes: Sequence[tuple[int, int]], means: Means = XYWH) -> tuple[list[tuple[int, Any]], Told]:
    """Entry and corners of each box that is kept, and all that was told."""
    told: Told = []

    def odd(name: str, count: int, what: Callable[[], str], entry: int) -> None:
        told.append((name, count, what(), entry))

    widths, heights = np.array(sizes, np.int32).reshape(-1, 2).T
    found: list[tuple[int, Any]] = []
    for some in place(boxes, means, widths, heights, odd):
        assert isinstance(some, Placed)
        assert some.corners.dtype == np.uint16
        assert (some.entries - 93 == some.categories).all()
        found += zip(some.entries.tolist(), map(tuple, some.corners.tolist()), strict=True)
    return found, told


def by_rule(corners: Sequence[float], width: float, height: float) -> tuple[int, ...]:
    """LLaVA's, one by one: each over its side, three decimals, cut at the edge; in thousandths."""
    sides = (width, height, width, height)
    shares = [min(1.0, max(0.0, round(value / side, 3))) for value, side in zip(corners, sides, strict=True)]
    return tuple(round(share * 1000) for share in shares)


# Three decimals

TIE = st.integers(-3, 1003).map(lambda n: (n + 0.5) / 1000)


def some_floats_on(value: float, steps: int) -> float:
    """A neighbour: `steps` floats up, or down."""
    for _ in range(abs(steps)):
        value = math.nextafter(value, math.copysign(math.inf, steps))
    return value


@settings(deadline=None, max_examples=150)
@given(
    share=st.floats(-2e9, 2e9)
    | st.floats(-0.01, 1.01)
    | st.builds(some_floats_on, TIE, st.integers(-3, 3))
    | st.builds(lambda a, b: a / b, st.integers(0, 3000), st.integers(1, 3000))
    | st.builds(lambda a, b: a / b, st.floats(0, 640), st.integers(1, 640))
)
@example(share=-0.0)
@example(share=5e-324)
@example(share=1.0005)
@example(share=0.4995)
def test_thousandths_are_those_of_round(share: float) -> None:
    [found] = thousandths(np.array([share])).tolist()
    assert found / 1000 == min(1.0, max(0.0, round(share, 3)))


def test_thousandths_are_those_of_round_at_and_beside_every_tie() -> None:
    shares = [some_floats_on((n + 0.5) / 1000, steps) for n in range(-2, 1002) for steps in range(-2, 3)]
    found = thousandths(np.array(shares).reshape(-1, 5))
    assert found.shape == (1004, 5)
    assert [n / 1000 for n in found.ravel().tolist()] == [min(1.0, max(0.0, round(share, 3))) for share in shares]
    assert round(0.0005, 3) == 0.001  # as it is written, a tie; as it is kept, a little more
    assert round(0.0015, 3) == 0.002
    assert round(0.0045, 3) == 0.004  # and this one a little less


def test_thousandths_of_nothing_are_nothing() -> None:
    assert thousandths(np.zeros((4, 0))).shape == (4, 0)


# Corners over the picture


@pytest.mark.parametrize(
    ("corners", "size", "expected", "cut"),
    [
        ((0, 0, 100, 50), (100, 50), (0, 0, 1000, 1000), False),
        ((1, 1, 2, 2), (3, 3), (333, 333, 667, 667), False),
        ((-10, 10, 30, 30), (100, 100), (0, 100, 300, 300), True),
        ((10, 10, 130, 130), (100, 100), (100, 100, 1000, 1000), True),
        ((-9, -9, 999, 999), (100, 100), (0, 0, 1000, 1000), True),
        ((0, 0, 100.01, 50), (100, 50), (0, 0, 1000, 1000), False),  # what COCO's own rounding gives
        ((-0.01, 0, 100, 50), (100, 50), (0, 0, 1000, 1000), False),
        ((0, 0, 100.06, 50), (100, 50), (0, 0, 1000, 1000), True),
        ((100, 0, 110, 50), (100, 50), (1000, 0, 1000, 1000), True),
        ((-5, 0, 0, 50), (100, 50), (0, 0, 0, 1000), True),
    ],
)
def test_corners_are_rounded_to_three_decimals_and_cut_at_the_edge(
    corners: Four, size: tuple[int, int], expected: tuple[int, ...], cut: bool
) -> None:
    what = f"corners {[float(value) for value in corners]} in {size[0]} x {size[1]}"
    said = [("clipped-box", 1, what, 100)] if cut else []
    assert placed(raw([corners]), [size], CORNERS) == ([(100, expected)], said)
    a, b, c, d = corners
    assert placed(raw([(a, b, c - a, d - b)]), [size])[0] == [(100, expected)]


@pytest.mark.parametrize("box", [(10, 10, 0, 0), (10, 10, 0, 20), (10, 10, 20, 0)])
def test_a_box_of_no_width_or_height_is_kept_and_told(box: Four) -> None:
    [found], [(name, count, _, entry)] = placed(raw([box]), [(100, 100)])
    assert (name, count, entry) == ("flat-box", 1, 100)
    assert found[1] == by_rule((box[0], box[1], box[0] + box[2], box[1] + box[3]), 100, 100)


@pytest.mark.parametrize(
    "corners", [(100.1, 0, 110, 9), (0, 50.1, 9, 60), (-9, 0, -0.1, 9), (0, -9, 9, -0.1), (5e8, 5e8, 9e8, 9e8)]
)
def test_a_box_wholly_outside_is_left_out(corners: Four) -> None:
    found, [(name, count, what, entry)] = placed(raw([corners]), [(100, 50)], CORNERS)
    assert (found, name, count, entry) == ([], "outside-box", 1, 100)
    assert what == f"corners {[float(value) for value in corners]} in 100 x 50"


@pytest.mark.parametrize("corners", [(10, 0, 9, 5), (0, 10, 5, 9), (200, 0, 150, 5)])
def test_corners_the_wrong_way_round_are_no_box(corners: Four) -> None:
    found, [(name, count, _, entry)] = placed(raw([corners]), [(100, 50)], CORNERS)
    assert (found, name, count, entry) == ([], "bad-box", 1, 100)


def test_each_oddity_is_told_once_with_how_often_and_the_first() -> None:
    boxes = [(0, 0, 5, 5), (90, 0, 20, 5), (200, 0, 1, 1), (1, 1, 0, 4), (95, 0, 9, 9), (0, 99, 1, 1), (5, 5, 0, 0)]
    found, told = placed(raw(boxes, rows=[0] * 7), [(100, 50)])
    assert [entry for entry, _ in found] == [100, 101, 103, 104, 106]
    assert [(name, count, entry) for name, count, _, entry in told] == [
        ("outside-box", 2, 102),
        ("clipped-box", 2, 101),
        ("flat-box", 2, 103),
    ]
    assert told[1][2] == "corners [90.0, 0.0, 110.0, 5.0] in 100 x 50"


def test_some_boxes_at_once_are_as_good_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    wild = np.random.default_rng(5).uniform(-20, 120, (50, 4))
    boxes = raw(wild, rows=[n % 3 for n in range(50)])
    sizes = [(100, 50), (30, 90), (7, 7)]
    whole = placed(boxes, sizes, CORNERS)
    monkeypatch.setattr(placing, "_AT_ONCE", 7)
    found, told = placed(boxes, sizes, CORNERS)
    assert found == whole[0]
    for name, count, what, entry in whole[1]:
        assert sum(some[1] for some in told if some[0] == name) == count
        assert next(some[2:] for some in told if some[0] == name) == (what, entry)


COORDINATE = st.floats(-9e8, 9e8) | st.floats(-10, 1010) | st.integers(-2, 1000)
SIDE = st.integers(1, 1000) | st.integers(1, 999_999)
BOX = st.tuples(COORDINATE, COORDINATE, COORDINATE.map(abs), COORDINATE.map(abs))


@settings(deadline=None, max_examples=150)
@given(cases=st.lists(st.tuples(BOX, SIDE, SIDE, st.booleans()), min_size=1, max_size=8), means=st.booleans())
def test_every_box_is_placed_by_llavas_rule(cases: list[tuple[Four, int, int, bool]], means: bool) -> None:
    boxes = raw([box for box, *_ in cases], pixels=[pixels for *_, pixels in cases])
    sizes = [(width, height) for _, width, height, _ in cases]
    found, told = placed(boxes, sizes, CORNERS if means else XYWH)
    expected = []
    counted: dict[str, int] = {}
    for n, ((a, b, c, d), width, height, pixels) in enumerate(cases):
        corners = (a, b, c, d) if means or pixels else (a, b, a + c, b + d)
        turned = corners[2] < corners[0] or corners[3] < corners[1]
        outside = corners[0] > width or corners[1] > height or corners[2] < 0 or corners[3] < 0
        if turned or outside:
            name = "bad-box" if turned else "outside-box"
            counted[name] = counted.get(name, 0) + 1
        else:
            expected.append((100 + n, by_rule(corners, width, height)))
    assert found == expected
    assert {name: count for name, count, *_ in told if name in ("bad-box", "outside-box")} == counted
    for _, (x1, y1, x2, y2) in found:
        assert 0 <= x1 <= x2 <= 1000
        assert 0 <= y1 <= y2 <= 1000


def test_shares_need_no_size_but_masks_beside_them_do() -> None:
    boxes = raw([(0.1, 0.2, 0.5, 0.5), (10, 10, 30, 30)], pixels=[False, True])
    assert placed(boxes, [(0, 0), (100, 50)], SHARES) == (
        [(100, (100, 200, 600, 700)), (101, (100, 200, 300, 600))],
        [],
    )
    assert placed(boxes, [(0, 0), (100, 50)], SHARED_CORNERS)[0][0] == (100, (100, 200, 500, 500))


def test_shares_beyond_one_are_cut_and_told_beyond_their_rounding() -> None:
    [found], told = placed(raw([(0.5, 0.5, 0.501, 0.5)]), [(9, 9)], SHARES)
    assert (found, told) == ((100, (500, 500, 1000, 1000)), [])
    [found], told = placed(raw([(0.5, 0.5, 0.503, 0.5)]), [(9, 9)], SHARES)
    assert found == (100, (500, 500, 1000, 1000))
    assert [(name, count, entry) for name, count, _, entry in told] == [("clipped-box", 1, 100)]


# What four numbers mean

PIXELS = [[10.0, 20.0, 30.0, 40.0]]
AS_SIZES = [[0.5, 0.5, 0.25, 0.5], [0.0, 0.0, 1.0, 1.0]]
AS_CORNERS = [[0.5, 0.5, 0.75, 1.0], [0.0, 0.0, 1.0, 1.0]]
ONE_PIXEL = [[0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0]]


@pytest.mark.parametrize(
    ("layout", "corners", "numbers", "means"),
    [
        ("auto", False, PIXELS, XYWH),
        ("auto", True, PIXELS, CORNERS),
        ("auto", False, AS_SIZES, SHARES),
        ("auto", True, AS_SIZES, CORNERS),  # of such formats each picture decides for itself
        ("auto", False, AS_CORNERS, SHARED_CORNERS),
        ("auto", False, ONE_PIXEL, XYWH),
        ("auto", True, ONE_PIXEL, CORNERS),
        ("auto", False, [*AS_SIZES * 9, [0.5, 0.2, 0.6, 0.3], [0.0, 0.0, 1.01, 1.0]], SHARES),  # one over the edge
        ("auto", False, [*AS_SIZES * 9, [0.3, 0.3, 0.72, 0.4]], SHARES),  # one that would fit as corners
        ("auto", False, [[0.1, 0.1, 0.2, 1.003]], XYWH),
        ("auto", False, [[-0.003, 0.1, 0.2, 0.3]], XYWH),
        ("auto", False, [[-0.002, 0.1, 0.2, 0.3]], SHARES),
        ("auto", False, [], XYWH),
        ("auto", True, [], CORNERS),
        *(("xywh", corners, numbers, XYWH) for corners in (True, False) for numbers in (PIXELS, AS_CORNERS, [])),
        *(("xyxy", corners, numbers, CORNERS) for corners in (True, False) for numbers in (PIXELS, AS_SIZES, [])),
        ("normalized", False, AS_SIZES, SHARES),
        ("normalized", False, AS_CORNERS, SHARED_CORNERS),
        ("normalized", True, AS_SIZES, SHARED_CORNERS),
        ("normalized", False, [[0.5, 0.5, 0.6, 0.2]], SHARES),  # beyond one, but no corners
        ("normalized", False, [], SHARES),
    ],
)
def test_the_layout_is_as_told_or_as_all_numbers_show(
    layout: Any, corners: bool, numbers: list[list[float]], means: Means
) -> None:
    assert meaning(layout, corners, np.array(numbers).reshape(-1, 4)) == means


def looks(boxes: Sequence[Sequence[float]], width: int = 100, height: int = 50) -> bool:
    found = raw(boxes, rows=[0] * len(boxes))
    return look_like_corners(found, np.array([width]), np.array([height]))


def test_boxes_look_like_corners_when_only_so_they_fit() -> None:
    fits = [10, 10, 20, 20]
    assert looks([[60, 30, 90, 40]])
    assert looks([[60, 30, 100.04, 50.04], fits])
    assert looks([[60, 30, 90, 40], *[fits] * 3])
    assert not looks([[60, 30, 90, 40], *[fits] * 4])  # not more than a fifth: a few reach out anywhere
    assert not looks([fits, [0, 0, 100, 50]])
    assert not looks([[60, 30, 90, 40], [60, 30, 101, 40]])  # as corners it would not fit either
    assert not looks([[60, 30, 90, 40], [60, 30, 90, 51]])
    assert not looks([[60, 30, 90, 40], [60, 30, 50, 40]])
    assert not looks([[60, 30, 90, 40], [60, 30, 70, 29]])
    assert not looks([])
