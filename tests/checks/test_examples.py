"""Every check's own examples: the failing one gives its code, the passing one does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.checks import every  # noqa: F401
from datagen.checks.base import CHECKS, Check, of_kind
from datagen.checks.grounding import image_of, judged_as, turns_in
from datagen.checks.quality.options import EXAMPLE
from datagen.checks.sample import sample
from datagen.grounding.judge import Grounder
from datagen.judging import Judge, Plan
from datagen.records.reading import Batch

ROOT = Path(__file__).resolve().parents[2]
TARGETS = tuple(dict.fromkeys(check.target for check in CHECKS.values() if check.target))


def codes(example: object, check: Check) -> set[str]:
    """What is found in a record, or in a list of them for a check of files."""
    records = example if check.kind == "file" or isinstance(example, list) else [example]
    data = json.dumps(records).encode()
    judge = Judge(Plan(tuple(CHECKS), TARGETS, EXAMPLE))
    files = judge.fresh()
    found = {each.finding.code for each in judge.judge(Batch(0, data, 1, 0, False), files).found}
    return found | {code for code, made in files.items() if list(made.end())}


@pytest.mark.parametrize("check", of_kind("text", "record", "trainer", "file"), ids=lambda check: check.code)
def test_a_check_speaks_of_its_failing_example_and_not_of_the_passing_one(check: Check) -> None:
    assert check.code in codes(check.fails, check)
    assert check.code not in codes(check.passes, check)


@pytest.mark.parametrize("check", of_kind("grounding"), ids=lambda check: check.code)
def test_a_grounding_check_speaks_of_its_failing_example_and_not_of_the_passing_one(check: Check) -> None:
    for example, speaks in ((check.fails, True), (check.passes, False)):
        turns, places = turns_in(sample(0, example["record"]))
        grounding = Grounder(example["categories"]).ground(turns, image_of(example["image"]))
        found = list(judged_as(grounding.judged, places, of_kind("grounding")))
        assert [each.code for each, _ in found] == [check.code] * speaks
        for _, seen in found:
            said = {one.where: one.text for one in sample(0, example["record"]).said}
            assert seen.words in said[seen.where]
            assert seen.message


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.code)
def test_a_check_says_what_it_is_for(check: Check) -> None:
    assert check.about.endswith(".")
    assert "\n" not in check.about
    assert check.code[0] in "RSTLQGI"
    assert check.code[1:].isdigit()
    assert len(check.code) == 4
    assert check.name == check.name.lower()


@pytest.mark.parametrize("check", of_kind("text"), ids=lambda check: check.code)
def test_a_text_check_s_scent_is_found_in_what_it_speaks_of(check: Check) -> None:
    from datagen.checks.sound import Prover

    one = sample(0, check.fails)
    assert list(Prover([check]).scented([each.text for each in one.said])) == [0]
    assert list(check.run(one.said))


def test_every_check_that_a_reply_meets_is_there_without_the_others() -> None:
    """Else `generate` would judge by other checks than `validate`."""
    count = "import datagen.checks.replies; from datagen.checks.base import of_kind; print(len(of_kind(*KINDS)))"
    kinds = ("reply", "task", "text")
    told = subprocess.run(
        [sys.executable, "-c", count.replace("*KINDS", "'reply', 'task', 'text'")],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert int(told.stdout) == len(of_kind(*kinds))
