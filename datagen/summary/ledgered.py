"""What the ledger tells of a run: states, money and attempts over time, and what the annotations have.

It reads the open ledger and adds up; nothing of it grows with the number of queries. It knows no pages.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from datagen.counts import Spent, States
from datagen.money import DOLLAR
from datagen.run import Run

STRETCHES = 48
"""Into how many stretches the time of a run is cut."""
ENDS = ("answered", "bad reply", "rate limit", "failed or unknown")
"""What an attempt can have come to, as it is shown."""


class Asking(NamedTuple):
    """A run's asking."""

    states: States
    left_out: dict[str, dict[str, int]]
    tally: dict[str, int]
    spent: Spent
    price: str
    models: list[str]
    asked: dict[str, Any]
    """run.json."""
    times: tuple[float, float] | None
    """Seconds since 1970 of the first sending and the last end; None where nothing was sent."""
    ends: dict[str, list[int]]
    """For each of ENDS, how many attempts in each stretch of time."""
    money: list[tuple[float, float]]
    """(Seconds since 1970, dollars until then), at the end of each stretch."""
    reasons: Counter[str]
    """Why attempts failed."""
    pictures: int
    categories: Counter[str]
    """In how many of the plan's pictures the annotations have one."""


def asking(run: Run) -> Asking:
    """All that the ledger tells."""
    ledger = run.ledger
    times = ledger.lifetime()
    ends = {name: [0] * STRETCHES for name in ENDS}
    costs, reasons = [0] * STRETCHES, Counter[str]()
    for at, outcome, reason, cost in ledger.history():
        stretch = _stretch(at, times)
        ends[_end(outcome, reason)][stretch] += 1
        costs[stretch] += cost
        if outcome in ("failed", "refused", "unknown"):
            reasons[reason or "nobody knows"] += 1
    pictures, categories = 0, Counter[str]()
    for image in ledger.pictures():
        pictures += 1
        categories.update({box.category for box in image.boxes})
    return Asking(
        states=ledger.states(),
        left_out=ledger.left_out(),
        tally=ledger.tally(),
        spent=ledger.spent(),
        price=ledger.meta("price") or "",
        models=ledger.models(),
        asked=run.asked(),
        times=times,
        ends=ends,
        money=_summed(costs, times),
        reasons=reasons,
        pictures=pictures,
        categories=categories,
    )


def _stretch(at: float, times: tuple[float, float] | None) -> int:
    if times is None or times[1] <= times[0]:
        return 0
    return min(STRETCHES - 1, max(0, int(STRETCHES * (at - times[0]) / (times[1] - times[0]))))


def _end(outcome: str, reason: str | None) -> str:
    if outcome == "answered":
        return ENDS[0]
    if outcome == "spoiled":
        return ENDS[1]
    return ENDS[2] if reason == "rate-limited" else ENDS[3]


def _summed(costs: list[int], times: tuple[float, float] | None) -> list[tuple[float, float]]:
    if times is None:
        return []
    first, last = times
    points, sum_ = [(first, 0.0)], 0
    for number, cost in enumerate(costs, 1):
        sum_ += cost
        points.append((first + (last - first) * number / STRETCHES, sum_ / DOLLAR))
    return points
