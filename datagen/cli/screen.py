"""What people see while a run goes on: everything here goes to stderr, with control bytes taken out.

On a terminal one live line; elsewhere a plain line every half minute. Nothing here knows how a run works: it is an
Observer, told of what happened.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    import datagen

EVERY = 30.0
"""Seconds between two plain lines."""


def complain(message: str, hint: str = "") -> None:
    """An error for people: what and where, then what to do."""
    from datagen.text import shown

    _write(f"datagen: {shown(message, 2000)}")
    if hint:
        _write(f"  hint: {shown(hint, 2000)}")


def put(text: str) -> None:
    """Data, on stdout. Not by typer's echo, which writes `?` where the locale knows better: paths must stay whole."""
    print(text, flush=True)  # noqa: T201


def let_go_of_stdout() -> None:
    """Nobody reads it any more. Python would try to flush it once more at the end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _write(line: str) -> None:
    try:
        print(line, file=sys.stderr, flush=True)  # noqa: T201
    except (OSError, ValueError):  # a closed terminal must not end a run that goes well
        return


class Screen:
    """An Observer that shows. `quiet` shows errors only; `display` is auto, live, plain or none."""

    def __init__(self, *, quiet: bool = False, display: str = "auto", whom: str = "") -> None:
        self.quiet, self.whom = quiet, whom
        self._live = display == "live" or (display == "auto" and _is_terminal())
        self._silent = quiet or display == "none"
        self._progress: Progress | None = None
        self._bar: TaskID | None = None
        self._total = self._answered = self._spoiled = self._failed = 0
        self._last = time.monotonic()

    def say(self, message: str) -> None:
        from datagen.text import shown

        if not self.quiet:
            self._line(shown(message, 2000))

    def odd(self, oddity: datagen.Oddity) -> None:
        self.say(f"annotations: {oddity.sentence}")

    def asking(self, total: int) -> None:
        self._total = total
        if self.whom:
            self.say(f"{total} to ask: {self.whom}")
        self._last = time.monotonic()
        if self._live and not self._silent:
            self._start_bar(total)

    def heard(self, response: datagen.Response, fault: str | None) -> None:
        if response.error is not None:
            self._failed += 1
        elif fault is not None:
            self._spoiled += 1
        else:
            self._answered += 1
        if self._progress is not None and self._bar is not None:
            self._progress.update(self._bar, completed=self._answered, failed=self._failed_words())

    def tick(self) -> None:
        if self._progress is None and not self._silent and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            self._line(f"{self._answered} of {self._total} answered{self._failed_words()}")

    def close(self) -> None:
        """Take the live line away."""
        progress, self._progress = self._progress, None
        if progress is not None:
            with suppress(OSError, ValueError):
                progress.stop()

    def _failed_words(self) -> str:
        failed = f", {self._failed} attempts failed" if self._failed else ""
        return f", {self._spoiled} bad replies{failed}" if self._spoiled else failed

    def _line(self, text: str) -> None:
        if self._progress is None:
            return _write(text)
        try:
            self._progress.console.print(text, markup=False, highlight=False, emoji=False)
        except (OSError, ValueError):  # as in _write
            self.close()

    def _start_bar(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("asking"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("answered{task.fields[failed]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._progress.start()
        self._bar = self._progress.add_task("asking", total=total, failed="")


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def counted(reasons: dict[str, int]) -> str:
    """`12 (cut 7, grammar 5)`, `0`."""
    total = sum(reasons.values())
    return f"{total} ({', '.join(f'{name} {count}' for name, count in reasons.items())})" if total else "0"


def summary(outcome: datagen.Outcome) -> list[str]:
    """How a run stands, in lines for people; the last one adds everything up."""
    states = outcome.states
    lines = [
        f"left out of {task}: {count} images with {reason}"
        for task, reasons in outcome.left_out.items()
        for reason, count in reasons.items()
    ]
    if outcome.mock:
        lines.append("this is MOCK data: made by rules for tests and demos, not by a language model")
    lines += _cost(outcome)
    repaired = f" (repaired {states.repaired})" if states.repaired else ""
    lines.append(
        f"planned {states.planned} · kept {states.kept}{repaired} · rejected {counted(states.rejected)} · "
        f"failed {counted(states.failed)} · pending {states.pending + states.unread}"
    )
    return lines


def _cost(outcome: datagen.Outcome) -> list[str]:
    """What it came to, if there is anything to say of that."""
    import datagen

    spent = outcome.spent
    if spent.amount:
        held = (
            f", and at most {datagen.dollars(spent.held)} for attempts nobody knows the cost of" if spent.held else ""
        )
        return [f"cost {datagen.dollars(spent.settled)}{held} (price: {outcome.price or 'of an earlier asking'})"]
    return ["cost unknown: there was no price"] if spent.prompt + spent.completion and not outcome.mock else []


def summary_json(outcome: datagen.Outcome) -> dict[str, object]:
    """The same for programs."""
    states = outcome.states
    return {
        "run": str(outcome.folder),
        "model": outcome.settings["model"],
        "answered_by": outcome.models,
        "mock": outcome.mock,
        "planned": states.planned,
        "kept": states.kept,
        "repaired": states.repaired,
        "rejected": states.rejected,
        "failed": states.failed,
        "unread": states.unread,
        "pending": states.pending,
        "left_out": outcome.left_out,
        "tally": outcome.tally,
        "cost": {
            "dollars": outcome.spent.settled / 10**12,
            "at_most_more": outcome.spent.held / 10**12,
            "unpriced_tokens": outcome.spent.prompt + outcome.spent.completion,
            "price": outcome.price or None,
        },
        "llava": str(outcome.folder / "llava.json"),
    }
