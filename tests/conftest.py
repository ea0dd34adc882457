"""What all tests share: a clean environment and cache, the shared data, and the program as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What is kept of annotations stays apart from that of whoever runs the tests, for processes too."""
    folder = str(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAGEN_CACHE_DIR", folder)
        yield folder


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, _own_cache: str) -> None:
    """No key, no setting and no datagen.toml of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(("DATAGEN_", "OPENAI_")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATAGEN_CACHE_DIR", _own_cache)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; the test is skipped where it is absent."""
    if not DATA.is_dir():
        pytest.skip("the shared data is not here")
    return DATA


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """`cli("generate", ...)` runs the program as its own process in a fresh folder."""

    def run(*arguments: object, cwd: Path = tmp_path, timeout: float = 100, **environ: str):
        return subprocess.run(
            [sys.executable, "-m", "datagen", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    return run
