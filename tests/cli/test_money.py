"""estimate, --dry-run, and the question before money is spent, as somebody at a terminal meets them."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.program import Program as Cli

DEAR = ("generate", "samples", "--model", "mock", "--price", "1000,1000", "-o", "run")
MORE = partial(pytest.param, marks=pytest.mark.slow)  # a process and a terminal each


def at_a_terminal(folder: Path, *arguments: str, types: str) -> tuple[int, str, str]:
    """Run the program with a terminal as stdin and stderr, type when asked; its exit code, stdout and screen."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "datagen", *arguments],
        cwd=folder, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(theirs)
    screen = b""
    typed = False
    while True:
        if not select.select([ours], [], [], 60)[0]:
            program.kill()
            break
        try:
            more = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not more:
            break
        screen += more
        if b"[y/N] " in screen and not typed:
            typed = True
            os.write(ours, types.encode())
    stdout, _ = program.communicate(timeout=60)
    os.close(ours)
    return program.returncode, stdout, screen.decode()


def attempts(cli: Cli) -> int:
    told: int = json.loads(cli("status", "run", "--json").stdout)["tally"]["attempts"]
    return told


@pytest.mark.parametrize("answer", ["\n", "\x04", "yy\n", *(MORE(answer) for answer in ("n\n", "nay\n"))])
def test_whoever_does_not_agree_ends_with_3_and_nothing_was_sent(cli: Cli, tmp_path: Path, answer: str) -> None:
    code, _, screen = at_a_terminal(tmp_path, *DEAR, types=answer)
    assert code == 3, screen
    assert "48 requests to mock" in screen
    assert "(--price). Go on? [y/N]" in screen
    assert "nothing was sent: a likely $" in screen
    assert "the same command asks again; --yes agrees beforehand" in screen
    assert "Traceback" not in screen
    assert attempts(cli) == 0


def test_whoever_agrees_gets_it(tmp_path: Path) -> None:
    code, stdout, screen = at_a_terminal(tmp_path, *DEAR, types="y\n")
    assert code == 0, screen
    assert stdout == "run/llava.json\n"
    assert "kept 48" in screen


@pytest.mark.parametrize("flags", [("--yes",), MORE(("--confirm-above", "1e9")), MORE(("--max-cost", "5"))])
def test_a_question_that_was_answered_before_is_not_put(tmp_path: Path, flags: tuple[str, ...]) -> None:
    _, _, screen = at_a_terminal(tmp_path, *DEAR, *flags, types="n\n")
    assert "[y/N]" not in screen


def test_a_cap_above_the_limit_is_asked_about_too(tmp_path: Path) -> None:
    code, _, screen = at_a_terminal(tmp_path, *DEAR, "--max-cost", "50", types="n\n")
    assert (code, screen.count("[y/N]")) == (3, 1)


def test_where_nobody_can_be_asked_it_must_be_said_beforehand(cli: Cli) -> None:
    done = cli.process(*DEAR)
    assert done.returncode == 2
    assert "more than --confirm-above 5, and nobody is here to agree" in done.stderr
    assert "--max-cost" in done.stderr
    assert "--yes" in done.stderr
    assert attempts(cli) == 0
    assert cli(*DEAR, "--yes").returncode == 0
    assert cli(*DEAR).returncode == 0  # it is finished: there is nothing to agree to


def test_a_cap_is_agreement_enough_where_nobody_is(cli: Cli) -> None:
    assert "nobody is here" not in cli(*DEAR, "--max-cost", "100000").stderr


def test_a_cap_wants_a_price(cli: Cli) -> None:
    done = cli("generate", "samples", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--max-cost", "1")
    assert done.returncode == 2
    assert "--price IN,OUT" in done.stderr


def test_a_bad_price_names_its_flag(cli: Cli) -> None:
    for command in ("generate", "estimate"):
        done = cli(command, "samples", "--model", "mock", "--price", "5")
        assert done.returncode == 2
        assert "--price: must be IN,OUT" in done.stderr


@pytest.mark.parametrize("command", [("estimate",), ("generate", "--dry-run"), ("generate", "--dry-run", "-q")])
def test_an_estimate_is_a_table_and_touches_nothing(cli: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = cli(*command, "samples", "--model", "gpt-4o", "--max-tokens", "500")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["task", "requests", "answered", "prompt", "tokens", "a", "reply,", "likely"]
    assert {line.split()[0] for line in lines[1:5]} == {
        "complex_reasoning",
        "conversation",
        "detail_description",
        "all",
    }
    assert len({len(line) for line in lines[:4]}) == 1
    told = {line[:16].strip(): line[16:].split() for line in lines if line}
    assert all(amount.startswith("$") for amount in (*told["cost"], *told["cost by batch"]))
    assert told["price"][0:4] == ["$2.5", "in,", "$10", "out"]
    assert "to see a prompt: datagen preview samples --model gpt-4o" in done.stdout
    assert all(len(line) <= 80 for line in lines if not line.startswith(("note:", "to see", "price")))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_cost_is_not_nothing(cli: Cli) -> None:
    done = cli("estimate", "samples", "--model", "gpt-4", "--base-url", "http://127.0.0.1:9/v1")
    told = {line[:16].strip(): line[16:].split() for line in done.stdout.splitlines()}
    assert (told["cost"], told["cost by batch"]) == (["unknown"], ["unknown"])
    assert "$" not in done.stdout
    assert "--price IN,OUT" in done.stdout


def test_json_says_the_same_and_a_dry_run_is_an_estimate(cli: Cli) -> None:
    flags = ("samples", "--model", "gpt-4o", "-t", "conversation", "--limit", "4", "--json")
    told = json.loads(cli("estimate", *flags).stdout)
    assert json.loads(cli("generate", *flags, "--dry-run").stdout) == told
    assert (told["requests"], told["answered"], told["exact"], told["spent"]) == (4, 0, True, 0)
    assert told["price"]["prompt"] == 2.5
    likely = (2.5 * told["prompt_tokens"] + 10 * told["reply_tokens"]["likely"]) / 1e6
    assert told["cost"]["likely"] == pytest.approx(likely)
    assert told["batch_cost"]["likely"] == pytest.approx(likely / 2)


def test_what_a_run_has_is_not_counted_again(cli: Cli) -> None:
    cli("generate", "samples", "--model", "mock", "--price", "1,1", "--limit", "2", "-o", "run")
    done = cli("estimate", "samples", "--model", "mock", "--price", "1,1", "-o", "run")
    assert "already answered: 6 · spent so far: $0.01" in done.stdout


def test_hostile_task_names_reach_the_terminal_harmless(cli: Cli, tmp_path: Path) -> None:
    evil = tmp_path / "prompts" / "a\x1b[31m\u202eb"
    evil.mkdir(parents=True)
    (evil / "system_message.txt").write_text("Describe.")
    (evil / "000_caps.txt").write_text("A dog.")
    (evil / "000_conv.txt").write_text("It is a dog.")
    (evil / "questions.txt").write_text("What is it?")
    done = cli("estimate", "samples", "--model", "m\x1b[31m", "--prompts", "prompts")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout
