"""Grounding on claims of real answers that were labelled by hand, and on answers made false on purpose: what it says is
true, and what is false it finds. The labels themselves: that they stand where they say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.bench.grounding import PRECISION, RECALL, Tables, mocked, tables, told_by_people
from tests.labelled import eyes, wordings
from tests.labelled.answers import HERE, images, labels, records
from tests.labelled.corrupt import KINDS, real, templates
from tests.labelled.grounding import BARRED, MUST_FIND, NAMES, Finding, Share, Tried

ROWS = [json.loads(line) for line in (HERE / "grounding.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def tried(shared_data: Path) -> Tables:
    return tables(shared_data)


def told(findings: Iterable[Finding]) -> str:
    """What was said wrongly, to read in a failure."""
    return "\n".join(
        f"{f.record.file} {f.record.id}: {f.verdict.claim.words!r}: {f.verdict.why}"
        f" (labelled {f.label.truth}: {f.label.why})" if f.label else
        f"{f.record.file} {f.record.id}: {f.verdict.claim.words!r}: {f.verdict.why} (no label)"
        for f in findings if not f.right
    )  # fmt: skip


def test_there_are_labels_enough_each_with_its_reason_and_none_twice() -> None:
    assert len(ROWS) >= 400
    assert {row["label"] for row in ROWS} == {"true", "false", "unknown"}
    assert all(row.get("why") for row in ROWS if row["label"] != "true")
    names = ("file", "id", "turn", "part", "start", "end", "kind", "axis")
    assert max(Counter(tuple(row.get(name) for name in names) for row in ROWS).values()) == 1


def test_labels_stand_where_they_say_and_both_halves_have_some(shared_data: Path) -> None:
    there = {(each.file, each.id): each for each in records(shared_data)}
    found = labels(shared_data)
    waiting = eyes.missing()
    known = [row for row in ROWS if row["file"] not in waiting]
    assert sum(map(len, found.values())) == len(known)
    halves = Counter(there[key].held_out for key, several in found.items() for _ in several)
    assert 0.35 < halves[True] / len(known) < 0.65


def test_a_source_that_does_not_lie_there_waits_and_of_one_that_does_what_denies_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKOUTS", str(tmp_path))
    assert eyes.missing() == eyes.SOURCES.keys()
    assert not list(eyes.told())
    at = tmp_path / "aghasalim" / "vlm-hallucination-eval" / "reports"
    at.mkdir(parents=True)
    said = [("hot dog", "no"), ("apple", "yes"), ("apple", "not here")]
    probes = [{"file_name": "000000000042.jpg", "object": thing, "answer": answer} for thing, answer in said]
    (at / "baseline.json").write_text(json.dumps({"probes": probes}), "utf-8")
    assert eyes.missing() == eyes.SOURCES.keys() - {"vlm-hallucination-eval"}
    told = [each for _, each in eyes.told()]
    assert [each.turn.answer for each in told] == ["no", "not here"]
    assert [each.turn.question for each in told] == [f"Is there {a} in the image?" for a in ("a hot dog", "an apple")]
    assert [each.ident for each in told] == [f"42 blip-vqa-base {thing} neutral" for thing in ("hot-dog", "apple")]


def test_there_are_twelve_wordings_or_more_of_each_kind() -> None:
    assert len(wordings.PLACE_SIDE + wordings.RELATION_SIDE) >= 12
    assert len(wordings.PLACE_HEIGHT + wordings.RELATION_HEIGHT) >= 12
    for several in (wordings.COUNT, wordings.OBJECT, wordings.COLOUR, wordings.DENIAL, wordings.PREMISE):
        assert len(several) >= 12


def test_corruptions_differ_from_their_twins_only_in_what_is_false(shared_data: Path) -> None:
    cases = [*templates(images(shared_data)), *real(records(shared_data), labels(shared_data))]
    assert {case.kind for case in cases} == set(KINDS)
    for case in cases:
        said = getattr(case.turns[-1], case.part)
        assert case.turns != case.sound
        assert said[case.start : case.end].strip() == said[case.start : case.end] != ""


def test_corruptions_are_the_same_each_time(shared_data: Path) -> None:
    some = images(shared_data)[:200]
    assert templates(some) == templates(some)


@pytest.mark.parametrize("row", BARRED, ids=NAMES.get)
def test_what_it_says_of_real_answers_is_true(tried: Tables, row: str) -> None:
    findings = [each for each in tried.findings if each.row == row]
    assert Share(sum(each.right for each in findings), len(findings)).value >= PRECISION, told(findings)


def test_nearly_every_finding_on_a_real_answer_has_a_label(tried: Tables) -> None:
    """One without counts as wrong. A few may come with a change to the engine: read them, label them, add them."""
    without = [each for each in tried.findings if each.label is None]
    assert len(without) <= len(tried.findings) / 20, told(without)


@pytest.mark.parametrize("row", MUST_FIND, ids=NAMES.get)
def test_what_is_false_it_finds(tried: Tables, row: str) -> None:
    cases = [each for each in tried.tried if each.row == row]
    assert len(cases) > 150
    assert Share(sum(each.found for each in cases), len(cases)).value >= RECALL, lost(cases)


def lost(cases: Iterable[Tried]) -> str:
    """What was not found, to read in a failure."""
    return "\n".join(f"{each.case.turns[-1]}" for each in cases if not each.found)[:4000]


@pytest.mark.parametrize("pictures", [150, pytest.param(None, marks=pytest.mark.slow)], ids=["150", "all"])
def test_the_mock_is_never_contradicted(shared_data: Path, pictures: int | None) -> None:
    judged, against = mocked(shared_data, pictures)
    assert judged > 2 * (pictures or 2000)
    assert not against, against[:5]


def test_what_people_say_of_a_picture_is_rarely_contradicted(shared_data: Path) -> None:
    judged, against = told_by_people(shared_data, 400)
    assert judged > 1900
    assert len(against) <= judged / 100, against[:5]
