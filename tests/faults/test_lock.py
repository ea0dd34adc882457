"""Several processes on one run: one works, the others say who it is, and nothing is bought twice."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

import pytest

from datagen import status
from datagen.mockserver.latency import parse
from tests.faults.helpers import QUERIES, adds_up, digests, finish, left, run, serving, start

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("count", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_of_many_at_once_one_works(tmp_path: Path, calm: dict[str, str], count: int) -> None:
    """F7: exactly one; the others end with code 5 and its pid and host, and send nothing."""
    folder = tmp_path / "run"
    with serving(latency=parse(str(0.08 * count))) as server:
        processes = [start(server, folder) for _ in range(count)]
        ends = [finish(process) for process in processes]
        told = server.at_rest()
    assert sorted(code for code, _, _ in ends) == [0] + [5] * (count - 1), ends
    (worker,) = [process.pid for process, end in zip(processes, ends, strict=True) if end[0] == 0]
    for code, _out, err in ends:
        if code == 5:
            told_pid = re.search(r"process (\d+) on (\S+) since \d{4}-", err)
            assert told_pid is not None or "another process" in err, err  # it had not said its name yet
            assert told_pid is None or told_pid.groups() == (str(worker), socket.gethostname())
            assert "is at work here" in err
            assert "hint: wait for it" in err
    assert (told["requests"], told["billed"], told["repeated"]) == (QUERIES, QUERIES, 0)
    assert digests(folder) == calm


def test_who_is_stopped_holds_it_still_and_who_is_dead_does_not(tmp_path: Path, calm: dict[str, str]) -> None:
    """F7: SIGSTOP is not death; SIGKILL is."""
    folder = tmp_path / "run"
    with serving(latency=parse("0.1")) as server:
        holder = start(server, folder)
        server.until(lambda told: told["billed"] >= 10)
        os.kill(holder.pid, signal.SIGSTOP)
        stopped = server.at_rest()["requests"]
        code, _out, err = finish(start(server, folder), 30)
        assert code == 5, err
        assert f"process {holder.pid} on {socket.gethostname()}" in err
        assert status(folder).states.planned == QUERIES, "it may be looked at"
        assert server.stats()["requests"] == stopped
        os.kill(holder.pid, signal.SIGCONT)
        server.until(lambda told: told["billed"] >= stopped + 2)
        holder.kill()
        finish(holder)
        open_ = len(left(folder).open)
        outcome = run(server, folder)
        told = server.at_rest()
    adds_up(outcome, told)
    assert outcome.states.kept == QUERIES
    assert told["billed"] - QUERIES <= open_ <= 8
    assert digests(folder) == calm
