"""A server that fails every twentieth time in ten ways: what is lost, what bad reply is kept, what is bought twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.clients import Bench, Used
from tests.bench.table import Figure

_FOR_GOOD = {"refused", "moderated", "too-long", "bad-request"}
"""Reasons after which asking again is of no use."""


def measure(bench: Bench) -> Iterator[Figure]:
    """One run of the command for each seed, beside a calm one that tells what each record should be."""
    count, flight = bench.size(1000, 200), 64
    slow = ("--latency", "0.05")
    with bench.server(*slow) as server:
        _, calm = _run(bench, server, count, flight)
    lost, wrong, again, made, sent = [], [], [], [], []
    for seed in range(bench.repeats):
        with bench.server(*slow, "--fault", "all=5%", "--seed", str(seed)) as server:
            used, records = _run(bench, server, count, flight)
            stats = server.stats()
        bench.raw.append({"row": "faults", "seed": seed, "stats": stats})
        lost.append(float(count - used.told["kept"] - _for_good(used.told)))
        wrong.append(float(sum(calm.get(name) != said for name, said in records.items())))
        again.append(float(stats["repeated_after_delivery"]))
        made.append(float(sum(stats["faults"].values())))
        sent.append(float(stats["requests"] - count))
        bench.say(f"  seed {seed}: {_outcome(used.told)}; faults {stats['faults']}")
    note = f"of {count:,}, --fault all=5%"
    yield Figure("faults", "lost", tuple(lost), "", "0", note)
    yield Figure("faults", "invalid and kept", tuple(wrong), "", "0", "other than in a calm run")
    yield Figure("faults", "delivered, good and bought again", tuple(again), "", "0")
    yield Figure("faults", "faults that the server made", tuple(made))
    yield Figure("faults", "requests sent again", tuple(sent))


def _run(bench: Bench, server: Any, count: int, flight: int) -> tuple[Used, dict[str, str]]:
    """The run, and each record's conversation by its id."""
    folder = bench.folder()
    used = bench.whole(server, bench.inputs(count), flight, folder)
    records = _records(folder / "llava.json")
    bench.forget(folder)
    return used, records


def _records(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return {record["id"]: json.dumps(record["conversations"]) for record in json.loads(path.read_text("utf-8"))}


def _for_good(told: dict[str, Any]) -> int:
    reasons = [*told["rejected"].items(), *told["failed"].items()]
    return sum(count for reason, count in reasons if reason in _FOR_GOOD)


def _outcome(told: dict[str, Any]) -> str:
    return ", ".join(f"{name} {told[name]}" for name in ("planned", "kept", "rejected", "failed", "pending"))
