"""Peak memory at 256 requests in flight: of a whole run and of asking alone, for few queries and for a hundred times as
many. The whole runs read the same annotations, and take few or all of their images: what an index of annotations takes
follows the annotations, and is measured beside that of others (reading.py)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.clients import Bench
from tests.bench.server import Server
from tests.bench.table import Figure, ratio


def measure(bench: Bench) -> Iterator[Figure]:
    """The long runs once: what they take does not vary with what else the machine does."""
    few, many, flight = bench.size(1000, 200), bench.size(100_000, 2000), bench.size(256, 64)
    with bench.server("--stock", "--latency", "0.1") as server:
        bench.datagen("inspect", *bench.inputs(many), "--json")  # which leaves the index in the cache for all of them
        wholes = [_whole(bench, server, many, count, flight) for count in (few, many)]
        askings = [_asking(bench, server, count, flight) for count in (few, many)]
    for name, (small, large) in (("datagen generate", wholes), ("asking alone", askings)):
        for count, peak in ((few, small), (many, large)):
            yield Figure("memory", f"{name}: peak for {count:,} queries", (peak,), "MB", note=f"{flight} in flight")
        yield ratio("memory", f"{name}: {many:,} / {few:,} queries", [large], [small], "≤ 1.2")


def _whole(bench: Bench, server: Server, images: int, count: int, flight: int) -> float:
    folder = bench.folder()
    used = bench.whole(server, bench.inputs(images), flight, folder, "--limit", count)
    bench.forget(folder)
    bench.say(f"  {count:,} queries, whole: {used.peak / 1e6:.0f} MB, {used.wall:.0f} s")
    return used.peak / 1e6


def _asking(bench: Bench, server: Server, count: int, flight: int) -> float:
    """Planned in another process, so that what planning took is not counted."""
    used = bench.asking(server, count, flight, warm=0, run=bench.planned(server, count, flight))
    bench.say(f"  {count:,} queries, asking: {used.peak / 1e6:.0f} MB, {used.wall:.0f} s")
    return used.peak / 1e6
