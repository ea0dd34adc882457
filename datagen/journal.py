"""Many waiting coroutines, one durable commit: what a disk sync costs is shared by all who wait for it.

While one commit is being synced in a thread, everything that arrives waits for the next, so the number of syncs does
not follow the number of requests. The event loop goes on meanwhile, until it needs the ledger for the next page of
queries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from datagen.ledger import Ledger
from datagen.schema import Request, Response


class GroupJournal:
    """Attempts made durable in groups. `heard` is called with each response once it is on disk.

    Use as an async context manager. When a commit fails, every waiting and later call raises that LedgerError.
    """

    def __init__(self, ledger: Ledger, heard: Callable[[Response], None]) -> None:
        self._ledger, self._heard = ledger, heard
        self._sent: list[str] = []
        self._done: list[Response] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._broken: BaseException | None = None

    async def __aenter__(self) -> GroupJournal:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._closing = True
        self._wake.set()
        await self._writer

    async def sent(self, request: Request) -> None:
        self._sent.append(request.id)
        await self._committed()

    async def done(self, response: Response) -> None:
        self._done.append(response)
        await asyncio.shield(self._committed())  # a cancelled worker's answer is paid for all the same
        self._heard(response)

    def _committed(self) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._broken is not None:
            future.set_exception(self._broken)
            return future
        self._waiting.append(future)
        self._wake.set()
        return future

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            sent, done, waiting = self._sent, self._done, self._waiting
            self._sent, self._done, self._waiting = [], [], []
            if waiting:
                await self._commit(sent, done, waiting)
            elif self._closing:
                return
            if self._closing:
                self._wake.set()

    async def _commit(self, sent: list[str], done: list[Response], waiting: list[asyncio.Future[None]]) -> None:
        try:
            await asyncio.to_thread(self._ledger.record, sent, done)
        except Exception as error:
            self._broken = error
        for future in waiting:
            if not future.done():
                if self._broken is None:
                    future.set_result(None)
                else:
                    future.set_exception(self._broken)
