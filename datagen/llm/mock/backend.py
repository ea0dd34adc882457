"""The mock behind the same door as any model, and the completion it answers with.

Nothing it gives can pass for a model's: the completion's `model` and `system_fingerprint` say `datagen-mock` whatever
model was asked for, and the run that keeps it is labelled from there.
"""

from __future__ import annotations

import json
from typing import Any

from datagen.llm import wire
from datagen.llm.base import MOCK_NAME
from datagen.llm.mock.writer import reply
from datagen.schema import Request, Response
from datagen.text import digest


def complete(payload: dict[str, Any]) -> dict[str, Any]:
    """A chat completion for a request's payload, in OpenAI's shape. Token counts are characters over four."""
    messages = [message for message in payload.get("messages") or () if isinstance(message, dict)]
    text, finish = _cut(reply(messages), payload)
    prompt = sum(_tokens(str(message.get("content"))) for message in messages)
    return {
        "id": f"chatcmpl-mock-{digest(json.dumps(payload, sort_keys=True))[:12]}",
        "object": "chat.completion",
        "created": 0,
        "model": MOCK_NAME,
        "system_fingerprint": MOCK_NAME,
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, "refusal": None}}
        ],
        "usage": {"prompt_tokens": prompt, "completion_tokens": _tokens(text), "total_tokens": prompt + _tokens(text)},
    }


def _cut(text: str, payload: dict[str, Any]) -> tuple[str, str]:
    """As a real model: no more than the tokens that were allowed, and `length` when that cuts the text off."""
    limit = payload.get("max_completion_tokens") or payload.get("max_tokens")
    if type(limit) is int and 0 < limit < _tokens(text):
        return text[: limit * 4], "length"
    return text, "stop"


def _tokens(text: str) -> int:
    return -(-len(text) // 4)


class MockBackend:
    """Answers in this process, at once, for nothing."""

    async def ask(self, request: Request) -> Response:
        raw = json.dumps(complete(request.payload()), ensure_ascii=False).encode()
        return wire.read(request.id, raw)

    async def aclose(self) -> None:
        return
