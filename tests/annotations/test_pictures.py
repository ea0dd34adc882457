"""Sizes that no file tells come from the pictures' headers or not at all; crowds and corners are taken as was asked."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from datagen.annotations import pictures
from datagen.annotations.index import Index, Reading, index
from datagen.annotations.pictures import sizes_in
from datagen.errors import InputError
from datagen.sources.files import find

Write = Callable[[str, Any], Path]
FORMATS = ["PNG", "JPEG", "WEBP", "GIF"]


def encoded(kind: str, size: tuple[int, int] = (40, 20)) -> bytes:
    with io.BytesIO() as file:
        Image.new("RGB", size, "red").save(file, kind)
        return file.getvalue()


def document(name: str = "a.jpg", **image: Any) -> dict[str, Any]:
    """One image with one box and a caption."""
    return {
        "images": [{"id": 1, "file_name": name, **image}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 5, 20, 10]},
            {"id": 2, "image_id": 1, "caption": "A dog."},
        ],
        "categories": [{"id": 1, "name": "dog"}],
    }


def read(*paths: Path, **reading: Any) -> Index:
    return index(find(paths), Reading(**reading))


def odd(found: Index) -> dict[str, int]:
    return {oddity.name: oddity.number for oddity in found.census}


PLACED = ("dog", 0.25, 0.25, 0.75, 0.75)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["a.jpg", "train/2017/a.jpg", "\u00e9 \u2603.bin"])
def test_a_size_is_read_from_the_picture_and_its_boxes_are_placed(
    kind: str, name: str, write: Write, tmp_path: Path
) -> None:
    write(f"pictures/{name}", encoded(kind))
    found = read(write("a.json", document(name)), images=tmp_path / "pictures")
    [context] = found.contexts()
    assert (context.width, context.height, context.captions) == (40, 20, ("A dog.",))
    assert context.boxes == (PLACED,)
    assert odd(found) == {"size-from-picture": 1}
    assert next(iter(found.census)).example == f"{tmp_path / 'a.json'}: $.images[0]: {name}"


def test_a_picture_is_found_by_its_last_part_too_but_first_by_all_of_it(write: Write, tmp_path: Path) -> None:
    write("pictures/a.jpg", encoded("PNG"))
    path = write("a.json", document("val/2017/a.jpg"))
    assert next(read(path, images=tmp_path / "pictures").contexts()).boxes == (PLACED,)
    write("pictures/val/2017/a.jpg", encoded("PNG", (80, 40)))
    assert read(path, images=tmp_path / "pictures").size(0) == (80, 40)


def bomb(width: int, height: int) -> bytes:
    """A PNG's header that promises so many pixels, and no more."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


