"""How an asking goes, in words: what was counted so far, how fast, and what it costs, as short lines for people.

It counts what it is told and knows no terminal; screen.py draws. Where a line has no room for all, what matters least
is left out.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datagen

WINDOW = 60.0
"""Seconds over which speed is told."""
_BETWEEN = " · "


class Panel:
    """What was counted. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = self.answered = 0
        self._clock = clock
        self._spoiled: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._began = clock()
        self._recent: deque[tuple[float, int, int]] = deque([(self._began, 0, 0)])
        self._requests = self._tokens = 0
        self._pulse: datagen.Pulse | None = None
        self._first: int | None = None

    def asking(self, total: int) -> None:
        """It begins; so many are to be asked."""
        self.total = total
        self._began = self._clock()
        self._recent = deque([(self._began, 0, 0)])

    def heard(self, response: datagen.Response, fault: str | None) -> None:
        """An attempt ended."""
        self._requests += 1
        self._tokens += (response.usage.prompt or 0) + (response.usage.completion or 0)
        if response.error is not None:
            self._failed[response.error.reason] += 1
        elif fault is not None:
            self._spoiled[fault] += 1
        else:
            self.answered = min(self.answered + 1, self.total)  # a good reply may be bettered by another

    def beat(self, pulse: datagen.Pulse) -> None:
        """How it goes now."""
        now = self._clock()
        self._pulse = pulse
        self._first = pulse.spent if self._first is None else self._first
        self._recent.append((now, self._requests, self._tokens))
        while len(self._recent) > 2 and self._recent[1][0] <= now - WINDOW:
            self._recent.popleft()

    def plain(self) -> str:
        """All of it in one line, for a log."""
        parts = [f"{self.answered} of {self.total} answered", *self._bad(), *self._speed(), *self._money()]
        return ", ".join(parts)

    def lines(self, width: int) -> list[str]:
        """What stands beneath the bar, in lines of at most `width` places; empty ones left out."""
        both = ([*self._bad(), *self._flight()], [*self._speed(), *self._money()])
        return [line for line in (_fitting(parts, width) for parts in both) if line]

    def _bad(self) -> list[str]:
        told = []
        if self._spoiled:
            told.append(_counted(self._spoiled, "bad replies"))
        if self._failed:
            told.append(_counted(self._failed, "attempts failed"))
        return told

    def _flight(self) -> list[str]:
        if self._pulse is None:
            return []
        held = self._pulse.held
        told = [f"waiting {_seconds(held)} for the server"] if held >= 1 else []
        return [*told, f"{self._pulse.in_flight} in flight"]

    def _speed(self) -> list[str]:
        (then, requests, tokens), now = self._recent[0], self._clock()
        pulse = self._pulse
        if pulse is None or now <= then:
            return []
        a_minute = 60 / (now - then)
        told = [_of((self._requests - requests) * a_minute, pulse.rpm, "requests/min")]
        if self._tokens:
            told.append(_of((self._tokens - tokens) * a_minute, pulse.tpm, "tokens/min"))
        return told

    def _money(self) -> list[str]:
        import datagen

        pulse = self._pulse
        if pulse is None or self._first is None or not pulse.spent:
            return []
        told = [f"cost {datagen.dollars(pulse.spent)}"]
        if self.answered and pulse.spent > self._first:
            each = (pulse.spent - self._first) / self.answered
            told.append(f"likely {datagen.dollars(round(self._first + each * self.total))} in all")
        return told if pulse.cap is None else [*told, f"cap {datagen.dollars(pulse.cap)}"]


def _counted(reasons: Counter[str], what: str) -> str:
    """`3 bad replies (cut 2, grammar 1)`; the most frequent reasons only."""
    first = reasons.most_common(3)
    more = ", …" if len(reasons) > len(first) else ""
    return f"{reasons.total()} {what} ({', '.join(f'{name} {count}' for name, count in first)}{more})"


def _of(amount: float, limit: float | None, what: str) -> str:
    return f"{_short(amount)} {what}" if limit is None else f"{_short(amount)} of {_short(limit)} {what}"


def _short(amount: float) -> str:
    """`480`, `81.2k`, `1.20M`."""
    if amount < 9_999.5:
        return f"{amount:,.0f}"
    return f"{amount / 1e3:.1f}k" if amount < 999_950 else f"{amount / 1e6:.2f}M"


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _fitting(parts: Sequence[str], width: int) -> str:
    """As many of the parts as have room, the first ones first; one that has none is left out."""
    line = ""
    for part in parts:
        longer = f"{line}{_BETWEEN}{part}" if line else part
        line = longer if len(longer) <= width else line
    return line
