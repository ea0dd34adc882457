"""A batch's life: validating, in progress, finalizing, and one of four ends, as far as the virtual clock lets it come.

Work is done in step with the clock, so that a batch that ends early has done a part of it, and no more is billed. What
it is told of time are seconds of the virtual clock.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from datagen.mockserver.batches.checking import Checked, check
from datagen.mockserver.batches.files import Spool, Stored
from datagen.mockserver.batches.lines import leftover

if TYPE_CHECKING:
    from datagen.mockserver.batches.lines import Worker
    from datagen.mockserver.batches.plan import Plan, Plans

OVER = ("completed", "failed", "expired", "cancelled")
"""How a batch ends."""
_SLICE = 200  # lines between two moments in which others are served
_STAGES = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")


class Office(Protocol):
    """What a batch needs of the house it lives in."""

    plans: Plans
    seed: int
    worker: Worker

    def enqueued(self, model: str) -> int:
        """Prompt tokens of this model in batches that are not over."""
        ...

    def keep(self, stored: Stored, at: float, late: float) -> Stored:
        """Take a file in."""
        ...


class Order(NamedTuple):
    """What a batch was created with."""

    input: Stored
    endpoint: str
    metadata: Mapping[str, str] | None


class Batch:
    """A batch, and how far it has come."""

    def __init__(self, name: str, number: int, order: Order, plan: Plan, office: Office, now: float) -> None:
        self.id, self.number, self.order, self.plan, self._office = name, number, order, plan, office
        self.status = "validating"
        self._since = self._created = now
        self.listed_from = now + plan.appears
        self._epoch = time.time()  # of this batch: however long a test takes, its stages are as far apart as planned
        self.stamps: dict[str, int] = {"created": self._stamp(now), "expires": self._stamp(now + self._life())}
        self.checked = Checked.nothing()
        self.errors: Sequence[Mapping[str, Any]] = ()
        self._turns: Sequence[int] = ()
        self.done = self.completed = self.failed = self.prompt = self.completion = 0
        self._spools = {"output": Spool(), "error": Spool()}
        self.files: dict[str, Stored] = {}

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in OVER

    def _life(self) -> float:
        plan = self.plan
        return plan.validating + plan.working if plan.end == "expired" else plan.window

    async def advance(self, now: float) -> None:
        """Let happen what is due."""
        stages = {
            "validating": self._validate,
            "in_progress": self._work,
            "finalizing": self._finalize,
            "cancelling": self._stop,
        }
        while not self.over and await stages[self.status](now):
            pass

    def cancel(self, now: float) -> None:
        """Somebody wants it to stop."""
        if self.status != "cancelling":
            self._become("cancelling", now)

    def _stamp(self, at: float) -> int:
        return int(self._epoch + at)

    def _become(self, status: str, at: float) -> None:
        self.status, self._since = status, at
        self.stamps[status] = self._stamp(at)

    async def _validate(self, now: float) -> bool:
        due = self._since + self.plan.validating
        if now < due:
            return False
        if self.plan.end == "failed":
            self.errors = self.plan.errors
        else:
            checked = await check(self.order.input.spool, self.order.endpoint, self._office.plans.requests)
            self.errors = checked.errors or self._too_much(checked)
            self.checked = checked if not self.errors else Checked.nothing()
        if self.errors:
            self._become("failed", due)
            return True
        self._turns = range(len(self.checked.starts))
        if self.plan.shuffle:
            dice = random.Random(f"{self._office.seed} {self.number}")  # noqa: S311
            self._turns = dice.sample(self._turns, len(self._turns))
        self._become("in_progress", due)
        return True

    def _too_much(self, checked: Checked) -> Sequence[Mapping[str, Any]]:
        most = self._office.plans.enqueued
        if most is None or self._office.enqueued(checked.model) + checked.tokens <= most:
            return ()
        said = f"Enqueued token limit of {checked.model} reached: {most:,}. Try again once other batches have ended."
        return ({"code": "token_limit_exceeded", "line": None, "message": said, "param": None},)

    async def _work(self, now: float) -> bool:
        plan, total = self.plan, len(self._turns)
        end, expiry = self._since + plan.working, self._created + self._life()
        until = min(now, end, expiry)
        part = (until - self._since) / plan.working if plan.working else 1.0
        share = plan.share if plan.end != "completed" else 1.0
        await self._do(min(total, int(total * share * part)))
        if now >= expiry and (plan.end == "expired" or expiry < end):
            await self._end("expired", "batch_expired", expiry)
        elif now < end:
            return False
        elif plan.end == "cancelled":
            await self._end("cancelled", "batch_cancelled", end)
        else:
            self._become("finalizing", end)
        return True

    async def _do(self, goal: int) -> None:
        """Work until so many lines are done."""
        spool, starts, worker = self.order.input.spool, self.checked.starts, self._office.worker
        output, error = self._spools["output"], self._spools["error"]
        while self.done < goal:
            await asyncio.sleep(0)
            for place in self._turns[self.done : min(goal, self.done + _SLICE)]:
                done = worker.do(self.id, place, spool.line(starts[place]), self.plan)
                output.write(done.output)
                error.write(done.error)
                self.done += 1
                self.completed += done.good
                self.failed += not done.good
                self.prompt += done.prompt
                self.completion += done.completion

    async def _finalize(self, now: float) -> bool:
        due = self._since + self.plan.finalizing
        if now < due:
            return False
        await self._end("completed", "", due)
        return True

    async def _stop(self, now: float) -> bool:
        due = self._since + self.plan.cancelling
        if now < due:
            return False
        await self._end("cancelled", "batch_cancelled", due)
        return True

    async def _end(self, status: str, code: str, at: float) -> None:
        """What was not worked on is told in the error file, and the files can be had."""
        error, spool = self._spools["error"], self.order.input.spool
        for count, place in enumerate(self._turns[self.done :]):
            if count % _SLICE == 0:
                await asyncio.sleep(0)
            error.write(leftover(count, spool.line(self.checked.starts[place]), code))
        for kind, made in self._spools.items():
            if made.size and self.plan.without not in (kind, "both"):
                self.files[kind] = self._seal(kind, made, at)
            else:
                made.close()
        self._become(status, at)

    def _seal(self, kind: str, made: Spool, at: float) -> Stored:
        if self.plan.cut in (kind, "both"):
            made.cut_last_line()
        return self._office.keep(Stored(f"{self.id}_{kind}.jsonl", "batch_output", made), at, self.plan.late)

    def shape(self) -> dict[str, Any]:
        """As OpenAI shows it."""
        none, bare = "" if self.plan.blank else None, self.plan.bare
        files = {f"{kind}_file_id": self.files[kind].id if kind in self.files else none for kind in self._spools}
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.order.endpoint,
            "model": None if bare else self.checked.model or None,
            "errors": {"object": "list", "data": list(self.errors)} if self.errors else None,
            "input_file_id": self.order.input.id,
            "completion_window": "24h",
            "status": self.status,
            **files,
            "created_at": self.stamps["created"],
            "expires_at": self.stamps["expires"],
            **{f"{stage}_at": self.stamps.get(stage) for stage in _STAGES},
            "request_counts": None if bare else self.counts(),
            "usage": None if bare else self._usage(),
            "metadata": None if self.order.metadata is None else dict(self.order.metadata),
        }

    def counts(self) -> dict[str, int]:
        """How many of its lines are done, and how."""
        return {"total": len(self._turns), "completed": self.completed, "failed": self.failed}

    def _usage(self) -> dict[str, Any]:
        return {
            "input_tokens": self.prompt,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": self.completion,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.prompt + self.completion,
        }

    def close(self) -> None:
        """Let go of what was not handed over."""
        for spool in self._spools.values():
            spool.close()
