"""What a server says of its limits in the headers of an answer. Garbage is no answer: it is left out.

Sources: OpenAI's guide "Rate limits" (`x-ratelimit-*`, durations as `1s`, `6m0s`, `12ms`) and RFC 9110 §10.2.3
(`retry-after` as seconds or a date); `retry-after-ms` is what openai/openai-python:src/openai/_base_client.py reads.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from typing import Literal

from datagen.schema import Window

_LONGEST = 366 * 86400.0  # seconds; a server that asks for more does not mean it
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date); None for garbage."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        if 0 <= seconds < _LONGEST:
            return seconds
    try:
        seconds = email.utils.parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return seconds if 0 <= seconds < _LONGEST else None


def windows(headers: Mapping[str, str]) -> tuple[Window, ...]:
    """The rate limits that the headers tell whole: at least `limit` and `remaining`."""
    found = []
    kind: Literal["requests", "tokens"]
    for kind in ("requests", "tokens"):
        limit = _number(headers.get(f"x-ratelimit-limit-{kind}"))
        remaining = _number(headers.get(f"x-ratelimit-remaining-{kind}"))
        if limit is not None and limit >= 1 and remaining is not None:
            found.append(Window(kind, limit, remaining, duration(headers.get(f"x-ratelimit-reset-{kind}"))))
    return tuple(found)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if 0 <= value < 1e15 else None


def duration(text: str | None) -> float | None:
    """Seconds in `6m0s`, `12ms`, `0.5`; None for anything else, such as a date in seconds since 1970."""
    if not text:
        return None
    seconds = _number(text)
    if seconds is None:
        parts = _PART.findall(text)
        if "".join(number + unit for number, unit in parts) != text:
            return None
        seconds = float(sum(float(number) * _UNITS[unit] for number, unit in parts))
    return seconds if seconds < _LONGEST else None
