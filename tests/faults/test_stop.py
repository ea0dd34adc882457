"""Told to stop: by signals, by the clock, by whoever read its output and left. Nothing that came is thrown away."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from datagen import status
from datagen.mockserver.latency import parse
from datagen.observer import Pulse
from tests.faults.helpers import (
    QUERIES,
    SAMPLES,
    Listener,
    Server,
    adds_up,
    command,
    digests,
    environment,
    finish,
    left,
    run,
    serving,
    start,
)

pytestmark = pytest.mark.slow

STOPS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


def after(server: Server, folder: Path, calm: dict[str, str], sent_again: int = 0) -> None:
    """What a run that was stopped has kept adds up, and the same command ends it with the same bytes."""
    outcome = status(folder)
    adds_up(outcome, server.at_rest())
    assert outcome.states.kept + outcome.states.pending == QUERIES
    outcome = run(server, folder)
    told = server.at_rest()
    adds_up(outcome, told)
    assert told["billed"] - QUERIES == sent_again
    assert outcome.states.kept == QUERIES
    assert digests(folder) == calm


@pytest.mark.parametrize(("number", "code"), STOPS)
def test_the_first_signal_brings_home_what_is_on_its_way(
    tmp_path: Path, calm: dict[str, str], number: int, code: int
) -> None:
    """F23: SIGINT, SIGTERM, SIGHUP; the line that it prints goes on."""
    folder = tmp_path / "run"
    with serving(latency=parse("0.3")) as server:
        process = start(server, folder)
        server.until(lambda told: told["billed"] >= 9)
        process.send_signal(number)
        ended, _out, err = finish(process, 30)
        told = server.at_rest()
        assert ended == code, err
        assert "stopping: nothing more is sent" in err
        assert told["requests"] == told["delivered"] < QUERIES
        assert len(json.loads((folder / "llava.json").read_text())) == told["delivered"], "nothing is thrown away"
        resume = re.search(r"to go on: (datagen generate .*)$", err, re.MULTILINE)
        assert resume is not None, err
        assert shlex.split(resume[1])[1:] == command(server, folder)[3:]
        after(server, folder, calm)


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_it_at_once(tmp_path: Path, calm: dict[str, str], second: int) -> None:
    """F23: the server would have taken half a minute; what is in flight is bought again at most."""
    folder = tmp_path / "run"
    with serving(latency=parse("30")) as server:
        process = start(server, folder)
        server.until(lambda told: told["requests"] >= 8)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while "stopping" not in (line := process.stderr.readline()):
            assert line, "it never said that it stops"
        process.send_signal(second)
        ended, _out, _err = finish(process, 5)
        assert ended == 128 + second
        assert server.stats()["requests"] == len(left(folder).open) == 8
    with serving() as server:
        outcome = run(server, folder)
        told = server.at_rest()
    assert (told["requests"], outcome.tally["unknown"]) == (QUERIES, 8)
    assert digests(folder) == calm


def test_without_grace_nobody_waits(tmp_path: Path, calm: dict[str, str]) -> None:
    """F23, `--grace 0`: what is on its way is given up, and said to be; it counts as perhaps billed."""
    folder = tmp_path / "run"
    with serving(latency=parse("30")) as server:
        process = start(server, folder, "--grace", "0", "--price", "1,1")
        server.until(lambda told: told["requests"] >= 8)
        process.send_signal(signal.SIGTERM)
        ended, _out, err = finish(process, 10)
        assert ended == 143, err
        assert "8 requests were sent and not waited for; they may have been billed" in err
        told = server.stats()
    outcome = status(folder)
    assert told["requests"] == 8
    assert outcome.tally["unknown"] == 8
    assert outcome.spent.held > 0, "money stays aside for them"
    assert outcome.states.pending == QUERIES
    with serving() as server:
        run(server, folder)
        assert server.at_rest()["requests"] == QUERIES
    assert digests(folder) == calm


def test_in_a_notebook_too(tmp_path: Path) -> None:
    """F23: told through the API, with a signal to the caller's own process."""

    class Impatient(Listener):
        def tick(self, pulse: Pulse) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    impatient = Impatient()
    with serving(latency=parse("30")) as server:
        outcome = run(server, tmp_path / "run", grace=0.1, observer=impatient)
        assert server.stats()["requests"] == outcome.tally["unknown"] == 8
    assert outcome.interrupted == signal.SIGINT
    assert impatient.said[-1] == "8 requests were sent and not waited for; they may have been billed"
    assert outcome.states.pending == QUERIES


