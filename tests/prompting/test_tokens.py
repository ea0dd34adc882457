"""Tokens are counted with the model's own encoding where it is OpenAI's, and marked as an estimate where it is not."""

from __future__ import annotations

import pytest

from datagen.prompting.folder import load_tasks
from datagen.prompting.tokens import Tokens, count, encoding_for

OLD, NEW = "cl100k_base", "o200k_base"


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4", OLD),
        ("gpt-4-0314", OLD),
        ("gpt-4-turbo", OLD),
        ("gpt-4-32k-0613", OLD),
        ("gpt-3.5-turbo", OLD),
        ("gpt-3.5-turbo-0125", OLD),
        ("openai/gpt-4", OLD),
        ("gpt-4o", NEW),
        ("gpt-4o-mini-2024-07-18", NEW),
        ("gpt-4.1", NEW),
        ("gpt-4.5-preview", NEW),
        ("gpt-5", NEW),
        ("chatgpt-4o-latest", NEW),
        ("o1", NEW),
        ("o3-mini", NEW),
        ("openai/gpt-4o", NEW),
    ],
)
def test_an_openai_model_has_its_own_encoding(model: str, encoding: str) -> None:
    assert encoding_for(model) == (encoding, True)


@pytest.mark.parametrize(
    "model",
    [
        "mock",
        "",
        "llama-3",
        "meta-llama/Llama-3.1-8B-Instruct",
        "claude-x",
        "gpt4all",
        "mistral-gpt-4",
        "olmo",
        "omni-1",
    ],
)
def test_any_other_model_is_an_estimate(model: str) -> None:
    assert encoding_for(model) == (NEW, False)


@pytest.mark.parametrize("model", ["EleutherAI/gpt-neox-20b", "EleutherAI/gpt-j-6b", "nomic-ai/gpt-4-imitation"])
def test_a_model_that_is_only_called_alike_is_an_estimate(model: str) -> None:
    assert encoding_for(model)[1] is False


@pytest.mark.parametrize("model", ["gpt-35-turbo", "ft:gpt-3.5-turbo:acme::abc123", "ft:gpt-4-0613:acme::abc123"])
def test_azures_and_fine_tuned_names_have_the_encoding_of_their_model(model: str) -> None:
    assert encoding_for(model) == (OLD, True)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("hello world", 2, 2),
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("\u304a\u8a95\u751f\u65e5\u304a\u3081\u3067\u3068\u3046", 9, 8),
        ("", 0, 0),
    ],
)
def test_texts_have_the_counts_that_openai_publishes(text: str, old: int, new: int) -> None:
    """The cookbook's examples (openai/openai-cookbook:examples/How_to_count_tokens_with_tiktoken.ipynb)."""
    message = [{"role": "user", "content": text}]
    assert count(message, "gpt-4") == Tokens(old + 7, OLD, exact=True)
    assert count(message, "gpt-4o") == Tokens(new + 7, NEW, exact=True)


def test_each_message_costs_its_role_and_three_more() -> None:
    message = {"role": "assistant", "content": "hello world"}
    assert [count([message] * number, "gpt-4o").number for number in range(4)] == [3, 9, 15, 21]


def test_special_tokens_in_a_text_are_text() -> None:
    assert count([{"role": "user", "content": "<|endoftext|><|im_start|>"}], "gpt-4o").number > 7 + 2


@pytest.mark.parametrize("text", ["\x00", "\U0001f600" * 50, "a" * 5000, "\n" * 500, "e\u0301", "\ufffd"])
def test_any_text_can_be_counted(text: str) -> None:
    assert 8 <= count([{"role": "user", "content": text}], "mock").number <= 7 + 4 * len(text)


def test_the_shipped_prompts_stay_short() -> None:
    """They go out with every request; a longer prompt is money for every image."""
    for task in load_tasks():
        shots = [{"role": "user", "content": text} for shot in task.shots for text in shot]
        total = count([{"role": "system", "content": task.system}, *shots], "gpt-4o")
        assert 600 < total.number < 3000
