"""Files judged: in order, counted once, by the same words whatever the number of processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datagen
from datagen.checks.examples import record
from datagen.rules import Wishes
from datagen.schema import Hit
from datagen.sources.files import Source
from datagen.validation import validate

Write = Callable[[str, Any], Path]
CERTAIN = record(id="a", answer=" It runs.</s>")
UNSURE = record(id="b", answer="It </s> runs.")


def told(*paths: Path, take: Callable[[Hit], bool] = lambda _hit: True, **wished: Any) -> tuple[list[Hit], Any]:
    hits: list[Hit] = []
    sources = [Source(path, named=True) for path in paths]
    verdict = validate(sources, Wishes(**wished), lambda hit: hits.append(hit) or take(hit))
    return hits, verdict


def test_what_mending_takes_away_is_told_from_what_stays(write: Write) -> None:
    hits, verdict = told(write("a.json", [CERTAIN, UNSURE, record(id="c")]), select=("S0",))
    mends = {(hit.id, hit.finding.code): hit.mends for hit in hits}
    assert mends["a", "S023"]
    assert not mends["b", "S001"]
    assert verdict.fixable == sum(hit.mends for hit in hits) > 0


def test_of_equal_findings_as_many_stay_as_cannot_be_mended(write: Write) -> None:
    hits, verdict = told(write("a.json", [record(image=["x.jpg"])]), target=("llava",), select=("T106",))
    assert [hit.mends for hit in hits] == [False], "a list of one picture stays where no other record has a text"
    assert verdict.fixable == 0


def test_ids_that_are_truth_values_are_no_repeated_ids(write: Write) -> None:
    hits, _ = told(write("a.json", [record(id=True), record(id=True), record(id="x")]), select=("S03",))
    assert hits == []
    hits, verdict = told(write("a.json", [record(id=1), record(id=1), record(id="x")]), select=("S03",))
    assert sorted(hit.finding.code for hit in hits) == ["S030", "S031"]
    assert verdict.fixable == 2


def test_what_is_not_taken_does_not_count(write: Write) -> None:
    hits, verdict = told(write("a.json", [CERTAIN]), take=lambda hit: hit.finding.code == "S001", select=("S",))
    assert len(hits) == sum(verdict.by_check.values()) + verdict.baselined
    assert set(verdict.by_check) <= {"S001"}
    assert verdict.baselined


def test_files_are_judged_one_after_the_other(write: Write) -> None:
    first, second = write("b.json", [CERTAIN]), write("a.jsonl", json.dumps(CERTAIN))
    hits, verdict = told(first, second)
    assert [*dict.fromkeys(hit.file for hit in hits)] == [str(first), str(second)] == list(verdict.files)
    assert verdict.records == 2


def test_the_face_gives_functions_also_the_second_time(write: Write, tmp_path: Path) -> None:
    path = write("a.json", [CERTAIN])
    for _ in range(2):
        with datagen.training_files([str(path)]) as files:
            assert datagen.repair(files[0], tmp_path / "b.json", datagen.wishes({}, None)).records == 1
            assert datagen.validate(files, Wishes(), lambda _hit: True).records == 1
