"""`datagen checks` as its users meet it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import datagen

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


def test_all_checks_are_listed(cli: Cli) -> None:
    done = cli("checks")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for code, check in datagen.catalog().items():
        assert any(line.startswith(f"{code} ") and check.name in line and check.about in line for line in lines), code
    assert "\x1b" not in done.stdout


def test_a_check_is_explained(cli: Cli) -> None:
    done = cli("checks", "s001")
    assert done.returncode == 0, done.stderr
    check = datagen.catalog()["S001"]
    assert done.stdout.startswith(f"S001 {check.name} ({check.level})\n\n{check.about}\n")
    assert json.loads(done.stdout.split("\nPasses\n")[1]) == check.passes


def test_programs_are_told_too(cli: Cli) -> None:
    told = json.loads(cli("checks", "--json").stdout)
    assert [check["code"] for check in told] == list(datagen.catalog())
    assert "why" not in told[0]
    (one,) = json.loads(cli("checks", "S001", "--json").stdout)
    assert one["passes"] == datagen.catalog()["S001"].passes
    assert {check["code"][0] for check in json.loads(cli("checks", "--family", "s", "--json").stdout)} == {"S"}


def test_a_wrong_name_is_told_with_the_right_one(cli: Cli) -> None:
    done = cli("checks", "special-tokens")
    assert done.returncode == 2
    assert "no check is called 'special-tokens'" in done.stderr
    assert "did you mean special-token" in done.stderr
    assert cli("checks", "--family", "?").returncode == 2
