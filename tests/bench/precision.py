"""The leak checks on texts labelled by hand: how much of what they say is true, and how much of what is true they say.

Own texts (one half was never looked at while patterns were tuned) and, where the real data lies beside the repository,
real answers. tests/labelled says what a label is.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.clients import Bench
from tests.bench.table import Figure
from tests.conftest import DATA
from tests.labelled.score import LEAKS, Unit, own, real, score

PRECISION, RECALL = 0.98, 0.95


def sets() -> dict[str, list[Unit]]:
    """The labelled texts that are here, by what they are."""
    there = {"own texts": own(held_out=False), "own texts held out": own(held_out=True)}
    return {**there, "real messages": real(DATA)} if DATA.is_dir() else there


def measure(bench: Bench) -> Iterator[Figure]:
    """All checks together on each set, then each check on all sets."""
    there = sets()
    for name, units in there.items():
        yield from _figures(f"all checks, {name}", units, None)
    together = [unit for units in there.values() for unit in units]
    for check in LEAKS:
        yield from _figures(f"{check.code} {check.name}", together, check.name)


def _figures(what: str, units: list[Unit], kind: str | None) -> Iterator[Figure]:
    got = score(units, kind)
    said, true = got.right + got.wrong, got.right + got.missed
    aims = ("", "") if kind else (f">= {PRECISION}", f">= {RECALL}")
    yield Figure("leaks", f"{what}: precision", (got.precision,), "", aims[0], f"{got.right:,} of {said:,}")
    yield Figure("leaks", f"{what}: recall", (got.recall,), "", aims[1], f"{got.right:,} of {true:,}")
