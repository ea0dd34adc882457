"""`convert`: any shape into any other; what the other cannot say is named and counted."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import datagen
from datagen.records.formats.shapes import SHAPES
from tests.program import Program

WHOLE = [name for name, shape in SHAPES.items() if shape.ids]


@pytest.mark.parametrize(("one", "other"), list(zip(WHOLE, WHOLE[1:] + WHOLE[:1], strict=True)))
def test_from_one_to_the_next_and_back_nothing_changes(one: str, other: str, run: Path, tmp_path: Path) -> None:
    there, more, back = (tmp_path / name for name in (f"{one}.json", f"{other}.jsonl", "back.json"))
    for source, out, form in ((run, there, one), (there, more, other), (more, back, "llava")):
        assert datagen.convert(source, out, form).losses == {}
    assert json.loads(back.read_text()) == json.loads((run / "llava.json").read_text())


def test_the_name_tells_the_shape_and_how_it_is_written(run: Path, tmp_path: Path) -> None:
    for name, form in (("swift.jsonl", "swift"), ("llava.jsonl.gz", "llava-jsonl"), ("messages.json", "messages")):
        made = datagen.convert(run, tmp_path / name)
        assert (made.form, made.records, made.written) == (form, 48, 48)
    lines = gzip.decompress((tmp_path / "llava.jsonl.gz").read_bytes()).splitlines()
    assert len(lines) == 48
    assert len(json.loads((tmp_path / "messages.json").read_text())) == 48


def test_what_is_lost_is_counted(records: Callable[..., Path], cli: Program) -> None:
    said = [{"role": "user", "content": [{"type": "image", "text": None}, {"type": "text", "text": "What is it?"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "A dog."}]}]  # fmt: skip
    brief = {"role": "system", "content": [{"type": "text", "text": "Be brief."}]}
    two = [{"type": "image"}, {"type": "image"}, {"type": "text", "text": "Which?"}]
    path = records(
        {"id": "1", "images": ["a.jpg"], "messages": said},
        {"id": "2", "images": ["a.jpg"], "messages": [brief, *said], "source": "x"},
        {"id": "3", "images": ["a.jpg", "b.jpg"], "messages": [{"role": "user", "content": two}, said[1]]},
        {"images": ["a.jpg"], "messages": said},
        name="some.jsonl",
    )
    done = cli("convert", path, "llava.json", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["losses"] == {"member:source": 1, "id-made": 1, "system-prompt": 1, "several-images": 1}
    assert (told["records"], told["written"]) == (4, 3)
    assert "llava: several-images: 1 left out: it has several pictures" in done.stderr
    done = cli("convert", path, "qwen.json", "-q")
    assert (done.returncode, done.stdout) == (1, "qwen.json\n")
    assert len(json.loads((path.parent / "qwen.json").read_text())) == 4


@pytest.mark.parametrize(
    "arguments",
    [
        ["some.json", "some.json"],
        ["some.json", "out.txt"],
        ["none.json", "llava.json"],
        ["some.json", "no/such/llava.json"],
        ["some.json", "x.json", "--to", "lava"],
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_touched(
    arguments: list[str], records: Callable[..., Path], cli: Program, tmp_path: Path
) -> None:  # fmt: skip
    records({"id": "1", "conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]})
    before = (tmp_path / "some.json").read_bytes()
    done = cli("convert", *arguments)
    assert done.returncode == 2
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"some.json": before}


def test_letters_beyond_ascii_come_back_and_are_escaped(records: Callable[..., Path], tmp_path: Path) -> None:
    said = [{"from": "human", "value": "<image>\nWas ist das? \U0001f436"}, {"from": "gpt", "value": "Ein Hund, café."}]
    path = records({"id": "1", "image": "a.jpg", "conversations": said})
    datagen.convert(path, tmp_path / "messages.jsonl")
    assert (tmp_path / "messages.jsonl").read_bytes().isascii()
    datagen.convert(tmp_path / "messages.jsonl", tmp_path / "back.json", "llava")
    assert json.loads((tmp_path / "back.json").read_text()) == json.loads(path.read_text())
