"""One question all over a file, a type hardly there, answers of quite another length."""

from __future__ import annotations

import pytest

from datagen.checks.examples import record
from datagen.checks.quality import frequent
from tests.checks.quality.seeing import numbers, saying, seen, shown_to


def asking(*questions: str) -> list[dict[str, object]]:
    return [record(f"<image>\n{question}", id=str(n)) for n, question in enumerate(questions)]


def test_a_question_that_is_half_of_all_is_told() -> None:
    (found,) = seen("Q004", asking(*["What is this?"] * 60, *(f"Is it {n}?" for n in range(60))))
    assert found.number is None
    assert "'what is this?' is 50% of all questions (60 of 120)" in found.seen.message


def test_of_two_questions_one_can_be_asked_too_often() -> None:
    (found,) = seen("Q004", asking(*["What is this?"] * 99, "Why?"))
    assert "99% of all questions" in found.seen.message
    (found,) = seen("Q004", asking(*["What is this?"] * 100))
    assert "one and the same question" in found.seen.message


@pytest.mark.parametrize("wordings", [2, 3, 11])
def test_some_wordings_asked_about_as_often_are_as_llava_has_them(wordings: int) -> None:
    assert not seen("Q004", asking(*(f"Describe {n % wordings}." for n in range(400))))


def test_few_questions_are_too_few() -> None:
    assert not seen("Q004", asking(*["What is this?"] * 99))


def test_the_table_stays_small_and_keeps_what_is_frequent() -> None:
    check = shown_to("Q004", asking(*("Why?" if n % 4 == 0 else f"Is it {n}?" for n in range(30_000))))
    assert len(check._counts) <= 2 * frequent._KEPT
    (found,) = check.end()
    assert "'why?' is 25% of all" in found.seen.message


def test_types_told_by_ids() -> None:
    def typed(*kinds: str) -> list[dict[str, object]]:
        return [record(id=f"{n:012d}-{kind}-0") for n, kind in enumerate(kinds)]

    (found,) = seen("Q005", typed(*["conversation"] * 300, *["complex_reasoning"] * 3))
    assert found.seen.message == "only 3 of 303 records are of the type complex_reasoning"
    assert not seen("Q005", typed(*["conversation"] * 300))
    assert not seen("Q005", typed(*["conversation"] * 40, "complex_reasoning"))
    assert not seen("Q005", typed(*["conversation"] * 300, *(f"a{chr(97 + n)}" for n in range(20))))


def test_odd_lengths_are_told_with_their_places() -> None:
    usual = ["A dog is running over the wet grass after a red ball. " * (8 + n % 5) for n in range(100)]
    found = seen("Q006", saying(*usual[:50], "A dog.", *usual[50:], "A dog is running. " * 1000))
    assert [(each.number, each.seen.where) for each in found] == [
        (50, "conversations[1].value"),
        (101, "conversations[1].value"),
    ]
    assert found[0].seen.message.startswith("6 characters; 95 % of the answers have at least")
    assert found[1].seen.message.startswith("18,000 characters; 95 % of the answers have at most")


def test_words_among_sentences_are_not_odd() -> None:
    assert not seen("Q006", saying(*(["Yes.", "A dog is running over the grass after a ball.", "2"] * 60)))


def test_at_most_twenty_of_either_end_are_told() -> None:
    usual = ["A dog is running over the wet grass after a red ball. " * 8] * 2000
    found = seen("Q006", saying(*usual, *["A."] * 50))
    assert numbers(found) == list(range(2000, 2020))
