"""T2: what LLaVA-NeXT does with a record.

Facts: LLaVA-VL/LLaVA-NeXT@df17966 with scripts/train/finetune_ov.sh (version qwen_1_5, lengths grouped by modality, one
record a step, 32768 tokens). Its dataset tries a record that raises three times and takes the next record for it, three
times too: it is lost, and the next is trained on twice (the last of a file ends the run). So with a picture that is
missing. Of videos it knows nothing; it knows the special tokens of Qwen2 and no other template of LLaVA-NeXT's.
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
    model_first,
    no_list,
    no_pairs,
    says_from,
    tokens,
    turns,
    wordless,
    words_in,
)

FITS["llava-next"] = says_from
MISSING_IMAGE["llava-next"] = "lost"

SPECIAL = ("<|im_end|>", "<|im_start|>", "<|endoftext|>")
LIMIT = 32_768
HUMANS, MODELS = ("human", "user", "system"), ("gpt", "assistant")
ASK = f"<image>\n{QUESTION}"


def kept(sample: Sample) -> tuple[Turn, ...]:
    """The turns that are not left out, as it reads them: `role` and `content` where a turn has both, else `from` and
    `value`."""
    listed = listing(sample, "conversations")
    found = [
        turn._replace(role=raw["role"], value=raw["content"]) if {"role", "content"} <= raw.keys() else turn
        for turn, raw in zip(turns(sample), listed, strict=False)
    ]
    return tuple(found[1:] if turns(sample) and turns(sample)[0].role == "gpt" else found)


@trainer_check(
    "T201",
    "no-dialogue",
    "error",
    target="llava-next",
    does="stops",
    fails={"id": "1", "messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]},
    passes=record(),
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """The record has no list of turns under `conversations`.

    LLaVA-NeXT asks all records for their lengths before it trains, and stops there
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, modality_lengths).
    """
    yield from no_list(sample, "conversations")


@trainer_check(
    "T202",
    "no-text",
    "error",
    target="llava-next",
    does="stops",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"from": "gpt", "value": None}]),
    passes=record(),
)
def no_text(sample: Sample) -> Iterator[Seen]:
    """A turn is not an object with a text under `value`.

    Each `value` is split into words to sort by length; whatever has none ends the run
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, modality_lengths).
    """
    yield from no_pairs(sample, ("value",))


@trainer_check(
    "T203",
    "no-words",
    "error",
    target="llava-next",
    does="stops",
    fails=dialogue("", ""),
    passes=dialogue(ASK, ANSWER),
)
def no_words(sample: Sample) -> Iterator[Seen]:
    """There is not one word in the whole dialogue.

    LLaVA-NeXT asserts that there is before it trains: "Conversation length is 0"
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, modality_lengths).
    """
    yield from wordless(sample)


@trainer_check(
    "T204",
    "unknown-first-role",
    "error",
    target="llava-next",
    does="lost",
    fails=dialogue(ASK, ANSWER, roles=("user", "assistant")),
    passes=dialogue(ASK, ANSWER),
    mends=True,
)
def unknown_first_role(sample: Sample) -> Iterator[Seen]:
    """The first turn is of neither `human` nor `gpt`.

    The first role is looked up in a table of these two; `system` and `user` are not in it. The record is left out, and
    the next taken for it (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen, __getitem__).
    """
    for turn in turns(sample)[:1]:
        if turn.role not in ("human", "gpt"):
            yield Seen(f"the first role is {turn.role!r}", "conversations[0].from")


@trainer_check(
    "T205",
    "no-role",
    "error",
    target="llava-next",
    does="lost",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"value": ANSWER}]),
    passes=record(),
)
def no_role(sample: Sample) -> Iterator[Seen]:
    """A later turn has no text for a role or for what is said.

    The template cannot be filled in. The record is left out, and the next taken for it
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen, __getitem__).
    """
    for turn in kept(sample):
        if not (isinstance(turn.role, str) and isinstance(turn.value, str)):
            yield Seen(f"the role is {kind(turn.role)}, the text {kind(turn.value)}", turn.where)


@trainer_check(
    "T206",
    "role-taken-for-the-model",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(conversations=[*record()["conversations"], {"from": "tool", "value": "dog: 0.9"}]),
    passes=record(),
)
def role_taken_for_the_model(sample: Sample) -> Iterator[Seen]:
    """A role is none of `human`, `user`, `system`, `gpt` and `assistant`.

    Whatever is not of a human or the system is trained on as if the model had said it
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    for turn in kept(sample):
        if isinstance(turn.role, str) and turn.role not in HUMANS + MODELS:
            yield Seen(f"the role {turn.role!r}", turn.where, turn.role)


@trainer_check(
    "T207",
    "first-turn-dropped",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(conversations=[{"from": "gpt", "value": ANSWER}, *record()["conversations"]]),
    passes=record(),
)
def first_turn_dropped(sample: Sample) -> Iterator[Seen]:
    """The dialogue begins with the model.

    That turn is left out without a word (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    yield from model_first(sample)


@trainer_check(
    "T208",
    "no-answer",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK}]),
    passes=record(),
)
def no_answer(sample: Sample) -> Iterator[Seen]:
    """There is no turn of the model.

    Nothing but the template's own marks is trained on
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    found = turns(sample)
    if found and not any(turn.role in MODELS for turn in found):
        yield Seen("no answer", "conversations")