BROKEN: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "one byte": b"\x89",
    "text": b"this is no picture",
    "a web page": b"<!DOCTYPE html><html><body>404</body></html>",
    "JSON": b"{}",
    **{f"a cut {kind}": encoded(kind)[:9] for kind in FORMATS},
    "a bomb": bomb(999_999, 999_999),
    "too wide": bomb(10**6, 10),
    "of no width": bomb(0, 10),
    "beyond all": bomb(2**31 - 1, 2**31 - 1),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_gives_no_size_leaves_the_box_out_and_is_counted(what: str, write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    data = BROKEN[what]
    if data is not None:
        write("pictures/a.jpg", data)
    assert sizes_in(folder)("a.jpg") is None
    found = read(write("a.json", document()), images=folder)
    [context] = found.contexts()
    assert (context.width, context.height, context.boxes) == (None, None, ())
    assert odd(found) == {"no-image-size": 1, "no-box": 1}


def test_a_folder_in_a_pictures_place_is_no_picture(write: Write, tmp_path: Path) -> None:
    (tmp_path / "pictures" / "a.jpg").mkdir(parents=True)
    assert odd(read(write("a.json", document()), images=tmp_path / "pictures")) == {"no-image-size": 1, "no-box": 1}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_cut_anywhere_gives_its_size_or_none(kind: str, write: Write, tmp_path: Path) -> None:
    whole = encoded(kind)
    found = set()
    for length in range(len(whole) + 1):
        write("a.jpg", whole[:length])
        found.add(sizes_in(tmp_path)("a.jpg"))
    assert found == {None, (40, 20)}


def test_a_size_that_the_file_tells_is_not_looked_up(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_size", lambda path: pytest.fail(f"{path} was opened"))
    found = read(write("a.json", document(width=40, height=20)), images=tmp_path)
    assert next(found.contexts()).boxes == (PLACED,)
    assert odd(found) == {}


@pytest.mark.parametrize("name", ["../a.jpg", "b/../../a.jpg", "..", "b\\..\\..\\a.jpg", "\x00", None])
def test_a_name_that_climbs_is_never_opened(
    name: Any, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.jpg", encoded("PNG"))
    (tmp_path / "pictures").mkdir()
    monkeypatch.setattr(pictures, "_size", lambda path: pytest.fail(f"{path} was opened"))
    found = read(write("a.json", document(name)), images=tmp_path / "pictures")
    assert len(found) == 0
    assert odd(found) == {"unsafe-file-name": 1, "gone-with-image": 2}


def test_of_an_absolute_name_only_the_last_part_is_opened(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(pictures, "_size", lambda path: opened.append(path))
    read(write("a.json", document(str(write("a.jpg", encoded("PNG"))))), images=tmp_path)
    assert opened == [tmp_path / "a.jpg"]


@pytest.mark.parametrize("name", ["none", "a.json"])
def test_pictures_in_no_folder_are_refused(name: str, write: Write, tmp_path: Path) -> None:
    path = write("a.json", document())
    with pytest.raises(InputError, match="there is no such folder of pictures") as caught:
        read(path, images=tmp_path / name)
    assert caught.value.file == str(tmp_path / name)
    assert "--images" in caught.value.hint


# Sizes of another file


@pytest.mark.parametrize("turned", [False, True])
def test_a_size_that_another_file_tells_places_the_boxes(turned: bool, write: Write, tmp_path: Path) -> None:
    bare = write("bare.json", document())
    sized = write("sized.json", {"images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 20}],
                                 "annotations": []})  # fmt: skip
    write("a.jpg", encoded("PNG", (7, 7)))
    for images in (None, tmp_path):
        found = read(*((bare, sized)[:: -1 if turned else 1]), images=images)
        assert next(found.contexts()).boxes == (PLACED,)
        assert odd(found) == {}


def test_boxes_are_placed_by_their_own_files_size(write: Write) -> None:
    first = write("a.json", document(width=400, height=200))
    second = document(width=40, height=20)
    second["annotations"][0]["category_id"] = 2
    second["categories"] = [{"id": 2, "name": "cat"}]
    second["annotations"].pop()
    found = read(first, write("b.json", second))
    [context] = found.contexts()
    assert context.boxes == (("dog", 0.025, 0.025, 0.075, 0.075), ("cat", *PLACED[1:]))
    assert (context.width, context.height) == (400, 200)
    assert odd(found) == {"sizes-differ": 1}


# Crowds


@pytest.mark.parametrize("crowd", [1, True, 1.0, "1", "true", " Yes "])
@pytest.mark.parametrize("asked", ["keep", "drop", "group"])
def test_a_crowd_is_kept_left_out_or_named_as_a_group(crowd: Any, asked: Any, write: Write) -> None:
    told = document(width=40, height=20)
    told["annotations"].append({**told["annotations"][0], "id": 3, "bbox": [0, 0, 40, 20], "iscrowd": crowd})
    path = write("a.json", told)
    found = read(path, crowd=asked)
    [context] = found.contexts()
    whole = (0.0, 0.0, 1.0, 1.0)
    assert (
        context.boxes
        == {
            "keep": (PLACED, ("dog", *whole)),
            "drop": (PLACED,),
            "group": (PLACED, ("dog (group)", *whole)),
        }[asked]
    )
    assert odd(found) == {"keep": {}, "drop": {"crowd-left-out": 1}, "group": {"crowd-grouped": 1}}[asked]
    for oddity in found.census:
        assert oddity.example == f"{path}: $.annotations[2]: a region of a crowd"


@pytest.mark.parametrize("crowd", [0, False, None, "0", "false", "", 2, [1], {}])
@pytest.mark.parametrize("asked", ["drop", "group"])
def test_what_is_no_crowd_stays(crowd: Any, asked: Any, write: Write) -> None:
    told = document(width=40, height=20)
    told["annotations"][0]["iscrowd"] = crowd
    found = read(write("a.json", told), crowd=asked)
    assert next(found.contexts()).boxes == (PLACED,)
    assert odd(found) == {}


# What four numbers mean


def four(*boxes: list[float]) -> dict[str, Any]:
    """Images of 40 x 20 with a box each."""
    return {
        "images": [{"id": n, "file_name": f"{n}.jpg", "width": 40, "height": 20} for n, _ in enumerate(boxes)],
        "annotations": [{"id": n, "image_id": n, "category_id": 1, "bbox": box} for n, box in enumerate(boxes)],
        "categories": [{"id": 1, "name": "dog"}],
    }


def test_boxes_that_look_like_corners_are_told_and_taken_as_such_when_asked(write: Write) -> None:
    path = write("a.json", four([10, 5, 30, 15], [30, 10, 40, 20], [1, 1, 2, 2]))
    found = read(path)
    assert odd(found)["corner-like-boxes"] == 3
    told = next(oddity for oddity in found.census if oddity.name == "corner-like-boxes")
    assert told.example == f"{path}: $.annotations[0]: [10.0, 5.0, 30.0, 15.0]"
    assert next(found.contexts()).boxes == (("dog", 0.25, 0.25, 1.0, 1.0),)
    asked = read(path, boxes="xyxy")
    assert [box[1:] for image in asked.contexts() for box in image.boxes] == [
        (0.25, 0.25, 0.75, 0.75), (0.75, 0.5, 1.0, 1.0), (0.025, 0.05, 0.05, 0.1),
    ]  # fmt: skip
    assert odd(asked) == {"no-caption": 3}
    assert "corner-like-boxes" not in odd(read(write("b.json", four([10, 5, 20, 10], [0, 0, 40, 20]))))


def test_shares_are_told_and_pixels_of_one_are_not_taken_for_them(write: Write) -> None:
    found = read(write("a.json", four([0.25, 0.25, 0.5, 0.5], [0.0, 0.0, 1.0, 1.0])))
    assert next(found.contexts()).boxes == (PLACED,)
    assert odd(found) == {"normalized-boxes": 2, "no-caption": 2}
    asked = read(write("b.json", four([0.25, 0.25, 0.5, 0.5])), boxes="xywh")
    assert next(asked.contexts()).boxes == (("dog", 0.006, round(0.0125, 3), 0.019, round(0.0375, 3)),)
    assert odd(asked) == {"no-caption": 1}


def test_lines_are_corners_whatever_they_look_like(write: Write) -> None:
    entry = {"image": "a.jpg", "width": 40, "height": 20, "boxes": [["dog", 10, 5, 30, 15]]}
    found = read(write("a.jsonl", json.dumps(entry)))
    assert next(found.contexts()).boxes == (PLACED,)
    assert odd(found) == {"no-caption": 1}
