"""What trl's collator and transformers' processor make of an export, letter by letter and pixel by pixel: nothing else
than what stands in the run."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import datagen

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PROCESSING = Path(__file__).with_name("processing.py")
IMAGES = Path(__file__).resolve().parents[2] / "samples" / "images"
NEEDED = ("trl", "transformers", "torch", "datasets", "pyarrow")


@pytest.fixture(scope="module")
def made(run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What they make of everything, in one process: importing them takes long."""
    missing = [name for name in NEEDED if not importlib.util.find_spec(name)]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: pip install -e '.[contracts,datasets,export]'")
    out, cache = tmp_path_factory.mktemp("made") / "out", tmp_path_factory.mktemp("cache")
    datagen.export([run], datagen.ExportWish(("trl", "messages", "axolotl", "parquet"), images=IMAGES), out)
    jobs = {
        "trl": ["collated", out / "trl.jsonl", cache, IMAGES],
        "messages": ["collated", out / "messages.jsonl", cache, IMAGES],
        "parquet": ["inside", out / "parquet" / "train-00000-of-00001.parquet", cache],
        "axolotl": ["templated", out / "axolotl.jsonl", IMAGES],
        "pixels": ["pictures", [each["image"] for each in records(run)], IMAGES],
    }
    environ = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    told = json.dumps([*jobs.values()], default=str)
    done = subprocess.run([sys.executable, PROCESSING, told], capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    lines = [line.removeprefix("read ") for line in done.stdout.splitlines() if line.startswith("read ")]
    return dict(zip(jobs, map(json.loads, lines), strict=True))


def records(run: Path) -> list[dict[str, Any]]:
    """Those of the run."""
    return json.loads((run / "llava.json").read_text())  # type: ignore[no-any-return]


def seen(record: dict[str, Any]) -> str:
    """What a model should see of a record, by the template in processing.py: four tokens a picture."""
    names = {"human": "user", "gpt": "assistant"}
    turns = [f"[{names[turn['from']]}]{turn['value']}</s>" for turn in record["conversations"]]
    return "".join(turns).replace("<image>\n", "<image>" * 4)


@pytest.mark.parametrize("form", ["trl", "messages", "parquet", "axolotl"])
def test_every_message_and_picture_is_ours(form: str, made: dict[str, Any], run: Path) -> None:
    for each, record in zip(made[form], records(run), strict=True):
        assert each == {"text": seen(record), "pictures": 1, "pixels": made["pixels"][record["image"]]}
