"""The road by batch, whole: look at what is open, take in what has ended, submit what is left, and come back later.

Each call converges from wherever the last one was, however that ended. It waits only where it is told to.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from datagen.ask import Ended, budget_of
from datagen.batch.collecting import Collector, Full
from datagen.batch.exchange import bring_in, export
from datagen.batch.packing import Packer, Room
from datagen.batch.sending import Sender
from datagen.errors import LedgerError, ProviderError, SetupError, Stopped
from datagen.jobs import to_ask
from datagen.keys import Key
from datagen.ledger import Ledger
from datagen.llm.base import MOCK
from datagen.llm.batch_api import OpenAIBatches, Provider, Unreachable
from datagen.money import dollars
from datagen.observer import Observer
from datagen.paging import Pages
from datagen.prices import batch_price_of, reply_limit
from datagen.run import Run
from datagen.settings import Settings
from datagen.shards import Shard
from datagen.text import shown

FOLDER = "batches"
"""In a run's folder: files of requests until they are submitted, and of results until they are in the ledger."""
_LONGEST = 10  # times the first time between two looks
_FIRST_HOLD, _LONGEST_HOLD = 60.0, 900.0
_ON = "the same command goes on from here"


class Batching(NamedTuple):
    """How the road by batch is gone."""

    wait: bool = False
    """Until all is done; else it comes back as soon as there is nothing to do but to wait."""
    settle: float = 15.0
    """Seconds in which a batch that was created unheard shows up in the provider's list."""
    pause: Callable[[float], None] = time.sleep
    provider: Callable[[Settings, Key], Provider] | None = None
    """Who is asked, in place of the server that the settings name."""
    exported: Path | None = None
    """Where the requests are written to, in place of being submitted."""
    brought: tuple[Path, ...] = ()
    """Results of what was exported."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether files are written or read, and nobody is asked."""
        return self.exported is not None or bool(self.brought)


def provider_for(settings: Settings, key: Key, manner: Batching) -> Provider:
    """Whom the settings name. Raises SetupError for the mock that is built in, which takes no batches."""
    if manner.provider is not None:
        return manner.provider(settings, key)
    if settings.model == MOCK and settings.base_url is None:
        hint = "`datagen mock-server` does: give --base-url with its address"
        raise SetupError("the mock that is built in takes no batches", hint)
    return OpenAIBatches(settings.base_url, key.value, settings.timeout, manner.pause)


def address_of(settings: Settings) -> str:
    """What the ledger calls the provider."""
    return settings.base_url or "https://api.openai.com/v1"


def by_batch(
    run: Run, settings: Settings, key: Key, observer: Observer, pages: Pages | None, manner: Batching
) -> Ended:
    """Adopt, look, collect, submit what is left; again and again where it is to wait. Where files are to be brought in
    or exported it is that, and nobody is spoken to."""
    if manner.is_elsewhere:
        if manner.brought:
            bring_in(run.ledger, manner.brought, observer)
        if manner.exported is not None:
            export(run, settings, pages, manner.exported, observer)
        return Ended()
    provider = provider_for(settings, key, manner)
    try:
        return Road(run, settings, provider, observer, manner).go(pages)
    except OSError as error:
        place = shown(error.filename or run.folder / FOLDER)
        hint = "make room or mend the permissions; the same command goes on, and nothing is submitted twice"
        raise LedgerError(f"{place}: cannot be written: {error.strerror}", hint) from error
    finally:
        provider.close()


