"""The shipped prompts keep the rules that they teach: their form, their examples, and every word our own."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from datagen.grounding.judge import Grounder
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks, wanted_tasks
from datagen.records.parse import PARSERS
from datagen.schema import Box, ImageContext, Shot, Task
from datagen.shipped import shipped

FOLDER = shipped("prompts")
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
TASKS = {task.name: task for task in load_tasks(FOLDER)}
SHOTS = [
    pytest.param(task, shot, id=f"{task.name}-{n}") for task in TASKS.values() for n, shot in enumerate(task.shots)
]
QUESTIONS = TASKS["detail_description"].questions

LLAVAS_QUESTIONS = """
384feea3753e4b52d4f229b1aead15c93deae889a74bead917982711873c5725
6b86010d74326eb867894d9515839be7cda277e172194f72b479649a37cc2e30
748778ae40569a394cf56338b4b8f0d2d6780fd815eb404bb27230c168b36429
95227ff99e5182c3888a411e3883782cf9513bffa0d9bdc2d51a69f989ee1b8d
a31be699be3750b450c38ea83f5bf7b4421d258d76f3ab612060f81e19b24c82
a7242bf24e7b3698123b1a20664718bb0413d6f37b23708f0785cc7cc262348c
aef47a22ba1431b6c52820bda0dcd3aa07c21808fdfa21472c3d54f825b57b6d
d0826720b5b71e6057ff686fa696e4c11eb674acb2777905a9da6bc44b1c18a6
dc7d1c3d340f7907c01cef084e1d4669f65b6c01550647438f42dadcfbb14c24
f54a0a84348e41fb30315b6aa14d8f404c5b9eaea9933cd918ffd847ecb8f8b8
fbeb863ca9865565cc5b7df7d257549d1bb1f91f827aaaad1ac4f0f6671170ec
"""


def plain(text: str) -> str:
    """Lower-case words with single spaces: what stays the same when punctuation and case are touched up."""
    return " ".join(re.findall(r"[a-z]+", text.lower().replace("'", "")))


def fingerprint(text: str) -> str:
    return hashlib.sha256(plain(text).encode("ascii")).hexdigest()


def words(text: str) -> list[str]:
    return plain(text).split()


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """All runs of so many words in a text."""
    said = words(text)
    return {tuple(said[at : at + length]) for at in range(len(said) - length + 1)}


def parts(shot: Shot) -> tuple[list[str], list[Box]]:
    """The captions and boxes of an example's context."""
    captions, lines = shot.context.split("\n\n")[:2]
    found = []
    for line in lines.split("\n"):
        match = re.fullmatch(r"([a-z]+(?: [a-z]+)*): \[([0-9.]+), ([0-9.]+), ([0-9.]+), ([0-9.]+)\]", line)
        assert match, line
        found.append(Box(match[1], *map(float, match.groups()[1:])))
    return captions.split("\n"), found


PAPERS = ["complex_reasoning", "conversation", "detail_description"]
SEES = {"negatives": ("captions", "boxes", "absences")}
NEEDS = {"negatives": ("captions", "absences"), "counting_spatial": ("boxes",)}


