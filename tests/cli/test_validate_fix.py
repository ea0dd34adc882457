"""`datagen validate --fix` as its users meet it: what it writes, what it never does, and that it does it once."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.checks.base import CHECKS
from datagen.checks.examples import record
from tests.cli.test_validate import BAD, BLANK, GOOD, Write, codes, whole
from tests.program import Program


def test_a_mended_copy_is_checked_and_needs_no_more(cli: Program, write: Write) -> None:
    path = write("a.json", [*GOOD, BAD, BLANK])
    before = path.read_bytes()
    done = whole(cli("validate", path, "--fix", "b.json", "--format", "jsonl"), 0)
    assert "b.json: 2 (" in done.stderr
    assert "S001" not in codes(done)
    whole(cli("validate", "b.json", "--fix", "c.json"), 0)
    fixed = path.with_name("b.json").read_bytes()
    assert path.with_name("c.json").read_bytes() == fixed
    assert path.read_bytes() == before
    whole(cli("validate", "a.json", "--fix", "a.json"), 2)
    whole(cli("validate", "a.json", "--fix", "a.json", "--in-place"), 0)
    assert path.read_bytes() == fixed


def test_in_place_keeps_what_stands_beside_the_records(cli: Program, write: Write) -> None:
    path = write("a.json", {"license": "mine", "data": [BLANK]})
    before = path.read_bytes()
    assert "more beside them" in whole(cli("validate", path, "--fix", path, "--in-place"), 2).stderr
    assert path.read_bytes() == before
    whole(cli("validate", path, "--fix", "b.json"), 0)


def test_what_cannot_be_mended_is_dropped_with_its_reason(cli: Program, write: Write) -> None:
    path = write("a.jsonl", "\n".join(map(json.dumps, [*GOOD, record(id="lost", answer="")])))
    whole(cli("validate", path, "--fix", "b.jsonl"), 1)
    done = whole(cli("validate", path, "--fix", "b.jsonl", "--drop"), 0)
    assert "rejects.jsonl: 1 (" in done.stderr
    (line,) = map(json.loads, path.with_name("rejects.jsonl").read_text().splitlines())
    assert (line["number"], line["id"]) == (4, "lost")
    assert len(path.with_name("b.jsonl").read_text().splitlines()) == 4
    done = whole(cli("validate", path, "--fix", "rejects.jsonl", "--drop"), 2)
    assert "is where dropped records go" in done.stderr


def test_where_all_is_dropped_nothing_is_left_to_check(cli: Program, write: Write) -> None:
    done = whole(cli("validate", write("a.jsonl", json.dumps({"id": "b"})), "--fix", "b.jsonl", "--drop"), 0)
    assert "1 dropped" in done.stderr or "1 (no-dialogue 1) dropped" in done.stderr


def test_one_file_is_mended_at_a_time(cli: Program, write: Write) -> None:
    write("a.json", GOOD)
    write("b.json", GOOD)
    assert "one file at a time" in whole(cli("validate", "a.json", "b.json", "--fix", "c.json"), 2).stderr


def examples() -> list[Any]:
    """A file of each thing that some check speaks of."""
    kinds = ("record", "text", "trainer", "file")
    return [
        check.fails if check.kind == "file" else [*GOOD, check.fails]
        for check in CHECKS.values()
        if check.kind in kinds and not isinstance(check.fails, str)
    ]


@pytest.mark.parametrize("form", ["json", pytest.param("jsonl", marks=pytest.mark.slow)])
def test_nothing_mended_is_left_to_mend(tmp_path: Path, form: str) -> None:
    verdicts = []
    for number, records in enumerate(examples()):
        text = json.dumps(records) if form == "json" else "\n".join(map(json.dumps, records))
        path = tmp_path / f"{number}.{form}"
        path.write_text(text)
        verdicts.append(fixed_verdict(path))
    assert [verdict.fixable for verdict in verdicts] == [0] * len(verdicts)


def fixed_verdict(path: Path) -> datagen.Verdict:
    """What is said of the mended copy; mending it again changes nothing."""
    first, second = path.with_name("first.json"), path.with_name("second.json")
    wished = datagen.wishes({"target": ["all"]}, None)
    with datagen.training_files([str(path)]) as files:
        datagen.repair(files[0], first, wished)
    with datagen.training_files([str(first)]) as files:
        verdict = datagen.validate(files, wished, lambda _hit: True)
        assert datagen.repair(files[0], second, wished).done == {}
    assert first.read_bytes() == second.read_bytes()
    return verdict


@pytest.mark.slow
def test_no_real_file_is_left_with_something_to_mend(shared_data: Path, tmp_path: Path) -> None:
    for path in sorted((shared_data / "llava").glob("*.json*")):
        data = path.read_bytes()
        text = gzip.decompress(data) if path.suffix == ".gz" else data
        name = path.name.removesuffix(".gz")
        (tmp_path / name).write_bytes(b"".join(text.splitlines(True)[:500]) if name.endswith("l") else text)
        assert fixed_verdict(tmp_path / name).fixable == 0, path
