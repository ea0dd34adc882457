"""What a box proves against a denial, and captions against a colour: not where there are many names, or two things."""

from __future__ import annotations

import pytest

from datagen.grounding.judge import Grounder
from datagen.llm.mock.knowledge import GROUPS
from datagen.schema import Box, ImageContext, Turn

GROUNDER = Grounder(GROUPS)
HALF = (0.1, 0.1, 0.6, 0.6)


def said(answer: str, question: str, *boxes: Box, captions: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    image = ImageContext(
        image_id="1", file_name="a.jpg", width=None, height=None, captions=captions, boxes=boxes
    )  # fmt: skip
    return [(each.standing, each.code) for each in GROUNDER.ground([Turn(question, answer)], image).judged]


AGAINST, OPEN = ("contradicted", "G005"), ("unknown", "")


def test_a_box_proves_a_denial_false() -> None:
    assert said("No", "Is there a bus in the image?", Box("bus", *HALF)) == [AGAINST]


@pytest.mark.parametrize("thing", ["tv", "bowl", "backpack", "handbag", "cell phone", "dining table", "vase"])
def test_what_goes_by_many_names_is_only_there_where_a_caption_says_so(thing: str) -> None:
    question, box = f"Is there a {thing} in the image?", Box(thing, *HALF)
    assert said("No", question, box) == [OPEN]
    assert said("No", question, box, captions=("Some other words.",)) == [OPEN]
    assert said("No", question, box, captions=(f"A {thing} in a room.",)) == [AGAINST]


@pytest.mark.parametrize("word", ["monitor", "computer screen"])
def test_a_word_that_may_mean_something_else_is_no_proof(word: str) -> None:
    assert said("No", "Is there a tv in the image?", Box("tv", *HALF), captions=(f"A {word} on a desk.",)) == [OPEN]


def test_one_thing_under_two_names_is_neither_for_certain() -> None:
    both = Box("hot dog", *HALF), Box("sandwich", 0.1, 0.1, 0.6, 0.58)
    assert said("No", "Is there a hot dog in the image?", *both) == [OPEN]
    assert said("There is no sandwich.", "What is there?", *both) == [OPEN]


def test_another_such_thing_that_stands_by_itself_is_one_for_certain() -> None:
    boxes = Box("hot dog", *HALF), Box("sandwich", *HALF), Box("hot dog", 0.65, 0.65, 0.95, 0.95)
    assert said("No", "Is there a hot dog in the image?", *boxes) == [AGAINST]
    apart = Box("hot dog", *HALF), Box("sandwich", 0.5, 0.5, 0.9, 0.9)
    assert said("No", "Is there a hot dog in the image?", *apart) == [AGAINST]


def test_what_lies_upon_a_thing_of_another_kind_is_there() -> None:
    assert said("No", "Is there a bed in the image?", Box("bed", *HALF), Box("person", *HALF)) == [AGAINST]


@pytest.mark.parametrize(
    "answer", ["No", "no.", "NO,", "No in the image.", "No, there isn't", "No, there is not one here"]
)
def test_no_is_no_however_it_is_put(answer: str) -> None:
    assert said(answer, "Is there a bus in the image?", Box("bus", *HALF)) == [AGAINST]


@pytest.mark.parametrize("answer", ["No doubt.", "No bad weather here.", "Nobody knows."])
def test_other_answers_that_begin_so_deny_nothing(answer: str) -> None:
    assert said(answer, "Is there a bus in the image?", Box("bus", *HALF)) == []


def test_what_is_said_not_to_be_in_the_picture_is_not_said_to_be_there() -> None:
    assert said("The dog is not in the image.", "Describe it.", Box("bus", *HALF)) == []


def test_a_colour_is_not_wrong_where_captions_count_two_of_them() -> None:
    captions = ("A room with two white chairs.", "There are two white chairs here.")
    assert ("contradicted", "G006") not in said("There is a red chair.", "Describe it.", captions=captions)
    one = ("A room with a white chair.", "There is a white chair here.")
    assert ("contradicted", "G006") in said("There is a red chair.", "Describe it.", captions=one)
