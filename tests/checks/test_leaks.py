"""The L checks: their examples, their precision and recall on labelled texts, and what their patterns stand on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from datagen.checks.base import Check
from datagen.checks.leftovers import EXAMPLES, INSTRUCTIONS
from datagen.checks.sample import Said, sample
from datagen.checks.wording import CANNOT
from tests.bench.precision import PRECISION, RECALL
from tests.conftest import ROOT
from tests.labelled.score import HERE, LEAKS, Unit, is_held_out, judge, own, real, said_in, score

ENOUGH = {"leaks.jsonl": 250, "clean.jsonl": 400}


def lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def wrong(units: list[Unit], kind: str | None = None) -> list[object]:
    return [
        (unit.name[:90], sorted(unit.kinds), unit.found)
        for unit in units
        if (kind in unit.found and kind not in unit.kinds if kind else unit.found and not unit.kinds)
    ]


@pytest.mark.parametrize("check", LEAKS, ids=lambda check: check.name)
def test_the_failing_example_is_told_and_the_passing_one_is_not(check: Check) -> None:
    assert list(check.run(sample(0, check.fails).said))
    assert not list(check.run(sample(0, check.passes).said))


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held-out"])
def test_own_texts_are_told_apart(held_out: bool) -> None:
    units = own(held_out)
    got = score(units)
    assert got.precision >= PRECISION, wrong(units)
    assert got.recall >= RECALL


def test_real_texts_are_told_apart(shared_data: Path) -> None:
    units = real(shared_data)
    got = score(units)
    assert got.right > 100
    assert got.precision >= PRECISION, wrong(units)
    assert got.recall >= RECALL


@pytest.mark.parametrize("check", LEAKS, ids=lambda check: check.name)
def test_each_check_is_precise(check: Check) -> None:
    units = own(False) + own(True)
    got = score(units, check.name)
    assert got.right >= 8, "labelled texts for each check"
    assert got.precision >= 0.9, wrong(units, check.name)
    assert got.recall >= 0.9


def test_nobody_is_told_of_an_error_in_llavas_own_records_but_where_the_method_shows(shared_data: Path) -> None:
    names = {check.name for check in LEAKS if check.level == "error"}
    units = [unit for unit in real(shared_data) if unit.name.startswith("llava/llava_instruct")]
    told = [unit for unit in units if names & set(unit.found)]
    assert len(told) == 5
    assert all(names & set(unit.found) <= unit.kinds for unit in told)


@pytest.mark.parametrize("name", ENOUGH)
def test_there_are_labelled_texts_enough_in_both_halves_and_none_twice(name: str) -> None:
    rows = lines(name)
    assert len(rows) >= ENOUGH[name]
    assert len({json.dumps([row.get("question"), row["text"]]) for row in rows}) == len(rows)
    assert 0.4 < sum(is_held_out(str(row["text"])) for row in rows) / len(rows) < 0.6


def test_labels_are_checks() -> None:
    names = {check.name for check in LEAKS}
    for row in lines("leaks.jsonl") + lines("real.jsonl"):
        assert row["kinds"]
        assert set(row["kinds"]) <= names  # type: ignore[call-overload]
    assert all(set(row) == {"file", "record", "message", "kinds"} for row in lines("real.jsonl"))


@pytest.mark.parametrize("check", LEAKS, ids=lambda check: check.name)
def test_the_scent_is_in_whatever_is_told(check: Check) -> None:
    scent = re2.compile(f"(?i){check.scent}")
    for row in lines("leaks.jsonl") + lines("clean.jsonl"):
        said = said_in(row)
        if list(check.run(said)):
            assert scent.search("\n".join(each.text for each in said)), row


def _one_line(path: Path) -> str:
    return " ".join(path.read_text("utf-8").split()).lower()


def _prompts(folder: Path) -> tuple[str, list[str]]:
    """All instructions as one text, and each worked example's reply."""
    return (
        " ".join(_one_line(path) for path in sorted(folder.glob("*/system_message.txt"))),
        [_one_line(path) for path in sorted(folder.glob("*/*_conv.txt"))],
    )


def test_the_phrases_are_those_of_the_prompts(shared_data: Path) -> None:
    ours, ours_shown = _prompts(ROOT / "prompts")
    theirs, theirs_shown = _prompts(shared_data / "prompts" / "llava")
    assert not [phrase for phrase in INSTRUCTIONS if phrase.lower() not in ours + theirs]
    shown = ours_shown + theirs_shown
    assert not [phrase for phrase in EXAMPLES if not any(phrase.lower() in reply for reply in shown)]
    untold = [reply[:60] for reply in shown if not any(phrase.lower() in reply for phrase in EXAMPLES)]
    assert not untold, "a worked example that nothing would be told by"


def test_each_of_our_instructions_is_told() -> None:
    for path in (ROOT / "prompts").glob("*/system_message.txt"):
        assert "prompt-echo" in judge((Said(path.read_text("utf-8"), "gpt", "a"),))["a"]
        assert not judge((Said(path.read_text("utf-8"), "system", "a"),)), "a system message may say so"


@given(
    st.lists(
        st.sampled_from(
            [
                "the ",
                "caption",
                "s ",
                "not ",
                "be ",
                "[",
                "0.1",
                ", ",
                "]",
                ". ",
                '"',
                "says ",
                "\n",
                "\ud800",
                "\x00",
                "é",
            ]
        )
    )
)
def test_any_text_is_judged(pieces: list[str]) -> None:
    text = "".join(pieces)
    for found in judge((Said(text, "gpt", "a"),)).values():
        assert all(words in text for words in found.values())


@pytest.mark.slow
def test_the_time_grows_no_faster_than_the_text() -> None:
    """A pattern that backtracks would not come back from these."""
    for piece in ("it is not possible to ", "the exact ", "described ", "without any ", "[0.1, ", "=== ", "a" * 9):
        judge((Said(piece * 5000, "gpt", "a"),))
    assert re.search(CANNOT, "cannot")
