"""Records for the checks' examples: a sound one, to be spoilt in one way at a time."""

from __future__ import annotations

from typing import Any

QUESTION = "What is the dog doing?"
ANSWER = "The dog is running after a ball."


def record(question: str = f"<image>\n{QUESTION}", answer: str = ANSWER, **more: Any) -> dict[str, Any]:
    """A record in LLaVA's form with one question and one answer; a member given as `...` is left out."""
    whole: dict[str, Any] = {
        "id": "000000033471-conversation-0",
        "image": "train2017/000000033471.jpg",
        "conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": answer}],
    }
    return {key: value for key, value in {**whole, **more}.items() if value is not ...}


def dialogue(*values: str, roles: tuple[str, str] = ("human", "gpt")) -> dict[str, Any]:
    """A record in LLaVA's form with these values by turns."""
    return record(conversations=[{"from": roles[n % 2], "value": value} for n, value in enumerate(values)])


def chat(*contents: Any, images: Any = ("train2017/000000033471.jpg",), **more: Any) -> dict[str, Any]:
    """A record of chat messages with these contents by turns of user and assistant."""
    messages = [{"role": ("user", "assistant")[n % 2], "content": content} for n, content in enumerate(contents)]
    whole: dict[str, Any] = {
        "id": "000000033471-conversation-0",
        "images": images if images is ... else list(images),
        "messages": messages,
    }
    return {key: value for key, value in {**whole, **more}.items() if value is not ...}


def parts(text: str, image: bool = False) -> list[dict[str, Any]]:
    """A message's content as typed parts, with both keys in each, as old and new `datasets` want them."""
    return [{"type": "image", "text": None}] * image + [{"type": "text", "text": text}]
