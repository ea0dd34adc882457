"""Killed, starved, cut off between any two steps: nothing that was answered is lost, nothing is bought twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from datagen.mockserver.latency import parse
from tests.faults.forks import Fork, Nursery
from tests.faults.helpers import (
    QUERIES,
    Left,
    Server,
    adds_up,
    at_each_step,
    command,
    digests,
    environment,
    finish,
    left,
    mock_server,
    run,
    serving,
    start,
)

FLIGHT = 8  # requests in flight


class Lane:
    """Runs over the samples, one after another, each killed again and again on a server that counts it alone."""

    def __init__(self, folder: Path, server: Server, nursery: Nursery, calm: dict[str, str], seed: int) -> None:
        self.folder, self.server, self.nursery, self.calm = folder, server, nursery, calm
        self.dice = random.Random(seed)
        self.kills = self.in_asking = self.runs = 0

    def work(self, kills: int) -> Lane:
        """Until so many kills hit; then the last run is let finish."""
        while self.kills < kills:
            self.server.reset()
            self.runs += 1
            self._run(self.folder / f"run-{self.runs}", kills)
        return self

    def _run(self, folder: Path, kills: int) -> None:
        known: frozenset[tuple[int, str, str]] = frozenset()
        opened: set[int] = set()
        while self.kills < kills and self._killed(folder, left(folder)):
            found = left(folder)
            assert known <= found.answers, "an answer was lost"
            assert len(found.open - opened) <= FLIGHT
            known = found.answers
            opened |= found.open
        code, _out, err = finish(start(self.server, folder))
        assert code == 0, err
        self._look(folder, known, len(opened))

    def _killed(self, folder: Path, before: Left) -> bool:
        """Start it once and kill it at some moment; whether it lived to be killed."""
        sent = self.server.stats()["requests"]
        process, longest = self._start(folder)
        if self.dice.random() < 0.25:  # while it starts, or long after it has asked
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.dice.uniform(longest / 15, longest))
        else:
            self._await(process, sent + self.dice.randint(1, max(1, (QUERIES - len(before.answers)) // 2)))
        process.kill()
        hit = process.wait() == -signal.SIGKILL
        self.kills += hit
        self.in_asking += hit and self.server.stats()["requests"] > sent
        return hit

    def _start(self, folder: Path) -> tuple[subprocess.Popen[str] | Fork, float]:
        """A run, and how long it may live: four in twenty from the very start of Python, which is slow; else forks."""
        if self.kills % 20 >= 4:
            return self.nursery.start(command(self.server, folder)[3:]), 0.5
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return start(self.server, folder, **quiet), 1.5

    def _await(self, process: subprocess.Popen[str] | Fork, requests: int) -> None:
        while process.poll() is None and self.server.stats()["requests"] < requests:
            time.sleep(0.004)
        time.sleep(self.dice.uniform(0, 0.03))

    def _look(self, folder: Path, known: frozenset[tuple[int, str, str]], opened: int) -> None:
        found, told = left(folder), self.server.at_rest()
        assert known <= found.answers, "an answer was lost"
        assert len(found.answers) == len({query for _, query, _ in found.answers}) == QUERIES
        assert found.twice == 0, "something was bought after its answer was there"
        assert told["billed"] - QUERIES <= opened, "what was bought again had been in flight at a kill"
        assert told["requests"] <= found.attempts
        assert len({event["key"] for event in self.server.events("billed")}) == QUERIES
        assert digests(folder) == self.calm


def kill_at_random(folder: Path, calm: dict[str, str], kills: int, lanes: int) -> list[Lane]:
    def lane(number: int) -> Lane:
        with mock_server("--latency", "uniform:0.02,0.05") as server, Nursery() as nursery:
            return Lane(folder / str(number), server, nursery, calm, number).work(kills // lanes)

    for number in range(lanes):
        (folder / str(number)).mkdir()
    with ThreadPoolExecutor(lanes) as pool:
        return list(pool.map(lane, range(lanes)))


@pytest.mark.slow
def test_kill_9_at_random_moments(tmp_path: Path, calm: dict[str, str]) -> None:
    """F1, three times."""
    (lane,) = kill_at_random(tmp_path, calm, 3, 1)
    assert lane.kills == 3
    assert lane.in_asking


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kill_9_a_hundred_times(tmp_path: Path, calm: dict[str, str]) -> None:
    """F1, a hundred times."""
    lanes = kill_at_random(tmp_path, calm, 100, 2)
    assert sum(lane.kills for lane in lanes) == 100
    assert sum(lane.in_asking for lane in lanes) >= 30
    print([(lane.kills, lane.in_asking, lane.runs) for lane in lanes])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_in_the_middle_of_real_input(tmp_path: Path, shared_data: Path) -> None:
    """F1, once, where there is much to lose: 3000 queries of 2000 pictures' files."""
    names = ("captions_val2017_2000.json.gz", "instances_val2017_2000_boxes.json.gz")
    inputs = [shared_data / "coco" / name for name in names]
    folder = tmp_path / "killed"
    given = {"concurrency": 16, "limit": 1000}
    with serving(latency=parse("0.02")) as server:
        run(server, tmp_path / "calm", *inputs, **given)
        told = server.at_rest()
        assert (told["requests"], told["billed"], told["repeated"]) == (3000, 3000, 0)
        server.reset()
        process = start(server, folder, "--concurrency", "16", "--limit", "1000", inputs=inputs)
        server.until(lambda told: told["billed"] >= 1000)
        process.kill()
        finish(process)
        before = left(folder)
        assert 900 <= len(before.answers) < 3000
        outcome = run(server, folder, *inputs, **given)
        told = server.at_rest()
    adds_up(outcome, told)
    assert told["repeated"] <= len(before.open) <= 16
    assert before.answers <= left(folder).answers
    assert digests(folder) == digests(tmp_path / "calm")
    assert outcome.states.kept == 3000


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["crash", "power"])
def test_dead_between_any_two_steps(tmp_path: Path, kind: str) -> None:
    """F2, at every step; `power` is F3: what was not synced is gone, too."""
    met = at_each_step(tmp_path, kind, 1, lanes=2)
    assert {one["first"]["code"] for one in met} == {137}
    assert len(met) >= 100
    assert {"sqlite write", "sqlite sync", "fsync", "os.rename"} <= {one["at"]["what"] for one in met}


