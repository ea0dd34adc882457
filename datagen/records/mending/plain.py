"""Any JSON value that Python can hold, made fit to be written as JSON in UTF-8."""

from __future__ import annotations

import math
import re
from typing import Any

from datagen.records.mending.names import Done

_SURROGATE = re.compile("[\ud800-\udfff]")


def writable(value: Any, done: Done | None = None) -> Any:
    """`value` without lone surrogates, NaN and infinities; the same object where it holds none."""
    try:
        return _walk(value, {} if done is None else done)
    except RecursionError:  # nested as deeply as Python's own reader goes: whoever writes it will say so
        return value


def _walk(value: Any, done: Done) -> Any:
    if isinstance(value, str):
        return _whole(value, done)
    if isinstance(value, dict):
        return _members(value, done)
    if isinstance(value, list):
        fresh = [_walk(each, done) for each in value]
        return value if same(value, fresh) else fresh
    if isinstance(value, float) and not math.isfinite(value):
        done["not-a-number"] = None
        return None
    return value


def _whole(text: str, done: Done) -> str:
    if text.isascii() or not _SURROGATE.search(text):
        return text
    done["surrogates"] = None
    return _SURROGATE.sub("\ufffd", text)


def _members(value: dict[Any, Any], done: Done) -> dict[Any, Any]:
    keys = [_whole(key, done) for key in value]
    values = [_walk(each, done) for each in value.values()]
    if same(list(value.values()), values) and same(list(value), keys):
        return value
    fresh: dict[Any, Any] = {}
    for key, each in zip(keys, values, strict=True):
        while key in fresh:  # two names that differed in what cannot be written
            key += "\ufffd"
        fresh[key] = each
    return fresh


def same(old: list[Any], new: list[Any]) -> bool:
    """Whether these are the very same objects."""
    return len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True))
