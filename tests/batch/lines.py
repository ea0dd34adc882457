"""Lines of results as a provider may write them, and a count of what must come of them that knows nothing of ours."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


def completion(text: str) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text, "refusal": None}}
    return {"id": "c", "model": "m", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


def answer(custom_id: str, text: str = "A dog.") -> bytes:
    """A line that answers."""
    reply = {"status_code": 200, "request_id": "r", "body": completion(text)}
    return dumped({"id": "l", "custom_id": custom_id, "response": reply, "error": None})


def error(custom_id: str, status: int = 500) -> bytes:
    """A line of a request that was run and failed."""
    reply = {"status_code": status, "request_id": "r", "body": {"error": {"message": "no", "code": None}}}
    return dumped({"id": "l", "custom_id": custom_id, "response": reply, "error": None})


def not_run(custom_id: str, code: str = "batch_expired") -> bytes:
    """A line of a request that was not run."""
    return dumped({"custom_id": custom_id, "response": None, "error": {"code": code, "message": "too late"}})


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


class Count(NamedTuple):
    """What must come of some lines."""

    answered: frozenset[str]
    failed: frozenset[str]
    missing: frozenset[str]
    unknown: int
    duplicate: int
    torn: int
    strange: int


def counted(asked: list[str], lines: list[bytes]) -> Count:
    """The same from first principles, in no order."""
    answered, failed, seen = set(), set(), []
    unknown = torn = strange = 0
    for line in lines:
        try:
            told = json.loads(line)
        except ValueError:
            torn += 1
            continue
        name = told.get("custom_id") if isinstance(told, dict) else None
        if not isinstance(name, str) or not (told.get("response") or told.get("error")):
            strange += 1
        elif name not in asked:
            unknown += 1
        else:
            seen.append(name)
            (answered if (told.get("response") or {}).get("status_code") == 200 else failed).add(name)
    return Count(
        frozenset(answered), frozenset(failed - answered), frozenset(asked) - set(seen),
        unknown, len(seen) - len(set(seen)), torn, strange,
    )  # fmt: skip
