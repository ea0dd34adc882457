"""A request's body → what it asks for and the completion for it, read once and written once.

In stock, whatever begins with the same bytes as an earlier request, up to its last user message, gets that request's
answer: the cost of reading and writing is then paid once a task. It knows nothing of HTTP.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from datagen.llm.base import MOCK_NAME
from datagen.llm.mock.backend import complete
from datagen.mockserver.faults import Reply, as_error

_UNTOLD = 256  # tokens that a completion is taken for where the request sets no limit
_SHELVES = 1024
_LAST_USER = b'"user"'


class Answer(NamedTuple):
    """A completion, its bytes and its true cost, and how many tokens the request allowed it."""

    model: str
    allowed: int
    raw: bytes = b""
    prompt: int = 0
    completion: int = 0


class Asked(NamedTuple):
    """What a body asks for. One of `payload` and `answer` is there."""

    model: str
    estimate: int
    """Tokens it is taken for until its usage is known: its bytes over four and all that it allows."""
    payload: dict[str, Any] | None
    answer: Answer | None
    beginning: bytes | None = None


class Replies:
    """Reads requests and answers them."""

    def __init__(self, *, stock: bool) -> None:
        self._stock: dict[bytes, Answer] | None = {} if stock else None

    def read(self, body: bytes) -> Asked | Reply:
        """What is asked, or the error for what cannot be used."""
        beginning = None
        if self._stock is not None and (place := body.rfind(_LAST_USER)) > 0:
            beginning = body[:place]
            if answer := self._stock.get(beginning):
                return Asked(answer.model, _estimate(body, answer.allowed), None, answer)
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return as_error(400, "the body is not JSON", "invalid_json")
        wrong = _wrong(payload)
        if wrong is not None:
            return as_error(400, *wrong)
        return Asked(payload["model"], _estimate(body, _allowed(payload)), payload, None, beginning)

    def answer(self, asked: Asked) -> Answer:
        """The completion; an error for messages that nest too deeply is the caller's to make (RecursionError)."""
        if asked.answer is not None:
            return asked.answer
        assert asked.payload is not None
        completion = complete(asked.payload)
        usage = completion["usage"]
        raw = json.dumps(completion).encode()
        answer = Answer(
            asked.model, _allowed(asked.payload), raw, usage["prompt_tokens"], usage["completion_tokens"]
        )  # fmt: skip
        if self._stock is not None and asked.beginning is not None and len(self._stock) < _SHELVES:
            self._stock[asked.beginning] = answer
        return answer


def _wrong(payload: object) -> tuple[str, str] | None:
    if not isinstance(payload, dict) or not isinstance(payload.get("messages"), list) or not payload["messages"]:
        return "`messages` must be a list that is not empty", "invalid_messages"
    if not isinstance(payload.get("model"), str):
        return "`model` must be a string", "invalid_model"
    if payload.get("stream"):
        return f"{MOCK_NAME} does not stream", "stream_unsupported"
    return None


def _allowed(payload: dict[str, Any]) -> int:
    told = payload.get("max_completion_tokens") or payload.get("max_tokens")
    return told if type(told) is int and 0 < told < 10**9 else _UNTOLD


def _estimate(body: bytes, allowed: int) -> int:
    return -(-len(body) // 4) + allowed
