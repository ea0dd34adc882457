"""`datagen inspect` as its users meet it: exit codes, the keys of --json, 80 columns, and hostile names."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.program import Program as Cli

EVIL = "\x1b]0;owned\x07\x1b[31m\u202e[/red]"

KEYS: dict[str, set[str]] = {
    "joined": {"images", "both", "captions_only", "boxes_only", "neither", "listed", "shared"},
    "captions": {"total", "per_image", "without"},
    "boxes": {"total", "per_image", "without"},
    "sampled": {"images", "of", "characters", "areas"},
    "pictures": {"width", "height", "landscape", "portrait", "square", "unknown"},
    "categories": {"listed", "used", "counts"},
    "crowded": {"more_than", "images", "most"},
}


def coco(**changes: Any) -> dict[str, Any]:
    """One sound picture with a caption and a box, and what is changed of it."""
    return {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 64, "height": 48}],
        "annotations": [
            {"id": 1, "image_id": 1, "caption": "A dog."},
            {"id": 2, "image_id": 1, "bbox": [1, 2, 3, 4], "category_id": 1},
        ],
        "categories": [{"id": 1, "name": "dog"}],
        **changes,
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], None]:
    def make(name: str, document: Any) -> None:
        (tmp_path / name).write_text(json.dumps(document))

    return make


def test_the_samples_are_told_and_nothing_is_wrong_with_them(cli: Cli) -> None:
    done = cli("inspect", "samples")
    assert done.returncode == 0, done.stderr
    for said in (
        r"^images +16\b",
        r"^  with captions and boxes +16 +100\.0%$",
        r"^captions of an image +80 +5 +5 +5 +0$",
        r"^  person +12 +6 ",
        r"^left out: nothing$",
        r"^tasks +16 of 16 images can be asked about: complex_reasoning, conversation,$",
    ):
        assert re.search(said, done.stdout, re.MULTILINE), said


def test_the_next_command_is_told_and_works(cli: Cli, tmp_path: Path) -> None:
    done = cli("inspect", "samples")
    shown = done.stdout.split("next, to try it for nothing:\n")[1].split("then,")[0]
    words = shlex.split(shown)
    assert words[:3] == ["datagen", "generate", "samples"]
    assert shlex.join(words) == json.loads(cli("inspect", "samples", "--json").stdout)["next"][0]
    assert cli(*words[1:]).returncode == 0
    assert (tmp_path / "trial" / "llava.json").exists()


def test_json_has_all_of_it_under_stable_keys(cli: Cli) -> None:
    done = cli("inspect", "samples", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert set(told) == {*KEYS, "files", "oddities", "tasks", "drops", "next"}
    assert {name: set(told[name]) for name in KEYS} == KEYS
    assert told["captions"]["per_image"] == {"min": 5, "median": 5, "max": 5}
    assert set(told["sampled"]["areas"]) == {"small", "medium", "large"}
    assert told["categories"]["counts"][0] == {"name": "person", "boxes": 12, "images": 6}
    assert len(told["categories"]["counts"]) == told["categories"]["used"]
    assert {tuple(task) for task in told["tasks"]} == {("task", "needs", "images")}
    assert told["drops"] is False


def test_what_is_left_out_ends_with_1_and_is_told_with_its_place(cli: Cli, write: Any) -> None:
    document = coco()
    document["annotations"].append({"id": 3, "image_id": 9, "caption": "Of no image."})
    write("a.json", document)
    done = cli("inspect", "a.json")
    assert done.returncode == 1
    left = done.stdout.split("left out:\n")[1].split("kept, but odd:")[0]
    assert "1  dangling-image-id - annotations of images that the file does not list" in left
    assert "first: a.json: $.annotations[2]: image_id 9" in left
    done = cli("inspect", "a.json", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    (oddity,) = told["oddities"]
    assert set(oddity) == {"name", "drops", "count", "rule", "first"}
    assert (oddity["name"], oddity["drops"], oddity["count"]) == ("dangling-image-id", True, 1)
    assert told["drops"] is True


def test_what_is_odd_and_kept_ends_with_0(cli: Cli, write: Any) -> None:
    document = coco()
    document["annotations"].append({"id": 2, "image_id": 1, "bbox": [1, 2, 0, 4], "category_id": 1})
    write("a.json", document)
    done = cli("inspect", "a.json")
    assert done.returncode == 0
    kept = done.stdout.split("left out: nothing\nkept, but odd:\n")[1]
    assert "duplicate-annotation-id" in kept
    assert "flat-box" in kept


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing.json"], "there is no such file"),
        (["cut.json"], "the JSON ends in the middle"),
        (["cut.json", "--json"], "the JSON ends in the middle"),
        (["good.json", "--boxes", "yxyx"], "'auto', 'xywh', 'xyxy' or 'normalized'"),
        (["good.json", "--crowd", "people"], "'keep', 'drop' or 'group'"),
        (["good.json", "--images", "nowhere"], "nowhere: there is no such folder"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_used_ends_with_2(cli: Cli, write: Any, tmp_path: Path, arguments: list[str], says: str) -> None:
    write("good.json", coco())
    (tmp_path / "cut.json").write_text('{"images": [')
    done = cli("inspect", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_without_captions_it_says_that_they_are_needed(cli: Cli, write: Any) -> None:
    document = coco()
    del document["annotations"][0]
    write("boxes.json", document)
    done = cli("inspect", "boxes.json", "--crowd", "drop", "--no-cache")
    assert done.returncode == 0
    assert "0 of 1 images can be asked about" in done.stdout
    assert "datagen inspect boxes.json CAPTIONS.json --crowd drop --no-cache" in done.stdout


def test_missing_sizes_lead_to_the_pictures(cli: Cli, write: Any) -> None:
    write("a.json", coco(images=[{"id": 1, "file_name": "1.jpg"}]))
    done = cli("inspect", "a.json")
    assert done.returncode == 1
    assert "datagen inspect a.json --images DIR" in done.stdout


def test_how_files_were_to_be_read_stands_in_the_next_command_too(cli: Cli, write: Any, tmp_path: Path) -> None:
    write("a.json", coco())
    (tmp_path / "my pictures").mkdir()
    done = cli("inspect", "a.json", "--boxes", "xywh", "--images", "my pictures", "--json")
    pictures = shlex.quote(str(tmp_path / "my pictures"))
    expected = f"datagen generate a.json --boxes xywh --images {pictures} --model mock --limit 20 -o trial"
    assert json.loads(done.stdout)["next"][0] == expected


def test_files_without_images_are_told_plainly(cli: Cli, write: Any) -> None:
    write("empty.json", {"images": [], "annotations": []})
    done = cli("inspect", "empty.json")
    assert done.returncode == 1
    assert "there is no image in there that could be used" in done.stdout
    assert json.loads(cli("inspect", "empty.json", "--json").stdout)["captions"]["per_image"] is None


def _hostile() -> dict[str, Any]:
    document = coco(
        images=[
            {"id": 1, "file_name": "1.jpg", "width": 64, "height": 48},
            {"id": 2, "file_name": f"../{EVIL}"},
            {"id": 5, "file_name": f"{EVIL}.jpg", "width": 64, "height": 48},
            {"id": 3, "file_name": "3" * 200 + ".jpg"},
            {"id": EVIL * 20, "file_name": "4.jpg", "width": 64, "height": 48},
        ],
        categories=[{"id": 1, "name": "消防栓" * 30}, {"id": 2, "name": EVIL}],
    )
    document["annotations"] += [
        {"id": 4, "image_id": f"{EVIL}消防栓" * 30, "caption": "x"},
        {"id": 5, "image_id": 1, "bbox": [1, 2, 3, 4], "category_id": 2},
        *({"id": 10 + n, "image_id": EVIL * 20, "bbox": [1, 2, 3, 4], "category_id": 1} for n in range(30)),
    ]
    return document


def test_hostile_text_reaches_the_terminal_harmless_and_in_80_columns(cli: Cli, write: Any) -> None:
    write("evil.json", _hostile())
    done = cli("inspect", "evil.json")
    assert done.returncode == 1, done.stderr
    assert not set(done.stdout + done.stderr) & set("\x1b\x07\u202e")
    assert [line for line in done.stdout.splitlines() if cell_len(line) > 80] == []
    told = cli("inspect", "evil.json", "--json").stdout
    assert not set(told) & set("\x1b\x07\u202e")
    assert json.loads(told)["categories"]["used"] == 2


def test_a_terminal_that_knows_only_ascii_is_no_traceback(write: Any, tmp_path: Path) -> None:
    write("evil.json", _hostile())
    environ = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "datagen", "inspect", "evil.json"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True)
    assert done.returncode == 1
    assert done.stderr == b""


def test_real_files_fit_80_columns_without_colour(cli: Cli, shared_data: Path) -> None:
    inputs = ["captions_val2017_2000.json.gz", "instances_val2017_2000_boxes.json.gz"]
    done = cli("inspect", *inputs, cwd=shared_data / "coco")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= 50
    assert max(map(cell_len, lines)) <= 80
    assert "\x1b" not in done.stdout
    assert re.search(r"^captions of an image +10,003 ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", ["taco.json.gz", "lvis_val_100.json.gz", "via_export_dogs.json"])
def test_odd_files_fit_80_columns(cli: Cli, shared_data: Path, name: str) -> None:
    done = cli("inspect", name, cwd=shared_data / "odd")
    assert done.returncode == 0, done.stderr
    assert max(map(cell_len, done.stdout.splitlines())) <= 80
