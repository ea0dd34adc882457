"""A run of the mock on the samples, made once, and records to spoil."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import datagen

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "samples" / "images"


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run's folder."""
    folder = tmp_path_factory.mktemp("export") / "samples-run"
    datagen.generate([ROOT / "samples"], datagen.Settings(model="mock", cache=False), folder)
    return folder


@pytest.fixture
def images() -> Path:
    """The samples' pictures."""
    return IMAGES


Record = dict[str, Any]


@pytest.fixture
def records(tmp_path: Path) -> Callable[..., Path]:
    """`records({...}, {...}, name=...)` writes a file of records, one after the other."""

    def write(*several: Any, name: str = "some.json") -> Path:
        path = tmp_path / name
        lines = "\n".join(map(json.dumps, several)) + "\n"
        path.write_text(lines if name.endswith(".jsonl") else json.dumps(several))
        return path

    return write
