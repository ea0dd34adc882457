"""The faults of the connection: closed, silent, endless, too short, too large. Each is one function under `@broken`.

They are handed the request and the reply that should be sent, and say whether all of it went out.
"""

from __future__ import annotations

import asyncio
import zlib
from functools import lru_cache

from aiohttp import web

from datagen.mockserver.faults import Reply, Sent, broken

_LOOK = 0.1  # seconds between two looks at whether the client is still there
_MIB = 1024 * 1024
_HUGE = 41  # MiB
_DRIP, _DRIPS = 0.5, 1300  # a byte every half second, for more than ten minutes


async def send(request: web.Request, reply: Reply) -> Sent:
    """As it should be: all of it, and the connection is still there afterwards."""
    response = web.Response(status=reply.status, body=reply.body, headers=reply.headers)
    await response.prepare(request)
    await response.write_eof()
    return Sent(await _gone_out(request), response)


async def _gone_out(request: web.Request) -> bool:
    while (transport := request.transport) is not None and not transport.is_closing():
        if transport.get_write_buffer_size() == 0:
            return True
        await asyncio.sleep(0.01)
    return False


def _close(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


@broken("drop-before", billed=False)
async def drop_before(request: web.Request, _reply: Reply) -> Sent:
    """The connection is closed before anything is billed."""
    _close(request)
    return Sent(False)


@broken("drop-after")
async def drop_after(request: web.Request, _reply: Reply) -> Sent:
    """Billed; then the connection is closed without an answer."""
    _close(request)
    return Sent(False)


@broken("short")
async def short(request: web.Request, reply: Reply) -> Sent:
    """Half the body, then the connection is closed; Content-Length promised the whole."""
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_length = len(reply.body)
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2])
    _close(request)
    return Sent(False)


@broken("slow-loris")
async def slow_loris(request: web.Request, reply: Reply) -> Sent:
    """The headers, then one byte each half second without an end."""
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_length = len(reply.body) + _DRIPS
    await response.prepare(request)
    for _ in range(_DRIPS):
        await response.write(b" ")  # JSON may begin with as many as it likes
        await asyncio.sleep(_DRIP)
        if request.transport is None:
            break
    _close(request)
    return Sent(False)


@broken("hang")
async def hang(request: web.Request, _reply: Reply) -> Sent:
    """Billed; then nothing, ever."""
    while request.transport is not None:  # noqa: ASYNC110  (nobody tells)
        await asyncio.sleep(_LOOK)
    return Sent(False)


@broken("huge")
async def huge(request: web.Request, reply: Reply) -> Sent:
    """A body of more than 40 MiB, streamed."""
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    await response.prepare(request)
    for _ in range(_HUGE):
        await response.write(b" " * _MIB)
    await response.write(reply.body)
    await response.write_eof()
    return Sent(await _gone_out(request), response)


@broken("gzip-bomb")
async def gzip_bomb(request: web.Request, reply: Reply) -> Sent:
    """A small gzip body that unpacks to more than 40 MiB."""
    headers = {**reply.headers, "Content-Encoding": "gzip"}
    return await send(request, Reply(reply.status, _bomb(), headers))


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([packer.compress(b" " * _MIB) for _ in range(_HUGE)]) + packer.compress(b"{}") + packer.flush()
