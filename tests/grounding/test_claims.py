"""Sentences, and what becomes of them before one picture: two dogs, a man between them, a car at the bottom right."""

from __future__ import annotations

import pytest

from datagen.grounding.claims import Claim, Grounding, Judged
from datagen.grounding.judge import Grounder
from datagen.llm.mock.knowledge import GROUPS
from datagen.schema import Box, ImageContext, Turn

GROUNDER = Grounder(GROUPS)
PICTURE = ImageContext(
    image_id="1",
    file_name="a.jpg",
    width=None,
    height=None,
    captions=("A man with two brown dogs and a red car.", "A man in a blue shirt walks his dogs."),
    boxes=(
        Box("dog", 0.1, 0.1, 0.3, 0.4),
        Box("dog", 0.6, 0.1, 0.8, 0.4),
        Box("person", 0.4, 0.2, 0.6, 0.9),
        Box("car", 0.7, 0.5, 0.95, 0.9),
    ),
)


def judged(answer: str, question: str = "Describe the picture.", image: ImageContext = PICTURE) -> tuple[Judged, ...]:
    return GROUNDER.ground([Turn(question, answer)], image).judged


def codes(answer: str, question: str = "Describe the picture.") -> list[str]:
    return [each.code for each in judged(answer, question) if each.code]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("There is a giraffe in the picture.", "G001"),
        ("The man is holding a frisbee.", "G001"),
        ("The giraffe's head is visible.", "G001"),
        ("A cat can be seen on the left.", "G001"),
        ("A cat is sitting on the car.", "G001"),
        ("The image shows two dogs, a man and a zebra.", "G001"),
        ("The man wears a shirt and is next to a motorbike.", "G001"),
        ("Three giraffes stand near the man.", "G001"),
        ("There are three dogs in the image.", "G002"),
        ("There are four dogs.", "G002"),
        ("The three dogs are happy.", "G002"),
        ("Three of the dogs are asleep.", "G002"),
        ("There are at least three dogs.", "G002"),
        ("There is only one dog in the image.", "G002"),
        ("There is a single dog in the picture.", "G002"),
        ("The image features a man and 5 dogs.", "G002"),
        ("The car is on the left side of the image.", "G003"),
        ("On the left side of the image, there is a car.", "G003"),
        ("There is a car parked on the left.", "G003"),
        ("The car is to the left of the man.", "G003"),
        ("To the right of the car, there is a man.", "G003"),
        ("The man is standing to the right of the car.", "G003"),
        ("Two dogs are on the left side of the image.", "G003"),
        ("The car is above the dogs.", "G004"),
        ("The dogs are below the car.", "G004"),
        ("The car can be seen at the top of the picture.", "G004"),
        ("There are no dogs in the picture.", "G005"),
        ("There isn't a dog in the image.", "G005"),
        ("No dogs are visible.", "G005"),
        ("The image does not show any dogs.", "G005"),
        ("No people are in the image.", "G005"),
        ("I cannot see any dogs in the image.", "G005"),
        ("There doesn't appear to be a dog in the image.", "G005"),
        ("The image does not contain a dog.", "G005"),
        ("There is not a single dog in sight.", "G005"),
        ("There are zero dogs.", "G005"),
        ("There are no dogs or cats in the image.", "G005"),
        ("Neither a dog nor a cat is visible.", "G005"),
        ("A dog cannot be seen in the image.", "G005"),
        ("Dogs are not visible.", "G005"),
        ("A dog isn't present in the picture.", "G005"),
        ("The blue car is parked.", "G006"),
        ("The car is green.", "G006"),
        ("The man wears a yellow shirt.", "G006"),
        ("The car, which is green, is parked.", "G006"),
        ("The color of the car is blue.", "G006"),
        ("The car has a bright green color.", "G006"),
        ("The car appears to be painted green.", "G006"),
        ("There is a car. It is green.", "G006"),
        ("Green is the color of the car.", "G006"),
        ("There are several cars in the image.", "G002"),
        ("There are objects such as a vase.", "G001"),
        ("They are carrying umbrellas.", "G001"),
        ("Near the left edge of the image, one can notice a car.", "G003"),
        ("The left side of the image shows a car.", "G003"),
        ("There are two dogs, one on the left side and the other on the left side of the image.", "G003"),
        ("There is a car. It is on the left side of the image.", "G003"),
        ("The car is further to the left than the man.", "G003"),
        ("The dog is at [0.1, 0.1, 0.3, 0.4].", "G008"),
        ("The car takes up most of the picture.", "G009"),
    ],
)
def test_what_boxes_and_captions_gainsay_is_found(answer: str, code: str) -> None:
    assert codes(answer) == [code]


