"""What reads annotations inside a measured process: `python -m tests.bench.readers KIND FILE ...` does it once and
prints JSON about it.

CPU is this process's, threads and children included, around the reading alone: the interpreter's start and the imports
come before the clock. Peak memory is that of the whole process, as who started it sees it. It leaves without taking
apart what it built, so that its wall clock is that of the building.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

Told = dict[str, Any]


def cpu_used() -> float:
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + below.ru_utime + below.ru_stime


def pycocotools(told: argparse.Namespace) -> Told:
    """Both files through COCO's own reader, both held as who joins them must."""
    from pycocotools.coco import COCO

    began = cpu_used()
    with contextlib.redirect_stdout(io.StringIO()):  # it tells how it goes
        both = [COCO(str(path)) for path in told.files]
    cpu = cpu_used() - began
    return {"cpu": cpu, "images": len(both[0].imgs), "entries": sum(len(one.anns) for one in both)}


def index(told: argparse.Namespace) -> Told:
    """datagen's index, nothing kept and nothing found."""
    return _index(told.files, cache=False)


def cached(told: argparse.Namespace) -> Told:
    """The same with its cache, in the folder that DATAGEN_CACHE_DIR names: built if it is not there."""
    return _index(told.files, cache=True)


def _index(files: list[Path], *, cache: bool) -> Told:
    import msgspec  # noqa: F401  (what it may import late belongs before the clock)
    import numpy  # noqa: F401

    from datagen.annotations.index import Reading
    from datagen.annotations.index import index as read
    from datagen.sources.files import find

    began = cpu_used()
    found = read(find(files), Reading(cache=cache))
    found.context(len(found) - 1)
    cpu = cpu_used() - began
    entries = sum(found.captions(row) + found.boxes(row) for row in range(len(found)))
    return {"cpu": cpu, "images": len(found), "entries": entries}


def alone(told: argparse.Namespace) -> Told:
    """The index and nothing else, for a wall clock that begins with the process; on all cores, as `first` is."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    from datagen.annotations.index import Reading
    from datagen.annotations.index import index as read
    from datagen.sources.files import find

    return {"images": len(read(find(told.files), Reading(cache=False)))}


def plan(told: argparse.Namespace) -> Told:
    """A plan over all images and all tasks into a new run, reading included."""
    from datagen import Settings, Silent
    from datagen.plan import plan
    from datagen.run import Run

    began = cpu_used()
    with Run.create(told.run) as run:
        plan(run, told.files, Settings(model="mock"), replan=False, observer=Silent())
        cpu = cpu_used() - began
        return {"cpu": cpu, "requests": run.ledger.states().planned}


KINDS = {"pycocotools": pycocotools, "index": index, "cached": cached, "alone": alone, "plan": plan}


def main() -> None:
    """Read the command line, do it, print what it took, be gone."""
    parser = argparse.ArgumentParser(prog="readers")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--run", type=Path)
    told = parser.parse_args()
    print(json.dumps(KINDS[told.kind](told)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
