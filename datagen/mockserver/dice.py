"""Chance without state: a number that depends on the seed, a body, how often the limits let that body in, and no more.

So neither the order of requests nor how many are in flight changes what happens to one of them.
"""

from __future__ import annotations

import hashlib


def share(seed: int, key: bytes, attempt: int, what: str) -> float:
    """A number in [0, 1), even over its whole range; `what` keeps the draws for one request apart."""
    drawn = hashlib.sha256(b"%d %d %s " % (seed, attempt, what.encode()) + key).digest()
    return (int.from_bytes(drawn[:8], "big") >> 11) / (1 << 53)
