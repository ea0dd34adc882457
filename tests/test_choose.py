"""Settings become a selection; what it left out is said and stands in the run, and it is part of the plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen import Settings, generate, rebuild, status
from datagen.annotations.index import Reading
from datagen.annotations.selection import Selection
from datagen.choose import images_list, reading, selection
from datagen.errors import InputError, LedgerError, SetupError
from datagen.shipped import shipped

SAMPLES = [shipped("samples")]
MOCK = Settings(model="mock", task=("detail_description",))


class Listener(datagen.Silent):
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked = 0

    def say(self, message: str) -> None:
        self.said.append(message)

    def asking(self, total: int) -> None:
        self.asked = total


def mock(**changes: Any) -> Settings:
    return Settings(**{**MOCK.model_dump(), **changes})


def told(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text("ascii"))
    return found


def taken(folder: Path) -> list[str]:
    return [record["image"] for record in json.loads((folder / "llava.json").read_text("ascii"))]


def test_settings_become_a_reading_and_a_selection(tmp_path: Path) -> None:
    assert reading(MOCK) == Reading()
    assert selection(MOCK) == Selection()
    settings = mock(
        boxes="xyxy", crowd="drop", images=tmp_path, cache=False, sample=5, sample_by="coverage", min_captions=1,
        min_boxes=2, max_boxes=9, categories=("dog",), split="2/3", limit=4, seed=7,
    )  # fmt: skip
    assert reading(settings) == Reading("xyxy", "drop", tmp_path, False)
    assert selection(settings) == Selection(
        sample=5, sample_by="coverage", min_captions=1, min_boxes=2, max_boxes=9, categories=("dog",), split=(2, 3),
        limit=4, seed=7,
    )  # fmt: skip


def test_a_list_is_an_entry_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbf139\r\n\n  # a remark\n a b#c.jpg \n#139\n")
    listed = images_list(mock(images_list=path))
    assert listed is not None
    assert listed.entries == ("139", "a b#c.jpg")
    assert images_list(MOCK) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "there is no such file"),
        (b"139\n\xff\n", "offset 4: byte 0xff is not UTF-8"),
        ("", "cannot be read: Is a dir"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | str | None, says: str) -> None:
    path = tmp_path / "list.txt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(InputError, match=says) as refused:
        generate(SAMPLES, mock(images_list=path), tmp_path / "run")
    assert str(path) in str(refused.value)
    with pytest.raises(InputError, match=says):
        datagen.estimate(SAMPLES, mock(images_list=path))


@pytest.mark.parametrize("kind", ["nothing", "a file"])
def test_pictures_that_are_in_no_folder_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pictures"
    if kind == "a file":
        path.touch()
    for act in (
        lambda: generate(SAMPLES, mock(images=path), tmp_path / "run"),
        lambda: datagen.estimate(SAMPLES, mock(images=path)),
        lambda: datagen.preview(SAMPLES, mock(images=path), "conversation"),
    ):
        with pytest.raises(InputError, match="no such folder" if kind == "nothing" else "is a file"):
            act()


def test_what_was_left_out_is_said_and_stands_in_the_run(tmp_path: Path) -> None:
    listener = Listener()
    (tmp_path / "list.txt").write_text("1\n2\n3\n4\n77\n78\n79\n80\n")
    settings = mock(images_list=tmp_path / "list.txt", sample=2)
    generate(SAMPLES, settings, tmp_path / "run", observer=listener)
    assert "taken 2 of 16 images (left out: images-list 12, sample 2)" in listener.said
    assert "--images-list: 4 entries are no image's id or file name (first: 77, 78, 79)" in listener.said
    expected = {"images": 16, "taken": 2, "left_out": {"images-list": 12, "sample": 2}, "not_found": 4}
    assert told(tmp_path / "run", "run.json")["selection"] == expected
    assert told(tmp_path / "run", "manifest.json")["selection"] == expected
    assert len(taken(tmp_path / "run")) == 2
    again = Listener()
    found = datagen.estimate(SAMPLES, settings, tmp_path / "run", again)
    assert (found.requests, found.answered) == (0, 2)
    assert [line for line in again.said if "taken" in line] == [line for line in listener.said if "taken" in line]


def test_where_all_are_taken_nothing_is_said_of_it(tmp_path: Path) -> None:
    listener = Listener()
    generate(SAMPLES, mock(min_captions=1, split="1/1"), tmp_path / "run", observer=listener)
    assert not [line for line in listener.said if "taken" in line]
    assert told(tmp_path / "run", "manifest.json")["selection"] == {
        "images": 16, "taken": 16, "left_out": {}, "not_found": 0,
    }  # fmt: skip


def test_a_selection_that_leaves_nothing_is_refused_and_leaves_no_plan(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"none of 16 images is left \(left out: min-boxes 16\)"):
        generate(SAMPLES, mock(min_boxes=1000), tmp_path / "run")
    assert generate(SAMPLES, MOCK, tmp_path / "run").states.kept == 16


@pytest.mark.parametrize("by", ["random", "coverage"])
def test_a_larger_sample_asks_only_the_new_ones(tmp_path: Path, by: str) -> None:
    generate(SAMPLES, mock(sample=4, sample_by=by), tmp_path / "run")
    listener = Listener()
    assert generate(SAMPLES, mock(sample=9, sample_by=by), tmp_path / "run", observer=listener).states.kept == 9
    assert listener.asked == 5


def test_a_higher_limit_asks_only_the_new_ones(tmp_path: Path) -> None:
    generate(SAMPLES, mock(limit=4), tmp_path / "run")
    listener = Listener()
    assert generate(SAMPLES, mock(limit=9), tmp_path / "run", observer=listener).states.kept == 9
    assert listener.asked == 5
    with pytest.raises(SetupError, match=r"5 answers would be left out: .*asked: limit: 9 → 4"):
        generate(SAMPLES, mock(limit=4), tmp_path / "run")


def test_the_parts_of_a_run_are_the_whole_of_it(tmp_path: Path) -> None:
    whole = generate(SAMPLES, MOCK, tmp_path / "whole")
    parts = [generate(SAMPLES, mock(split=f"{n}/3", seed=n), tmp_path / str(n)).folder for n in (1, 2, 3)]
    assert sorted(name for part in parts for name in taken(part)) == sorted(taken(whole.folder))


CHANGES: list[dict[str, Any]] = [
    {"sample": 3}, {"min_captions": 2}, {"min_boxes": 2}, {"max_boxes": 2}, {"split": "1/2"}, {"boxes": "xywh"},
    {"crowd": "drop"}, {"categories": ("boat",)}, {"images": "."},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_each_of_them_makes_another_plan(tmp_path: Path, change: dict[str, Any]) -> None:
    generate(SAMPLES, MOCK, tmp_path / "run")
    before = told(tmp_path / "run", "run.json")["plan"]
    generate(SAMPLES, mock(**change), tmp_path / "run", replan=True)
    assert told(tmp_path / "run", "run.json")["plan"] != before


def test_neither_the_cache_nor_where_a_list_or_folder_lies_makes_another_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "list.txt").write_text("1\n2\n")
    generate(SAMPLES, mock(images_list="here/list.txt", images="here"), tmp_path / "run")
    before = told(tmp_path / "run", "run.json")
    assert before["images_list"]["file"] == str(tmp_path / "here" / "list.txt")
    monkeypatch.setattr("datagen.annotations.index.Annotations.index", None)  # recognised without reading an annotation
    generate(SAMPLES, mock(images_list="there/list.txt", images="there", cache=False), tmp_path / "run")
    after = told(tmp_path / "run", "run.json")
    assert (after["plan"], after["selection"]) == (before["plan"], before["selection"])
    assert after["settings"]["cache"] is False


def test_what_a_list_says_is_part_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("1\n2\n")
    settings = mock(images_list="list.txt")
    generate(SAMPLES, settings, tmp_path / "run")
    (tmp_path / "list.txt").write_text("1\n2\n3\n")
    listener = Listener()
    generate(SAMPLES, settings, tmp_path / "run", observer=listener)
    assert listener.asked == 1
    (tmp_path / "list.txt").write_text("3\n")
    with pytest.raises(SetupError, match=r"2 answers would be left out: .*asked: images_list: "):
        generate(SAMPLES, settings, tmp_path / "run")


def older(folder: Path) -> None:
    """As a datagen wrote it that knew nothing of selections."""
    run = told(folder, "run.json")
    fields = set(Selection._fields) | set(Reading._fields)
    del run["selection"], run["images_list"]
    run["settings"] = {
        name: value for name, value in run["settings"].items() if name not in fields or name in ("limit", "seed")
    }
    (folder / "run.json").write_text(json.dumps(run))


def test_a_run_of_an_older_datagen_still_loads(tmp_path: Path) -> None:
    generate(SAMPLES, MOCK, tmp_path / "run")
    older(tmp_path / "run")
    assert status(tmp_path / "run").states.kept == 16
    assert rebuild(tmp_path / "run").states.kept == 16
    assert told(tmp_path / "run", "manifest.json")["selection"] is None
    with pytest.raises(SetupError, match=r"would be left out: .*asked: sample: None → 3$"):
        generate(SAMPLES, mock(sample=3), tmp_path / "run")


def test_a_selection_that_is_damaged_in_run_json_is_named(tmp_path: Path) -> None:
    generate(SAMPLES, MOCK, tmp_path / "run")
    run = told(tmp_path / "run", "run.json")
    (tmp_path / "run" / "run.json").write_text(json.dumps({**run, "selection": {"images": "many"}}))
    with pytest.raises(LedgerError, match=r"run\.json: \$\.selection\.images"):
        status(tmp_path / "run")
