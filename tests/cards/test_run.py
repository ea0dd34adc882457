"""A run's card: made with its files, the same at every rebuild, and of the licence that was told last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.ledger import Ledger
from datagen.pipeline import generate, rebuild
from datagen.settings import Settings
from tests.program import Program as Cli

ABOUT = ("README.md", "croissant.json")
MOCK = Settings(model="mock", limit=2)


def read(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (*ABOUT, "manifest.json")}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_a_rebuild_on_another_day_writes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    folder = generate([Path("samples")], MOCK, tmp_path / "run").folder
    before = read(folder)
    assert "| answered on | 2023-11-14 |" in before["README.md"].decode()
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
    for name in ABOUT:
        (folder / name).unlink()
    rebuild(folder)
    assert read(folder) == before


def test_where_only_the_card_is_gone_the_same_command_brings_it_back(tmp_path: Path) -> None:
    folder = generate([Path("samples")], MOCK, tmp_path / "run").folder
    before = read(folder)
    (folder / "README.md").unlink()
    generate([Path("samples")], MOCK, tmp_path / "run")
    assert read(folder) == before


def test_the_licence_stays_with_the_run(cli: Cli, tmp_path: Path) -> None:
    def card() -> str:
        return (tmp_path / "run" / "README.md").read_text("utf-8")

    command = ("generate", "samples", "--model", "mock", "--limit", "1", "-o", "run")
    assert cli(*command).returncode == 0
    assert "No licence is told yet" in card()
    assert cli(*command, "--license", "cc-by-4.0").returncode == 0
    assert 'license: "cc-by-4.0"' in card()
    assert cli(*command).returncode == 0
    assert 'license: "cc-by-4.0"' in card()
    assert cli("rebuild", "run", "--license", "Mine").returncode == 0
    assert 'license_name: "Mine"' in card()
    assert cli(*command, "--license", " ").returncode == 2


def test_a_record_is_followed_back_to_its_request_and_its_annotations(tmp_path: Path) -> None:
    folder = generate([Path("samples")], MOCK, tmp_path / "run").folder
    manifest = json.loads((folder / "manifest.json").read_text("ascii"))
    ledger = Ledger(folder / "ledger.db", writable=False)
    try:
        answers = {answer.query.id: answer for answer in ledger.answers()}
    finally:
        ledger.close()
    for line in lines(folder / "provenance.jsonl"):
        answer = answers[line["query_id"]]
        assert line["request_sha256"] == answer.query.digest
        assert line["context_sha256"] == answer.context != ""
        assert line["prompts_sha256"] == manifest["prompts"][line["task"]]
        assert line["model"] in manifest["answered_by"]
    assert manifest["kinds"] == {"complex_reasoning": 2, "conversation": 2, "detail_description": 2}
    assert manifest["parameters"]["seed"] == 0
