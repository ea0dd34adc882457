"""Formats that hold the pictures themselves: `imagefolder`, `webdataset` and, with `--images`, `parquet` and `openai`.

pyarrow and webdataset write; both are extras. A file's name in there is the record's number, never a name that came
from outside. `imagefolder` of datasets 2.14.4 and 3.2.0 (run) keeps the last row of metadata for a file and loses the
others without a word, so every record has its own file, a hard link to the first of the same picture.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from abc import abstractmethod
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from datagen.errors import SetupError
from datagen.exporting.given import Given
from datagen.exporting.pictures import Picture, Pictures, Unusable
from datagen.exporting.sinks import FileSink, Sink, encoded
from datagen.records.formats.entry import Entry
from datagen.records.formats.saying import say
from datagen.records.formats.shapes import SHAPES, Shape

INSTALL = "pip install 'datagen[export]'"
ROWS, PICTURED_ROWS = 1_000, 100
"""Of a parquet file's groups: what is held in memory."""
SHARD_ROWS, SHARD_BYTES = 100_000, 500_000_000
TAR_ROWS = 5_000
EMBEDDED_BYTES = 10_000_000
_MIME = {"jpg": "jpeg", "png": "png", "webp": "webp"}
_LINKS = 1 << 15


def extra(name: str, form: str) -> Any:
    """A package of the extra. Raises SetupError with the line that installs it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise SetupError(f"--format {form} needs {name}, which is not installed", INSTALL) from error


def pictures(folder: Path | None, form: str) -> Pictures:
    """The pictures that a format needs. Raises SetupError where nobody says where they are."""
    if folder is None:
        raise SetupError(f"--format {form} holds the pictures: --images DIR says where they are", "add --images DIR")
    return Pictures(folder)


class PicturedSink(Sink):
    """Takes entries with their pictures; those whose pictures cannot be used are left out and counted."""

    def __init__(self, found: Pictures | None) -> None:
        super().__init__()
        self._pictures = found

    def take(self, given: Given) -> None:
        """With its pictures, or not at all."""
        entry = given.entry
        try:
            files = [self._pictures.find(name) for name in entry.images] if self._pictures else []
        except Unusable as error:
            self.losses[error.why] += 1
            return
        told, lost = say(entry, SHAPES["messages"])
        self.losses.update(lost)
        if told is not None and (name := self.put(entry, told, files)):
            self.losses[name] += 1
        elif told is not None:
            self.written += 1

    @abstractmethod
    def put(self, entry: Entry, told: dict[str, Any], files: Sequence[Picture]) -> str | None:
        """Write one; or the name of why it cannot be said."""


class Embedded(FileSink):
    """`openai.jsonl` with the pictures inside, as data: URLs: OpenAI's service, and those that take its files, open no
    path (developers.openai.com, vision fine-tuning; Azure's tells the kinds and the limit)."""

    def __init__(self, shape: Shape, path: Path, found: Pictures) -> None:
        super().__init__(shape, path)
        self._pictures = found

    def take(self, given: Given) -> None:
        """With its pictures, or not at all."""
        try:
            urls = tuple(self._url(self._pictures.find(name)) for name in given.entry.images)
        except Unusable as error:
            self.losses[error.why] += 1
            return
        super().take(Given(given.entry._replace(images=urls)))

    def _url(self, picture: Picture) -> str:
        kind = _MIME.get(picture.kind)
        if kind is None or picture.path.stat().st_size > EMBEDDED_BYTES:
            raise Unusable("picture-unfit")
        return f"data:image/{kind};base64,{base64.b64encode(picture.path.read_bytes()).decode()}"


class ImageFolder(PicturedSink):
    """`imagefolder/`: pictures, and metadata.jsonl with a line for each."""

    def __init__(self, folder: Path, found: Pictures) -> None:
        super().__init__(found)
        self._folder = folder / "imagefolder"
        (self._folder / "images").mkdir(parents=True)
        self._file: IO[bytes] = (self._folder / "metadata.jsonl").open("wb")
        self._first: dict[Path, Path] = {}

    def put(self, entry: Entry, told: dict[str, Any], files: Sequence[Picture]) -> str | None:
        """One picture, and its line."""
        if len(files) != 1:
            return "several-images" if files else "no-image"
        name = f"images/{self.written:09}.{files[0].kind}"
        self._copy(files[0].path, self._folder / name)
        self._file.write(encoded({"file_name": name, "id": told["id"], "messages": told["messages"]}) + b"\n")
        return None

    def _copy(self, source: Path, place: Path) -> None:
        first = self._first.get(source)
        if first is not None:
            try:
                os.link(first, place)
                return
            except OSError:  # a file system without links, or too many of them
                pass
        shutil.copyfile(source, place)
        if len(self._first) > _LINKS:
            self._first.clear()
        self._first[source] = place

    def close(self) -> None:
        """Nothing is held."""

    def release(self) -> None:
        """The file of lines."""
        self._file.close()


class WebDataset(PicturedSink):
    """`webdataset/00000.tar` …: for each record `KEY.json` and its pictures, `KEY.jpg` or, if several, `KEY.0.jpg`."""

    def __init__(self, folder: Path, found: Pictures) -> None:
        super().__init__(found)
        self._make = extra("webdataset", "webdataset").TarWriter
        self._folder = folder / "webdataset"
        self._folder.mkdir()
        self._tar: Any = None
        self._bytes = self.tars = 0

    def put(self, entry: Entry, told: dict[str, Any], files: Sequence[Picture]) -> str | None:
        """One sample."""
        if self._tar is None or self.written % TAR_ROWS == 0 or self._bytes > SHARD_BYTES:
            self._next()
        held = [file.path.read_bytes() for file in files]
        self._bytes += sum(map(len, held))
        names = [file.kind if len(files) == 1 else f"{at}.{file.kind}" for at, file in enumerate(files)]
        key = f"{self.written:09}"
        sample = {"__key__": key, **dict(zip(names, held, strict=True))}
        told = {**told, "images": [f"{key}.{name}" for name in names]}
        self._tar.write({**sample, "json": encoded(told)})
        return None

    def _next(self) -> None:
        self.release()
        place = self._folder / f"{self.tars:05}.tar"
        self._tar = self._make(str(place), encoder=False, mtime=0, compress=False)
        self.tars, self._bytes = self.tars + 1, 0

    def close(self) -> None:
        """The last one."""
        self.release()

    def release(self) -> None:
        """The archive."""
        if self._tar is not None:
            self._tar.close()
        self._tar = None


class Parquet(PicturedSink):
    """`parquet/train-00000-of-00001.parquet` …: id, images, messages; with `--images` the pictures themselves, as
    `datasets` keeps them."""

    def __init__(self, folder: Path, found: Pictures | None) -> None:
        super().__init__(found)
        self._arrow, self._parquet = extra("pyarrow", "parquet"), extra("pyarrow.parquet", "parquet")
        self._folder = folder / "parquet"
        self._folder.mkdir()
        self._schema = self._made_schema()
        self._rows: list[dict[str, Any]] = []
        self._writer: Any = None
        self._shards: list[Path] = []
        self._in_shard = self._bytes = 0

    def _made_schema(self) -> Any:
        pa = self._arrow
        part = pa.struct([("type", pa.string()), ("text", pa.string())])
        message = pa.struct([("role", pa.string()), ("content", pa.list_(part))])
        picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())]) if self._pictures else pa.string()
        fields = [("id", pa.string()), ("images", pa.list_(picture)), ("messages", pa.list_(message))]
        return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": self._features()}})})

    def _features(self) -> dict[str, Any]:
        text = {"dtype": "string", "_type": "Value"}
        content = [{"type": text, "text": text}]
        picture = {"_type": "Image"} if self._pictures else text
        return {"id": text, "images": [picture], "messages": [{"role": text, "content": content}]}

    def put(self, entry: Entry, told: dict[str, Any], files: Sequence[Picture]) -> str | None:
        """One row, held until there are some."""
        if self._pictures:
            held = [file.path.read_bytes() for file in files]
            self._bytes += sum(map(len, held))
            names = [f"{self.written:09}-{at}.{file.kind}" for at, file in enumerate(files)]
            told = {**told, "images": [{"bytes": b, "path": n} for b, n in zip(held, names, strict=True)]}
        self._rows.append(told)
        if len(self._rows) >= (PICTURED_ROWS if self._pictures else ROWS):
            self._flush()
        return None

    def _flush(self) -> None:
        if self._writer is None:
            self._shards.append(self._folder / f"train-{len(self._shards):05}.parquet")
            self._writer = self._parquet.ParquetWriter(self._shards[-1], self._schema, compression="zstd")
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._in_shard += len(self._rows)
        self._rows = []
        if self._in_shard >= SHARD_ROWS or self._bytes >= SHARD_BYTES:
            self.release()

    def close(self) -> None:
        """The last group, and the names, which tell how many there are."""
        if self._rows or not self._shards:
            self._flush()
        self.release()
        for number, path in enumerate(self._shards):
            path.rename(self._folder / f"train-{number:05}-of-{len(self._shards):05}.parquet")

    def release(self) -> None:
        """The file."""
        if self._writer is not None:
            self._writer.close()
        self._writer, self._in_shard, self._bytes = None, 0, 0
