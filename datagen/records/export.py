"""Kept records → what trainers read. An export is one function: a Record → one JSON object.

LLaVA's shape is that of haotian-liu/LLaVA:docs/Finetune_Custom_Data.md, with what its loader silently needs
(llava/train/train.py): roles that alternate from human to gpt, one image token, no empty value. Every record has the
same keys with the same types, or Arrow-based loaders refuse the file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from datagen.registry import Registry
from datagen.schema import Record
from datagen.text import pick

ImageToken = Literal["first", "last", "random"]

EXPORTS: Registry[Callable[[Record, ImageToken, int], dict[str, Any]]] = Registry("export")
"""File of the run's folder → (record, where the image token goes, seed) → one object. `.json` is an array, `.jsonl` has
a line for each."""


@EXPORTS("llava.json")
def llava(record: Record, token: ImageToken, seed: int) -> dict[str, Any]:
    """`{"id", "image", "conversations": [{"from", "value"}]}`, the image token in the first human turn."""
    conversations = [
        {"from": role, "value": value}
        for turn in record.turns
        for role, value in (("human", turn.question), ("gpt", turn.answer))
    ]
    first = conversations[0]
    at_end = token == "last" or (token == "random" and pick(2, str(seed), "image-token", record.id) == 1)
    first["value"] = f"{first['value']}\n<image>" if at_end else f"<image>\n{first['value']}"
    return {"id": record.id, "image": record.image, "conversations": conversations}


@EXPORTS("messages.jsonl")
def messages(record: Record, _token: ImageToken, _seed: int) -> dict[str, Any]:
    """`{"id", "images", "messages"}` with typed parts, both keys in each part: loads in old and new `datasets`."""
    turns: list[dict[str, Any]] = []
    for turn in record.turns:
        turns.append({"role": "user", "content": [{"type": "text", "text": turn.question}]})
        turns.append({"role": "assistant", "content": [{"type": "text", "text": turn.answer}]})
    turns[0]["content"].insert(0, {"type": "image", "text": None})
    return {"id": record.id, "images": [record.image], "messages": turns}