STARVE = """
import os, resource, sys
from datagen.cli.app import run
import datagen.pipeline, datagen.annotations.coco
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
more = int(sys.argv.pop(1)) << 20
resource.setrlimit(resource.RLIMIT_AS, (size + more, size + more))
sys.exit(run())
"""


def starved(server: Server, folder: Path, megabytes: int) -> tuple[int, str]:
    """Exit code and stderr of a run that gets so much memory, once it has read its own code."""
    asked = [sys.executable, "-c", STARVE, str(megabytes), *command(server, folder)[3:]]
    done = subprocess.run(asked, env=environment(), capture_output=True, text=True, timeout=100)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.slow
def test_without_memory_it_ends_with_a_message_and_goes_on_later(tmp_path: Path, calm: dict[str, str]) -> None:
    """F8: the less there is, the earlier it ends; what was answered until then is kept."""
    with serving() as server:
        ends = [starved(server, tmp_path / "run", megabytes) for megabytes in (4, 20, 28)]
        print(ends)
        assert {code for code, _ in ends} <= {0, 3, 5, -signal.SIGABRT}  # SQLite, or Rust, may be the one to go without
        assert ends[0][0] == 3
        assert "there is no memory left" in ends[0][1]
        open_ = len(left(tmp_path / "run").open)
        code, _out, err = finish(start(server, tmp_path / "run"))
        assert code == 0, err
        found, told = left(tmp_path / "run"), server.at_rest()
    assert found.twice == 0
    assert told["requests"] <= found.attempts
    assert told["billed"] - QUERIES <= 3 * FLIGHT + open_
    assert digests(tmp_path / "run") == calm
