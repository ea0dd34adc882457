"""`python -m tests.bench [ROW ...]`: the rows in their order, the table on the screen, in a README, in a file."""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import (
    batches,
    budget,
    cpu,
    exporting,
    faults,
    grounding,
    kill,
    limit,
    looking,
    memory,
    precision,
    reading,
    restart,
    validating,
)
from tests.bench.clients import Bench
from tests.bench.machine import cores, told
from tests.bench.server import ROOT
from tests.bench.table import Figure, markdown, put_into

ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "cpu": cpu.cpu,
    "wide": cpu.wide,
    "annotations": reading.measure,
    "validate": validating.measure,
    "export": exporting.measure,
    "limit": limit.measure,
    "faults": faults.measure,
    "kill": kill.measure,
    "batch": batches.measure,
    "budget": budget.measure,
    "memory": memory.measure,
    "restart": restart.measure,
    "leaks": precision.measure,
    "grounding": grounding.measure,
    "view": looking.measure,
}


def _row(name: str) -> str:
    if name not in ROWS:
        raise argparse.ArgumentTypeError(f"no row is called {name}; there are {', '.join(ROWS)}")
    return name


def _arguments() -> argparse.Namespace:
    about = "Measure datagen on this machine: " + ", ".join(ROWS) + ". Without a ROW, all of them."
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=about)
    parser.add_argument("rows", nargs="*", metavar="ROW", type=_row, help="what to measure")
    parser.add_argument("--quick", action="store_true", help="small sizes: that it works, not how fast it is")
    parser.add_argument("--repeats", type=int, metavar="N", help="of each measurement  [3; with --quick 1]")
    parser.add_argument("--kills", type=int, metavar="N", help="of the row kill  [1000; with --quick 6]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the raw figures, every process of them")
    parser.add_argument("--readme", action="store_true", help="put the table between the markers in README.md")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where the files lie meanwhile; /tmp may be memory")
    parser.add_argument(
        "--server-path", type=Path, default=ROOT, metavar="DIR", help="the checkout whose mock-server answers"
    )
    return parser.parse_args()


def main() -> None:
    """Measure, print, write."""
    given = _arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a thousand connections, for all that is started here
    places = cores()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="datagen-bench-", dir=given.work) as work:
        bench = Bench(
            Path(work), places, quick=given.quick,
            repeats=given.repeats or (1 if given.quick else 3),
            kills=given.kills or (6 if given.quick else 1000),
            server_root=given.server_path.resolve(),
        )  # fmt: skip
        try:
            for name in given.rows or ROWS:
                bench.say(name)
                figures += ROWS[name](bench)
        except KeyboardInterrupt:
            bench.say("stopped: the figures so far")
        finally:
            _tell(given, figures, bench, told(places))


def _tell(given: argparse.Namespace, figures: list[Figure], bench: Bench, machine: str) -> None:
    """However it ended: what was measured is not thrown away."""
    if given.quick:
        machine += "; quick: sizes too small to mean much"
    table = markdown(figures, machine)
    print(table)
    if given.json:
        raw = {"machine": machine, "figures": [figure._asdict() for figure in figures], "processes": bench.raw}
        given.json.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if given.readme:
        put_into(ROOT / "README.md", table)


if __name__ == "__main__":
    main()
