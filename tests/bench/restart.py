"""A finished run started again: it should cost little more than looking at it, and send nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.clients import Bench
from tests.bench.table import Figure, ratio


def measure(bench: Bench) -> Iterator[Figure]:
    """The same command and `datagen status`, in turns."""
    count, flight = bench.size(10_000, 300), 64
    with bench.server("--stock") as server:
        folder = bench.folder()
        bench.whole(server, bench.inputs(count), flight, folder)
        before = server.stats()["requests"]
        again, looked = [], []
        for turn in range(max(3, bench.repeats)):
            again.append(bench.whole(server, bench.inputs(count), flight, folder).cpu)
            looked.append(bench.datagen("status", folder).cpu)
            bench.say(f"  {turn + 1}: again {again[-1]:.2f} s, status {looked[-1]:.2f} s")
        sent = server.stats()["requests"] - before
        bench.forget(folder)
    yield Figure("restart", "generate again: CPU", tuple(again), "s", note=f"{count:,} items, finished")
    yield Figure("restart", "status: CPU", tuple(looked), "s")
    yield ratio("restart", "generate again / status", again, looked, "≤ 2")
    yield Figure("restart", "requests sent", (float(sent),), "", "0")
