"""Many waiting coroutines, one durable commit: what a disk sync costs is shared by all who wait for it.

While one group is being worked on in a thread, everything that arrives waits for the next, so the number of syncs does
not follow the number of requests. Replies are looked at in the same manner, in a thread of their own and only once they
are on disk, so that the event loop has nothing to do but send and receive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

from datagen.errors import LedgerError
from datagen.ledger import Ledger, Preferred, Sending
from datagen.schema import Fault, Request, Response
from datagen.shards import Ending

Entry = Sending | Ending | Preferred | str
"""What is written: an attempt, its outcome, a reply that takes the place of the answer, or the id of a query whose
answer stays."""
T = TypeVar("T")
R = TypeVar("R")
_SOME, _MANY = 4, 32
_MOMENT = 0.004
"""Seconds that a group of some waits for more to come, where the last was of some too: what it costs by itself is more
than what is in it costs, and where so many come at a time nobody is in a hurry for his own."""


class Grouped(Generic[T, R]):
    """`work` on groups of what many coroutines give, one group at a time, in one thread.

    When `work` raises, every waiting and later call raises the same, and `lost` is told of what was not worked on. Who
    gave something may stop waiting for it; it is worked on all the same.
    """

    def __init__(
        self, name: str, work: Callable[[list[T]], Sequence[R]], lost: Callable[[list[T]], None] = lambda _: None
    ) -> None:
        self._work, self._lost = work, lost
        self._thread = ThreadPoolExecutor(1, name)
        self._items: list[T] = []
        self._futures: list[asyncio.Future[R]] = []
        self._running: asyncio.Task[None] | None = None
        self._broken: Exception | None = None

    def put(self, item: T) -> asyncio.Future[R]:
        """Into the next group; the future is done when that is."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if self._broken is not None:
            self._lost([item])
            future.set_exception(self._broken)
            return future
        self._items.append(item)
        self._futures.append(future)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return future

    async def close(self) -> None:
        """Wait for what was put, and give the thread back."""
        if self._running is not None:
            await self._running
        self._thread.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        size = 0
        while self._items:
            if _SOME <= size < _MANY and len(self._items) < _MANY:
                await asyncio.sleep(_MOMENT)
            size = len(self._items)
            items, futures = self._items, self._futures
            self._items, self._futures = [], []
            results: Sequence[R] = ()
            try:
                if self._broken is None:
                    results = await loop.run_in_executor(self._thread, self._work, items)
            except Exception as error:
                self._broken = error
            if self._broken is not None:
                self._lost(items)
            for number, future in enumerate(futures):
                if future.done():
                    continue
                if self._broken is None:
                    future.set_result(results[number])
                else:
                    future.set_exception(self._broken)
        self._running = None


class GroupJournal:
    """Attempts made durable in groups. `heard` is called with each response once it is on disk and looked at, and with
    what is wrong with the reply.

    Use as an async context manager. When a commit fails, every waiting and later call raises that LedgerError; answers
    that came all the same are tried once more at the end: they are paid for, and the disk may have room again. When a
    look at a reply fails, only who waits for that one hears of it.
    """

    def __init__(self, ledger: Ledger, heard: Callable[[Response, str | None], None]) -> None:
        self._ledger, self._heard = ledger, heard
        self._commits: Grouped[Entry, None] = Grouped("journal", self._commit, self._keep)
        self._looks: Grouped[tuple[Fault, Response], str | Exception | None] = Grouped("looks", _look)
        self._unsaved: list[Ending] = []

    async def __aenter__(self) -> GroupJournal:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._looks.close()
        await self._commits.close()
        await asyncio.sleep(0)  # for what was put into a broken journal to be told so
        if self._unsaved:
            with suppress(LedgerError):
                self._ledger.record([], self._unsaved)

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None:
        await self._commits.put(Sending(request.id, aside, spoiled, request.sha256))

    async def done(self, response: Response, cost: int | None) -> None:
        await self._commits.put(Ending(response, cost))

    async def looked(self, response: Response, fault: Fault) -> str | None:
        found = None if response.error is not None else await self._looks.put((fault, response))
        if isinstance(found, Exception):
            raise found
        self._heard(response, found)
        return found

    def prefer(self, response: Response) -> None:
        self._commits.put(Preferred(response.query_id, response.raw)).add_done_callback(_seen)

    def final(self, request: Request) -> None:
        self._commits.put(request.id).add_done_callback(_seen)

    def _keep(self, lost: list[Entry]) -> None:
        self._unsaved += [entry for entry in lost if isinstance(entry, Ending)]

    def _commit(self, entries: list[Entry]) -> list[None]:
        sent = [entry for entry in entries if isinstance(entry, Sending)]
        done = [entry for entry in entries if isinstance(entry, Ending)]
        preferred = [entry for entry in entries if isinstance(entry, Preferred)]
        final = [entry for entry in entries if isinstance(entry, str)]
        self._ledger.record(sent, done, final, preferred)
        return [None] * len(entries)


def _look(items: list[tuple[Fault, Response]]) -> list[str | Exception | None]:
    found: list[str | Exception | None] = []
    for fault, response in items:
        try:
            found.append(fault(response))
        except Exception as error:  # a check that breaks is a bug, and one reply's
            found.append(error)
    return found


def _seen(future: asyncio.Future[None]) -> None:
    """Nobody waits to hear of it; who waits for another hears of the same."""
    if not future.cancelled():
        future.exception()
