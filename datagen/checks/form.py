"""S: is a record what it should be, whoever reads it?

The invariants of a dialogue: it begins with the human and goes by turns, roles are known, texts are texts. What a given
trainer makes of a breach is said by its own checks; these say what the breach is. Facts from
haotian-liu/LLaVA@c121f04:docs/Finetune_Custom_Data.md and llava/train/train.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, record_check
from datagen.checks.examples import ANSWER, QUESTION, chat, dialogue, record
from datagen.checks.sample import Message, Sample
from datagen.text import shown


def written(value: Any) -> str:
    """How a value stands in the file, cut short."""
    return shown(json.dumps(value, ensure_ascii=False, default=str), 60)


@record_check(
    "S006",
    "not-a-record",
    "error",
    fails=["What is the dog doing?", ANSWER],
    passes=record(),
    texts=False,
)
def not_a_record(sample: Sample) -> Iterator[Seen]:
    """This is no JSON object.

    A list of training data holds one object for each sample; trainers stop at anything else. In JSON lines, a line that
    is no JSON at all is found by this check too: it is usually cut off.
    """
    if not isinstance(sample.raw, dict):
        yield Seen(f"{written(sample.raw)} is no object")


@record_check("S010", "no-dialogue", "error", fails=record(conversations=...), passes=record(), texts=False)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """There is no list of messages under `conversations` or `messages`, or it is empty."""
    if not isinstance(sample.raw, dict):
        return
    if sample.dialogue is None:
        there = ", ".join(map(str, list(sample.raw)[:8]))
        for key in ("conversations", "messages"):
            if key in sample.raw:
                yield Seen(f"{key} is no list but {written(sample.raw[key])}", key)
                return
        yield Seen(f"neither conversations nor messages; its members are: {shown(there, 100) or 'none'}")
    elif not sample.messages:
        yield Seen(f"{sample.dialogue} is empty", sample.dialogue)


@record_check(
    "S011",
    "no-text",
    "error",
    fails=record(conversations=[{"from": "human", "value": f"<image>\n{QUESTION}"}, {"from": "gpt", "value": None}]),
    passes=record(),
    texts=False,
)
def no_text(sample: Sample) -> Iterator[Seen]:
    """A message is no object with a text."""
    for message in sample.messages:
        if message.text is None:
            held = sample.raw[sample.dialogue][int(message.path.rpartition("[")[2][:-1])]
            if isinstance(held, dict):
                value = held.get("value", held.get("content"))
                missing = "has no value or content" if value is None else f"its text is {written(value)}"
                yield Seen(missing, message.where)
            else:
                yield Seen(f"{written(held)} is no message", message.path)


@record_check(
    "S012",
    "unknown-role",
    "error",
    fails=record(conversations=[{"from": "human", "value": f"<image>\n{QUESTION}"}, {"from": "bot", "value": ANSWER}]),
    passes=record(),
    mends=True,
    texts=False,
)
def unknown_role(sample: Sample) -> Iterator[Seen]:
    """Nobody knows who speaks: the role is none of human, gpt, user, assistant and system."""
    for message in sample.messages:
        if message.speaker is None and message.path != message.where:
            told = "there is no role" if message.role is None else f"the role is {written(message.role)}"
            yield Seen(told, message.path, str(message.role) if isinstance(message.role, str) else "")


@record_check(
    "S013",
    "mixed-roles",
    "warning",
    fails=record(
        conversations=[{"from": "human", "value": f"<image>\n{QUESTION}"}, {"from": "assistant", "value": ANSWER}]
    ),
    passes=record(),
    mends=True,
    texts=False,
)
def mixed_roles(sample: Sample) -> Iterator[Seen]:
    """Roles of two ways of writing dialogues are mixed.

    human and gpt belong to from/value, user and assistant to role/content. Loaders look names up in a table of one of
    the two, so that the other kind is a KeyError (LLaVA issue 1390).
    """
    for message in sample.messages:
        ours = message.role in ("human", "gpt")
        if message.speaker in ("human", "gpt") and ours != message.where.endswith(".value"):
            member = "from/value" if message.where.endswith(".value") else "role/content"
            yield Seen(f"{message.role!r} in a message of {member}", message.path, str(message.role))


def _talk(sample: Sample) -> list[Message]:
    """The messages of human and model, when all roles are known."""
    if any(message.speaker is None for message in sample.messages):
        return []
    return [message for message in sample.messages if message.speaker != "system"]


@record_check(
    "S014",
    "not-by-turns",
    "error",
    fails=dialogue(f"<image>\n{QUESTION}", ANSWER, "And then?", "It fetches it.", roles=("human", "human")),
    passes=dialogue(f"<image>\n{QUESTION}", ANSWER, "And then?", "It fetches it."),
    mends=True,
    texts=False,
)
def not_by_turns(sample: Sample) -> Iterator[Seen]:
    """Human and model do not speak by turns, beginning with the human.

    LLaVA drops a first message of the model with the image token in it, and stops at two of one side in a row
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1); others drop the record.
    """
    wanted = "human"
    for message in _talk(sample):
        if message.speaker != wanted:
            yield Seen(
                f"{message.role!r} speaks where {'the human' if wanted == 'human' else 'the model'} should",
                message.path,
            )
            return
        wanted = "gpt" if wanted == "human" else "human"


@record_check(
    "S015",
    "unanswered",
    "error",
    fails=dialogue(f"<image>\n{QUESTION}", ANSWER, "And then?"),
    passes=dialogue(f"<image>\n{QUESTION}", ANSWER),
    mends=True,
    texts=False,
)
def unanswered(sample: Sample) -> Iterator[Seen]:
    """The dialogue ends with a question.

    LLaVA then masks the whole sample; loaders that want pairs drop it.
    """
    talk = _talk(sample)
    if talk and talk[-1].speaker == "human":
        yield Seen("the last word is the human's", talk[-1].path)


@record_check(
    "S027",
    "id-type",
    "warning",
    fails=record(id=33471),
    passes=record(),
    mends=True,
    texts=False,
)
def id_type(sample: Sample) -> Iterator[Seen]:
    """The id is no text, or an empty one.

    A file with both numbers and texts for ids cannot be loaded by Arrow-based loaders (datasets issue 7322, ms-swift
    issue 2634); LLaVA's own 665k file is one.
    """
    if sample.id is not None and (not isinstance(sample.id, str) or not sample.id):
        yield Seen(f"the id is {written(sample.id)}", "id")


@record_check(
    "S028",
    "not-finite",
    "error",
    fails=record(score=math.nan),
    passes=record(score=0.5),
)
def not_finite(sample: Sample) -> Iterator[Seen]:
    """NaN or Infinity stands in the record: that is no JSON, and half of all readers refuse the file."""
    for where, value in _numbers(sample.raw, ""):
        if not math.isfinite(value):
            yield Seen(f"{value}", where)


def _numbers(value: Any, where: str, depth: int = 0) -> Iterator[tuple[str, float]]:
    if isinstance(value, float):
        yield where, value
    elif isinstance(value, dict) and depth < 20:
        for key, each in value.items():
            yield from _numbers(each, f"{where}.{key}" if where else str(key), depth + 1)
    elif isinstance(value, list) and depth < 20:
        for at, each in enumerate(value):
            yield from _numbers(each, f"{where}[{at}]", depth + 1)


@record_check(
    "S029",
    "two-forms",
    "warning",
    fails={**record(), "messages": chat(QUESTION, ANSWER)["messages"]},
    passes=record(),
    texts=False,
)
def two_forms(sample: Sample) -> Iterator[Seen]:
    """The record holds two of a kind: `conversations` and `messages`, or `image` and `images`.

    Each loader takes the one it knows; ms-swift leaves both as they are and finds no image.
    """
    raw = sample.raw if isinstance(sample.raw, dict) else {}
    for one, other in (("conversations", "messages"), ("image", "images")):
        if one in raw and other in raw:
            yield Seen(f"both {one} and {other}", other)
