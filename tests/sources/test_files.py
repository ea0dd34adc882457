"""Which files a command line means: each once and in order; what cannot be had is refused with what is there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.annotations.index import index
from datagen.errors import InputError
from datagen.sources import window
from datagen.sources.files import Source, find, sha256
from tests.refused import refusal

Write = Callable[[str, Any], Path]

TEXT = json.dumps(
    {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 10}],
        "annotations": [{"id": 1, "image_id": 1, "caption": "One."}],
    }
)


# Files that cannot be had


def test_a_missing_file_is_refused_with_what_is_there(load: Any, write: Write) -> None:
    missing = write("captions_val.json", TEXT).with_name("caption_val.json")
    write("instances.json.gz", TEXT)
    write("notes.txt", "x")
    error = refusal(missing, load)
    assert error.cause == "there is no such file or folder"
    assert "captions_val.json, instances.json.gz" in error.hint
    assert "notes.txt" not in error.hint


def test_a_missing_file_in_a_folder_without_annotations_has_a_hint_too(load: Any, tmp_path: Path) -> None:
    assert "give files" in refusal(tmp_path / "a.json", load).hint


def test_a_missing_folder_is_named(load: Any, tmp_path: Path) -> None:
    assert f"there is no folder {tmp_path / 'none'} either" in refusal(tmp_path / "none" / "a.json", load).hint


def test_a_broken_link_is_a_missing_file(load: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "gone.json")
    assert "there is no such file" in refusal(tmp_path / "a.json", load).cause


@pytest.mark.parametrize(
    ("name", "cause"),
    [('{"images": [], "annotations": []}' * 100, "cannot be read: File name too long"), ("a\x00.json", "null byte")],
)
def test_a_name_that_no_file_can_have_is_refused(name: str, cause: str, load: Any) -> None:
    with pytest.raises(InputError) as caught:
        load(Path(name))
    assert cause in caught.value.cause
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("others", [(), ("readme.txt", "a.jsonl.zip", "sub/a.json", "image.jpg", ".a.json")])
def test_a_folder_without_json_is_refused(others: tuple[str, ...], load: Any, write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for name in others:
        write(f"d/{name}", "x")
    assert refusal(folder, load).cause == "holds no .json or .jsonl file, plain or .gz"


def test_a_folder_named_like_a_file_is_not_read_as_one(load: Any, write: Write) -> None:
    folder = write("d/a.json/b.txt", "x").parents[1]
    assert refusal(folder, load).cause == "holds no .json or .jsonl file, plain or .gz"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(load: Any, write: Write) -> None:
    path = write("a.json", TEXT)
    path.chmod(0)
    assert refusal(path, load).cause == "cannot be read: Permission denied"


def fail(*_: Any, **__: Any) -> None:
    raise OSError(5, "Input/output error")


def found_and_read(path: Path) -> Any:
    return index(find([path]))


@pytest.mark.parametrize("reading", [found_and_read, sha256])
def test_a_file_that_cannot_be_opened_is_refused(
    reading: Callable[[Path], Any], write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a.json", TEXT)
    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(InputError) as caught:
        reading(path)
    assert str(caught.value) == f"{path}: cannot be read: Input/output error"


@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_a_file_that_fails_while_it_is_read_is_refused(
    name: str, load: Any, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(name, TEXT)
    monkeypatch.setattr(window._Hashed, "readinto", fail)
    assert refusal(path, load).cause == "cannot be read: Input/output error"


# Folders and named files


LINES = '{"image": "a.jpg", "captions": ["One."]}\n{"image": "b.jpg", "captions": ["Two."]}\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", LINES),
        ("a.JSONL.gz", LINES),
        ("a.json", LINES),
        ("a.json", "[" + LINES.strip().replace("\n", ",") + "]"),
        ("a.jsonl", "\ufeff" + LINES.strip().replace("\n", "\r\n\r\n")),
    ],
)
def test_pictures_in_lines_or_a_list_are_read(name: str, content: str, load: Any, write: Write) -> None:
    images, census = load(write(name, content))
    assert [(image.file_name, *image.captions) for image in images] == [("a.jpg", "One."), ("b.jpg", "Two.")]
    assert {oddity.name for oddity in census} == {"no-box"}


def test_a_bad_line_is_counted_where_it_stands_and_a_cut_one_too(load: Any, write: Write) -> None:
    path = write("a.jsonl", LINES + "oops\n" + LINES[:20])
    images, census = load(path)
    [bad] = [oddity for oddity in census if oddity.name == "bad-record"]
    assert (len(images), bad.number, bad.example) == (2, 2, f"{path}: line 3: oops")


@pytest.mark.parametrize(
    ("name", "content", "place", "cause"),
    [
        ("a.jsonl", '{"id": 1}\n', "line 1", "no line speaks of a picture"),
        ("a.jsonl", "[]", "line 1", "no line speaks of a picture"),
        ("a.jsonl", "", "", "the file is empty"),
        ("a.json", [{"id": 1}], "$", "a list stands at the top, not an object"),
        ("a.json", '[{"image": "a.jpg", "captions": ["One."]},\n{"image": "b.jpg", "cap', "line 2, column ", "ends in"),
        ("a.json", '[{"image": "a.jpg", "captions": ["One."]},\n oops]', "line 2, column 2", "not JSON: "),
        ("a.json", '[{"image": "a.jpg", "captions": ["One."]}]\n[]', "line 2, column 1", "more text follows"),
    ],
)
def test_bad_lines_and_lists_are_refused_with_file_place_and_cause(
    name: str, content: Any, place: str, cause: str, load: Any, write: Write
) -> None:
    error = refusal(write(name, content), load)
    assert error.place.startswith(place)
    assert cause in error.cause
    assert error.hint or not place


@pytest.mark.parametrize("content", [{"info": {}}, [], {"images": 1, "annotations": []}, None])
def test_what_a_folder_may_hold_is_refused_when_it_is_named(content: Any, load: Any, write: Write) -> None:
    other = write("d/other.json", content)
    write("d/good.json", TEXT)
    images, census = load(other.parent)
    assert (len(images), census["not-coco"]) == (1, 1)
    assert refusal(other, load).place.startswith("$")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_file_that_is_named_beside_its_folder_counts_as_named(order: tuple[int, int], write: Write) -> None:
    other = write("d/other.json", {"info": {}})
    both = [other, other.parent]
    assert find([both[i] for i in order]) == [Source(other, named=True)]


def test_a_folder_with_nothing_but_other_json_is_refused(load: Any, write: Write) -> None:
    first, second = write("d/a.json", []), write("d/b.json", {"x": 1})
    with pytest.raises(InputError, match="no COCO-style annotations in there") as caught:
        load(first.parent)
    assert caught.value.file == f"{first}, {second}"


def test_broken_json_in_a_folder_is_refused_and_not_passed_over(load: Any, write: Write) -> None:
    bad = write("d/a.json", TEXT[:60])
    write("d/b.json", TEXT)
    with pytest.raises(InputError) as caught:
        load(bad.parent)
    assert caught.value.file == str(bad)


def test_files_are_found_in_the_order_given_and_a_folders_by_name(write: Write) -> None:
    b, c, a, z = (write(name, TEXT) for name in ("d/b.json", "d/c.json.gz", "d/a.json", "z.json"))
    found = find([z, a.parent])
    assert [(source.path, source.named) for source in found] == [(z, True), (a, False), (b, False), (c, False)]


def test_two_links_to_one_file_are_one_file(write: Write, tmp_path: Path) -> None:
    path = write("a.json", TEXT)
    (tmp_path / "b.json").symlink_to(path)
    assert [source.path for source in find([path, tmp_path / "b.json"])] == [path]


def test_a_hostile_file_name_is_shown_harmless(load: Any, write: Write) -> None:
    with pytest.raises(InputError) as caught:
        load(write("a\x1b[31m\n\u202e.json", "{"))
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


def test_sha256_is_that_of_the_bytes_on_disk(write: Write) -> None:
    path = write("a.json.gz", TEXT)
    assert sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_sha256_of_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        sha256(tmp_path / "a.json")


def test_a_pipe_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(InputError, match="no regular file"):
        find([tmp_path / "pipe.json"])


def test_what_macos_leaves_beside_a_file_is_passed_over(write: Write) -> None:
    good = write("d/a.json", TEXT)
    (good.parent / "._a.json").write_bytes(b"\x00\x05\x16\x07\xff")
    assert find([good.parent]) == [Source(good, named=False)]
