"""T8: what InternVL's fine-tuning (internvl_chat) does with a record.

Facts: OpenGVLab/InternVL@2410d1d with shell/internvl3.0/2nd_finetune/internvl3_8b_dynamic_res_2nd_finetune_full.sh
(internvl2_5, lengths grouped, 16384 tokens). Lengths are asked of all records before the first step, where whatever
raises ends the run; after that a record that raises is lost, and another taken for it at random, unless the report of
it raises too. A picture that is missing: lost. Files must be JSON Lines. It knows the special tokens of Qwen's
vocabulary and those that InternVL adds, and nothing of videos.
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
    Turn,
    blanks,
    has_member,
    images_unread,
    kind,
    listing,
    longer,
    member,
    no_list,
    no_pairs,
    says_from,
    tokens,
    turns,
    words_in,
)

FITS["internvl"] = says_from
MISSING_IMAGE["internvl"] = "lost"

SPECIAL = (
    *("<img>", "</img>", "<IMG_CONTEXT>"),
    *("<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>"),
    *("<|quad_start|>", "<|quad_end|>"),
)
"""Without those that InternVL itself adds for places in a picture: `<ref>`, `<box>`, `<quad>`."""
LIMIT = 16_384
ASK = f"<image>\n{QUESTION}"


def humans(sample: Sample) -> tuple[Turn, ...]:
    """The turns in which pictures are put."""
    return tuple(turn for turn in turns(sample) if turn.role == "human")


def pictures(sample: Sample) -> list[Any]:
    """The pictures that are opened."""
    image = member(sample, "image")
    return image if isinstance(image, list) else [image] if image else []


def measured(sample: Sample) -> bool:
    """Whether the record's length is asked before the first step; not where it tells its own."""
    return not has_member(sample, "length")


@trainer_check(
    "T801",
    "no-dialogue",
    "error",
    target="internvl",
    does="stops",
    fails={"id": "1", "messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]},
    passes=record(),
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """The record has no list of turns, with a text under `value` each, under `conversations`.

    All values are joined to measure them before the first step, which ends the run
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, LazySupervisedDataset).
    """
    if measured(sample) and member(sample, "conversations") not in ("", {}):
        yield from no_list(sample, "conversations")
        yield from no_pairs(sample, ("value",))


@trainer_check(
    "T802",
    "no-dialogue-later",
    "error",
    target="internvl",
    does="lost",
    fails=record(conversations=..., length=100),
    passes=record(length=100),
)
def no_dialogue_later(sample: Sample) -> Iterator[Seen]:
    """A record that tells its own `length` has no turns, or turns without a text.

    It is not measured, and fails as it is read: another record is taken for it at random
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, __getitem__).
    """
    if measured(sample):
        return
    yield from no_list(sample, "conversations")
    for at, turn in enumerate(listing(sample, "conversations")):
        if not (isinstance(turn, dict) and "value" in turn):
            yield Seen("no `value`", f"conversations[{at}]")
        elif not isinstance(turn["value"], str) and pictures(sample):
            looked_into = turn.get("from") == "human" or (at == 0 and isinstance(member(sample, "image"), str))
            if looked_into:
                yield Seen(f"the text is {kind(turn['value'])}", f"conversations[{at}].value")


@trainer_check(
    "T815",
    "printed",
    "error",
    target="internvl",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"from": "gpt", "value": None}], length=100),
    passes=record(length=100),
)
def printed(sample: Sample) -> Iterator[Seen]:
    """A record that tells its own `length` has a text that is null, a number or anything else but a text.

    It is printed as Python would: the model learns to say `None`
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/dataset.py, preprocess_internvl2_5).
    """
    for turn in () if measured(sample) else turns(sample):
        if not isinstance(turn.value, str):
            yield Seen(f"the text is {kind(turn.value)}", turn.where)


