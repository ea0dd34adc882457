"""A server with limits: how much of a limit is used, how much is refused, whether a bank that was saved up is spent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.bench.clients import Bench, Used
from tests.bench.table import Figure

_MEDIAN, _SIGMA = 1.0, 0.3


class Case(NamedTuple):
    """A limited server and how many to ask of it."""

    name: str
    flags: tuple[str, ...]
    per_second: float
    """Requests that the limit lets through."""
    bank: float
    requests: int


def measure(bench: Bench) -> Iterator[Figure]:
    """Bound by requests, bound by tokens, and with a minute saved up."""
    flight = bench.size(256, 128)
    for case in _cases(bench):
        taken = [_one(bench, case, flight) for _ in range(bench.repeats)]
        if case.bank > case.per_second:
            ideal = _ideal(case, flight)
            walls = tuple(used.wall / ideal for used, _ in taken if not used.failed)  # else it was not done
            yield Figure("limit", f"{case.name}: wall / ideal", walls, "x", "≤ 1.2", f"ideal {ideal:.1f} s")
        else:
            shares = tuple(share for _, stats in taken if (share := _used(stats, case)) is not None)
            yield Figure("limit", f"{case.name}: limit used in the middle", shares, "x", "≥ 0.98")
        refused = tuple(stats["limited"] / stats["requests"] * 100 for _, stats in taken)
        yield Figure("limit", f"{case.name}: 429s", refused, "%", "< 0.5")
        lost = tuple(float(used.failed) for used, _ in taken)
        yield Figure("limit", f"{case.name}: lost of {case.requests:,}", lost, "", "0")


def _cases(bench: Bench) -> Iterator[Case]:
    rpm = bench.size(3000, 1200)
    slow = ("--stock", "--latency", f"lognormal:{_MEDIAN:g},{_SIGMA:g}")
    count = bench.size(1500, 240)
    rate = rpm / 60
    yield Case(f"{rpm:,} RPM, 1 s burst", (*slow, "--rpm", str(rpm), "--burst", "1"), rate, rate, count)
    tpm = rpm * _tokens(bench)
    flags = (*slow, "--rpm", str(rpm * 20), "--tpm", str(tpm), "--burst", "1")
    yield Case(f"{tpm / 1e6:.3g}M TPM, 1 s burst", flags, rate, rate, count)
    saved = rpm if not bench.quick else rpm / 6
    burst = ("--burst", f"{saved / rate:g}")
    yield Case(
        f"{rpm:,} RPM, {saved / rate:g} s bank", (*slow, "--rpm", str(rpm), *burst), rate, saved,
        bench.size(3800, 400),
    )  # fmt: skip


def _tokens(bench: Bench) -> int:
    """What one request is counted as, prompt and reply: from stock it is the same for all."""
    with bench.server("--stock") as server, bench.bodies(bench.size(1500, 240)).open("rb") as bodies:
        return int(server.ask(bodies.readline())["usage"]["total_tokens"])


def _one(bench: Bench, case: Case, flight: int) -> tuple[Used, dict[str, Any]]:
    """No warm-up: it would spend what the limit allows."""
    with bench.server(*case.flags) as server:
        used = bench.asking(server, case.requests, flight, warm=0)
        stats = server.stats()
    bench.say(f"  {case.name}: {used.wall:.1f} s, {stats['limited']} of {stats['requests']} refused")
    bench.raw.append({"case": case._asdict(), "stats": stats})
    return used, stats


def _used(stats: dict[str, Any], case: Case) -> float | None:
    """What was let in over what could have been, between the first fifth of the seconds and the last."""
    seconds = stats["per_second"]
    skip = max(2, len(seconds) // 5)
    middle = seconds[skip:-skip]
    return sum(middle) / len(middle) / case.per_second if middle else None


def _ideal(case: Case, flight: int) -> float:
    """Seconds that nobody can beat: the bank is spent as fast as `flight` at once can, then the limit is what flows."""
    mean = _MEDIAN * math.exp(_SIGMA**2 / 2)
    return max(case.requests * mean / flight, (case.requests - case.bank) / case.per_second) + mean
