"""The calls of `/v1/files` and `/v1/batches`, `POST /clock` and `GET /bills`.

Each call moves the clock, then meets what the script has for it: an error in its place, or an answer that goes wrong
after the thing was done. See `script.py` for how `calls` is written.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from aiohttp import web

from datagen.mockserver.batches.batch import Order
from datagen.mockserver.batches.files import Stored
from datagen.mockserver.batches.uploads import Unusable, receive, unusable
from datagen.mockserver.dice import share
from datagen.mockserver.faults import Reply, as_error, as_json
from datagen.mockserver.script import Step

if TYPE_CHECKING:
    from datagen.mockserver.batches.batch import Batch
    from datagen.mockserver.batches.office import Office
    from datagen.mockserver.script import Script

_ENDPOINT = "/v1/chat/completions"
_CHUNK = 256 * 1024
_AS_IT_IS = Step()
_HALF = ("short", "truncate")
Act = Callable[[web.Request], Awaitable[Any]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Desk:
    """Takes calls for an office. `office` and `script` may be replaced at any time."""

    def __init__(self, office: Office, script: Script) -> None:
        self.office, self.script = office, script

    def routes(self, router: web.UrlDispatcher) -> None:
        """Put the calls where OpenAI has them."""
        for prefix in ("/v1", ""):
            files, batches = f"{prefix}/files", f"{prefix}/batches"
            router.add_post(files, self._call("upload", self._upload))
            router.add_get(files, self._call("list-files", self._list_files))
            router.add_get(files + "/{id}", self._call("retrieve-file", self._retrieve_file))
            router.add_get(files + "/{id}/content", self._call("content", self._content))
            router.add_delete(files + "/{id}", self._call("delete", self._delete))
            router.add_post(batches, self._call("create", self._create))
            router.add_get(batches, self._call("list", self._list))
            router.add_get(batches + "/{id}", self._call("retrieve", self._retrieve))
            router.add_post(batches + "/{id}/cancel", self._call("cancel", self._cancel))
        router.add_post("/clock", _guarded(self.clock))
        router.add_get("/bills", _guarded(self.bills))

    def _call(self, name: str, act: Act) -> Handler:
        return _guarded(lambda request: self._take(name, request, act))

    async def _take(self, name: str, request: web.Request, act: Act) -> web.StreamResponse:
        office = self.office
        place = office.calls[name]
        office.calls[name] += 1
        await office.advance(office.plans.tick)
        step = self._step(name, place)
        if step.latency is not None:
            await asyncio.sleep(step.latency.seconds(self._share(name, place, "latency")))
        return await self._meet(name, request, step, act)

    def _step(self, name: str, place: int) -> Step:
        script = self.script.call(name)
        told = script.step(place, self.office.now)
        if told is not None:
            return told
        fault = script.rates.drawn(self._share(name, place, "fault"))
        return _AS_IT_IS if fault is None else Step(fault)

    def _share(self, name: str, place: int, what: str) -> float:
        return share(self.office.seed, name.encode(), place, what)

    async def _meet(self, name: str, request: web.Request, step: Step, act: Act) -> web.StreamResponse:
        """What the script has for a call: in its place, or after it was done."""
        fault = step.fault
        if fault is not None and not fault.billed:
            reply = step.over(fault.make({}))
            self._note(name, reply.status, fault.name, None)
            if fault.play is not None:
                return (await fault.play(request, reply)).response
            await _drained(request)
            return _response(reply)
        name_of_fault = None if fault is None else fault.name
        try:
            told = await act(request)
        except Unusable as wrong:
            await _drained(request)
            self._note(name, wrong.reply.status, name_of_fault, None)
            return await _play(request, step, wrong.reply)
        if isinstance(told, Stored):
            self._note(name, step.status or 200, name_of_fault, told.id)
            if step.body is None and (fault is None or name_of_fault in _HALF):
                return await _stream(request, told, name_of_fault, step)
            return await _play(request, step, as_json({}))
        self._note(name, step.status or 200, name_of_fault, told.get("id"))
        return await _play(request, step, as_json(told))

    def _note(self, name: str, status: int, fault: str | None, made: str | None) -> None:
        self.office.account.note("call", call=name, status=status, fault=fault, id=made)

    async def _upload(self, request: web.Request) -> dict[str, Any]:
        office = self.office
        stored = await receive(request, office.plans.bytes)
        return office.keep(stored, office.now, office.plans.arrives).shape()

    def _file(self, request: web.Request) -> Stored:
        name = request.match_info["id"]
        stored = self.office.files.find(name, self.office.now)
        if stored is None:
            raise unusable(404, f"No such File object: {name}")
        return stored

    async def _retrieve_file(self, request: web.Request) -> dict[str, Any]:
        return self._file(request).shape()

    async def _content(self, request: web.Request) -> Stored:
        return self._file(request)

    async def _delete(self, request: web.Request) -> dict[str, Any]:
        stored = self._file(request)
        stored.deleted = True
        return {"id": stored.id, "object": "file", "deleted": True}

    async def _list_files(self, request: web.Request) -> dict[str, Any]:
        wanted = request.query.get("purpose")
        files = [one for one in self.office.files.listed(self.office.now) if wanted in (None, one.purpose)]
        if request.query.get("order", "desc") != "asc":
            files.reverse()
        return _page([one.shape() for one in files], request, 10_000, 10_000)

    async def _create(self, request: web.Request) -> dict[str, Any]:
        return self.office.create(self._order(await _json(request))).shape()

    def _order(self, told: dict[str, Any]) -> Order:
        stored = self.office.files.find(str(told.get("input_file_id")), self.office.now)
        if stored is None:
            raise unusable(400, f"No such File object: {told.get('input_file_id')}")
        if stored.purpose != "batch":
            raise unusable(400, f"The purpose of {stored.id} is {stored.purpose}, not batch.")
        if told.get("endpoint") != _ENDPOINT:
            raise unusable(400, f"The mock's batches are for {_ENDPOINT}, not {told.get('endpoint')}.")
        if told.get("completion_window") != "24h":
            raise unusable(400, "completion_window must be 24h.")
        return Order(stored, _ENDPOINT, _metadata(told.get("metadata")))

    def _batch(self, request: web.Request) -> Batch:
        name = request.match_info["id"]
        batch = self.office.batches.get(name)
        if batch is None:
            raise unusable(404, f"No batch found with id '{name}'.")
        return batch

    async def _retrieve(self, request: web.Request) -> dict[str, Any]:
        return self._batch(request).shape()

    async def _cancel(self, request: web.Request) -> dict[str, Any]:
        batch = self._batch(request)
        async with self.office.lock:
            if batch.over:
                raise unusable(400, f"Cannot cancel a batch with status '{batch.status}'.")
            batch.cancel(self.office.now)
        return batch.shape()

    async def _list(self, request: web.Request) -> dict[str, Any]:
        newest_first = [
            batch.shape() for batch in reversed(self.office.batches.values()) if self.office.now >= batch.listed_from
        ]
        return _page(newest_first, request, 20, 100)

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock by `seconds`; {} only looks."""
        try:
            seconds = (await _json(request)).get("seconds", 0)
        except Unusable as wrong:
            return _response(wrong.reply)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e12:
            return _response(as_error(400, "`seconds` must be a number from 0", None))
        await self.office.advance(seconds)
        return web.json_response({"clock": self.office.now})

    async def bills(self, request: web.Request) -> web.StreamResponse:
        """A JSON line for each request of a batch that was billed."""
        return await _stream(request, Stored("bills.jsonl", "", self.office.bills.lines), None, _AS_IT_IS)


