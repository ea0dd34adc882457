"""Files of training data read in batches: every record once, with the place where it stands."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from datagen.checks.examples import record
from datagen.errors import InputError
from datagen.records.reading import Batch, read
from datagen.rules import Wishes
from datagen.schema import Hit
from datagen.sources.files import Source
from datagen.validation import validate

RECORDS = [
    record(id=f"a-{at}", answer=f"It is {at}. " + "Many words, as there are. " * 12 + "</s>" * (at % 97 == 5))
    for at in range(4000)
]
"""More than a megabyte: several slices."""
WRITTEN = {
    "array.json": lambda: json.dumps(RECORDS),
    "one-a-line.json": lambda: "[\n" + ",\n".join(map(json.dumps, RECORDS)) + "\n]\n",
    "pretty.json": lambda: json.dumps(RECORDS, indent=2),
    "marked.json": lambda: "\ufeff\n\n" + json.dumps(RECORDS, indent=1),
    "held.json": lambda: json.dumps({"version": [1], "data": RECORDS, "more": {"data": []}}, indent=1),
    "lines.jsonl": lambda: "\n".join(map(json.dumps, RECORDS)),
    "blank.jsonl": lambda: "\r\n\r\n \r\n".join(map(json.dumps, RECORDS)) + "\r\n",
    "marked.jsonl": lambda: "\ufeff" + "\n\n".join(map(json.dumps, RECORDS)),
}


def batches(path: Path) -> list[Batch]:
    return list(read(Source(path, named=True)))


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("zipped", [False, True])
def test_every_record_comes_once_and_in_order(tmp_path: Path, name: str, zipped: bool) -> None:
    path, data = tmp_path / name, WRITTEN[name]().encode()
    path.write_bytes(gzip.compress(data, 1) if zipped else data)
    found = batches(path)
    assert len(found) > 1
    assert [json.loads(text) for batch in found for text in batch.records()] == RECORDS
    assert [batch.number for batch in found] == [
        sum(len(earlier.records()) for earlier in found[:at]) for at in range(len(found))
    ]
    assert {batch.held for batch in found} == {name == "held.json"}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("jobs", [1, 2])
def test_findings_stand_where_they_are_said_to_stand(tmp_path: Path, name: str, jobs: int) -> None:
    path, text = tmp_path / name, WRITTEN[name]()
    path.write_bytes(text.encode())
    hits: list[Hit] = []
    wished = Wishes(select=("S001",), target=("llava",))
    validate([Source(path, named=True)], wished, lambda hit: hits.append(hit) or True, jobs=jobs)
    lines = text.split("\n")
    assert [hit.number for hit in hits] == [at for at in range(len(RECORDS)) if at % 97 == 5]
    for hit in hits:
        assert hit.line is not None
        assert hit.number is not None
        assert hit.id == RECORDS[hit.number]["id"]
        assert hit.place == f"[{hit.number}].conversations[1].value"
        assert f'"{hit.id}"' in lines[hit.line - 1] + (lines[hit.line] if hit.line < len(lines) else "")


def test_records_are_told_by_their_own_text() -> None:
    array = b'[{"a": "}, {"} ,\n {"b": [1, {"c": 2}]},3, null ]'
    assert Batch(0, array, 0, 0, False).records() == [b'{"a": "}, {"}', b'{"b": [1, {"c": 2}]}', b"3", b"null"]
    unsound = b'[{"a": NaN}, [Infinity] , "x"]'
    assert Batch(0, unsound, 0, 0, False).records() == [b'{"a": NaN}', b"[Infinity]", b'"x"']
    assert Batch(0, b'{"a": 1}\r\n\n \nbroken\n3', 1, 0, True).records() == [b'{"a": 1}\r', b"broken", b"3"]


@pytest.mark.parametrize("content", ['{\n"a": []}', "{", "hello", '[{"a": 1}] []', '{"data": [{}]} x', '{"data": [{}]'])
def test_what_holds_no_records_is_refused_with_its_place(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        batches(path)
    assert caught.value.file == str(path)
    assert caught.value.place or "members" in caught.value.cause


def test_cuts_at_any_byte_lose_no_line_before_them(tmp_path: Path) -> None:
    text = "\n".join(map(json.dumps, RECORDS[:6])).encode()
    dice = random.Random(3)
    for cut in dice.sample(range(1, len(text)), 60):
        (tmp_path / "a.jsonl").write_bytes(text[:cut])
        try:
            found: list[Any] = [each for batch in batches(tmp_path / "a.jsonl") for each in batch.records()]
        except InputError:
            assert text.find(b"\n") >= cut - 1, "only where the first line is cut"
            continue
        assert found == [line for line in text[:cut].split(b"\n") if line]
