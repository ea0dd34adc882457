"""What is wished for turned into a plan: flags over the file over the defaults, codes by their beginnings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.checks.base import CHECKS
from datagen.checks.examples import chat, record
from datagen.checks.trainers.common import FITS, NOT_BY_DEFAULT
from datagen.errors import SetupError, UnknownName
from datagen.rules import Wishes, plan_for, wishes
from datagen.sources.files import Source

Write = Callable[[str, Any], Path]


def test_flags_stand_over_the_file_and_the_file_over_the_defaults(write: Write) -> None:
    file = write("x.toml", '[validate]\nselect = "S"\nlevel = "error"\nmax-tokens = 9\n[generate]\nother = 1\n')
    assert wishes({}, None) == Wishes()
    told = wishes({"select": ["T1, t2", "L,"], "level": None, "ignore": []}, file)
    assert (told.select, told.level, told.max_tokens, told.ignore) == (("T1", "T2", "L"), "error", 9, ())


@pytest.mark.parametrize("empty", ["", ",", " , "])
def test_an_empty_code_is_none(empty: str) -> None:
    assert wishes({"ignore": [empty], "select": [empty]}, None) == Wishes()


@pytest.mark.parametrize("code", list(CHECKS))
def test_every_code_and_its_beginnings_are_known(write: Write, code: str) -> None:
    source = Source(write("a.json", [record()]), named=True)
    for beginning in (code, code[:2], code[0]):
        assert code in plan_for(wishes({"select": [beginning.lower()]}, None), source).codes
        assert code not in plan_for(wishes({"ignore": [beginning]}, None), source).codes


def test_unknown_names_are_told_with_near_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        wishes({"target": ["lava"]}, None)
    assert "llava" in caught.value.hint
    with pytest.raises(UnknownName):
        wishes({"ignore": ["S", "Z"]}, None)
    with pytest.raises(UnknownName):
        Wishes() and wishes({"select": ["S0011"]}, None)


@pytest.mark.parametrize(
    "toml", ["validate = 3", "[validate]\nlevel = 3", "[validate]\nx = 1", "[validate]\nagainst = {}", "\udc80", "= 1"]
)
def test_a_wrong_file_is_refused(tmp_path: Path, toml: str) -> None:
    (tmp_path / "x.toml").write_bytes(toml.encode("utf-8", "surrogateescape"))
    with pytest.raises(SetupError):
        wishes({}, tmp_path / "x.toml")


def test_targets_are_those_that_can_read_the_file(write: Write) -> None:
    def targets(records: list[Any], *told: str) -> tuple[str, ...]:
        path = write("a.jsonl", "\n".join(map(json.dumps, records)))
        return plan_for(wishes({"target": list(told)}, None), Source(path, named=True)).targets

    assert "llava" in targets([record()])
    assert "llava" not in targets([chat("<image>\nWhat?", "That.")])
    assert not set(targets([record()])) & set(NOT_BY_DEFAULT)
    assert targets([record()], "all", "llava") == tuple(FITS)
    assert targets([record()], "qwen,llava", "qwen") == ("qwen", "llava")


def test_what_is_ignored_in_a_file_is_ignored_in_that_file_only(write: Write) -> None:
    told = wishes({}, write("x.toml", '[validate.per-file-ignores]\n"a*.json" = ["S", "t"]\n"*/in/*" = "Q"\n'))

    def families(name: str) -> set[str]:
        return {code[0] for code in plan_for(told, Source(write(name, [record()]), named=True)).codes}

    everything = {code[0] for code in CHECKS}
    assert families("b.json") == everything
    assert families("a1.json") == everything - {"S", "T"}
    assert families("in/a.json") == everything - {"S", "T", "Q"}
