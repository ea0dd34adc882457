"""What trl's collator, transformers' processor and the trainers' own packages make of an export, letter by letter and
pixel by pixel: nothing else than what stands in the run."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import datagen

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PROCESSING = Path(__file__).with_name("processing.py")
IMAGES = Path(__file__).resolve().parents[2] / "samples" / "images"
TRAINERS = os.environ.get("TRAINERS", "")
"""An interpreter that has LLaMA-Factory, ms-swift and Axolotl beside all of NEEDED (.ci/run makes one)."""
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
    return dict(zip(jobs, told(sys.executable, PROCESSING, [*jobs.values()], cache), strict=True))


def told(python: str, script: Path, job: list[Any], cache: Path) -> list[Any]:
    """What a script here says of an export."""
    environ = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "MODELSCOPE_CACHE": str(cache)}
    command = [python, script, json.dumps(job, default=str)]
    done = subprocess.run(command, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    lines = [line.removeprefix("read ") for line in done.stdout.splitlines() if line.startswith("read ")]
    return [*map(json.loads, lines)]


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


@pytest.fixture(scope="module")
def exported(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the three read."""
    if not TRAINERS:
        pytest.skip("no interpreter with LLaMA-Factory, ms-swift and Axolotl: .ci/run makes one, TRAINERS names it")
    out = tmp_path_factory.mktemp("made") / "out"
    return datagen.export([run], datagen.ExportWish(("llamafactory", "swift", "axolotl", "messages")), out).folder


def chat(record: dict[str, Any]) -> list[dict[str, str]]:
    """A record's messages with roles as most name them."""
    names = {"human": "user", "gpt": "assistant"}
    return [{"role": names[turn["from"]], "content": turn["value"]} for turn in record["conversations"]]


def test_llamafactory_reads_its_dataset_info_and_every_message(exported: Path, run: Path, tmp_path: Path) -> None:
    job = ["llamafactory", exported, "datagen_mock", IMAGES, tmp_path]
    (rows,) = told(TRAINERS, PROCESSING.with_name("trainers.py"), job, tmp_path)
    for row, record in zip(rows, records(run), strict=True):
        assert row == {"messages": chat(record), "system": "", "images": [str(IMAGES / record["image"])]}


def test_swift_deletes_no_row_and_finds_every_picture(exported: Path, run: Path, tmp_path: Path) -> None:
    (rows,) = told(TRAINERS, PROCESSING.with_name("trainers.py"), ["swift", exported / "swift.jsonl", IMAGES], tmp_path)
    for row, record in zip(rows, records(run), strict=True):
        with Image.open(IMAGES / record["image"]) as picture:
            assert row == {"messages": chat(record), "sizes": [list(picture.size)]}


@pytest.mark.parametrize("form", ["axolotl", "messages"])
def test_axolotl_shows_every_letter_and_pixel(
    form: str, exported: Path, made: dict[str, Any], run: Path, tmp_path: Path
) -> None:
    job = ["axolotl", exported / f"{form}.jsonl", IMAGES, tmp_path]
    (rows,) = told(TRAINERS, PROCESSING.with_name("trainers.py"), job, tmp_path)
    for row, record in zip(rows, records(run), strict=True):
        assert row == {"text": seen(record), "pictures": 1, "pixels": made["pixels"][record["image"]]}
