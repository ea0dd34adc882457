"""T6: what Axolotl does with a record.

Facts: axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py and utils/collators/mm_chat.py, as
docs/multimodal.qmd sets it up, with the strategy for Qwen2-VL. Batches are made while training, so what raises ends the
run in the middle. It has no image token: a picture is a typed part, or one of the list under `images` or `image` (the
first one only), which is put into a bare image part or behind the first question. Paths are opened from the working
folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, chat, parts, record
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import FITS, MISSING_IMAGE, kind
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

MISSING_IMAGE["axolotl"] = "stops"
MODEL, KNOWN = ("assistant",), ("system", "user", "assistant", "tool")
OWN = ("image", "url", "path", "base64")
"""Where a part may have a picture of its own."""
RIGHT = chat(parts(QUESTION, image=True), parts(ANSWER))


def reads(sample: Sample) -> bool:
    """Whether this is a form that its documents name: `messages`, or `conversations` without a text for the image."""
    if sample.sound is not None:
        return sample.sound.form == "messages" or not sample.sound.image
    text = isinstance(sample.raw, dict) and isinstance(column(sample), str)
    return bool(said(sample)) and not (text and key(sample) == "conversations")


FITS["axolotl"] = reads


def key(sample: Sample) -> str:
    """The member that holds the dialogue."""
    raw = sample.raw if isinstance(sample.raw, dict) else {}
    return "messages" if raw.get("messages") is not None or "conversations" not in raw else "conversations"


def said(sample: Sample) -> tuple[Line, ...] | None:
    """The messages, by Axolotl's names for the roles."""
    here = key(sample)
    old = here == "conversations"
    found = lines(sample, here, *(("from", "value") if old else ("role", "content")))
    names = {"human": "user", "gpt": "assistant"} if old else {}
    return (
        None if found is None else tuple(line._replace(role=names.get(_text(line.role), line.role)) for line in found)
    )


def read(sample: Sample) -> tuple[Line, ...]:
    """The messages, where nothing in their form ends the run; else none."""
    return () if any(no_members(sample)) or any(broken_part(sample)) else said(sample) or ()


def column(sample: Sample) -> Any:
    """What stands under `images`, or under `image`."""
    raw = sample.raw if isinstance(sample.raw, dict) else {}
    return raw.get("images") if "images" in raw else raw.get("image")


