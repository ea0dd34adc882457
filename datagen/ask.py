"""Unanswered queries → a language model → the ledger. The only act that costs money, and the only one that waits."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from datagen.errors import LedgerError
from datagen.journal import GroupJournal
from datagen.keys import Key
from datagen.ledger import Ledger
from datagen.llm.base import backend
from datagen.llm.fanout import Limits, ask_all
from datagen.observer import Observer
from datagen.plan import composers_for
from datagen.prompting.compose import Composer
from datagen.prompting.folder import load_tasks
from datagen.run import Run
from datagen.schema import Query, Request
from datagen.settings import Settings

T = TypeVar("T")


def ask(run: Run, settings: Settings, key: Key, observer: Observer) -> int | None:
    """Ask all that is unanswered; returns the signal that ended it early, if one did."""
    total = run.ledger.unasked_count()
    if not total:
        return None
    composers = composers_for(load_tasks(run.prompts, ()), settings)
    requests = (_request(composers, query) for query in run.ledger.unasked())
    observer.asking(total)
    switch = _Switch()
    return _run(_ask(run.ledger, requests, settings, key, observer, switch), switch)


def _request(composers: Mapping[str, Composer], query: Query) -> Request:
    request = composers[query.task].request(query)
    if hashlib.sha256(request.body).hexdigest() != query.digest:
        raise LedgerError(f"{query.id}: what would be sent is not what was planned", "run with --replan")
    return request


async def _ask(
    ledger: Ledger, requests: Iterator[Request], settings: Settings, key: Key, observer: Observer, switch: _Switch
) -> int | None:
    model = backend(settings.model, settings.base_url, key.value, settings.timeout, settings.concurrency)
    limits = Limits(settings.concurrency, settings.attempts, last_wait=settings.timeout)
    heart = asyncio.create_task(_beat(observer))
    try:
        async with GroupJournal(ledger, observer.heard) as journal:
            with _Signals(observer) as signals:
                switch.connect(signals.stop)
                await ask_all(model, requests, journal, limits, signals.stop)
                return signals.caught
    finally:
        heart.cancel()
        await model.aclose()


async def _beat(observer: Observer) -> None:
    while True:
        await asyncio.sleep(1)
        observer.tick()


class _Signals:
    """The first SIGINT or SIGTERM asks to stop; the second ends the process at once, which loses nothing."""

    def __init__(self, observer: Observer) -> None:
        self.stop = asyncio.Event()
        self.caught: int | None = None
        self._observer = observer
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> _Signals:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.getsignal(number)
            try:
                loop.add_signal_handler(number, self._catch, number)
            except (ValueError, NotImplementedError, RuntimeError):  # not the main thread, or Windows
                continue
            self._before[number] = before
        return self

    def __exit__(self, *_exc: object) -> None:
        for number, before in self._before.items():
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, before)

    def _catch(self, number: signal.Signals) -> None:
        if self.caught is not None:
            os._exit(128 + number)
        self.caught = int(number)
        self._observer.say("stopping: nothing more is sent; waiting for answers on their way (again to stop at once)")
        self.stop.set()


class _Switch:
    """Lets another thread stop the asking."""

    def __init__(self) -> None:
        self._pull: Callable[[], object] = lambda: None

    def connect(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        self._pull = lambda: loop.call_soon_threadsafe(stop.set)

    def pull(self) -> None:
        self._pull()


def _run(work: Coroutine[Any, Any, T], switch: _Switch) -> T:
    """asyncio.run, also where a loop runs already (a notebook): then in a thread of its own, which an interrupt of the
    notebook tells to stop, so that nothing more is spent."""
    if not _in_a_loop():
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(asyncio.run, work)
        try:
            return running.result()
        except BaseException:
            switch.pull()
            raise


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
