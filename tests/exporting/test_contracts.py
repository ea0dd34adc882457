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
MIXED = ("llamafactory", "swift", "messages", "trl", "axolotl")
"""Those in which a record without a picture has the same members as any."""
FORMS = ("llava", "llava-jsonl", "qwen", "internvl", "llamafactory", "swift", "messages", "trl", "axolotl", "pretrain")


@pytest.fixture(scope="session")
def made(run: Path, tmp_path_factory: pytest.TempPathFactory) -> datagen.Exported:
    """Everything, exported."""
    out = tmp_path_factory.mktemp("made") / "out"
    images = Path(__file__).resolve().parents[2] / "samples" / "images"
    forms = [name for name in FORMS if name != "pretrain"]
    more = [name for name, package in (("webdataset", "webdataset"), ("parquet", "pyarrow"))
            if importlib.util.find_spec(package)]  # fmt: skip
    wish = datagen.ExportWish((*forms, *more, "imagefolder"), images=images)
    datagen.export([images.parent], datagen.ExportWish(("pretrain",)), out.with_name("pretrain"))
    return datagen.export([run], wish, out)


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> datagen.Exported:
    """Records of which the first have no picture, as a file of texts and pictures has."""
    folder = tmp_path_factory.mktemp("mixed")
    told = [({"image": f"{n}.jpg"} if n > 2 and n % 3 else {}, n) for n in range(12)]
    asked = [("<image>\n" if image else "") + f"Question {n}?" for image, n in told]
    said = [[{"from": "human", "value": text}, {"from": "gpt", "value": "An answer."}] for text in asked]
    several = [{"id": str(n), **image, "conversations": each} for (image, n), each in zip(told, said, strict=True)]
    (folder / "some.json").write_text(json.dumps(several))
    return datagen.export([folder / "some.json"], datagen.ExportWish(MIXED), folder / "out")


def ours(path: Path) -> list[Any]:
    """What stands in a file of ours."""
    text = path.read_text("ascii")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


def pixels(path: Path) -> str:
    """A picture's digest, as the reader tells it."""
    with Image.open(path) as picture:
        return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


def read(python: str, package: str, jobs: dict[str, list[Any]], cache: Path) -> dict[str, Any]:
    """What the package of that interpreter reads, in one process: importing it takes seconds."""
    if python == sys.executable and not importlib.util.find_spec(package):
        pytest.skip(f"{package} is not installed: pip install -e '.[datasets,export]'")
    there = {"HF_HOME": str(cache), "HF_DATASETS_CACHE": str(cache / "datasets")}
    environ = {**os.environ, **there, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    done = subprocess.run([python, READING, json.dumps([*jobs.values()], default=str)],
                          capture_output=True, text=True, env=environ)  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.removeprefix("read ") for line in done.stdout.splitlines() if line.startswith("read ")]
    return dict(zip(jobs, map(json.loads, lines), strict=True))


@pytest.fixture(scope="module", params=PYTHONS, ids=lambda path: Path(path).parents[1].name)
def loaded(
    request: pytest.FixtureRequest,
    made: datagen.Exported,
    mixed: datagen.Exported,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What one version of `datasets` makes of all of it."""
    cache = tmp_path_factory.mktemp("cache")
    jobs: dict[str, list[Any]] = {name: ["rows", path(made, name), cache] for name in FORMS}
    jobs |= {f"{name} mixed": ["rows", path(mixed, name), cache] for name in MIXED}
    pasted = [name for name in ("messages", "trl", "imagefolder", "parquet") if name in made.lines]
    return read(request.param, "datasets", jobs | {f"{n} pasted": ["pasted", made.lines[n]] for n in pasted}, cache)


def path(made: datagen.Exported, form: str) -> Path:
    """The file of a format."""
    return (
        made.folder.with_name("pretrain") / "pretrain.json" if form == "pretrain" else made.folder / SHAPES[form].file
    )


@pytest.mark.parametrize("form", FORMS)
def test_datasets_reads_each_shape_as_it_stands(form: str, loaded: dict[str, Any], made: datagen.Exported) -> None:
    assert loaded[form] == ours(path(made, form))


@pytest.mark.parametrize("form", MIXED)
def test_datasets_reads_records_with_and_without_pictures(
    form: str, loaded: dict[str, Any], mixed: datagen.Exported
) -> None:
    assert loaded[f"{form} mixed"] == ours(path(mixed, form))


@pytest.mark.parametrize("how", ["messages pasted", "trl pasted", "parquet pasted"])
def test_datasets_gives_every_picture_with_the_lines_to_paste(
    how: str, loaded: dict[str, Any], made: datagen.Exported, images: Path
) -> None:
    if how not in loaded:
        pytest.skip("pyarrow is not installed: pip install -e '.[export]'")
    for row, each in zip(loaded[how], ours(made.folder / "messages.jsonl"), strict=True):
        assert row == {**each, "images": [pixels(images / name) for name in each["images"]]}


def test_datasets_reads_the_folder_of_images(loaded: dict[str, Any], made: datagen.Exported, images: Path) -> None:
    told = {row["id"]: row for row in loaded["imagefolder pasted"]}
    assert len(told) == 48
    for each in ours(made.folder / "messages.jsonl"):
        assert told[each["id"]]["messages"] == each["messages"]
        assert told[each["id"]]["image"] == pixels(images / each["images"][0])


def test_pyarrow_reads_the_parquet_files(made: datagen.Exported, images: Path, tmp_path: Path) -> None:
    jobs = {"table": ["table", made.folder / "parquet" / PARQUET]}
    told = read(sys.executable, "pyarrow", jobs, tmp_path)["table"]
    for row, each in zip(told, ours(made.folder / "messages.jsonl"), strict=True):
        digests = [hashlib.sha256((images / name).read_bytes()).hexdigest() for name in each["images"]]
        assert row == {**each, "images": digests}


def test_webdataset_reads_every_sample(made: datagen.Exported, images: Path, tmp_path: Path) -> None:
    jobs = {
        "samples": ["samples", [str(made.folder / "webdataset" / "00000.tar")]],
        "pasted": ["pasted", made.lines.get("webdataset", "")],
    }
    told = read(sys.executable, "webdataset", jobs, tmp_path)
    wanted = ours(made.folder / "messages.jsonl")
    for sample, (picture, record), each in zip(told["samples"], told["pasted"], wanted, strict=True):
        assert sample == {"png": picture, "json": record}
        assert picture == pixels(images / each["images"][0])
        assert {**record, "images": each["images"]} == each