def bare(line: Line) -> list[dict[str, Any]]:
    """The places for a picture of the record's list."""
    return [part for part in line.parts if part.get("type") == "image" and not any(name in part for name in OWN)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


@trainer_check(
    "T601",
    "no-dialogue",
    "error",
    target="axolotl",
    does="stops",
    fails=record(conversations=None),
    passes=RIGHT,
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """There is no list of messages under `messages` or `conversations`.

    Other names are known only if `field_messages` says so
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py, __call__).
    """
    found = said(sample)
    if found is None:
        yield from no_lines(sample, key(sample))
    elif not found and column(sample):
        yield Seen("no message to set the picture in", key(sample))


@trainer_check(
    "T602",
    "no-members",
    "error",
    target="axolotl",
    does="stops",
    fails=chat(messages=[{"role": "user"}]),
    passes=RIGHT,
)
def no_members(sample: Sample) -> Iterator[Seen]:
    """A message has no role, or no content.

    KeyError (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py, convert_legacy_format).
    """
    wanted = ("from", "value") if key(sample) == "conversations" else ("role", "content")
    for line in said(sample) or ():
        for name in wanted:
            if name not in line.has:
                yield Seen(f"no `{name}`", line.where)


@trainer_check(
    "T603",
    "image-value",
    "error",
    target="axolotl",
    does="stops",
    fails=chat(parts(QUESTION, image=True), parts(ANSWER)) | {"images": "train2017/000000033471.jpg"},
    passes=RIGHT,
)
def image_value(sample: Sample) -> Iterator[Seen]:
    """The pictures are not a list with a path.

    Of a text the first letter is taken for the picture's name, and an empty list has no first: the run ends
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py, line 279).
    """
    if sample.sound is not None:
        if sample.sound.form == "conversations" and sample.sound.image:
            yield Seen("a text, of which the first letter is taken for the picture's name", "image")
        return
    images = column(sample)
    if said(sample) is None or images is None:
        return
    where = "images" if "images" in sample.raw else "image"
    if not isinstance(images, list):
        yield Seen(f"{kind(images)}, not a list of paths", where)
    elif not images:
        yield Seen("an empty list", where)
    elif no_path(images[0]):
        yield Seen(f"the first picture {no_path(images[0])}", where)


@trainer_check(
    "T604",
    "image-place",
    "error",
    target="axolotl",
    does="stops",
    fails=chat(parts(QUESTION, image=True), parts(ANSWER), images=...),
    passes=RIGHT,
)
def image_place(sample: Sample) -> Iterator[Seen]:
    """There is an image part without a picture.

    Only one part is given a picture of the record's list, and the processor counts the others
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py; transformers 5, Qwen2VLProcessor).
    """
    found = read(sample)
    given = bool(column(sample)) and any(bare(line) for line in found)
    empty = [part for line in found for part in line.parts if part.get("type") == "image" and not _filled(part)]
    if len(empty) > given:
        yield Seen(f"{len(empty)} image parts without a picture, {int(given)} picture for them", key(sample))


def _filled(part: dict[str, Any]) -> bool:
    return any(part.get(name) is not None for name in OWN)


@trainer_check(
    "T605",
    "more-images",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat(QUESTION, ANSWER, images=["a.jpg", "b.jpg"]),
    passes=chat(QUESTION, ANSWER, images=["a.jpg"]),
)
def more_images(sample: Sample) -> Iterator[Seen]:
    """There are more pictures than one in the list.

    "Found 2 images in a sample. Using the first one."
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py).
    """
    images = column(sample)
    if isinstance(images, list) and len(images) > 1:
        yield Seen(f"{len(images)} pictures, and the first is taken", "images" if "images" in sample.raw else "image")


@trainer_check(
    "T606",
    "image-twice",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat([{"type": "image", "image": "a.jpg"}, *parts(QUESTION)], parts(ANSWER), images=["a.jpg"]),
    passes=RIGHT,
)
def image_twice(sample: Sample) -> Iterator[Seen]:
    """An image part has a picture of its own, and the record has a list too.

    The list's first is set behind the question as well
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py).
    """
    found = read(sample)
    if column(sample) and any(_filled(part) for line in found for part in line.pictures):
        yield Seen("pictures in the parts and in the list", key(sample))


@trainer_check(
    "T607",
    "literal-token",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat(f"<image>\n{QUESTION}", ANSWER),
    passes=RIGHT,
)
def literal_token(sample: Sample) -> Iterator[Seen]:
    """An image token stands in a question.

    It stays as a word (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py); processors that know the
    token (LLaVA's) find one picture too few.
    """
    if sample.sound is not None:
        if sample.sound.form == "messages" and sample.sound.image:
            yield Seen(f"{IMAGE!r} in the text", "messages[0].content", IMAGE)
        return
    yield from literal(read(sample), MODEL)


@trainer_check(
    "T608",
    "image-in-answer",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat(parts(QUESTION), parts(ANSWER, image=True)),
    passes=RIGHT,
)
def image_in_answer(sample: Sample) -> Iterator[Seen]:
    """A picture stands in what the model says.

    It is set there (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py).
    """
    for line in read(sample):
        if line.role in MODEL and line.pictures:
            yield Seen("a picture in an answer", line.where)


@trainer_check(
    "T609",
    "role",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat(messages=[{"role": "user", "content": QUESTION}, {"role": "gpt", "content": ANSWER}]),
    passes=RIGHT,
)
def role(sample: Sample) -> Iterator[Seen]:
    """A role is not known, or the model says nothing.

    Roles are set as they are, and only the assistant's words are trained on
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py, roles_to_train).
    """
    found = said(sample)
    for line in found or ():
        if line.role not in KNOWN:
            yield Seen(f"the role is {line.role!r}", line.where)
    if found is not None and sample.sound is None and not any(line.role in MODEL for line in found):
        yield Seen("no answer", key(sample))


@trainer_check(
    "T610",
    "no-text",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat(None, ANSWER),
    passes=RIGHT,
)
def no_text(sample: Sample) -> Iterator[Seen]:
    """A content is neither a text nor a list of typed parts.

    The whole message is left out without a word
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py, convert_messages_to_multimedia_messages).
    """
    for line in read(sample):
        if not isinstance(line.content, str | list):
            yield Seen(f"it is {kind(line.content)}, not a text", line.where)
    yield from wordless_parts(read(sample))


@trainer_check(
    "T611",
    "part",
    "error",
    target="axolotl",
    does="stops",
    fails=chat([{"type": "image"}, QUESTION], parts(ANSWER)),
    passes=RIGHT,
)
def broken_part(sample: Sample) -> Iterator[Seen]:
    """A part of a content is no object with a type.

    Each part is asked for its `type` (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py); of sounds
    and films in parts there is nothing that this check knows to be read.
    """
    found = said(sample) or ()
    yield from broken_parts(found)
    for line in found:
        for part in line.parts:
            if part.get("type") in (None, "audio", "video") and "type" in part:
                yield Seen(f"the part's type is {part['type']!r}", line.where)


@trainer_check(
    "T612",
    "empty-answer",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat(parts(QUESTION, image=True), parts(" ")),
    passes=RIGHT,
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank.

    The model is trained to say nothing and stop
    (axolotl-ai-cloud/axolotl@067b021:src/axolotl/processing_strategies.py).
    """
    yield from silent(read(sample), MODEL)


@trainer_check(
    "T613",
    "special-token",
    "error",
    target="axolotl",
    does="damaged",
    fails=chat(parts(QUESTION, image=True), parts("It ends <|im_end|> here.")),
    passes=RIGHT,
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds what a tokenizer reads as a special token.

    The chat template sets texts as they are (axolotl-ai-cloud/axolotl@067b021:src/axolotl/utils/collators/mm_chat.py).
    """
    yield from special(read(sample), but=PADS)


@trainer_check(
    "T614",
    "image-pad",
    "error",
    target="axolotl",
    does="stops",
    fails=chat(parts("What is <|image_pad|>?", image=True), parts(ANSWER)),
    passes=RIGHT,
)
def image_pad(sample: Sample) -> Iterator[Seen]:
    """A text holds the token that stands for a picture's pixels.

    The processor counts one picture too few and raises (transformers 5, Qwen2VLProcessor).
    """
    yield from padded(said(sample) or ())
