"""Each bad file is refused with its name, the place and the cause; what else a folder holds is passed over."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.annotations.files import Source, find, read, sha256
from datagen.errors import InputError

Write = Callable[[str, Any], Path]

GOOD = {
    "images": [{"id": 1, "file_name": "a\u00e9.jpg", "width": 10, "height": 10}],
    "annotations": [{"id": 1, "image_id": 1, "caption": 'Caf\u00e9 "\u2603"', "score": -1.5e3, "iscrowd": True}],
}
TEXT = json.dumps(GOOD)
PACKED = gzip.compress(TEXT.encode())


def refusal(path: Path, load: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        load(path)
    assert caught.value.file == str(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return caught.value


def loaded_or_refusal(path: Path, load: Any) -> Any:
    try:
        return load(path)
    except InputError as error:
        return error


BAD: dict[str, tuple[Any, str, str]] = {  # what is wrong: content, place, cause
    "truncated": (TEXT[:60], "line 1, column ", "the JSON ends in the middle"),
    "truncated in a string": (TEXT[: TEXT.index("file_name") + 4], "line 1, column ", "the JSON ends in the middle"),
    "truncated after a comma": ('{"images": [],\n', "line 2, column 1", "the JSON ends in the middle"),
    "only a BOM": (b"\xef\xbb\xbf", "line 1, column 1", "the JSON ends in the middle"),
    "not JSON": ('{"images": [],\n"annotations": oops}', "line 2, column 16", "not JSON: expecting value"),
    "single quotes": ("{'images': []}", "line 1, column 2", "not JSON: expecting property name"),
    "a web page": ("<!DOCTYPE html><html></html>", "line 1, column 1", "not JSON: expecting value"),
    "JSON lines": ('{"images": []}\n{"images": []}', "line 2, column 1", "more text follows after the JSON"),
    "empty": (b"", "", "the file is empty"),
    "blank": (" \n\t\n", "", "the file is empty"),
    "a list": ("[]", "$", "a list stands at the top, not an object"),
    "a number": ("3", "$", "a number stands at the top, not an object"),
    "null": ("null", "$", "null stands at the top, not an object"),
    "true": ("true", "$", "true or false stands at the top, not an object"),
    "text": ('"COCO"', "$", "a text stands at the top, not an object"),
    "no images": ({"annotations": []}, "$.images", "there is no 'images'"),
    "no annotations": ({"images": []}, "$.annotations", "there is no 'annotations'"),
    "no keys": ({}, "$.images", "there is no 'images'"),
    "images of another type": ({"images": {}, "annotations": []}, "$.images", "object stands here, not a list"),
    "annotations of another type": ({"images": [], "annotations": "x"}, "$.annotations", "a text stands here"),
    "annotations null": ({"images": [], "annotations": None}, "$.annotations", "null stands here, not a list"),
    "Latin-1": (TEXT.replace("\\u00e9", "\u00e9").encode("latin-1"), "offset 37", "byte 0xe9 is not UTF-8"),
    "UTF-16": (TEXT.encode("utf-16"), "offset 0", "byte 0xff is not UTF-8"),
    "UTF-16 without BOM": (TEXT.encode("utf-16-le"), "line 1, column 2", "not JSON: "),
    "UTF-32": (TEXT.encode("utf-32-be"), "line 1, column 1", "not JSON: "),
    "a picture": (b"\x89PNG\r\n\x1a\n", "offset 0", "byte 0x89 is not UTF-8"),
    "a NUL": (TEXT.replace("score", "sc\x00re"), "line 1, column ", "not JSON: invalid control character"),
    "a number of 5000 digits": ('{"images": [%s], "annotations": []}' % ("9" * 5000), "", "thousands of digits"),
    "100000 lists deep": ('{"images": %s' % ("[" * 100_000), "", "nested too deeply"),
    "100000 objects deep": ('{"a":' * 100_000, "", "nested too deeply"),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_a_bad_file_is_refused_with_file_place_and_cause(what: str, name: str, load: Any, write: Write) -> None:
    content, place, cause = BAD[what]
    if name.endswith(".gz") and isinstance(content, bytes):
        content = gzip.compress(content)
    error = refusal(write(name, content), load)
    assert error.place.startswith(place)
    assert bool(error.place) == bool(place)
    assert cause in error.cause


@pytest.mark.parametrize("what", [what for what, (_, place, _) in BAD.items() if place])
def test_a_fault_with_a_place_comes_with_a_hint(what: str, load: Any, write: Write) -> None:
    assert refusal(write("a.json", BAD[what][0]), load).hint


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_beside_good_ones(what: str, load: Any, write: Write) -> None:
    bad = write("bad.json", BAD[what][0])
    with pytest.raises(InputError) as caught:
        load(write("good.json", TEXT), bad, write("last.json", TEXT))
    assert caught.value.file == str(bad)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (PACKED[:-20], "damaged gzip: "),
        (PACKED[:-4], "damaged gzip: "),
        (PACKED[:12], "damaged gzip: "),
        (PACKED[:3], "damaged gzip: "),
        (b"\x1f\x8b", "damaged gzip: "),
        (PACKED[:40] + bytes([PACKED[40] ^ 0xFF]) + PACKED[41:], "damaged gzip: "),
        (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "damaged gzip: CRC check failed"),
        (PACKED + b"junk", "damaged gzip: Not a gzipped file"),
        (b"\x1f\x8b\x09" + PACKED[3:], "damaged gzip: Unknown compression method"),
        (gzip.compress(b""), "the file is empty"),
        (gzip.compress(PACKED), "byte 0x8b is not UTF-8"),
    ],
)
def test_a_damaged_gzip_is_refused(content: bytes, cause: str, load: Any, write: Write) -> None:
    assert cause in refusal(write("a.json.gz", content), load).cause


def test_a_file_that_only_claims_to_be_gzip_is_refused_as_what_it_is(load: Any, write: Write) -> None:
    assert "not JSON" in refusal(write("a.json.gz", b"PK\x03\x04"), load).cause


@pytest.mark.parametrize(("name", "whole"), [("json", TEXT.encode()), ("json.gz", PACKED)])
def test_a_file_cut_anywhere_is_refused(name: str, whole: bytes, load: Any, write: Write) -> None:
    for length in range(1, len(whole)):
        refusal(write(f"cut-at-{length}.{name}", whole[:length]), load)


@settings(deadline=None, max_examples=150)
@given(at=st.integers(0, len(TEXT) - 1), byte=st.binary(min_size=1, max_size=3), packed=st.booleans())
def test_a_damaged_byte_gives_contexts_or_an_input_error(
    at: int, byte: bytes, packed: bool, tmp_path_factory: pytest.TempPathFactory, load: Any
) -> None:
    whole = PACKED if packed else TEXT.encode()
    at = at % len(whole)
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    path.write_bytes(whole[:at] + byte + whole[at + 1 :])
    outcome = loaded_or_refusal(path, load)
    if isinstance(outcome, InputError):
        assert outcome.file == str(path)
    else:
        assert len(outcome[0]) <= 1


@pytest.mark.parametrize(
    "around",
    [
        '{"images": [%s], "annotations": []}',
        '{"images": [], "annotations": [%s]}',
        '{"images": [{"id": 1, "file_name": %s}], "annotations": []}',
        '{"images": [{"id": 1, "file_name": "a", "width": 9, "height": 9}], "categories": [{"id": 1, "name": "c"}],'
        ' "annotations": [{"image_id": 1, "category_id": 1, "bbox": %s}]}',
    ],
)
def test_what_is_nested_so_that_it_can_just_be_read_can_be_reported(around: str, load: Any, write: Write) -> None:
    outcomes = set()
    for depth in range(850, 1000):
        path = write(f"deep-{depth}.json", around % ("[" * depth + "]" * depth))
        outcome = loaded_or_refusal(path, load)
        if isinstance(outcome, InputError):
            assert "nested too deeply" in outcome.cause
        else:
            assert sum(oddity.number for oddity in outcome[1] if not oddity.name.startswith("no-")) == 1
        outcomes.add(type(outcome))
    if sys.version_info < (3, 12):  # later ones count C's nesting apart, and allow more of it
        assert outcomes == {InputError, tuple}


def test_the_offset_of_a_bad_byte_counts_from_the_start_of_the_file(load: Any, write: Write) -> None:
    assert refusal(write("a.json", b'\xef\xbb\xbf{"a": "\xff"}'), load).place == "offset 10"


@pytest.mark.parametrize("content", [TEXT.encode("utf-8-sig"), b"\n " + TEXT.encode() + b"\n\n", PACKED + b"\0" * 9])
def test_bom_white_space_and_gzip_padding_do_no_harm(content: bytes, load: Any, write: Write) -> None:
    [image], _ = load(write("a.json", content))
    assert image.captions == ('Caf\u00e9 "\u2603"',)


def test_utf8_and_escapes_are_the_same(load: Any, write: Write) -> None:
    plain = write("a.json", json.dumps(GOOD, ensure_ascii=False))
    assert load(plain)[0] == load(write("b.json", TEXT))[0]


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
    assert "give annotation files" in refusal(tmp_path / "a.json", load).hint


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


@pytest.mark.parametrize("others", [(), ("readme.txt", "a.JSONL", "sub/a.json", "image.jpg")])
def test_a_folder_without_json_is_refused(others: tuple[str, ...], load: Any, write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for name in others:
        write(f"d/{name}", "x")
    assert refusal(folder, load).cause == "holds no .json or .json.gz file"


def test_a_folder_named_like_a_file_is_not_read_as_one(load: Any, write: Write) -> None:
    folder = write("d/a.json/b.txt", "x").parents[1]
    assert refusal(folder, load).cause == "holds no .json or .json.gz file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(load: Any, write: Write) -> None:
    path = write("a.json", TEXT)
    path.chmod(0)
    assert refusal(path, load).cause == "cannot be read: Permission denied"


@pytest.mark.parametrize("reading", ["read_bytes", "open"])
def test_a_file_that_fails_while_it_is_read_is_refused(
    reading: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(5, "Input/output error")

    path = write("a.json", TEXT)
    monkeypatch.setattr(Path, reading, fail)
    with pytest.raises(InputError) as caught:
        read(Source(path, named=True)) if reading == "read_bytes" else sha256(path)
    assert str(caught.value) == f"{path}: cannot be read: Input/output error"


# Folders and named files


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
