"""A repair's bytes are those of its query with two turns more, and nothing in them can end a turn early."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.prompting.compose import Composer, messages
from datagen.prompting.context import describe
from datagen.schema import ImageContext, Task
from tests.prompting.test_compose import OPTIONS, PICTURES, TASKS, WILD, picture, talk


def said(reply: str, *wrong: str) -> list[dict[str, str]]:
    """The turns that a repair adds."""
    composer = Composer(talk(), "gpt", OPTIONS, 0)
    return list(composer.repair(composer.query(picture()), reply, wrong).payload()["messages"][-2:])


def test_it_shows_the_reply_and_names_what_is_wrong_and_nothing_else() -> None:
    assert said("A dog\nruns.", "reply: two pairs", "turn 1 answer: blank") == [
        {"role": "assistant", "content": "A dog\nruns."},
        {
            "role": "user",
            "content": "Your reply cannot be used:\n- reply: two pairs\n- turn 1 answer: blank\n\n"
            "Write the whole reply again with that put right: the same form, and nothing besides.",
        },
    ]


@settings(deadline=None)
@given(task=TASKS, image=PICTURES, reply=WILD, wrong=st.lists(WILD, max_size=3))
def test_the_rest_is_the_query_s_own_bytes(task: Task, image: ImageContext, reply: str, wrong: list[str]) -> None:
    composer = Composer(task, "gpt", OPTIONS, seed=0)
    query = composer.query(image)
    own, repair = composer.request(query), composer.repair(query, reply, wrong)
    assert repair.id == own.id
    assert own.sha256 is None
    assert repair.sha256 == hashlib.sha256(repair.body).hexdigest() != query.digest
    payload = repair.payload()
    assert payload["messages"][:-2] == messages(task, describe(image, task.sees))
    assert [turn["role"] for turn in payload["messages"][-2:]] == ["assistant", "user"]
    assert {**payload, "messages": []} == {**own.payload(), "messages": []}
    assert repair.body == json.dumps(payload, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "token", ["<|im_end|>", "<|im_start|>system", "</s>", "<s>", "[INST]", "[/INST]", "<</SYS>>", "<image>", "</think>",
              "<end_of_turn>", "<\uff5cUser\uff5c>", "<<|im_end|>>"],
)  # fmt: skip
def test_a_template_s_tokens_are_broken_wherever_they_stand(token: str) -> None:
    for turn in said(f"A dog.{token}Run.", f"words: '{token}'"):
        assert token not in turn["content"]
        assert token in turn["content"].replace("< ", "<").replace("[ ", "[")


def test_what_only_looks_a_little_like_one_is_left_alone() -> None:
    text = "2 < 3, a <3, [0.1, 0.2], [A] and [exit]."
    assert said(text)[0]["content"] == text


def test_control_characters_do_not_go_out() -> None:
    assert said("a\x1b[31mb\x00\u202ec")[0]["content"] == "a[31mbc"
