"""What people see while a run goes on: everything here goes to stderr, with control bytes taken out.

On a terminal a bar and a few live lines; elsewhere a plain line every half minute. Nothing here knows how a run works:
it is an Observer, told of what happened.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from datagen.cli.panel import Panel

if TYPE_CHECKING:
    from rich.live import Live

    import datagen

Clock = Callable[[], float]
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

    def __init__(
        self, *, quiet: bool = False, display: str = "auto", whom: str = "", clock: Clock = time.monotonic
    ) -> None:
        self.quiet, self.whom = quiet, whom
        self._live = display == "live" or (display == "auto" and _is_terminal())
        self._silent = quiet or display == "none"
        self._panel = Panel(clock)
        self._shown: Live | None = None
        self._last = time.monotonic()

    def say(self, message: str) -> None:
        from datagen.text import shown

        if not self.quiet:
            self._line(shown(message, 2000))

    def lay(self, line: str) -> None:
        """A line whose columns stay as they are; nothing in it may come from outside."""
        if not self.quiet:
            self._line(line)

    def odd(self, oddity: datagen.Oddity) -> None:
        self.say(f"annotations: {oddity.sentence}")

    def asking(self, total: int) -> None:
        self._panel.asking(total)
        if self.whom:
            self.say(f"{total} to ask: {self.whom}")
        self._last = time.monotonic()
        if self._live and not self._silent:
            self._start_panel(total)

    def heard(self, response: datagen.Response, fault: str | None) -> None:
        self._panel.heard(response, fault)

    def tick(self, pulse: datagen.Pulse) -> None:
        self._panel.beat(pulse)
        if self._shown is None and not self._silent and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            self._line(self._panel.plain())

    def close(self) -> None:
        """Take the live lines away."""
        live, self._shown = self._shown, None
        if live is not None:
            with suppress(OSError, ValueError):
                live.stop()

    def _line(self, text: str) -> None:
        if self._shown is None:
            return _write(text)
        try:
            self._shown.console.print(text, markup=False, highlight=False, emoji=False)
        except (OSError, ValueError):  # as in _write
            self.close()

    def _start_panel(self, total: int) -> None:
        from rich.console import Console, Group
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.text import Text

        console = Console(stderr=True)
        columns = (BarColumn(bar_width=None), MofNCompleteColumn(), TextColumn("answered, left"), TimeRemainingColumn())
        progress = Progress(*columns, console=console, expand=True)
        bar = progress.add_task("asking", total=total)

        def drawn() -> Group:
            progress.update(bar, completed=self._panel.answered)
            return Group(progress, *(Text(line, no_wrap=True) for line in self._panel.lines(console.width)))

        self._shown = Live(get_renderable=drawn, console=console, transient=True, refresh_per_second=4)
        self._shown.start()


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
    if outcome.open_batches:
        batches = "batch" if outcome.open_batches == 1 else "batches"
        lines.append(f"{waiting(outcome):,} wait in {outcome.open_batches} open {batches}")
    lines += _claims(outcome)
    repaired = f" (repaired {states.repaired})" if states.repaired else ""
    lines.append(
        f"planned {states.planned} · kept {states.kept}{repaired} · rejected {counted(states.rejected)} · "
        f"failed {counted(states.failed)} · pending {states.pending + states.unread}"
    )
    return lines


def _claims(outcome: datagen.Outcome) -> list[str]:
    """What the records say of their pictures, as far as that can be judged."""
    records, wrong, claims = outcome.claims
    if claims.score is None:
        return []
    told = f"{claims.supported} supported, {claims.contradicted} contradicted, {claims.unknown} unknown"
    return [f"claims {told} · score {claims.score:.3f} · {wrong} of {records} records say what is not so"]


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


def waiting(outcome: datagen.Outcome) -> int:
    """How many queries are in open batches."""
    return sum(batch.outcomes.get("", 0) for batch in outcome.batches)


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
        "grounding": {
            "records": outcome.claims.records,
            "wrong": outcome.claims.wrong,
            **outcome.claims.claims._asdict(),
            "score": outcome.claims.claims.score,
        },
        "left_out": outcome.left_out,
        "tally": outcome.tally,
        "batches": {"made": len(outcome.batches), "open": outcome.open_batches, "waiting": waiting(outcome)},
        "cost": {
            "dollars": outcome.spent.settled / 10**12,
            "at_most_more": outcome.spent.held / 10**12,
            "unpriced_tokens": outcome.spent.prompt + outcome.spent.completion,
            "price": outcome.price or None,
        },
        "llava": str(outcome.folder / "llava.json"),
    }
