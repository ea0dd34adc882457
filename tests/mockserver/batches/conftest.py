"""A mock server behind real HTTP and the openai client that talks to its files and batches."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from openai import AsyncOpenAI
from openai.types import Batch, FileObject

from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.script import parse
from datagen.mockserver.server import MockServer

AT_ONCE = {"tick": 1, "validating": 0, "working": 0, "finalizing": 0, "cancelling": 0}
"""A plan by which the first look at a batch finds it ended."""


class Client:
    """The openai client, and what the tests want of it all the time."""

    def __init__(self, openai: AsyncOpenAI, session: aiohttp.ClientSession, server: MockServer) -> None:
        self.openai, self.session, self.server = openai, session, server
        self.files, self.batches = openai.files, openai.batches

    @staticmethod
    def body(n: int, **more: Any) -> dict[str, Any]:
        return {"model": "m", "messages": [{"role": "user", "content": f"Dog {n} runs in a park."}], **more}

    def lines(self, numbers: Iterable[int], **more: Any) -> list[bytes]:
        told = {"method": "POST", "url": "/v1/chat/completions", **more}
        return [json.dumps({"custom_id": f"q{n}", "body": self.body(n), **told}).encode() + b"\n" for n in numbers]

    async def upload(self, data: bytes | Iterable[bytes], purpose: Any = "batch") -> FileObject:
        whole = data if isinstance(data, bytes) else b"".join(data)
        return await self.files.create(file=("in.jsonl", io.BytesIO(whole)), purpose=purpose)

    async def create(self, file: str, **more: Any) -> Batch:
        told = {"endpoint": "/v1/chat/completions", "completion_window": "24h", **more}
        return await self.batches.create(input_file_id=file, **told)

    async def submit(self, data: int | bytes | Iterable[bytes], **more: Any) -> Batch:
        """A batch of so many lines, or of these."""
        lines = self.lines(range(data)) if isinstance(data, int) else data
        return await self.create((await self.upload(lines)).id, **more)

    async def ended(self, batch: Batch) -> Batch:
        """Looked at until it is over."""
        for _ in range(100):
            batch = await self.batches.retrieve(batch.id)
            if batch.status in ("completed", "failed", "expired", "cancelled"):
                return batch
        raise AssertionError(batch.status)

    async def read(self, file: str | None) -> bytes:
        return b"" if not file else (await self.files.content(file)).content

    async def rows(self, file: str | None) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await self.read(file)).splitlines()]

    async def clock(self, seconds: float) -> None:
        async with self.session.post("/clock", json={"seconds": seconds}) as answer:
            assert answer.status == 200, await answer.text()

    async def stats(self) -> dict[str, Any]:
        async with self.session.get("/stats") as answer:
            told: dict[str, Any] = (await answer.json())["batches"]
        return told

    async def bills(self) -> list[dict[str, Any]]:
        async with self.session.get("/bills") as answer:
            return [json.loads(line) for line in (await answer.read()).splitlines()]


Visit = Callable[[Client], Awaitable[Any]]
Talking = Callable[..., Any]


@pytest.fixture
def talk() -> Talking:
    """`talk(script, coroutine function, …)`: start a server, hand a Client to the function, return what it does."""

    async def run(script: Any, what: Visit, **behaviour: Any) -> Any:
        server = MockServer(Behaviour(script=parse(script), **behaviour))
        runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            openai = AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)
            async with aiohttp.ClientSession(address) as session, openai:
                return await what(Client(openai, session, server))
        finally:
            await runner.cleanup()
            server.close()

    return lambda script, what, **behaviour: asyncio.run(run(script, what, **behaviour))


@pytest.fixture
def at_once() -> dict[str, float]:
    """A plan by which the first look at a batch finds it ended; for a test to change."""
    return dict(AT_ONCE)
