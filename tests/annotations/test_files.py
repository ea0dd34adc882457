"""Each bad file is refused with its name, the place and the cause; what else a folder holds is passed over."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.errors import InputError
from tests.refused import refusal

Write = Callable[[str, Any], Path]

GOOD = {
    "images": [{"id": 1, "file_name": "a\u00e9.jpg", "width": 10, "height": 10}],
    "annotations": [{"id": 1, "image_id": 1, "caption": 'Caf\u00e9 "\u2603"', "score": -1.5e3, "iscrowd": True}],
}
TEXT = json.dumps(GOOD)
PACKED = gzip.compress(TEXT.encode(), mtime=0)


def loaded_or_refusal(path: Path, load: Any) -> Any:
    try:
        return load(path)
    except InputError as error:
        return error


DIGITS, DEEP = "9" * 5000, 100_000

BAD: dict[str, tuple[Any, str, str]] = {  # what is wrong: content, place, cause
    "truncated": (TEXT[:60], "line 1, column ", "the JSON ends in the middle"),
    "truncated in a string": (TEXT[: TEXT.index("file_name") + 4], "line 1, column ", "the JSON ends in the middle"),
    "truncated after a comma": ('{"images": [],\n', "line 2, column 1", "the JSON ends in the middle"),
    "truncated in a word": ('{"a": fal', "line 1, column 10", "the JSON ends in the middle"),
    "truncated in a number": ('{"a": -1.', "line 1, column 10", "the JSON ends in the middle"),
    "truncated in an exponent": ('{"a": 1.5e-', "line 1, column 12", "the JSON ends in the middle"),
    "only a BOM": (b"\xef\xbb\xbf", "line 1, column 1", "the JSON ends in the middle"),
    "not JSON": ('{"images": [],\n"annotations": oops}', "line 2, column 16", "not JSON: expecting value"),
    "single quotes": ("{'images': []}", "line 1, column 2", "not JSON: expecting a property name in double quotes"),
    "no quotes": ("{images: []}", "line 1, column 2", "not JSON: expecting a property name in double quotes"),
    "a number for a key": ('{"a": 1,\n 1: 2}', "line 2, column 2", "not JSON: expecting a property name"),
    "a comma too many": ('{"images": [],}', "line 1, column 15", "not JSON: expecting a property name"),
    "no colon": ('{"images" []}', "line 1, column 11", "not JSON: expecting ':'"),
    "no comma": ('{"images": []\n"a": 1}', "line 2, column 1", "not JSON: expecting ','"),
    "no comma between images": ('{"images": [{"id": 1}\n {"id": 2}]}', "line 2, column 2", "not JSON: expecting ','"),
    "a comma too many among images": ('{"images": [{"id": 1},\n ]}', "line 2, column 2", "not JSON: expecting "),
    "no value": ('{"images": [{"id": }]}', "line 1, column 20", "not JSON: expecting value"),
    "no images between commas": ('{"images": [,]}', "line 1, column 13", "not JSON: expecting "),
    "behind letters of many bytes": (
        '{"\u2603\u00e9\U0001f600": [],\n "\u2603": oops}',
        "line 2, column 7",
        "not JSON: expect",
    ),
    "behind a BOM": (b'\xef\xbb\xbf{"a": oops}', "line 1, column 7", "not JSON: expect"),
    "a fault inside an image": (
        '{"images": [\n{"id": 1},\n{"\u00e9": nul}]}',
        "line 3, column 7",
        "not JSON: expecting value",
    ),
    "the wrong bracket": ('{"images": [{"id": 1]}]}', "line 1, column 21", "not JSON: expecting ','"),
    "images twice": ('{"images": [],\n"images": []}', "line 2, column 11", "'images' stands twice"),
    "a web page": ("<!DOCTYPE html><html></html>", "line 1, column 1", "not JSON: expecting value"),
    "more after it": (TEXT + "\n" + TEXT, "line 2, column 1", "more text follows after the JSON"),
    "JSON lines": ('{"images": []}\n{"images": []}', "$.annotations", "there is no 'annotations'"),
    "JSON lines without pictures": ('{"id": 1, "caption": "a"}\n{"id": 2}', "$.images", "there is no 'images'"),
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
    "UTF-16": (TEXT.encode("utf-16"), "", "the text is UTF-16 or UTF-32, not UTF-8"),
    "UTF-16 without BOM": (TEXT.encode("utf-16-le"), "", "the text is UTF-16 or UTF-32, not UTF-8"),
    "UTF-32": (TEXT.encode("utf-32-be"), "", "the text is UTF-16 or UTF-32, not UTF-8"),
    "nothing but zeros": (bytes(4096), "line 1, column 1", "not JSON: expecting value"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "offset 0", "byte 0x89 is not UTF-8"),
    "a NUL": (TEXT.replace("score", "sc\x00re"), "line 1, column ", "not JSON: invalid control character"),
    "an image of 5000 digits": ('{"images": [' + DIGITS + "]}", "line 1, column 13", "of digits"),
    "an id of 5000 digits": (
        TEXT.replace('"image_id": 1', '"image_id": ' + DIGITS),
        "line 1, column ",
        "thousands of digits",
    ),
    "100000 lists, cut off": ('{"images": ' + "[" * DEEP, "line 1, column 100012", "the JSON ends in the middle"),
    "100000 objects, cut off": ('{"a":' * DEEP, "line 1, column 500001", "the JSON ends in the middle"),
    "100000 lists deep": ('{"images":\n' + "[" * DEEP + "]" * DEEP + "}", "line 2, column 2", "nested too deeply"),
    "an image 100000 deep": (
        '{"images": [' + '{"a":' * DEEP + "1" + "}" * DEEP + "]}",
        "line 1, column 13",
        "too deeply",
    ),
    "100000 lists at the top": ("[" * DEEP + "]" * DEEP, "line 1, column 2", "nested too deeply"),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_a_bad_file_is_refused_with_file_place_cause_and_hint(what: str, name: str, load: Any, write: Write) -> None:
    content, place, cause = BAD[what]
    if name.endswith(".gz") and isinstance(content, bytes):
        content = gzip.compress(content)
    error = refusal(write(name, content), load)
    assert error.place.startswith(place)
    assert bool(error.place) == bool(place)
    assert cause in error.cause
    assert error.hint or not place


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[pytest.mark.slow] if str(DEEP) in what else []) for what in BAD]
)
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
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (gzip.compress(PACKED, mtime=0), "byte 0x8b is not UTF-8"),
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


@settings(deadline=None, max_examples=60)
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
    for depth in range(850, 1000, 5):
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
