"""A program: a tiny run, ended or disturbed at each of its steps in turn, then run again; one JSON line for each.

    python -m tests.faults.steps KIND ADDRESS FOLDER FIRST EVERY [COUNT]

KIND is `crash`, `power` (see layer.py) or the name of an errno. It imports everything once and forks for each step,
because a start costs a hundred times what a tiny run costs. Where the run happens is a child; this process only looks.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import threading
import traceback
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp  # noqa: F401  (as the three below: so that no child has to)
import openai  # noqa: F401
import pycocotools.mask  # noqa: F401

from datagen.errors import DatagenError
from datagen.llm import carrier, openai_chat  # noqa: F401
from tests.faults.helpers import FILES, Listener, Server, digest, digests, left, run
from tests.faults.layer import Layer

ASKED = {"limit": 2, "task": ("conversation",), "concurrency": 2, "attempts": 2}


class Listening(Listener):
    """Keeps who was heard in a file, so that it outlives a crash: what was heard must never be lost."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def heard(self, response: Any, fault: str | None) -> None:
        with self._path.open("a") as file:
            file.write(f"{response.query_id}\n")


class Fault:
    """Counts steps; at the n-th it does what it is there for."""

    def __init__(self, kind: str, number: int, server: Server, told: Path) -> None:
        self.kind, self.number, self.server, self.told = kind, number, server, told
        self.seen = 0
        self.layer: Layer | None = None
        self._lock = threading.RLock()  # the ledger is written in a thread

    def step(self, what: str) -> int:
        with self._lock:
            return self._step(what)

    def _step(self, what: str) -> int:
        self.seen += 1
        if self.seen < self.number:
            return 0
        if self.seen == self.number:
            self.told.write_text(json.dumps({"what": what, "requests": self.server.stats()["requests"]}))
        if self.kind in ("crash", "power"):
            if self.kind == "power" and self.layer is not None:
                self.layer.lose_power()
            os._exit(137)
        return int(getattr(errno, self.kind))


def disturbed(fault: Fault, folder: Path) -> dict[str, Any]:
    """In a child: a run over the fault layer."""
    fault.layer = Layer(folder, fault.step)
    fault.layer.install()
    outcome = run(fault.server, folder, observer=Listening(folder.parent / "heard"), **ASKED)
    return {"steps": fault.seen, "kept": outcome.states.kept}


def again(server: Server, folder: Path) -> dict[str, Any]:
    """In a child: the same run, undisturbed."""
    outcome = run(server, folder, **ASKED)
    return {"kept": outcome.states.kept, "files": digests(folder), "attempts": outcome.tally["attempts"]}


def forked(work: Any, told: Path) -> dict[str, Any]:
    """What `work` gives, done in a child; how it ended, if it did not end well."""
    told.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        code, found = 0, {}
        try:
            found = work()
        except DatagenError as error:
            code, found = error.exit_code, {"message": str(error), "hint": error.hint}
        except BaseException:
            code, found = 99, {"message": traceback.format_exc()}
        with told.open("w", encoding="utf-8") as file:
            json.dump(found, file)
        os._exit(code)
    _, status = os.waitpid(child, 0)
    found = json.loads(told.read_text()) if told.exists() else {}
    return {"code": os.waitstatus_to_exitcode(status), **found}


def at_step(kind: str, number: int, server: Server, work: Path) -> dict[str, Any]:
    """One tiny run with its fault at a step, and the same again without."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    folder, heard = work / "run", work / "heard"
    server.reset()
    fault = Fault(kind, number, server, work / "fault.json")
    first = forked(lambda: disturbed(fault, folder), work / "first.json")
    at = json.loads(fault.told.read_text()) if fault.told.exists() else None
    after, middle = left(folder), server.at_rest()
    there = {name: digest(folder / name) for name in FILES if (folder / name).exists()}
    second = forked(lambda: again(server, folder), work / "second.json")
    answered = {query for _, query, _ in after.answers}
    acknowledged = set(heard.read_text().split()) if heard.exists() else set()
    end = left(folder)
    return {
        "number": number, "at": at, "first": first, "second": second,
        "lost": sorted(acknowledged - answered) + sorted(map(str, after.answers - end.answers)),
        "open": len(after.open), "files": there, "sent": middle["requests"], "twice": end.twice,
        "told": server.at_rest(),
    }  # fmt: skip


def main(kind: str, address: str, folder: str, first: str, every: str, most: str = "1000000") -> None:
    server, work = Server(address, Path()), Path(folder)
    for number in count(int(first), int(every)):
        found = at_step(kind, number, server, work / "step")
        print(json.dumps(found), flush=True)
        if found["at"] is None or number >= int(most):
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
