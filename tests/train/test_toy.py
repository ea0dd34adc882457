"""A toy LLaVA taught on the shipped samples: the loss falls, and it answers by the picture that it is shown."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

import pytest

from datagen.shipped import shipped
from datagen.sources.files import Source
from datagen.trial.lessons import Lesson, lessons, swaps
from datagen.trial.masking import masked
from tests.program import Program as Cli
from tests.trial.test_masking import BY_LENGTH, LOADED, MASKED, RECORDS

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SAMPLES = shipped("samples")


class Taught(NamedTuple):
    """The toy after both stages."""

    room: Any
    lessons: list[Lesson]
    curves: Any
    frozen: bool
    """Whether stage 1 left the language model, and both left the vision tower, as they were."""


def copied(weights: Any) -> list[Any]:
    return [each.detach().clone() for each in weights]


def same(before: list[Any], weights: Any) -> bool:
    return all(bool((one == other).all()) for one, other in zip(before, weights, strict=True))


@pytest.fixture(scope="module")
def taught() -> Taught:
    import torch

    from datagen.trial.classroom import Classroom
    from datagen.trial.pictures import Pictures
    from datagen.trial.training import STAGES, train
    from datagen.trial.words import learnt

    torch.set_num_threads(1)
    found = [
        each for each in lessons(Source(SAMPLES / "output" / "llava.json", named=True)) if isinstance(each, Lesson)
    ]
    room = Classroom(learnt(each.masked.text for each in found), Pictures(SAMPLES / "images"), 0)
    assert len(room.seat(found, 48)) == 48
    toy, examples = room.toy, list(room.taught.values())
    tower, language, projector = toy.model.model.vision_tower.parameters, toy.language, toy.projector
    before = copied(tower()), copied(language), copied(projector)
    curves = [train(toy, STAGES[0], examples, 0, lambda *_: None)]
    frozen = same(before[1], language) and not same(before[2], projector)
    curves.append(train(toy, STAGES[1], examples, 0, lambda *_: None))
    frozen = frozen and same(before[0], tower()) and not same(before[1], language)
    return Taught(room, found, curves, frozen)


def test_each_stage_trains_what_is_its_own(taught: Taught) -> None:
    assert taught.frozen


def test_the_loss_falls_by_at_least_half(taught: Taught) -> None:
    first, second = taught.curves
    assert first.after < first.before
    assert second.before == pytest.approx(first.after, rel=1e-4)
    assert second.after < first.before / 2


def test_it_says_an_answer_again_for_the_right_picture_and_not_for_a_swapped_one(taught: Taught) -> None:
    from datagen.trial.classroom import first_answer

    room, pairs = taught.room, swaps(taught.lessons)
    assert len(pairs) == 38
    sight = room.look(pairs)
    assert sight.right >= 0.9 * len(pairs)
    assert sight.swapped <= 0.1 * len(pairs)
    one, other = next(
        (one, other) for one, other in pairs
        if all(room.toy.repeats([first_answer(room.taught[each.number]) for each in (one, other)]))
    )  # fmt: skip
    own, theirs = (room.taught[each.number] for each in (one, other))
    assert own.numbers.ids[:20] == theirs.numbers.ids[:20], "they are asked the same"
    said = answers(one), answers(other)
    assert spoken(taught, own) == said[0] != said[1]
    assert spoken(taught, own._replace(pixels=theirs.pixels)) == said[1]


def answers(lesson: Lesson) -> str:
    begin, end = lesson.masked.spans[0]
    return lesson.masked.text[begin:end].removesuffix("</s>").strip()


def spoken(taught: Taught, example: Any) -> str:
    """What the toy says by transformers' own generate()."""
    room = taught.room
    return str(room._words.text(room.toy.answer(example))).strip()


def test_only_answers_and_their_ends_are_trained_on(taught: Taught) -> None:
    for lesson in taught.lessons:
        numbers = taught.room.taught[lesson.number].numbers
        trained = taught.room._words._tokenizer.decode([n for n in numbers.labels if n >= 0], skip_special_tokens=False)
        assert trained == "".join(lesson.masked.text[begin:end] for begin, end in lesson.masked.spans)


@pytest.mark.parametrize("name", ["sound", "sound two turns", "sound text only", *sorted({*MASKED} - BY_LENGTH)])
def test_a_record_that_is_said_to_give_no_gradient_gives_none(taught: Taught, name: str) -> None:
    import numpy as np

    from datagen.trial.toy import PATCHES, Example

    made = masked(RECORDS[name])
    numbers = taught.room._words.numbers(made, bool(made.pictures), PATCHES)
    pixels = np.zeros((3, 48, 48), np.float32) if made.pictures else None
    loss = float(taught.room.toy.loss([Example(numbers, pixels)]).detach())
    assert math.isfinite(loss) is (name in LOADED)


def test_lengths_are_those_of_llavas_own_limits(taught: Taught) -> None:
    words = taught.room._words
    names = ("sound", "sound two turns", "sound text only", "too long a question", "too long an answer")
    made = {name: masked(RECORDS[name]) for name in names}
    found = dict(zip(names, words.measures([(each, bool(each.pictures)) for each in made.values()]), strict=True))
    for name in names[:3]:
        numbers = words.numbers(made[name], bool(made[name].pictures), 576)
        assert found[name] == (len(numbers.ids), sum(label >= 0 for label in numbers.labels), 0)
    assert (found["too long a question"].trained, found["too long a question"].cut > 0) == (0, True)
    assert found["too long an answer"].trained
    assert found["too long an answer"].cut


def test_words_do_not_run_over_where_an_answer_begins_or_ends(taught: Taught) -> None:
    words, found = taught.room._words, [each.masked for each in taught.lessons]
    for made, measure in zip(found, words.measures([(each, True) for each in found]), strict=True):
        assert measure.tokens == len(words.numbers(made, True, 576).ids)


def test_the_command_tells_it_all_and_reaches_for_no_network(cli: Cli) -> None:
    done = cli.process("trial", "samples", "--json", timeout=600, HF_HUB_OFFLINE="1", https_proxy="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["records"] == told["taught"] == 48
    assert told["loss"]["halved"]
    assert told["sound"]
    assert (told["stopped"], told["no_gradient"], told["left_out"]) == ({}, {}, {})
    assert done.stderr == ""
