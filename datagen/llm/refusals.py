"""What the error of an OpenAI-compatible server means: the same for a request sent alone and for a line of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datagen.text import shown

if TYPE_CHECKING:
    import openai

KEY_HINT = "put the key into the environment (OPENAI_API_KEY or DATAGEN_API_KEY) or give --api-key-file"
_QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_MODERATED = ("moderation", "flagged", "content policy", "content_policy", "safety")
_TOO_LONG = ("context_length_exceeded", "context length", "context size", "maximum context", "too many tokens")


def is_quota(status: int, code: str) -> bool:
    """Whether the account has nothing left."""
    return code in _QUOTA_CODES or status == 402


def is_moderated(status: int, said: str) -> bool:
    """Whether it is this one request that is not allowed."""
    return status == 403 and any(word in said.lower() for word in _MODERATED)


def is_too_long(code: str, said: str) -> bool:
    """Whether the request is longer than the model takes."""
    return code in _TOO_LONG or any(words in said.lower() for words in _TOO_LONG)


def said_by(error: openai.APIStatusError) -> str:
    """What the server says is wrong, in one safe line, whatever form its error body has."""
    told = said(error.body)
    return told or shown(error.message, 200)


def said(body: object) -> str:
    """The same for an error's body that is at hand; empty where it says nothing."""
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message", inner) if isinstance(inner, dict) else inner
    return "" if body in (None, "") else shown(body, 200)
