"""COCO-style files are joined by image id in a fixed order, and nothing in them is lost without being counted."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.annotations.census import ODDITIES, Census
from datagen.errors import InputError
from datagen.schema import ImageContext
from tests.annotations.mangling import pieces

Load = Callable[..., tuple[list[ImageContext], Census]]
Write = Callable[[str, Any], Path]
Json = dict[str, Any]

CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]


def photo(number: Any = 1, **extra: Any) -> Json:
    return {"id": number, "file_name": f"{number}.jpg", "width": 100, "height": 50, **extra}


def captions(*entries: tuple[Any, Any, str], images: list[Any] | None = None) -> Json:
    """A captions file of `(annotation id, image id, caption)`."""
    ids = dict.fromkeys(entry[1] for entry in entries)
    annotations = [{"id": a, "image_id": i, "caption": text} for a, i, text in entries]
    return {"images": [photo(i) for i in ids] if images is None else images, "annotations": annotations}


def boxes(*entries: Json, images: list[Any] | None = None) -> Json:
    """An instances file; entries are about image 1 and a cat unless they say otherwise."""
    annotations = [{"image_id": 1, "category_id": 1, **entry} for entry in entries]
    return {"images": images or [photo()], "annotations": annotations, "categories": CATEGORIES}


def box(x: float = 10, y: float = 10, width: float = 20, height: float = 20, **extra: Any) -> Json:
    return {"bbox": [x, y, width, height], **extra}


BY_MAKING = {"gone-with-image", "no-caption", "no-box", "mixed-ids", "duplicate-annotation-id", "repeated-category"}


def names(census: Census) -> dict[str, int]:
    """What was counted, but for what most of these small examples are by their making."""
    return {oddity.name: oddity.number for oddity in census if oddity.name not in BY_MAKING}


# Joining


def test_captions_and_boxes_of_one_image_are_joined(load: Load, write: Write) -> None:
    images, census = load(write("c.json", captions((1, 1, "A cat."))), write("b.json", boxes(box())))
    assert [(i.captions, i.boxes) for i in images] == [(("A cat.",), (("cat", 0.1, 0.2, 0.3, 0.6),))]
    assert not names(census)


def test_one_file_may_hold_captions_and_boxes(load: Load, write: Write) -> None:
    document = boxes(box(), {"caption": "One."}, box(30, caption="Two."))
    [image], census = load(write("both.json", document))
    assert image.captions == ("One.", "Two.")
    assert [b.x1 for b in image.boxes] == [0.1, 0.3]
    assert not names(census)


def test_images_come_in_the_order_of_the_first_file_that_lists_them(load: Load, write: Write) -> None:
    first = write("1.json", captions((1, 9, "x"), (2, 4, "x")))
    second = write("2.json", captions((3, 5, "x"), (4, 4, "x"), (5, 9, "x")))
    assert [image.image_id for image in load(first, second)[0]] == ["9", "4", "5"]
    assert [image.image_id for image in load(second, first)[0]] == ["5", "4", "9"]


def test_an_image_without_annotations_is_an_image_too(load: Load, write: Write) -> None:
    [image], _ = load(write("a.json", captions(images=[photo()])))
    assert (image.captions, image.boxes) == ((), ())


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([30, 4, 200], "bac"),
        (["30", 4, "200"], "bac"),
        (["0030", 4.0, 200], "bac"),
        ([3, "x", 2], "cab"),
        ([None, "y", "x"], "abc"),
        ([2, -1, 0], "bca"),
        ([5, 5, 5], "abc"),
    ],
)
def test_captions_come_in_ascending_annotation_id(ids: list[Any], expected: str, load: Load, write: Write) -> None:
    document = captions(*((number, 1, letter) for number, letter in zip(ids, "abc", strict=True)))
    [image], _ = load(write("a.json", document))
    assert "".join(image.captions) == expected


def test_captions_come_in_ascending_annotation_id_across_files(load: Load, write: Write) -> None:
    first, second = write("1.json", captions((5, 1, "later"))), write("2.json", captions((2, 1, "sooner")))
    assert load(first, second)[0][0].captions == ("sooner", "later")


def test_boxes_keep_the_order_of_the_file_whatever_their_ids(load: Load, write: Write) -> None:
    [image], _ = load(write("a.json", boxes(box(50, id=9), box(10, id=3), box(30, id=5))))
    assert [b.x1 for b in image.boxes] == [0.5, 0.1, 0.3]


@pytest.mark.parametrize("other", ["7", "007", 7.0, " 7 "])
def test_ids_join_however_they_are_written(other: Any, load: Load, write: Write) -> None:
    listed, told = captions(images=[photo(7)]), {"id": 1, "image_id": other, "caption": "x"}
    [image], census = load(write("a.json", {**listed, "annotations": [told]}))
    assert (image.image_id, image.captions) == ("7", ("x",))
    assert not names(census)


def test_string_category_ids_join_with_numbers(load: Load, write: Write) -> None:
    [image], _ = load(write("a.json", boxes(box(category_id="2"), box(category_id=1.0))))
    assert [b.category for b in image.boxes] == ["dog", "cat"]


def test_category_zero_is_a_category(load: Load, write: Write) -> None:
    document = {**boxes(box(category_id=0)), "categories": [{"id": 0, "name": "zero"}]}
    assert load(write("a.json", document))[0][0].boxes[0].category == "zero"


def test_each_file_has_its_own_categories(load: Load, write: Write) -> None:
    other = {**boxes(box(50)), "categories": [{"id": 1, "name": "bird"}]}
    [image], _ = load(write("1.json", boxes(box())), write("2.json", other))
    assert [b.category for b in image.boxes] == ["cat", "bird"]


def test_each_files_boxes_are_placed_in_its_own_image_size(load: Load, write: Write) -> None:
    double = boxes(box(100, 20, 40, 40, category_id=2), images=[photo(width=200, height=100)])
    [image], _ = load(write("1.json", boxes(box())), write("2.json", double))
    assert image.boxes[1] == ("dog", 0.5, 0.2, 0.7, 0.6)
    assert (image.width, image.height) == (100, 50)


def test_a_size_that_only_a_later_file_tells_is_taken(load: Load, write: Write) -> None:
    bare = [{"id": 1, "file_name": "1.jpg"}]
    [image], _ = load(write("c.json", captions((1, 1, "x"), images=bare)), write("b.json", boxes(box())))
    assert (image.width, image.height) == (100, 50)


def test_a_size_that_only_one_file_tells_places_the_boxes_of_another(load: Load, write: Write) -> None:
    sized = write("c.json", captions((1, 1, "x")))
    bare = write("b.json", boxes(box(), images=[{"id": 1, "file_name": "1.jpg"}]))
    for order in ((sized, bare), (bare, sized)):
        [image], census = load(*order)
        assert (image.width, image.height) == (100, 50)
        assert image.boxes == (("cat", 0.1, 0.2, 0.3, 0.6),)
        assert not names(census)


# Overlap


def test_a_box_that_two_files_hold_is_taken_once(load: Load, write: Write) -> None:
    keypoints = boxes(box(10.5, 10.2, 20, 20), box(60, category_id=1))
    [image], census = load(write("1.json", boxes(box(), box(40))), write("2.json", keypoints))
    assert [b.x1 for b in image.boxes] == [0.1, 0.4, 0.6]
    assert names(census) == {"repeated-annotation": 1}


def test_equal_boxes_of_one_file_are_all_kept(load: Load, write: Write) -> None:
    [image], census = load(write("1.json", boxes(box(), box(), box())))
    assert len(image.boxes) == 3
    assert not names(census)


def test_equal_boxes_of_one_file_are_all_kept_beside_another_file(load: Load, write: Write) -> None:
    [image], _ = load(write("1.json", boxes(box(70))), write("2.json", boxes(box(), box())))
    assert len(image.boxes) == 3


def test_the_same_box_of_another_category_is_kept(load: Load, write: Write) -> None:
    [image], _ = load(write("1.json", boxes(box())), write("2.json", boxes(box(category_id=2))))
    assert [b.category for b in image.boxes] == ["cat", "dog"]


def test_one_box_of_an_earlier_file_stands_for_one_box_only(load: Load, write: Write) -> None:
    [image], _ = load(write("1.json", boxes(box())), write("2.json", boxes(box(), box(10.5))))
    assert len(image.boxes) == 2


def test_a_caption_that_two_files_hold_is_taken_once(load: Load, write: Write) -> None:
    first, second = captions((1, 1, "Same."), (2, 1, "Mine.")), captions((1, 1, " Same. "), (3, 1, "Yours."))
    [image], census = load(write("1.json", first), write("2.json", second))
    assert image.captions == ("Same.", "Mine.", "Yours.")
    assert names(census) == {"repeated-annotation": 1}


def test_equal_captions_by_different_writers_are_kept(load: Load, write: Write) -> None:
    [image], _ = load(write("1.json", captions((1, 1, "Same."), (2, 1, "Same."))))
    assert image.captions == ("Same.", "Same.")


def test_a_copy_of_a_file_adds_nothing(load: Load, write: Write) -> None:
    document = boxes(box(), box(), box(40, caption="x"), {"caption": "x"})
    once, _ = load(write("1.json", document))
    twice, census = load(write("1.json", document), write("2.json", document))
    assert twice == once
    assert names(census) == {"repeated-annotation": 5}


def test_a_file_given_twice_is_read_once(load: Load, write: Write) -> None:
    path = write("d/a.json", boxes(box()))
    images, census = load(path, path.parent, path.parent / ".." / "d" / "a.json")
    assert len(images[0].boxes) == 1
    assert not names(census)


# Where files are


def test_a_folder_stands_for_its_files_by_name(load: Load, write: Write) -> None:
    write("d/b.json", captions((1, 2, "x")))
    folder = write("d/a.json.gz", captions((1, 1, "x"))).parent
    write("d/readme.txt", "not read")
    write("d/sub/c.json", captions((1, 3, "x")))
    assert [image.image_id for image in load(folder)[0]] == ["1", "2"]


def test_a_folder_without_json_stands_for_its_annotations_folder(load: Load, write: Write) -> None:
    write("coco/annotations/a.json", captions((1, 1, "x")))
    folder = write("coco/val2017/1.jpg", b"").parents[1]
    assert [image.image_id for image in load(folder)[0]] == ["1"]


def test_gzip_is_told_by_its_bytes_not_its_name(load: Load, write: Write) -> None:
    packed = write("a.json.gz", captions((1, 1, "x")))
    renamed, plain = packed.with_name("b.json"), write("c.txt", captions((2, 2, "x")))
    packed.rename(renamed)
    assert [image.image_id for image in load(renamed, plain)[0]] == ["1", "2"]


# Captions


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("  A cat.\n", "A cat."),
        ("A cat\nsits. ", "A cat sits."),
        ("A cat \r\n\r\n sits.", "A cat sits."),
        ("A\tcat", "A cat"),
        ("two  spaces stay", "two  spaces stay"),
        ("\u202eevil\u202c", "evil"),
        ("e\u0301t\u00e9", "\u00e9t\u00e9"),
        ("a\x1b[31mb\x00", "a[31mb"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("a\u2028b\x0bc\x85d", "a b c d"),
    ],
)
def test_a_caption_is_one_harmless_line(written: str, read: str, load: Load, write: Write) -> None:
    [image], census = load(write("a.json", captions((1, 1, written))))
    assert image.captions == (read,)
    assert not names(census)


def test_a_category_is_one_harmless_line(load: Load, write: Write) -> None:
    document = {**boxes(box()), "categories": [{"id": 1, "name": " traffic\n\x1b light "}]}
    assert load(write("a.json", document))[0][0].boxes[0].category == "traffic light"


def test_the_first_of_two_categories_with_one_id_counts(load: Load, write: Write) -> None:
    document = {**boxes(box()), "categories": [{"id": 1, "name": "cat"}, {"id": "1", "name": "dog"}]}
    assert load(write("a.json", document))[0][0].boxes[0].category == "cat"


# What is odd

POLYGON = {"segmentation": [[10, 10, 30, 10, 30, 30]]}

TABLE: list[tuple[str, list[Any], str]] = [  # name, files, the first example's file and JSON path
    ("bad-image-entry", [captions(images=[photo(2), 7])], "1.json: $.images[1]: 7"),
    ("bad-image-entry", [captions(images=[photo(True)])], "1.json: $.images[0]: "),
    ("duplicate-image-id", [captions(images=[photo(), photo("01")])], "1.json: $.images[1]: id 1"),
    ("unsafe-file-name", [captions(images=[photo(file_name="../a.jpg")])], "1.json: $.images[0]: ../a.jpg"),
    ("unsafe-file-name", [captions(images=[{"id": 1}])], "1.json: $.images[0]: no file name"),
    ("absolute-file-name", [captions(images=[photo(file_name="/x/a.jpg")])], "1.json: $.images[0]: /x/a.jpg"),
    (
        "file-names-differ",
        [captions(images=[photo()]), captions(images=[photo(file_name="b.jpg")])],
        "2.json: $.images[0]: b.jpg is 1.jpg elsewhere",
    ),
    ("bad-annotation-entry", [{"images": [], "annotations": [[]]}], "1.json: $.annotations[0]: []"),
    ("bad-annotation-entry", [{"images": [], "annotations": [{"caption": "x"}]}], "1.json: $.annotations[0]: "),
    ("dangling-image-id", [captions((1, 5, "x"), images=[])], "1.json: $.annotations[0]: image_id 5"),
    ("empty-annotation", [boxes({"bbox": None, "segmentation": []})], "1.json: $.annotations[0]: of image 1"),
    ("bad-caption", [captions((1, 1, "x"), (2, 1, " \n"))], "1.json: $.annotations[1].caption: "),
    ("bad-caption", [captions((1, 1, 5))], "1.json: $.annotations[0].caption: 5"),  # type: ignore[arg-type]
    ("repeated-annotation", [captions((1, 1, "x")), captions((1, 1, "x"))], "2.json: $.annotations[0]: x"),
    ("repeated-annotation", [boxes(box()), boxes(box())], "2.json: $.annotations[0]: cat"),
    ("shared-file-name", [captions(images=[photo(), photo(2, file_name="1.jpg")])], "1.json: $.images[1]: 1.jpg is "),
    ("unknown-category", [boxes(box(category_id=9))], "1.json: $.annotations[0].category_id: 9"),
    ("no-image-size", [boxes(box(), images=[photo(width=None)])], "1.json: $.annotations[0]: image 1"),
    ("no-image-size", [boxes(box(), images=[photo(height=0)])], "1.json: $.annotations[0]: image 1"),
    ("bad-box", [boxes(box(), box(width=-1))], "1.json: $.annotations[1]: bbox "),
    ("bad-box", [boxes(box(x=math.nan))], "1.json: $.annotations[0]: bbox [nan"),
    ("box-from-mask", [boxes(POLYGON)], "1.json: $.annotations[0]: image 1"),
    ("box-from-mask", [boxes({**POLYGON, "bbox": [1]})], "1.json: $.annotations[0]: image 1"),
    ("bad-mask", [boxes({"segmentation": [[1, 2]]})], "1.json: $.annotations[0]: segmentation "),
    ("outside-box", [boxes(box(x=101))], "1.json: $.annotations[0]: corners "),
    (
        "sizes-differ",
        [captions(images=[photo()]), captions(images=[photo(width=7)])],
        "2.json: $.images[0]: 1.jpg: (7, 50) is 100 x 50 elsewhere",
    ),
    (
        "another-image",
        [captions(images=[photo()]), captions(images=[photo(file_name="b.jpg", width=7)])],
        "2.json: $.images[0]: b.jpg 7 x 50 is 1.jpg 100 x 50 elsewhere",
    ),
    ("flat-box", [boxes(box(width=0))], "1.json: $.annotations[0]: corners "),
    ("clipped-box", [boxes(box(x=90))], "1.json: $.annotations[0]: corners [90.0, "),
    ("bad-record", [[{"image": "a.jpg", "captions": ["x"]}, 7]], "1.json: $[1]: 7"),
    (
        "name-from-url",
        [boxes(box(), images=[{**photo(file_name=None), "coco_url": "http://x.org/train2017/1.jpg"}])],
        "1.json: $.images[0]: http://x.org/train2017/1.jpg",
    ),
    (
        "readable-name",
        [{**boxes(box()), "categories": [{"id": 1, "name": "dog_(hound)"}]}],
        "1.json: $.categories[0]: dog_(hound) → dog (hound)",
    ),
    ("normalized-boxes", [boxes(box(0.1, 0.1, 0.5, 0.5))], "1.json: $.annotations[0]: [0.1, 0.1, 0.5, 0.5]"),
]
OTHERWISE_TESTED = {
    "not-coco",
    "corner-like-boxes",
    "share-like-boxes",
    "size-from-picture",
    "crowd-left-out",
    "crowd-grouped",
}


def test_the_table_names_every_oddity() -> None:
    assert {name for name, _, _ in TABLE} | BY_MAKING | OTHERWISE_TESTED == set(ODDITIES)


@pytest.mark.parametrize(("name", "files", "place"), TABLE)
def test_an_oddity_is_counted_once_with_its_place(
    name: str, files: list[Any], place: str, load: Load, write: Write
) -> None:
    paths = [write(f"{number}.json", document) for number, document in enumerate(files, 1)]
    _, census = load(*paths)
    assert names(census) == {name: 1}
    [oddity] = [oddity for oddity in census if oddity.name == name]
    assert oddity.example.startswith(f"{paths[0].parent}/{place}")


BOTH = {"id": 1, "image_id": 1, "category_id": 1, "caption": "x", "bbox": [0, 0, 5, 5]}


@pytest.mark.parametrize(
    ("name", "change", "example"),
    [
        ("no-caption", {"annotations": [{**BOTH, "caption": " "}]}, "$.images[0]: 1.jpg"),
        ("no-box", {"annotations": [{"id": 1, "image_id": 1, "caption": "x"}]}, "$.images[0]: 1.jpg"),
        ("mixed-ids", {"annotations": [{**BOTH, "image_id": "1"}]}, "$.annotations[0].image_id: '1'"),
        ("mixed-ids", {"annotations": [BOTH, {**BOTH, "id": "2"}]}, "$.annotations[1].id: '2'"),
        ("duplicate-annotation-id", {"annotations": [BOTH, BOTH]}, "$.annotations[1]: id 1"),
        ("repeated-category", {"categories": [{"id": 1, "name": "a"}] * 2}, "$.categories[1]: id 1"),
        ("flat-box", {"annotations": [{**BOTH, "bbox": [5, 5, 0, 9]}]}, "$.annotations[0]: corners [5.0, 5.0, 5.0, "),
    ],
)
def test_what_is_kept_is_counted_too(name: str, change: dict[str, Any], example: str, load: Load, write: Write) -> None:
    sound = {"images": [photo()], "annotations": [BOTH], "categories": [{"id": 1, "name": "cat"}]}
    [image], census = load(write("a.json", sound))
    assert (list(census), image.captions, len(image.boxes)) == ([], ("x",), 1)
    _, census = load(path := write("b.json", {**sound, **change}))
    [oddity] = [oddity for oddity in census if oddity.name == name]
    assert oddity.example.startswith(f"{path}: {example}")


def test_the_first_of_two_entries_with_one_id_counts(load: Load, write: Write) -> None:
    bad, good = photo(file_name=".."), photo("01")
    images, census = load(write("1.json", captions((1, 1, "x"), images=[good, photo(file_name="b.jpg")])))
    assert [(image.file_name, image.captions) for image in images] == [("01.jpg", ("x",))]
    assert names(census) == {"duplicate-image-id": 1}
    images, census = load(write("2.json", captions((1, 1, "x"), images=[bad, good])))
    assert images == []
    assert names(census) == {"duplicate-image-id": 1, "unsafe-file-name": 1}


@pytest.mark.parametrize("width", [None, True, "100", [100], 0, -1, 100.5, math.nan, math.inf, 10**6, 10**400])
def test_a_size_that_is_no_number_of_pixels_is_none(width: Any, load: Load, write: Write) -> None:
    [image], census = load(write("a.json", boxes(box(), images=[photo(width=width)])))
    assert (image.width, image.height, image.boxes) == (None, None, ())
    assert names(census) == {"no-image-size": 1}


def test_a_size_may_be_written_with_a_point(load: Load, write: Write) -> None:
    [image], _ = load(write("a.json", boxes(box(), images=[photo(width=100.0)])))
    assert (image.width, type(image.width), len(image.boxes)) == (100, int, 1)


@pytest.mark.parametrize("document", [{"info": {}}, [1, 2], {"images": {}, "annotations": []}, None, '"text"'])
def test_other_json_of_a_folder_is_passed_over_and_counted(document: Any, load: Load, write: Write) -> None:
    other = write("d/1.json", document)
    write("d/2.json", captions((1, 1, "x")))
    images, census = load(other.parent)
    assert len(images) == 1
    found = [(oddity.name, oddity.number, oddity.example) for oddity in census if oddity.name not in BY_MAKING]
    assert found == [("not-coco", 1, str(other))]


def test_the_example_is_the_first_one_and_the_number_counts_all(load: Load, write: Write) -> None:
    _, census = load(write("a.json", boxes(box(width=-1), box(), box(width=-2), box(width=-3))))
    [oddity] = [oddity for oddity in census if oddity.name not in BY_MAKING]
    assert (oddity.name, oddity.number) == ("bad-box", 3)
    assert "$.annotations[0]" in oddity.sentence
    assert oddity.sentence.startswith(f"{ODDITIES['bad-box']}: 3 (first: ")


def test_boxes_that_are_mostly_shares_are_told_and_read_as_pixels(load: Load, write: Write) -> None:
    _, census = load(write("a.json", boxes(box(0.1, 0.1, 0.5, 0.5), box(0.2, 0.2, 0.3, 0.3), box())))
    assert names(census) == {"share-like-boxes": 3}


def test_what_is_said_of_another_image_is_left_out(load: Load, write: Write) -> None:
    first = captions((1, 1, "A cat."))
    [image], census = load(
        write("a.json", first), write("b.json", boxes(box(), images=[photo(file_name="t.jpg", width=7)]))
    )
    assert (image.captions, image.boxes) == (("A cat.",), ())
    assert (census["another-image"], census["gone-with-image"], census["dangling-image-id"]) == (1, 1, 0)


@pytest.mark.parametrize("foreign", [{1}, {2}, {3}, {1, 3}, {1, 2, 3}])
def test_boxes_beside_another_image_are_kept(foreign: set[int], load: Load, write: Write) -> None:
    here = [box(image_id=n, id=n) for n in (1, 2, 3)]
    there = [box(40, image_id=n, id=10 + n) for n in (1, 2, 3)]
    others = [photo(n, **({"file_name": f"t{n}.jpg", "width": 200} if n in foreign else {})) for n in (1, 2, 3)]
    images, census = load(
        write("a.json", boxes(*here, images=[photo(1), photo(2), photo(3)])),
        write("b.json", boxes(*there, images=others)),
    )
    assert [[b.x1 for b in image.boxes] for image in images] == [
        [0.1] if n in foreign else [0.1, 0.4] for n in (1, 2, 3)
    ]
    assert {image.width for image in images} == {100}
    assert (census["another-image"], census["gone-with-image"]) == (len(foreign), len(foreign))


def test_each_line_says_itself_whether_it_tells_pixels_or_shares(load: Load, write: Write) -> None:
    sized = {"width": 100, "height": 50}
    lines = [
        {"image": "a.jpg", "boxes": [["cat", 0.1, 0.2, 0.5, 0.9]], **sized},
        {"image": "b.jpg", "boxes": [["cat", 10, 10, 50, 45]], **sized},
        {"image": "c.jpg", "boxes": [["cat", 0.1, 0.2, 0.5, 0.9], ["cat", 0, 0, 1.01, 1]]},
        {"image": "d.jpg", "boxes": [["cat", 10, 10, 50, 45]]},
    ]
    images, census = load(write("a.jsonl", "\n".join(map(json.dumps, lines))))
    expected = [[(0.1, 0.2, 0.5, 0.9)], [(0.1, 0.2, 0.5, 0.9)], [(0.1, 0.2, 0.5, 0.9), (0.0, 0.0, 1.0, 1.0)], []]
    assert [[box[1:] for box in image.boxes] for image in images] == expected
    assert (census["no-image-size"], census["clipped-box"]) == (1, 1)


def test_boxes_that_fit_only_as_corners_are_told_and_read_as_the_format_says(load: Load, write: Write) -> None:
    [image], census = load(write("a.json", boxes(box(60, 30, 90, 45), box(50, 20, 80, 40))))
    assert names(census) == {"corner-like-boxes": 2, "clipped-box": 2}
    assert image.boxes[0][1:] == (0.6, 0.6, 1.0, 1.0)


def test_an_unknown_oddity_cannot_be_counted() -> None:
    with pytest.raises(KeyError):
        Census().add("no-such-oddity", "")


def test_an_oddity_of_hostile_text_is_shown_harmless(load: Load, write: Write) -> None:
    _, census = load(write("a.json", captions(images=[photo(file_name="../\x1b]0;title\x07\u202e" + "x" * 999)])))
    example = next(iter(census)).example
    assert re.search("[\x00-\x1f\x7f-\x9f\u202e]", example) is None
    assert len(example) < 400


def test_annotations_of_an_image_that_is_left_out_go_with_it(load: Load, write: Write) -> None:
    images, census = load(write("a.json", captions((1, 1, "x"), images=[photo(file_name="..")])))
    assert images == []
    assert names(census) == {"unsafe-file-name": 1}


def test_an_image_left_out_by_one_file_may_come_from_another(load: Load, write: Write) -> None:
    bad = write("1.json", captions((1, 1, "lost"), images=[photo(file_name="..")]))
    [image], _ = load(bad, write("2.json", captions((2, 1, "kept"))))
    assert (image.file_name, image.captions) == ("1.jpg", ("lost", "kept"))


def test_boxes_of_a_file_without_names_go_to_the_image_that_another_file_names(load: Load, write: Write) -> None:
    nameless = boxes(box(), images=[{"id": 1, "width": 100, "height": 50}])
    for order in (1, -1):
        paths = [write("1.json", nameless), write("2.json", captions((1, 1, "x")))][::order]
        [image], census = load(*paths)
        assert (image.file_name, image.captions, len(image.boxes)) == ("1.jpg", ("x",), 1)
        assert not names(census)


def test_ids_that_differ_only_far_behind_are_never_joined(load: Load, write: Write) -> None:
    first, second = "x" * 200 + "a", "x" * 200 + "b"
    listed = [photo(first, file_name="a.jpg"), photo(second, file_name="b.jpg")]
    images, census = load(write("a.json", captions((1, first, "of a"), (2, second, "of b"), images=listed)))
    assert all(len(image.captions) == 1 for image in images)
    assert len(images) + census["bad-image-entry"] == 2


# Wild files

NUMBERS = st.one_of(
    st.integers(-3, 120),
    st.floats(-50, 150),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -1e-300, 10**30, -(10**400), 2**31, 0.0, -0.0]),
)
TEXT = st.one_of(
    st.text(st.characters(), max_size=8),
    st.sampled_from(["\ud800", "\x1b[31m", "\u202e", "\n", "", " ", "1", "01", "../x", "/etc/passwd", "a\x00b", "C:x"]),
)
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)
IDS = st.sampled_from([0, 1, 2, 3, "1", "02", 3.0, "x", "three"])


def either(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what belongs there, now and then anything."""
    return st.one_of(good, good, good, good, JUNK)


