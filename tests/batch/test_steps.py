"""Killed before and after each step of a run by batch: nothing is lost, nothing is bought or submitted twice.

The steps are enumerated and not drawn: steps.py counts them and kills at the n-th, for each n.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from datagen.mockserver.script import parse
from tests.batch.steps import SCRIPT
from tests.faults.helpers import ROOT, Server, environment, run, serving

LIVE = {"limit": 4, "task": ("conversation",)}


def killed_at(folder: Path, what: str, *lanes: Sequence[int | str]) -> list[dict[str, Any]]:
    """What came of the runs that were killed at these steps, a server for each lane of them; judged."""

    def lane(number: int) -> list[dict[str, Any]]:
        (folder / str(number)).mkdir()
        with serving(script=parse(SCRIPT)) as server:
            return steps(what, server, folder / str(number), *lanes[number])

    with serving() as server:
        run(server, folder / "live", **LIVE)
    texts = {name: (folder / "live" / name).read_bytes() for name in ("llava.json", "messages.jsonl")}
    with ThreadPoolExecutor(len(lanes)) as pool:
        found = [one for each in pool.map(lane, range(len(lanes))) for one in each]
    for one in found:
        judge(one)
    for number in range(len(lanes)):
        made = folder / str(number) / "step" / "run"
        assert {name: (made / name).read_bytes() for name in texts} == texts, "as by the live road"
    assert len({json.dumps(one["second"]["files"]) for one in found}) == 1, "the same bytes wherever it was killed"
    return [one for one in found if one["at"] is not None]


def steps(what: str, server: Server, folder: Path, *numbers: int | str) -> list[dict[str, Any]]:
    """What the program tells."""
    asked = [what, server.address, str(folder), *map(str, numbers)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.batch.steps", *asked],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=3000,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(one: dict[str, Any]) -> None:
    told, second = one["told"], one["second"]
    assert one["first"]["code"] == (137 if one["at"] is not None else 0), one
    assert second["code"] == 0, second
    assert one["lost"] == []
    assert (one["answers"], one["queries"], second["kept"], one["twice"], one["open"]) == (4, 4, 4, 0, 0)
    assert (told["billed"], told["repeated"]) == (4, 0), "each row is bought once"
    assert told["batches"] == told["calls"]["create"] == len(second["batches"]), "as many batches as were intended"
    assert told["calls"]["upload"] == told["batches"], "a file that was uploaded is not uploaded again"
    assert sum(requests for requests, _, _ in second["batches"]) == one["attempts"]
    assert all(sum(outcomes.values()) == requests for requests, _, outcomes in second["batches"])
    assert second["leftover"] == [], "nothing half-made is left in the run's folder"


AROUND = ("intend", "upload", "create", "change", "batch", "download", "take_in", "settle", "replace", "unlink")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_killed_at_each_named_step(tmp_path: Path) -> None:
    """F19: before and after each call to the provider, each commit and each file put in its place."""
    met = killed_at(tmp_path, "named", ["1:2"], ["2:2"])
    where = {one["at"]["what"] for one in met}
    assert {f"{when} {name}" for when in ("before", "after") for name in AROUND} <= where
    assert len(met) >= 130
    print(len(met), sorted(where))


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_killed_at_each_step_that_touches_a_disk(tmp_path: Path) -> None:
    """F19 below that: between any two writes of SQLite's, syncs, renames and removals, too. Every seventh, since
    all take a quarter of an hour; with EVERY_STEP in the environment each."""
    stride = 2 if os.environ.get("EVERY_STEP") else 14
    met = killed_at(tmp_path, "all", [f"5:{stride}"], [f"{5 + stride // 2}:{stride}"])  # 5: SQLite is making its file
    assert {"sqlite write", "sqlite sync", "fsync", "os.rename"} <= {one["at"]["what"] for one in met}
    print(len(met))
