"""The formats of an export by name, each with what makes its sink: all shapes of text, and those with pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from datagen.errors import SetupError
from datagen.exporting.pictured import Embedded, ImageFolder, Parquet, WebDataset, pictures
from datagen.exporting.pictures import Pictures
from datagen.exporting.result import ExportWish
from datagen.exporting.sinks import FileSink, Sink
from datagen.records.formats.shapes import SHAPES, Shape
from datagen.registry import Registry

Make = Callable[[Path, ExportWish], Sink]
FORMATS: Registry[Make] = Registry("format")
"""What makes a sink in a folder that is being made."""


def _text(shape: Shape, file: str) -> Make:
    return lambda folder, _wish: FileSink(shape, folder / file)


for _name, _shape in SHAPES.items():
    if _name != "openai":
        FORMATS(_name)(_text(_shape, _shape.file))


@FORMATS("openai")
def _openai(folder: Path, wish: ExportWish) -> Sink:
    shape = SHAPES["openai"]
    path = folder / shape.file
    return Embedded(shape, path, Pictures(wish.images)) if wish.images else FileSink(shape, path)


PRETRAIN = "pretrain"
"""Stage 1, made of annotations; in LLaVA's shape."""
FORMATS(PRETRAIN)(_text(SHAPES["llava"], "pretrain.json"))


@FORMATS("imagefolder")
def _imagefolder(folder: Path, wish: ExportWish) -> Sink:
    return ImageFolder(folder, pictures(wish.images, "imagefolder"))


@FORMATS("parquet")
def _parquet(folder: Path, wish: ExportWish) -> Sink:
    return Parquet(folder, Pictures(wish.images) if wish.images else None)


@FORMATS("webdataset")
def _webdataset(folder: Path, wish: ExportWish) -> Sink:
    return WebDataset(folder, pictures(wish.images, "webdataset"))


def check(wish: ExportWish) -> None:
    """Raises a SetupError where a format is not known, or cannot be made like that."""
    if not wish.formats:
        raise SetupError("no format was named", f"--format takes one or several of {', '.join(FORMATS)}")
    for name in wish.formats:
        FORMATS[name]
