"""S: the image of a record, and the tokens that stand for it. Whether the file is there is not looked at here.

Facts from haotian-liu/LLaVA@c121f04:llava/train/train.py and llava/model/llava_arch.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from datagen.checks.base import Seen, record_check
from datagen.checks.examples import ANSWER, QUESTION, dialogue, record
from datagen.checks.form import written
from datagen.checks.sample import IMAGE, Message, Sample
from datagen.text import shown

PICTURES = ("image", "image_url")
"""Types of parts that are a picture."""
_FAR_PATH = re.compile(r"^[/\\~]|^[A-Za-z]:|^[A-Za-z][A-Za-z0-9+.-]*://")
_CLIMBS = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|\x00")


def _tokens(message: Message) -> int:
    """Image tokens in a text, and typed parts that are images."""
    typed = sum(isinstance(part, dict) and part.get("type") in PICTURES for part in message.parts or ())
    return typed + (message.text or "").count(IMAGE)


@record_check(
    "S016",
    "image-tokens",
    "error",
    fails=record(question=QUESTION),
    passes=record(),
    mends=True,
)
def image_tokens(sample: Sample) -> Iterator[Seen]:
    """The record's images and its image tokens are not equally many.

    LLaVA trains such a record without its image, takes the next sample's image for a token too many, or ends in an
    IndexError (LLaVA issues 677 and 732); LLaMA-Factory and others refuse it.
    """
    if not sample.messages:
        return
    images = len([image for image in sample.images or () if image not in (None, "")])
    if sample.images is None:
        images = sum(map(_own, sample.messages))
    tokens = sum(map(_tokens, sample.messages))
    if images != tokens:
        several = "s" * (images != 1), "s" * (tokens != 1)
        yield Seen(f"{images} image{several[0]}, but {tokens} image token{several[1]}", sample.messages[0].where)


def _own(message: Message) -> int:
    """How many of a message's parts hold a picture of their own, as Axolotl's and OpenAI's do."""
    pictures = [part for part in message.parts or () if isinstance(part, dict) and part.get("type") in PICTURES]
    return sum(any(part.get(key) for key in ("path", "url", "image", "image_url", "base64")) for part in pictures)


@record_check(
    "S017",
    "image-in-answer",
    "error",
    fails=record(question=QUESTION, answer=f"<image>\n{ANSWER}"),
    passes=record(),
    mends=True,
)
def image_in_answer(sample: Sample) -> Iterator[Seen]:
    """An image token stands in an answer or in the system's message."""
    for message in sample.messages:
        if message.speaker in ("gpt", "system") and _tokens(message):
            yield Seen("an image token where nobody shows a picture", message.where, IMAGE)


@record_check(
    "S018",
    "late-image",
    "warning",
    fails=dialogue(QUESTION, ANSWER, "<image>\nAnd here?", "It sleeps."),
    passes=dialogue(f"<image>\n{QUESTION}", ANSWER, "And here?", "It sleeps."),
    mends=True,
)
def late_image(sample: Sample) -> Iterator[Seen]:
    """The only image comes after the first question, which is answered without it."""
    talk = [message for message in sample.messages if message.speaker == "human"]
    tokens = list(map(_tokens, talk))
    if sum(tokens) == 1 and not tokens[0] and not any(_tokens(m) for m in sample.messages if m.speaker != "human"):
        late = talk[tokens.index(1)]
        yield Seen("the image token belongs to the first question", late.where, IMAGE)


@record_check(
    "S019",
    "inline-image",
    "info",
    fails=record(question=f"What is on <image> here? {QUESTION}"),
    passes=record(),
)
def inline_image(sample: Sample) -> Iterator[Seen]:
    """An image token stands within a line of text.

    Some loaders move it to the front, some leave it there, some add line breaks: the model sees different things.
    """
    for message in sample.messages:
        if message.speaker == "human" and message.text and IMAGE in message.text:
            rest = [line for line in message.text.split("\n") if IMAGE in line and line.replace(IMAGE, "").strip()]
            inner = [line for line in rest if line.replace(IMAGE, " ").strip() and not _at_an_end(line)]
            if inner:
                yield Seen("an image token within a line", message.where, IMAGE)


def _at_an_end(line: str) -> bool:
    bare = line.strip()
    return bare.startswith(IMAGE) or bare.endswith(IMAGE)


@record_check(
    "S020",
    "image-value",
    "error",
    fails=record(image=None),
    passes=record(),
    mends=True,
)
def image_value(sample: Sample) -> Iterator[Seen]:
    """`image` is there but names no file.

    LLaVA asks only whether the key is there, and then joins its value to the folder: a TypeError for null, the folder
    itself for an empty text. Records without an image have no such key.
    """
    if not isinstance(sample.raw, dict):
        return
    for key in ("image", "images"):
        if key not in sample.raw:
            continue
        value = sample.raw[key]
        if value is None or value == "" or (key == "image" and value == []):
            yield Seen(f"{key} is {written(value)}: leave it out", key)
        elif not isinstance(value, str | list | dict):
            yield Seen(f"{key} is {written(value)}", key)
        elif isinstance(value, list) and any(not isinstance(each, str | dict) or not each for each in value):
            yield Seen(f"{key} holds {written(next(e for e in value if not isinstance(e, str | dict) or not e))}", key)


@record_check(
    "S021",
    "image-path",
    "error",
    fails=record(image="../../etc/passwd"),
    passes=record(),
)
def image_path(sample: Sample) -> Iterator[Seen]:
    """A path climbs out of the picture folder.

    Trainers join paths to their image folder as they are, so `..` reaches files elsewhere on the machine that trains.
    """
    for path in sample.images or ():
        if isinstance(path, str) and _CLIMBS.search(path):
            yield Seen(f"{shown(path, 100)!r}", "image", path)


@record_check(
    "S022",
    "far-image",
    "info",
    fails=record(image="/data/coco/train2017/000000033471.jpg"),
    passes=record(),
)
def far_image(sample: Sample) -> Iterator[Seen]:
    """A path is absolute, an address, or another system's: the file loads on that machine only."""
    for path in sample.images or ():
        if (
            isinstance(path, str)
            and not path.startswith("data:")
            and _FAR_PATH.search(path)
            and not _CLIMBS.search(path)
        ):
            yield Seen(f"{shown(path, 100)!r}", "image", path)
