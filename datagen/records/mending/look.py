"""Where things stand in a record: the dialogue, who speaks, the text, the pictures. It changes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

IMAGE = "<image>"
"""The token that stands for a picture."""

Speaker = Literal["human", "gpt", "system"]
SPEAKERS: dict[str, Speaker] = {
    **dict.fromkeys(("human", "user", "prompter"), "human"),
    **dict.fromkeys(("gpt", "assistant", "bot", "chatbot", "chatgpt", "ai", "model", "bard", "bing"), "gpt"),
    "system": "system",
}
"""Who speaks, by the names that files give them, in small letters."""

DIALOGUES = ("conversations", "messages", "conversation")
"""The members that may hold a dialogue; the first that is a list does."""

_MAY_BE_A_PICTURE = re.compile(r"im(?:age|g)|pic|photo|video|frame|pixel|visual|media|file|path|url", re.IGNORECASE)


class Line(NamedTuple):
    """One message of a dialogue: who speaks, and the text where it is one."""

    speaker: Speaker | None
    text: str | None


def member_of(record: dict[str, Any]) -> str | None:
    """The member that holds the dialogue; None where there is none or where it holds something but messages."""
    member = next((key for key in DIALOGUES if isinstance(record.get(key), list)), None)
    if member is None or not all(isinstance(message, dict) for message in record[member]):
        return None
    return member


def keys_of(message: dict[str, Any]) -> tuple[str, str]:
    """Under which members a message has its role and its text."""
    role = "from" if "from" in message else "role"
    if "value" in message:
        return role, "value"
    return role, "content" if "content" in message or role == "role" else "value"


def speaker_of(role: object) -> Speaker | None:
    """Whose role that is; None where it is no known one."""
    if not isinstance(role, str):
        return None
    return SPEAKERS.get(role) or SPEAKERS.get(role.strip().lower())


def lines_of(messages: Sequence[dict[str, Any]]) -> list[Line]:
    """What is said."""
    lines = []
    for message in messages:
        role, text = keys_of(message)
        said = message.get(text)
        lines.append(Line(speaker_of(message.get(role)), said if isinstance(said, str) else None))
    return lines


def names_nothing(value: object) -> bool:
    """Whether what stands under `image` is no picture for certain."""
    return all(map(_is_nothing, value)) if isinstance(value, list) else _is_nothing(value)


def _is_nothing(value: object) -> bool:
    if isinstance(value, dict):
        return value.keys() <= {"path", "bytes"} and not any(value.values())
    return value is None or (isinstance(value, str) and not value.strip())


def pictures_of(record: dict[str, Any]) -> int | None:
    """How many pictures a record has; None where that is not certain."""
    told = [record[key] for key in ("image", "images") if not names_nothing(record.get(key))]
    if not told:
        others = (value for key, value in record.items() if key not in ("image", "images"))
        names = (key for key in record if key not in ("image", "images") and _MAY_BE_A_PICTURE.search(key))
        in_parts = any(isinstance(value, list) and _has_parts(value) for value in others)
        return None if in_parts or any(not names_nothing(record[name]) for name in names) else 0
    if len(told) > 1:
        return None
    listed = told[0] if isinstance(told[0], list) else told
    whole = all(isinstance(each, str | dict) and not names_nothing(each) for each in listed)
    return len(listed) if whole else None


def _has_parts(listed: list[Any]) -> bool:
    return any(isinstance(each, dict) and any(isinstance(value, list) for value in each.values()) for each in listed)


def with_dialogue(record: dict[str, Any], member: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The record with another dialogue; itself where all messages are the very same."""
    old = record[member]
    if len(old) == len(messages) and all(a is b for a, b in zip(old, messages, strict=True)):
        return record
    return {**record, member: messages}


def with_text(message: dict[str, Any], text: object) -> dict[str, Any]:
    """The message saying something else; itself where it says that already."""
    key = keys_of(message)[1]
    return message if message.get(key) is text or message.get(key) == text else {**message, key: text}
