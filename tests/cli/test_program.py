"""The program run in this process does what it does as its own, and leaves no trace here."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.program import Program as Cli

GENERATE = ("generate", "samples", "--model", "mock")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("generate", "--no-such-flag"),
        ("inspect", "samples"),
        (*GENERATE, "--limit", "2", "-o", "run", "--display", "live"),
        (*GENERATE, "--limit", "2", "--price", "9999,9999"),
        (*GENERATE, "--max-tokens", "3", "-q"),
    ],
)
def test_both_ways_say_the_same_and_end_the_same(cli: Cli, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    here, there = cli(*arguments, cwd=folders[0]), cli.process(*arguments, cwd=folders[1])
    assert here.returncode == there.returncode
    assert here.stdout == there.stdout.replace("python -m datagen", "datagen")
    assert here.stderr == there.stderr.replace("python -m datagen", "datagen")
    made = [sorted(path.relative_to(folder) for path in folder.rglob("*")) for folder in folders]
    assert made[0] == made[1]


def state() -> list[object]:
    """What a program may change of its process."""
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    return [handlers, dict(os.environ), Path.cwd(), sys.argv, sys.stdin, sys.stdout, sys.stderr, os.fstat(1)[:3]]


def test_nothing_of_it_stays_here(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    before = state()
    assert cli(*GENERATE, "--limit", "1", cwd=tmp_path / "d", DATAGEN_SEED="3").returncode == 0
    assert cli("generate", "--no-such-flag").returncode == 2
    assert state() == before


def test_a_bug_is_a_traceback_and_ends_with_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("datagen.status", broken, raising=False)
    done = cli("status", "run")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("ZeroDivisionError: a bug\n")
