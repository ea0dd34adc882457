"""Many waiting coroutines, one durable commit: what a disk sync costs is shared by all who wait for it.

While one commit is being synced in a thread, everything that arrives waits for the next, so the number of syncs does
not follow the number of requests. The same thread looks at replies once they are on disk, so that the event loop has
nothing to do but send and receive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from datagen.ledger import Ending, Ledger, Sending
from datagen.schema import Request, Response

Fault = Callable[[Response], str | None]


class _Waiting(NamedTuple):
    """Somebody who waits for the next commit; `look` is done after it, and its result handed over."""

    future: asyncio.Future[str | None]
    look: Callable[[], str | None]


class GroupJournal:
    """Attempts made durable in groups. `heard` is called with each response once it is on disk, and with
    what is wrong with the reply.

    Use as an async context manager. When a commit fails, every waiting and later call raises that LedgerError.
    """

    def __init__(self, ledger: Ledger, heard: Callable[[Response, str | None], None]) -> None:
        self._ledger, self._heard = ledger, heard
        self._sent: list[Sending] = []
        self._done: list[Ending] = []
        self._final: list[str] = []
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._broken: BaseException | None = None
        self._thread = ThreadPoolExecutor(1, "journal")

    async def __aenter__(self) -> GroupJournal:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._closing = True
        self._wake.set()
        await self._writer
        self._thread.shutdown()

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None:
        self._sent.append(Sending(request.id, aside, spoiled))
        await self._committed(_nothing)

    async def done(self, response: Response, cost: int | None, fault: Fault) -> str | None:
        self._done.append(Ending(response, cost))
        look = _nothing if response.error is not None else lambda: fault(response)
        found = await asyncio.shield(self._committed(look))  # a cancelled worker's answer is paid for all the same
        self._heard(response, found)
        return found

    def final(self, request: Request) -> None:
        self._final.append(request.id)
        self._wake.set()

    def _committed(self, look: Callable[[], str | None]) -> asyncio.Future[str | None]:
        future: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if self._broken is not None:
            future.set_exception(self._broken)
            return future
        self._waiting.append(_Waiting(future, look))
        self._wake.set()
        return future

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            sent, done, final, waiting = self._sent, self._done, self._final, self._waiting
            self._sent, self._done, self._final, self._waiting = [], [], [], []
            if waiting or final:
                await self._commit(sent, done, final, waiting)
            elif self._closing:
                return
            if self._closing:
                self._wake.set()

    async def _commit(self, sent: list[Sending], done: list[Ending], final: list[str], waiting: list[_Waiting]) -> None:
        looks = [who.look for who in waiting]
        found: list[str | None] = []
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self._thread, self._record, sent, done, final, looks
            )
        except Exception as error:
            self._broken = error
        for number, (future, _look) in enumerate(waiting):
            if not future.done():
                if self._broken is None:
                    future.set_result(found[number])
                else:
                    future.set_exception(self._broken)

    def _record(
        self, sent: list[Sending], done: list[Ending], final: list[str], looks: list[Callable[[], str | None]]
    ) -> list[str | None]:
        self._ledger.record(sent, done, final)
        return [look() for look in looks]


def _nothing() -> None:
    return None
