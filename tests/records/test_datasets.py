"""An independent reader: Hugging Face's `datasets`, offline, on what a run writes."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from datagen import Settings, generate

LOAD = """
import json, sys
from datasets import load_dataset
rows = load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=sys.argv[2])
print(json.dumps([rows.column_names, [dict(row) for row in rows]]))
"""


def loaded(path: Path, cache: Path) -> tuple[list[str], list[dict[str, object]]]:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(path), str(cache)],
        capture_output=True, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    columns, rows = json.loads(done.stdout.splitlines()[-1])
    return columns, rows


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(importlib.util.find_spec("datasets") is None, reason="pip install 'datagen[datasets]'")
@pytest.mark.parametrize("name", ["llava.json", "messages.jsonl"])
def test_every_row_is_read_as_it_was_written(tmp_path: Path, name: str) -> None:
    outcome = generate([Path("samples")], Settings(model="mock"), tmp_path / "run")
    text = (outcome.folder / name).read_text("ascii")
    written = json.loads(text) if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]
    columns, rows = loaded(outcome.folder / name, tmp_path / "cache")
    assert sorted(columns) == sorted(written[0])
    assert rows == written
