"""`POST /v1/chat/completions`, `GET /v1/models` and `GET /stats`, answered by the mock writer.

It stands one floor above `llm/`, whose writer it serves, and listens on this machine only. Every answer says that it
is the mock's. `/stats` is the server's own account of what it was sent, for tests to compare with the client's.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable

from aiohttp import web

from datagen.llm.base import MOCK_NAME
from datagen.llm.mock.backend import complete
from datagen.text import digest, shown

_LARGEST = 32 * 1024 * 1024


class MockServer:
    """The server's state: how slow it is, and what it was sent."""

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.requests = 0
        self.billed: Counter[str] = Counter()

    def app(self) -> web.Application:
        """The routes, with and without `/v1`."""
        app = web.Application(client_max_size=_LARGEST)
        for prefix in ("", "/v1"):
            app.router.add_post(f"{prefix}/chat/completions", self.chat)
            app.router.add_get(f"{prefix}/models", self.models)
        app.router.add_get("/stats", self.stats)
        return app

    async def chat(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests += 1
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return _error(400, "the body is not JSON", "invalid_json")
        if not isinstance(payload, dict) or not isinstance(payload.get("messages"), list) or not payload["messages"]:
            return _error(400, "`messages` must be a list that is not empty", "invalid_messages")
        if not isinstance(payload.get("model"), str):
            return _error(400, "`model` must be a string", "invalid_model")
        if payload.get("stream"):
            return _error(400, "this mock does not stream", "stream_unsupported")
        await asyncio.sleep(self.latency)
        key = digest(body)
        self.billed[key] += 1
        headers = {"x-request-id": f"req-mock-{key[:12]}"}
        return web.json_response(complete(payload), headers=headers)

    async def models(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {"object": "list", "data": [{"id": MOCK_NAME, "object": "model", "owned_by": "datagen"}]}
        )

    async def stats(self, _request: web.Request) -> web.Response:
        """How many requests came, how many were answered, and how many of those were the same body again."""
        billed = self.billed.total()
        return web.json_response({"requests": self.requests, "billed": billed, "repeated": billed - len(self.billed)})


def _error(status: int, message: str, code: str) -> web.Response:
    body = {"error": {"message": shown(message), "type": "invalid_request_error", "param": None, "code": code}}
    return web.json_response(body, status=status)


def serve(port: int, latency: float = 0.0, ready: Callable[[str], None] = lambda address: None) -> None:
    """Serve on 127.0.0.1 until interrupted; `ready` is called with the address. Port 0 takes a free one.

    Raises OSError when the port is taken.
    """
    asyncio.run(_serve(port, latency, ready))


async def _serve(port: int, latency: float, ready: Callable[[str], None]) -> None:
    runner = web.AppRunner(MockServer(latency).app(), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
        await site.start()
        ready(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
