"""Requests and tokens per minute, kept by two token buckets that refill all the time, and the headers that tell of it.

A bucket holds `rate * burst` and starts full. A request is let in when both have enough for it; what it was taken for
is settled when its true usage is known, so a bucket may owe for a while. It knows no clock: it is told the time.
"""

from __future__ import annotations

import math
from typing import NamedTuple

_HAIR = 1e-9  # what floating point may lose on the way


class Refused(NamedTuple):
    """Why a request is not let in, and when it would be."""

    kind: str
    """`requests` or `tokens`."""
    limit: int
    """A minute."""
    needed: int
    wait: float | None
    """Seconds until that bucket has enough; None where it never will, because it is too small."""


class Bucket:
    """So much a minute, saved up for at most `burst` seconds."""

    __slots__ = ("at", "capacity", "level", "limit", "rate")

    def __init__(self, limit: int, burst: float, now: float) -> None:
        self.limit, self.rate, self.at = limit, limit / 60, now
        self.capacity = self.level = self.rate * burst

    def fill(self, now: float) -> None:
        """What has run in since the last time."""
        if now > self.at:
            self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
            self.at = now

    def wait(self, need: float) -> float | None:
        """Seconds until there is enough: 0 when there is, None when there never will be."""
        if need > self.capacity + _HAIR:
            return None
        return max(0.0, (need - self.level) / self.rate) if self.level + _HAIR < need else 0.0

    def take(self, amount: float) -> None:
        """Take out (or, where it is negative, put back)."""
        self.level = min(self.capacity, self.level - amount)

    @property
    def remaining(self) -> int:
        """What is there now, in whole ones."""
        return max(0, math.floor(self.level + _HAIR))

    @property
    def reset(self) -> float:
        """Seconds until it is full."""
        return max(0.0, (self.capacity - self.level) / self.rate)


class Limits:
    """Both buckets; either may be missing."""

    def __init__(self, rpm: int | None, tpm: int | None, burst: float, now: float) -> None:
        kinds = {"requests": rpm, "tokens": tpm}
        self.buckets = {kind: Bucket(limit, burst, now) for kind, limit in kinds.items() if limit is not None}

    def admit(self, tokens: int, now: float) -> Refused | None:
        """Take one request and its `tokens` out, or say what there is too little of and take nothing."""
        worst: Refused | None = None
        for kind, bucket in self.buckets.items():
            bucket.fill(now)
            need = tokens if kind == "tokens" else 1
            wait = bucket.wait(need)
            if wait is None:
                return Refused(kind, bucket.limit, need, None)
            if wait > 0 and (worst is None or wait > (worst.wait or 0)):
                worst = Refused(kind, bucket.limit, need, wait)
        if worst is None:
            for kind, bucket in self.buckets.items():
                bucket.take(tokens if kind == "tokens" else 1)
        return worst

    def settle(self, taken: int, used: int, now: float) -> None:
        """Put back what was taken too much, or take what was taken too little."""
        bucket = self.buckets.get("tokens")
        if bucket is not None:
            bucket.fill(now)
            bucket.take(used - taken)

    def headers(self, now: float) -> dict[str, str]:
        """`x-ratelimit-…` as OpenAI writes them: a minute's worth, what is left, and when the bank is full again."""
        told = {}
        for kind, bucket in self.buckets.items():
            bucket.fill(now)
            told[f"x-ratelimit-limit-{kind}"] = str(bucket.limit)
            told[f"x-ratelimit-remaining-{kind}"] = str(bucket.remaining)
            told[f"x-ratelimit-reset-{kind}"] = duration(bucket.reset)
        return told


def retry_headers(wait: float | None) -> dict[str, str]:
    """`retry-after-ms` and `retry-after`, rounded up so that whoever keeps to either is not early."""
    if wait is None:
        return {}
    milliseconds = max(1, _ceil(wait * 1000))
    return {"retry-after-ms": str(milliseconds), "retry-after": str(-(-milliseconds // 1000))}


def duration(seconds: float) -> str:
    """`0s`, `12ms`, `1.5s`, `6m0s`, `1h0m0s`: in milliseconds, rounded up."""
    milliseconds = _ceil(seconds * 1000)
    if milliseconds == 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    told = f"{rest // 1000}.{rest % 1000:03d}".rstrip("0").rstrip(".") + "s"
    return (f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else "") + told


def _ceil(number: float) -> int:
    return math.ceil(number - 1e-6)
