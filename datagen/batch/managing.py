"""Open batches ended before their time, or looked at and taken in, without anything being submitted."""

from __future__ import annotations

from datagen.batch.collecting import ENDED
from datagen.batch.road import FOLDER, Batching, Road, address_of, provider_for
from datagen.batch.sending import Sender
from datagen.errors import ProviderError, Stopped
from datagen.keys import Key
from datagen.llm.batch_api import NotThere, Provider, Unreachable
from datagen.observer import Observer
from datagen.run import Run
from datagen.settings import Settings
from datagen.shards import Shard
from datagen.text import shown

_AGAIN = "run the same command again"


def collect(run: Run, settings: Settings, key: Key, observer: Observer, manner: Batching) -> None:
    """Look at what is open, and take in what has ended."""
    if not run.ledger.batches("created", "ended"):
        return
    provider = provider_for(settings, key, manner)
    try:
        Road(run, settings, provider, observer, manner).look()
    except Unreachable as error:
        raise Stopped(f"the provider cannot be reached: {error}", _AGAIN) from error
    finally:
        provider.close()


def cancel(run: Run, settings: Settings, key: Key, observer: Observer, manner: Batching) -> None:
    """End what is open: what is at the provider's is cancelled there, the rest withdrawn here. What was answered until
    then is still to be collected, and billed."""
    ledger = run.ledger
    for shard in ledger.batches("exported"):
        ledger.settle(shard, "batch-withdrawn", "it was exported, and withdrawn", status="withdrawn")
        observer.say(f"batch {shard.n}: withdrawn; results that come all the same can still be brought in")
    if not ledger.batches("intended", "uploaded", "created"):
        return
    provider = provider_for(settings, key, manner)
    sender = Sender(ledger, provider, run.folder / FOLDER, observer, manner.pause, manner.settle)
    try:
        for shard in ledger.batches("intended", "uploaded", "created"):
            if shard.address == address_of(settings):
                _end(run, sender.adopt(shard), provider, observer)
    except Unreachable as error:
        raise Stopped(f"the provider cannot be reached: {error}", _AGAIN) from error
    finally:
        provider.close()


def _end(run: Run, shard: Shard, provider: Provider, observer: Observer) -> None:
    if shard.batch is None:
        run.ledger.settle(shard, "batch-withdrawn", "it was withdrawn before it was submitted", status="withdrawn")
        observer.say(f"batch {shard.n}: withdrawn; it was not submitted yet")
        return
    try:
        told = provider.cancel(shard.batch)
    except NotThere as error:
        observer.say(f"batch {shard.n}: is not there: {error}")
        return
    except (ProviderError, Unreachable):
        told = provider.batch(shard.batch)
        if told.status not in (*ENDED, "failed"):
            raise
        run.ledger.change(shard, status=told.status, done=told.done)
        observer.say(f"batch {shard.n}: {told.status} before it was cancelled; `datagen batch collect` takes it in")
        return
    run.ledger.change(shard, status=told.status, done=told.done)
    observer.say(f"batch {shard.n}: {shown(told.status, 60)}; what it answered until now is yours, and billed")
