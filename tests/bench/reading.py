"""Annotations of train2017's size: read, found again in the cache, planned, and waited for until the first query.

Beside pycocotools' own reader, each side in a process of its own and in turns, over files that stand in the page cache.
CPU is counted around the work, after imports; peak memory is that of the whole process; what waits for a first query is
told in wall seconds from the process's start, for a wait is what it is, and means something on a quiet machine only.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench import first, train2017
from tests.bench.clients import Bench, Used
from tests.bench.table import Figure, ratio

ROW = "annotations"
COCO = "pycocotools, COCO() twice"
_WAITS = 3  # a turn
_SETTLED = 3.0  # seconds after which a cache may trust a file's time


class Turn(NamedTuple):
    """One repetition, everything in it side by side; cold and warm only where there is a cache."""

    coco: Used
    index: Used
    """The middle one of several, since one takes a tenth of the other's time and is disturbed the sooner."""
    waits: list[tuple[float, float]]
    """Until the first query, and for the index alone; right after each other."""
    plan: Used
    cold: Used | None
    warm: Used | None


def measure(bench: Bench) -> Iterator[Figure]:
    """As large as train2017, or 2,000 images with `--quick`; the files are gone at the end."""
    images = bench.size(train2017.IMAGES, 2000)
    folder = bench.work / f"train2017-{images}"
    try:
        began = time.perf_counter()
        files = train2017.write(folder, images)
        drawn = time.perf_counter() - began
        sizes = " + ".join(f"{path.stat().st_size / 1e6:,.0f} MB" for path in files)
        bench.say(f"  {images:,} images, {sizes}, drawn in {drawn:.0f} s")
        time.sleep(_SETTLED)
        turns = [_turn(bench, files, number) for number in range(bench.repeats)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    yield from _reading(turns, f"{images:,} images, {sizes}")
    yield from _again(turns)
    yield from _waiting(turns)
    yield from _planning(turns)


def _turn(bench: Bench, files: list[Path], number: int) -> Turn:
    def read(kind: str, *arguments: object, **environment: str) -> Used:
        used = bench.inside("readers", kind, *files, *arguments, **environment)
        bench.say(f"  {number + 1}/{bench.repeats} {kind}: {used.cpu:.3f} s CPU, {used.peak / 1e6:.0f} MB")
        return used

    before = [read("index")]
    coco = read("pycocotools")
    index = sorted([*before, read("index"), read("index")], key=lambda used: used.cpu)[1]
    _same(coco, index)
    waits = []
    for _ in range(_WAITS):
        waits.append((first.wait(bench, files), read("alone").wall))
        bench.say(
            "  {}/{} first query after {:.2f} s, index alone {:.2f} s".format(number + 1, bench.repeats, *waits[-1])
        )
    work = bench.folder()
    cold = read("cached", DATAGEN_CACHE_DIR=_made(work / "cache"))
    has_cache = any(path.is_file() for path in (work / "cache").rglob("*"))
    warm = read("cached", DATAGEN_CACHE_DIR=str(work / "cache")) if has_cache else None
    _same(coco, warm or cold)
    plan = read("plan", "--run", work / "run", DATAGEN_CACHE_DIR=_made(work / "another"))  # all of it, reading too
    bench.forget(work)
    return Turn(coco, index, waits, plan, cold if has_cache else None, warm)


def _made(folder: Path) -> str:
    folder.mkdir()
    return str(folder)


def _same(theirs: Used, ours: Used) -> None:
    """Who leaves something out is quick."""
    for what in ("images", "entries"):
        if theirs.told[what] != ours.told[what]:
            raise SystemExit(f"bench: pycocotools read {theirs.told[what]:,} {what}, the index {ours.told[what]:,}")


def _reading(turns: list[Turn], note: str) -> Iterator[Figure]:
    for name, several in ((COCO, [turn.coco for turn in turns]), ("index", [turn.index for turn in turns])):
        yield Figure(ROW, f"{name}: CPU", tuple(used.cpu for used in several), "s", note=note)
        yield Figure(ROW, f"{name}: peak memory", tuple(used.peak / 1e6 for used in several), "MB")
    cpu = [turn.index.cpu for turn in turns], [turn.coco.cpu for turn in turns]
    peak = [float(turn.index.peak) for turn in turns], [float(turn.coco.peak) for turn in turns]
    yield ratio(ROW, "index / pycocotools: CPU", *cpu, "≤ 0.125", "after imports, nothing cached")
    yield ratio(ROW, "index / pycocotools: peak memory", *peak, "≤ 0.083", "whole process")


def _again(turns: list[Turn]) -> Iterator[Figure]:
    """Not measured where no cache was written."""
    cold = [(turn.cold, turn.coco) for turn in turns if turn.cold]
    warm = [(turn.warm, turn.coco) for turn in turns if turn.warm]
    yield Figure(ROW, "index, written to the cache: CPU", tuple(used.cpu for used, _ in cold), "s")
    yield Figure(ROW, "index, from the cache: CPU", tuple(used.cpu * 1000 for used, _ in warm), "ms")
    ours, theirs = [used.cpu for used, _ in warm], [used.cpu for _, used in warm]
    yield ratio(ROW, "index from the cache / pycocotools: CPU", ours, theirs, "≤ 0.002")


def _waiting(turns: list[Turn]) -> Iterator[Figure]:
    until, alone = ([wait[side] for turn in turns for wait in turn.waits] for side in (0, 1))
    yield Figure(ROW, "generate: first query sent after", tuple(until), "s", note="wall, all tasks, nothing cached")
    yield Figure(ROW, "index alone, from the process's start", tuple(alone), "s", note="wall")
    yield ratio(ROW, "first query / index alone", until, alone, "≤ 1.3")


def _planning(turns: list[Turn]) -> Iterator[Figure]:
    plans = [turn.plan for turn in turns]
    note = f"{plans[0].requests:,} queries, reading included"
    yield Figure(ROW, "plan: peak memory", tuple(used.peak / 1e6 for used in plans), "MB", "≤ 300", note)
    yield Figure(ROW, "plan: CPU a query", tuple(used.each for used in plans), "ms")