def test_out_of_time(tmp_path: Path, calm: dict[str, str]) -> None:
    """F23, `--max-time 1`: code 3, what was on its way is kept, and the line that goes on."""
    folder = tmp_path / "run"
    with serving(latency=parse("0.4")) as server:
        code, _out, err = finish(start(server, folder, "--max-time", "1"), 30)
        told = server.at_rest()
        assert code == 3, err
        assert "--max-time is over" in err
        assert "to go on: datagen generate" in err
        assert 0 < told["requests"] == told["delivered"] == len(left(folder).answers) < QUERIES
        after(server, folder, calm)


def test_a_reader_that_leaves(tmp_path: Path, calm: dict[str, str]) -> None:
    """F23: `| head -1` takes its line; a reader that took nothing ends it with 141, and not a word."""
    folder = tmp_path / "run"
    with serving() as server:
        shell = f"{shlex.join(command(server, folder, '--json'))} | head -1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", shell], env=environment(), capture_output=True, text=True, timeout=60)
        assert done.stdout.splitlines()[0] == "{"
        assert done.stdout.splitlines()[1] in ("0", "141")  # as fast as head was
        assert "Traceback" not in done.stderr
        reader, writer = os.pipe()
        os.close(reader)
        code, _out, err = finish(start(server, folder, stdout=writer))
        os.close(writer)
        assert code == 141
        assert "rror" not in err
        after(server, folder, calm)


@pytest.mark.parametrize("closing", ["2>&-", "<&- >&- 2>&-"])
def test_closed_streams_end_no_run(tmp_path: Path, calm: dict[str, str], closing: str) -> None:
    """F23: no stderr, no stdout, none at all."""
    folder = tmp_path / "run"
    with serving() as server:
        done = subprocess.run(
            ["bash", "-c", f"{shlex.join(command(server, folder))} {closing}"],
            env=environment(), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert server.at_rest()["requests"] == QUERIES
    assert digests(folder) == calm


HANG_UP = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("how", ["hang up", "Ctrl-C"])
def test_a_terminal_that_is_closed(tmp_path: Path, calm: dict[str, str], how: str) -> None:
    """F23: the window goes away while the bar is drawn (SIGHUP and no terminal to write to), or somebody types
    Ctrl-C in it; answers on their way are kept."""
    folder = tmp_path / "run"
    with serving(latency=parse("0.3")) as server:
        master, slave = pty.openpty()
        asked: Any = [sys.executable, "-c", HANG_UP, *command(server, folder)]
        process = subprocess.Popen(asked, stdin=slave, stdout=slave, stderr=slave, env=environment(TERM="xterm"))
        os.close(slave)
        server.until(lambda told: told["billed"] >= 9)
        if how == "Ctrl-C":
            os.write(master, b"\x03")
            shown = read_all(master)
            assert "Traceback" not in shown
            assert "to go on: datagen generate" in " ".join(shown.split())
        os.close(master)
        assert process.wait(30) == (130 if how == "Ctrl-C" else 129)
        told = server.at_rest()
        assert told["delivered"] == told["requests"] == len(left(folder).answers) < QUERIES
        after(server, folder, calm)


def read_all(master: int) -> str:
    """What a program shows on its terminal until it ends."""
    shown, end = b"", time.monotonic() + 30
    while time.monotonic() < end:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says so where the last program is gone
            break
        shown += part
    return shown.decode("utf-8", "replace")


def test_a_signal_before_and_after_the_asking(tmp_path: Path) -> None:
    """F23: while it reads annotations nothing is sent and nothing needs to be kept; it ends with the same code."""
    with serving() as server:
        process = start(server, tmp_path / "run", str(SAMPLES / "annotations"))
        time.sleep(0.25)
        process.send_signal(signal.SIGTERM)
        code, _out, err = finish(process, 30)
        assert code in (143, -signal.SIGTERM), err  # the latter before Python has read a line of ours
        assert server.stats()["requests"] <= QUERIES
