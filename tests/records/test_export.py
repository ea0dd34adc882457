"""The shapes that trainers read, record by record."""

from __future__ import annotations

import json

import pytest

from datagen.records.export import EXPORTS
from datagen.schema import Record, Turn

RECORD = Record(
    id="000000000007-conversation-0",
    query_id="000000000007-conversation-0-abcdef12",
    task="conversation",
    image="train2017/000000000007.jpg",
    turns=(Turn("What is it?", "A dog."), Turn("Where?", "In a park.")),
    findings=(),
)


def test_llava_shape() -> None:
    assert EXPORTS["llava.json"](RECORD, "first", 0) == {
        "id": "000000000007-conversation-0",
        "image": "train2017/000000000007.jpg",
        "conversations": [
            {"from": "human", "value": "<image>\nWhat is it?"},
            {"from": "gpt", "value": "A dog."},
            {"from": "human", "value": "Where?"},
            {"from": "gpt", "value": "In a park."},
        ],
    }


def test_the_image_token_can_come_last() -> None:
    assert EXPORTS["llava.json"](RECORD, "last", 0)["conversations"][0]["value"] == "What is it?\n<image>"


def test_random_places_are_seeded_and_both_occur() -> None:
    records = [RECORD.model_copy(update={"id": str(n)}) for n in range(100)]
    first = [EXPORTS["llava.json"](r, "random", 1)["conversations"][0]["value"].startswith("<image>") for r in records]
    again = [EXPORTS["llava.json"](r, "random", 1)["conversations"][0]["value"].startswith("<image>") for r in records]
    other = [EXPORTS["llava.json"](r, "random", 2)["conversations"][0]["value"].startswith("<image>") for r in records]
    assert first == again != other
    assert 25 < sum(first) < 75


@pytest.mark.parametrize("token", ["first", "last", "random"])
def test_exactly_one_image_token_in_the_first_human_turn(token: str) -> None:
    values = [turn["value"] for turn in EXPORTS["llava.json"](RECORD, token, 3)["conversations"]]
    assert [value.count("<image>") for value in values] == [1, 0, 0, 0]


def test_messages_have_typed_parts_with_the_same_keys_everywhere() -> None:
    written = EXPORTS["messages.jsonl"](RECORD, "first", 0)
    parts = [part for message in written["messages"] for part in message["content"]]
    assert [message["role"] for message in written["messages"]] == ["user", "assistant", "user", "assistant"]
    assert parts[0] == {"type": "image", "text": None}
    assert {tuple(part) for part in parts} == {("type", "text")}
    assert written["images"] == ["train2017/000000000007.jpg"]
    assert "<image>" not in json.dumps(written)
