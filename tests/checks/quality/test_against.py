"""Benchmarks in whatever form they come, and the records that are in them."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.checks.examples import record
from datagen.checks.quality.against import picture, read_against
from datagen.checks.quality.options import Options
from datagen.errors import InputError
from tests.checks.quality.seeing import numbers, seen

QUESTION = "What potential factors could make these two old brown suitcases valuable?"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("COCO_val2014_000000397133.jpg", "coco 397133"),
        ("val2017/000000397133.jpg", "coco 397133"),
        ("coco\\train2017\\000000397133.jpg", "coco 397133"),
        ("000000397133", "coco 397133"),
        ("vg/VG_100K/2397133.jpg", "vg_100k/2397133.jpg"),
        ("gqa/images/397133.jpg", "images/397133.jpg"),
        ("textvqa/train_images/0054c91397f2fe05.jpg", "0054c91397f2fe05.jpg"),
        ("a/12/image.png", "12/image.png"),
        ("image.png", "image.png"),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_what_a_picture_is_known_by(name: Any, known: str) -> None:
    assert picture(name) == known


@settings(deadline=None)
@given(st.text())
def test_any_name_has_some_key(name: str) -> None:
    assert isinstance(picture(name), str)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


OBJECTS = [
    {"question_id": 1, "image": "000000441147.jpg", "text": QUESTION},
    {"question_id": 2, "image": "000000000009.jpg", "text": "What color is it?"},
    {
        "question_id": 3,
        "image": "000000000009.jpg",
        "text": "Analyze the image in a comprehensive and detailed manner.",
    },
    {
        "question_id": 4,
        "image": "000000000009.jpg",
        "text": "What is the one thing that all of these pictures share now?",
    },
    {
        "question_id": 5,
        "image": "000000000012.jpg",
        "text": "What is the one thing that all of these pictures share now?",
    },
]
COCO = {
    "info": {"year": 2014},
    "images": [{"id": 9, "file_name": "COCO_val2014_000000000009.jpg"}],
    "annotations": [{"id": 1, "image_id": 12, "caption": "A dog.", "bbox": [1, 2, 3, 4]}],
    "categories": [{"id": 1, "name": "dog", "synonyms": ["dog1"]}],
}


@pytest.mark.parametrize(
    ("name", "text", "pictures"),
    [
        ("qa.jsonl", "\n".join(map(json.dumps, OBJECTS)), {"coco 441147", "coco 9", "coco 12"}),
        ("qa.json.gz", json.dumps(OBJECTS), {"coco 441147", "coco 9", "coco 12"}),
        ("nested.json", json.dumps({"data": {"test": OBJECTS}}, indent=1), {"coco 441147", "coco 9", "coco 12"}),
        ("coco.json", json.dumps(COCO), {"coco 9", "coco 12"}),
        ("coco.indented.json", json.dumps(COCO, indent=1), {"coco 9", "coco 12"}),
        ("ids.json", "[9, 12, 441147]", {"coco 9", "coco 12", "coco 441147"}),
        ("splits.json", json.dumps({"val": [9], "test": ["12"]}), {"coco 9", "coco 12"}),
        ("splits.indented.json", json.dumps({"val": [9], "test": ["12"]}, indent=1), {"coco 9", "coco 12"}),
        (
            "ids.txt",
            "9\n\n000000000012\nval2014/COCO_val2014_000000441147.jpg 7\n",
            {"coco 9", "coco 12", "coco 441147"},
        ),
        ("chat.json", json.dumps([record(f"<image>\n{QUESTION}", image="000000000009.jpg")]), {"coco 9"}),
    ],
)
def test_benchmarks_as_they_come(tmp_path: Path, name: str, text: str, pictures: set[str]) -> None:
    found = read_against([written(tmp_path, name, text)])
    assert found.against == pictures
    assert found.questions == ({QUESTION.lower()} if QUESTION in text else set())


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "no picture"),
        ('{"question_id": 0, "text": "an answer"}', "no picture"),
        ("[1, 2", "ends in the middle"),
        ('{"image": "a1.jpg"}\n{"image": \n', "line 2"),
        ('{\n"a": [1]\n} {}', "more text"),
        ("\0\0\0", "no text"),
    ],
)
def test_what_is_no_benchmark_is_refused(tmp_path: Path, text: str, cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        read_against([written(tmp_path, "x.json", text)])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_against([tmp_path / "x.json"])


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"{{{text}}}".encode("utf-8", "replace")))
def test_whatever_stands_there_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "wild.json"
    path.write_bytes(content)
    with suppress(InputError):
        found = read_against([path])
        assert found.against or found.questions or found == Options()


def test_records_of_a_benchmark_s_pictures_and_questions(tmp_path: Path) -> None:
    options = read_against([written(tmp_path, "qa.jsonl", "\n".join(map(json.dumps, OBJECTS)))])
    file = [
        record(image="train2014/COCO_train2014_000000441147.jpg"),
        record(image=["a.jpg", "coco/000000000009.jpg"]),
        record(image={"path": "000000000012.jpg"}),
        {"messages": [{"role": "user", "content": [{"type": "image", "image": "file:///a/000000000012.jpg"}]}]},
        record(image="vg/441147.jpg"),
        record(f"{QUESTION}\n<image>", image=...),
        record(f"<image>\n{QUESTION}", image="a.jpg"),
        record("<image>\nAnalyze the image in a comprehensive and detailed manner.", image="a.jpg"),
    ]
    assert numbers(seen("Q010", file, options)) == [0, 1, 2, 3]
    (found,) = seen("Q011", file, options)
    assert found.number == 5
    assert "2 times" in found.seen.message


def test_without_a_benchmark_nothing_is_said() -> None:
    assert not seen("Q010", [record()], Options())
    assert not seen("Q011", [record()], Options())
