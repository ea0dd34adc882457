"""A chat completion's bytes → Response. The same for the live road, the mock, and a ledger read again years later.

Compatible servers answer 200 with HTML, with no choices, with null content or without usage; none of that is an
exception here. It knows nothing of HTTP.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from datagen.schema import Answered, Failure, Response, Usage, Window
from datagen.text import shown

NOT_A_COMPLETION = "not-a-completion"


class _Message(msgspec.Struct, gc=False):
    content: str
    refusal: str | None = None


class _Choice(msgspec.Struct, gc=False):
    message: _Message
    finish_reason: str | None = None


class _Tokens(msgspec.Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct, gc=False):
    """What nearly every answer is; only these few fields are decoded."""

    choices: list[_Choice]
    model: str | None = None
    usage: _Tokens | None = None


_SOUND = msgspec.json.Decoder(_Completion)


def answered(query_id: str, raw: bytes, request_id: str | None) -> Answered | Response:
    """The same as `read`, and less of it where `raw` is what nearly every answer is."""
    try:
        told = _SOUND.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_by_rule(query_id, raw, request_id, ())
    if not told.choices:
        return _read_by_rule(query_id, raw, request_id, ())
    usage = Usage() if told.usage is None else _usage_of(told.usage)
    return Answered(query_id, raw, told.model or None, usage, None if request_id is None else shown(request_id, 200))


def read(query_id: str, raw: bytes, request_id: str | None = None, windows: tuple[Window, ...] = ()) -> Response:
    """The answer in `raw`, or the error `not-a-completion` that says what stands there instead."""
    try:
        told = _SOUND.decode(raw)
        choice, usage = told.choices[0], told.usage
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError):
        return _read_by_rule(query_id, raw, request_id, windows)
    return Response(
        query_id=query_id,
        text=choice.message.content,
        finish=choice.finish_reason or None,
        refusal=choice.message.refusal or None,
        model=told.model or None,
        usage=_usage_of(usage) if usage is not None else Usage(),
        request_id=None if request_id is None else shown(request_id, 200),
        raw=raw,
        windows=windows,
    )


def _read_by_rule(query_id: str, raw: bytes, request_id: str | None, windows: tuple[Window, ...]) -> Response:
    """The same for whatever else a server may send: field by field, each taken for what it is."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return _not_one(query_id, raw, f"no JSON: {shown(raw[:200].decode('utf-8', 'replace'), 80)}")
    choice = _choice(body)
    if choice is None:
        return _not_one(query_id, raw, f"no choices: {shown(raw[:200].decode('utf-8', 'replace'), 80)}")
    message = choice["message"]
    return Response(
        query_id=query_id,
        text=_text(message.get("content")),
        finish=_word(choice.get("finish_reason")),
        refusal=_word(message.get("refusal")),
        model=_word(body.get("model")),
        usage=_usage(body.get("usage")),
        request_id=None if request_id is None else shown(request_id, 200),
        raw=raw,
        windows=windows,
    )


def _not_one(query_id: str, raw: bytes, message: str) -> Response:
    failure = Failure(reason=NOT_A_COMPLETION, message=message, again=True, perhaps_billed=True)
    return Response(query_id=query_id, raw=raw, error=failure)


def _choice(body: object) -> dict[str, Any] | None:
    choices = body.get("choices") if isinstance(body, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) and isinstance(first.get("message"), dict) else None


def _text(content: object) -> str:
    """The content; servers that answer in parts have them joined."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return _sound(content) if isinstance(content, str) else ""


def _word(value: object) -> str | None:
    return _sound(value) if isinstance(value, str) and value else None


def _sound(text: str) -> str:
    """Without lone surrogates, which JSON can hold and no file can; the raw body keeps them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _usage_of(told: _Tokens) -> Usage:
    return Usage(_count(told.prompt_tokens), _count(told.completion_tokens))


def _usage(usage: object) -> Usage:
    counts = usage if isinstance(usage, dict) else {}
    prompt, completion = (counts.get(key) for key in ("prompt_tokens", "completion_tokens"))
    return Usage(_count(prompt), _count(completion))


def _count(tokens: object) -> int | None:
    return tokens if type(tokens) is int and 0 <= tokens < 10**9 else None