@trainer_check(
    "T803",
    "no-turn",
    "error",
    target="internvl",
    does="lost",
    fails=record(conversations=[]),
    passes=record(),
)
def no_turn(sample: Sample) -> Iterator[Seen]:
    """The dialogue is empty.

    Another record is taken for it at random
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, __getitem__).
    """
    if member(sample, "conversations") in ([], "", {}):
        yield Seen("no turn", "conversations")


@trainer_check(
    "T804",
    "image-not-a-path",
    "error",
    target="internvl",
    does="stops",
    fails=record(image=None),
    passes=record(),
    mends=True,
)
def image_not_a_path(sample: Sample) -> Iterator[Seen]:
    """What stands under `image` is neither a text nor a list of texts.

    Reading it fails, and so does the report of that, which nothing catches: the run ends. Records without a picture
    have no such member, or an empty text or list
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, __getitem__).
    """
    if has_member(sample, "image"):
        image = member(sample, "image")
        for each in image if isinstance(image, list) else [image]:
            if not isinstance(each, str) and image != {}:
                yield Seen(f"`image` is {kind(image)}, a path {kind(each)}", "image")


@trainer_check(
    "T816",
    "empty-path",
    "error",
    target="internvl",
    does="lost",
    fails=record(image=[""]),
    passes=record(),
)
def empty_path(sample: Sample) -> Iterator[Seen]:
    """A path in the list of pictures is empty.

    It is the folder itself and cannot be opened: another record is taken for it at random
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, __getitem__).
    """
    if "" in pictures(sample):
        yield Seen("an empty path", "image")


@trainer_check(
    "T805",
    "unknown-role",
    "error",
    target="internvl",
    does="lost",
    fails=dialogue(ASK, ANSWER, roles=("user", "assistant")),
    passes=dialogue(ASK, ANSWER),
    mends=True,
)
def unknown_role(sample: Sample) -> Iterator[Seen]:
    """A role is neither `human` nor `gpt`, nor a first `system`.

    Another record is taken for it at random
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/dataset.py, preprocess_internvl2_5).
    """
    for at, turn in enumerate(turns(sample)):
        if turn.role not in ("human", "gpt") and not (at == 0 and turn.role == "system"):
            yield Seen(f"the role is {turn.role!r}", f"conversations[{at}].from")


@trainer_check(
    "T806",
    "too-few-tokens",
    "error",
    target="internvl",
    does="lost",
    fails=record(image=["a.jpg", "b.jpg"]),
    passes=record(f"<image>\n<image>\n{QUESTION}", image=["a.jpg", "b.jpg"]),
)
def too_few_tokens(sample: Sample) -> Iterator[Seen]:
    """The questions have fewer image tokens than there are pictures.

    Another record is taken for it at random. Of a single picture the token is set where the first turn has none, which
    helps where that turn is a question
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/dataset.py, preprocess_internvl2_5).
    """
    if turns(sample) and pictures(sample):
        found, listed = tokens(humans(sample)) + _set(sample), len(pictures(sample))
        if found < listed:
            yield Seen(f"{IMAGE} {found} times, and pictures: {listed}", "conversations", IMAGE)


def _set(sample: Sample) -> int:
    """How many tokens the loader itself sets in a question."""
    first, image = turns(sample)[0], member(sample, "image")
    return int(isinstance(image, str) and bool(image) and first.role == "human" and not first.has(IMAGE))


@trainer_check(
    "T807",
    "tokens-read-as-text",
    "error",
    target="internvl",
    does="damaged",
    fails=dialogue(ASK, ANSWER, ASK, ANSWER),
    passes=dialogue(ASK, ANSWER, QUESTION, ANSWER),
    mends=True,
)
def tokens_read_as_text(sample: Sample) -> Iterator[Seen]:
    """There are more image tokens than pictures.

    The first ones get the pictures, the others stay as letters in the text
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/dataset.py, preprocess_internvl2_5).
    """
    if turns(sample):
        system = tokens(turn for turn in turns(sample)[:1] if turn.role == "system")
        found, listed = tokens(humans(sample)) + _set(sample), len(pictures(sample))
        if found + system > listed and not any(images_unread(sample)):
            yield Seen(f"{IMAGE} {found + system} times, and pictures: {listed}", "conversations", IMAGE)


