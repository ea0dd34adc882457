"""The faults that are paid for and arrive, but with something wrong inside. Each is one function under `@spoiled`.

They take the completion as it should have been, which is theirs to change, and give the reply that is sent instead.
What they leave as its usage is what is billed.
"""

from __future__ import annotations

import re
from typing import Any

from datagen.llm.base import MOCK_NAME
from datagen.mockserver.faults import Completion, Reply, as_html, as_json, spoiled

_GRAMMAR = re.compile(r"^(?:===|Question:|Answer:)\n?", re.MULTILINE)
_STRAY = "<|im_end|>\n<|im_start|>assistant\n"


def _message(completion: Completion) -> dict[str, Any]:
    message: dict[str, Any] = completion["choices"][0]["message"]
    return message


@spoiled("garbled")
def garbled(completion: Completion) -> Reply:
    """The text without its Question:, Answer: and === lines; plain text gets a chat template's tokens in its middle."""
    message = _message(completion)
    text = message["content"]
    bare = _GRAMMAR.sub("", text)
    message["content"] = bare if bare != text else text[: len(text) // 2] + _STRAY + text[len(text) // 2 :]
    return as_json(completion)


@spoiled("length")
def length(completion: Completion) -> Reply:
    """finish_reason is length, and the text ends in the middle."""
    message, usage = _message(completion), completion["usage"]
    message["content"] = message["content"][: len(message["content"]) // 2]
    completion["choices"][0]["finish_reason"] = "length"
    usage["completion_tokens"] -= usage["completion_tokens"] // 2
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    return as_json(completion)


@spoiled("refusal")
def refused(completion: Completion) -> Reply:
    """The message has a refusal and no content."""
    _message(completion).update(content=None, refusal="The mock declines this one, on purpose.")
    return as_json(completion)


@spoiled("null")
def null(completion: Completion) -> Reply:
    """The content is null."""
    _message(completion)["content"] = None
    return as_json(completion)


@spoiled("no-choices")
def no_choices(completion: Completion) -> Reply:
    """`choices` is null."""
    return as_json({**completion, "choices": None})


@spoiled("no-usage", good=True)
def no_usage(completion: Completion) -> Reply:
    """Usage is missing; the text is good."""
    return as_json({name: value for name, value in completion.items() if name != "usage"})


@spoiled("bad-usage", good=True)
def bad_usage(completion: Completion) -> Reply:
    """Usage is negative and huge; the text is good."""
    return as_json({**completion, "usage": {"prompt_tokens": -7, "completion_tokens": 10**15, "total_tokens": 10**400}})


@spoiled("wrong-model", good=True)
def wrong_model(completion: Completion) -> Reply:
    """Another model says it answered; the text is good."""
    return as_json({**completion, "model": f"{MOCK_NAME}-other"})


@spoiled("empty")
def empty(_completion: Completion) -> Reply:
    """200 with nothing in it."""
    return as_json(None)._replace(body=b"")


@spoiled("html")
def html(_completion: Completion) -> Reply:
    """200 with a proxy's HTML page."""
    return as_html(200, "Please sign in to this network")


@spoiled("truncate")
def truncated(completion: Completion) -> Reply:
    """The JSON stops in the middle; Content-Length agrees with that."""
    reply = as_json(completion)
    return reply._replace(body=reply.body[: len(reply.body) // 2])
