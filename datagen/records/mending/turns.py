"""Whose turn it is: what can be certain of a dialogue that does not alternate from human to gpt.

Nothing is done unless a whole dialogue comes of it: first a human, last the model, by turns, none blank.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from datagen.records.mending.look import (
    IMAGE,
    Line,
    keys_of,
    lines_of,
    member_of,
    pictures_of,
    with_dialogue,
    with_text,
)
from datagen.records.mending.memory import Memory
from datagen.records.mending.names import Done

_SAID_OUT = re.compile(r"[.!:;…。！：][\"'”’»)\]」』]*\Z")
"""How a text ends that wants no answer and no more words."""


def turns(record: dict[str, Any], done: Done, _memory: Memory) -> dict[str, Any]:
    """Messages joined or dropped, where a whole dialogue comes of it."""
    member = member_of(record)
    if member is None:
        return record
    messages = record[member]
    head = next((at for at, line in enumerate(lines_of(messages)) if line.speaker != "system"), len(messages))
    found: Done = {}
    body = _joined(messages[head:], found)
    speakers = [line.speaker for line in lines_of(body)]
    first, last = speakers[:1] == ["gpt"], speakers[-1:] == ["human"]
    kept = body[first : len(body) - last]
    if not _is_whole(kept):
        return record
    dropped = [*lines_of(body[:first]), *lines_of(body[len(body) - last :])]
    if any(IMAGE in (line.text or "") for line in dropped) and pictures_of(record) != 1:
        return record
    done.update(found)
    done.update(dict.fromkeys(["leading-answer-dropped"] * first + ["trailing-question-dropped"] * last))
    return with_dialogue(record, member, messages[:head] + kept)


def _is_whole(messages: list[dict[str, Any]]) -> bool:
    lines = lines_of(messages)
    by_turns = all(line.speaker == ("human", "gpt")[at % 2] for at, line in enumerate(lines))
    return bool(lines) and len(lines) % 2 == 0 and by_turns and all(map(_says_something, messages))


def _says_something(message: dict[str, Any]) -> bool:
    content = message.get(keys_of(message)[1])
    return bool(content.strip() if isinstance(content, str) else isinstance(content, list) and content)


def _joined(messages: list[dict[str, Any]], done: Done) -> list[dict[str, Any]]:
    """Two of one speaker made one where the first wants no answer; where that is not sure, all as they are."""
    fresh: list[dict[str, Any]] = []
    pairs = zip(messages, lines_of(messages), strict=True)
    for speaker, run in groupby(pairs, key=lambda pair: pair[1].speaker):
        same = list(run)
        if len(same) == 1 or speaker is None:
            fresh += [message for message, _ in same]
        elif _belong_together(same):
            done["same-speaker-joined"] = None
            (message, first), (_, second) = same
            fresh.append(with_text(message, f"{first.text}\n\n{second.text}"))
        else:
            done.clear()
            return messages
    return fresh


def _belong_together(run: list[tuple[dict[str, Any], Line]]) -> bool:
    if len(run) != 2:
        return False
    (one, first), (other, second) = run
    if len(one) != 2 or one.keys() != other.keys() or first.text is None or second.text is None:
        return False
    if not second.text.strip() or first.text == second.text:
        return False
    return first.text.strip() == IMAGE or _SAID_OUT.search(first.text) is not None
