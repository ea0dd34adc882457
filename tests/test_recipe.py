"""The recipe for a user's own CI: its very commands are run in a fresh folder, with the program that is installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / "samples" / "ci" / "github-actions.yml"
BAD = {
    "id": "bad",
    "image": "a.jpg",
    "conversations": [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "That.</s>"}],
}


class Step(NamedTuple):
    """One of a job's steps."""

    name: str
    uses: str
    always: bool
    run: str


def steps() -> list[Step]:
    """As far as the recipe uses YAML: steps begin with a dash, what they run is indented below `run: |`."""
    body = RECIPE.read_text("utf-8").partition("    steps:\n")[2]
    return [_step(part) for part in re.split(r"^ {6}- ", body, flags=re.MULTILINE)[1:]]


def _step(text: str) -> Step:
    told = dict(re.findall(r"^\s*(name|uses|if): (.+)$", text.partition("run: |")[0], flags=re.MULTILINE))
    run = re.sub(r"^ {10}", "", text.partition("run: |\n")[2], flags=re.MULTILINE)
    return Step(told.get("name", ""), told.get("uses", ""), "!cancelled()" in told.get("if", ""), run)


def settings() -> dict[str, str]:
    """What the recipe sets for all steps."""
    part = RECIPE.read_text("utf-8").partition("\nenv:\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^  (\w+): (\w+)", part, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a `datagen` in it, as pip's own script is written, for the package that is tested."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "datagen"
    script.write_text(f"#!{sys.executable}\nimport sys\nfrom datagen.cli import main\n\nsys.exit(main())\n")
    script.chmod(0o755)
    return folder


def job(folder: Path, program: Path, **environ: str) -> dict[str, int]:
    """Each step's exit code, in order, as the runner goes through them: after one failed only those that always run."""
    places = {"PATH": f"{program}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    own = {**os.environ, **settings(), **places, "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **environ}
    codes: dict[str, int] = {}
    for step in steps():
        if step.run and step.name != "install" and (step.always or not any(codes.values())):
            done = subprocess.run(
                ["bash", "-e", "-c", step.run], cwd=folder, env=own, capture_output=True, text=True, timeout=100
            )
            assert "Traceback" not in done.stderr
            (folder / f"{step.name}.log").write_text(done.stdout)
            codes[step.name] = done.returncode
    return codes


@pytest.mark.slow
def test_its_commands_pass_on_what_the_mock_makes(tmp_path: Path, program: Path) -> None:
    assert set(job(tmp_path, program).values()) == {0}
    assert "::error" not in (tmp_path / "annotate what is wrong.log").read_text()
    report = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert int(report.attrib["tests"]) > 0
    assert report.attrib["failures"] == "0"
    assert (tmp_path / "summary.md").read_text().startswith("### datagen validate")


@pytest.mark.slow
def test_its_commands_fail_on_bad_data_and_still_report(tmp_path: Path, program: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps([BAD]))
    codes = job(tmp_path, program, DATA="mine.json")
    assert codes == {"generate with the mock": 0, "annotate what is wrong": 1, "report": 1, "summary": 1}
    assert "::error file=mine.json,line=1," in (tmp_path / "annotate what is wrong.log").read_text()
    assert ElementTree.parse(tmp_path / "report.xml").getroot().attrib["failures"] != "0"
    assert "S001" in (tmp_path / "summary.md").read_text()


@pytest.mark.slow
def test_its_commands_say_by_their_code_what_cannot_be_read(tmp_path: Path, program: Path) -> None:
    assert job(tmp_path, program, DATA="nowhere.json")["annotate what is wrong"] == 2
    assert not (tmp_path / "report.xml").exists()


def test_it_asks_for_no_rights_and_is_stopped_at_once() -> None:
    text = RECIPE.read_text("utf-8")
    assert "permissions:\n  contents: read\n" in text
    assert "write" not in text.replace("written", "")
    assert "secrets" not in text
    assert "cancel-in-progress: true" in text
    assert all(step.run.startswith("exec ") and step.run.count("\n") == 1 for step in steps() if step.run)
    assert [step.uses.partition("@")[0] for step in steps() if step.uses] == [
        "actions/checkout",
        "actions/setup-python",
        "actions/upload-artifact",
    ]
