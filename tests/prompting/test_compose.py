"""A query's bytes are the messages, and its id is readable, unique and the proof of the bytes."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.annotations.names import identity
from datagen.errors import UnknownName
from datagen.prompting.compose import Composer, image_slug, messages
from datagen.prompting.context import describe
from datagen.schema import Box, ImageContext, Query, Shot, Task

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
OPTIONS = {"max_tokens": 800, "temperature": 0.7}
CAT = Box("cat", 0.1, 0.2, 0.3, 0.4)


def picture(image_id: str = "33471", **change: Any) -> ImageContext:
    fields: dict[str, Any] = {"file_name": "a.jpg", "width": 640, "height": 480}
    fields |= {"captions": ("A cat.", "One cat sits."), "boxes": (CAT,)}
    return ImageContext(image_id=image_id, **{**fields, **change})


def talk(name: str = "conversation", **change: Any) -> Task:
    fields: dict[str, Any] = {"description": "", "system": "Talk.", "shots": (Shot("A dog.", "Woof."),)}
    fields |= {
        "questions": (),
        "sees": ("captions", "boxes"),
        "needs": ("captions",),
        "reply": "qa",
        "pairs": (1, None),
    }
    return Task(name=name, **{**fields, **change})


def query(task: Task | None = None, image: ImageContext | None = None, seed: int = 0, **change: Any) -> Query:
    composer = Composer(task or talk(), change.get("model", "gpt"), change.get("options", OPTIONS), seed)
    return composer.query(image or picture(), change.get("draw", 0))


# The bytes


def test_the_scheme_is_system_examples_image() -> None:
    assert messages(talk(), "A cat.") == [
        {"role": "system", "content": "Talk."},
        {"role": "user", "content": "A dog."},
        {"role": "assistant", "content": "Woof."},
        {"role": "user", "content": "A cat."},
    ]


def test_an_image_is_described_as_captions_a_blank_line_and_boxes() -> None:
    image = picture(boxes=(CAT, Box("traffic light", 0.0, 0.5, 1.0, 0.125)))
    expected = "A cat.\nOne cat sits.\n\ncat: [0.1, 0.2, 0.3, 0.4]\ntraffic light: [0.0, 0.5, 1.0, 0.125]"
    assert describe(image, ("captions", "boxes")) == expected


@pytest.mark.parametrize(
    ("sees", "change", "seen"),
    [
        (("captions",), {}, "A cat.\nOne cat sits."),
        (("boxes",), {}, "cat: [0.1, 0.2, 0.3, 0.4]"),
        (("boxes", "captions"), {}, "cat: [0.1, 0.2, 0.3, 0.4]\n\nA cat.\nOne cat sits."),
        (("captions", "boxes"), {"boxes": ()}, "A cat.\nOne cat sits."),
        (("captions", "boxes"), {"captions": ()}, "cat: [0.1, 0.2, 0.3, 0.4]"),
        (("captions", "boxes"), {"captions": (), "boxes": ()}, ""),
    ],
)
def test_a_task_sees_what_it_says_in_its_order(sees: tuple[str, ...], change: dict[str, Any], seen: str) -> None:
    assert describe(picture(**change), sees) == seen


def test_images_are_told_apart_whichever_was_described_last() -> None:
    one, equal = (picture(boxes=(CAT._replace(x1=x1),)) for x1 in (0.0, -0.0))
    other = picture(captions=("A dog.",))
    for _ in range(2):
        assert describe(other, ("captions",)) == "A dog."
        assert describe(one, ("captions",)) == "A cat.\nOne cat sits."
        assert describe(one, ["boxes"]) == "cat: [0.0, 0.2, 0.3, 0.4]"
        assert describe(equal, ("boxes",)) == "cat: [-0.0, 0.2, 0.3, 0.4]"


def test_an_unknown_sight_comes_with_the_near_miss() -> None:
    with pytest.raises(UnknownName) as caught:
        describe(picture(), ["box"])
    assert caught.value.hint == "did you mean boxes?"


WILD = st.text(st.characters(), max_size=20) | st.sampled_from(["\x00image\x00", '"', "\\", "\ud800", "\u2028", ""])
NUMBER = st.integers(0, 1000).map(lambda n: n / 1000)
BOXES = st.lists(st.builds(Box, WILD, NUMBER, NUMBER, NUMBER, NUMBER), max_size=3).map(tuple)
PICTURES = st.builds(picture, st.just("1"), captions=st.lists(WILD, max_size=3).map(tuple), boxes=BOXES)
SHOTS = st.lists(st.builds(Shot, WILD, WILD), max_size=3).map(tuple)
TASKS = st.builds(talk, system=WILD, shots=SHOTS, sees=st.sampled_from([("captions",), ("boxes", "captions")]))


@settings(deadline=None)
@given(task=TASKS, image=PICTURES, model=WILD.filter(lambda text: text != "\x00image\x00"))
def test_the_body_is_json_of_the_messages(task: Task, image: ImageContext, model: str) -> None:
    composer = Composer(task, model, OPTIONS, seed=0)
    request = composer.request(composer.query(image))
    assert request.body.isascii()
    expected = {"model": model, "messages": messages(task, describe(image, task.sees)), **OPTIONS}
    assert json.loads(request.body) == request.payload() == expected
    assert request.body == json.dumps(expected, separators=(",", ":")).encode()


@settings(deadline=None)
@given(task=TASKS, image=PICTURES)
def test_the_digest_is_that_of_the_body(task: Task, image: ImageContext) -> None:
    composer = Composer(task, "gpt", {}, seed=0)
    made = composer.query(image)
    request = composer.request(made)
    assert request.id == made.id
    assert hashlib.sha256(request.body).hexdigest() == made.digest
    assert made.id.endswith(f"-{made.digest[:8]}")


def test_one_composer_makes_what_a_fresh_one_would() -> None:
    composer, images = (
        Composer(talk(), "gpt", OPTIONS, 0),
        [picture(str(n), captions=(f"{n} cats.",)) for n in range(9)],
    )
    made = [composer.query(image) for image in images]
    assert made == [query(image=image) for image in images]
    assert [composer.request(q) for q in reversed(made)] == [
        Composer(talk(), "gpt", OPTIONS, 0).request(q) for q in reversed(made)
    ]


# The id


def test_the_id_is_image_task_draw_digest() -> None:
    made = query(draw=2)
    assert made.id == f"000000033471-conversation-2-{made.digest[:8]}"
    assert made.record_id == "000000033471-conversation-2"


@pytest.mark.parametrize(
    ("image_id", "written"),
    [
        ("7", "000000000007"),
        ("0", "000000000000"),
        ("123456789012", "123456789012"),
        ("1234567890123", "1234567890123"),
        ("9" * 18, "9" * 18),
        ("-5", "5_263b07a2"),
        ("img_7", "img_7"),
        ("a" * 24, "a" * 24),
    ],
)
def test_an_images_id_is_readable_in_other_ids(image_id: str, written: str) -> None:
    assert image_slug(image_id) == written


IMAGE_IDS = st.one_of(
    st.integers(-(10**18) + 1, 10**18 - 1).map(str),
    st.text(st.characters(), min_size=1, max_size=60),
    st.text("aB1_-/ ", min_size=1, max_size=30),
    st.sampled_from(["x" * 200, "x" * 199 + "y", "\u732b", "\u72ac", "a/b", "a b", "a-b", "A-b", "9" * 19, "\u0667"]),
).map(identity)
NAMES = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\x00"), min_size=1, max_size=60),
    st.text("aB1_- ", min_size=1, max_size=40),
    st.sampled_from(["conversation", "detail_description", "complex_reasoning", "x" * 100, "\u732b", "-"]),
)


@settings(deadline=None, max_examples=300)
@given(image_id=IMAGE_IDS.filter(bool), name=NAMES, draw=st.integers(0, 99_999))
def test_an_id_is_at_most_64_plain_characters(image_id: str, name: str, draw: int) -> None:
    made = query(talk(name), picture(image_id), draw=draw)
    assert ID.fullmatch(made.id)
    assert ID.fullmatch(made.record_id)
    assert made.id.startswith(made.record_id)


@settings(deadline=None)
@given(
    image_ids=st.lists(IMAGE_IDS.filter(bool), min_size=1, max_size=8, unique=True),
    names=st.lists(NAMES, min_size=1, max_size=4, unique=True),
)
def test_ids_are_unique(image_ids: list[str], names: list[str]) -> None:
    composers = [Composer(talk(name, system=name), "gpt", {}, 0) for name in names]
    images = [picture(image_id) for image_id in image_ids]
    made = [composer.query(image, draw) for composer in composers for image in images for draw in (0, 1, 10)]
    assert len({q.id for q in made}) == len(made)


@settings(deadline=None)
@given(image_ids=st.lists(IMAGE_IDS.filter(bool), min_size=2, max_size=30, unique=True))
def test_record_ids_of_one_task_are_unique(image_ids: list[str]) -> None:
    composer = Composer(talk(), "gpt", {}, 0)
    made = [composer.query(picture(image_id), draw) for image_id in image_ids for draw in (0, 1, 10)]
    assert len({q.record_id for q in made}) == len(made)


def test_record_ids_of_several_tasks_are_unique() -> None:
    one, other = query(talk("b-talk"), picture("a")), query(talk("talk"), picture("a-b"))
    assert one.record_id != other.record_id


@settings(deadline=None)
@given(image=PICTURES, seed=st.integers())
def test_the_same_input_gives_the_same_query(image: ImageContext, seed: int) -> None:
    task = talk(questions=("What?", "How?", "Where?"))
    assert query(task, image, seed) == query(task, image, seed)


CHANGES: dict[str, dict[str, Any]] = {
    "the system message": {"task": talk(system="Talk!")},
    "an example's context": {"task": talk(shots=(Shot("A dog!", "Woof."),))},
    "an example's reply": {"task": talk(shots=(Shot("A dog.", "Woof!"),))},
    "one example less": {"task": talk(shots=())},
    "what is seen": {"task": talk(sees=("captions",))},
    "the order of what is seen": {"task": talk(sees=("boxes", "captions"))},
    "the model": {"model": "gpt-2"},
    "an option": {"options": {**OPTIONS, "temperature": 0.8}},
    "one option more": {"options": {**OPTIONS, "top_p": 1}},
    "no options": {"options": {}},
    "a caption": {"image": picture(captions=("A cat!", "One cat sits."))},
    "the order of captions": {"image": picture(captions=("One cat sits.", "A cat."))},
    "a box": {"image": picture(boxes=(CAT._replace(x1=0.101),))},
    "a category": {"image": picture(boxes=(CAT._replace(category="dog"),))},
    "one box more": {"image": picture(boxes=(CAT, CAT))},
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_the_question_changes_the_digest(what: str) -> None:
    assert query(**CHANGES[what]).digest != query().digest
    assert query(**CHANGES[what]).id != query().id


def test_all_these_changes_differ_from_each_other() -> None:
    assert len({query(**change).digest for change in CHANGES.values()}) == len(CHANGES)


@pytest.mark.parametrize(
    "change",
    [{"file_name": "b.jpg"}, {"width": None, "height": None}, {"width": 1}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_not_sent_does_not_change_the_digest(change: dict[str, Any]) -> None:
    assert query(image=picture(**change)).digest == query().digest


def test_draws_ask_the_same_under_other_ids() -> None:
    first, second = query(draw=0), query(draw=1)
    assert first.digest == second.digest
    assert first.id != second.id


# Seed and questions

PHRASES = tuple(f"Question {number}?" for number in range(20))


def test_the_seed_changes_only_the_question() -> None:
    task = talk(questions=PHRASES)
    made = [query(task, seed=seed) for seed in range(60)]
    assert len({q.question for q in made}) > 10
    assert {q.question for q in made} <= set(PHRASES)
    assert all(q.model_copy(update={"question": None}) == made[0].model_copy(update={"question": None}) for q in made)


def test_questions_vary_over_images_and_draws() -> None:
    task = talk(questions=PHRASES)
    over_images = {query(task, picture(str(number))).question for number in range(200)}
    over_draws = {query(task, draw=draw).question for draw in range(200)}
    assert over_images == over_draws == set(PHRASES)


def test_a_question_does_not_depend_on_the_other_words_of_a_task() -> None:
    asked = [query(talk(questions=PHRASES, system=system)).question for system in ("Talk.", "Speak.", "Say.")]
    assert len(set(asked)) == 1


def test_a_task_without_questions_asks_none() -> None:
    assert query().question is None


# What an image lacks


@pytest.mark.parametrize(
    ("needs", "change", "lacks"),
    [
        (("captions",), {}, None),
        (("captions",), {"boxes": ()}, None),
        (("captions",), {"captions": ()}, "captions"),
        (("boxes",), {"captions": ()}, None),
        (("captions", "boxes"), {"boxes": ()}, "boxes"),
        (("captions", "boxes"), {"captions": (), "boxes": ()}, "captions"),
        ((), {"captions": ()}, None),
    ],
)
def test_an_image_lacks_what_the_task_needs(needs: tuple[str, ...], change: dict[str, Any], lacks: str | None) -> None:
    assert Composer(talk(needs=needs), "gpt", {}, 0).lacks(picture(**change)) == lacks


def test_an_image_of_which_nothing_is_seen_is_not_asked_about() -> None:
    assert Composer(talk(needs=()), "gpt", {}, 0).lacks(picture(captions=(), boxes=())) is not None