def test_the_three_tasks_of_the_paper_are_those_that_are_asked_where_none_is_named() -> None:
    assert list(TASKS) == sorted([*PAPERS, "counting_spatial", "negatives"])
    assert [task.name for task in wanted_tasks(FOLDER)] == PAPERS
    assert [task.name for task in wanted_tasks(FOLDER, ["negatives", "conversation"])] == ["negatives", "conversation"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_file_is_ascii_and_ends_in_one_newline(path: Path) -> None:
    data = path.read_bytes()
    assert data.isascii()
    assert data.endswith(b"\n")
    assert not data.endswith(b"\n\n")
    assert b"\r" not in data
    assert b"\t" not in data
    assert not any(line.endswith(b" ") for line in data.split(b"\n"))


@pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
def test_a_task_says_what_it_is(task: Task) -> None:
    assert task.description.endswith(".")
    assert task.sees == SEES.get(task.name, ("captions", "boxes"))
    assert task.needs == NEEDS.get(task.name, ("captions",))
    assert (FOLDER / task.name / "task.toml").is_file()
    assert len(task.shots) >= 3


@pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
def test_no_example_is_used_twice(task: Task) -> None:
    seen = [shot.context for other in TASKS.values() for shot in other.shots]
    assert len(set(seen)) == len(seen)
    assert len({shot.reply for shot in task.shots}) == len(task.shots)


@pytest.mark.parametrize(("task", "shot"), SHOTS)
def test_an_examples_reply_parses_and_has_as_many_pairs_as_allowed(task: Task, shot: Shot) -> None:
    turns = PARSERS[task.reply](shot.reply, "What is this?")
    fewest, most = task.pairs
    assert fewest <= len(turns) <= (most or len(turns))
    assert all(turn.question and turn.answer for turn in turns)
    assert task.reply == "text" or all(turn.question.endswith("?") for turn in turns)


FORBIDDEN = re.compile(
    r"\b(captions?|bounding|box(es)?|coordinates?|descri(be|bes|bed|ption|ptions)|sentences?|list(ed)?|mention(s|ed)?|"
    r"annotat\w*|x1|y1|provided|given|text|appears? to|seems? to|not specified|image shows|picture shows)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("task", "shot"), SHOTS)
def test_an_examples_reply_speaks_as_one_who_sees(task: Task, shot: Shot) -> None:
    assert FORBIDDEN.findall(shot.reply) == []
    assert re.findall(r"\d+\.\d+|\[", shot.reply) == []


@pytest.mark.parametrize("leak", ["As the caption says", "two bounding boxes", "its coordinates", "it is described as"])
def test_the_forbidden_words_are_found(leak: str) -> None:
    assert FORBIDDEN.search(leak)


@pytest.mark.parametrize(("task", "shot"), SHOTS)
def test_an_examples_context_is_five_captions_and_well_formed_boxes(task: Task, shot: Shot) -> None:
    captions, found = parts(shot)
    assert len(captions) == 5
    assert all(len(words(caption)) >= 5 and caption == caption.strip() for caption in captions)
    assert len(set(captions)) == 5
    assert len(found) >= 5
    for box in found:
        assert 0 <= box.x1 < box.x2 <= 1
        assert 0 <= box.y1 < box.y2 <= 1
        assert all(round(value, 3) == value for value in box[1:])


@pytest.mark.parametrize(("task", "shot"), SHOTS)
def test_an_examples_boxes_are_written_as_a_context_writes_them(task: Task, shot: Shot) -> None:
    captions, found = parts(shot)
    absent = tuple(shot.context.partition("\n\nabsent: ")[2].split(", ")) if "absences" in task.sees else ()
    image = ImageContext(
        image_id="1", file_name="a", width=1, height=1, captions=captions, boxes=tuple(found), absent=absent
    )
    assert shot.context == describe(image, task.sees)


@pytest.mark.parametrize(("name", "fewest", "most"), [("complex_reasoning", 80, 170), ("detail_description", 80, 160)])
def test_an_examples_reply_is_as_long_as_the_system_message_asks(name: str, fewest: int, most: int) -> None:
    task = TASKS[name]
    assert re.search(rf"{fewest} to {most} words", task.system)
    for shot in task.shots:
        for turn in PARSERS[task.reply](shot.reply, None):
            assert fewest <= len(turn.answer.split()) <= most


@pytest.mark.parametrize("name", ["conversation", "counting_spatial", "negatives"])
def test_a_dialogue_has_as_many_pairs_as_the_system_message_asks(name: str) -> None:
    task = TASKS[name]
    [(fewest, most)] = re.findall(r"(\d+) to (\d+) questions", task.system)
    for shot in task.shots:
        assert int(fewest) <= len(PARSERS["qa"](shot.reply, None)) <= int(most)


def test_a_conversation_example_says_no_to_what_is_absent() -> None:
    """Without one, models learn that whatever is asked about is there."""
    shots = TASKS["conversation"].shots
    assert any(turn.answer.startswith("No") for shot in shots for turn in PARSERS["qa"](shot.reply, None))


def test_an_example_of_negatives_speaks_of_what_is_absent_and_also_of_what_is_there() -> None:
    """One dialogue that only ever denies would teach to deny."""
    for shot in TASKS["negatives"].shots:
        absent = shot.context.rpartition("absent: ")[2].split(", ")
        there = {box.category for box in parts(shot)[1]}
        assert there.isdisjoint(absent)
        assert not any(re.search(rf"\b{name}s?\b", " ".join(parts(shot)[0])) for name in absent)
        turns = PARSERS["qa"](shot.reply, None)
        about = [any(re.search(rf"\b{name}s?\b", turn.question) for name in absent) for turn in turns]
        assert any(about)
        assert not all(about)
        for turn, denied in zip(turns, about, strict=True):
            assert bool(re.search(r"\b(?:no|none)\b", turn.answer, re.IGNORECASE)) == denied


# Questions


def test_there_are_at_least_sixteen_questions_all_different() -> None:
    assert len(QUESTIONS) >= 16
    assert len({plain(question) for question in QUESTIONS}) == len(QUESTIONS)
    assert all(question[0].isupper() and question[-1] in ".?" for question in QUESTIONS)


def test_a_question_never_says_where_the_answer_comes_from() -> None:
    for question in QUESTIONS:
        assert not re.search(r"caption|box|coordinate|text|<image>", question, re.IGNORECASE)


def test_no_question_is_one_of_llavas() -> None:
    known = LLAVAS_QUESTIONS.split()
    assert len(known) == len(set(known)) == 11
    assert not {fingerprint(question) for question in QUESTIONS} & set(known)


def test_the_fingerprints_are_those_of_llavas_questions(shared_data: Path) -> None:
    packed = (shared_data / "llava" / "detail_23k_questions.jsonl.gz").read_bytes()
    asked = {json.loads(line)["text"] for line in gzip.decompress(packed).splitlines()}
    assert {fingerprint(question) for question in asked} == set(LLAVAS_QUESTIONS.split())


# Every word our own


def ours() -> Iterator[tuple[str, str]]:
    for path in FILES:
        if path.suffix == ".txt":
            yield f"{path.parent.name}/{path.name}", path.read_text(encoding="ascii")


def test_our_prompts_share_no_run_of_words_with_llavas(shared_data: Path) -> None:
    theirs: set[tuple[str, ...]] = set()
    for path in (shared_data / "prompts" / "llava").rglob("*.txt"):
        theirs |= runs(path.read_text(encoding="utf-8"), 7)
    assert len(theirs) > 1000
    for name, text in ours():
        assert not runs(text, 7) & theirs, name


# True, too


@pytest.mark.parametrize(("task", "shot"), SHOTS)
def test_an_example_says_nothing_that_its_boxes_and_captions_contradict(task: Task, shot: Shot) -> None:
    """The model imitates their mistakes as well."""
    captions, found = parts(shot)
    image = ImageContext(image_id="1", file_name="a", width=1, height=1, captions=tuple(captions), boxes=tuple(found))
    known = {box.category for other in TASKS.values() for each in other.shots for box in parts(each)[1]}
    judged = Grounder(known | ABSENT).ground(PARSERS[task.reply](shot.reply, "What is this?"), image).judged
    assert [each for each in judged if each.standing == "contradicted"] == []
    assert sum(each.standing == "supported" for each in judged) >= 1


ABSENT = {name for shot in TASKS["negatives"].shots for name in shot.context.rpartition("absent: ")[2].split(", ")}
