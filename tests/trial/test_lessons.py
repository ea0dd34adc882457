"""Which records are taught, which are left out and why, and which only the picture tells apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.sources.files import Source
from datagen.trial.lessons import Lesson, Pool, Refused, alike, lessons, swaps

Write = Callable[[str, Any], Path]


def record(id: str, question: str, answer: str, image: str = "a.png") -> dict[str, Any]:
    said = [{"from": "human", "value": f"<image>\n{question}"}, {"from": "gpt", "value": answer}]
    return {"id": id, "image": image, "conversations": said}


def read(path: Path) -> list[Lesson | Refused]:
    return list(lessons(Source(path, named=True)))


def taught(path: Path) -> list[Lesson]:
    return [each for each in read(path) if isinstance(each, Lesson)]


def test_each_record_is_a_lesson_or_refused_by_the_check_that_foretells_it(write: Write) -> None:
    good, other, silent = record("1", "What?", "A dog."), record("2", "What?", "A cat."), record("3", "What?", "")
    other["conversations"][0]["from"] = "user"
    found = read(write("llava.json", [good, other, silent, {"id": 4}]))
    assert [each.why if isinstance(each, Refused) else each.found for each in found] == [
        "", "T103 unknown-role", "T110 empty-value", "T101 no-dialogue",
    ]  # fmt: skip


def test_a_line_that_is_no_json_is_refused_and_the_others_are_read(write: Write) -> None:
    lines = '{"id": "1", "image": "a.png", "conversations": []}\n{"id": \n'
    assert [type(each) for each in read(write("x.jsonl", lines))] == [Refused, Refused]


def test_a_picture_that_nothing_asks_for_is_told(write: Write) -> None:
    blind = record("1", "What?", "A dog.")
    blind["conversations"][0]["value"] = "What?"
    (found,) = taught(write("llava.json", [blind]))
    assert found.unseen
    assert not found.found


def test_a_pool_is_the_same_whatever_the_order(write: Write) -> None:
    path = write("llava.json", [record(str(n), f"What is {n}?", f"It is {n}.", f"{n}.png") for n in range(300)])
    found = taught(path)
    shuffled = random.Random(1).sample(found, len(found))
    drawn = []
    for order in (found, shuffled):
        pool = Pool(4, seed=3)
        for each in order:
            pool.add(each)
        drawn.append([each.id for each in pool.drawn()])
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 4
    assert drawn[0] != [each.id for each in found[:4]]


def test_pairs_that_only_the_picture_tells_apart_come_first_for_half_of_them(write: Write) -> None:
    lone = [record(str(n), f"What is {n}?", f"It is {n}.", f"{n}.png") for n in range(60)]
    pair = [record("p", "And here?", "A dog.", "p.png"), record("q", "And here?", "A cat.", "q.png")]
    pool = Pool(4, seed=0)
    for each in taught(write("llava.json", [*lone, *pair])):
        pool.add(each)
    assert {each.id for each in pool.drawn()} >= {"p", "q"}
    assert len(pool.drawn()) == 4


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (record("2", "What?", "A cat.", "b.png"), ["1", "2"]),
        (record("2", "What?", "A dog.", "b.png"), []),
        (record("2", "What?", "A cat.", "a.png"), []),
        (record("2", "Where?", "A cat.", "b.png"), []),
    ],
    ids=["another picture and answer", "the same answer", "the same picture", "another question"],
)
def test_what_is_alike(write: Write, second: dict[str, Any], found: list[str]) -> None:
    both = taught(write("llava.json", [record("1", "What?", "A dog."), second]))
    assert [each.id for each in alike(both)] == found
    assert [(one.id, other.id) for one, other in swaps(both)] == ([("1", "2"), ("2", "1")] if found else [])


def test_a_file_that_is_no_json_is_refused_with_its_place(write: Write) -> None:
    with pytest.raises(datagen.InputError, match=r"x\.json"):
        read(write("x.json", "nonsense"))
