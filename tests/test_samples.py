"""The samples: sound annotations, pictures that are there, and a script that draws the same again."""

from __future__ import annotations

import importlib.util
import json
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.annotations.index import index
from datagen.sources.files import find

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def png_size(path: Path) -> tuple[int, int]:
    """Width and height from the header."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height


def test_they_are_read_without_an_oddity() -> None:
    found = index(find([SAMPLES]))
    images = list(found.contexts())
    assert list(found.census) == []
    assert len(images) >= 12
    assert all(len(image.captions) == 5 and image.boxes for image in images)


def test_pictures_are_there_and_have_the_size_that_is_told() -> None:
    told = json.loads((SAMPLES / "annotations" / "instances.json").read_text("ascii"))["images"]
    assert {path.name for path in (SAMPLES / "images").iterdir()} == {image["file_name"] for image in told}
    for image in told:
        assert png_size(SAMPLES / "images" / image["file_name"]) == (image["width"], image["height"])


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("PIL") is None, reason="Pillow draws them")
def test_drawing_them_again_gives_the_same_annotations_and_sizes(tmp_path: Path) -> None:
    copy = tmp_path / "samples"
    shutil.copytree(SAMPLES, copy)
    shutil.rmtree(copy / "images")
    shutil.rmtree(copy / "annotations")
    subprocess.run([sys.executable, copy / "draw.py"], check=True, capture_output=True)
    for name in ("captions.json", "instances.json"):
        assert (copy / "annotations" / name).read_bytes() == (SAMPLES / "annotations" / name).read_bytes()
    for path in (SAMPLES / "images").iterdir():
        assert png_size(copy / "images" / path.name) == png_size(path)
