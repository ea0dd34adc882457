"""A whole trial of a few steps: what is told of files in which something is wrong, and that a seed is a seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import datagen
from datagen.trial.report import Group
from datagen.trial.training import STAGES

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    from datagen.trial import classroom

    monkeypatch.setattr(classroom, "STAGES", tuple(stage._replace(steps=2) for stage in STAGES))


def record(id: str, image: str, answer: str, question: str = "<image>\nWhat is it?") -> dict[str, Any]:
    said = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    return {"id": id, "image": image, "conversations": said}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    from PIL import Image

    for number, name in enumerate(("a.png", "b.png")):
        Image.new("RGB", (60, 40), (200 * number, 90, 90)).save(tmp_path / name)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG no")
    return tmp_path


def tried(folder: Path, held: list[dict[str, Any]], **more: Any) -> datagen.Trial:
    (folder / "llava.json").write_text(json.dumps(held), "ascii")
    return datagen.run_trial(str(folder / "llava.json"), folder, **more)


def test_whatever_is_wrong_is_told_and_the_others_are_taught(files: Path) -> None:
    found = tried(files, [
        record("good", "a.png", "A dog."), record("other", "b.png", "A cat."), record("text", "a.png", "Red.", "Why?"),
        record("gone", "gone.png", "A cow."), record("broken", "broken.png", "A cow."),
        record("outside", "../x.png", "A cow."), record("silent", "a.png", ""), {"id": "none"},
    ])  # fmt: skip
    assert found.records == 8
    assert found.stopped == {"T101 no-dialogue": Group(1, ("none",))}
    assert found.no_gradient == {"T110 empty-value": Group(1, ("silent",))}
    assert found.unseen == {"picture": Group(1, ("text",))}
    assert {why: group.ids for why, group in found.left_out.items()} == {
        "missing": ("gone",), "broken": ("broken",), "outside": ("outside",),
    }  # fmt: skip
    assert found.taught == 3
    assert found.sight.asked == 2
    assert not found.sound
    assert all(len(curve.losses) == curve.steps == 2 for curve in found.curves)


def test_the_same_seed_gives_the_same_trial_and_another_does_not(files: Path) -> None:
    records = [record("1", "a.png", "A dog."), record("2", "b.png", "A cat.")]
    first = tried(files, records)
    assert tried(files, records).curves == first.curves
    assert tried(files, records, seed=1).curves != first.curves


def test_no_more_are_taught_than_were_asked_for(files: Path) -> None:
    records = [record(str(n), "ab"[n % 2] + ".png", f"It is {n}.") for n in range(9)]
    assert tried(files, records, records=4).taught == 4


def test_without_any_picture_there_is_nothing_to_try(files: Path) -> None:
    with pytest.raises(datagen.InputError, match="no picture to teach: missing"):
        tried(files, [record("1", "gone.png", "A dog.")])
