"""Where files and batches are kept, and their virtual clock, which moves with each call and never by itself.

It knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from datagen.mockserver.batches.batch import Batch, Order
from datagen.mockserver.batches.bills import Bills
from datagen.mockserver.batches.files import Files, Stored
from datagen.mockserver.batches.lines import Worker

if TYPE_CHECKING:
    from datagen.mockserver.account import Account
    from datagen.mockserver.batches.plan import Plans
    from datagen.mockserver.replies import Replies


class Office:
    """The files, the batches, their clock and their bills."""

    def __init__(self, plans: Plans, seed: int, replies: Replies, account: Account) -> None:
        self.plans, self.seed, self.account = plans, seed, account
        self.now = 0.0
        self.calls: Counter[str] = Counter()
        self.bills = Bills(plans.price, account)
        self.worker = Worker(seed, replies, self.bills)
        self.name = f"{time.time_ns() // 1000 & 0xFFFFFFFF:08x}"  # a server's ids are not the last one's
        self.files = Files(self.name)
        self.batches: dict[str, Batch] = {}
        self._living: list[Batch] = []
        self.lock = asyncio.Lock()

    async def advance(self, seconds: float) -> None:
        """Move the clock, and let happen what is due."""
        async with self.lock:
            self.now += seconds
            for batch in self._living:
                await batch.advance(self.now)
            self._living = [batch for batch in self._living if not batch.over]

    def stamp(self, at: float) -> int:
        """A moment of the virtual clock as Unix time: as far ahead of the real one as calls have moved it."""
        return int(time.time() + at)

    def enqueued(self, model: str) -> int:
        """Prompt tokens of this model in batches that are not over."""
        return sum(batch.checked.tokens for batch in self._living if not batch.over and batch.checked.model == model)

    def keep(self, stored: Stored, at: float, late: float) -> Stored:
        """Take a file in."""
        return self.files.add(stored, self.stamp(at), at + late)

    def create(self, order: Order) -> Batch:
        """A new batch."""
        number = len(self.batches)
        name = f"batch_mock_{self.name}_{number + 1:06d}"
        batch = Batch(name, number, order, self.plans.of(number), self, self.now)
        self.batches[name] = batch
        self._living.append(batch)
        return batch

    def stats(self) -> dict[str, Any]:
        """What was called, kept, made and billed."""
        return {
            "clock": self.now,
            "calls": dict(sorted(self.calls.items())),
            "batches": len(self.batches),
            **self.bills.total(),
            "each": [self._told(batch) for batch in self.batches.values()],
        }

    def _told(self, batch: Batch) -> dict[str, Any]:
        return {
            "id": batch.id,
            "status": batch.status,
            "metadata": batch.order.metadata,
            "input_file_id": batch.order.input.id,
            "input_sha256": batch.order.input.digest,
            "request_counts": batch.counts(),
            **self.bills.told(batch.id),
        }

    def close(self) -> None:
        """Give the disk its room back; nothing is worked on any more."""
        self._living.clear()
        self.files.close()
        self.bills.lines.close()
        for batch in self.batches.values():
            batch.close()
