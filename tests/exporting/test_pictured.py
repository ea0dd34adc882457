"""Formats that hold pictures: every picture is the record's own, and no name leads out of the folder."""

from __future__ import annotations

import base64
import json
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import datagen
from datagen.exporting import pictured
from datagen.exporting.pictures import Pictures, Unusable
from tests.program import Program


def record(image: str | None, name: str = "1") -> dict:
    """A record with that picture."""
    ask = "What is it?" if image is None else "<image>\nWhat is it?"
    said = [{"from": "human", "value": ask}, {"from": "gpt", "value": "A dog on a rug."}]
    return {"id": name, **({} if image is None else {"image": image}), "conversations": said}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures, and beside them what nobody may see."""
    place = tmp_path / "pictures"
    (place / "deep").mkdir(parents=True)
    Image.new("RGB", (4, 3), "red").save(place / "a.png")
    Image.new("RGB", (4, 3), "blue").save(place / "deep" / "b.jpg")
    Image.new("RGB", (4, 3), "blue").save(place / "wrongly.png", "JPEG")
    Image.new("RGB", (4, 3)).save(tmp_path / "secret.png")
    (place / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    (place / "link.png").symlink_to(tmp_path / "secret.png")
    return place


@pytest.mark.parametrize(("name", "why"), [
    ("../secret.png", "picture-outside"), ("deep/../../secret.png", "picture-outside"), ("link.png", "picture-outside"),
    ("/etc/passwd", "picture-outside"), ("none.png", "picture-missing"), ("deep", "picture-missing"),
    ("a.png\0", "picture-missing"), ("x" * 5000, "picture-missing"), ("\ud800", "picture-missing"),
    ("broken.jpg", "picture-broken"), (".", "picture-missing"), ("a.png/x", "picture-missing"),
])  # fmt: skip
def test_a_hostile_name_opens_nothing(name: str, why: str, folder: Path) -> None:
    with pytest.raises(Unusable) as caught:
        Pictures(folder).find(name)
    assert caught.value.why == why


def test_a_picture_is_what_its_bytes_are(folder: Path) -> None:
    assert [Pictures(folder).find(name).kind for name in ("a.png", "deep/b.jpg", "wrongly.png")] == [
        "png",
        "jpg",
        "jpg",
    ]


HOSTILE = ["../secret.png", "link.png", "none.png", "broken.jpg"]


@pytest.mark.parametrize("form", ["imagefolder", "webdataset", "parquet"])
def test_what_cannot_be_used_is_left_out_and_counted(
    form: str, folder: Path, records: Callable[..., Path], tmp_path: Path
) -> None:
    if form != "imagefolder":
        pytest.importorskip("webdataset" if form == "webdataset" else "pyarrow")
    path = records(record("a.png"), *(record(name, f"x{at}") for at, name in enumerate(HOSTILE)))
    made = datagen.export([path], datagen.ExportWish((form,), images=folder), tmp_path / "out")
    assert made.written == {form: 1}
    assert made.losses[form] == {"picture-outside": 2, "picture-missing": 1, "picture-broken": 1}
    secret = (tmp_path / "secret.png").read_bytes()
    assert not [each for each in (tmp_path / "out").rglob("*") if each.is_file() and secret in each.read_bytes()]


def test_an_imagefolder_has_a_file_for_each_record(folder: Path, records: Callable[..., Path], tmp_path: Path) -> None:
    path = records(record("a.png", "1"), record("deep/b.jpg", "2"), record("a.png", "3"), record(None, "4"))
    made = datagen.export([path], datagen.ExportWish(("imagefolder",), images=folder), tmp_path / "out")
    assert made.losses == {"imagefolder": {"no-image": 1}}
    lines = (tmp_path / "out" / "imagefolder" / "metadata.jsonl").read_text().splitlines()
    for line, name in zip(map(json.loads, lines), ("a.png", "deep/b.jpg", "a.png"), strict=True):
        assert (tmp_path / "out" / "imagefolder" / line["file_name"]).read_bytes() == (folder / name).read_bytes()
    assert len({json.loads(line)["file_name"] for line in lines}) == 3


def test_the_users_own_pictures_are_copied_and_not_linked(
    folder: Path, records: Callable[..., Path], tmp_path: Path
) -> None:
    wish = datagen.ExportWish(("imagefolder",), images=folder)
    datagen.export([records(record("a.png"))], wish, tmp_path / "out")
    assert (folder / "a.png").stat().st_nlink == 1


def test_a_tar_is_the_same_at_any_hour(folder: Path, records: Callable[..., Path], tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    path = records(record("a.png", "1"), record(None, "2"))
    wish = datagen.ExportWish(("webdataset",), images=folder)
    datagen.export([path], wish, tmp_path / "out")
    with tarfile.open(tmp_path / "out" / "webdataset" / "00000.tar") as tar:
        assert [(each.name, each.mtime) for each in tar] == [
            ("000000000.json", 0), ("000000000.png", 0), ("000000001.json", 0),
        ]  # fmt: skip


@pytest.mark.parametrize(("form", "package"), [("parquet", "pyarrow"), ("webdataset", "webdataset")])
def test_a_missing_extra_gives_the_line_that_installs_it(
    form: str, package: str, run: Path, images: Path, cli: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    done = cli("export", run, "-f", form, "--images", images, "-o", "out")
    assert done.returncode == 2
    assert f"needs {package}, which is not installed" in done.stderr
    assert "pip install 'datagen[export]'" in done.stderr
    assert not (images.parent / "out").exists()


def test_openai_gets_its_pictures_inside(folder: Path, records: Callable[..., Path], tmp_path: Path) -> None:
    Image.new("RGB", (4, 3)).save(folder / "a.bmp")
    path = records(record("deep/b.jpg", "1"), record("a.bmp", "2"), record(None, "3"), record("../secret.png", "4"))
    made = datagen.export([path], datagen.ExportWish(("openai",), images=folder), tmp_path / "out")
    assert made.losses == {"openai": {"id": 2, "picture-unfit": 1, "picture-outside": 1}}
    first, second = map(json.loads, (tmp_path / "out" / "openai.jsonl").read_text().splitlines())
    url = first["messages"][0]["content"][0]["image_url"]["url"]
    assert url.startswith("data:image/jpeg;base64,")
    assert base64.b64decode(url.partition(",")[2]) == (folder / "deep" / "b.jpg").read_bytes()
    assert second["messages"][0]["content"] == "What is it?"


def test_parquet_without_pictures_has_their_paths(records: Callable[..., Path], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    several = [record(f"{n}.jpg", str(n)) for n in range(2500)]
    made = datagen.export([records(*several)], datagen.ExportWish(("parquet",)), tmp_path / "out")
    (path,) = (tmp_path / "out" / "parquet").iterdir()
    rows = parquet.read_table(path).to_pylist()
    assert made.written == {"parquet": 2500}
    assert [row["images"] for row in rows] == [[f"{n}.jpg"] for n in range(2500)]
    assert parquet.ParquetFile(path).metadata.num_row_groups == 3


def test_shards_are_told_by_number_and_of_how_many(
    folder: Path, records: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    pytest.importorskip("webdataset")
    for name, few in (("SHARD_ROWS", 4), ("PICTURED_ROWS", 2), ("TAR_ROWS", 4)):
        monkeypatch.setattr(pictured, name, few)
    path = records(*(record("a.png", str(n)) for n in range(9)))
    datagen.export([path], datagen.ExportWish(("parquet", "webdataset"), images=folder), tmp_path / "out")
    names = sorted(each.name for each in (tmp_path / "out").rglob("*.[pt]*") if each.suffix in (".parquet", ".tar"))
    assert names == ["00000.tar", "00001.tar", "00002.tar", *(f"train-{n:05}-of-00003.parquet" for n in range(3))]
