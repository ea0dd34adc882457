"""Pictures that are not there, do not open, are elsewhere or of another size; and what a trainer does without one."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from datagen.checks import every  # noqa: F401
from datagen.checks.base import CHECKS, of_kind
from datagen.checks.examples import record
from datagen.judging import Judge, Part, Plan
from datagen.records.reading import Batch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One picture, one file that is none, and a link that leads out."""
    (tmp_path / "pictures/train2017").mkdir(parents=True)
    Image.new("RGB", (640, 480)).save(tmp_path / "pictures/train2017/000000033471.jpg")
    (tmp_path / "pictures/broken.jpg").write_bytes(b"GIF89a")
    (tmp_path / "secret.jpg").write_bytes(b"x")
    (tmp_path / "pictures/link.jpg").symlink_to(tmp_path / "secret.jpg")
    return tmp_path / "pictures"


def judged(folder: Path, *records: dict[str, Any], targets: tuple[str, ...] = ()) -> Part:
    codes = tuple(check.code for check in of_kind("picture"))
    batch = Batch(0, json.dumps(records).encode(), 1, 0, False)
    return Judge(Plan(codes, targets, images=str(folder))).judge(batch)


def codes(folder: Path, *records: dict[str, Any]) -> list[str]:
    return [found.finding.code for found in judged(folder, *records).found]


@pytest.mark.parametrize("code", [check.code for check in of_kind("picture")])
def test_each_speaks_of_its_failing_example_only(folder: Path, code: str) -> None:
    assert codes(folder, CHECKS[code].fails) == [code]
    assert codes(folder, CHECKS[code].passes) == []


@pytest.mark.parametrize("name", ["../secret.jpg", "link.jpg", "/etc/passwd"])
def test_nothing_outside_the_folder_is_opened(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(Image, "open", lambda path, *_: opened.append(str(path)))
    assert codes(folder, record(image=name)) == ["I004"]
    assert opened == []


def test_an_absolute_path_inside_is_fine(folder: Path) -> None:
    assert codes(folder, record(image=str(folder / "train2017/000000033471.jpg"))) == []


@pytest.mark.parametrize("name", ["a\x00b.jpg", "x" * 5000, "https://example.com/a.jpg", "train2017"])
def test_odd_names_do_no_harm(folder: Path, name: str) -> None:
    assert set(codes(folder, record(image=name))) <= {"I001"}


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")
    assert codes(folder, record(image="pipe.jpg")) == ["I001"]


def test_what_a_trainer_does_without_it_counts_once(folder: Path) -> None:
    targets = ("llava", "llava-next")
    part = judged(folder, record(image="not-there.jpg"), record(), targets=targets)
    assert part.outcomes == Counter({("llava", "stops"): 1, ("llava-next", "lost"): 1})
