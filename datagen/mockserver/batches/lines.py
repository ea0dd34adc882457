"""One line of a batch's input, worked on: the lines that it leaves in the output or error file, and what it cost.

What can go wrong with it is whatever can go wrong with a request's answer (an error that is not billed, a completion
that is paid for and spoiled), and what can only go wrong with lines: see `WRONGS`.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from datagen.mockserver import refusals as _refusals  # noqa: F401  (registers its faults)
from datagen.mockserver import spoiled as _spoiled  # noqa: F401
from datagen.mockserver.dice import share
from datagen.mockserver.faults import FAULTS, Fault, Reply, as_error

if TYPE_CHECKING:
    from datagen.mockserver.batches.bills import Bills
    from datagen.mockserver.batches.plan import Plan
    from datagen.mockserver.replies import Answer, Replies

WRONGS = {
    "missing": "it is billed and stands in neither file",
    "twice": "its line stands in the output twice",
    "unknown": "after its line comes one with a custom_id that nobody sent",
    "torn": "it is billed and its line breaks off in the middle",
    "glued": "the same without an end of line, so that the next one goes on there",
    "both": "its line stands in the output, and in the error file stands that it failed",
    "nameless": "its line has no custom_id",
    "timeout": "no response, and the error request_timeout; not billed",
    "unfinished": "no response, and the error batch_expired; not billed",
}
"""What goes wrong with lines alone."""
_NO_JSON = ("empty", "html", "truncate")
LINE_FAULTS = (
    *sorted(WRONGS),
    *sorted(name for name, fault in FAULTS.items() if fault.play is None and name not in _NO_JSON),
)
"""All that can go wrong with a line."""
UNDONE = {
    "batch_expired": "The batch expired before this request was worked on.",
    "batch_cancelled": "The batch was cancelled before this request was worked on.",
    "request_timeout": "The model did not answer in time.",
}
"""Why a line has no response."""
_NO_RESPONSE = {"timeout": "request_timeout", "unfinished": "batch_expired"}


class _Asked(msgspec.Struct, gc=False):
    custom_id: msgspec.Raw
    body: msgspec.Raw


_DECODER = msgspec.json.Decoder(_Asked)


class Done(NamedTuple):
    """What a line leaves in which file, and what it cost."""

    output: bytes = b""
    error: bytes = b""
    good: bool = False
    prompt: int = 0
    completion: int = 0


class Worker:
    """Works on the lines of all batches."""

    def __init__(self, seed: int, replies: Replies, bills: Bills) -> None:
        self._seed, self._replies, self._bills = seed, replies, bills
        self._number = 0

    def do(self, batch: str, place: int, line: bytes, plan: Plan) -> Done:
        """The line at `place` (from 0) of a batch's input, from its reading to its bill."""
        asked = _DECODER.decode(line)
        body, custom_id = bytes(asked.body), bytes(asked.custom_id)
        key = sha256(body).digest()
        self._number += 1
        wrong = self._wrong(key, place, plan)
        if wrong in _NO_RESPONSE:
            return Done(error=undone(self._number, custom_id, _NO_RESPONSE[wrong]))
        answer = self._answer(body)
        fault = FAULTS[wrong] if wrong and wrong not in WRONGS else None
        if fault is not None and not fault.billed:
            answer = fault.make({})
        if isinstance(answer, Reply):
            return Done(error=_told(self._number, custom_id, key, answer.status, _as_json(answer)))
        if fault is not None:
            answer = _spoil(answer, fault)
        self._bills.bill(batch, json.loads(custom_id), key, answer.prompt, answer.completion)
        good = _told(self._number, custom_id, key, 200, answer.raw)
        output, error = _miswritten(wrong, good, custom_id), b""
        if wrong == "both":
            error = _told(self._number, custom_id, key, 500, FAULTS["500"].make({}).body)
        return Done(output, error, True, answer.prompt, answer.completion)

    def _wrong(self, key: bytes, place: int, plan: Plan) -> str:
        before = self._bills.came(key)
        told = plan.at.get(place + 1)
        if told is not None or not plan.lines.names:
            return told or ""
        return plan.lines.name(share(self._seed, key, before, "line")) or ""

    def _answer(self, body: bytes) -> Answer | Reply:
        asked = self._replies.read(body)
        if isinstance(asked, Reply):
            return asked
        try:
            return self._replies.answer(asked)
        except RecursionError:
            return as_error(400, "the messages nest too deeply", "invalid_messages")


def leftover(number: int, line: bytes, code: str) -> bytes:
    """The error file's line for one that was never worked on."""
    return undone(number, bytes(_DECODER.decode(line).custom_id), code)


def undone(number: int, custom_id: bytes, code: str) -> bytes:
    """A line without a response."""
    said = json.dumps({"code": code, "message": UNDONE[code]}).encode()
    return b'{"id": "batch_req_mock_%d", "custom_id": %s, "response": null, "error": %s}\n' % (number, custom_id, said)


def _told(number: int, custom_id: bytes, key: bytes, status: int, body: bytes) -> bytes:
    return (
        b'{"id": "batch_req_mock_%d", "custom_id": %s, "response": {"status_code": %d, "request_id": "req-mock-%s", '
        b'"body": %s}, "error": null}\n'
    ) % (number, custom_id, status, key.hex()[:12].encode(), body)


def _as_json(reply: Reply) -> bytes:
    """A proxy's page is no JSON; a batch tells of it in an error of its own."""
    if "json" in reply.headers.get("Content-Type", ""):
        return reply.body
    return as_error(reply.status, "The mock server had an error, on purpose.", None, "server_error").body


def _spoil(answer: Answer, fault: Fault) -> Answer:
    completion = json.loads(answer.raw)
    made = fault.make(completion)
    usage = completion["usage"]
    return answer._replace(raw=made.body, prompt=usage["prompt_tokens"], completion=usage["completion_tokens"])


def _miswritten(wrong: str, line: bytes, custom_id: bytes) -> bytes:
    """What stands in the output for a line that should be there once and whole."""
    named = b'"custom_id": ' + custom_id + b", "
    if wrong == "missing":
        return b""
    if wrong == "twice":
        return line + line
    if wrong == "unknown":
        return line + line.replace(named, b'"custom_id": "mock-nobody-%d", ' % len(line), 1)
    if wrong in ("torn", "glued"):
        return line[: len(line) // 2] + (b"\n" if wrong == "torn" else b"")
    if wrong == "nameless":
        return line.replace(named, b"", 1)
    return line
