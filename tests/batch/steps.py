"""A program: a small run by batch, killed at each of its steps in turn, then run again; one JSON line for each.

    python -m tests.batch.steps WHAT ADDRESS FOLDER NUMBER...

A number may be FIRST:EVERY, which goes on to the run's end; 0 kills nothing, and tells the names of all steps.

WHAT is `named` (before and after each call to the provider, each commit that concerns batches, and each file that is
put in its place) or `all` (besides these, whatever the run does to its files, down to each write of SQLite's). It
imports everything once and forks for each step. Where the run happens is a child, which ends as kill -9 would end it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp  # noqa: F401  (as those below: so that no child has to)
import openai  # noqa: F401
import pycocotools.mask  # noqa: F401

import datagen.batch.reading
from datagen import Batching, Outcome, Settings, generate
from datagen.keys import Key
from datagen.llm.batch_api import OpenAIBatches
from datagen.shards import Shards
from tests.faults.helpers import SAMPLES, Server, digests, left
from tests.faults.layer import Layer
from tests.faults.steps import forked

SCRIPT = {
    "batches": {
        "tick": 1, "validating": 0, "working": 0, "finalizing": 0,
        "each": [{"at": {"2": "500"}}, {"end": "expired", "share": 0.6}],
    }
}  # fmt: skip
"""Four queries in two batches: a line of the first fails, the second expires; what is left makes a third."""
ASKED = {"limit": 4, "task": ("conversation",), "batch_requests": 2}
COMMITS = ("intend", "change", "take_in", "settle")
CALLS = ("upload", "files", "create", "batches", "batch", "download")


class Fault:
    """Counts steps; at the n-th it is over."""

    def __init__(self, number: int, server: Server, told: Path) -> None:
        self.number, self.server, self.told = number, server, told
        self.names: list[str] = []

    def step(self, what: str) -> int:
        self.names.append(what)
        if len(self.names) == self.number:
            self.told.write_text(json.dumps({"what": what, **self.server.stats()["batches"]["calls"]}))
            os._exit(137)
        return 0


def around(work: Callable[..., Any], name: str, fault: Fault) -> Callable[..., Any]:
    """`work` with a step before it and one after."""

    def call(*told: Any, **more: Any) -> Any:
        fault.step(f"before {name}")
        found = work(*told, **more)
        if isinstance(found, Iterator):
            found = iter(list(found))
        fault.step(f"after {name}")
        return found

    return call


def by_batch(server: Server, folder: Path, fault: Fault | None = None) -> Outcome:
    """The run, over a provider whose every call is a step."""

    def provider(settings: Settings, key: Key) -> OpenAIBatches:
        made = OpenAIBatches(settings.base_url, key.value, settings.timeout, time.sleep)
        for name in CALLS if fault is not None else ():
            setattr(made, name, around(getattr(made, name), name, fault))
        return made

    manner = Batching(wait=True, settle=0, pause=lambda _: time.sleep(0.001), provider=provider)
    settings = Settings(model="any", base_url=server.address, **ASKED)
    return generate([SAMPLES], settings, folder, batch=manner)


def disturbed(what: str, fault: Fault, folder: Path) -> dict[str, Any]:
    """In a child: that run with a kill at its step."""
    datagen.batch.reading.ROWS = 1  # a commit for each line
    if what == "all":
        Layer(folder, fault.step).install()
    for name in COMMITS:
        setattr(Shards, name, around(getattr(Shards, name), name, fault))
    Path.replace = around(Path.replace, "replace", fault)
    Path.unlink = around(Path.unlink, "unlink", fault)
    kept = by_batch(fault.server, folder, fault).states.kept
    return {"steps": fault.names, "kept": kept}


def again(server: Server, folder: Path) -> dict[str, Any]:
    """In a child: the same run, undisturbed, and what it left."""
    outcome = by_batch(server, folder)
    made = [(batch.shard.requests, batch.shard.sha256, batch.outcomes) for batch in outcome.batches]
    leftover = sorted(path.name for path in (folder / "batches").iterdir())
    return {"kept": outcome.states.kept, "files": digests(folder), "batches": made, "leftover": leftover}


def at_step(what: str, number: int, server: Server, work: Path) -> dict[str, Any]:
    """One run killed at a step, and the same again without."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    folder = work / "run"
    server.reset()
    fault = Fault(number, server, work / "fault.json")
    first = forked(lambda: disturbed(what, fault, folder), work / "first.json")
    at = json.loads(fault.told.read_text()) if fault.told.exists() else None
    after = left(folder)
    second = forked(lambda: again(server, folder), work / "second.json")
    end, told = left(folder), server.stats()["batches"]
    answers = {(query, sha) for _, query, sha in end.answers}
    return {
        "number": number, "at": at, "first": first, "second": second,
        "lost": sorted({(query, sha) for _, query, sha in after.answers} - answers),
        "answers": len(end.answers), "queries": len({query for query, _ in answers}), "twice": end.twice,
        "attempts": end.attempts, "open": len(end.open),
        "told": {name: told[name] for name in ("calls", "batches", "billed", "repeated")},
    }  # fmt: skip


def main(what: str, address: str, folder: str, *numbers: str) -> None:
    server, work = Server(address, Path()), Path(folder)
    for told in numbers:
        first, _, every = told.partition(":")
        for number in count(int(first), int(every)) if every else (int(first),):
            found = at_step(what, number, server, work / "step")
            print(json.dumps(found), flush=True)
            if found["at"] is None:
                break


if __name__ == "__main__":
    main(*sys.argv[1:])
