"""A record that is longer than it may be, its pictures included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.checks import every  # noqa: F401
from datagen.checks.base import CHECKS
from datagen.checks.examples import record
from datagen.judging import Judge, Plan
from datagen.records.reading import Batch
from tests.program import Program


def said(one: dict[str, Any], limit: int | None) -> list[str]:
    judge = Judge(Plan(("S032",), (), max_tokens=limit))
    return [each.finding.message for each in judge.judge(Batch(0, json.dumps([one]).encode(), 1, 0, False)).found]


def test_the_example_that_fails_and_the_one_that_passes() -> None:
    assert said(CHECKS["S032"].fails, 2048)
    assert not said(CHECKS["S032"].passes, 2048)
    assert not said(CHECKS["S032"].fails, None)


@pytest.mark.parametrize("one", [record(), {**record(), "id": 7}], ids=["sound", "not sound"])
def test_a_picture_takes_its_tokens(one: dict[str, Any]) -> None:
    assert said(one, 500) == ["about 599 tokens, 576 of them for pictures; 500 are allowed"]
    assert said(one, 700) == []
    assert said(record(question="What?", image=...), 10)
    assert said(record(question="What?", image=...), 500) == []


@pytest.mark.slow
@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_the_trainers_own_tokenizer_counts_exactly(tmp_path: Path, cli: Program, whole: bool) -> None:
    tokenizers = pytest.importorskip("tokenizers", reason="the extra `tokenizer` is not installed")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(tmp_path / "tokenizer.json"))
    one = record(question="What is it ?", answer="A dog .")
    (tmp_path / "llava.json").write_text(json.dumps([one]))
    given = str(tmp_path if whole else tmp_path / "tokenizer.json")
    done = cli("validate", "llava.json", "--max-tokens", "590", "--tokenizer", given, "--select", "S032")
    assert "591 tokens, 576 of them for pictures" in done.stdout
    assert "about" not in done.stdout
    assert (
        cli("validate", "llava.json", "--max-tokens", "591", "--tokenizer", given, "--select", "S032").returncode == 0
    )
    (tmp_path / "tokenizer.json").write_text("{}")
    refused = cli("validate", "llava.json", "--max-tokens", "591", "--tokenizer", given)
    assert refused.returncode == 2
    assert "is no tokenizer.json" in refused.stderr
    (tmp_path / "tokenizer.json").unlink()
    assert "there is no file" in cli("validate", "llava.json", "--max-tokens", "9", "--tokenizer", given).stderr
    assert "--max-tokens" in cli("validate", "llava.json", "--tokenizer", given).stderr
