"""The real packages load what we write, and every message and picture is ours: `datasets` (this one, and others where
OLD_DATASETS names their interpreters), `webdataset`, `pyarrow`."""

from __future__ import annotations

import hashlib
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
from datagen.records.formats.shapes import SHAPES

pytestmark = pytest.mark.slow
READING = Path(__file__).with_name("reading.py")
OLD = os.environ.get("OLD_DATASETS", "")
"""An interpreter with another version of `datasets`; several with `:` between them."""
PYTHONS = [sys.executable, *filter(None, OLD.split(":"))]
PARQUET = "train-00000-of-00001.parquet"
FORMS = ("llava", "llava-jsonl", "qwen", "internvl", "llamafactory", "swift", "messages", "trl", "axolotl", "pretrain")


@pytest.fixture(scope="session")
def made(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything, exported."""
    out = tmp_path_factory.mktemp("made") / "out"
    images = Path(__file__).resolve().parents[2] / "samples" / "images"
    forms = [name for name in FORMS if name != "pretrain"]
    more = [name for name, package in (("webdataset", "webdataset"), ("parquet", "pyarrow"))
            if importlib.util.find_spec(package)]  # fmt: skip
    datagen.export([run], datagen.ExportWish((*forms, *more, "imagefolder"), images=images), out)
    datagen.export([images.parent], datagen.ExportWish(("pretrain",)), out.with_name("pretrain"))
    return out


def ours(path: Path) -> list[Any]:
    """What stands in a file of ours."""
    text = path.read_text("ascii")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


def pixels(path: Path) -> str:
    """A picture's digest, as the reader tells it."""
    with Image.open(path) as picture:
        return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


def read(python: str, package: str, jobs: dict[str, list[Any]]) -> dict[str, Any]:
    """What the package of that interpreter reads, in one process: importing it takes seconds."""
    if python == sys.executable and not importlib.util.find_spec(package):
        pytest.skip(f"{package} is not installed: pip install -e '.[datasets,export]'")
    environ = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    done = subprocess.run([python, READING, json.dumps([*jobs.values()], default=str)],
                          capture_output=True, text=True, env=environ)  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.removeprefix("read ") for line in done.stdout.splitlines() if line.startswith("read ")]
    return dict(zip(jobs, map(json.loads, lines), strict=True))


@pytest.fixture(scope="module", params=PYTHONS, ids=lambda path: Path(path).parents[1].name)
def loaded(request: pytest.FixtureRequest, made: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one version of `datasets` makes of all of it."""
    cache = tmp_path_factory.mktemp("cache")
    images = Path(__file__).resolve().parents[2] / "samples" / "images"
    jobs: dict[str, list[Any]] = {name: ["rows", "json", path(made, name), cache] for name in FORMS}
    jobs |= {f"{name} pasted": ["rows", "json", path(made, name), cache, images] for name in ("messages", "trl")}
    jobs |= {"imagefolder": ["rows", "imagefolder", made / "imagefolder", cache]}
    if (made / "parquet").is_dir():
        jobs |= {"parquet": ["rows", "parquet", made / "parquet" / PARQUET, cache]}
    return read(request.param, "datasets", jobs)


def path(made: Path, form: str) -> Path:
    """The file of a format."""
    return made.with_name("pretrain") / "pretrain.json" if form == "pretrain" else made / SHAPES[form].file


@pytest.mark.parametrize("form", FORMS)
def test_datasets_reads_each_shape_as_it_stands(form: str, loaded: dict[str, Any], made: Path) -> None:
    assert loaded[form] == ours(path(made, form))


@pytest.mark.parametrize("how", ["messages pasted", "trl pasted", "parquet"])
def test_datasets_gives_every_picture_with_the_lines_to_paste(
    how: str, loaded: dict[str, Any], made: Path, images: Path
) -> None:
    if how not in loaded:
        pytest.skip("pyarrow is not installed: pip install -e '.[export]'")
    for row, each in zip(loaded[how], ours(made / "messages.jsonl"), strict=True):
        assert row == {**each, "images": [pixels(images / name) for name in each["images"]]}


def test_datasets_reads_the_folder_of_images(loaded: dict[str, Any], made: Path, images: Path) -> None:
    told = {row["id"]: row for row in loaded["imagefolder"]}
    assert len(told) == 48
    for each in ours(made / "messages.jsonl"):
        assert told[each["id"]]["messages"] == each["messages"]
        assert told[each["id"]]["image"] == pixels(images / each["images"][0])


def test_pyarrow_reads_the_parquet_files(made: Path, images: Path) -> None:
    told = read(sys.executable, "pyarrow", {"table": ["table", made / "parquet" / PARQUET]})["table"]
    for row, each in zip(told, ours(made / "messages.jsonl"), strict=True):
        digests = [hashlib.sha256((images / name).read_bytes()).hexdigest() for name in each["images"]]
        assert row == {**each, "images": digests}


def test_webdataset_reads_every_sample(made: Path, images: Path) -> None:
    tars = [str(made / "webdataset" / "00000.tar")]
    told = read(sys.executable, "webdataset", {"samples": ["samples", tars]})["samples"]
    for sample, each in zip(told, ours(made / "messages.jsonl"), strict=True):
        assert sample["png"] == pixels(images / each["images"][0])
        assert {**sample["json"], "images": each["images"]} == each
