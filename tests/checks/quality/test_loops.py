"""A model that got stuck is told, wherever it did; what people repeat by right is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.checks.base import CHECKS, Seen
from datagen.checks.examples import record
from datagen.checks.sample import sample

SOUND = (
    "The photo shows a brown dog running over wet grass after a red ball. Two children in yellow coats are watching "
    "from a wooden bench under tall trees, and behind them some cars stand along a quiet street."
)


def seen(code: str, answer: str) -> list[Seen]:
    return list(CHECKS[code].run(sample(0, record(answer=answer)).said))


@settings(deadline=None)
@given(
    before=st.sampled_from(["", "The dog runs. ", SOUND + " "]),
    unit=st.sampled_from([" and a red ball", "The dog is running over the grass. ", " a man, a woman,", "\n- a cup"]),
    times=st.integers(9, 60),
    after=st.sampled_from(["", " The end.", " and a"]),
)
def test_what_goes_round_is_told_wherever_it_begins(before: str, unit: str, times: int, after: str) -> None:
    (found,) = seen("Q007", before + unit * times + after)
    assert found.words.strip() in (unit * 2)
    assert found.where == "conversations[1].value"


def test_a_sentence_that_comes_back_again_and_again_is_told() -> None:
    (found,) = seen("Q007", "".join(f"There is a dog in the image. It is dog {n}. " for n in "abcdef"))
    assert found.words == "there is a dog in the image"


@pytest.mark.parametrize(
    "answer",
    [
        SOUND,
        "It is a very, very, very, very long dog on a very, very long bench in a very, very quiet street.",
        "| name | age |\n" + "| --- | --- |\n" * 3 + "| Rex | 3 |\n" * 9,
        "```\n" + "print('again')\n" * 9 + "```",
        "-" * 200,
        "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "There is a chair on the left. There is a chair on the right. There is a table, and there is a lamp above.",
        "First, wash the apples. Then, wash the pears. Then, wash the plums. Last, wash your hands and the table.",
    ],
)
def test_what_is_repeated_by_right_is_not(answer: str) -> None:
    assert not seen("Q007", answer)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=400) | st.text("ab \ud800.|红", max_size=400))
def test_whatever_the_text_what_is_told_is_in_it(answer: str) -> None:
    for found in seen("Q007", answer):
        assert answer.lower().count(found.words.strip().lower()) >= 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("The dog is running after a红色 ball on the grass.", "a红色"),
        ("The dоg is running after a red ball.", "dоg"),
        ("Two children are watchingの from a bench.", "watchingの"),
    ],
)
def test_words_of_two_scripts(answer: str, words: str) -> None:
    (found,) = seen("Q009", answer)
    assert found.words == words
    assert re2_finds(CHECKS["Q009"].scent, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "The café façade is by Dvořák and Ångström; the naïve dog costs 5µm, 3 kΩ and a Δx of αβ.",
        "The sign reads 'T恤衫' and “USB线” in red letters (the sign of a shop).",
        "这件T恤是红色的，上面写着USB线和iPhone手机的字样。",
        "The dog's name is Собака, which is Russian for dog.",
    ],
)
def test_words_of_one_script_or_in_quotation_marks(answer: str) -> None:
    assert not seen("Q009", answer)


def re2_finds(scent: str, text: str) -> bool:
    re2 = pytest.importorskip("re2")
    options = re2.Options()
    options.case_sensitive = False
    return re2.compile(scent, options).search(text) is not None
