"""Checks of an answer as it came, with texts that trip each and texts that look like it and must not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.checks import every, shape  # noqa: F401
from datagen.checks.base import CHECKS, Subject
from datagen.checks.replies import judge_reply, judge_turns
from datagen.schema import ImageContext, Query, Response, Shot, Task, Turn
from datagen.text import one_line

TASK = Task(
    name="conversation",
    description="",
    system="You look at a picture and talk about it with a friend, and this line is long enough to tell.",
    shots=(
        Shot(
            "A cat.",
            "Question:\nQ?\n===\nAnswer:\nThe cat has been lying on this very window sill since the early morning.",
        ),
    ),
    questions=(),
    sees=("captions", "boxes"),
    needs=("captions",),
    reply="qa",
    pairs=(1, 3),
)
IMAGE = ImageContext(
    image_id="1", file_name="1.jpg", width=9, height=9, captions=("A dog runs.", "A dog in a park."), boxes=()
)
CONTEXT = "A dog runs.\nA dog in a park.\n\ndog: [0.1, 0.2, 0.3, 0.4]"


def subject(text: str, finish: str | None = "stop", refusal: str | None = None) -> Subject:
    query = Query(id="1-conversation-0-aa", task="conversation", image=IMAGE, question=None, draw=0, digest="aa")
    return Subject(query, TASK, Response(query_id=query.id, text=text, finish=finish, refusal=refusal), CONTEXT)


def reasons(text: str, **more: str | None) -> list[str]:
    return [finding.check for finding in judge_reply(subject(text, **more)) if finding.level == "error"]


def of_turns(*turns: tuple[str, str]) -> list[str]:
    return [finding.check for finding in judge_turns(subject("x"), tuple(Turn(*turn) for turn in turns))]


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I am sorry, I am unable to describe this image.",
        "Sorry, but I cannot help with that.",
        "I apologize, but I can’t see the image.",
        "I cannot view images.",
        "I'm unable to see the picture.",
        "As an AI language model, I cannot see images.",
        "Unfortunately, I cannot view images, so I cannot describe it.",
        "I don't have the ability to see images.",
        "I do not have access to the image you mention. Please provide it.",
        "I must decline to describe this image.",
        "I'm sorry, but I don't see an image.",
        "I'm sorry, but as a text-based AI language model without vision, I am unable to do that.",
        "Question:\nWhat is it?\n===\nAnswer:\nI'm sorry, but I can't assist with that request.",
        "Question:\nWhat is it?\n===\nAnswer:\nAs an AI language model, I do not see.",
    ],
)
def test_refusals(text: str) -> None:
    assert reasons(text) == ["refused"]


@pytest.mark.parametrize(
    "text",
    [
        "No, there is no dog in the picture.",
        "The man is not able to reach the shelf.",
        "A sorry-looking dog cannot get through the fence.",
        "Question:\nCan the dog get in?\n===\nAnswer:\nNo, it cannot; the gate is shut.",
        "I can see a park. The dog is not on a leash.",
        "An apology card stands on the table.",
        "I can't help but smile at this picture: two dogs share a sofa.",
        "Sorry signs like these mean that you can't park here.",
        "Question:\nA dog?\n===\nAnswer:\nI can't see a dog in the picture.",
        "Question:\nHis face?\n===\nAnswer:\nI cannot see his face, but his posture suggests that he is relaxed.",
        "Question:\nWhich?\n===\nAnswer:\nI'm unable to tell the exact breed, but it looks like a terrier.",
    ],
)
def test_a_no_is_no_refusal(text: str) -> None:
    assert reasons(text) == []


def test_the_providers_own_words_for_it() -> None:
    assert reasons("", refusal="I can't help with that.") == ["refused"]
    assert reasons("", finish="content_filter") == ["refused"]


def test_cut_comes_before_everything_else() -> None:
    assert reasons("Question:\nA?\n===\nAnswer:\nB", finish="length") == ["cut"]


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u200e"])
def test_empty(text: str) -> None:
    assert reasons(text) == ["empty"]


@pytest.mark.parametrize(
    "text",
    [
        CONTEXT,
        "Here is what I see:\nA dog runs.\nA dog in a park.",
        "Question:\nQ?\n===\nAnswer:\nThere is a dog.\ndog: [0.1, 0.2, 0.3, 0.4]",
        TASK.system,
        f"Of course. {TASK.system} Here we go.",
        TASK.shots[0].reply,
    ],
)
def test_echoes(text: str) -> None:
    assert reasons(text) == ["echo"]


@pytest.mark.parametrize(
    "text", ["A dog runs.", "A dog runs. A dog in a park.", "Scores: [1, 2, 3, 4]", "cat: [a, b, c, d]"]
)
def test_a_sentence_of_a_caption_is_no_echo(text: str) -> None:
    assert reasons(text) == []


@pytest.mark.parametrize(
    "token",
    ["</s>", "<s>", "<image>", "<video>", "[INST]", "[/INST]", "<<SYS>>", "<|im_start|>", "<|im_end|>", "<|endoftext|>",
     "ASSISTANT:", "USER:", "<im_patch>", "<image-placeholder>", "<unk>", "<start_of_turn>", "<|vision_start|>"],
)  # fmt: skip
def test_special_tokens(token: str) -> None:
    assert of_turns(("Q?", f"Some {token} text.")) == ["special-token"]
    assert of_turns((f"Some {token} text?", "A.")) == ["special-token"]


@pytest.mark.parametrize(
    "text", ["a < b and b > c", "an assistant: me", "the <- arrow ->", "User: me", "a|b", "[instead]", "<3"]
)
def test_what_only_looks_like_one(text: str) -> None:
    assert of_turns(("Q?", text)) == []


@pytest.mark.parametrize(
    ("pattern", "code"),
    [(shape._SPECIAL, "S001"), (shape._SWALLOWED, "S004"), (shape._DOUBLED, "S005")],
    ids=["special", "swallowed", "doubled"],
)
@given(data=st.data())
def test_whatever_a_pattern_finds_is_looked_for(pattern: re.Pattern[str], code: str, data: st.DataObject) -> None:
    turn = Turn("Q?", data.draw(st.from_regex(pattern)))
    assert code in {finding.code for finding in judge_turns(subject("x"), (turn,))}


@given(st.text(alphabet=" \n\t.aé\u0301\x07\u202e"), st.text(alphabet=" \n\t.aé\u0301\x07\u202e"), st.data())
def test_a_copied_line_is_found_whatever_stands_around_it(before: str, after: str, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from([TASK.system, TASK.shots[0].reply.splitlines()[-1]]))
    folded = data.draw(st.sampled_from(["\n", "  ", " \t", " \x07"]))
    found = reasons(before + line.replace(" ", folded, 3) + after)
    copied = one_line(line) in one_line(before + line.replace(" ", folded, 3) + after)
    assert ("echo" in found) == copied


def test_leftover_labels() -> None:
    assert of_turns(("Q?", "Yes.\nQuestion:\nAnd?\nAnswer:\nNo.")) == ["swallowed", "doubled-label"]
    assert of_turns(("Q?", "Yes.\n===")) == ["swallowed"]
    assert of_turns(("Q?", "Yes.\n**Question:** What is it?\n**Answer:** A cat.")) == ["swallowed", "doubled-label"]
    assert of_turns(("Q?", "Yes.\n\nQ: What is it?\nA: A cat.")) == ["swallowed"]
    assert of_turns(("Q?", "Yes.\n### Human: More?\n### Assistant: No.")) == ["swallowed"]
    assert of_turns(("Q?", "Three kinds:\n- Human: two of them\n- Dog: one")) == []
    assert of_turns(("Q?", "Yes.\nAnswer:\nNo.")) == ["doubled-label"]
    assert of_turns(("Q?", "Yes. Answer: no. Question: why? ====")) == []


def test_number_of_pairs() -> None:
    assert of_turns(*[("Q?", "A.")] * 3) == []
    assert of_turns(*[("Q?", "A.")] * 4) == ["pairs"]


def test_codes_and_names_are_unique_and_each_check_says_what_it_is_for() -> None:
    checks = list(CHECKS.values())
    assert len({check.code for check in checks}) == len({(check.name, check.target) for check in checks}) == len(checks)
    assert all(check.about.endswith(".") for check in checks)


@pytest.mark.parametrize("name", ["conversation", "complex_reasoning", "detail_description"])
def test_none_of_the_real_replies_is_taken_for_an_echo_or_a_refusal(shared_data: Path, name: str) -> None:
    lines = (shared_data / "replies" / f"mistral7b_{name}.jsonl").read_text("utf-8").splitlines()
    wrong = [found for line in lines for found in reasons(json.loads(line)["reply"])]
    assert wrong == []
