"""A completion's bytes → Response: whatever a server sends, never an exception."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.llm import wire
from datagen.schema import Usage


def completion(**message: object) -> bytes:
    return json.dumps({"model": "m", "choices": [{"finish_reason": "stop", "message": message}]}).encode()


def test_reads_text_finish_model_and_usage() -> None:
    raw = json.dumps({
        "model": "gpt-x", "usage": {"prompt_tokens": 5, "completion_tokens": 7},
        "choices": [{"finish_reason": "length", "message": {"content": "Hi", "refusal": None}}],
    }).encode()  # fmt: skip
    response = wire.read("q", raw)
    assert (response.text, response.finish, response.model) == ("Hi", "length", "gpt-x")
    assert response.usage == Usage(5, 7)
    assert response.raw == raw


def test_content_in_parts_is_joined() -> None:
    assert (
        wire.read("q", completion(content=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])).text == "ab"
    )


@pytest.mark.parametrize("content", [None, 5, [], {}, [1, 2]])
def test_content_that_is_no_text_is_an_empty_answer(content: object) -> None:
    response = wire.read("q", completion(content=content))
    assert response.error is None
    assert response.text == ""


def test_a_refusal_is_kept() -> None:
    assert wire.read("q", completion(content=None, refusal="No.")).refusal == "No."


@pytest.mark.parametrize("count", [-1, True, "7", 1e3, 10**12, None])
def test_impossible_usage_is_unknown(count: object) -> None:
    raw = json.dumps({"usage": {"prompt_tokens": count}, "choices": [{"message": {"content": "x"}}]}).encode()
    assert wire.read("q", raw).usage == Usage(None, None)


def test_lone_surrogates_are_replaced_and_kept_in_the_raw_body() -> None:
    raw = completion(content="a \ud800 b \U0001f600")
    response = wire.read("q", raw)
    assert response.text == "a \ufffd b \U0001f600"
    assert response.raw == raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage"]), inner),
)


@given(JSON)
def test_no_json_is_an_exception(value: object) -> None:
    response = wire.read("q", json.dumps(value).encode())
    assert response.error is None or response.error.reason == wire.NOT_A_COMPLETION


@given(st.binary())
def test_no_bytes_are_an_exception(raw: bytes) -> None:
    assert wire.read("q", raw).query_id == "q"


def test_nesting_without_end_is_an_error() -> None:
    assert wire.read("q", b"[" * 200_000).error is not None


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
LIKE_ONE = st.fixed_dictionaries(
    {
        "choices": st.lists(
            st.fixed_dictionaries(
                {"message": st.dictionaries(st.sampled_from(["content", "refusal", "role"]), SCALARS)},
                optional={"finish_reason": SCALARS, "index": SCALARS},
            ),
            max_size=2,
        )
    },
    optional={
        "model": SCALARS,
        "usage": st.none() | st.dictionaries(st.sampled_from(["prompt_tokens", "completion_tokens"]), SCALARS),
        "id": SCALARS,
    },
)


@given(LIKE_ONE)
def test_the_fast_way_and_the_rules_read_the_same(value: object) -> None:
    raw = json.dumps(value).encode()
    assert wire.read("q", raw) == wire._read_by_rule("q", raw, None, ())


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\U0001f600", "\x00", "é"])
def test_odd_characters_are_read_the_same_both_ways(text: str) -> None:
    raw = completion(content=text)
    assert wire.read("q", raw) == wire._read_by_rule("q", raw, None, ())
