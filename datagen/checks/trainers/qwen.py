"""T7: what Qwen's own fine-tuning (qwen-vl-finetune) does with a record.

Facts: QwenLM/Qwen3-VL@9658872 with qwen-vl-finetune/scripts/sft_7b.sh (Qwen2.5-VL, data_flatten, so nothing is cut to a
length). Its dataset tries a record that raises three times and takes the next record for it, three times too: it is
lost, and the next is trained on twice (the last of a file ends the run). So with a picture that is missing. What is
trained on is found by looking for the token of the word `assistant`. It knows the special tokens of Qwen's vocabulary.
"""

from __future__ import annotations

import re
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
    images_unread,
    kind,
    listing,
    member,
    no_list,
    says_from,
    tokens,
    turns,
    words_in,
)

FITS["qwen"] = says_from
MISSING_IMAGE["qwen"] = "lost"

SPECIAL = (
    *("<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>"),
)
"""Without those for places in a picture (`<|box_start|>`, …), which are meant where they stand."""
PAD = "<|image_pad|>"
NOT_PAD = tuple(word for word in SPECIAL if word != PAD)
MODELS = ("gpt", "assistant")
ASK = f"<image>\n{QUESTION}"
_HEADING = re.compile(r"(?<![A-Za-z _-])assistant(?![A-Za-z])")
"""Where the word is a token of its own, the one that heads the model's turns: not after a blank, `-` or `_`."""


def humans(sample: Sample) -> tuple[Turn, ...]:
    """The turns that are not trained on: those of `human`, and of nobody else."""
    return tuple(turn for turn in turns(sample) if turn.role == "human")


def pictures(sample: Sample) -> list[Any]:
    """What is taken for the pictures."""
    image = member(sample, "image") or []
    return list(image) if isinstance(image, list | dict) else [image]


@trainer_check(
    "T701",
    "not-an-object",
    "error",
    target="qwen",
    does="stops",
    fails="a record",
    passes=record(),
)
def not_an_object(sample: Sample) -> Iterator[Seen]:
    """The record is not an object.

    The data's folder is written into each record as the file is read, which ends the run
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, LazySupervisedDataset).
    """
    raw = sample.raw
    packed = isinstance(raw, list) and all(isinstance(each, dict) for each in raw)
    if sample.sound is None and not isinstance(raw, dict) and not packed:
        yield Seen(f"the record is {kind(raw)}")


@trainer_check(
    "T702",
    "no-dialogue",
    "error",
    target="qwen",
    does="lost",
    fails={"id": "1", "messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]},
    passes=record(),
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """The record has no turns under `conversations`.

    It is left out, and the next taken for it
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, _build_messages, __getitem__).
    """
    yield from no_list(sample, "conversations")
    if member(sample, "conversations") == []:
        yield Seen("no turn", "conversations")


@trainer_check(
    "T703",
    "no-pair",
    "error",
    target="qwen",
    does="lost",
    fails=record(conversations=[{"from": "human", "value": None}, {"from": "gpt", "value": ANSWER}]),
    passes=record(),
)
def no_pair(sample: Sample) -> Iterator[Seen]:
    """A turn is not an object with `from` and `value`, or a question not a text.

    The record is left out, and the next taken for it
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, _build_messages, __getitem__).
    """
    for at, turn in enumerate(listing(sample, "conversations")):
        where = f"conversations[{at}]"
        if not isinstance(turn, dict):
            yield Seen(f"the turn is {kind(turn)}", where)
        elif not {"from", "value"} <= turn.keys():
            yield Seen("no `from`" if "from" not in turn else "no `value`", where)
        elif turn["from"] == "human" and not isinstance(turn["value"], str):
            yield Seen(f"the question is {kind(turn['value'])}", f"{where}.value")


@trainer_check(
    "T704",
    "answer-not-a-text",
    "error",
    target="qwen",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"from": "gpt", "value": None}]),
    passes=record(),
)
def answer_not_a_text(sample: Sample) -> Iterator[Seen]:
    """An answer is null, a number or anything else but a text.

    The chat template prints it as Python would: the model learns to say `None`
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, _build_messages).
    """
    for turn in turns(sample):
        if turn.role != "human" and not isinstance(turn.value, str):
            yield Seen(f"the answer is {kind(turn.value)}", turn.where)


@trainer_check(
    "T705",
    "role-taken-for-the-model",
    "error",
    target="qwen",
    does="damaged",
    fails=record(conversations=[{"from": "system", "value": "Be brief."}, *record()["conversations"]]),
    passes=record(),
    mends=True,
)
def role_taken_for_the_model(sample: Sample) -> Iterator[Seen]:
    """A role is none of `human`, `gpt` and `assistant`.

    Whoever is not `human` is the model, and is trained on: `user` and `system` too
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, _build_messages).
    """
    for at, turn in enumerate(turns(sample)):
        silent = turn.blank and turn.role in ("user", "system", "tool")
        if turn.role not in ("human", *MODELS) and not silent:
            yield Seen(f"the role is {turn.role!r}", f"conversations[{at}].from")


