"""What carries requests: the openai client, over aiohttp, with the address and headers that do not change made once.

The client builds each request anew from its options; all of ours differ in their bytes alone, so the first is copied
and the bytes put in. It knows nothing of completions: it carries bytes there and brings at most so many back.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2  # what the openai client stands on
import openai
import yarl

LARGEST = 32 * 1024 * 1024
"""Bytes of an answer, unpacked; no completion is that long."""

_OWN = {"content-length", "host", "connection", "accept-encoding"}  # aiohttp's to say
_BAD = 300  # from this status on somebody makes an error of an answer, and reads its headers there
_UNDONE = {"content-encoding", "content-length", "transfer-encoding"}  # aiohttp unpacked the body


BODY, HEADERS = "datagen.body", "datagen.headers"
"""Where an answer keeps its bytes and what aiohttp made of its headers, among its extensions: as its `content` the
bytes would be copied piece by piece, and httpx2 looks for a header by walking through all of them."""


class _Whole(httpx2.AsyncByteStream):
    """A body that is here already; only what makes an error of the answer reads it this way."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


class _Ready(httpx2.Request):
    """A request that shares address and headers with the others, and has its own bytes."""

    body: bytes = b""


def _unchanged(options: Any) -> Any:
    """The same options, of a kind that need not be copied each time somebody could change them, for nobody does."""
    kind = type(options)

    class Unchanged(kind):  # type: ignore[misc, valid-type]
        def model_copy(self, **_how: Any) -> Any:
            return self

    return Unchanged.model_construct(options.model_fields_set, **vars(options))


class Client(openai.AsyncOpenAI):
    """The openai client for one address. How it makes options of what it is told, and a request of those, is its own
    affair and half of what it costs, so it is let do it once; and it need not look each time for keys that change or
    are a token's, since ours is none. Should a method have another name one day, it does all of that for each request
    again and nothing else changes."""

    custom_auth: Any = None
    _told: Any = None
    _first: _Ready | None = None

    async def send(self, url: str, body: bytes, options: Any) -> httpx2.Response:
        """`post` these bytes, to the same address and with the same options each time."""
        if self._told is None:
            return await self.post(url, content=body, cast_to=httpx2.Response, options=options)
        told = copy.copy(self._told)
        told.content = body
        return await super().request(httpx2.Response, told)

    async def request(self, cast_to: Any, options: Any, **more: Any) -> Any:
        self._told = _unchanged(options)
        return await super().request(cast_to, options, **more)

    def _build_request(self, options: Any, *, retries_taken: int = 0) -> httpx2.Request:
        if self._first is None:
            built = super()._build_request(options, retries_taken=retries_taken)
            assert isinstance(built, _Ready)
            self._first = built
            return built
        request = _Ready.__new__(_Ready)  # copy.copy would ask how to, each time
        request.__dict__.update(self._first.__dict__, body=options.content)
        return request

    async def _prepare_options(self, options: Any) -> Any:
        return options

    async def _prepare_request(self, request: httpx2.Request) -> None:
        pass

    async def _send_request(self, request: httpx2.Request, **_given: Any) -> httpx2.Response:
        return await self._client.send(request)

    def _should_stream_response_body(self, request: httpx2.Request) -> bool:
        return False

    async def _process_response(self, *, response: httpx2.Response, **_given: Any) -> Any:
        return response


class Carrier(httpx2.AsyncClient):
    """An `http_client` for AsyncOpenAI: `connections` at most at a time, no redirects, no retries.

    Raises httpx2's errors, as the openai client expects: ConnectError when nothing was sent, ReadError after that.
    """

    def __init__(self, connections: int, connect_timeout: float) -> None:
        super().__init__(trust_env=False, transport=httpx2.AsyncBaseTransport())  # its own would read all certificates
        self._connections = connections
        self._timeouts = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)
        self._session: aiohttp.ClientSession | None = None
        self._url: yarl.URL | None = None

    def build_request(self, method: str, url: Any, **given: Any) -> httpx2.Request:
        headers = given.get("headers") or []
        self._url = yarl.URL(str(url), encoded=True)
        self._lines = [(name, value) for name, value in headers if name.lower() not in _OWN]
        self._proxy = _proxy_for(self._url)
        request = _Ready(method, url, headers=headers)
        request.body = given.get("content") or b""
        return request

    async def send(self, request: httpx2.Request, **_given: Any) -> httpx2.Response:
        assert isinstance(request, _Ready)
        assert self._url is not None
        try:
            async with self._open().post(
                self._url, data=aiohttp.BytesPayload(request.body), proxy=self._proxy, allow_redirects=False
            ) as answer:
                body = await _read(answer)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise httpx2.ConnectError(str(error) or type(error).__name__, request=request) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise httpx2.ReadError(str(error) or type(error).__name__, request=request) from error
        wanted = answer.headers.items() if answer.status >= _BAD else ()
        return httpx2.Response(
            answer.status,
            headers=[(name, value) for name, value in wanted if name.lower() not in _UNDONE],
            stream=_Whole(body),
            request=request,
            extensions={BODY: body, HEADERS: answer.headers},
        )

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._lines,
                connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300),
                timeout=self._timeouts,
                skip_auto_headers=("User-Agent", "Content-Type"),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
        await super().aclose()


def _proxy_for(url: yarl.URL) -> str | None:
    """HTTPS_PROXY and NO_PROXY, as other programs have it. aiohttp's own `trust_env` looks anew for each request, in a
    thread, and into ~/.netrc too."""
    return None if proxy_bypass(url.host or "") else getproxies().get(url.scheme)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body. Raises ValueError for one that is beyond all reason."""
    parts, size = [], 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise ValueError(f"the answer is larger than {LARGEST >> 20} MiB")
    return b"".join(parts)
