"""What the tests of the annotations wing share: files in, contexts and census out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.annotations.census import Census
from datagen.annotations.files import find
from datagen.annotations.index import index
from datagen.schema import ImageContext

Loaded = tuple[list[ImageContext], Census]


@pytest.fixture(scope="session")
def load() -> Callable[..., Loaded]:
    """`load(path, ...)` reads what a command line with these paths would."""

    def read(*inputs: Path) -> Loaded:
        found = index(find(inputs))
        return list(found.contexts()), found.census

    return read


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], Path]:
    """`write("a.json", document)` makes a file: bytes and text as they are, all else as JSON; `.gz` is gzipped."""

    def make(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        data = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(data, 1) if name.endswith(".gz") and not isinstance(content, bytes) else data)
        return path

    return make


@pytest.fixture(scope="session")
def read_json() -> Callable[[Path], Any]:
    """A file's JSON by the shortest way, for counting it independently."""

    def read(path: Path) -> Any:
        data = path.read_bytes()
        return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)

    return read
