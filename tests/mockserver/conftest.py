"""A mock server in this process behind real HTTP, and a client that says plainly what came back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import aiohttp
import pytest
from aiohttp import web

from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.server import MockServer


class Got(NamedTuple):
    """An answer as it came; status 0 where the connection broke, and why."""

    status: int
    raw: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})
    broke: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def text(self) -> str:
        return self.json["choices"][0]["message"]["content"]


def body_of(text: str, **more: object) -> bytes:
    shots = [
        {"role": "user", "content": "A cat."},
        {"role": "assistant", "content": "Question:\nWhat?\n===\nAnswer:\nA."},
    ]
    return json.dumps({"model": "m", "messages": [*shots, {"role": "user", "content": text}], **more}).encode()


class Bench:
    """A client of one server."""

    def __init__(self, session: aiohttp.ClientSession, server: MockServer) -> None:
        self.session, self.server = session, server

    async def ask(self, text: str = "A dog runs.", patience: float = 20, **more: object) -> Got:
        return await self.send(body_of(text, **more), patience)

    async def send(self, body: bytes, patience: float = 20) -> Got:
        try:
            limit = aiohttp.ClientTimeout(patience)
            async with self.session.post("/v1/chat/completions", data=body, timeout=limit) as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Got(answer.status, await answer.read(), headers)
        except (aiohttp.ClientError, TimeoutError) as error:
            return Got(0, broke=type(error).__name__)

    async def stats(self) -> dict[str, Any]:
        async with self.session.get("/stats") as answer:
            return await answer.json()

    async def settled(self) -> dict[str, Any]:
        """The stats once nothing is in flight."""
        while (told := await self.stats())["in_flight"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return told

    async def reset(self) -> None:
        async with self.session.post("/reset") as answer:
            assert answer.status == 200


Visit = Callable[[Bench], Awaitable[Any]]
Visiting = Callable[[Behaviour, Visit], Any]


@pytest.fixture
def visit() -> Visiting:
    """`visit(behaviour, coroutine function)`: start a server, hand a Bench to the function, return what it does."""

    async def run(behaviour: Behaviour, what: Visit) -> Any:
        server = MockServer(behaviour)
        runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        connector = aiohttp.TCPConnector(limit=0)
        try:
            async with aiohttp.ClientSession(address, connector=connector) as session:
                return await what(Bench(session, server))
        finally:
            await runner.cleanup()
            server.close()

    return lambda behaviour, what: asyncio.run(run(behaviour, what))
