"""Absent things, from the annotations to the record: proven, the same however a plan is made, and told truly by the
mock; and the exercises in counting beside them."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from datagen import Settings, generate, preview, status
from datagen.annotations.index import Index, Reading, index
from datagen.errors import SetupError
from datagen.grounding.judge import Grounder
from datagen.llm.mock.words import plural
from datagen.llm.mock.writer import reply
from datagen.observer import Silent
from datagen.paging import contexts
from datagen.plan import begin, composers_for
from datagen.prompting.compose import messages
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks
from datagen.records.parse import PARSERS
from datagen.run import Run
from datagen.schema import ImageContext
from datagen.sources.files import Source

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
FILES = ("captions_val2017_2000.json.gz", "instances_val2017_2000_boxes.json.gz")
BOTH = ("negatives", "counting_spatial")


@pytest.fixture(scope="module")
def inputs(shared_data: Path) -> list[Path]:
    return [shared_data / "coco" / name for name in FILES]


@pytest.fixture(scope="module")
def rows(inputs: list[Path]) -> Index:
    return index([Source(path, named=True) for path in inputs], Reading(cache=False))


def completed(rows: Index, step: int) -> list[ImageContext]:
    composers = composers_for(load_tasks(names=["negatives"]), Settings(model="mock"))
    return list(contexts(rows, range(0, len(rows), step), composers))


def test_what_is_called_absent_has_no_box_and_no_caption_names_it(rows: Index) -> None:
    told = completed(rows, 5)
    for image in told:
        assert {box.category for box in image.boxes}.isdisjoint(image.absent)
        said = " ".join(image.captions).lower()
        assert not [name for name in image.absent if re.search(rf"\b{name}s?\b", said)], image.image_id
    assert sum(bool(image.absent) for image in told) > 0.9 * len(told)


def test_what_a_caption_calls_by_another_word_is_not_called_absent(rows: Index) -> None:
    """Boxes are not complete: who speaks of a couch, a bike or a cab saw one."""
    other = {"couch": ("sofa",), "bicycle": ("bike",), "airplane": (" plane", "jet"), "cell phone": ("phone",),
             "person": (" man ", "woman", "people", "boy", "girl")}  # fmt: skip
    for image in completed(rows, 3):
        said = " ".join(image.captions).lower()
        assert not [name for name in image.absent if any(word in said for word in other.get(name, ()))], image.image_id


@pytest.mark.slow
def test_a_run_that_was_cut_short_while_planning_goes_on_with_the_same_bytes(
    inputs: list[Path], tmp_path: Path
) -> None:
    settings = Settings(model="mock", task=BOTH, sample=300, cache=False)
    generate(inputs, settings, tmp_path / "whole")
    with Run.create(tmp_path / "cut") as run:
        pages = begin(run, inputs, settings, replan=False, observer=Silent())
        assert pages is not None, "a first page is planned, and no more"
    generate(inputs, settings, tmp_path / "cut")
    for name in ("llava.json", "provenance.jsonl"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_the_other_tasks_are_asked_with_the_same_bytes_beside_it(inputs: list[Path], tmp_path: Path) -> None:
    asked = {}
    for name, tasks in (("alone", ("conversation",)), ("beside", ("conversation", "negatives"))):
        generate(inputs, Settings(model="mock", task=tasks, sample=40, cache=False), tmp_path / name)
        with closing(sqlite3.connect(tmp_path / name / "ledger.db")) as db:
            asked[name] = dict(db.execute("SELECT id, digest FROM queries"))
    assert len(asked["alone"]) == 40
    assert asked["alone"].items() <= asked["beside"].items()


def test_a_context_that_is_told_nothing_new_is_kept_as_it_always_was(tmp_path: Path) -> None:
    generate([SAMPLES], Settings(model="mock", task=("conversation",), limit=1), tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "ledger.db")) as db:
        ((body,),) = db.execute("SELECT body FROM contexts")
    assert list(json.loads(body)) == ["image_id", "file_name", "width", "height", "captions", "boxes"]


def test_where_none_is_named_the_tasks_are_the_paper_s(tmp_path: Path) -> None:
    generate([SAMPLES], Settings(model="mock", limit=1), tmp_path / "run")
    assert {path.name for path in (tmp_path / "run" / "prompts").iterdir()} == {
        "complex_reasoning", "conversation", "detail_description",
    }  # fmt: skip


def test_images_without_an_absent_thing_are_left_out_and_counted(tmp_path: Path) -> None:
    line = {"image": "a.jpg", "captions": ["A dog."], "boxes": [["dog", 0.1, 0.1, 0.5, 0.5]]}
    (tmp_path / "a.jsonl").write_text(json.dumps(line))
    with pytest.raises(SetupError, match="no absences"):
        preview([tmp_path / "a.jsonl"], Settings(model="mock"), "negatives", "a.jpg")
    generate([tmp_path / "a.jsonl"], Settings(model="mock", task=BOTH), tmp_path / "run")
    assert status(tmp_path / "run").left_out == {"negatives": {"no absences": 1}}


def test_where_a_missing_box_proves_nothing_nothing_is_called_absent(shared_data: Path, tmp_path: Path) -> None:
    files = [shared_data / "odd" / "lvis_val_100.json.gz", shared_data / "coco" / FILES[0]]
    with pytest.raises(SetupError, match="no absences"):
        generate(files, Settings(model="mock", task=("negatives",), max_boxes=99, cache=False), tmp_path / "run")


def test_preview_shows_what_is_sent(inputs: list[Path]) -> None:
    shown = preview(inputs, Settings(model="mock", cache=False), "negatives", "386912")
    assert shown.messages[-1]["content"].split("\n\n")[-1] == f"absent: {', '.join(shown.image.absent)}"


@pytest.mark.parametrize("name", BOTH)
def test_the_mock_answers_truly(name: str, rows: Index) -> None:
    """By boxes and captions; and it denies what is absent, and grants what is there."""
    (task,) = load_tasks(names=[name])
    grounder = Grounder(rows.boxed.categories)
    asked = 0
    for image in completed(rows, 4):
        if not image.boxes or (name == "negatives" and not image.absent):
            continue
        turns = PARSERS["qa"](reply(messages(task, describe(image, task.sees))), None)
        assert task.pairs[0] <= len(turns) <= (task.pairs[1] or 0)
        wrong = [each for each in grounder.ground(turns, image).judged if each.standing == "contradicted"]
        assert wrong == [], (image.image_id, wrong)
        asked += 1
        if name == "negatives":
            denied = ["there is no" in turn.answer.lower() or "there are no" in turn.answer.lower() for turn in turns]
            about = [
                any(word in turn.question for name in image.absent for word in (name, plural(name))) for turn in turns
            ]
            assert any(denied)
            assert all(not d or a for d, a in zip(denied, about, strict=True)), turns
    assert asked > 400
