"""What the README says of the code, held against the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import datagen
from datagen.build import ABOUT, FILES
from datagen.checks import every  # noqa: F401
from datagen.checks.base import of_kind
from datagen.examine import LOW
from tests.program import Program as Cli

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_reason_for_rejecting_is_in_the_table_and_no_other() -> None:
    table = section("What you get").split("| a reply is rejected as |")[1]
    told = set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE))
    checks = {check.name for check in of_kind("reply", "task", "text") if check.level == "error"}
    assert told == checks | {"grammar", LOW}


def test_every_file_of_a_run_is_in_the_table() -> None:
    told = section("What you get")
    for name in (*FILES, *ABOUT, "manifest.json", "run.json", "ledger.db", "prompts/"):
        assert f"`{name}`" in told, name


def test_every_command_and_flag_that_is_shown_exists(cli: Cli) -> None:
    shown = re.findall(r"\bdatagen ((?:[a-z-]+ ?)+)", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)))
    commands = {words.split()[0] for words in shown}
    assert commands >= {"generate", "preview", "status"}
    listed = cli("-h").stdout
    assert all(f"\n  {command} " in listed for command in commands), commands
    flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README.replace("ruff format --check", "")))
    listing = re.findall(r"^  ([a-z][a-z-]*) ", listed.split("Commands:")[1], re.MULTILINE)
    known = "".join(cli(command, "-h").stdout for command in listing)
    assert {flag for flag in flags if f"{flag} " not in known} == set()


def test_every_file_of_the_house_is_drawn_and_each_drawn_is_there() -> None:
    drawing = section("The house").split("```")[1]
    for path in (ROOT / "datagen").iterdir():
        name = path.name + ("/" if path.is_dir() else "")
        small = {
            "__pycache__/",
            "__main__.py",
            "py.typed",
            "registry.py",
            "text.py",
            "version.py",
            "shipped.py",
            "observer.py",
        }
        assert name in small or name in drawing, name
    for name in re.findall(r"\b([a-z_]+\.py|[a-z]+/)(?= )", drawing):
        assert list(ROOT.glob(f"**/{name}")), name


def test_the_library_example_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.match(r"48 datagen-run.llava\.json", done.stdout)


def test_the_exit_codes_are_those_of_the_errors() -> None:
    told = section("What you get")
    for error in (datagen.SetupError, datagen.Stopped, datagen.ProviderError, datagen.LedgerError):
        assert f"`{error.exit_code}` " in told


def test_nothing_is_said_twice() -> None:
    codes = section("What you get").split("Exit codes: ")[1].split("\n\n")[0]
    told = re.findall(r"`(\d)` ", codes)
    assert told == sorted(set(told)), codes
    drawn = re.findall(r"^  (\S+)", section("The house").split("```")[1], re.MULTILINE)
    assert len(drawn) == len(set(drawn)), drawn
    rows = re.findall(r"^\| ([a-z]+) \|", README.split("<!-- bench -->")[1], re.MULTILINE)
    assert len(rows) == len(set(rows)), rows
