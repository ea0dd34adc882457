"""T5: what TRL's SFTTrainer does with a record, for a model that sees.

Facts: huggingface/trl@f2cd577:trl/data_utils.py (prepare_multimodal_messages) and trl/trainer/sft_trainer.py
(DataCollatorForVisionLanguageModeling), and trl 1.16.0, run; with Qwen2-VL's processor of `transformers`. Batches are
made while training, so what raises ends the run in the middle. TRL has no image token: a picture is a typed part, or is
set before the first question that is a plain text. It reads `messages` with `images` (or `image`, which counts first);
paths are opened from the working folder. A file without pictures that TRL takes for text is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, chat, parts, record
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import FITS, MISSING_IMAGE, kind, says_role
from datagen.checks.trainers.lines import (
    PADS,
    Line,
    broken_parts,
    lines,
    literal,
    no_lines,
    no_path,
    padded,
    silent,
    special,
    wordless_parts,
)

FITS["trl"] = says_role
MISSING_IMAGE["trl"] = "stops"
ROLES = ("system", "user", "assistant", "tool")
MODEL = ("assistant",)
RIGHT = chat(parts(QUESTION, image=True), parts(ANSWER))


def said(sample: Sample) -> tuple[Line, ...] | None:
    """The messages."""
    return lines(sample, "messages", "role", "content")


def read(sample: Sample) -> tuple[Line, ...]:
    """The messages, where nothing in their form ends the run; else none."""
    return () if any(misread_role(sample)) or any(unread(sample)) else said(sample) or ()


def pictures(sample: Sample) -> Any:
    """What is taken for the list of pictures: of a text, its letters."""
    raw = sample.raw if isinstance(sample.raw, dict) else {}
    if raw.get("image") is not None:
        return [raw["image"]]
    named = raw.get("images") or []
    return named if isinstance(named, list | str) else [named]


def places(found: tuple[Line, ...], images: int) -> int:
    """How many pictures the messages have room for."""
    bare = [p for line in found for p in line.parts if p.get("type") == "image" and "image" not in p]
    plain = any(line.role == "user" and isinstance(line.content, str) for line in found)
    return len(bare) + (images if plain else 0)


@trainer_check(
    "T501",
    "no-messages",
    "error",
    target="trl",
    does="stops",
    fails=record(),
    passes=RIGHT,
)
def no_messages(sample: Sample) -> Iterator[Seen]:
    """There is no list of messages under `messages`.

    Records of `conversations` with `from` and `value` are turned into messages for texts only: beside pictures they
    raise KeyError (huggingface/trl@f2cd577:trl/trainer/sft_trainer.py, torch_call).
    """
    if sample.sound is not None and sample.sound.form != "messages":
        yield Seen("`conversations` with `from` and `value`, where `messages` with `role` and `content` are read")
    elif said(sample) is None:
        yield from no_lines(sample, "messages")


@trainer_check(
    "T502",
    "role",
    "error",
    target="trl",
    does="stops",
    fails=chat(messages=[{"role": "human", "content": QUESTION}]),
    passes=RIGHT,
)
def misread_role(sample: Sample) -> Iterator[Seen]:
    """A role is none of system, user, assistant and tool.

    "Invalid role in message" ends the run (huggingface/trl@f2cd577:trl/data_utils.py, prepare_multimodal_messages).
    """
    for line in said(sample) or ():
        if line.role not in ROLES:
            yield Seen(f"the role is {line.role!r}", line.where)


@trainer_check(
    "T503",
    "content",
    "error",
    target="trl",
    does="stops",
    fails=chat([{"type": "image"}, QUESTION], parts(ANSWER)),
    passes=RIGHT,
)
def unread(sample: Sample) -> Iterator[Seen]:
    """A content is neither a text nor a list of typed parts.

    Each part is asked for its `type` (huggingface/trl@f2cd577:trl/data_utils.py, prepare_multimodal_messages); of
    sounds and films in parts there is nothing that this check knows to be read.
    """
    found = said(sample) or ()
    for line in found:
        if line.content and not isinstance(line.content, str | list):
            yield Seen(f"it is {kind(line.content)}, not a text", line.where)
        for part in line.parts:
            if part.get("type") in ("audio", "video"):
                yield Seen(f"a part of the type {part['type']!r}", line.where)
    yield from broken_parts(found)


@trainer_check(
    "T504",
    "image-count",
    "error",
    target="trl",
    does="stops",
    fails=chat(parts(QUESTION), parts(ANSWER)),
    passes=RIGHT,
)
def image_count(sample: Sample) -> Iterator[Seen]:
    """There are more or fewer places for pictures than pictures.

    "Number of images provided does not match number of image placeholders": a part with a picture of its own, even
    null, is no place (huggingface/trl@f2cd577:trl/data_utils.py, prepare_multimodal_messages).
    """
    found, images = said(sample), len(pictures(sample))
    if found is not None and sample.sound is None and places(found, images) != images:
        yield Seen(f"{images} pictures, {places(found, images)} places for them", "messages")


@trainer_check(
    "T505",
    "image-value",
    "error",
    target="trl",
    does="stops",
    fails=chat(parts(QUESTION, image=True), parts(ANSWER), images=[None]),
    passes=RIGHT,
)
def image_value(sample: Sample) -> Iterator[Seen]:
    """A picture is not given by its path.

    A text under `images` is read letter by letter; objects, null and lists in lists raise as well: cast the column to
    pictures first (huggingface/trl@f2cd577:docs/source/dataset_formats.md; transformers, fetch_images).
    """
    images = pictures(sample) if said(sample) is not None else []
    if isinstance(images, str):
        yield Seen("a text, not a list of paths", "images")
        return
    for image in images:
        if no_path(image):
            yield Seen(f"a picture {no_path(image)}", "images")


@trainer_check(
    "T506",
    "literal-token",
    "error",
    target="trl",
    does="damaged",
    fails=chat(f"<image>\n{QUESTION}", ANSWER),
    passes=RIGHT,
)
def literal_token(sample: Sample) -> Iterator[Seen]:
    """An image token stands in a question.

    The picture is added all the same, and the token stays as a word; processors that know the token (LLaVA's) find one
    picture too few (huggingface/trl@f2cd577:trl/data_utils.py, prepare_multimodal_messages; issue 4874).
    """
    if sample.sound is not None:
        if sample.sound.form == "messages" and sample.sound.image:
            yield Seen(f"{IMAGE!r} in the text", "messages[0].content", IMAGE)
        return
    yield from literal(said(sample) or (), MODEL)


@trainer_check(
    "T507",
    "image-unseen",
    "error",
    target="trl",
    does="damaged",
    fails=chat([{"type": "image", "image": "a.jpg"}, *parts(QUESTION)], parts(ANSWER), images=...),
    passes=RIGHT,
)
def image_unseen(sample: Sample) -> Iterator[Seen]:
    """The pictures stand in the parts alone, and the record has neither `image` nor `images`.

    Such a file is taken for one of texts: the place of the picture is set, the picture is not
    (huggingface/trl@f2cd577:trl/trainer/sft_trainer.py, _is_vision_dataset).
    """
    for line in read(sample):
        for part in line.pictures if not {"image", "images"} & set(sample.raw) else ():
            if "image" in part or part["type"] == "image_url":
                yield Seen("a picture that is not in `images`", line.where)


@trainer_check(
    "T508",
    "image-in-answer",
    "error",
    target="trl",
    does="damaged",
    fails=chat(parts(QUESTION), parts(ANSWER, image=True)),
    passes=RIGHT,
)
def image_in_answer(sample: Sample) -> Iterator[Seen]:
    """A picture stands in what the model says.

    It is set there, and its tokens are trained on (huggingface/trl@f2cd577:trl/data_utils.py).
    """
    for line in read(sample):
        if line.role in MODEL and line.pictures:
            yield Seen("a picture in an answer", line.where)


@trainer_check(
    "T509",
    "empty-answer",
    "error",
    target="trl",
    does="damaged",
    fails=chat(parts(QUESTION, image=True), parts(" ")),
    passes=RIGHT,
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank, null or missing.

    The model is trained to say nothing and stop (huggingface/trl@f2cd577:trl/data_utils.py).
    """
    yield from silent(read(sample), MODEL)


@trainer_check(
    "T510",
    "no-answer",
    "error",
    target="trl",
    does="damaged",
    fails=chat(parts(QUESTION, image=True)),
    passes=RIGHT,
)
def no_answer(sample: Sample) -> Iterator[Seen]:
    """The model says nothing.

    The question is trained on (huggingface/trl@f2cd577:trl/trainer/sft_trainer.py, _collate_language_modeling).
    """
    found = said(sample)
    if found is not None and sample.sound is None and not any(line.role in MODEL for line in found):
        yield Seen("no answer", "messages")


@trainer_check(
    "T511",
    "special-token",
    "error",
    target="trl",
    does="damaged",
    fails=chat(parts(QUESTION, image=True), parts("It ends <|im_end|> here.")),
    passes=RIGHT,
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds what a tokenizer reads as a special token.

    The chat template sets texts as they are (huggingface/trl@f2cd577:trl/trainer/sft_trainer.py).
    """
    yield from special(read(sample), but=PADS)


@trainer_check(
    "T512",
    "image-pad",
    "error",
    target="trl",
    does="stops",
    fails=chat(parts("What is <|image_pad|>?", image=True), parts(ANSWER)),
    passes=RIGHT,
)
def image_pad(sample: Sample) -> Iterator[Seen]:
    """A text holds the token that stands for a picture's pixels.

    The processor counts one picture too few and raises (transformers 5, Qwen2VLProcessor).
    """
    yield from padded(said(sample) or ())


@trainer_check(
    "T513",
    "no-text",
    "error",
    target="trl",
    does="damaged",
    fails=chat([{"type": "image"}, {"type": "text", "text": None}], parts(ANSWER)),
    passes=RIGHT,
)
def no_text(sample: Sample) -> Iterator[Seen]:
    """A part that is a text has none, or a question is null.

    The template writes what is there: the word None, a number, or nothing (transformers, apply_chat_template).
    """
    found = read(sample)
    yield from wordless_parts(found)
    for line in found:
        if line.content is None:
            yield Seen("it is null", line.where)
