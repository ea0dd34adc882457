"""The mock writes real dialogue from what it was sent, says nothing the boxes contradict, and is labelled."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.annotations.index import index
from datagen.llm.mock import scene as scenes
from datagen.llm.mock.backend import complete
from datagen.llm.mock.words import a, listed, plural
from datagen.llm.mock.writer import reply
from datagen.prompting.compose import messages
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks
from datagen.records.parse import PARSERS
from datagen.schema import Box, ImageContext, Task
from datagen.sources.files import Source

CONTEXT = """A brown dog runs after a red frisbee in the park.
A dog in a park.

dog: [0.1, 0.4, 0.4, 0.8]
frisbee: [0.7, 0.2, 0.8, 0.3]
person: [0.5, 0.1, 0.6, 0.9]
person: [0.85, 0.1, 0.95, 0.9]"""


@pytest.fixture(scope="module")
def tasks() -> dict[str, Task]:
    return {task.name: task for task in load_tasks()}


def test_the_form_follows_the_examples(tasks: dict[str, Task]) -> None:
    for name, task in tasks.items():
        turns = PARSERS[task.reply](reply(messages(task, CONTEXT)), "Describe it.")
        fewest, most = task.pairs
        assert fewest <= len(turns) <= (most or 99), name


def test_without_examples_it_still_talks() -> None:
    assert len(PARSERS["qa"](reply([{"role": "user", "content": CONTEXT}]), None)) >= 2


def test_the_same_messages_give_the_same_reply_and_others_another(tasks: dict[str, Task]) -> None:
    said = messages(tasks["conversation"], CONTEXT)
    assert reply(said) == reply(said)
    assert reply(said) != reply(messages(tasks["conversation"], CONTEXT.replace("dog", "cat")))


def test_captions_alone_are_enough(tasks: dict[str, Task]) -> None:
    turns = PARSERS["qa"](reply(messages(tasks["conversation"], "机场跑道的喷气式飞机正准备起飞。")), None)
    assert len(turns) >= 2


def test_colour_side_size_and_count_are_what_the_context_says() -> None:
    scene = scenes.read(CONTEXT)
    assert [(thing.name, colour) for thing, colour in scenes.colours(scene)] == [("dog", "brown"), ("frisbee", "red")]
    assert [(left.name, right.name) for left, right in scenes.sides(scene)] == [("dog", "frisbee")]
    assert [(big.name, small.name) for big, small in scenes.sizes(scene)] == [("dog", "frisbee")]
    assert {thing.name: thing.number for thing in scene.things} == {"dog": 1, "frisbee": 1, "person": 2}
    assert "horse" in scenes.absent(scene)


@pytest.mark.parametrize("caption", ["A plane over a field", "two planes", "An aircraft"])
def test_what_a_caption_names_by_another_word_is_not_called_absent(caption: str) -> None:
    assert "airplane" not in scenes.absent(scenes.read(f"{caption}\n\nperson: [0.1, 0.1, 0.2, 0.2]"))


def test_nothing_is_called_absent_where_other_annotators_looked() -> None:
    assert scenes.absent(scenes.read("Litter.\n\nCigarette: [0.1, 0.1, 0.2, 0.2]")) == []


def _claims(text: str, image: ImageContext) -> list[str]:
    """Counts and sides in the mock's text that the boxes contradict."""
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    numbers = dict(zip(words, range(1, 13), strict=True))
    kinds = {box.category for box in image.boxes}
    wrong = []
    for kind in kinds:
        held = [box for box in image.boxes if box.category == kind]
        for number in re.findall(rf"There are (\w+) {re.escape(plural(kind))}[ .]", text):
            said = numbers.get(number) or (int(number) if number.isdecimal() else None)
            if said not in (None, len(held)) and f"{number} {plural(kind)}" not in " ".join(image.captions):
                wrong.append(f"{number} {kind}")
        for other in kinds - {kind}:
            against = [box for box in image.boxes if box.category == other]
            left = re.search(rf"[Tt]he {re.escape(kind)} (?:is|are) to the left of the {re.escape(other)}\.", text)
            if left and not held[0].x2 <= against[0].x1:
                wrong.append(left[0])
        if f"there is no {kind} " in text:
            wrong.append(f"no {kind}")
    return wrong


def test_on_real_pictures_nothing_contradicts_the_boxes(shared_data: Path, tasks: dict[str, Task]) -> None:
    names = ("captions_val2017_2000.json.gz", "instances_val2017_2000_boxes.json.gz")
    sources = [Source(shared_data / "coco" / name, named=True) for name in names]
    checked = 0
    for image in list(index(sources).contexts())[::5]:
        for task in tasks.values():
            text = reply(messages(task, describe(image, task.sees)))
            assert _claims(text, image) == [], image.file_name
            checked += 1
    assert checked == 400 * len(tasks)


LINES = st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=6)
BOXES = st.lists(
    st.builds(
        Box,
        st.sampled_from(["dog", "skis", "wine glass", "Class_1", "[/red]", "a: b", "犬"]),
        *[st.floats(0, 1).map(lambda v: round(v, 3)) for _ in range(4)],
    ),
    max_size=8,
)


@settings(deadline=None)
@given(captions=LINES, boxes=BOXES)
def test_any_context_gives_a_reply(captions: list[str], boxes: list[Box]) -> None:
    image = ImageContext(
        image_id="1", file_name="1.jpg", width=1, height=1, captions=tuple(captions), boxes=tuple(boxes)
    )
    assert reply([{"role": "user", "content": describe(image, ("captions", "boxes"))}]).startswith("Question:\n")


def test_the_completion_says_that_it_is_a_mock() -> None:
    completion = complete({"model": "gpt-4", "messages": [{"role": "user", "content": CONTEXT}]})
    assert completion["model"] == "datagen-mock"
    assert completion["system_fingerprint"] == "datagen-mock"
    assert json.dumps(completion)


def test_a_token_limit_cuts_as_a_real_model_is_cut() -> None:
    completion = complete({"max_tokens": 5, "messages": [{"role": "user", "content": CONTEXT}]})
    assert completion["choices"][0]["finish_reason"] == "length"
    assert len(completion["choices"][0]["message"]["content"]) == 20


@pytest.mark.parametrize(
    ("noun", "many"),
    [("person", "people"), ("bus", "buses"), ("wine glass", "wine glasses"), ("knife", "knives"), ("sheep", "sheep"),
     ("bench", "benches"), ("cherry", "cherries"), ("boy", "boys"), ("skis", "pairs of skis"), ("犬", "犬")],
)  # fmt: skip
def test_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many


def test_articles_and_lists() -> None:
    assert [a("dog"), a("umbrella"), a("oven"), a("unicycle"), a("skis")] == [
        "a dog", "an umbrella", "an oven", "a unicycle", "a pair of skis",
    ]  # fmt: skip
    assert listed(["a", "b", "c"]) == "a, b and c"
