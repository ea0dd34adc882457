"""A record as it stands in a file → the entry that it means, whatever its shape.

It reads both ways in which dialogues are written (`conversations` of from/value, `messages` of role/content with texts
or typed parts) with pictures under `image`, `images` or in the parts. What cannot be meant is refused with its place;
what is understood but cannot be kept is noted by name. It knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from datagen.records.formats.entry import TOKEN, Entry, Line, Pieces, Role, places

ROLES: Mapping[Any, Role] = {
    "human": "user",
    "gpt": "assistant",
    "system": "system",
    "user": "user",
    "assistant": "assistant",
}
"""Roles by the names that files give them."""
_SYSTEM = ("system", "system_prompt")
"""Members that hold what others say in a first message of the system's."""
_KNOWN = frozenset({"id", "image", "images", "conversations", "messages", *_SYSTEM})
_OWN = ("path", "image", "url", "image_url")
"""Where a typed part may have its own picture."""


class NotARecord(Exception):
    """Why something is no record: `where` is a JSON path inside it."""

    def __init__(self, where: str, cause: str) -> None:
        super().__init__(cause)
        self.where, self.cause = where, cause


class Understood(NamedTuple):
    """An entry, and what of its record is not in it, by name."""

    entry: Entry
    notes: tuple[str, ...] = ()


def understand(raw: Any) -> Understood:
    """What a record means. Raises NotARecord."""
    if not isinstance(raw, dict):
        raise NotARecord("", f"is {_kind(raw)}, not an object")
    notes: list[str] = []
    listed = _images(raw)
    lines, own = _lines(raw, listed is not None)
    if own and listed:
        raise NotARecord("images", "pictures stand in the messages' parts and in a list too")
    images = tuple(own) if own else listed or ()
    stand = sum(places(line.said) for line in lines)
    if images and not stand and "messages" in raw:
        lines, stand = _placed(lines, len(images)), len(images)
        notes.append("picture-placed")
    if stand != len(images):
        raise NotARecord("", f"has {len(images)} pictures, and room for {stand} in what is said")
    lines = _prompted(raw, lines, notes)
    if not raw.keys() <= _KNOWN:
        notes += [f"member:{key}" for key in raw if key not in _KNOWN]
    return Understood(Entry(_id(raw, notes), images, lines), tuple(notes))


def _prompted(raw: dict[str, Any], lines: tuple[Line, ...], notes: list[str]) -> tuple[Line, ...]:
    """With the system prompt that stands beside the dialogue, if one does."""
    for key in _SYSTEM:
        told = raw.get(key)
        if isinstance(told, str) and told.strip() and lines[0].role != "system":
            lines = (Line("system", (told,) if TOKEN in told else told), *lines)
        elif told not in (None, "") and not (isinstance(told, str) and not told.strip()):
            notes.append(f"member:{key}")
    return lines


def _id(raw: dict[str, Any], notes: list[str]) -> str | None:
    told = raw.get("id")
    if isinstance(told, str) or told is None:
        return told
    if isinstance(told, int) and not isinstance(told, bool):
        notes.append("id-number")
        return str(told)
    raise NotARecord("id", f"is {_kind(told)}, not a text")


def _images(raw: dict[str, Any]) -> tuple[str, ...] | None:
    """The record's own list; None where it has none."""
    for key in ("images", "image"):
        told = raw.get(key)
        if told is None:
            continue
        listed = told if isinstance(told, list) else [told]
        places = [f"{key}[{at}]" for at in range(len(listed))] if listed is told else [key]
        return tuple(_path(each, place) for each, place in zip(listed, places, strict=True))
    return None


def _path(told: Any, where: str) -> str:
    if isinstance(told, dict):  # as `datasets` writes it
        told = told.get("path")
    if not isinstance(told, str) or not told:
        raise NotARecord(where, f"is {_kind(told)}, not a path")
    return told


def _lines(raw: dict[str, Any], listed: bool) -> tuple[tuple[Line, ...], list[str]]:
    """What is said, and the pictures that stand in it themselves."""
    key = "conversations" if "conversations" in raw else "messages"
    told = raw.get(key)
    if not isinstance(told, list):
        cause = "no `conversations` and no `messages`" if key not in raw else f"is {_kind(told)}, not a list"
        raise NotARecord(key if key in raw else "", cause)
    if not told:
        raise NotARecord(key, "is empty")
    own: list[str] = []
    lines: list[Line] = []
    for at, each in enumerate(told):
        try:
            old = "from" in each
            role, said = ROLES[each["from" if old else "role"]], each["value" if old else "content"]
        except (KeyError, TypeError) as error:
            raise _no_message(each, f"{key}[{at}]") from error
        if said.__class__ is not str:
            said = _parts(said, f"{key}[{at}].{'value' if old else 'content'}", own)
        elif not old and not listed and TOKEN in said:
            said = (said,)  # no picture can be meant
        lines.append(Line(role, said))
    return tuple(lines), own


def _no_message(each: Any, where: str) -> NotARecord:
    if not isinstance(each, dict):
        return NotARecord(where, f"is {_kind(each)}, not a message")
    role = "from" if "from" in each else "role"
    if role not in each:
        return NotARecord(where, "has neither `from` nor `role`")
    if not isinstance(each[role], str) or each[role] not in ROLES:
        return NotARecord(f"{where}.{role}", f"is {each[role]!r}, none of {', '.join(ROLES)}")
    return NotARecord(where, f"has no `{'value' if role == 'from' else 'content'}`")


def _parts(said: Any, where: str, own: list[str]) -> Pieces:
    if not isinstance(said, list):
        raise NotARecord(where, f"is {_kind(said)}, neither a text nor a list of parts")
    found: list[str | None] = []
    for at, part in enumerate(said):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            found.append(part["text"])
        elif kind in ("image", "image_url"):
            found.append(None)
            path = _own(part, f"{where}[{at}]")
            if path is not None:
                own.append(path)
        else:
            raise NotARecord(f"{where}[{at}]", "is neither a text nor a picture")
    return tuple(found)


def _own(part: dict[str, Any], where: str) -> str | None:
    told = next((part[key] for key in _OWN if part.get(key) is not None), None)
    if isinstance(told, dict):
        told = told.get("url") or told.get("path")
    if told is not None and (not isinstance(told, str) or not told):
        raise NotARecord(where, f"its picture is {_kind(told)}, not a path")
    return told


def _placed(lines: Iterable[Line], count: int) -> tuple[Line, ...]:
    """With the pictures before the first question, where ms-swift and TRL put those that have no place."""
    found = list(lines)
    at = next((at for at, line in enumerate(found) if line.role == "user"), 0)
    said = found[at].said
    found[at] = Line(found[at].role, (*[None] * count, *([said] if isinstance(said, str) else said)))
    return tuple(found)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "an empty text" if value == "" else names.get(type(value), "no JSON")
