"""What stands together, counted and drawn from: against counting by hand, and the same whenever it is asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.annotations import company
from datagen.annotations.company import TOLD, Company
from datagen.annotations.index import Index, Reading, index
from datagen.schema import ImageContext
from datagen.sources.files import Source

KITCHEN = ["oven", "sink", "cup"]
STREET = ["car", "bus", "traffic light"]


def every(_image: ImageContext, names: Sequence[str]) -> list[bool]:
    return [True] * len(names)


def written(folder: Path, scenes: Sequence[Sequence[str]], **reading: object) -> Index:
    """An index of pictures that hold so many things."""
    lines = [
        {"id": n, "image": f"{n}.jpg", "captions": ["x"], "boxes": [[name, 0.1, 0.1, 0.2, 0.2] for name in names]}
        for n, names in enumerate(scenes)
    ]
    path = folder / "a.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return index([Source(path, named=True)], Reading(cache=False, **reading))  # type: ignore[arg-type]


SCENES = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=30)


@settings(deadline=None, max_examples=40)
@given(scenes=SCENES, at_once=st.integers(1, 50))
def test_pairs_are_counted_as_by_hand(scenes: list[list[str]], at_once: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(company, "_PAIRS", at_once)
        names, together = company._counted(written(Path(folder), scenes))
    wanted = Counter((a, b) for scene in scenes for a in set(scene) for b in set(scene))
    assert set(names) == {name for scene in scenes for name in scene}
    assert {(a, b): together[i, j] for i, a in enumerate(names) for j, b in enumerate(names)} == {
        (a, b): wanted[a, b] for a in names for b in names
    }


def two_worlds(folder: Path) -> Index:
    return written(folder, [KITCHEN] * 9 + [["oven", "sink"]] * 3 + [STREET] * 9 + [["car", "bus"]] * 3 + [["dog"]])


def test_what_is_missing_is_what_mostly_stands_there(tmp_path: Path) -> None:
    rows = two_worlds(tmp_path)
    asked = Company(rows, 0, every)
    assert [asked.absent(rows.context(row)) for row in (9, 21, 24, 0)] == [("cup",), ("traffic light",), (), ()]


def test_the_same_is_drawn_whenever_it_is_asked_and_another_for_another_seed(tmp_path: Path) -> None:
    rows = written(tmp_path, [list("abcdefghijk"), ["a", "b"], ["z"], *[["a", chr(99 + n)] for n in range(20)]])
    first, again, other = (Company(rows, seed, every) for seed in (0, 0, 1))
    drawn = [[asked.absent(image) for image in rows.contexts()] for asked in (first, again, other)]
    assert drawn[0] == drawn[1] == [first.absent(image) for image in rows.contexts()]
    assert drawn[0] != drawn[2]
    assert max(map(len, drawn[0])) == TOLD


def test_only_what_is_proven_is_told(tmp_path: Path) -> None:
    rows = two_worlds(tmp_path)
    assert Company(rows, 0, lambda _, names: [name != "cup" for name in names]).absent(rows.context(9)) == ()


def test_an_image_is_completed_and_nothing_else_of_it_is_changed(tmp_path: Path) -> None:
    rows = two_worlds(tmp_path)
    image = rows.context(9)
    assert Company(rows, 0, every).completed(image) == image.model_copy(update={"absent": ("cup",)})
    assert Company(rows, 0, every).completed(rows.context(24)) is not None
    assert rows.context(9).absent == ()


def test_a_group_is_as_its_members(tmp_path: Path) -> None:
    data = {
        "images": [{"id": n, "file_name": f"{n}.jpg", "width": 10, "height": 10} for n in range(4)],
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "bus"}],
        "annotations": [
            *({"id": 9 + n, "image_id": n, "category_id": 1, "bbox": [0, 0, 5, 5], "iscrowd": n % 2} for n in range(3)),
            *({"id": 19 + n, "image_id": n, "category_id": 2, "bbox": [0, 0, 5, 5]} for n in range(2)),
        ],
    }
    (tmp_path / "a.json").write_text(json.dumps(data))
    rows = index([Source(tmp_path / "a.json", named=True)], Reading(cache=False, crowd="group"))
    assert set(rows.categories) == {"person", "bus", "person (group)"}
    asked = Company(rows, 0, every)
    assert [asked.absent(image) for image in rows.contexts()] == [(), (), ("bus",), ()]


def test_of_very_many_categories_the_frequent_ones_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "_KNOWN", 3)
    names, together = company._counted(two_worlds(tmp_path))
    assert len(names) == 3
    assert together.shape == (3, 3)
    assert set(names) <= {"oven", "sink", "car", "bus"}


def test_what_is_drawn_of_real_annotations_has_no_box_and_mostly_makes_sense(shared_data: Path) -> None:
    folder = shared_data / "coco"
    files = ("captions_val2017_2000.json.gz", "instances_val2017_2000_boxes.json.gz")
    rows = index([Source(folder / name, named=True) for name in files], Reading(cache=False))
    asked = Company(rows, 0, every)
    for image in rows.contexts(range(0, 2000, 7)):
        drawn = asked.absent(image)
        there = {box.category for box in image.boxes}
        assert there.isdisjoint(drawn)
        assert bool(drawn) <= bool(there)
        assert not ({"toilet"} <= set(drawn) and there & {"surfboard", "zebra"}), (there, drawn)
