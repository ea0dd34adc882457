"""T0: what LLaVA's stage 1 does with a record: it trains on captions and throws the questions away (`llava-plain`).

Facts: haotian-liu/LLaVA@c121f04 with scripts/v1_5/pretrain.sh (version plain, 2048 tokens). Asked about only by name.
Everything that raises ends the run; so does a picture that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, dialogue, record
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import (
    FITS,
    MISSING_IMAGE,
    NOT_BY_DEFAULT,
    Turn,
    blanks,
    has_member,
    kind,
    listing,
    longer,
    member,
    no_list,
    says_from,
    turns,
    words_in,
)

FITS["llava-plain"] = lambda sample: says_from(sample) or any("value" in turn for turn in _objects(sample)[:1])
MISSING_IMAGE["llava-plain"] = "stops"
NOT_BY_DEFAULT.add("llava-plain")

SPECIAL = ("</s>", "<s>", "<unk>")
LIMIT, PICTURE = 2048, 576
ASK = f"<image>\n{QUESTION}"
HUMANS, MODELS = ("human", "user", "system", "tool"), ("gpt", "assistant")


def _objects(sample: Sample) -> list[dict[str, Any]]:
    """The turns that are objects."""
    return [turn for turn in listing(sample, "conversations") if isinstance(turn, dict)]


def _caption(sample: Sample) -> tuple[Turn, ...]:
    """The turn that is trained on."""
    return turns(sample)[1:2]


@trainer_check(
    "T001",
    "no-dialogue",
    "error",
    target="llava-plain",
    does="stops",
    fails={"id": "1", "image": "a.jpg", "caption": ANSWER},
    passes=record(),
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """The record has no list of turns under `conversations`.

    LLaVA stops with a KeyError or TypeError (haotian-liu/LLaVA@c121f04:llava/train/train.py, __getitem__).
    """
    yield from no_list(sample, "conversations")


@trainer_check(
    "T002",
    "not-two-turns",
    "error",
    target="llava-plain",
    does="stops",
    fails=dialogue(ASK, ANSWER, QUESTION, ANSWER),
    passes=dialogue(ASK, ANSWER),
)
def not_two_turns(sample: Sample) -> Iterator[Seen]:
    """There are not just two turns, each with a text under `value`.

    Stage 1 asserts it: one question, one caption (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_plain).
    """
    if sample.sound is not None:
        if sample.sound.form == "conversations" and not sample.sound.single:
            yield Seen("more than two turns", "conversations")
        return
    listed = member(sample, "conversations")
    if isinstance(listed, list):
        if len(listed) != 2:
            yield Seen(f"{len(listed)} turns", "conversations")
        for at, turn in enumerate(listed):
            if not (isinstance(turn, dict) and isinstance(turn.get("value"), str)):
                yield Seen("no text under `value`", f"conversations[{at}]")


@trainer_check(
    "T003",
    "no-token",
    "error",
    target="llava-plain",
    does="stops",
    fails=record(QUESTION),
    passes=record(ASK),
    mends=True,
)
def no_token(sample: Sample) -> Iterator[Seen]:
    """The first turn has no image token.

    Stage 1 asserts it, of records of text only too
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_plain).
    """
    if sample.sound is not None:
        if sample.sound.form == "conversations" and not sample.sound.image:
            yield Seen(f"no {IMAGE} in the first turn", "conversations[0].value")
        return
    for turn in turns(sample)[:1]:
        if not turn.has(IMAGE):
            yield Seen(f"no {IMAGE} in the first turn", turn.where)


@trainer_check(
    "T004",
    "image-not-a-path",
    "error",
    target="llava-plain",
    does="stops",
    fails=record(image=None),
    passes=record(),
    mends=True,
)
def image_not_a_path(sample: Sample) -> Iterator[Seen]:
    """What stands under `image` is not one path.

    LLaVA joins it to the image folder whatever it is (haotian-liu/LLaVA@c121f04:llava/train/train.py, __getitem__).
    """
    if has_member(sample, "image") and not (isinstance(member(sample, "image"), str) and member(sample, "image")):
        yield Seen(f"`image` is {kind(member(sample, 'image'))}, no path", "image")


@trainer_check(
    "T005",
    "token-in-caption",
    "error",
    target="llava-plain",
    does="stops",
    fails=record(answer="An <image> shows a dog."),
    passes=record(answer="An image shows a dog."),
)
def token_in_caption(sample: Sample) -> Iterator[Seen]:
    """The caption has an image token.

    Each token takes a picture of the batch; the last one of it finds none: an IndexError
    (haotian-liu/LLaVA@c121f04:llava/model/llava_arch.py, prepare_inputs_labels_for_multimodal).
    """
    yield from words_in(_caption(sample), (IMAGE,))


@trainer_check(
    "T006",
    "no-image",
    "error",
    target="llava-plain",
    does="damaged",
    fails=record(image=...),
    passes=record(),
)
def no_image(sample: Sample) -> Iterator[Seen]:
    """There is an image token and no `image`.

    Stage 1 trains on the caption of a black picture
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, __getitem__).
    """
    if turns(sample) and not has_member(sample, "image"):
        yield from words_in(turns(sample)[:1], (IMAGE,))


@trainer_check(
    "T007",
    "roles-unread",
    "error",
    target="llava-plain",
    does="damaged",
    fails=dialogue(ASK, ANSWER, roles=("gpt", "human")),
    passes=dialogue(ASK, ANSWER),
    mends=True,
)
def roles_unread(sample: Sample) -> Iterator[Seen]:
    """The turns are not of a human and then of the model.

    Stage 1 reads no roles and trains on the second turn, whoever speaks
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_plain).
    """
    listed = listing(sample, "conversations")
    if len(turns(sample)) == 2:
        for at, (turn, roles) in enumerate(zip(listed, (HUMANS, MODELS), strict=True)):
            role = turn.get("from", turn.get("role"))
            if role not in roles:
                yield Seen(f"the role is {role!r}", f"conversations[{at}].from")


@trainer_check(
    "T008",
    "empty-caption",
    "error",
    target="llava-plain",
    does="damaged",
    fails=dialogue(ASK, " "),
    passes=dialogue(ASK, ANSWER),
)
def empty_caption(sample: Sample) -> Iterator[Seen]:
    """The caption is blank.

    Stage 1 trains on the end of a line alone (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_plain).
    """
    yield from blanks(_caption(sample), MODELS)


@trainer_check(
    "T009",
    "special-token",
    "error",
    target="llava-plain",
    does="damaged",
    fails=record(answer="The sign reads STOP.</s>"),
    passes=record(answer="The sign reads STOP."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """The caption holds `</s>`, `<s>` or `<unk>`.

    The tokenizer reads them as its own tokens, not as the letters that stand there.
    """
    yield from words_in(_caption(sample), SPECIAL)


@trainer_check(
    "T010",
    "too-long",
    "warning",
    target="llava-plain",
    does="damaged",
    fails=record(answer="word " * 2100),
    passes=record(),
)
def too_long(sample: Sample) -> Iterator[Seen]:
    """The caption has more words than the 2048 tokens that are kept, less the picture's 576.

    The end is cut off (haotian-liu/LLaVA@c121f04:scripts/v1_5/pretrain.sh).
    """
    yield from longer(_caption(sample), LIMIT - PICTURE)
