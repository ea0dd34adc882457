"""`POST /v1/chat/completions`, `GET /v1/models`, `GET /stats` and `POST /reset`, answered by the mock writer; files
and batches are in `batches/`.

It stands one floor above `llm/`, whose writer it serves, and listens on this machine only. Every answer says that it
is the mock's. How slow, limited and faulty it is, its `Behaviour` says.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from types import FrameType
from weakref import WeakSet

from aiohttp import web

from datagen.llm.base import MOCK_NAME
from datagen.mockserver.account import Account, Book
from datagen.mockserver.batches.office import Office
from datagen.mockserver.batches.routes import Desk
from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.exchange import Exchange
from datagen.mockserver.limits import Limits
from datagen.mockserver.replies import Replies

_LARGEST = 32 * 1024 * 1024
_PATIENCE = 0.1  # seconds that answers in the making get when the server ends


class MockServer:
    """The server's state: how it is to behave, and what it was sent."""

    def __init__(self, behaviour: Behaviour = Behaviour()) -> None:  # noqa: B008  (frozen)
        self.behaviour = behaviour
        self._book = None if behaviour.ledger is None else Book(behaviour.ledger)
        self._start = time.monotonic()
        self._restart()
        self.desk = Desk(self.office, behaviour.script)

    def _restart(self) -> None:
        b = self.behaviour
        self.account = Account(self._book, self._start)
        self.limits = Limits(b.rpm, b.tpm, b.burst, time.monotonic())
        self.replies = Replies(stock=b.stock)
        self.office = Office(b.script.batches, b.seed, self.replies, self.account)
        self._transports: WeakSet[asyncio.Transport] = WeakSet()
        self._connections = 0

    def app(self) -> web.Application:
        """The routes, with and without `/v1`."""
        app = web.Application(client_max_size=_LARGEST)
        for prefix in ("/v1", ""):
            app.router.add_post(f"{prefix}/chat/completions", self.chat)
            app.router.add_get(f"{prefix}/models", self.models)
        self.desk.routes(app.router)
        app.router.add_get("/stats", self.stats)
        app.router.add_post("/reset", self.reset)
        return app

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """One request's way through; see `exchange.py`."""
        body = await request.read()
        self._count(request.transport)
        exchange = Exchange(request, body, sha256(body).digest(), self.behaviour, self.account, self.limits)
        return await exchange.run(self.replies)

    def _count(self, transport: asyncio.Transport | None) -> None:
        if transport is not None and transport not in self._transports:
            self._transports.add(transport)
            self._connections += 1

    async def models(self, _request: web.Request) -> web.Response:
        """The one model there is."""
        return web.json_response(
            {"object": "list", "data": [{"id": MOCK_NAME, "object": "model", "owned_by": "datagen"}]}
        )

    async def stats(self, _request: web.Request) -> web.Response:
        """The account so far."""
        return web.json_response(
            {**self.account.stats(), "connections": self._connections, "batches": self.office.stats()}
        )

    async def reset(self, _request: web.Request) -> web.Response:
        """Begin anew: counts, attempts, script and full banks. What is in flight is counted no more."""
        async with self.office.lock:  # whatever works just now
            self.office.close()
        self._restart()
        self.desk.office = self.office
        self.account.note_reset()
        return web.json_response({"reset": True})

    def close(self) -> None:
        """Let go of the ledger and of all files."""
        self.office.close()
        if self._book is not None:
            self._book.close()


def serve(port: int, behaviour: Behaviour = Behaviour(), ready: Callable[[str], None] = lambda address: None) -> None:  # noqa: B008
    """Serve on 127.0.0.1 until interrupted; `ready` is called with the address. Port 0 takes a free one.

    Raises OSError when the port is taken.
    """
    server = MockServer(behaviour)
    signals: list[int] = []
    try:
        asyncio.run(_serve(server, port, ready, signals))
    finally:
        server.close()
    for number in signals:
        signal.raise_signal(number)  # to whoever was to be told of it


async def _serve(server: MockServer, port: int, ready: Callable[[str], None], signals: list[int]) -> None:
    """Until a signal comes. It must not be raised as an exception into whatever answer is being made."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def caught(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        loop.call_soon_threadsafe(ended.set)

    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=_PATIENCE)
    await runner.setup()
    main = threading.current_thread() is threading.main_thread()  # elsewhere Python takes no handlers
    before = {number: signal.signal(number, caught) for number in (signal.SIGINT, signal.SIGTERM) if main}
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
        await site.start()
        ready(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        await ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        await runner.cleanup()
