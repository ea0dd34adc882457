"""What `export` writes: clean for each trainer, whole or not at all, the same bytes each time, and frank about it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.exporting import folder
from datagen.exporting.folder import _mark
from datagen.exporting.formats import FORMATS
from datagen.exporting.sinks import TextSink
from datagen.records.formats.shapes import SHAPES
from tests.program import Program

TARGETS = {
    "llava": ["llava", "llava-next", "qwen", "internvl", "llamafactory", "swift", "hf"],
    "llava-jsonl": ["llava-next", "internvl", "llamafactory", "swift", "hf"],
    "qwen": ["qwen"], "internvl": ["internvl"],
    "llamafactory": ["llamafactory", "hf"],
    "swift": ["swift", "llamafactory", "hf"],
    "messages": ["trl", "axolotl", "swift", "hf"],
    "trl": ["trl", "hf"],
    "axolotl": ["axolotl", "hf"],
}  # fmt: skip
"""By the format: whose trainers read it, as the checks re-enact them; OpenAI's service is none of these."""


def record(name: str = "1-conversation-0", image: str = "a.jpg", question: str = "<image>\nWhat is it?") -> dict:
    """A sound one."""
    said = [{"from": "human", "value": question}, {"from": "gpt", "value": "A dog on a rug."}]
    return {"id": name, "image": image, "conversations": said}


