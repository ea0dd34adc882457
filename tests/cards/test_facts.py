"""What is taken from manifests: all of what they say, nothing that they do not."""

from __future__ import annotations

from typing import Any

import pytest

from datagen.cards.facts import configs_of, facts_of

RUN: dict[str, Any] = {
    "datagen": "0.1.0",
    "mock": False,
    "model": "a-model",
    "answered_by": ["a-model-1"],
    "answered": ["2026-01-02", "2026-01-05"],
    "planned": 12,
    "kept": 9,
    "kinds": {"conversation": 9},
    "rejected": {"cut": 2},
    "failed": {"timeout": 1},
    "cost": {"dollars": 1.5, "at_most_more": 0.25, "price": "a table"},
    "parameters": {"temperature": None, "seed": 0},
    "prompts": {"conversation": "p" * 64},
    "annotations": [{"file": "/home/me/captions.json", "sha256": "a" * 64}],
    "files": {"llava.json": {"sha256": "f" * 64, "bytes": 10}, "rejects.jsonl": {"sha256": "e" * 64, "bytes": 1}},
}


def export(*runs: dict[str, Any], **more: Any) -> dict[str, Any]:
    files = {"swift.jsonl": RUN["files"]["llava.json"], "parquet/0.parquet": RUN["files"]["llava.json"]}
    return {
        "datagen": "0.1.0", "mock": False, "records": 9, "kinds": {"conversation": 9}, "files": files,
        "sources": [{"file": "llava.json", "sha256": "b" * 64}], "made_by": list(runs), **more,
    }  # fmt: skip


def test_a_run_is_told_whole() -> None:
    facts = facts_of(RUN, license="cc-by-4.0")
    assert (facts.records, facts.planned, facts.rejected, facts.failed) == (9, 12, {"cut": 2}, {"timeout": 1})
    assert (facts.models, facts.answered_by) == (("a-model",), ("a-model-1",))
    assert facts.dates == ("2026-01-02", "2026-01-05")
    assert facts.dollars == 1.75
    assert facts.parameters == {"seed": 0}
    assert facts.license == "cc-by-4.0"
    assert facts.configs == {"llava": "llava.json"}


def test_whose_folders_the_annotations_are_in_is_not_told() -> None:
    assert facts_of(RUN).sources == {"captions.json": "a" * 64}


def test_of_several_runs_everything_is_added_up() -> None:
    other = {**RUN, "model": "b", "answered_by": ["b"], "answered": ["2025-12-31"], "parameters": {"seed": 1}}
    other["annotations"] = [{"file": "captions.json", "sha256": "c" * 64}]
    facts = facts_of(export(RUN, other))
    assert (facts.planned, facts.rejected, facts.dollars) == (24, {"cut": 4}, 3.5)
    assert facts.models == ("a-model", "b")
    assert facts.dates == ("2025-12-31", "2026-01-05")
    assert facts.parameters == {"seed": [0, 1]}
    assert facts.sources == {
        "llava.json": "b" * 64, "captions.json": "a" * 64, "captions.json (2)": "c" * 64,
    }  # fmt: skip
    assert facts.configs == {"parquet": "parquet/*.parquet", "swift": "swift.jsonl"}


@pytest.mark.parametrize("cost", [None, {}, {"dollars": 0, "at_most_more": 0, "price": None}])
def test_what_nobody_knows_the_cost_of_is_not_free(cost: dict[str, Any] | None) -> None:
    assert facts_of({**RUN, "cost": cost}).dollars is None
    assert facts_of(export(RUN, {**RUN, "cost": cost})).dollars is None


def test_of_a_file_that_nobody_made_here_only_the_file_is_told() -> None:
    facts = facts_of(export(mock=None))
    assert (facts.models, facts.dates, facts.planned, facts.dollars) == ((), (), None, None)
    assert facts.mock is None


def test_the_form_that_the_hub_shows_comes_first() -> None:
    assert list(configs_of(["swift.jsonl", "llava.json", "messages.jsonl"])) == ["messages", "llava", "swift"]
    assert list(configs_of(["webdataset/0.tar", "parquet/1.parquet"])) == ["parquet", "webdataset"]
    assert configs_of(["rejects.jsonl"]) == {}


def test_a_licence_that_was_told_of_every_run_holds_for_what_is_made_from_them() -> None:
    mine, other, untold = ({**RUN, "license": name} for name in ("cc-by-4.0", "mit", None))
    assert facts_of(mine).license == "cc-by-4.0"
    assert facts_of(export(mine, mine)).license == "cc-by-4.0"
    assert facts_of(export(mine, other)).license is None
    assert facts_of(export(mine, untold)).license is None
    assert facts_of(export(mine, mine), license="mit").license == "mit"
    also_a_file = [{"file": name, "sha256": "b" * 64} for name in ("llava.json", "somebody_elses.json")]
    assert facts_of(export(mine, sources=also_a_file)).license is None