RLE = st.builds(
    lambda size, counts: {"size": size, "counts": counts},
    either(st.lists(st.integers(0, 60), min_size=2, max_size=2)),
    either(st.one_of(st.lists(st.integers(0, 500), max_size=6), st.text("0123456789PQRSTUVWXYZmno", max_size=9))),
)
MASK = st.one_of(RLE, st.lists(either(st.lists(NUMBERS, max_size=8)), max_size=3), st.lists(NUMBERS, max_size=8))
IMAGE = st.fixed_dictionaries(
    {"id": either(IDS)},
    optional={
        "file_name": either(st.sampled_from(["a.jpg", "b.jpg", "d/c.jpg", "/r/d.jpg"])),
        "width": either(st.sampled_from([100, 64.0])),
        "height": either(st.sampled_from([50, 1])),
    },
)
ANNOTATION = st.fixed_dictionaries(
    {"image_id": either(IDS)},
    optional={
        "id": either(st.integers(0, 9)),
        "caption": either(TEXT),
        "bbox": either(st.lists(NUMBERS, min_size=4, max_size=4)),
        "segmentation": either(MASK),
        "category_id": either(st.sampled_from([1, "1", 2])),
    },
)
CATEGORY = st.fixed_dictionaries({}, optional={"id": either(st.sampled_from([1, 2])), "name": either(TEXT)})
DOCUMENT = st.fixed_dictionaries(
    {
        "images": st.lists(either(IMAGE), max_size=5),
        "annotations": st.lists(either(ANNOTATION), max_size=8),
    },
    optional={"categories": either(st.just(CATEGORIES) | st.lists(either(CATEGORY), max_size=3)), "info": JUNK},
)
LOST = {"bad-caption", "unknown-category", "no-image-size", "bad-box", "bad-mask", "outside-box", "repeated-annotation"}
WILD = settings(deadline=None, max_examples=70, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def load_documents(tmp_path_factory: pytest.TempPathFactory, load: Load) -> Load:
    """`load`, but for documents instead of paths."""
    folder = tmp_path_factory.mktemp("wild")

    def read(*documents: Any) -> tuple[list[ImageContext], Census]:
        paths = [folder / f"{number}.json" for number, _ in enumerate(documents)]
        for path, document in zip(paths, documents, strict=True):
            path.write_text(json.dumps(document), encoding="ascii")
        return load(*paths)

    return read


def assert_sound(image: ImageContext) -> None:
    path = PurePosixPath(image.file_name)
    assert not path.is_absolute()
    assert path.parts
    assert ".." not in path.parts
    assert all(caption and len(caption.splitlines()) == 1 and caption == caption.strip() for caption in image.captions)
    for entry in image.boxes:
        assert all(type(value) is float and 0 <= value <= 1 and round(value, 3) == value for value in entry[1:])
        assert entry.x1 <= entry.x2
        assert entry.y1 <= entry.y2
        assert entry.category == entry.category.strip() != ""
    assert json.loads(image.model_dump_json())["image_id"] == image.image_id
    assert image.width is None or (type(image.width) is int and image.width > 0)


@WILD
@given(document=DOCUMENT)
def test_nothing_of_a_mangled_file_is_lost_silently(document: Json, load_documents: Load) -> None:
    images, census = load_documents(document)
    for image in images:
        assert_sound(image)
    kept = sum(len(image.captions) + len(image.boxes) for image in images)
    counted = LOST | {"gone-with-image", "bad-annotation-entry", "dangling-image-id", "empty-annotation"}
    assert pieces(document) == kept + sum(census[name] for name in counted)
    gone = sum(census[name] for name in ("bad-image-entry", "duplicate-image-id", "unsafe-file-name"))
    assert len(document["images"]) == len(images) + gone


@WILD
@given(documents=st.tuples(DOCUMENT, DOCUMENT))
def test_mangled_files_join_soundly(documents: tuple[Json, Json], load_documents: Load) -> None:
    images, _ = load_documents(*documents)
    assert len({image.image_id for image in images}) == len(images)
    for image in images:
        assert_sound(image)


def contexts_or_refusal(load_documents: Load, document: Any) -> list[ImageContext] | InputError:
    try:
        return load_documents(document)[0]
    except InputError as error:
        return error


@WILD
@given(document=JUNK | st.fixed_dictionaries({"images": JUNK, "annotations": JUNK}, optional={"categories": JUNK}))
def test_any_json_gives_contexts_or_a_named_error(document: Any, load_documents: Load) -> None:
    outcome = contexts_or_refusal(load_documents, document)
    if isinstance(outcome, InputError):
        assert outcome.place.startswith("$")
        assert outcome.cause
        assert outcome.file.endswith("0.json")
    else:
        for image in outcome:
            assert_sound(image)


@pytest.mark.slow
@WILD
@given(document=DOCUMENT)
def test_the_same_file_twice_over_changes_nothing(document: Json, load_documents: Load) -> None:
    assert load_documents(document)[0] == load_documents(document, document)[0]
