"""G: what is said of the picture, held against its boxes and captions.

What is claimed, and what the annotations say of it, is `grounding`'s to find out; here each verdict that goes against a
claim becomes a finding, with the words and with a line that a person can check at a glance. All are warnings: the
annotations may be wrong as well. What they cannot know is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from datagen.checks.base import Check, Seen, grounding_check, of_kind
from datagen.checks.examples import record
from datagen.checks.sample import IMAGE, Sample
from datagen.schema import Box, ImageContext, Turn

if TYPE_CHECKING:
    from datagen.grounding.claims import Judged

Places = Sequence[tuple[str, str]]
"""Of each turn: where its question stands, and where its answer does."""
_SCENE = {
    "image": "train2017/000000033471.jpg",
    "captions": ["A brown dog runs after a ball.", "A dog plays with a man on the grass."],
    "boxes": [["dog", 0.1, 0.5, 0.3, 0.8], ["sports ball", 0.6, 0.7, 0.65, 0.75], ["person", 0.7, 0.1, 0.9, 0.85]],
}
_CATEGORIES = ["person", "dog", "sports ball", "bench", "umbrella"]


def _example(question: str, answer: str) -> dict[str, Any]:
    """A record, the image that it is about in datagen's own lines, and what could have a box at all."""
    return {"record": record(f"<image>\n{question}", answer), "image": _SCENE, "categories": _CATEGORIES}


def image_of(line: Mapping[str, Any]) -> ImageContext:
    """An example's image."""
    return ImageContext(
        image_id="33471",
        file_name=line["image"],
        width=None,
        height=None,
        captions=tuple(line["captions"]),
        boxes=tuple(Box(*box) for box in line["boxes"]),
    )


def turns_in(sample: Sample) -> tuple[tuple[Turn, ...], Places]:
    """The questions of a record with their answers, image tokens left out, and where they stand."""
    turns: list[Turn] = []
    places: list[tuple[str, str]] = []
    asked = None
    for message in sample.messages:
        if message.speaker == "human":
            asked = message
        elif message.speaker == "gpt" and asked is not None:
            question = (asked.text or "").replace(IMAGE, "").strip()
            turns.append(Turn(question, message.text or ""))
            places.append((asked.where, message.where))
            asked = None
    return tuple(turns), places


def judged_as(judged: Sequence[Judged], places: Places, checks: Sequence[Check]) -> Iterator[tuple[Check, Seen]]:
    """What some grounding checks say of judged claims."""
    against = [each for each in judged if each.standing == "contradicted"]
    for check in checks if against else ():
        for each in check.run(against):
            claim = each.claim
            yield check, Seen(each.why, places[claim.turn][claim.part == "answer"], claim.words)


def grounding_checks() -> list[Check]:
    """The checks of this family."""
    return of_kind("grounding")


def _of(code: str, judged: Sequence[Judged]) -> Iterator[Judged]:
    return (each for each in judged if each.code == code)


@grounding_check(
    "G001",
    "absent-object",
    fails=_example("What else is there?", "There is an umbrella next to the dog."),
    passes=_example("What else is there?", "There is a man with the dog."),
)
def absent_object(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It speaks of a thing that is not in the picture.

    Only a thing that would have a box if it were there, which no caption names, and which is not another word for
    something that has one. Models that are trained on such answers see things (LLaVA issue 112).
    """
    yield from _of("G001", judged)


@grounding_check(
    "G002",
    "wrong-count",
    fails=_example("How many dogs are there?", "There are three dogs."),
    passes=_example("How many dogs are there?", "There is one dog."),
)
def wrong_count(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It tells another number of things than there are boxes.

    Crowds, groups and numbers that a caption gives as well are not judged. Wrong counts are what LLaVA's users complain
    of most (LLaVA issue 991).
    """
    yield from _of("G002", judged)


@grounding_check(
    "G003",
    "wrong-side",
    fails=_example("Where is the dog?", "The dog is to the right of the man."),
    passes=_example("Where is the dog?", "The dog is to the left of the man."),
)
def wrong_side(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It says left where the boxes say right, or right where they say left.

    Left and right are the viewer's. What overlaps, and what belongs to somebody ("in his left hand"), is not judged.
    """
    yield from _of("G003", judged)


@grounding_check(
    "G004",
    "wrong-height",
    fails=_example("Where is the dog?", "The dog is at the top of the picture."),
    passes=_example("Where is the dog?", "The dog is in the lower half of the picture."),
)
def wrong_height(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It says above or top where the boxes say below or bottom, or the other way round."""
    yield from _of("G004", judged)


@grounding_check(
    "G005",
    "false-denial",
    fails=_example("Is there a dog?", "No, there is no dog in the picture."),
    passes=_example("Is there a bench?", "No, there is no bench in the picture."),
)
def false_denial(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It denies a thing that has a box.

    Answers to questions about what is absent are made to teach a model to say no; such a one teaches it blindness.
    What goes by many names (bags, bowls, screens, tables) is judged only where a caption uses the word, and what is
    boxed under two names not at all: there the denial is right as often as the box.
    """
    yield from _of("G005", judged)


@grounding_check(
    "G006",
    "wrong-attribute",
    fails=_example("What color is the dog?", "The dog is white."),
    passes=_example("What color is the dog?", "The dog is brown."),
)
def wrong_attribute(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It gives a thing another color, material or state than the captions do.

    Judged only where there is one such thing, and the captions agree.
    """
    yield from _of("G006", judged)


@grounding_check(
    "G007",
    "false-premise",
    fails=_example("What color is the umbrella?", "It is of a bright red."),
    passes=_example("What color is the umbrella?", "There is no umbrella in the picture."),
)
def false_premise(judged: Sequence[Judged]) -> Iterator[Judged]:
    """The question takes for granted what is not in the picture, and the answer lets it pass."""
    yield from _of("G007", judged)


@grounding_check(
    "G008",
    "parroted-coordinates",
    fails=_example("What is the dog doing?", "The dog [0.1, 0.5, 0.3, 0.8] runs after a ball."),
    passes=_example("What is the dog doing?", "The dog runs after a ball."),
)
def parroted_coordinates(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It hands back the numbers of a box, which nobody sees in a picture."""
    yield from _of("G008", judged)


@grounding_check(
    "G009",
    "wrong-size",
    fails=_example("Which is larger?", "The ball takes up more of the picture than the dog."),
    passes=_example("Which is larger?", "The dog takes up more of the picture than the ball."),
)
def wrong_size(judged: Sequence[Judged]) -> Iterator[Judged]:
    """It calls larger in the picture what takes up clearly less of it."""
    yield from _of("G009", judged)
