"""What we say of a file is what `load_dataset("json")` did with it, in an old version and in a new one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import datagen.checks.every  # noqa: F401
from datagen.checks.base import of_kind
from datagen.checks.sample import Sample, sample
from datagen.checks.trainers.common import worst
from datagen.checks.trainers.hf import LIMIT, Kinds, kinds
from tests.trainers.hf_files import FILES
from tests.trainers.record_hf import TOLD, outcome
from tests.trainers.test_outcomes import SOUND, shown

OUTCOMES: dict[str, dict[str, str]] = json.loads(TOLD.read_text("ascii"))
ONLY_BEFORE, ONLY_SINCE = {"T901"}, {"T905"}
CASES = [(version, name) for version, told in OUTCOMES.items() for name in told]


def old(version: str) -> bool:
    return tuple(int(part) for part in version.split(".")[:2]) < (4, 7)


def predicted(records: list[Any], version: str) -> str:
    left_out = ONLY_SINCE if old(version) else ONLY_BEFORE
    found = [check for check in of_kind("file") if check.target == "hf" and check.code not in left_out]
    return worst(check.does for check in found if any(_seen(check.run(), records)))


def _seen(judge: Any, records: list[Any]) -> Iterator[Any]:
    for number, each in enumerate(records):
        judge.see(sample(number, each))
    yield from judge.end()


@pytest.mark.parametrize(("version", "name"), CASES)
def test_we_say_what_it_did(version: str, name: str) -> None:
    assert predicted(FILES[name], version) == OUTCOMES[version][name]


@pytest.mark.parametrize("version", OUTCOMES)
def test_each_has_seen_all_files(version: str) -> None:
    assert list(OUTCOMES[version]) == list(FILES)


@pytest.mark.slow
def test_the_installed_one_does_what_was_recorded() -> None:
    datasets = pytest.importorskip("datasets", reason="`datasets` is not installed: pip install datagen[hf]")
    same = next(version for version in OUTCOMES if old(version) == old(datasets.__version__))
    names = [name for at, name in enumerate(FILES) if at % 6 == 0 or not name.startswith("beside")]
    assert {name: outcome(FILES[name]) for name in names} == {name: OUTCOMES[same][name] for name in names}


@pytest.mark.parametrize("name", SOUND)
def test_of_a_sound_record_its_summary_says_enough(name: str) -> None:
    proven = kinds(Sample(0, {}, None, (), None, SOUND[name]))
    found = kinds(sample(0, shown("hf")[name]))
    assert {(path, kind) for path, kind in found if kind != "json"} == proven


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("beside")])
def test_parts_of_a_file_looked_at_apart_say_the_same(name: str) -> None:
    samples = [sample(number, each) for number, each in enumerate(FILES[name])]
    for check in of_kind("file"):
        if check.target != "hf":
            continue
        whole, first, second = check.run(), check.run(), check.run()
        for number, each in enumerate(samples):
            whole.see(each)
            (second if number else first).see(each)
        first.merge(second)
        assert sorted(map(repr, first.end())) == sorted(map(repr, whole.end()))


def test_memory_does_not_follow_the_records() -> None:
    seen = Kinds()
    for number in range(LIMIT * 2):
        seen.see(sample(number, {"id": str(number), "meta": {f"k{number}": 1}}))
    assert len(seen.counts) == LIMIT


def test_the_finding_stands_at_the_first_of_the_rarer_kind() -> None:
    check = next(check for check in of_kind("file") if check.code == "T901")
    found = list(_seen(check.run(), [{"id": "a"}, {"id": "b"}, {"id": 7}, {"id": 8}, {"id": "c"}]))
    assert [each.number for each in found] == [2]
    assert "`id` is a text in 3, a number in 2 records" in found[0].seen.message
