"""Mixtures: so many of each kind, the same ones whatever else is there, and what is short is named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.exporting.mixing import wished
from tests.program import Program


def some(kind: str, numbers: range) -> list[dict[str, Any]]:
    """Sound records of a kind."""
    said = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "A dog on a rug."}]
    return [{"id": f"{n:012}-{kind}-0", "image": f"{n}.jpg", "conversations": said} for n in numbers]


def drawn(path: Path, mix: str, out: Path, seed: int = 0) -> list[str]:
    """The ids that a mixture takes."""
    datagen.export([path], datagen.ExportWish(("llava",), mix=mix, seed=seed), out)
    return [each["id"] for each in json.loads((out / "llava.json").read_text())]


@pytest.mark.parametrize(("told", "found"), [
    ("conversation:58k,detail_description:23k,complex_reasoning:77k",
     {"conversation": 58_000, "detail_description": 23_000, "complex_reasoning": 77_000}),
    (" a : 1.5K , b:2M", {"a": 1500, "b": 2_000_000}), ("a-b:0", {"a-b": 0}),
])  # fmt: skip
def test_a_mixture_is_read(told: str, found: dict[str, int]) -> None:
    assert wished(told) == found


@pytest.mark.parametrize("told", ["", "a", "a:", ":3", "a:b", "a:-1", "a:1,a:2", "a:1,,b:2"])
def test_what_is_no_mixture_is_refused(told: str) -> None:
    with pytest.raises(datagen.SetupError, match="--mix"):
        wished(told)


def test_so_many_of_each_kind_in_their_order(records: Callable[..., Path], tmp_path: Path) -> None:
    path = records(*some("poem", range(100)), *some("talk", range(100)))
    ids = drawn(path, "poem:10,talk:7", tmp_path / "out")
    assert Counter(name.split("-")[1] for name in ids) == {"poem": 10, "talk": 7}
    assert ids == sorted(ids, key=lambda name: (name.split("-")[1], name))
    assert drawn(path, "poem:10,talk:7", tmp_path / "out") == ids
    assert drawn(path, "poem:10,talk:7", tmp_path / "out", seed=1) != ids


def test_what_is_added_takes_the_place_of_few_and_more_keeps_all(records: Callable[..., Path], tmp_path: Path) -> None:
    less, more = (records(*some("talk", range(n)), name=f"{n}.json") for n in (200, 220))
    first, second = (set(drawn(path, "talk:50", tmp_path / "out")) for path in (less, more))
    added = {f"{n:012}-talk-0" for n in range(200, 220)}
    assert second - first <= added
    assert len(second & first) >= 40
    assert set(drawn(less, "talk:60", tmp_path / "out")) > first


def test_a_record_that_stands_there_often_is_taken_no_more_often_than_wished(
    records: Callable[..., Path], tmp_path: Path
) -> None:
    assert len(drawn(records(*some("talk", range(1)) * 9), "talk:4", tmp_path / "out")) == 4


def test_files_without_kinds_are_known_by_their_names(records: Callable[..., Path], tmp_path: Path) -> None:
    for name in ("detail_23k.json", "talk_58k.json"):
        records(*({**each, "id": each["id"][:12]} for each in some("x", range(30))), name=name)
    wish = datagen.ExportWish(("llava",), mix="detail_23k:3,talk_58k:4")
    made = datagen.export([tmp_path / "detail_23k.json", tmp_path / "talk_58k.json"], wish, tmp_path / "out")
    assert made.kinds == {"detail_23k": 3, "talk_58k": 4}


def test_what_is_short_is_named(run: Path, cli: Program) -> None:
    done = cli("export", run, "-f", "llava", "-o", "out", "--mix", "conversation:1k,complex_reasoning:4,poem:2")
    assert done.returncode == 1
    assert "conversation: 1,000 wished for, 16 there: 984 short" in done.stderr
    assert "poem: 2 wished for, 0 there: 2 short" in done.stderr
    told = json.loads((Path(done.stdout and "out") / "manifest.json").read_text())
    assert told["short"] == {"conversation": {"wished": 1000, "found": 16}, "poem": {"wished": 2, "found": 0}}
    assert told["kinds"] == {"complex_reasoning": 4, "conversation": 16}


def test_the_provenance_is_that_of_what_was_taken(run: Path, tmp_path: Path) -> None:
    ids = drawn(run, "detail_description:5,conversation:2", tmp_path / "out")
    lines = (tmp_path / "out" / "provenance.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