@trainer_check(
    "T808",
    "token-set-elsewhere",
    "error",
    target="internvl",
    does="damaged",
    fails=record(conversations=[{"from": "system", "value": "Be brief."}, *record()["conversations"]]),
    passes=record(),
)
def token_set_elsewhere(sample: Sample) -> Iterator[Seen]:
    """The first turn of a record with one picture is no question, and has no image token.

    One is set there, as letters: in the system's text, or in an answer that is trained on
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, multi_modal_get_item).
    """
    image = member(sample, "image")
    for turn in turns(sample)[:1]:
        if isinstance(image, str) and image and turn.role in ("gpt", "system") and not turn.has(IMAGE):
            yield Seen(f"{IMAGE} is set before a text of {turn.role!r}", turn.where)


@trainer_check(
    "T809",
    "image-end",
    "error",
    target="internvl",
    does="lost",
    fails=record(answer="The page has <img>x</img> in it."),
    passes=record(answer="The page has an image in it."),
)
def image_end(sample: Sample) -> Iterator[Seen]:
    """A text of a record with pictures holds `</img>`.

    Pictures are counted by that token: "image tokens are truncated", and another record is taken for it at random
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, multi_modal_get_item).
    """
    if pictures(sample):
        yield from words_in(turns(sample), ("</img>",))


@trainer_check(
    "T810",
    "special-token",
    "error",
    target="internvl",
    does="damaged",
    fails=record(answer="It ends <|im_end|> here."),
    passes=record(answer="The dog <box>[[1, 2, 3, 4]]</box> runs."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds a special token of the vocabulary, `<img>` or `<IMG_CONTEXT>`.

    It is read as that token. The marks for places (`<ref>`, `<box>`, `<quad>`) are meant where they stand
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/constants.py).
    """
    yield from words_in(turns(sample), SPECIAL)


@trainer_check(
    "T811",
    "no-answer",
    "error",
    target="internvl",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK}]),
    passes=record(),
)
def no_answer(sample: Sample) -> Iterator[Seen]:
    """There is no turn of the model.

    Nothing is trained on (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/dataset.py).
    """
    found = turns(sample)
    if found and not any(turn.role == "gpt" for turn in found):
        yield Seen("no answer", "conversations")


@trainer_check(
    "T812",
    "empty-answer",
    "error",
    target="internvl",
    does="damaged",
    fails=dialogue(ASK, " "),
    passes=dialogue(ASK, ANSWER),
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank.

    The model is trained to say nothing (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/dataset.py).
    """
    yield from blanks(turns(sample), ("gpt",))


@trainer_check(
    "T813",
    "images-unread",
    "error",
    target="internvl",
    does="damaged",
    fails=record(image=..., images=["train2017/000000033471.jpg"]),
    passes=record(),
    mends=True,
)
def images_not_read(sample: Sample) -> Iterator[Seen]:
    """The pictures stand under `images`.

    Only `image` is read, one path or a list; such a record is trained on as text
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/internvl_chat_finetune.py, __getitem__).
    """
    yield from images_unread(sample)


@trainer_check(
    "T814",
    "too-long",
    "warning",
    target="internvl",
    does="damaged",
    fails=record(answer="word " * 17_000),
    passes=record(),
)
def too_long(sample: Sample) -> Iterator[Seen]:
    """There are more words than the 16,384 tokens that are kept.

    The end is cut off; scripts of InternVL2.5 keep 8,192
    (OpenGVLab/InternVL@2410d1d:internvl_chat/internvl/train/dataset.py, preprocess_internvl2_5).
    """
    yield from longer(turns(sample), LIMIT)