@trainer_check(
    "T706",
    "image-not-a-path",
    "error",
    target="qwen",
    does="lost",
    fails=record(image=33471),
    passes=record(),
)
def image_not_a_path(sample: Sample) -> Iterator[Seen]:
    """What stands under `image` is neither a path nor a list of paths.

    The record is left out, and the next taken for it; null, an empty text and an empty list are no picture
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, _build_messages, __getitem__).
    """
    if isinstance(member(sample, "image"), dict) and member(sample, "image"):
        yield Seen("`image` is an object", "image")
        return
    for image in pictures(sample):
        if not (isinstance(image, str) and image):
            yield Seen("an empty path" if image == "" else f"a path that is {kind(image)}", "image")


@trainer_check(
    "T707",
    "images-and-tokens",
    "error",
    target="qwen",
    does="lost",
    fails=record(QUESTION),
    passes=record(ASK),
    mends=True,
)
def images_and_tokens(sample: Sample) -> Iterator[Seen]:
    """The questions have more image tokens than there are pictures, or fewer.

    The record is left out, and the next taken for it. Tokens in an answer are not counted, and stay as letters; turns
    of `user` count as answers (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py,
    _build_messages, __getitem__).
    """
    if turns(sample):
        found, listed = tokens(humans(sample)), len(pictures(sample))
        if found != listed:
            hint = " (under `image`; `images` is not read)" if any(images_unread(sample)) else ""
            yield Seen(f"{IMAGE} {found} times, and pictures: {listed}{hint}", "conversations", IMAGE)


@trainer_check(
    "T708",
    "videos-and-tokens",
    "error",
    target="qwen",
    does="lost",
    fails=record("<video>\nWhat happens?", image=...),
    passes=record("What happens?", image=...),
)
def videos_and_tokens(sample: Sample) -> Iterator[Seen]:
    """A question has `<video>`, and the record no video.

    The record is left out, and the next taken for it
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, _build_messages, __getitem__).
    """
    if not member(sample, "video"):
        yield from words_in(humans(sample), ("<video>",))


@trainer_check(
    "T709",
    "image-pad",
    "error",
    target="qwen",
    does="lost",
    fails=record("<image>\nWhat is <|image_pad|>?"),
    passes=record("<image>\nWhat is it?"),
)
def image_pad(sample: Sample) -> Iterator[Seen]:
    """A text of a record with pictures holds `<|image_pad|>`.

    The processor looks for one more picture and finds none: the record is left out, and the next taken for it
    (transformers, Qwen2_5_VLProcessor; QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py).
    """
    if pictures(sample):
        yield from words_in(turns(sample), (PAD,))


@trainer_check(
    "T710",
    "special-token",
    "error",
    target="qwen",
    does="damaged",
    fails=record(answer="It ends <|im_end|> here."),
    passes=record(answer="It ends here."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds one of the vocabulary's special tokens.

    It is read as that token: at `<|im_end|>` the training of an answer ends
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, preprocess_qwen_visual).
    """
    yield from words_in(turns(sample), NOT_PAD if pictures(sample) else SPECIAL)


@trainer_check(
    "T711",
    "question-taken-for-answer",
    "error",
    target="qwen",
    does="damaged",
    fails=record("<image>\nassistant, what is the dog doing?"),
    passes=record("<image>\nDear assistant, what is the dog doing?"),
)
def question_taken_for_answer(sample: Sample) -> Iterator[Seen]:
    """A question has the word `assistant` where it is a token of its own.

    Answers are found by that token (77091), wherever it stands: what follows it in the question is trained on too. A
    blank before the word makes another token of it
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, preprocess_qwen_visual).
    """
    for turn in humans(sample):
        said = [part.strip() for part in turn.value.split(IMAGE)] if isinstance(turn.value, str) else []
        found = next((each for part in said if (each := _HEADING.search(part))), None)
        if found and re.search(r"\w", found.string[found.end() :]):
            yield Seen("'assistant' is read as the heading of an answer", turn.where, "assistant")


@trainer_check(
    "T712",
    "no-answer",
    "error",
    target="qwen",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK}]),
    passes=record(),
)
def no_answer(sample: Sample) -> Iterator[Seen]:
    """There is no turn of the model.

    Nothing is trained on (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py).
    """
    found = turns(sample)
    if found and not any(turn.role in MODELS for turn in found):
        yield Seen("no answer", "conversations")


@trainer_check(
    "T713",
    "empty-answer",
    "error",
    target="qwen",
    does="damaged",
    fails=dialogue(ASK, " "),
    passes=dialogue(ASK, ANSWER),
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank.

    The model is trained to say nothing (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py).
    """
    yield from blanks(turns(sample), MODELS)


@trainer_check(
    "T714",
    "images-unread",
    "error",
    target="qwen",
    does="damaged",
    fails=record(QUESTION, image=..., images=["train2017/000000033471.jpg"]),
    passes=record(),
    mends=True,
)
def images_not_read(sample: Sample) -> Iterator[Seen]:
    """The pictures stand under `images`.

    Only `image` is read, one path or a list; such a record is trained on as text, or lost where it has image tokens
    (QwenLM/Qwen3-VL@9658872:qwen-vl-finetune/qwenvl/data/data_processor.py, _build_messages).
    """
    if not tokens(humans(sample)):
        yield from images_unread(sample)
