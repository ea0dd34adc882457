"""What batches cost: a line for each request that was billed, and sums for each batch.

A request is known by its body's sha256, as in the account of the live road, so that both can be held against each
other. What is billed in a batch and had been billed before, on either road, counts as repeated.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from datagen.mockserver.batches.files import Spool
from datagen.money import DOLLAR, Price

if TYPE_CHECKING:
    from datagen.mockserver.account import Account


class Sum:
    """What one batch was billed."""

    __slots__ = ("billed", "completion", "prompt")

    def __init__(self) -> None:
        self.billed = self.prompt = self.completion = 0


class Bills:
    """Lines and sums of all batches."""

    def __init__(self, price: Price | None, account: Account) -> None:
        self.lines = Spool()
        self._price, self._account = price, account
        self._came: Counter[bytes] = Counter()
        self._paid: set[bytes] = set()
        self.sums: dict[str, Sum] = {}
        self.repeated = 0

    def came(self, key: bytes) -> int:
        """Count a body that is being worked on; how often it had been before."""
        short = key[:8]
        self._came[short] += 1
        return self._came[short] - 1

    def bill(self, batch: str, custom_id: str, key: bytes, prompt: int, completion: int) -> None:
        """One request is paid."""
        owed = self.sums.setdefault(batch, Sum())
        owed.billed += 1
        owed.prompt += prompt
        owed.completion += completion
        self.repeated += key[:8] in self._paid or self._account.has_billed(key)
        self._paid.add(key[:8])
        line = {
            "batch": batch, "custom_id": custom_id, "key": key.hex()[:16],
            "prompt_tokens": prompt, "completion_tokens": completion,
        }  # fmt: skip
        self.lines.write(msgspec.json.encode(line) + b"\n")
        self._account.note("billed-in-batch", **line)

    def told(self, batch: str) -> dict[str, Any]:
        """One batch's sum, dollars where a price was told."""
        owed = self.sums.get(batch) or Sum()
        return {
            "billed": owed.billed,
            "prompt_tokens": owed.prompt,
            "completion_tokens": owed.completion,
            "dollars": self._dollars(owed.prompt, owed.completion),
        }

    def total(self) -> dict[str, Any]:
        """The sum of all."""
        prompt, completion = (
            sum(getattr(one, what) for one in self.sums.values()) for what in ("prompt", "completion")
        )
        return {
            "billed": sum(one.billed for one in self.sums.values()),
            "repeated": self.repeated,
            "on_both_roads": self._account.billed_among(self._paid) if self._paid else 0,
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "dollars": self._dollars(prompt, completion),
        }

    def _dollars(self, prompt: int, completion: int) -> float | None:
        if self._price is None:
            return None
        return (self._price.prompt * prompt + self._price.completion * completion) / DOLLAR
