"""A file as it comes in, part by part, to disk and never whole into memory."""

from __future__ import annotations

import asyncio
from hashlib import sha256

from aiohttp import BodyPartReader, web

from datagen.mockserver.batches.files import Spool, Stored
from datagen.mockserver.faults import Reply, as_error

_CHUNK = 1 << 20
_PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")


class Unusable(Exception):
    """A call that is answered with an error."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def unusable(status: int, message: str, code: str | None = None) -> Unusable:
    """An error in OpenAI's shape."""
    return Unusable(as_error(status, message, code))


async def receive(request: web.Request, most: int) -> Stored:
    """The file in a form. Raises Unusable; a file for a batch has at most so many bytes."""
    if not request.content_type.startswith("multipart/"):
        raise unusable(400, "a file is sent as multipart/form-data")
    spool, name, purpose, digest = Spool(), None, "", ""
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "file":
                name = part.filename or "file"
                digest = await _spooled(part, spool)
            elif part.name == "purpose":
                purpose = (await part.text())[:40]
        _check(name, purpose, spool.size, most)
    except (Unusable, OSError, asyncio.CancelledError):
        spool.close()
        raise
    except Exception:  # aiohttp has more names than one for a form that is none
        spool.close()
        raise unusable(400, "the form cannot be read") from None
    return Stored(name or "", purpose, spool, digest)


async def _spooled(part: BodyPartReader, spool: Spool) -> str:
    digest = sha256()
    while chunk := await part.read_chunk(_CHUNK):
        digest.update(chunk)
        spool.write(chunk)
    return digest.hexdigest()


def _check(name: str | None, purpose: str, size: int, most: int) -> None:
    if name is None:
        raise unusable(400, "'file' is a required property")
    if purpose not in _PURPOSES:
        raise unusable(400, f"{purpose!r} is not one of {', '.join(_PURPOSES)}")
    if purpose == "batch" and size > most:
        raise unusable(400, f"File is too large: {size} bytes are more than {most}.")
