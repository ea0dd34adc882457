"""One packed file → a batch at the provider's: uploaded, created, and after any crash found again and not made twice.

Before each step the ledger holds what is about to be done, and after it what came of it. Where a step's end was not
heard (a crash, a connection that broke), the provider is asked first: its files are known by name, its batches by the
run, the shard and the number of the try in their metadata.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from datagen.errors import ProviderError, Stopped
from datagen.ledger import Ledger
from datagen.llm.batch_api import NotThere, Provider, RemoteBatch, Unreachable
from datagen.observer import Observer
from datagen.shards import Shard

TRIES = 6
"""Of a step whose end was not heard, before it is left for the next time."""
_ON = "run the same command again: nothing is lost, and nothing is submitted twice"


class Sender:
    """Brings what is intended to the provider. `settle`: seconds in which a batch that was created unheard shows up in
    the list of all; `patience`: seconds after which a step that nobody answers is not begun again."""

    def __init__(
        self, ledger: Ledger, provider: Provider, folder: Path, observer: Observer,
        pause: Callable[[float], None], settle: float, patience: float = math.inf
    ) -> None:  # fmt: skip
        self._ledger, self._provider, self._folder, self._observer = ledger, provider, folder, observer
        self._pause, self._settle, self._patience = pause, settle, patience
        self._run = ledger.run_id()
        self._heard: set[int] = set()
        """Batches of which nothing was begun that was not heard the end of."""

    def fresh(self, shard: Shard) -> None:
        """This one was intended just now, by this very process: nothing of it can be at the provider's."""
        self._heard.add(shard.n)

    def send(self, shard: Shard) -> Shard:
        """Until it is created. Raises ProviderError, or Stopped where nobody answers; it goes on from there."""
        began = time.monotonic()
        for turn in range(TRIES):
            try:
                if shard.state == "intended":
                    shard = self._upload(shard)
                if shard.state == "uploaded":
                    shard = self._create(shard)
                return shard
            except Unreachable as error:
                self._heard.discard(shard.n)
                shard = self._ledger.batch(shard.n)
                if turn + 1 == TRIES or time.monotonic() - began >= self._patience:
                    raise Stopped(f"batch {shard.n} could not be submitted: {error}", _ON) from error
                self._observer.say(f"batch {shard.n}: not submitted yet: {error}; it is tried again")
                self._pause(min(60.0, error.wait or 2.0**turn))
        raise AssertionError

    def adopt(self, shard: Shard) -> Shard:
        """The same shard; created, where it turns out to be so at the provider's. Submits nothing."""
        if shard.state == "uploaded" and shard.tried is not None and (found := self._find_batch(shard)) is not None:
            return self._created(shard, found)
        return shard

    def path(self, shard: Shard) -> Path:
        """Its file of requests."""
        return self._folder / f"{shard.sha256[:16]}.jsonl"

    def name(self, shard: Shard) -> str:
        """What that is called at the provider's."""
        return f"datagen-{self._run}-{shard.n:04d}-{shard.sha256[:16]}.jsonl"

    def metadata(self, shard: Shard) -> dict[str, str]:
        """What tells a batch from all others there: which run, which shard, which try."""
        told = {"datagen_run": self._run, "datagen_batch": str(shard.n), "datagen_shard": shard.sha256}
        return {**told, "datagen_try": str(shard.tries)}

    def _upload(self, shard: Shard) -> Shard:
        found = None if shard.n in self._heard else self._find_file(shard)
        if found is None and not self.path(shard).exists():
            self._ledger.settle(
                shard, "batch-withdrawn", "its file was gone before it was uploaded", status="withdrawn"
            )
            return self._ledger.batch(shard.n)
        self._heard.discard(shard.n)
        file = found or self._new_file(shard)
        self._heard.add(shard.n)
        return self._ledger.change(shard, state="uploaded", file=file)

    def _new_file(self, shard: Shard) -> str:
        try:
            return self._provider.upload(self.path(shard), self.name(shard))
        except NotThere as error:
            hint = "there is no Batch API here? --export-batch FILE writes the same file for others to run"
            raise ProviderError(f"a batch's file cannot be uploaded: {error}", hint) from error

    def _find_file(self, shard: Shard) -> str | None:
        """One that was uploaded unheard. Whole, or it is another: the provider's name for it was never noted."""
        name = self.name(shard)
        try:
            for file in self._provider.files():
                if file.name == name and file.bytes in (None, shard.bytes):
                    self._observer.say(f"batch {shard.n}: its file was uploaded already")
                    return file.id
        except (NotThere, ProviderError):  # who keeps no list: another copy of a file costs nothing
            return None
        return None

    def _create(self, shard: Shard) -> Shard:
        if shard.tried is not None and shard.n not in self._heard and (found := self._find_batch(shard)) is not None:
            self._observer.say(f"batch {shard.n}: found at the provider's, and adopted")
        else:
            shard = self._ledger.change(shard, tries=shard.tries + 1, tried=time.time())
            self._heard.discard(shard.n)
            found = self._new_batch(shard)
            if found is None:
                return self._ledger.batch(shard.n)
        return self._created(shard, found)

    def _created(self, shard: Shard, batch: RemoteBatch) -> Shard:
        shard = self._ledger.change(shard, state="created", batch=batch.id, status=batch.status)
        self.path(shard).unlink(missing_ok=True)
        return shard

    def _new_batch(self, shard: Shard) -> RemoteBatch | None:
        """None where its file is gone: it is uploaded once more."""
        assert shard.file is not None
        for turn in range(TRIES + 2):
            try:
                return self._provider.create(shard.file, self.metadata(shard))
            except NotThere as error:
                said = error
            except ProviderError:
                self._ledger.change(shard, tried=None)  # refused: there is none
                raise
            self._pause(min(20.0, 0.5 * 2.0**turn))
        if shard.tries < 3 and self.path(shard).exists():
            self._ledger.change(shard, state="intended", file=None, tried=None)
            self.fresh(shard)
            raise Unreachable(f"its file cannot be seen: {said}")
        self._ledger.change(shard, tried=None)
        raise Stopped(f"batch {shard.n}: the provider cannot see its file: {said}", _ON)

    def _find_batch(self, shard: Shard) -> RemoteBatch | None:
        """The one that was created unheard. A list may be late: before it is said not to be there, it gets time."""
        wanted = self.metadata(shard)
        while True:
            for batch in self._provider.batches():
                if wanted.items() <= batch.metadata.items():
                    return batch
            assert shard.tried is not None
            left = shard.tried + self._settle - time.time()
            if left <= 0:
                return None
            self._pause(min(left, self._settle))
