"""What is shipped: a wheel with prompts, samples and types, that runs the main job with nothing else around."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


def test_it_carries_every_prompt_every_sample_and_the_types(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    for name in ("prompts", "samples"):
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"datagen/_data/{path.relative_to(ROOT).as_posix()}" in held
    for path in (ROOT / "datagen" / "viewer").glob("*/*.[chj]*"):
        if "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in held
    assert "datagen/py.typed" in held
    assert not [name for name in held if name.startswith("tests") or "__pycache__" in name]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_installed_alone_it_runs_the_main_job(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(
        [tmp_path / "venv" / "bin" / "pip", "install", "-q", "--disable-pip-version-check", wheel],
        check=True, capture_output=True, env=environment,
    )  # fmt: skip
    done = subprocess.run(
        [tmp_path / "venv" / "bin" / "datagen", "generate", "samples", "--model", "mock", "-o", "run"],
        cwd=tmp_path, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    golden = (ROOT / "samples" / "output" / "llava.json").read_bytes()
    assert (tmp_path / "run" / "llava.json").read_bytes() == golden
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["mock"] is True
