"""Training data of LLaVA-Instruct's size, validated beside what only parses or loads it: each in a process of its own
and in turns."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from tests.bench import instruct
from tests.bench.clients import Bench, Used
from tests.bench.table import Figure, ratio

ROW = "validate"
_SIDES = {
    "orjson": "orjson.loads",
    "pydantic": "pydantic, validate_json",
    "datasets": "datasets, load_dataset",
    "roles": "validate, schema and roles",
    "shape": "validate --select S",
    "checks": "validate --select S,T,L",
    "every": "validate, all checks",
    "jobs": "validate --select S,T,L --jobs 0",
}
_AIMS = (
    ("roles", "orjson", "≤ 0.5"),
    ("shape", "orjson", ""),
    ("checks", "orjson", "≤ 2.5"),
    ("checks", "pydantic", "≤ 0.7"),
    ("checks", "datasets", "< 1"),
    ("every", "orjson", ""),
)


def measure(bench: Bench) -> Iterator[Figure]:
    """158,000 records, or 4,000 with `--quick`."""
    records = bench.size(instruct.RECORDS, 4000)
    path = instruct.write(bench.work / f"instruct-{records}.json", records)
    size = path.stat().st_size
    bench.say(f"  {records:,} records, {size / 1e6:,.0f} MB")
    sides = [side for side in _SIDES if side != "datasets" or find_spec("datasets")]
    used: dict[str, list[Used]] = {side: [] for side in sides}
    for number in range(bench.repeats):
        for side in sides if number % 2 == 0 else sides[::-1]:
            once = bench.inside("judges", side, path)
            if once.told["entries"] != records:
                raise SystemExit(f"bench: {side} read {once.told['entries']:,} of {records:,} records")
            used[side].append(once)
            bench.say(f"  {number + 1}/{bench.repeats} {side}: {once.cpu:.2f} s CPU, {once.peak / 1e6:.0f} MB")
    path.unlink()
    yield from _figures(used, f"{records:,} records, {size / 1e6:,.0f} MB")


def _figures(used: dict[str, list[Used]], note: str) -> Iterator[Figure]:
    for side, several in used.items():
        yield Figure(ROW, f"{_SIDES[side]}: CPU", tuple(each.cpu for each in several), "s", note=note)
    for side in ("checks", "every", "orjson"):
        aim = "≤ 100" if side != "orjson" else ""
        yield Figure(ROW, f"{_SIDES[side]}: peak memory", tuple(u.peak / 1e6 for u in used[side]), "MB", aim)
    for ours, theirs, aim in _AIMS:
        if theirs in used:
            cpu = [each.cpu for each in used[ours]], [each.cpu for each in used[theirs]]
            yield ratio(ROW, f"{_SIDES[ours]} / {_SIDES[theirs]}: CPU", *cpu, aim)
    walls = [each.wall for each in used["checks"]], [each.wall for each in used["jobs"]]
    yield ratio(ROW, "one process / all cores: wall", *walls)