@pytest.mark.parametrize(
    "answer",
    [
        "There are two dogs in the image.",
        "A pair of dogs and a man can be seen.",
        "The car is to the right of the man.",
        "The car is at the bottom right of the picture.",
        "The dogs are above the car.",
        "The red car is parked.",
        "The man wears a blue shirt.",
        "There is no giraffe in the picture.",
        "A man, two dogs and a car.",
    ],
)
def test_what_they_bear_out_is_supported(answer: str) -> None:
    found = GROUNDER.ground([Turn("Describe the picture.", answer)], PICTURE)
    assert found.supported
    assert not found.contradicted
    assert found.score == 1.0


TRAPS = {
    "a guess": "There might be a cat nearby, and possibly a bus.",
    "a condition": "If there were a cat, the dog would bark.",
    "a rule of life": "Dogs often chase cats and sheep.",
    "one of a kind": "A cat is a lovely animal.",
    "a need": "A cat needs a walk as well.",
    "a simile": "He is as strong as a bear.",
    "a likeness": "The dog looks like a bear.",
    "another than these": "Unlike a cat, it barks.",
    "a purpose": "He is on his way to catch a train.",
    "a picture of one": "A painting of a cat hangs there.",
    "a toy": "There is a toy elephant.",
    "a statue": "There is a statue of a horse.",
    "on a shirt": "The shirt has a cat on it.",
    "a compound": "The man is walking in a cat park near a bus stop.",
    "a hyphen": "There is a bear-shaped cloud.",
    "a colour": "There is an orange and white sign.",
    "a bed of rice": "It lies on a bed of leaves.",
    "a story": "A two story building is behind them.",
    "a body's side": "His left hand is raised, and the car is in the right lane.",
    "a thing's side": "The car is on the left side of the street.",
    "left of what has no box": "The car is to the left of the tree.",
    "turned left": "The car turned left.",
    "some of them": "There are one or two dogs.",
    "of no exact number": "There are about five dogs.",
    "a subset": "One of the dogs is on the right.",
    "denied for a place": "There is no dog on the couch.",
    "the colour of a part": "The roof of the car is green. The car's roof is green.",
    "a colour of more than one": "There is a car and a house. The house by the car is green.",
    "animals of stone": "There are statues of bears. One bear is on the left.",
    "a kind of things": "He likes fruits such as an apple.",
    "the dog's face": "The dog is not visible. The giraffe is not visible in the image.",
    "not seen there": "A dog cannot be seen behind the wall.",
    "a list of tips": "Some tips: 1. Clean the toilet often. 2. Put a vase on the desk.",
    "what helps": "By wearing a tie he shows respect. Riding a bicycle keeps him fit.",
    "what such things often have": "These places often feature benches.",
    "one of the same kind below another": "The dog is below the other dog.",
    "denied of a man": "The man does not have a dog. It is not a dog.",
    "two denied for a place": "There are no dogs or cats on the couch.",
    "denied of an act": "There is no person riding a bicycle.",
    "denied for others": "There are no other dogs.",
    "denied with words of which": "There are no white dogs.",
    "not denied": "It is not a dog park.",
    "from within": "The man is sitting in a train.",
    "a word of several senses": "There is a plant and a board on the table.",
    "wider words": "There are animals, furniture and vehicles.",
    "whoever it is": "It seems that the person behind the camera is close.",
    "parts of words": "The scatter of cattails makes a category.",
    "sizes in the world": "The dogs are larger than the car.",
    "a denial that is true": "There is no cat, no bus and no boat here.",
}


