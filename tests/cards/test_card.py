"""The card: the Hub reads its front matter, people the rest, and nothing that came from outside breaks either."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.cards.card import MOCK, PERHAPS, card
from datagen.cards.facts import Facts, File, facts_of
from datagen.cards.front import front_matter, size_of, tags_of
from tests.cards.test_facts import RUN

FACTS = facts_of(RUN, license="cc-by-4.0", loading={"A trainer": "load it\n"})


def test_all_that_is_known_stands_in_it() -> None:
    text = card(FACTS)
    for words in (
        "`cc-by-4.0`", "| `conversation` | 9 |", "`a-model`", "`a-model-1`", "2026-01-02 to 2026-01-05", "$1.7500",
        "| `cut` | 2 |", "| `timeout` (failed) | 1 |", "p" * 64, "a" * 64, "### A trainer\n\n```\nload it\n```",
        f"| `llava.json` | 10 | `{'f' * 64}` |", "| seed | `0` |",
    ):  # fmt: skip
        assert words in text, words
    assert text == card(facts_of(RUN, license="cc-by-4.0", loading={"A trainer": "load it\n"}))


def test_a_licence_is_never_guessed() -> None:
    text = card(FACTS._replace(license=None))
    assert "license:" not in front_matter(FACTS._replace(license=None))
    assert "**No licence is told yet.**" in text


@pytest.mark.parametrize(
    ("told", "front"),
    [
        ("CC-BY-4.0 ", 'license: "cc-by-4.0"\n'),
        ("My own terms", 'license: "other"\nlicense_name: "My own terms"\n'),
    ],
)
def test_a_licence_that_the_hub_does_not_know_is_told_by_name(told: str, front: str) -> None:
    assert front in front_matter(FACTS._replace(license=told))


@pytest.mark.parametrize(("mock", "says", "tag"), [(True, MOCK, "mock"), (None, PERHAPS, "perhaps-mock")])
def test_mock_data_says_so_at_once_and_is_found_as_such(mock: bool | None, says: str, tag: str) -> None:
    facts = FACTS._replace(mock=mock)
    assert says in card(facts).split("##")[0]
    assert tag in tags_of(facts)
    assert MOCK not in card(FACTS)
    assert "mock" not in front_matter(FACTS)


def test_sizes_are_the_hubs_words() -> None:
    found = [size_of(n) for n in (0, 999, 1000, 10_000, 157_712, 1_000_000, 10**9)]
    assert found == ["n<1K", "n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "100M<n<1B"]


WILD = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@settings(deadline=None)
@given(WILD, WILD, WILD)
def test_whatever_is_named_the_front_matter_is_what_it_was_made_of(title: str, name: str, license: str) -> None:
    yaml = pytest.importorskip("yaml")
    facts = Facts(title, True, 3, {name: 3}, (File(name, "0" * 64, 1),), {name: name}, "0.1.0", license=license or None)
    _, front, body = card(facts).split("---\n", 2)
    told = yaml.safe_load(front)
    assert told["pretty_name"] == title
    assert told["configs"][0]["config_name"] == name
    assert told["configs"][0]["data_files"] == [{"split": "train", "path": name}]
    rows = [line for line in body.splitlines() if line.startswith("| ") and "sha256" not in line]
    assert {line.count(" | ") for line in rows} <= {1, 2}


def test_half_a_character_is_written_as_one_that_stands_for_it() -> None:
    assert 'pretty_name: "a\\ufffdb"' in front_matter(FACTS._replace(title="a\ud800b"))


@pytest.mark.parametrize("name", ["a|b", "`a`", "a\nb", "<b>", "a`|\n# x"])
def test_a_name_cannot_leave_its_cell(name: str) -> None:
    text = card(FACTS._replace(kinds={name: 1}, title=f"T {name}", files=(File(name, "0" * 64, 1),)))
    body = text.split("---\n", 2)[2]
    assert [line for line in body.splitlines() if line.startswith("#") and "x" in line[:3]] == []
    assert all(line.count("|") in (3, 4) for line in body.splitlines() if line.startswith("| `"))
    assert "<b>" not in body.replace("`<b>`", "")
