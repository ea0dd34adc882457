"""What each tool exports gives exactly its images, captions and boxes; what is no COCO is refused by name."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from datagen.annotations.index import Reading, index
from datagen.errors import InputError
from datagen.sources.files import find
from tests.annotations import dialects as made

Write = Callable[[str, Any], Path]

SIZES = ((200, 100), (100, 80))
TOLD = ("First", "Second.")
UNSAID = {"no-caption", "no-box"}


def over(picture: int, category: str, x: float, y: float, w: float, h: float) -> tuple[Any, ...]:
    """A box in pixels as LLaVA would write it; computed here and not by the reader."""
    width, height = SIZES[picture]
    corners = (x / width, y / height, (x + w) / width, (y + h) / height)
    return (category, *(min(1.0, max(0.0, math.floor(value * 1000 + 0.5) / 1000)) for value in corners))


def three(dog: str = "dog", cat: str = "cat") -> list[tuple[Any, ...]]:
    """The boxes of the two pictures."""
    return [(over(0, dog, 20, 10, 40, 30), over(0, cat, 100, 50, 60, 40)), (over(1, dog, 0, 0, 50, 40),)]


class Case(NamedTuple):
    """A document and what it must give."""

    document: Any
    ids: tuple[str, str] = ("1", "2")
    names: tuple[str, str] = ("a.jpg", "b.jpg")
    captions: tuple[tuple[str, ...], ...] = ((), ())
    boxes: list[tuple[Any, ...]] = three()
    odd: dict[str, int | None] = {}  # noqa: RUF012
    """What is counted, but for images without captions or boxes; None: at least once."""
    sizes: tuple[Any, ...] = SIZES
    file: str = "x.json"


BARE = ("0", "1")
NORMAL: dict[str, int | None] = {"normalized-boxes": None}
RF = ("a_jpg.rf.0f1e.jpg", "b_jpg.rf.0f1e.jpg")
LS = ("images\\72688b1a-a.jpg", "images\\4/b.jpg")
NO_SIZES = (None, None)
BOTH = (TOLD, TOLD)

CASES = {
    "coco instances": Case(made.coco_instances()),
    "coco keypoints": Case(made.coco_keypoints()),
    "coco captions": Case(made.coco_captions(), captions=(("First", "Second."), ("A  puppy.",)), boxes=[(), ()]),
    "panoptic as detection": Case(made.panoptic_detection(), boxes=three("dog", "wall"), odd={"readable-name": 1}),
    "panoptic": Case(made.panoptic(), boxes=three("dog", "tree"), odd={"readable-name": 1}),
    "lvis": Case(made.lvis(), boxes=three("dog (hound)", "alarm clock"), odd={"readable-name": 2, "name-from-url": 2}),
    "objects365": Case(
        made.objects365(),
        ids=("900001", "900002"),
        names=("images/v2/patch16/a.jpg", "images/v2/patch16/b.jpg"),
        boxes=three("Handbag/Satchel", "Cat"),
    ),
    "roboflow": Case(made.roboflow(), BARE, RF),
    "via, old": Case(made.via_old(), BARE, odd={"mixed-ids": 1, "repeated-category": 1}),
    "coco annotator": Case(made.coco_annotator(), BARE),
    "coco annotator, crowd as text": Case(made.coco_annotator("false"), BARE),
    "sahi": Case(made.sahi(), names=("images/a.jpg", "images/b.jpg")),
    "labelme2coco": Case(made.labelme2coco()),
    "datumaro": Case(made.datumaro()),
    "cvat": Case(made.cvat()),
    "label studio, docker": Case(
        made.label_studio("images/a.jpg", "images/b.jpg"), BARE, ("images/a.jpg", "images/b.jpg")
    ),
    "label studio, windows": Case(made.label_studio(*LS), BARE, ("images/72688b1a-a.jpg", "images/4/b.jpg")),
    "label studio, not downloaded": Case(
        made.label_studio("https://x.org/a.jpg?token=1", "/data/upload/1/b.jpg", sized=False),
        BARE,
        boxes=[(), ()],
        odd={"absolute-file-name": 2},
        sizes=NO_SIZES,
    ),
    "fiftyone": Case(made.fiftyone()),
    "supervision": Case(made.supervision(), BARE, odd={"duplicate-annotation-id": 1}),
    "taco": Case(made.taco(), BARE, ("batch_1/a.jpg", "batch_1/b.jpg"), odd={"clipped-box": 1}),
    "caps_boxes lines": Case(made.caps_boxes(), captions=BOTH, sizes=NO_SIZES, file="x.jsonl"),
    "caps_boxes lines, packed": Case(made.caps_boxes(), captions=BOTH, sizes=NO_SIZES, file="x.jsonl.gz"),
    "caps_boxes lines, by content": Case(made.caps_boxes(), captions=BOTH, sizes=NO_SIZES, file="x.json"),
    "plain lines": Case(made.lines(made.plain()), captions=BOTH, sizes=NO_SIZES, file="x.jsonl"),
    "plain lines, packed": Case(made.lines(made.plain()), captions=BOTH, sizes=NO_SIZES, file="x.jsonl.gz"),
    "plain lines, by content": Case(made.lines(made.plain()), captions=BOTH, sizes=NO_SIZES, file="x.txt"),
    "plain lines, windows": Case(
        made.lines(made.plain()).replace("\n", "\r\n\r\n"), captions=BOTH, sizes=NO_SIZES, file="x.jsonl"
    ),
    "plain lines, no last newline": Case(
        made.lines(made.plain()).strip(), captions=BOTH, sizes=NO_SIZES, file="x.jsonl"
    ),
    "plain lines, objects": Case(made.lines(made.plain("object")), captions=BOTH, sizes=NO_SIZES, file="x.jsonl"),
    "plain lines, pixels": Case(made.lines(made.plain(pixels=True)), captions=BOTH, file="x.jsonl"),
    "plain lines, object pixels": Case(made.lines(made.plain("object", True)), captions=BOTH, file="x.jsonl"),
    "plain list": Case(made.plain(), captions=BOTH, sizes=NO_SIZES),
    "plain list, pixels": Case(made.plain("object", True), captions=BOTH),
    "0..1 xywh": Case(made.relaid("0..1 xywh"), odd=NORMAL),
    "0..1 xywh, no sizes": Case(made.relaid("0..1 xywh", sized=False), odd=NORMAL, sizes=NO_SIZES),
    "0..1 xyxy": Case(made.relaid("0..1 xyxy"), odd=NORMAL),
    "0..1 xyxy, no sizes": Case(made.relaid("0..1 xyxy", sized=False), odd=NORMAL, sizes=NO_SIZES),
    "no sizes": Case(made.relaid("xywh", sized=False), boxes=[(), ()], odd={"no-image-size": 3}, sizes=NO_SIZES),
    "category 0": Case(made.renumbered((1, 2), (1, 2), (0, 5), (0, 5))),
    "image 0": Case(made.renumbered((0, 1), (0, 1), (0, 1), (0, 1)), BARE),
    "ids as text": Case(made.renumbered("12", "12", "34", "34")),
    "ids with zeros": Case(made.renumbered(("0001", "0002"), (1, 2), (1, 2), (1, 2)), odd={"mixed-ids": 1}),
    "ids of words": Case(made.renumbered(("a", "b-2"), ("a", "b-2"), ("x", "y"), ("x", "y")), ("a", "b-2")),
    "ids mixed": Case(made.renumbered((1, "2"), ("1", 2.0), (1, "2"), ("1", 2)), odd={"mixed-ids": 1}),
    **{
        f"iscrowd {crowd!r}": Case(
            {"images": made.images(), "annotations": made.objects(iscrowd=crowd), "categories": made.categories()}
        )
        for crowd in (0, 1, True, False, "true", "false", "1", "0", None, "")
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_dialect_gives_exactly_what_its_tool_wrote(name: str, load: Any, write: Write) -> None:
    case = CASES[name]
    images, census = load(write(case.file, case.document))
    assert tuple(image.image_id for image in images) == case.ids
    assert tuple(image.file_name for image in images) == case.names
    assert tuple((image.width, image.height) for image in images) == tuple(size or (None, None) for size in case.sizes)
    assert tuple(image.captions for image in images) == case.captions
    assert [tuple(map(tuple, image.boxes)) for image in images] == case.boxes
    counted = {oddity.name: oddity.number for oddity in census if oddity.name not in UNSAID}
    if case.file != "x.json" or isinstance(case.document, list):  # there 0..1 is what is asked for
        counted.pop("normalized-boxes", None)
    assert counted == {key: number or counted.get(key) for key, number in case.odd.items()}
    assert all(counted.values())


NOT_COCO = {
    "via project": (made.via_project(), "VIA"),
    "via annotations": (made.via_annotations(), "VIA"),
    "labelme": (made.labelme(), "labelme"),
    "label studio": (made.label_studio_json(), "Label Studio"),
    "label studio, short": (made.label_studio_json_min(), "Label Studio"),
    "datumaro": (made.datumaro_own(), "Datumaro"),
    "results": (made.coco_results(), "results"),
    "caption results": (made.coco_caption_results(), "results"),
}


@pytest.mark.parametrize("name", NOT_COCO)
def test_what_is_no_coco_is_refused_by_its_tools_name(name: str, load: Any, write: Write) -> None:
    document, tool = NOT_COCO[name]
    with pytest.raises(InputError) as caught:
        load(write("x.json", document))
    assert caught.value.file.endswith("x.json")
    assert caught.value.cause
    assert tool.lower() in f"{caught.value.cause} {caught.value.hint}".lower()
    assert "coco" in caught.value.hint.lower()


@pytest.mark.parametrize("name", NOT_COCO)
def test_what_is_no_coco_is_passed_over_in_a_folder(name: str, load: Any, write: Write) -> None:
    write("d/other.json", NOT_COCO[name][0])
    images, census = load(write("d/x.json", made.coco_instances()).parent)
    assert len(images) == 2
    assert census["not-coco"] == 1


def test_a_file_without_annotations_is_refused_by_the_missing_key(load: Any, write: Write) -> None:
    with pytest.raises(InputError, match="annotations"):
        load(write("x.json", made.fiftyone_unlabelled()))


def test_a_point_of_via_is_no_box_and_is_counted(load: Any, write: Write) -> None:
    images, census = load(write("x.json", made.via_new()))
    assert [tuple(map(tuple, image.boxes)) for image in images] == three()
    assert sum(census[name] for name in ("bad-box", "bad-mask", "empty-annotation")) == 1


def test_names_of_label_studio_that_climb_are_counted_and_never_opened(load: Any, write: Write) -> None:
    climbing = "..\\..\\label-studio\\media\\upload\\4\\cb0618f6-a.png"  # HumanSignal/label-studio issue 7294
    images, census = load(write("x.json", made.label_studio("images/a.jpg", climbing)))
    assert not [image for image in images if ".." in image.file_name]
    assert len(images) + census["unsafe-file-name"] == 2


def test_a_name_in_the_file_goes_before_the_address(load: Any, write: Write) -> None:
    document = made.lvis()
    document["images"][0]["file_name"] = "COCO_val2014_a.jpg"
    images, census = load(write("x.json", document))
    assert [image.file_name for image in images] == ["COCO_val2014_a.jpg", "b.jpg"]
    assert census["name-from-url"] == 1


@pytest.mark.parametrize("url", [None, "", 7, "http://x.org/", "http://x.org/..", "http://x.org/%2e%2e?"])
def test_an_address_without_a_name_gives_none(url: Any, load: Any, write: Write) -> None:
    document = made.lvis()
    document["images"][0]["coco_url"] = url
    images, census = load(write("x.json", document))
    assert all(".." not in image.file_name.split("/") for image in images)
    assert len(images) + census["unsafe-file-name"] == 2


# What four numbers mean


def boxed(*boxes: list[float], size: Any = (100, 100)) -> dict[str, Any]:
    found = [{"id": n, "image_id": 1, "category_id": 1, "bbox": box} for n, box in enumerate(boxes)]
    told = {"width": size[0], "height": size[1]} if size else {}
    return {"images": [{"id": 1, "file_name": "a.jpg", **told}], "annotations": found, "categories": made.categories()}


@pytest.mark.parametrize(
    ("boxes", "expected", "normal"),
    [
        ([[0.1, 0.1, 0.2, 0.2]], [(0.1, 0.1, 0.3, 0.3)], True),
        ([[0.5, 0.5, 0.8, 0.9]], [(0.5, 0.5, 0.8, 0.9)], True),  # would end at 1.3
        ([[0.1, 0.1, 0.2, 0.2], [0.5, 0.5, 0.8, 0.9]], [(0.1, 0.1, 0.2, 0.2), (0.5, 0.5, 0.8, 0.9)], True),
        ([[0.6, 0.6, 0.5, 0.5]], [(0.6, 0.6, 1.0, 1.0)], True),  # overshoots, and corners would stand on their heads
        ([[0, 0, 1, 1], [0, 0, 0.5, 1]], [(0, 0, 1, 1), (0, 0, 0.5, 1)], True),
        ([[0, 0, 1, 1]], [(0, 0, 0.01, 0.01)], False),
        ([[0, 1, 1, 0]], [(0, 0.01, 0.01, 0.01)], False),
        ([[0.5, 0.5, 0.5, 0.5], [10, 10, 20, 20]], [(0.005, 0.005, 0.01, 0.01), (0.1, 0.1, 0.3, 0.3)], False),
        ([[0.5, 0.5, 0.4, 1.5]], [(0.005, 0.005, 0.009, 0.02)], False),
        ([[-0.1, 0.5, 0.4, 0.5]], [(0, 0.005, 0.003, 0.01)], False),
    ],
)
def test_boxes_within_0_and_1_are_told_from_small_ones(
    boxes: list[list[float]], expected: list[tuple[float, ...]], normal: bool, load: Any, write: Write
) -> None:
    [image], census = load(write("x.json", boxed(*boxes)))
    assert [tuple(box[1:]) for box in image.boxes] == expected
    assert bool(census["normalized-boxes"]) == normal


@pytest.mark.parametrize("cache", [True, False])
def test_the_layout_that_is_told_counts(cache: bool, write: Write) -> None:
    source = find([write("x.json", made.relaid("xyxy"))])
    for layout, expected in (("xyxy", three()), ("xywh", None)):
        read = index(source, Reading(boxes=layout, cache=cache))
        found = [tuple(map(tuple, image.boxes)) for image in read.contexts()]
        assert (found == expected) == (layout == "xyxy")


def test_corners_in_pixels_are_read_as_the_format_says_and_cut_where_nothing_is_told(load: Any, write: Write) -> None:
    [image], census = load(write("x.json", boxed([40, 40, 90, 90])))
    assert tuple(image.boxes[0][1:]) == (0.4, 0.4, 1.0, 1.0)
    assert census["clipped-box"] == 1


def test_crowds_are_kept_dropped_or_named(write: Write) -> None:
    source = find([write("x.json", made.coco_instances())])
    count = {
        way: [len(i.boxes) for i in index(source, Reading(crowd=way)).contexts()] for way in ("keep", "drop", "group")
    }
    assert count == {"keep": [2, 1], "drop": [1, 1], "group": [2, 1]}


@pytest.mark.parametrize(
    ("told", "crowd"),
    [(1, True), (True, True), (1.0, True), ("1", True), (" True", True), (0, False), ("false", False), (None, False),
     ("0", False), ([1], False), ({}, False)],
)  # fmt: skip
def test_a_crowd_is_told_alike_in_coco_and_in_lines(told: Any, crowd: bool, write: Write) -> None:
    document = made.coco_instances()
    for entry in document["annotations"]:
        entry["iscrowd"] = told
    line = {"image": "a.jpg", "boxes": [{"category": "cat", "bbox": [0.1, 0.2, 0.5, 0.9], "iscrowd": told}]}
    for path in (write("x.json", document), write("x.jsonl", json.dumps(line))):
        images = list(index(find([path]), Reading(crowd="drop")).contexts())
        assert all(bool(image.boxes) != crowd for image in images)


# Lines


def test_llavas_own_lines_are_read_to_the_last_digit(shared_data: Path, load: Any) -> None:
    path = shared_data / "bench" / "caps_boxes_coco2014_val_50.jsonl"
    entries = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    images, _ = load(path)
    assert len(images) == 50
    for image, entry in zip(images, entries, strict=True):
        assert (image.image_id, image.file_name) == (str(int(entry["id"])), entry["image"])
        assert list(image.captions) == entry["captions"]
        assert list(map(tuple, image.boxes)) == [(e["category"], *e["bbox"]) for e in entry["instances"]]


def test_lines_in_a_folder_are_found_beside_json(load: Any, write: Write) -> None:
    write("d/a.jsonl", made.caps_boxes())
    images, _ = load(write("d/b.json", made.coco_captions()).parent)
    assert [(image.image_id, len(image.captions), len(image.boxes)) for image in images] == [("1", 2, 2), ("2", 3, 1)]


def test_a_line_needs_only_an_image(load: Any, write: Write) -> None:
    text = made.lines([{"image": "a.jpg", "captions": ["x"]}, {"image": "d/b.jpg", "boxes": [["dog", 0, 0, 0.5, 0.5]]}])
    images, _ = load(write("x.jsonl", text))
    assert [(image.file_name, image.captions, len(image.boxes)) for image in images] == [
        ("a.jpg", ("x",), 0),
        ("d/b.jpg", (), 1),
    ]
    assert len({image.image_id for image in images} - {""}) == 2


@pytest.mark.parametrize(
    "broken", ["{", '{"image": "c.jpg"', "[1", "nonsense", '{"image": "c.jpg"} {"image": "d.jpg"}']
)
def test_a_broken_line_is_counted_with_its_number(broken: str, load: Any, write: Write) -> None:
    images, census = load(
        write(
            "x.jsonl",
            made.lines(made.plain()) + broken + "\n" + made.lines([{**made.plain()[0], "image": "z.jpg", "id": 99}]),
        )
    )
    [oddity] = [oddity for oddity in census if oddity.name == "bad-record"]
    assert (oddity.number, len(images)) == (1, 3)
    assert "line 3" in oddity.example


@pytest.mark.parametrize("text", ["nonsense\n", '{"a": 1}\n'])
def test_lines_without_any_picture_are_refused(text: str, load: Any, write: Write) -> None:
    with pytest.raises(InputError, match="line 1") as caught:
        load(write("x.jsonl", text))
    assert caught.value.hint
