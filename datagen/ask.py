"""Unanswered queries → a language model → the ledger. The only act that costs money, and the only one that waits."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from datagen.jobs import to_ask
from datagen.journal import GroupJournal
from datagen.keys import Key
from datagen.ledger import Ledger
from datagen.llm.base import backend
from datagen.llm.course import Job
from datagen.llm.fanout import Limits, ask_all
from datagen.money import DOLLAR, Budget, Price
from datagen.observer import Observer
from datagen.paging import Pages
from datagen.prices import price_of, reply_limit
from datagen.run import Run
from datagen.schema import Usage
from datagen.settings import Settings

T = TypeVar("T")
_SELDOM = 20_000
"""Things that may be left over before they are looked through; some megabytes at most."""


class Ended(NamedTuple):
    """How the asking ended before its time."""

    signal: int | None = None
    """That somebody sent."""
    out_of_time: bool = False


def ask(
    run: Run, settings: Settings, key: Key, observer: Observer, pages: Pages | None = None,
    agree: Callable[[int], None] = lambda _: None,
) -> Ended:  # fmt: skip
    """Ask all that is unanswered, and what was answered badly and cut short of being asked again; `pages` are what of
    the plan is still to be made. `agree` is told before anything is sent how many are asked again, and may raise."""
    jobs, total = to_ask(run, settings, pages)
    if not total:
        return Ended()
    agree(total - run.ledger.unasked_count())
    observer.asking(total)
    switch = _Switch()
    return _run(_ask(run.ledger, jobs, settings, key, observer, switch), switch)


async def _ask(
    ledger: Ledger, jobs: Iterator[Job], settings: Settings, key: Key, observer: Observer, switch: _Switch
) -> Ended:
    model = backend(settings.model, settings.base_url, key.value, settings.timeout, settings.concurrency)
    price = price_of(settings.model, settings)
    budget = budget_of(ledger, settings, price)
    ledger.set_meta("price", price.basis if price is not None else "")
    try:
        async with GroupJournal(ledger, observer.heard) as journal:
            with _little_garbage(), _Signals(observer) as signals:
                switch.connect(signals.stop)
                clock = _alarm(settings.max_time, signals, observer)
                await ask_all(model, jobs, journal, _limits(settings), signals.stop, budget, price, observer.tick)
                return Ended(signals.caught, clock is not None and signals.out_of_time)
    finally:
        await model.aclose()


@contextmanager
def _little_garbage() -> Iterator[None]:
    """What was imported stays, and what is in flight is soon let go of by itself: to look through all of that again and
    again for things made in circles, of which there are few, costs more than all of the ledger does."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _limits(settings: Settings) -> Limits:
    return Limits(
        concurrency=settings.concurrency,
        attempts=settings.attempts,
        grace=settings.grace,
        last_wait=settings.timeout,
        patience=settings.max_wait,
        rpm=settings.rpm,
        tpm=settings.tpm,
        reply_limit=settings.max_tokens or reply_limit(settings.model),
    )


def budget_of(ledger: Ledger, settings: Settings, price: Price | None) -> Budget:
    """The cap holds for the run's whole life; what was bought before there was a price counts at today's."""
    cap = None if settings.max_cost is None else round(settings.max_cost * DOLLAR)
    spent = ledger.spent()
    unpriced = price.of(Usage(spent.prompt, spent.completion)) if price is not None else 0
    return Budget(cap, spent.amount + (unpriced or 0))


def _alarm(seconds: float | None, signals: _Signals, observer: Observer) -> asyncio.TimerHandle | None:
    def ring() -> None:
        if not signals.stop.is_set():
            signals.out_of_time = True
            signals.stop.set()
            observer.say("--max-time is over: nothing more is sent; waiting for answers on their way")

    return None if seconds is None else asyncio.get_running_loop().call_later(seconds, ring)


class _Signals:
    """The first SIGINT, SIGTERM or SIGHUP asks to stop; the second ends the process at once, which loses nothing."""

    def __init__(self, observer: Observer) -> None:
        self.stop = asyncio.Event()
        self.caught: int | None = None
        self.out_of_time = False
        self._observer = observer
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> _Signals:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            before = signal.getsignal(number)
            if number == signal.SIGHUP and before == signal.SIG_IGN:  # under nohup
                continue
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
        self.stop.set()  # before anything is said: whoever closed the terminal closed the place to say it, too
        self._observer.say("stopping: nothing more is sent; waiting for answers on their way (again to stop at once)")


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
