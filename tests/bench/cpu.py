"""CPU a request, with nothing to wait for and with a thousand requests in flight, beside aiohttp and the openai SDK."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from tests.bench.clients import Bench, Used
from tests.bench.table import Figure, ratio

Taken = dict[str, list[Used]]

BARE, SDK, ASKING = "bare aiohttp", "openai SDK, create()", "datagen, asking"
PLAIN, WHOLE = "datagen generate --no-grounding", "datagen generate"


def cpu(bench: Bench) -> Iterator[Figure]:
    """Latency 0, 64 in flight."""
    count, few, flight = bench.size(6000, 400), bench.size(1500, 100), bench.size(64, 16)
    many = bench.size(24_000, 400)  # a second of starting up is no part of what a request costs
    with bench.server("--stock") as server:

        def whole(*more: str) -> Used:
            folder = bench.folder()
            used = bench.whole(server, bench.inputs(many), flight, folder, *more)
            bench.forget(folder)
            return used

        taken = in_turns(bench, {
            BARE: lambda: bench.bare(server, count, flight, count),
            SDK: lambda: bench.sdk(server, few, flight, count),
            ASKING: lambda: bench.asking(server, count, flight),
            PLAIN: lambda: whole("--no-grounding"),
            WHOLE: whole,
        })  # fmt: skip
    yield from each("cpu", taken, f"latency 0, {flight} in flight")
    yield ratio("cpu", "asking / SDK", cost(taken[ASKING]), cost(taken[SDK]), "≤ 0.22")
    note = f"{many:,} requests, start-up and all in"
    yield ratio("cpu", "whole, but for grounding / SDK", cost(taken[PLAIN]), cost(taken[SDK]), "≤ 0.35", note)
    yield ratio("cpu", "whole / SDK", cost(taken[WHOLE]), cost(taken[SDK]), "≤ 0.35", note)
    yield ratio("cpu", "asking / aiohttp", cost(taken[ASKING]), cost(taken[BARE]))
    yield ratio("cpu", "SDK / aiohttp", cost(taken[SDK]), cost(taken[BARE]))
    for name in (BARE, SDK, ASKING, PLAIN, WHOLE):
        yield Figure("cpu", f"{name}: throughput", tuple(used.per_second for used in taken[name]), "requests/s")


def wide(bench: Bench) -> Iterator[Figure]:
    """A latency of 1 s, 1,000 in flight."""
    count, few, flight = bench.size(10_000, 400), bench.size(2000, 100), bench.size(1000, 100)
    seconds = 1.0
    with bench.server("--stock", "--latency", f"{seconds:g}") as server:
        taken = in_turns(bench, {
            BARE: lambda: bench.bare(server, count, flight, count),
            SDK: lambda: bench.sdk(server, few, flight, count),
            ASKING: lambda: bench.asking(server, count, flight),
        })  # fmt: skip
        reached = server.stats().get("most_in_flight")
    yield from each("wide", taken, f"latency {seconds:g} s, {flight:,} in flight")
    yield ratio("wide", "asking / SDK", cost(taken[ASKING]), cost(taken[SDK]), "≤ 0.12")
    yield ratio("wide", "asking / aiohttp", cost(taken[ASKING]), cost(taken[BARE]))
    for name, aim in ((BARE, ""), (SDK, ""), (ASKING, "≥ 0.70")):
        shares = tuple(used.per_second / (flight / seconds) for used in taken[name])
        rounds = taken[name][0].requests / flight
        yield Figure("wide", f"{name}: throughput / ideal", shares, "x", aim, f"{rounds:g} rounds")
    if reached is not None:
        yield Figure("wide", "most in flight, as the server saw it", (reached,), "", f"{flight:,}")


def in_turns(bench: Bench, measures: dict[str, Callable[[], Used]]) -> Taken:
    """Each once a repetition, one after the other, each time beginning with another."""
    taken: Taken = defaultdict(list)
    names = list(measures)
    for turn in range(bench.repeats):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            used = measures[name]()
            taken[name].append(used)
            bench.say(f"  {turn + 1}/{bench.repeats} {name}: {used.each:.3f} ms, {used.per_second:.0f}/s")
    return taken


def cost(taken: list[Used]) -> list[float]:
    """CPU milliseconds a request, one for each repetition."""
    return [used.each for used in taken]


def each(row: str, taken: Taken, where: str) -> Iterator[Figure]:
    """CPU a request and peak memory of each client."""
    for name, several in taken.items():
        yield Figure(row, f"{name}: CPU a request", tuple(cost(several)), "ms", note=where)
    for name, several in taken.items():
        yield Figure(row, f"{name}: peak memory", tuple(used.peak / 1e6 for used in several), "MB")
