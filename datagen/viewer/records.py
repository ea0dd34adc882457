"""One record of a file of training data as facts: whatever shape it has, its texts, picture and findings are shown.

It takes LLaVA's `conversations` and the `messages` of others; what is neither is shown as the JSON it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from datagen.annotations.names import relative_path
from datagen.viewer.facts import Facts
from datagen.viewer.pieces import Span, pieces, place_of

_DIALOGUES = ("conversations", "messages")
_PICTURES = ("image", "images")
_AT = re.compile(r"(conversations|messages)\[(\d+)\]")


def load(body: bytes) -> Any:
    """A record's JSON; the text itself where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def picture_of(record: Any) -> str:
    """The file name of its first picture, as the record writes it; `` where it has none."""
    for key in _PICTURES if isinstance(record, dict) else ():
        value = record.get(key)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, dict):
            value = value.get("path") or value.get("file_name")
        if isinstance(value, str):
            return value
    return ""


def id_of(record: Any) -> str:
    """Its id as text; `` where it has none."""
    value = record.get("id") if isinstance(record, dict) else None
    return str(value)[:400] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def texts_of(record: Any) -> list[tuple[str, str]]:
    """(role, text) of each message."""
    for key in _DIALOGUES if isinstance(record, dict) else ():
        told = record.get(key)
        if isinstance(told, list):
            return [_message(each) for each in told]
    return []


def _message(told: Any) -> tuple[str, str]:
    if not isinstance(told, dict):
        return "?", _text(told)
    role = told.get("from", told.get("role", "?"))
    return _text(role)[:40], _text(told.get("value", told.get("content", "")))


def _text(value: Any) -> str:
    """Text of a message's value: parts are joined, a picture's part is its token."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    if isinstance(value, dict):
        told = value.get("text")
        return told if isinstance(told, str) else f"<{_text(value.get('type', '?'))}>"
    return "" if value is None else json.dumps(value)


def of_file(number: int, body: bytes, findings: Sequence[Facts], state: str) -> Facts:
    """A record, with what its checks found."""
    record = load(body)
    texts = texts_of(record)
    places = _places(findings, texts)
    name = picture_of(record)
    path = relative_path(name)
    return {
        "key": str(number),
        "id": id_of(record),
        "task": "",
        "draw": 0,
        "state": state,
        "reason": "",
        "message": "",
        "image": {"id": "", "name": path[0] if path else name, "width": None, "height": None, "boxes": []},
        "context": [],
        "question": "",
        "messages": [{"role": role, "text": pieces(text, places.get(at, ()))} for at, (role, text) in enumerate(texts)],
        "reply": pieces(_shown(record, body)),
        "findings": list(findings),
        "told": {},
        "attempts": [],
    }


def _shown(record: Any, body: bytes) -> str:
    if isinstance(record, str):
        return body.decode("utf-8", "replace")
    return json.dumps(record, ensure_ascii=False, indent=2)


def _places(findings: Sequence[Facts], texts: Sequence[tuple[str, str]]) -> dict[int, list[Span]]:
    places: dict[int, list[Span]] = {}
    for number, finding in enumerate(findings):
        at = _AT.match(finding["where"])
        index = int(at[2]) if at else -1
        if 0 <= index < len(texts) and (found := place_of(finding["words"], texts[index][1])) is not None:
            places.setdefault(index, []).append(Span(*found, finding=number))
    return places