@pytest.mark.parametrize("trap", list(TRAPS))
def test_what_cannot_be_known_is_not_judged(trap: str) -> None:
    assert codes(TRAPS[trap]) == []


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("How many dogs are there?", "Three.", ["G002"]),
        ("How many dogs are in the image?", "There are four dogs.", ["G002"]),
        ("How many dogs are in the image?", "There is one dog.", ["G002"]),
        ("How many dogs can you see?", "2", []),
        ("How many dogs are there?", "Two dogs are visible.", []),
        ("How many dogs are sleeping?", "One.", []),
        ("How many brown dogs are there?", "One.", []),
        ("Is there a dog in the image?", "No, there isn't.", ["G005"]),
        ("Are there any dogs?", "No.", ["G005"]),
        ("Is there a dog on the car?", "No.", []),
        ("Are there any other dogs in the image?", "No.", []),
        ("Is there another person?", "No, there isn't.", []),
        ("Are there several dogs?", "No, just the two.", []),
        ("Are there more dogs?", "No.", []),
        ("Is there only one dog?", "No.", []),
        ("Is there a dog?", "No, there are two dogs.", []),
        ("Is the dog alone?", "No.", []),
        ("Is there a dog or a cat?", "No.", []),
        ("Is there a giraffe in the image?", "Yes, there is.", ["G001"]),
        ("Is there a giraffe in the image?", "No, there is no giraffe.", []),
        ("What color is the car?", "Blue.", ["G006"]),
        ("What color is the car?", "It is red.", []),
        ("What is the giraffe doing?", "It eats.", ["G007"]),
        ("What is the giraffe doing?", "There is no giraffe in the picture.", []),
        ("What are the three dogs doing?", "They play.", ["G007"]),
        ("Where is the car?", "It is on the left side of the image.", ["G003"]),
        ("Where is the car located in the picture?", "On the left.", ["G003"]),
        ("Where is the car?", "On the right side.", []),
        ("What is the colour of the car?", "It is blue.", ["G006"]),
        ("What is the colour of the car's roof?", "Blue.", []),
        ("Can you tell me about the giraffe?", "It eats.", ["G007"]),
        ("Where is the dog? Give its bounding box.", "[0.1, 0.1, 0.3, 0.4]", []),
        ("Should I buy a giraffe?", "That is up to you.", []),
    ],
)
def test_an_answer_is_read_with_its_question(question: str, answer: str, expected: list[str]) -> None:
    assert codes(answer, question) == expected


def test_a_finding_shows_words_and_boxes() -> None:
    (found,) = (each for each in judged("Look! There are three dogs here.") if each.code)
    claim = found.claim
    assert claim == Claim("count", 0, "answer", 16, 26, "three dogs", "dog", number=3)
    assert found.boxes == (0, 1)
    assert found.why == "says 'three dogs'; 2 boxes of dog: [0.10, 0.10, 0.30, 0.40], [0.60, 0.10, 0.80, 0.40]"
    assert 0 < found.score <= 1


def test_the_score_is_a_share_of_what_could_be_judged() -> None:
    assert Grounding(()).score is None
    found = GROUNDER.ground([Turn("?", "There are two dogs, a man and a zebra, and maybe a cat.")], PICTURE)
    assert (found.supported, found.contradicted) == (2, 1)
    assert found.score == pytest.approx(2 / 3)


def test_without_boxes_nothing_is_found_missing() -> None:
    bare = PICTURE.model_copy(update={"boxes": ()})
    assert not [each for each in judged("There are three cats and a bus.", image=bare) if each.code]


def test_a_caption_that_hints_at_it_keeps_it_from_being_missing() -> None:
    for caption in ("A giraffe behind a fence.", "Animals in a zoo."):
        hinted = PICTURE.model_copy(update={"captions": (caption,)})
        assert not [each for each in judged("There is a giraffe.", image=hinted) if each.code]


def test_boxes_of_crowds_are_not_counted() -> None:
    crowd = Box("person (group)", 0, 0, 1, 0.5)
    image = PICTURE.model_copy(update={"boxes": (*PICTURE.boxes, crowd)})
    grounder = Grounder([*GROUPS, "person (group)"])
    found = grounder.ground([Turn("?", "There are nine people and five dogs.")], image)
    assert not found.contradicted


def test_mentions_name_the_boxes_they_may_speak_of() -> None:
    turns = [Turn("What does the man do?", "He walks his dogs past an automobile, not a cat.")]
    found = GROUNDER.mentions(turns, PICTURE)
    assert [(each.part, each.category, each.boxes) for each in found] == [
        ("question", "person", (2,)),
        ("answer", "dog", (0, 1)),
        ("answer", "car", (3,)),
        ("answer", "cat", ()),
    ]
    for each in found:
        text = turns[0].question if each.part == "question" else turns[0].answer
        assert text[each.start : each.end] in ("man", "dogs", "automobile", "cat")
