"""A run over the samples, and viewers of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import datagen
from tests.viewer.served import Viewer, served

if any(find_spec(name) is None for name in ("starlette", "uvicorn", "jinja2")):
    collect_ignore_glob = ["test_*.py"]  # without datagen[view] there is no viewer to test

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; who changes it takes a copy."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    datagen.generate([SAMPLES], datagen.Settings(model="mock"), folder)
    return folder


@pytest.fixture(scope="session")
def second_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same asked otherwise, of fewer pictures."""
    folder = tmp_path_factory.mktemp("runs") / "second"
    datagen.generate([SAMPLES], datagen.Settings(model="mock", seed=5, temperature=0.5, limit=10), folder)
    return folder


@pytest.fixture
def run(first_run: Path, tmp_path: Path) -> Path:
    """A run of one's own."""
    return Path(shutil.copytree(first_run, tmp_path / "run"))


@pytest.fixture(scope="module")
def viewer(first_run: Path) -> Iterator[Viewer]:
    """A viewer of the finished run."""
    with served(first_run, images=SAMPLES / "images") as made:
        yield made
