"""What a model is told of its bad reply: each error once, in words that are short and harmless, or nothing at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.checks.base import CHECKS, of_kind
from datagen.examine import complaints, examine
from datagen.prompting.folder import load_task
from datagen.schema import Finding, ImageContext, Query, Record, Response
from datagen.shipped import shipped

TASK = load_task(shipped("prompts") / "conversation", "conversation")
IMAGE = ImageContext(image_id="1", file_name="1.jpg", width=4, height=3, captions=("A dog runs.",), boxes=())
QUERY = Query(id="1-conversation-0-d", task="conversation", image=IMAGE, question=None, draw=0, digest="d")


def told(text: str, finish: str = "stop") -> tuple[str, ...]:
    return complaints(examine(QUERY, TASK, Response(query_id=QUERY.id, text=text, finish=finish)))


def pair(answer: str) -> str:
    """A dialogue of two pairs, as the task wants them, of which this is the first answer."""
    return f"Question:\nWhat is there?\n===\nAnswer:\n{answer}\n===\nQuestion:\nWhere?\n===\nAnswer:\nOutside."


def test_each_error_is_told_with_its_place_what_it_is_and_its_words() -> None:
    (token,) = told(pair("A dog.<|im_end|>"))
    assert token.startswith("turn 1 answer: A text holds a token that means something to a trainer. '<|im_end|>' in")
    (form,) = told("A dog runs.")
    assert form.startswith("reply: It does not have the form that was asked for. no line is exactly ===")
    assert len(told(pair("The dog's bounding box is [0.12, 0.33, 0.45, 0.78].</s>"))) >= 2


@pytest.mark.parametrize(
    ("text", "finish"),
    [("Question:\nWhat", "length"), ("", "stop"), ("I'm sorry, but I can't assist with that request.", "stop"),
     (pair("dog: [0.1, 0.2, 0.3, 0.4]\ndog: [0.1, 0.2, 0.3, 0.4]"), "stop")],
)  # fmt: skip
def test_what_holds_nothing_to_mend_is_not_told(text: str, finish: str) -> None:
    assert examine(QUERY, TASK, Response(query_id="q", text=text, finish=finish)).errors
    assert told(text, finish) == ()


def test_only_checks_of_the_whole_reply_are_not_told() -> None:
    assert {check.code for check in CHECKS.values() if not check.tells} == {check.code for check in of_kind("reply")}


def test_a_good_reply_and_a_warning_are_no_complaint() -> None:
    assert told(pair("A dog is running.")) == ()
    assert told(pair("A dog.\nAnswer: A brown dog.")) == (), "S005 warns"


TEXT = st.text(st.characters(), max_size=2000)
CODES = st.sampled_from(["R004", *(check.code for check in of_kind("task", "text"))])
FINDINGS = st.builds(
    Finding, code=CODES, check=st.just("x"), level=st.just("error"), message=TEXT, where=TEXT, words=TEXT
)


@settings(deadline=None)
@given(st.lists(FINDINGS, min_size=1, max_size=20))
def test_whatever_was_found_is_told_in_a_few_short_lines(findings: list[Finding]) -> None:
    record = Record(id="1", query_id="1", task="t", image="1.jpg", turns=(), findings=tuple(findings))
    lines = complaints(record)
    assert 1 <= len(lines) <= 8
    assert len(set(lines)) == len(lines)
    assert all(len(line) < 1200 and "\x1b" not in line and "\n" not in line for line in lines)
