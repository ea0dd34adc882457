"""One line of a batch's results → the id it is about, and a Response; or the name of what is wrong with the line.

An answer goes the way that one goes that was asked for alone (wire.py), from the same bytes. A line is read once and
only as far as it is needed; the json module would take all of it apart. It knows nothing of files, batches or ledgers.
"""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

import msgspec

from datagen.llm import wire
from datagen.llm.refusals import is_moderated, is_quota, is_too_long, said
from datagen.schema import Answered, Failure, Response
from datagen.text import shown

Anomaly = Literal["torn", "strange"]
"""torn: no JSON, as where a file was cut off; strange: JSON, and no line of a batch's results."""


class Line(NamedTuple):
    """What a line says."""

    custom_id: str
    response: Response | Answered


class _Reply(msgspec.Struct, gc=False):
    status_code: int
    body: msgspec.Raw = msgspec.Raw(b"null")
    request_id: str | None = None


class _Line(msgspec.Struct, gc=False):
    """What nearly every line is."""

    custom_id: str
    response: _Reply
    error: msgspec.Raw | None = None


_SOUND = msgspec.json.Decoder(_Line)


def read_line(raw: bytes) -> Line | Anomaly:
    """What stands in one line of an output or an error file."""
    try:
        line = _SOUND.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _by_rule(raw)
    reply = line.response
    if reply.status_code == 200:
        return Line(line.custom_id, wire.answered(line.custom_id, bytes(reply.body), reply.request_id))
    return Line(line.custom_id, _refused(line.custom_id, reply.status_code, _decoded(reply.body, line.error)))


def _by_rule(raw: bytes) -> Line | Anomaly:
    """The same for whatever else may stand there."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        return "torn"
    custom_id = told.get("custom_id") if isinstance(told, dict) else None
    if not isinstance(custom_id, str):
        return "strange"
    reply, error = told.get("response"), told.get("error")
    if isinstance(reply, dict) and type(reply.get("status_code")) is int:
        status, body = reply["status_code"], reply.get("body")
        if status == 200:
            request_id = reply.get("request_id")
            again = json.dumps(body).encode()
            return Line(custom_id, wire.answered(custom_id, again, request_id if isinstance(request_id, str) else None))
        return Line(custom_id, _refused(custom_id, status, body if body is not None else error))
    if error is not None:
        return Line(custom_id, _not_run(custom_id, error))
    return "strange"


def _decoded(body: msgspec.Raw, error: msgspec.Raw | None) -> object:
    told = json.loads(bytes(body))
    return json.loads(bytes(error)) if told is None and error is not None else told


def _refused(query_id: str, status: int, body: object) -> Response:
    """A request that the provider ran and refused; nobody bills that."""
    inner = body.get("error", body) if isinstance(body, dict) else None
    code = str(inner.get("code") or "") if isinstance(inner, dict) else ""
    message = f"{status}: {said(body) or 'no reason is told'}"
    if status == 429 and not is_quota(status, code):
        return _failed(query_id, "rate-limited", message, again=True)
    if status in (408, 409) or status >= 500:
        return _failed(query_id, "server-error", message, again=True)
    if is_moderated(status, message):
        return _failed(query_id, "moderated", message, again=False)
    if status in (401, 402, 403, 404, 405, 429) or status < 400:
        return _failed(query_id, "provider-refused", message, again=True)
    return _failed(query_id, "too-long" if is_too_long(code, message) else "bad-request", message, again=False)


def _not_run(query_id: str, error: Any) -> Response:
    """A request that the batch's end kept from being run: `batch_expired`, `batch_cancelled`, or what there is."""
    code = str(error.get("code") or "") if isinstance(error, dict) else ""
    reason = {"batch_expired": "batch-expired", "batch_cancelled": "batch-cancelled"}.get(code, "batch-error")
    return _failed(query_id, reason, said(error) or shown(code, 100) or "no reason is told", again=True)


def _failed(query_id: str, reason: str, message: str, *, again: bool) -> Response:
    return Response(query_id=query_id, error=Failure(reason=reason, message=message, again=again))
