"""Ids: a text, and no two alike. What is made up depends on the picture's name and the record's number alone."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from datagen.records.mending.look import DIALOGUES
from datagen.records.mending.memory import Memory
from datagen.records.mending.names import Done
from datagen.text import one_line, slug

_MEMBERS = {*DIALOGUES, "image", "images"}


def identified(record: dict[str, Any], number: int, done: Done, memory: Memory) -> dict[str, Any]:
    """The record with an id that is a text and its own; an id that is a list, an object or a truth value is left."""
    told = record.get("id")
    if told is None and not record.keys() & _MEMBERS:
        return record  # nothing that a record has
    wanted = _text(told, done)
    if wanted is None:
        return record
    if not wanted:
        done["id-missing"] = None
        wanted = _made_up(record, number)
    given = memory.claim(wanted)
    if given != wanted:
        done["id-repeated"] = None
    if given == told:
        return record
    return {**record, "id": given} if "id" in record else {"id": given, **record}


def _text(told: Any, done: Done) -> str | None:
    """An id as a text, empty where there is none; None where it cannot be one."""
    if told is None:
        return ""
    if isinstance(told, str):
        fresh = one_line(told) if told != told.strip() or not told.isprintable() else told
        done.update(dict.fromkeys(["id-text"] * (fresh != told and fresh != "")))
        return fresh
    if isinstance(told, int | float) and not isinstance(told, bool):
        with suppress(ValueError):  # a number of thousands of digits
            text = str(int(told)) if told == int(told) and abs(told) < 2**53 else str(told)
            done["id-type"] = None
            return text
    return None


def _made_up(record: dict[str, Any], number: int) -> str:
    told = record.get("image") or record.get("images")
    first = told[0] if isinstance(told, list) and told else told
    name = one_line(PurePosixPath(first.replace("\\", "/")).stem) if isinstance(first, str) else ""
    return f"{slug(name, 64) if name else 'record'}-{number}"
