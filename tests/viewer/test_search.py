"""Words and filters together give what going through all samples one by one gives, page by page and in number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest

from datagen.viewer.index import Entry, Index, Words
from datagen.viewer.search import PAGE, Lists, Wanted

TASKS, STATES, CODES, CATEGORIES = ("one", "two"), ("kept", "rejected", "pending"), ("L009", "R004"), ("dog", "'cat'")
WORDS = ("often", "seldom", "never")


def _entry(n: int, dice: Random) -> Entry:
    state = dice.choices(STATES, (8, 1, 1))[0]
    said = " ".join(word for word, share in zip(WORDS, (0.9, 0.02, 0), strict=True) if dice.random() < share)
    codes = tuple(code for code in CODES if state == "rejected" and dice.random() < 0.6)
    return Entry(
        n, f"key-{n}", f"id {n}", dice.choice(TASKS), "", "", 0, state, "", 1, "answered", "", codes,
        tuple(name for name in CATEGORIES if dice.random() < 0.3), None if state == "pending" else Words("", "", said),
    )  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lists, list[Entry]]]:
    dice = Random(9)
    entries = [_entry(n, dice) for n in range(700)]
    index = Index(tmp_path_factory.mktemp("side") / "x.db")
    index.put([(each, None) for each in entries])
    with index.commit() as db:
        db.execute("UPDATE samples SET label = 'keep' WHERE n % 50 = 3")
    yield Lists(index), entries
    index.close()


def fits(each: Entry, wanted: Wanted) -> bool:
    label = "keep" if each.n % 50 == 3 else ""
    labels = {"": True, "any": bool(label), "none": not label, "keep": label == "keep"}
    return (
        all(each.words is not None and word in each.words.said for word in wanted.q.split())
        and wanted.state in ("", each.state)
        and wanted.task in ("", each.task)
        and (not wanted.check or wanted.check in each.codes)
        and (not wanted.category or wanted.category in each.categories)
        and labels[wanted.label]
    )


CHOICES = (
    ("", "often", "seldom", "often seldom", "never"), ("", *STATES), ("", "two"), ("", "L009"), ("", "'cat'"),
    ("", "any", "none"),
)  # fmt: skip


def test_words_and_filters_find_what_has_all_of_them(filled: tuple[Lists, list[Entry]]) -> None:
    lists, entries = filled
    for wanted in map(Wanted._make, product(*CHOICES)):
        numbers = [each.n for each in entries if fits(each, wanted)]
        page, count = lists.first(wanted)
        assert count == len(numbers) == lists.count(wanted), wanted
        assert [item["n"] for item in page] == numbers[:PAGE], wanted
        for n in (0, 350, 699, 10**14):
            assert lists.count(wanted, below=n) == sum(each < n for each in numbers), wanted
            assert [item["n"] for item in lists.page(wanted, n, 7)] == [each for each in numbers if each > n][:7], (
                wanted
            )
            back = [item["n"] for item in lists.before(wanted, n, 7)]
            assert back == [each for each in numbers if each < n][-7:], wanted


def test_a_filter_follows_what_changes(filled: tuple[Lists, list[Entry]]) -> None:
    lists, entries = filled
    wanted = Wanted(q="often", state="kept")
    before = lists.count(wanted)
    gone = next(each for each in entries if fits(each, wanted))
    assert gone.words is not None
    index = lists._index
    index.put([(gone._replace(state="failed", words=None), gone.words)])
    assert (lists.count(wanted), lists.count(Wanted(state="failed"))) == (before - 1, 1)
    index.put([(gone, None)])
    assert (lists.count(wanted), lists.count(Wanted(state="failed"))) == (before, 0)


@pytest.mark.parametrize("value", ["x", "' OR 1=1", "\udc80", "kept\0", "any", "0"])
def test_a_value_that_nothing_has_lets_nothing_through(filled: tuple[Lists, list[Entry]], value: str) -> None:
    lists, _ = filled
    for kind in ("state", "task", "check", "category"):
        for q in ("", "often"):
            assert lists.first(Wanted(q=q)._replace(**{kind: value.encode("utf-8", "replace").decode()})) == ([], 0)


def test_the_side_file_holds_nothing_that_no_one_made(tmp_path: Path) -> None:
    index = Index(tmp_path / "empty.db")
    assert Lists(index).first(Wanted(q="often", state="kept")) == ([], 0)
    assert Lists(index).first(Wanted(label="none")) == ([], 0)
    assert Lists(index).before(Wanted(task="one"), 5) == []
    index.close()
