"""Training data of LLaVA-Instruct's size, exported beside what only reads and writes it: each in a process of its own
and in turns."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from tests.bench import instruct
from tests.bench.clients import Bench, Used
from tests.bench.table import Figure, ratio

ROW = "export"
_SIDES = {
    "orjson": "orjson, read whole and written line by line",
    "llava": "export --format llava",
    "messages": "export --format messages",
    "ten": "export, ten formats at once",
}


def measure(bench: Bench) -> Iterator[Figure]:
    """158,000 records, or 4,000 with `--quick`."""
    records = bench.size(instruct.RECORDS, 4000)
    path = instruct.write(bench.work / f"instruct-{records}.json", records)
    note = f"{records:,} records, {path.stat().st_size / 1e6:,.0f} MB"
    bench.say(f"  {note}")
    used: dict[str, list[Used]] = {side: [] for side in _SIDES}
    for number in range(bench.repeats):
        for side in list(_SIDES) if number % 2 == 0 else list(_SIDES)[::-1]:
            out = bench.work / "exported"
            once = bench.inside("exports", side, path, out)
            if once.told["entries"] != records:
                raise SystemExit(f"bench: {side} wrote {once.told['entries']:,} of {records:,} records")
            shutil.rmtree(out) if out.is_dir() else out.unlink()
            used[side].append(once)
            bench.say(f"  {number + 1}/{bench.repeats} {side}: {once.cpu:.2f} s CPU, {once.peak / 1e6:.0f} MB")
    path.unlink()
    yield from _figures(used, note)


def _figures(used: dict[str, list[Used]], note: str) -> Iterator[Figure]:
    cpu = {side: [each.cpu for each in several] for side, several in used.items()}
    written = [float(each.told["written"]) for each in used["orjson"]]
    for side, name in _SIDES.items():
        yield Figure(ROW, f"{name}: CPU", tuple(cpu[side]), "s", note=note)
    yield Figure(ROW, "orjson, the writing alone: CPU", tuple(written), "s", note=note)
    for side in ("llava", "messages", "ten"):
        yield Figure(ROW, f"{_SIDES[side]}: peak memory", tuple(each.peak / 1e6 for each in used[side]), "MB", "≤ 100")
    for side in ("llava", "messages"):
        yield ratio(ROW, f"{_SIDES[side]} / orjson, read and written: CPU", cpu[side], cpu["orjson"], "≤ 3")
        yield ratio(ROW, f"{_SIDES[side]} / orjson, the writing alone: CPU", cpu[side], written)
