"""The mended copy on disk: in the input's form, readable by all, whole or not at all, never over what was not meant."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from datagen.checks.examples import record
from datagen.errors import InputError, SetupError
from datagen.records.mended_file import Form, mended_copy, place_of_copy, reject_line, rejects
from datagen.schema import Finding

RECORDS = [record(answer="A café. 犬 😀"), record(id="b", score=1e300, big=2**70)]
FORMS = [Form(lines, zipped) for lines in (False, True) for zipped in (False, True)]


def write(out: Path, form: Form, records: Iterable[Any]) -> bytes:
    with mended_copy(out, form) as put:
        for each in records:
            put(each)
    data = out.read_bytes()
    return gzip.decompress(data) if form.zipped else data


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_what_was_given(form: Form, tmp_path: Path) -> None:
    data = write(tmp_path / "out", form, RECORDS)
    assert data.isascii()
    assert data.endswith(b"\n")
    read = [json.loads(line) for line in data.splitlines()] if form.lines else json.loads(data)
    assert read == RECORDS
    assert data.count(b"\n") == len(RECORDS) + (0 if form.lines else 2)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_file_is_one_too(form: Form, tmp_path: Path) -> None:
    assert write(tmp_path / "out", form, []) == (b"" if form.lines else b"[]\n")


def test_a_gzip_has_the_same_bytes_at_any_hour_and_by_any_name(tmp_path: Path) -> None:
    form = Form(lines=True, zipped=True)
    write(tmp_path / "one", form, RECORDS)
    write(tmp_path / "two", form, RECORDS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", [InputError("a.json", "line 7", "is cut off"), KeyboardInterrupt()])
def test_what_ends_badly_leaves_the_old_file_and_nothing_else(form: Form, fault: BaseException, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"old")

    def records() -> Iterator[Any]:
        yield RECORDS[0]
        raise fault

    with pytest.raises(type(fault)):
        write(out, form, records())
    assert out.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_no_reader_takes_is_written_so_that_all_do(tmp_path: Path) -> None:
    data = write(tmp_path / "out", Form(lines=True), [{"a": float("nan"), "b": "\ud800"}])
    assert json.loads(data) == {"a": None, "b": "\ufffd"}


def test_what_nests_too_deeply_is_said(tmp_path: Path) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SetupError, match="nested too deeply"):
        write(tmp_path / "out", Form(lines=True), [deep])
    assert list(tmp_path.iterdir()) == []


def test_permissions_of_the_old_file_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.touch(mode=0o600)
    write(out, Form(lines=True), RECORDS)
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SetupError, match="cannot be written"):
        write(tmp_path / "out", Form(lines=True), RECORDS)


def test_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be written"):
        write(tmp_path / ("x" * 250), Form(lines=True), RECORDS)


# --- where ------------------------------------------------------------------------------------------------------------


def test_the_input_is_overwritten_only_in_place(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.touch()
    (tmp_path / "link").symlink_to(source)
    for out in (source, tmp_path / "." / "a.json", tmp_path / "link"):
        with pytest.raises(SetupError, match="is the file that is read") as told:
            place_of_copy(source, out)
        assert "--in-place" in told.value.hint
        assert place_of_copy(source, out, in_place=True) == source.resolve()


def test_a_link_that_is_mended_in_place_stays_one(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old")
    link = tmp_path / "link"
    link.symlink_to("a.json")
    write(place_of_copy(link, link, in_place=True), Form(lines=False), [])
    assert link.is_symlink()
    assert (tmp_path / "a.json").read_text() == "[]\n"


@pytest.mark.parametrize("name", [".", "/dev/null", "none/out.json", "x" * 5_000])
def test_what_cannot_be_a_copy_is_said_before_anything_is_read(name: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as told:
        place_of_copy(None, tmp_path / name)
    assert told.value.hint


def test_a_new_name_is_as_it_was_given(tmp_path: Path) -> None:
    assert place_of_copy(None, tmp_path / "out.json") == tmp_path / "out.json"
    assert place_of_copy(tmp_path / "gone.json", tmp_path / "out.json") == tmp_path / "out.json"


# --- what was dropped -------------------------------------------------------------------------------------------------

FINDINGS = [
    Finding(code="S010", check="blanks", level="warning", message="blank at the end", where="conversations[1].value"),
    Finding(code="S002", check="empty-value", level="error", message="blank", where="conversations[1].value"),
]


def test_a_reject_says_its_number_its_reason_and_all_of_the_record(tmp_path: Path) -> None:
    with rejects(tmp_path / "rejects.jsonl") as put:
        put(reject_line(7, RECORDS[0], FINDINGS))
        put(reject_line(9, "no record", FINDINGS[:1]))
    first, second = (json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text("ascii").splitlines())
    assert list(first) == ["number", "id", "reason", "findings", "record"]
    assert (first["number"], first["id"], first["reason"]) == (7, RECORDS[0]["id"], "empty-value")
    assert [each["code"] for each in first["findings"]] == ["S010", "S002"]
    assert first["record"] == RECORDS[0]
    assert (second["id"], second["reason"], second["record"]) == (None, "blanks", "no record")


def test_what_an_earlier_repair_dropped_is_lost_only_where_it_may_be(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_text('{"number": 1}\n{"number": 2}')
    with rejects(path, more=True) as put:
        put({"number": 3})
    assert path.read_text() == '{"number": 1}\n{"number": 2}\n{"number": 3}\n'
    with rejects(path, more=True):
        pass
    assert path.read_text().count("\n") == 3
    with rejects(path):
        pass
    assert path.read_text() == ""


def test_lines_that_are_not_ours_are_not_mixed_with_ours(tmp_path: Path) -> None:
    path = tmp_path / "rejects.jsonl"
    path.write_bytes(b"caf\xc3\xa9 \xff\n")
    with pytest.raises(SetupError, match="not written by datagen"), rejects(path, more=True):
        pass
    assert path.read_bytes() == b"caf\xc3\xa9 \xff\n"
