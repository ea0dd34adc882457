"""What was not kept and why, with a few replies to each reason, from a run's rejects.jsonl. It knows no pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from datagen.files import objects
from datagen.summary.talk import LONGEST

EACH = 4
"""Replies of a reason that are shown."""


class Reject(NamedTuple):
    """One that was not kept."""

    id: str
    task: str
    image: str
    message: str
    reply: tuple[tuple[str, bool], ...]
    """In pieces: text, and whether it is what a check found fault with."""


class Reason(NamedTuple):
    """A reason, and the first of those that it was given for."""

    name: str
    state: str
    """`rejected` or `failed`."""
    number: int
    first: tuple[Reject, ...]


def reasons(path: Path) -> list[Reason]:
    """The most frequent first; none where there is no such file."""
    numbers: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], list[Reject]] = {}
    for line in objects(path) if path.is_file() else ():
        key = (str(line.get("state", "")), str(line.get("reason", "")))
        numbers[key] += 1
        kept = first.setdefault(key, [])
        if len(kept) < EACH:
            kept.append(_reject(line))
    return [Reason(name, state, number, tuple(first[state, name])) for (state, name), number in numbers.most_common()]


def _reject(line: dict[str, Any]) -> Reject:
    errors = [each for each in line.get("findings") or () if each.get("level") == "error"]
    message = errors[0].get("message", "") if errors else line.get("message") or ""
    name, task, image = (str(line.get(key) or "") for key in ("id", "task", "image"))
    words = {str(each.get("words") or "") for each in errors}
    return Reject(name, task, image, str(message)[:LONGEST], marked(str(line.get("reply") or "")[:LONGEST], words))


def marked(text: str, words: Collection[str]) -> tuple[tuple[str, bool], ...]:
    """The text in pieces: those that are one of `words` are marked, the longest first where several begin alike."""
    wanted = sorted(filter(None, words), key=lambda each: (-len(each), each))
    if not wanted:
        return ((text, False),) if text else ()
    pieces = re.split(f"({'|'.join(map(re.escape, wanted))})", text)
    return tuple((piece, at % 2 == 1) for at, piece in enumerate(pieces) if piece)


def tasks(path: Path) -> dict[str, str]:
    """A record's id → the task it was made by, from a run's provenance.jsonl."""
    lines = objects(path) if path.is_file() else ()
    return {str(line.get("id")): str(line.get("task")) for line in lines}
