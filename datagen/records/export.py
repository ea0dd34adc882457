"""Kept records → the files of a run. An export is one function: a Record → one JSON object.

The shapes are those of `records.formats`; here a record becomes the entry that they speak of, with the image token
where the settings want it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from datagen.records.formats.entry import Entry, Line
from datagen.records.formats.shapes import SHAPES
from datagen.registry import Registry
from datagen.schema import Record
from datagen.text import pick

ImageToken = Literal["first", "last", "random"]

EXPORTS: Registry[Callable[[Record, ImageToken, int], dict[str, Any]]] = Registry("export")
"""File of the run's folder → (record, where the image token goes, seed) → one object. `.json` is an array, `.jsonl` has
a line for each."""


@EXPORTS("llava.json")
def llava(record: Record, token: ImageToken, seed: int) -> dict[str, Any]:
    """LLaVA's shape, the image token in the first human turn."""
    at_end = token == "last" or (token == "random" and pick(2, str(seed), "image-token", record.id) == 1)
    return SHAPES["llava"].write(_entry(record, at_end))


@EXPORTS("messages.jsonl")
def messages(record: Record, _token: ImageToken, _seed: int) -> dict[str, Any]:
    """Chat messages with typed parts, the picture first."""
    return SHAPES["messages"].write(_entry(record, at_end=False))


def _entry(record: Record, at_end: bool) -> Entry:
    lines = [line for turn in record.turns for line in (Line("user", turn.question), Line("assistant", turn.answer))]
    first = record.turns[0].question
    lines[0] = Line("user", f"{first}\n<image>" if at_end else f"<image>\n{first}")
    return Entry(record.id, (record.image,), tuple(lines))
