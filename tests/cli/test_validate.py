"""`datagen validate` as its users meet it: every flag, every kind of input, and every way it can end."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from datagen.checks.examples import chat, dialogue, record
from tests.program import Done, Program

Write = Callable[[str, Any], Path]
GOOD = [
    record(id=f"a-{at}", question=f"<image>\nWhat is the dog in picture {at} doing?", image=f"{at}.jpg")
    for at in range(4)
]
BAD = record(id="bad", answer="It runs.</s>")
BLANK = record(id="blank", answer=" It fetches the ball.")
EVIL = record(id="\x1b]0;owned\x07\x1b[31m", answer="\x1b[2J\x9b31m\u202e</s>\x00")


def found(done: Done) -> list[dict[str, Any]]:
    """The findings of `--format jsonl`."""
    lines = map(json.loads, done.stdout.splitlines())
    return [line for line in lines if "code" in line]


def codes(done: Done) -> set[str]:
    return {each["code"] for each in found(done)}


def whole(done: Done, code: int) -> Done:
    """It ended as it should, and not with a traceback."""
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stderr + done.stdout
    return done


@pytest.fixture
def ask(cli: Program) -> Callable[..., Done]:
    """`ask("a.json", ..., code=1)` validates with `--format jsonl`."""

    def run(*arguments: object, code: int = 0) -> Done:
        return whole(cli("validate", *arguments, "--format", "jsonl", "--ignore", "Q"), code)

    return run


# Inputs


def test_good_data_passes_and_bad_data_does_not(cli: Program, write: Write) -> None:
    done = whole(cli("validate", write("good.json", GOOD)), 0)
    assert "All 4 records pass" in done.stdout
    assert done.stderr == ""
    done = whole(cli("validate", write("bad.json", [*GOOD, BAD])), 1)
    assert "[bad] S001 " in done.stdout
    assert "at [4].conversations[1].value" in done.stdout
    assert "in 5 records (1 file)" in done.stdout


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.json.gz", "a.jsonl.gz", "held.json", "pretty.json"])
def test_every_way_of_writing_is_read(ask: Callable[..., Done], write: Write, name: str) -> None:
    records = [*GOOD, BAD]
    lines = "\n".join(map(json.dumps, records))
    content: Any = lines if "jsonl" in name else {"info": {}, "data": records} if "held" in name else records
    content = json.dumps(records, indent=2) if "pretty" in name else content
    hits = found(ask(write(name, content), code=1))
    assert {(hit["record"], hit["id"]) for hit in hits} == {(4, "bad")}
    (line,) = {hit["line"] for hit in hits}
    text = content if isinstance(content, str) else json.dumps(content)
    assert line == (
        None if name.endswith("json.gz") else text[: text.index('"bad"')].count("\n") + 1 - ("pretty" in name)
    )


def test_broken_lines_are_found_where_they_stand(ask: Callable[..., Done], write: Write) -> None:
    good = [*map(json.dumps, GOOD)]
    text = "\ufeff" + "\r\n".join([*good[:2], "", "  ", good[2], '{"id": "b", "conv', "[1]", good[3], good[0][:50]])
    hits = [hit for hit in found(ask(write("a.jsonl", text), code=1)) if hit["code"] == "S006"]
    assert [(hit["line"], hit["record"]) for hit in hits] == [(6, 3), (7, 4), (9, 6)]


@pytest.mark.parametrize("first", ["garbage", '{"id": "b", "conv', '"text"', "7", "null"])
def test_a_broken_first_line_hides_nothing(ask: Callable[..., Done], write: Write, first: str) -> None:
    hits = found(ask(write("a.jsonl", f"{first}\n{json.dumps(GOOD[0])}\n{json.dumps(BAD)}"), code=1))
    assert ("S006", 1) in {(hit["code"], hit["line"]) for hit in hits}
    assert ("S001", 3) in {(hit["code"], hit["line"]) for hit in hits}


def test_a_record_with_a_list_called_annotations_is_a_record(ask: Callable[..., Done], write: Write) -> None:
    lines = [json.dumps({**each, "annotations": [{"id": 1}]}) for each in (*GOOD, BAD)]
    assert {hit["line"] for hit in found(ask(write("a.jsonl", "\n".join(lines)), code=1))} == {5}


def test_an_object_that_holds_records_is_read_to_its_end(cli: Program, write: Write) -> None:
    text = json.dumps({"data": GOOD})
    done = whole(cli("validate", write("a.json", text[:-1])), 2)
    assert "a.json: line 1, column" in done.stderr
    assert "ends in the middle" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", "", "a.json: is empty"),
        ("a.jsonl", "\n \r\n", "a.jsonl: is empty"),
        ("a.json", "\ufeff", "a.json: is empty"),
        ("a.json", "nonsense", "line 1, column 1: not JSON"),
        ("a.json", '{"a": 1,\n"b": []}', "no array of records in it; its members: a, b"),
        ("a.json", '[{"id": 1},\n {"id": ', "a.json: line 2, column 9: the JSON ends in the middle"),
        ("a.json.gz", gzip.compress(b"[{}]", mtime=0)[:-9], "a.json.gz: damaged gzip"),
        ("a.json", "[" * 100_000, "a.json: line 1, column"),
        ("a.json", b'[{"id": NaN, "a": "\xff"}]', "a.json: offset 19: byte 0xff is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    cli: Program, write: Write, name: str, content: Any, told: str
) -> None:
    done = whole(cli("validate", write(name, content)), 2)
    assert told in done.stderr
    assert "record" not in done.stdout, "no verdict on a part of it"


def test_an_empty_array_has_no_records(cli: Program, write: Write) -> None:
    assert "There are no records" in whole(cli("validate", write("a.json", " [ ]\n")), 0).stdout
    assert whole(cli("validate", "a.json", "-q"), 0).stdout == ""


def test_what_is_not_there_is_said(cli: Program, write: Write, tmp_path: Path) -> None:
    write("there.json", GOOD)
    (tmp_path / "bare").mkdir()
    done = whole(cli("validate", "their.json"), 2)
    assert "their.json: there is no such file" in done.stderr
    assert "there.json" in done.stderr
    assert "holds no .json or .jsonl file" in whole(cli("validate", "bare"), 2).stderr
    assert "cannot be read: File name too long" in whole(cli("validate", "a" * 300), 2).stderr
    assert "Missing argument" in whole(cli("validate"), 2).stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux's")
def test_a_file_that_cannot_be_read_is_named(cli: Program) -> None:
    assert "/proc/self/mem: cannot be read" in whole(cli("validate", "/proc/self/mem"), 2).stderr


def test_a_folder_and_several_files_are_read_in_order(ask: Callable[..., Done], write: Write) -> None:
    write("in/b.json", [BAD])
    write("in/a.jsonl", json.dumps(BAD))
    write("in/other.txt", "nothing")
    write("c.json", GOOD)
    done = ask("c.json", "in", "in/b.json", code=1)
    assert list(dict.fromkeys(hit["file"] for hit in found(done))) == ["in/a.jsonl", "in/b.json"]
    assert json.loads(done.stdout.splitlines()[-1])["summary"]["records"] == 6


def test_a_run_is_read(cli: Program, ask: Callable[..., Done]) -> None:
    whole(cli("generate", "samples", "--model", "mock", "--out", "run", "--limit", "4"), 0)
    done = whole(cli("validate", "run", "--format", "jsonl"), 0)
    told = json.loads(done.stdout.splitlines()[-1])["summary"]
    assert [Path(name).name for name in told["files"]] == ["llava.json", "messages.jsonl"]
    assert told["by_level"].get("error", 0) == 0
    assert told["records"] >= 8
    before = (cli._folder / "run" / "rejects.jsonl").read_bytes()
    done = whole(cli("validate", "run/llava.json", "--fix", "run/fixed.json", "--drop"), 2)
    assert "what this run rejected" in done.stderr
    assert (cli._folder / "run" / "rejects.jsonl").read_bytes() == before


# What is looked for


def test_checks_are_chosen(ask: Callable[..., Done], write: Write, cli: Program) -> None:
    path = write("a.json", [*GOOD, BAD, BLANK])
    assert codes(ask(path, "--target", "llava", code=1)) >= {"S001", "S023"}
    assert codes(ask(path, "--select", "s001", code=1)) == {"S001"}
    assert codes(ask(path, "--select", "S00,S023", code=1)) == {"S001", "S023"}
    assert codes(ask(path, "--select", "S001", "--select", "S023,", code=1)) == {"S001", "S023"}
    done = whole(cli("validate", path, "--format", "jsonl", "--ignore", "S,T,Q,"), 0)
    assert found(done) == []
    assert {hit["level"] for hit in found(ask(path, "--level", "error", code=1))} == {"error"}
    assert codes(ask(path, "--level", "info", "--select", "S023")) == {"S023"}
    assert codes(ask(path, "--level", "warning", "--select", "S023")) == set()


def test_targets_are_chosen(ask: Callable[..., Done], write: Write) -> None:
    path = write("a.json", GOOD)

    def targets(*flags: str) -> list[str]:
        return list(json.loads(ask(path, *flags).stdout.splitlines()[-1])["summary"]["targets"])

    assert targets("--target", "llava,qwen") == ["llava", "qwen"]
    assert targets("--target", "qwen", "--target", "llava") == ["qwen", "llava"]
    assert set(targets()) < set(targets("--target", "all", "--ignore", "T"))


@pytest.mark.parametrize(
    ("flags", "told", "hint"),
    [
        (["--select", "S00l"], "no check is called 'S00L'", "did you mean S0"),
        (["--ignore", "Z"], "no check is called 'Z'", ""),
        (["--target", "lava"], "no target is called 'lava'", "did you mean llava"),
        (["--format", "xml"], "no format is called 'xml'", "sarif"),
        (["--level", "bad"], "level: input should be", ""),
        (["--max-tokens", "0"], "max_tokens: input should be greater", ""),
        (["--jobs", "-1"], "--jobs: must be 0 or more", ""),
        (["--drop"], "go with --fix OUT", ""),
        (["--against", "nope.json"], "nope.json: there is no such file", ""),
        (["--config", "nope.toml"], "nope.toml: cannot be read", ""),
        (["--out", "no/where"], "no/where: cannot be written", ""),
        (["--out", "a.json"], "a.json: is a file of yours", ""),
        (["--out", "b.json", "--fix", "./b.json"], "b.json: is a file of yours", ""),
        (["--baseline", "a.json"], "a.json: is no baseline", ""),
        (["--baseline", "b" * 300], "cannot be written: File name too long", ""),
    ],
)
def test_wrong_use_is_said_before_anything_is_done(
    cli: Program, write: Write, flags: list[str], told: str, hint: str
) -> None:
    path = write("a.json", GOOD)
    before = path.read_bytes()
    done = whole(cli("validate", path, *flags), 2)
    assert told in done.stderr
    assert hint in done.stderr
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["a.json"]


def test_settings_come_from_the_file(cli: Program, write: Write) -> None:
    write("in/a.json", [BAD, BLANK])
    write("in/b.json", [BAD, BLANK])
    toml = '[validate]\nselect = ["S001", "s023"]\nlevel = "info"\ntarget = "llava"\n[validate.per-file-ignores]\n'
    write("datagen.toml", f'{toml}"b.*" = ["S001"]\n"in/a.json" = "s023"\n')
    done = whole(cli("validate", "in", "--format", "jsonl"), 1)
    assert {(Path(hit["file"]).name, hit["code"]) for hit in found(done)} == {("a.json", "S001"), ("b.json", "S023")}
    assert done.stderr == "settings from ./datagen.toml\n"
    done = whole(cli("validate", "in", "--format", "jsonl", "--select", "S023", "-q"), 0)
    assert codes(done) == {"S023"}
    assert done.stderr == ""
    write("other.toml", "[validate]\nignore = 'S,T,L,Q'\n")
    assert found(whole(cli("validate", "in", "--format", "jsonl", "--config", "other.toml"), 0)) == []


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("selct = 'S'", "[validate] selct: no wish is called 'selct'"),
        ("select = 3", "select: "),
        ("select = [[1]]", "select: "),
        ("per-file-ignores = {a = 3}", "per_file_ignores: "),
        ("per-file-ignores = 'a'", "per_file_ignores: "),
        ("per-file-ignores = {a = 'Z9'}", "no check is called 'Z9'"),
        ("target = ''\nlevel = []", "level: "),
        ("select =", "not TOML"),
    ],
)
def test_wrong_settings_are_said(cli: Program, write: Write, toml: str, told: str) -> None:
    write("datagen.toml", f"[validate]\n{toml}\n")
    assert told in whole(cli("validate", write("a.json", GOOD)), 2).stderr


# What is said


PARSERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "jsonl": lambda text: [*map(json.loads, text.splitlines())],
    "sarif": json.loads,
    "junit": ElementTree.fromstring,
    "github": lambda text: next(line for line in text.splitlines() if line.startswith("::error ")),
    "markdown": lambda text: text.index("### datagen validate"),
    "text": lambda text: text.index("Found "),
}


@pytest.mark.parametrize("form", PARSERS)
def test_every_format_is_whole_and_harmless(cli: Program, write: Write, form: str) -> None:
    write("a.json", [*GOOD, EVIL])
    done = whole(cli("validate", "a.json", "--format", form), 1)
    PARSERS[form](done.stdout)
    assert not {c for c in done.stdout + done.stderr if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e"} - {"\n"}
    done = whole(cli("validate", "a.json", "--format", form, "--out", "report", "-q"), 1)
    assert done.stdout == done.stderr == ""
    PARSERS[form]((cli._folder / "report").read_text("utf-8"))


def test_a_report_in_a_file_says_what_stdout_says(cli: Program, write: Write) -> None:
    write("a.json", [record(id="消防", answer="消防车。</s>")])
    said = whole(cli("validate", "a.json"), 1).stdout
    whole(cli("validate", "a.json", "-o", "report.txt"), 1)
    assert (cli._folder / "report.txt").read_text("utf-8") == said
    assert "消防" in said
    write("b.json", "[")
    whole(cli("validate", "a.json", "b.json", "-o", "report.txt"), 2)
    assert (cli._folder / "report.txt").read_text("utf-8") == said, "a report is whole or not there"
    assert {each.name for each in cli._folder.iterdir()} == {"a.json", "b.json", "report.txt"}


def test_all_are_shown_where_that_is_asked(cli: Program, write: Write) -> None:
    write("a.json", [{**BAD, "id": f"bad-{at}"} for at in range(30)])
    some = whole(cli("validate", "a.json", "--select", "S001"), 1).stdout
    every = whole(cli("validate", "a.json", "--select", "S001", "--all"), 1).stdout
    assert (some.count("] S001 "), every.count("] S001 ")) == (20, 30)
    assert "10 more of S001" in some


def test_quiet_says_nothing_of_good_data(cli: Program, write: Write) -> None:
    assert whole(cli("validate", write("a.json", GOOD), "-q"), 0).stdout == ""
    assert "S001" in whole(cli("validate", write("b.json", [BAD]), "-q"), 1).stdout


def test_a_baseline_accepts_what_there_is_and_no_more(cli: Program, write: Write) -> None:
    write("a.json", [*GOOD, BAD])
    done = whole(cli("validate", "a.json", "--baseline", "known.json"), 0)
    assert "known.json accepts these" in done.stderr
    done = whole(cli("validate", "a.json", "--baseline", "known.json"), 0)
    assert "Nothing new in 5 records" in done.stdout
    write("a.json", [{**BAD, "id": "new"}, *GOOD, BAD])
    done = whole(cli("validate", "a.json", "--baseline", "known.json", "--format", "jsonl", "--ignore", "Q"), 1)
    assert {hit["id"] for hit in found(done)} == {"new"}
    assert json.loads(done.stdout.splitlines()[-1])["summary"]["baselined"] >= 1


@pytest.mark.slow
def test_processes_change_nothing_of_what_is_said(cli: Program, write: Write) -> None:
    of = [*GOOD, BAD, BLANK]
    records = [{**of[at % 6], "id": f"{of[at % 6]['id']}-{at // 60}"} for at in range(4000)]
    write("a.json", records)
    write("b.jsonl", "\n".join(map(json.dumps, [*records, 7, chat("a"), dialogue("b", "c")])))
    assert (cli._folder / "b.jsonl").stat().st_size > 1 << 19, "several slices"
    for form in ("text", "jsonl"):
        one = cli.process("validate", "a.json", "b.jsonl", "--all", "--format", form)
        two = cli.process("validate", "a.json", "b.jsonl", "--all", "--format", form, "--jobs", "2")
        assert whole(two, 1).stdout == whole(one, 1).stdout
        assert "S030" in one.stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_closed_file_is_named(cli: Program, write: Write) -> None:
    write("a.json", GOOD).chmod(0)
    assert "cannot be read: Permission denied" in whole(cli("validate", "a.json"), 2).stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("form", ["json", "jsonl", "sarif", "junit", "text"])
def test_a_file_that_cannot_be_read_hides_no_other(write: Write, cli: Program, form: str, jobs: str) -> None:
    write("a.json", [BAD])
    write("cut.json", "[" + json.dumps(BAD) + ",")
    write("z.json", [BAD])
    done = cli("validate", "a.json", "cut.json", "z.json", "--format", form, "--jobs", jobs)
    assert done.returncode == 2
    assert "cut.json" in done.stderr
    assert "z.json" in done.stdout
    if form in ("json", "sarif"):
        told = json.loads(done.stdout)
    if form == "json":
        assert told["summary"]["unreadable"] == ["cut.json"]
        assert {each["file"] for each in told["findings"]} >= {"a.json", "z.json"}
        assert all(sum(target.values()) == 2 for target in told["summary"]["targets"].values())