def _guarded(handler: Handler) -> Handler:
    """A client that leaves and a disk that is full are no faults of the server's."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ConnectionError:
            request.protocol.force_close()
            return web.Response()
        except OSError as error:
            return _response(as_error(507, f"The mock's disk: {error.strerror}", None, "server_error"))

    return handle


async def _play(request: web.Request, step: Step, reply: Reply) -> web.StreamResponse:
    """What becomes of an answer to something that was done."""
    fault = step.fault
    if fault is None:
        return _response(step.over(reply))
    if fault.play is not None:
        return (await fault.play(request, step.over(reply))).response
    return _response(step.over(fault.make(json.loads(reply.body))))


async def _drained(request: web.Request) -> None:
    """Take in what is still coming, so that the client comes to read its answer."""
    while await request.content.readany():
        pass


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        told = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise unusable(400, "the body is no JSON object")
    return told


def _metadata(told: object) -> dict[str, str] | None:
    """As it is, if it keeps to OpenAI's limits."""
    if told is None:
        return None
    pairs = told.items() if isinstance(told, dict) else ()
    sound = all(isinstance(value, str) and len(name) <= 64 and len(value) <= 512 for name, value in pairs)
    if not isinstance(told, dict) or len(told) > 16 or not sound:
        raise unusable(400, "metadata has at most 16 strings, their names of 64 and themselves of 512 characters.")
    return told


def _page(shapes: Sequence[dict[str, Any]], request: web.Request, usual: int, most: int) -> dict[str, Any]:
    """What comes after the id `after`, at most `limit` of it."""
    limit = request.query.get("limit", str(usual))
    if not limit.isdecimal() or not 1 <= int(limit[:9]) <= most:
        raise unusable(400, f"limit must be from 1 to {most}.")
    start, after = 0, request.query.get("after")
    if after is not None:
        start = next((place + 1 for place, one in enumerate(shapes) if one["id"] == after), -1)
        if start < 0:
            raise unusable(400, f"There is no {after} to list after.")
    page = shapes[start : start + int(limit)]
    return {
        "object": "list",
        "data": list(page),
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": start + len(page) < len(shapes),
    }


async def _stream(request: web.Request, stored: Stored, fault: str | None, step: Step) -> web.StreamResponse:
    """A file's bytes; half of them where that is the fault, whether or not Content-Length agrees."""
    size, sent = stored.spool.size, 0
    end = size // 2 if fault in _HALF else size
    response = web.StreamResponse(status=step.status or 200, headers={"Content-Type": "application/octet-stream"})
    response.headers.update(step.headers)
    response.content_length = size if fault == "short" else end
    await response.prepare(request)
    while sent < end:
        chunk = stored.spool.read(sent, min(_CHUNK, end - sent))
        sent += len(chunk)
        await response.write(chunk)
    if fault == "short":
        if request.transport is not None:
            request.transport.close()
        return web.Response()
    await response.write_eof()
    return response