def files(folder: Path) -> dict[str, str]:
    """Everything in there by digest."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_each_shape_is_clean_for_whom_it_is_made(run: Path, tmp_path: Path) -> None:
    assert {*TARGETS, "openai"} == set(SHAPES)
    made = datagen.export([run], datagen.ExportWish(tuple(SHAPES)), tmp_path / "out")
    assert made.records == 48
    assert made.written == dict.fromkeys(SHAPES, 48)
    assert made.losses == {"openai": {"id": 48}}
    for name, targets in TARGETS.items():
        wished = datagen.Wishes(target=tuple(targets), select=("S", "T"))
        source = datagen.Source(tmp_path / "out" / SHAPES[name].file, named=True)
        verdict = datagen.validate([source], wished, lambda _: True)
        assert (name, verdict.by_check) == (name, {})
        assert {target: outcome.loaded for target, outcome in verdict.outcomes.items()} == dict.fromkeys(targets, 48)


def test_the_records_of_a_run_are_those_of_its_own_files(run: Path, tmp_path: Path) -> None:
    datagen.export([run], datagen.ExportWish(("llava", "messages")), tmp_path / "out")
    for name in ("llava.json", "llava.json"):
        assert json.loads((tmp_path / "out" / name).read_text()) == json.loads((run / name).read_text())
    ours, theirs = ((at / "messages.jsonl").read_text().splitlines() for at in (tmp_path / "out", run))
    assert [*map(json.loads, ours)] == [*map(json.loads, theirs)]
    assert (tmp_path / "out" / "provenance.jsonl").read_bytes() == (run / "provenance.jsonl").read_bytes()


def test_again_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    wish = datagen.ExportWish(("llava", "messages", "swift"), mix="conversation:5,detail_description:3")
    datagen.export([run], wish, tmp_path / "one")
    first = files(tmp_path / "one")
    datagen.export([run], wish, tmp_path / "one")
    datagen.export([run], wish, tmp_path / "elsewhere")
    assert files(tmp_path / "one") == files(tmp_path / "elsewhere") == first


def test_the_manifest_names_every_file_and_says_what_it_is(run: Path, tmp_path: Path) -> None:
    datagen.export([run], datagen.ExportWish(("llava", "llamafactory")), tmp_path / "out")
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())
    there = files(tmp_path / "out")
    assert {name: each["sha256"] for name, each in told["files"].items()} | {"manifest.json": "-"} == {
        **there, "manifest.json": "-",
    }  # fmt: skip
    assert (told["mock"], told["records"], told["kinds"]) == (True, 48, {
        "complex_reasoning": 16, "conversation": 16, "detail_description": 16,
    })  # fmt: skip
    assert told["made_by"][0]["model"] == "mock"
    assert len(told["made_by"][0]["prompts"]) == 3


def test_mock_data_says_so_everywhere_and_an_export_of_it_too(run: Path, tmp_path: Path) -> None:
    made = datagen.export([run], datagen.ExportWish(tuple(SHAPES)), tmp_path / "out")
    assert all("MOCK" in lines for lines in made.lines.values())
    assert "MOCK" in (tmp_path / "out" / "LOADING.md").read_text()
    assert list(json.loads((tmp_path / "out" / "dataset_info.json").read_text())) == ["datagen_mock"]
    again = datagen.export([tmp_path / "out" / "swift.jsonl"], datagen.ExportWish(("llava",)), tmp_path / "more")
    assert again.mock is True
    assert (tmp_path / "more" / "provenance.jsonl").read_bytes() == (run / "provenance.jsonl").read_bytes()
    told = json.loads((tmp_path / "more" / "manifest.json").read_text())
    assert [run["model"] for run in told["made_by"]] == ["mock"]


def test_mock_data_that_was_edited_is_still_mock_data(run: Path, tmp_path: Path) -> None:
    datagen.export([run], datagen.ExportWish(("llava",)), tmp_path / "out")
    path = tmp_path / "out" / "llava.json"
    path.write_text(json.dumps(json.loads(path.read_text())[:3]))
    made = datagen.export([path], datagen.ExportWish(("llava",)), tmp_path / "more")
    assert (made.mock, made.records) == (True, 3)
    assert not (tmp_path / "more" / "provenance.jsonl").exists()
    assert datagen.convert(path, tmp_path / "swift.jsonl").mock is True


def test_of_a_file_that_nobody_speaks_of_nothing_is_said(records: Callable[..., Path], tmp_path: Path) -> None:
    made = datagen.export([records(record())], datagen.ExportWish(("llava",)), tmp_path / "out")
    assert made.mock is None
    assert "MOCK" not in (tmp_path / "out" / "LOADING.md").read_text()


SPOILT = {
    "cut off": '[{"id": "1", "conversations": [{"from": "human", "value": "<im',
    "no records": '{"a": 1}',
    "nothing": "",
    "an empty list": "[]",
    "a record that is none": '[{"id": "1", "conversations": 7}]',
    "a token too many": json.dumps([record(question="<image> or <image>?")]),
    "annotations": '{"images": [], "annotations": []}',
}


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT)
def test_what_is_broken_or_foreign_is_refused_and_the_old_export_stays(
    text: str, records: Callable[..., Path], tmp_path: Path
) -> None:
    wish = datagen.ExportWish(("llava", "messages"))
    datagen.export([records(record())], wish, tmp_path / "out")
    before = files(tmp_path)
    bad = tmp_path / "bad.json"
    bad.write_text(text)
    with pytest.raises(datagen.InputError, match=r"bad\.json"):
        datagen.export([bad], wish, tmp_path / "out")
    with pytest.raises(datagen.InputError, match=r"bad\.json"):
        datagen.convert(bad, tmp_path / "out" / "llava.json")
    bad.unlink()
    assert files(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_later_fault_leaves_the_old_export_too(records: Callable[..., Path], tmp_path: Path) -> None:
    datagen.export([records(record())], datagen.ExportWish(("llava",)), tmp_path / "out")
    before = files(tmp_path / "out")
    bad = records(*[record(str(n)) for n in range(9)], {"id": "9"}, name="bad.jsonl")
    with pytest.raises(datagen.InputError, match=r"bad\.jsonl: \[9\]: no `conversations`"):
        datagen.export([bad], datagen.ExportWish(("llava",)), tmp_path / "out")
    assert files(tmp_path / "out") == before


@pytest.mark.parametrize("name", ["notes.txt", "images/a.jpg", "llava.json"])
def test_what_no_export_made_is_never_replaced(name: str, records: Callable[..., Path], tmp_path: Path) -> None:
    place = tmp_path / "mine" / name
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    with pytest.raises(datagen.SetupError, match="holds what is no export's"):
        datagen.export([records(record())], datagen.ExportWish(("llava",)), tmp_path / "mine")
    assert place.read_text() == "mine"


def test_a_file_that_was_added_to_an_export_keeps_it(records: Callable[..., Path], tmp_path: Path) -> None:
    wish = datagen.ExportWish(("llava",))
    datagen.export([records(record())], wish, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(datagen.SetupError, match=r"notes\.txt"):
        datagen.export([records(record())], wish, tmp_path / "out")


def test_another_choice_of_formats_takes_the_place_of_the_old(records: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("llava", "messages"):
        datagen.export([records(record())], datagen.ExportWish((name,)), tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "LOADING.md", "README.md", "croissant.json", "manifest.json", "messages.jsonl",
    }  # fmt: skip


def test_what_a_killed_process_left_is_swept_and_what_another_makes_is_not(
    records: Callable[..., Path], tmp_path: Path
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mark = _mark(tmp_path / "out")
    for name in (f"{mark}{dead.pid}-x", f"{mark}{os.getpid()}-y", ".out.export-other-1-z"):
        (tmp_path / name).mkdir()
    datagen.export([records(record())], datagen.ExportWish(("llava",)), tmp_path / "out")
    left = {path.name for path in tmp_path.iterdir() if path.name.startswith(".")}
    assert left == {f"{mark}{os.getpid()}-y", ".out.export-other-1-z"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_kill_leaves_the_old_export_and_the_next_one_sweeps(
    how: signal.Signals, records: Callable[..., Path], tmp_path: Path
) -> None:
    wish = datagen.ExportWish(("llava", "messages", "swift"))
    datagen.export([records(record())], wish, tmp_path / "out")
    before = files(tmp_path / "out")
    many = records(*[record(str(n)) for n in range(60_000)], name="many.jsonl")
    command = [
        sys.executable,
        "-m",
        "datagen",
        "export",
        many,
        "-f",
        "llava,messages,swift,trl",
        "-o",
        tmp_path / "out",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while not any(path.name.startswith(".out.export-") for path in tmp_path.iterdir()):
        assert process.poll() is None, "it was over before it could be killed"
        time.sleep(0.005)
    process.send_signal(how)
    assert process.wait() in (-how, 128 + how)
    assert files(tmp_path / "out") == before
    datagen.export([records(record())], wish, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("when", ["write", "sync", "rename"])
def test_a_disk_that_is_full_leaves_the_old_export(
    when: str, records: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = datagen.ExportWish(("llava",))
    datagen.export([records(record())], wish, tmp_path / "out")
    before = files(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    where = {"write": (TextSink, "close"), "sync": (os, "fsync"), "rename": (folder, "_put")}[when]
    monkeypatch.setattr(*where, full)
    with pytest.raises(datagen.SetupError, match="cannot be written: No space left"):
        datagen.export([records(record("2"))], wish, tmp_path / "out")
    monkeypatch.undo()
    records(record())
    assert files(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_where_the_system_cannot_exchange_folders_two_renames_do(
    records: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = datagen.ExportWish(("llava",))
    datagen.export([records(record())], wish, tmp_path / "out")
    monkeypatch.setattr(folder, "_exchanged", lambda *_: False)
    datagen.export([records(record("2"))], wish, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "llava.json").read_text())[0]["id"] == "2"
    assert {path.name for path in tmp_path.iterdir()} == {"out", "some.json"}


def test_what_dresses_an_export_is_in_its_manifest(records: Callable[..., Path], tmp_path: Path) -> None:
    def dress(folder: Path, manifest: Mapping[str, Any], *, loading: Mapping[str, str]) -> None:
        (folder / "README.md").write_text(
            f"{manifest['records']} records, {list(manifest['files'])}\n{loading['llava']}"
        )

    datagen.export([records(record())], datagen.ExportWish(("llava",)), tmp_path / "out", dress=dress)
    told = (tmp_path / "out" / "README.md").read_text()
    assert told.startswith("1 records, ['LOADING.md', 'llava.json']\n")
    assert "--data_path ./llava.json" in told
    assert str(tmp_path) not in told
    assert "README.md" in json.loads((tmp_path / "out" / "manifest.json").read_text())["files"]


def test_the_command_prints_the_lines_and_what_was_lost(run: Path, cli: Program) -> None:
    done = cli("export", run, "--format", "llava,openai", "-f", "llamafactory", "-o", "out")
    assert done.returncode == 1
    assert "--data_path out/llava.json" in done.stdout
    assert "openai: id: 48 altered" in done.stderr
    assert "MOCK" in done.stderr
    done = cli("export", run, "--format", "llava", "-o", "out", "-q")
    assert (done.returncode, done.stdout) == (0, "out\n")
    told = json.loads(cli("export", run, "--format", "llava", "-o", "out", "--json").stdout)
    assert (told["written"], told["mock"]) == ({"llava": 48}, True)


@pytest.mark.parametrize(("arguments", "said"), [
    (["--format", "lava"], "did you mean llava"),
    (["--format", ","], "no format was named"),
    (["--format", "imagefolder"], "--images DIR"),
    (["--format", "llava", "--mix", "conversation"], "no kind and number"),
    (["--format", "llava", "--mix", "poem:3"], "no record is of a kind"),
    (["--format", "parquet", "--images", "nowhere"], "there is no folder"),
])  # fmt: skip
def test_what_cannot_be_asked_for_is_said(arguments: list[str], said: str, run: Path, cli: Program) -> None:
    done = cli("export", run, *arguments, "-o", "out")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_help_names_every_format(cli: Program) -> None:
    told = " ".join(cli("export", "-h").stdout.split())
    assert all(f" {name}," in told or f" {name}." in told for name in FORMATS)
