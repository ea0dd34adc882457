"""The real openai client against a real HTTP server that misbehaves on request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from datagen.errors import ProviderError
from datagen.llm.headers import retry_after
from datagen.llm.mock.backend import complete
from datagen.llm.openai_chat import OpenAIChat
from datagen.schema import Request, Response

BODY = json.dumps(
    {"model": "m", "messages": [{"role": "user", "content": "A red bus."}]}, separators=(",", ":")
).encode()
REQUEST = Request(id="q-0", body=BODY)

Handler = Callable[[web.Request], Any]


async def send(address: str, key: str | None, seconds: float) -> Response:
    """One send to `address`."""
    backend = OpenAIChat(address, key, seconds)
    try:
        return await backend.ask(REQUEST)
    finally:
        await backend.aclose()


def ask(handler: Handler, *, key: str | None = "sk-canary-0123456789", timeout: float = 5.0) -> Response:
    """What one send to a server with this handler brings."""

    async def run() -> Response:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", handler)
        async with TestServer(app) as server:
            return await send(str(server.make_url("/v1")), key, timeout)

    return asyncio.run(run())


def answering(status: int, body: object, **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="text/html", headers=headers)
        return web.json_response(body, status=status, headers=headers)

    return handler


def error(message: str, code: str | None = None) -> dict[str, object]:
    return {"error": {"message": message, "type": "x", "code": code}}


def test_sends_the_very_bytes_and_the_key_and_reads_the_answer() -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(
            body=await request.read(), key=request.headers["Authorization"], type=request.headers["Content-Type"]
        )
        return web.json_response(complete(json.loads(seen["body"])), headers={"x-request-id": "req-7"})

    response = ask(handler)
    assert seen == {"body": BODY, "key": "Bearer sk-canary-0123456789", "type": "application/json"}
    assert response.error is None
    assert response.finish == "stop"
    assert response.model == "datagen-mock"
    assert response.request_id == "req-7"
    assert json.loads(response.raw)["choices"][0]["message"]["content"] == response.text


@pytest.mark.parametrize(
    ("status", "body", "reason", "again"),
    [
        (429, error("slow down", "rate_limit_exceeded"), "rate-limited", True),
        (429, "<html>busy</html>", "rate-limited", True),
        (500, error("oops"), "server-error", True),
        (502, "<html>bad gateway</html>", "server-error", True),
        (503, {}, "server-error", True),
        (529, {"detail": "overloaded"}, "server-error", True),
        (408, error("timeout"), "server-error", True),
        (400, error("maximum context length is 8192 tokens", "context_length_exceeded"), "too-long", False),
        (400, error("request (12031 tokens) exceeds the available context size"), "too-long", False),
        (400, error("bad temperature"), "bad-request", False),
        (400, {"error": "a bare string"}, "bad-request", False),
        (422, {"detail": [{"msg": "x"}]}, "bad-request", False),
        (413, "too large", "bad-request", False),
        (200, "<html>welcome</html>", "not-a-completion", True),
        (200, "", "not-a-completion", True),
        (200, {"choices": None}, "not-a-completion", True),
        (200, {"choices": []}, "not-a-completion", True),
        (200, {"choices": [{"message": None}]}, "not-a-completion", True),
        (200, {"error": "queue full"}, "not-a-completion", True),
    ],
)
def test_what_goes_wrong_with_one_request_is_data(status: int, body: object, reason: str, again: bool) -> None:
    response = ask(answering(status, body))
    assert response.error is not None
    assert (response.error.reason, response.error.again) == (reason, again)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, error("Incorrect API key provided"), "key"),
        (403, error("no access to this model"), "access"),
        (404, error("The model `m` does not exist", "model_not_found"), "no such model"),
        (404, "404 page not found", "address"),
        (429, error("You exceeded your current quota", "insufficient_quota"), "quota"),
        (402, error("Payment required"), "quota"),
        (307, "", "redirect"),
    ],
)
def test_what_makes_going_on_pointless_is_raised(status: int, body: object, says: str) -> None:
    headers = {"Location": "http://127.0.0.1:1/v1"} if status == 307 else {}
    with pytest.raises(ProviderError, match=says) as caught:
        ask(answering(status, body, **headers))
    assert caught.value.hint
    assert "sk-canary-0123456789" not in f"{caught.value} {caught.value.hint}"


def test_a_connection_that_nobody_takes_is_data() -> None:
    response = asyncio.run(send("http://127.0.0.1:9/v1", None, 5))
    assert response.error is not None
    assert response.error.reason == "connection"
    assert response.error.again


def test_a_server_that_does_not_answer_in_time_is_data() -> None:
    async def handler(_request: web.Request) -> web.Response:
        await asyncio.sleep(3)
        return web.Response()

    response = ask(handler, timeout=0.3)
    assert response.error is not None
    assert response.error.reason == "timeout"


def test_a_body_that_is_cut_off_is_data() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"choices": [')
        assert request.transport is not None
        request.transport.close()
        return response

    response = ask(handler)
    assert response.error is not None
    assert response.error.again


def test_a_server_that_trickles_is_bounded_as_a_whole() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    response = ask(handler, timeout=0.5)
    assert response.error is not None
    assert response.error.reason == "timeout"


def test_an_answer_that_is_no_http_is_data() -> None:
    async def run() -> Response:
        async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(b"\x00\x01\x02 not http\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(garbage, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await send(f"http://127.0.0.1:{port}/v1", None, 5)

    response = asyncio.run(run())
    assert response.error is not None
    assert (response.error.reason, response.error.again) == ("connection", True)


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_provider_that_quotes_the_key_is_not_quoted(status: int) -> None:
    said = error("Incorrect API key provided: sk-canary-0123456789", "insufficient_quota" if status == 429 else None)
    with contextlib.suppress(ProviderError):
        assert "sk-canary-0123456789" not in ask(answering(status, said)).model_dump_json()
        return
    with pytest.raises(ProviderError) as refused:
        ask(answering(status, said))
    assert "sk-canary-0123456789" not in f"{refused.value} {refused.value.hint}"


def test_a_key_in_an_answer_is_not_kept() -> None:
    response = ask(answering(200, "<html>your key sk-canary-0123456789 is odd</html>"))
    assert b"sk-canary-0123456789" not in response.raw
    assert "sk-canary-0123456789" not in str(response)


@pytest.mark.parametrize("key", ["the", "a", "none", "EMPTY", '"'])
def test_a_key_as_short_as_a_word_is_not_cut_out_of_an_answer(key: str) -> None:
    body = complete(json.loads(BODY))
    response = ask(answering(200, body), key=key)
    assert response.text == body["choices"][0]["message"]["content"]


def test_a_key_in_the_request_id_is_not_kept() -> None:
    headers = {"x-request-id": "sk-canary-0123456789"}
    response = ask(answering(200, complete(json.loads(BODY)), **headers))
    assert "sk-canary" not in response.model_dump_json()


def test_a_moderated_prompt_is_one_items_fault() -> None:
    response = ask(answering(403, error("Input was flagged by moderation")))
    assert response.error is not None
    assert (response.error.reason, response.error.again) == ("moderated", False)


def test_hostile_error_bodies_are_made_harmless() -> None:
    response = ask(answering(400, error("\x1b]0;owned\x07\x1b[31mred\u202e [/red]")))
    assert response.error is not None
    assert "\x1b" not in response.error.message
    assert "\u202e" not in response.error.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "600"}, 600.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e99"}, None),
        ({"retry-after": "99999"}, 99999.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms_and_garbage_is_ignored(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


def test_what_asking_needs_is_loaded_beside_what_goes_before_it() -> None:
    code = (
        "import sys, threading; from datagen.llm.base import warm_up; warm_up('any', None);"
        "[each.join() for each in threading.enumerate() if each.name == 'warm-up'];"
        "print({'openai', 'aiohttp'} <= set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.strip() == "True"


def test_requests_that_share_options_and_headers_keep_their_own_bytes() -> None:
    """Also where the first is still on its way when the others go: what is made of it is copied for them."""
    heard: list[tuple[bytes, str]] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        heard.append((body, request.headers["Authorization"]))
        await asyncio.sleep(0.05)
        answer = complete(json.loads(BODY))
        answer["model"] = json.loads(body)["model"]
        return web.json_response(answer)

    async def run() -> list[list[Response]]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", handler)
        async with TestServer(app) as server:
            chat = OpenAIChat(str(server.make_url("/v1")), "sk-canary-0123456789", 5.0)
            bodies = [json.dumps({**json.loads(BODY), "model": f"m{number}"}).encode() for number in range(40)]
            requests = [Request(id=f"q-{number}", body=body) for number, body in enumerate(bodies)]
            rounds = [await asyncio.gather(*map(chat.ask, requests)) for _ in range(2)]
            await chat.aclose()
            assert sorted(body for body, _ in heard) == sorted(bodies * 2)
            return rounds

    for answers in asyncio.run(run()):
        assert [(each.query_id, each.model) for each in answers] == [(f"q-{n}", f"m{n}") for n in range(40)]
    assert {key for _, key in heard} == {"Bearer sk-canary-0123456789"}
