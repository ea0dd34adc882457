"""What all tests share: a clean environment and cache, the shared data, files and what is read of them, the program."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from datagen.annotations.census import Census
from datagen.annotations.index import index
from datagen.schema import ImageContext
from datagen.sources.files import find
from tests.program import Program
from tests.viewer.browser import axe_script, chromium

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"

Loaded = tuple[list[ImageContext], Census]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What is kept of annotations stays apart from that of whoever runs the tests, for processes too."""
    folder = str(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAGEN_CACHE_DIR", folder)
        yield folder


@pytest.fixture(scope="session")
def _nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder. One for each test costs a look at all that were made before: who needs none gets none."""
    return tmp_path_factory.mktemp("nowhere")


@pytest.fixture(autouse=True)
def _clean_environment(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _nowhere: Path, _own_cache: str
) -> Iterator[None]:
    """No key, no setting and no datagen.toml of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(("DATAGEN_", "OPENAI_")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATAGEN_CACHE_DIR", _own_cache)
    here = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else _nowhere
    monkeypatch.chdir(here)
    yield
    assert not any(_nowhere.iterdir()), "who writes files asks for tmp_path"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; the test is skipped where it is absent."""
    if not DATA.is_dir():
        pytest.skip("the shared data is not here")
    return DATA


@pytest.fixture
def cli(tmp_path: Path) -> Program:
    """`cli("generate", ...)` runs the program in a fresh folder, `cli.process(...)` as its own process there."""
    return Program(tmp_path)


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser. For a module and no longer: while it is there, nobody else has an event loop."""
    with chromium() as made:
        yield made


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script."""
    return axe_script(tmp_path_factory.mktemp("axe"))