class Road:
    """One run's way by batch at one provider."""

    def __init__(self, run: Run, settings: Settings, provider: Provider, observer: Observer, manner: Batching) -> None:
        self._run, self._settings, self._observer, self._manner = run, settings, observer, manner
        self._ledger: Ledger = run.ledger
        self._folder = run.folder / FOLDER
        self._sender = Sender(
            run.ledger, provider, self._folder, observer, manner.pause, manner.settle, settings.max_wait
        )
        self._collector = Collector(run.ledger, provider, self._folder, observer, manner.pause)
        self._address = address_of(settings)
        self._told: set[str] = set()
        self._said: dict[int, tuple[str, int]] = {}
        self._sweep()
        if not self._waiting():
            self._ledger.set_meta("batch-tokens", "")  # an account may hold more by now

    def go(self, pages: Pages | None) -> Ended:
        """As `by_batch`."""
        began = seen = time.monotonic()
        every = self._settings.batch_poll
        changed = True
        while True:
            try:
                changed = self.look() or changed
                seen = time.monotonic()
            except Unreachable as error:
                if not self._manner.wait or time.monotonic() - seen > self._settings.max_wait:
                    raise Stopped(f"the provider cannot be reached: {error}", _ON) from error
                self._observer.say(f"the provider cannot be reached: {error}; waiting on")
            if self._may_send(changed):
                self.send(pages)
            if not self._manner.wait or not self._waiting():
                return Ended()
            every = self._settings.batch_poll if changed else min(every * 1.5, _LONGEST * self._settings.batch_poll)
            changed = False
            if (ended := self._rest(began, every)) is not None:
                return ended

    def _rest(self, began: float, seconds: float) -> Ended | None:
        left = None if self._settings.max_time is None else began + self._settings.max_time - time.monotonic()
        if left is not None and left <= 0:
            return Ended(out_of_time=True)
        try:
            self._manner.pause(seconds if left is None else min(seconds, left))
        except KeyboardInterrupt:
            self._observer.say("stopped waiting: the batches go on at the provider's, and " + _ON)
            return Ended(int(signal.SIGINT))
        return None

    def look(self) -> bool:
        """Look at all that is open here, and take in what has ended; whether anything was settled."""
        settled = False
        refused: ProviderError | None = None
        for shard in self._here(self._ledger.batches("created")):
            try:
                found = self._collector.look(shard)
            except ProviderError as error:  # about this one: what the others brought is taken in first
                refused = refused or error
                continue
            if isinstance(found, Full):
                settled |= self._hold(shard, found)
            elif (found.status, found.done) != (shard.status, shard.done):
                self._tell(found)
                settled |= found.state == "settled"
        for shard in self._here(self._ledger.batches("ended")):
            settled |= self._collector.collect(shard).state == "settled"
        if settled:
            for shard in self._ledger.batches("uploaded"):
                self._ledger.change(shard, held=0.0)  # there is room again
        if refused is not None:
            raise refused
        return settled

    def _here(self, shards: Iterable[Shard]) -> list[Shard]:
        """Those of this provider; the others are spoken of."""
        shards = list(shards)
        for address in sorted({shard.address for shard in shards} - {self._address} - self._told):
            self._told.add(address)
            self._observer.say(f"batches are open at {shown(address)}: run with that --base-url to collect them")
        return [shard for shard in shards if shard.address == self._address]

    def _tell(self, shard: Shard) -> None:
        """A line where it goes on: another status, or a tenth more of it done."""
        said, before = self._said.get(shard.n, ("", -1))
        tenths = 10 * (shard.done or 0) // shard.requests
        if (said, before) == (shard.status, tenths):
            return
        self._said[shard.n] = (shard.status, tenths)
        done = "" if shard.done is None else f", {shard.done:,} of {shard.requests:,} done"
        self._observer.say(f"batch {shard.n}: {shown(shard.status, 60)}{done}")

    def _hold(self, shard: Shard, full: Full) -> bool:
        """It was too much at once: it waits, or is taken back where it could never fit, to be made smaller."""
        alone = not [each for each in self._ledger.batches("created") if each.n != shard.n]
        limit = full.limit
        if alone and shard.tries >= 2:  # no other batch of ours is in its way
            limit = max(1, min(limit or shard.tokens, shard.tokens // 2))
        if limit is not None:
            self._ledger.set_meta("batch-tokens", str(limit))
        if limit is not None and shard.tokens > limit and shard.requests > 1:
            self._observer.say(f"batch {shard.n}: more than the {limit:,} tokens that may wait: made smaller")
            self._ledger.settle(shard, "batch-withdrawn", "made smaller", status="too large")
            return True
        seconds = min(_LONGEST_HOLD, _FIRST_HOLD * 2.0 ** (shard.tries - 1))
        self._ledger.change(
            shard, state="uploaded", batch=None, status="", done=None, tried=None, held=time.time() + seconds
        )
        self._observer.say(f"batch {shard.n}: too many tokens wait already: it is submitted again later")
        return False

    def _may_send(self, changed: bool) -> bool:
        waiting = self._here(self._ledger.batches("intended", "uploaded"))
        return changed or any(shard.held <= time.time() for shard in waiting)

    def send(self, pages: Pages | None) -> None:
        """Submit what was intended before, then what is left, as far as there is room and money for it."""
        for shard in self._here(self._ledger.batches("intended", "uploaded")):
            if shard.held <= time.time() and self._fits(shard):
                self._tell(self._sender.send(shard))
        if self._here(self._ledger.batches("intended", "uploaded")):
            return
        jobs, total = to_ask(self._run, self._settings, pages, in_batches=True)
        if not total:
            return
        price = batch_price_of(self._settings.model, self._settings)
        self._ledger.set_meta("price", price.basis if price is not None else "")
        most = self._settings.max_tokens or reply_limit(self._settings.model)
        packer = Packer(jobs, self._folder, price, most)
        told = None if price is None else json.dumps(price)
        while (room := self._room()) is not None and (packed := packer.pack(room)) is not None:
            shard = self._ledger.intend(
                packed.members, state="intended", address=self._address, sha256=packed.sha256, size=packed.bytes,
                tokens=packed.tokens, price=told
            )  # fmt: skip
            self._sender.fresh(shard)
            self._tell(self._sender.send(shard))
        if packer.short is not None:
            self._no_money(packer.short)

    def _no_money(self, amount: int) -> None:
        budget = budget_of(self._ledger, self._settings, batch_price_of(self._settings.model, self._settings))
        cap, spent = dollars(budget.cap or 0), dollars(budget.spent)
        message = (
            f"--max-cost {cap}: {spent} of it are spent or aside, and one more request could cost {dollars(amount)}"
        )
        if self._waiting():
            self._observer.say(f"{message}: the rest waits for open batches to be settled")
            return
        raise Stopped(message, "give a larger --max-cost to go on, or a --max-tokens to set less aside for each reply")

    def _limit(self) -> int | None:
        """Tokens that may wait at the provider's, as it is told here or was learnt there."""
        learnt = self._ledger.meta("batch-tokens")
        told = [each for each in (self._settings.batch_tokens, int(learnt) if learnt else None) if each is not None]
        return min(told, default=None)

    def _enqueued(self) -> int:
        return sum(shard.tokens for shard in self._ledger.batches("created") if shard.address == self._address)

    def _fits(self, shard: Shard) -> bool:
        limit, enqueued = self._limit(), self._enqueued()
        return limit is None or not enqueued or enqueued + shard.tokens <= limit

    def _room(self) -> Room | None:
        """For one more batch; None where it has to wait for others to end."""
        settings, limit, enqueued = self._settings, self._limit(), self._enqueued()
        if limit is not None and enqueued >= limit * 0.9:
            return None
        budget = budget_of(self._ledger, settings, batch_price_of(settings.model, settings))
        money = None if budget.cap is None else budget.cap - budget.spent
        return Room(settings.batch_requests, settings.batch_bytes, None if limit is None else limit - enqueued, money)

    def _waiting(self) -> bool:
        """Whether anything is open that this road can bring to its end."""
        return bool(self._here(self._ledger.batches("intended", "uploaded", "created", "ended")))

    def _sweep(self) -> None:
        """Take away what a process left that died before the ledger knew of it, or after it knew all."""
        if not self._folder.is_dir():
            return
        wanted = {self._sender.path(shard).name for shard in self._ledger.batches("intended", "uploaded")}
        done = {shard.n for shard in self._ledger.batches("settled") if not _is_odd(shard)}
        for path in self._folder.iterdir():
            number, _, rest = path.name.partition("-")
            result = rest in ("output.jsonl", "errors.jsonl") and number.isdecimal()
            if path.suffix == ".part" or (int(number) in done if result else path.name not in wanted):
                path.unlink(missing_ok=True)


def _is_odd(shard: Shard) -> bool:
    tally = shard.tally.get("tally", {})
    return any(tally.get(name) for name in ("unknown", "duplicate", "torn", "strange")) or bool(
        shard.tally.get("missing")
    )
