"""Answers in another script than the file's, and than their questions ask for."""

from __future__ import annotations

import pytest

from datagen.checks.examples import record
from datagen.checks.quality.scripts import script_of
from tests.checks.quality.seeing import numbers, saying, seen

ENGLISH = ["A dog is running over the grass after a ball."] * 40
RUSSIAN = "Собака бежит за мячом по траве."


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("A dog is running over the grass.", "Latin"),
        ("Un chien a été vu à l’été.", "Latin"),
        (RUSSIAN, "CYRILLIC"),
        ("这只狗正在草地上追着一个红色的球", "Han"),
        ("犬が赤いボールを追いかけて走っています", "Han"),
        ("개가 빨간 공을 쫓아 달리고 있습니다", "HANGUL"),
        ("Yes.", ""),
        ("5", ""),
        ("", ""),
        ("🐕" * 30, ""),
    ],
)
def test_the_script_of_a_text(text: str, script: str) -> None:
    assert script_of(text) == script


def test_an_answer_that_fell_into_another_language_is_told() -> None:
    (found,) = seen("Q008", saying(*ENGLISH, RUSSIAN))
    assert (found.number, found.seen.where) == (40, "conversations[1].value")
    assert found.seen.message == "in Cyrillic, while 97.6% of the answers are in Latin"


@pytest.mark.parametrize(
    "question", ["Что делает собака?", "Describe the image in Russian.", "What does the sign say?", "Translate it."]
)
def test_an_answer_as_it_was_asked_for_is_none(question: str) -> None:
    assert not seen("Q008", [*saying(*ENGLISH), record(question, RUSSIAN)])


def test_a_file_of_two_languages_is_none() -> None:
    assert not seen("Q008", saying(*ENGLISH, *[RUSSIAN] * 20))


def test_few_letters_are_none() -> None:
    assert not seen("Q008", saying(*ENGLISH, "Собака", "停"))


def test_beyond_twenty_they_are_counted() -> None:
    found = seen("Q008", saying(*ENGLISH * 30, *[RUSSIAN] * 50))
    assert numbers(found) == [*range(1200, 1220), None]
    assert found[-1].seen.message == "30 more answers are in Cyrillic"
