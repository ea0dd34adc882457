"""The reply grammar: what is kept of a text, what breaks it, and real replies against their author's own parse."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.records.parse import PARSERS, Ungrammatical
from datagen.schema import Turn

qa, text = PARSERS["qa"], PARSERS["text"]


def dialogue(*turns: tuple[str, str]) -> str:
    return "\n===\n".join(f"Question:\n{q}\n===\nAnswer:\n{a}" for q, a in turns)


def test_pairs_in_order() -> None:
    assert qa(dialogue(("A?", "B."), ("C?", "D.")), None) == (Turn("A?", "B."), Turn("C?", "D."))


@pytest.mark.parametrize(
    "answer",
    [
        "One paragraph.\n\nAnother.",
        "Steps:\n1. First: look.\n2. Then: go.\n\n- a\n- b",
        "Trailing blanks stay \n \nas the model wrote them.",
        "A line of ==== is no separator\n==\n====",
        "He said: Question: what? and Answer: this, within a line.",
    ],
)
def test_paragraphs_lists_blank_lines_and_colons_are_kept(answer: str) -> None:
    assert qa(dialogue(("Q?", answer)), None)[0].answer == answer


@pytest.mark.parametrize(
    "reply",
    [
        "Question:\nA?\n===\nAnswer:\nB.\n===",
        "\n\nQuestion:\nA?\n===\nAnswer:\nB.\n\n",
        "Question: A?\n===\nAnswer: B.",
        "Question:\r\nA?\r\n===\r\nAnswer:\r\nB.",
        "Question:\n\nA?\n\n===\n\nAnswer:\n\nB.",
        "  Question:\nA?\n  ===  \nAnswer:\nB.",
        "\ufeffQuestion:\nA?\n===\nAnswer:\nB.",
    ],
)
def test_white_space_around_the_grammar_does_not_matter(reply: str) -> None:
    assert qa(reply, None) == (Turn("A?", "B."),)


@pytest.mark.parametrize(
    ("reply", "says", "line"),
    [
        ("Just a text.", "===", 0),
        ("Question:\nA?\nAnswer:\nB.", "===", 0),
        ("Question:\nA?\n===\nAnswer:", "nothing follows Answer", 4),
        ("Question:\n===\nAnswer:\nB.", "nothing follows Question", 1),
        ("Answer:\nB.\n===\nQuestion:\nA?", "Question: should stand here", 1),
        ("Sure! Here it is:\n===\nQuestion:\nA?", "Question: should stand here", 1),
        ("Question:\nA?\n===\nAnswer:\nB.\n===\nQuestion:\nC?", "no answer", 7),
        ("Question:\nA?\n===\nAnswer:\nB.\n===\nAnswer:\nC.", "Question: should stand here", 7),
        ("Question:\nA?\n===\nQuestion:\nB?\n===\nAnswer:\nC.", "Answer: should stand here", 4),
        ("Question:\nA?\n===\n===\nAnswer:\nB.", "Answer: should stand here, not 'nothing'", 4),
        ("question:\nA?\n===\nanswer:\nB.", "Question: should stand here", 1),
    ],
)
def test_what_breaks_the_grammar_is_said_with_its_line(reply: str, says: str, line: int) -> None:
    with pytest.raises(Ungrammatical, match=says) as fault:
        qa(reply, None)
    assert fault.value.line == line


def test_a_description_is_the_whole_reply_under_the_question() -> None:
    assert text("  A park.\n\nTwo dogs.\n", "Describe it.") == (Turn("Describe it.", "A park.\n\nTwo dogs."),)


LINE = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=30).map(str.strip)
SAFE = LINE.filter(lambda line: line and line != "===" and not line.startswith(("Question:", "Answer:")))
VALUE = st.lists(SAFE, min_size=1, max_size=4).map("\n".join)


@given(st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=6))
def test_what_was_written_is_read(turns: list[tuple[str, str]]) -> None:
    assert list(qa(dialogue(*turns), None)) == [Turn(*turn) for turn in turns]


@given(st.text(st.sampled_from("=\n QuestionAswr:x")))
def test_any_text_is_turns_or_ungrammatical(reply: str) -> None:
    try:
        turns = qa(reply, None)
    except Ungrammatical:
        return
    assert turns
    assert all(turn.question.strip() and turn.answer.strip() for turn in turns)


def _author(shared: Path) -> dict[str, dict[str, object]]:
    with gzip.open(shared / "replies" / "mistral7b_parsed_92.json.gz") as file:
        return {str(entry["image_id"]): entry for entry in json.load(file)}


def _replies(shared: Path, name: str) -> list[dict[str, object]]:
    lines = (shared / "replies" / f"mistral7b_{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(("name", "compared"), [("conversation", 82), ("complex_reasoning", 91)])
def test_real_replies_give_their_authors_turns(shared_data: Path, name: str, compared: int) -> None:
    author = _author(shared_data)
    same = 0
    for line in _replies(shared_data, name):
        theirs = author.get(str(line["image_id"]), {}).get(name)
        if theirs:
            assert qa(str(line["reply"]), None) == tuple(Turn(t["Question"], t["Answer"]) for t in theirs)  # type: ignore[attr-defined]
            same += 1
    assert same >= compared


def test_real_descriptions_are_their_authors(shared_data: Path) -> None:
    author = _author(shared_data)
    for line in _replies(shared_data, "detail_description"):
        assert text(str(line["reply"]), "Q")[0].answer == author[str(line["image_id"])]["detail_description"]


def test_of_the_replies_their_author_could_not_use_only_the_cut_ones_are_grammatical(shared_data: Path) -> None:
    for line in _replies(shared_data, "unparsed"):
        if line["error"] == "parsing":
            with pytest.raises(Ungrammatical, match="==="):
                qa(str(line["text"]), None)
        else:
            assert qa(str(line["text"]), None), "cut off, yet it parses: finish_reason alone tells"