@trainer_check(
    "T209",
    "empty-answer",
    "error",
    target="llava-next",
    does="damaged",
    fails=dialogue(ASK, " "),
    passes=dialogue(ASK, ANSWER),
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank.

    LLaVA-NeXT trains the model to say nothing (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    yield from blanks(kept(sample), MODELS)


@trainer_check(
    "T210",
    "special-token",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(answer="It ends <|im_end|> here."),
    passes=record(answer="It ends here."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds `<|im_start|>`, `<|im_end|>` or `<|endoftext|>`.

    The tokenizer reads them as its own tokens, and they are trained on wherever they stand: the model learns to end
    there, or to begin (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    yield from words_in(kept(sample), SPECIAL)


def paths(image: Any) -> list[Any]:
    """The pictures as a list, whatever stands there."""
    return image if isinstance(image, list) else [image]


@trainer_check(
    "T211",
    "image-not-a-path",
    "error",
    target="llava-next",
    does="lost",
    fails=record(image=None),
    passes=record(),
    mends=True,
)
def image_not_a_path(sample: Sample) -> Iterator[Seen]:
    """What stands under `image` is neither a path nor a list of paths.

    It cannot be opened: the record is left out, and the next taken for it. Records without a picture must not have the
    member at all (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, process_image, __getitem__).
    """
    if has_member(sample, "image"):
        for image in paths(member(sample, "image")):
            if not (isinstance(image, str) and image):
                yield Seen("an empty path" if image == "" else f"a path that is {kind(image)}", "image")


@trainer_check(
    "T212",
    "no-images-listed",
    "error",
    target="llava-next",
    does="stops",
    fails=record(QUESTION, image=[]),
    passes=record(QUESTION, image=...),
    mends=True,
)
def no_images_listed(sample: Sample) -> Iterator[Seen]:
    """`image` is an empty list.

    Then the step has no picture at all, not even the black one that text gets, and ends with "expected a non-empty
    list of Tensors" (LLaVA-VL/LLaVA-NeXT@df17966:llava/model/llava_arch.py, one record a step).
    """
    if member(sample, "image") == []:
        yield Seen("`image` is an empty list", "image")


@trainer_check(
    "T213",
    "images-and-tokens",
    "error",
    target="llava-next",
    does="damaged",
    fails=dialogue(ASK, ANSWER, ASK, ANSWER),
    passes=dialogue(ASK, ANSWER, QUESTION, ANSWER),
    mends=True,
)
def images_and_tokens(sample: Sample) -> Iterator[Seen]:
    """There are more image tokens than pictures, or fewer.

    With too many the last picture, or the next record's, is shown again; with too few pictures are left out. Nothing
    is said of either (LLaVA-VL/LLaVA-NeXT@df17966:llava/model/llava_arch.py, prepare_inputs_labels_for_multimodal).
    """
    if has_member(sample, "image") and turns(sample):
        pictures, found = len(paths(member(sample, "image"))), tokens(kept(sample))
        if pictures != found:
            yield Seen(f"{IMAGE} {found} times, and pictures: {pictures}", "conversations", IMAGE)


@trainer_check(
    "T214",
    "token-without-image",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(image=...),
    passes=record(QUESTION, image=...),
    mends=True,
)
def token_without_image(sample: Sample) -> Iterator[Seen]:
    """A question has the image token, and the record no picture.

    The token is read as letters (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    if not has_member(sample, "image") and not has_member(sample, "video"):
        yield from words_in((turn for turn in kept(sample) if turn.role in HUMANS), (IMAGE,))


@trainer_check(
    "T215",
    "token-in-answer",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(answer="An <image> shows a dog."),
    passes=record(answer="An image shows a dog."),
)
def token_in_answer(sample: Sample) -> Iterator[Seen]:
    """An answer has the image token.

    A picture is put there and the answer is trained on without the word
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_multimodal, preprocess_qwen).
    """
    if has_member(sample, "image"):
        yield from words_in((turn for turn in kept(sample) if turn.role in MODELS), (IMAGE,))


@trainer_check(
    "T216",
    "images-unread",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(image=..., images=["train2017/000000033471.jpg"]),
    passes=record(),
    mends=True,
)
def images_not_read(sample: Sample) -> Iterator[Seen]:
    """The pictures stand under `images`.

    Only `image` is read, one path or a list; such a record is trained on as text
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, _get_item).
    """
    yield from images_unread(sample)


@trainer_check(
    "T217",
    "too-long",
    "warning",
    target="llava-next",
    does="damaged",
    fails=record(answer="word " * 33_000),
    passes=record(),
)
def too_long(sample: Sample) -> Iterator[Seen]:
    """There are more words than the 32,768 tokens that are kept.

    The end is cut off (LLaVA-VL/LLaVA-NeXT@df17966:scripts/train/finetune_ov.sh).
    """
    yield from longer(kept(sample), LIMIT)
