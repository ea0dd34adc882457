"""What was not kept and why, with a few replies to each reason, from a run's rejects.jsonl. It knows no pages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from datagen.summary.talk import LONGEST

EACH = 4
"""Replies of a reason that are shown."""


class Reject(NamedTuple):
    """One that was not kept."""

    id: str
    task: str
    image: str
    message: str
    reply: str


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
    for line in _lines(path):
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
    return Reject(name, task, image, str(message)[:LONGEST], str(line.get("reply") or "")[:LONGEST])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Those that are JSON objects: the file may be cut off, and the page is none the worse for it."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                told = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(told, dict):
                yield told


def tasks(path: Path) -> dict[str, str]:
    """A record's id → the task it was made by, from a run's provenance.jsonl."""
    return {str(line.get("id")): str(line.get("task")) for line in _lines(path)}
