"""When the next request may go: a provider's limits mirrored, its waits kept, and a window where it tells of none.

One bucket for requests and one for tokens, each refilled at its rate. What the server says is left corrects the mirror
with each answer, so the bank that it keeps is spent and not overdrawn. A server that tells nothing is met with a window
of requests in flight that grows by one a round and shrinks by a third when it is too much.

Pure arithmetic over a clock that is passed in (seconds, monotonic): it waits for nothing and knows no network.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from datagen.schema import Response, Usage, Window

_FIRST = 8  # in flight until the first answer has told the limits: more could overdraw a small bank at once
_SHRINK = 0.7


class Bucket:
    """One limit. `rate` a second flows in, up to `size`; `level` is what may be spent now."""

    def __init__(self, rate: float, size: float, level: float, now: float) -> None:
        self.rate, self.size, self.taken = rate, size, 0.0
        self._level, self._at = level, now

    def level(self, now: float) -> float:
        return min(self.size, self._level + (now - self._at) * self.rate)

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` can be taken; more than the bucket holds counts as a full bucket."""
        lack = min(amount, self.size) - self.level(now)
        return lack / self.rate if lack > 1e-9 else 0.0

    def take(self, amount: float, now: float) -> None:
        self._level, self._at = self.level(now) - amount, now
        self.taken += amount

    def give(self, amount: float, now: float) -> None:
        """Settle: what was taken too much (or, negative, too little)."""
        self._level, self._at = min(self.size, self.level(now) + amount), now

    def empty(self, now: float) -> None:
        self._level, self._at = min(0.0, self.level(now)), now

    def hear(self, window: Window, sent: float, taken_when_sent: float, now: float) -> None:
        """Correct the mirror by what the server said with an answer to what was sent at `sent`.

        Some servers count when a request comes in and some when it is answered, and nobody says which. What has been
        taken since gives a lower bound for both, and what flowed in since an upper one; between them our own sum holds.
        """
        self.rate = window.limit / 60
        spent = window.limit - window.remaining
        if window.reset is not None and window.reset > 90 and spent > 0:
            self.rate = min(self.rate, spent / window.reset)  # a limit for a day is told as if for a minute
        full = window.remaining + self.rate * window.reset if window.reset is not None else window.remaining
        late = min(full / 10, self.rate / 10)  # what flows over there while a send waits for the disk here
        self.size = max(1.0, full - late, 0.0 if window.reset is not None else self.size)
        since = self.taken - taken_when_sent
        least = window.remaining - since
        most = min(window.remaining, window.remaining + self.rate * (now - sent) - since)
        self._level, self._at = max(least, min(self.level(now), most)), now


class Guess:
    """How many tokens a request will be, learnt from those that came back; before that, four bytes a token."""

    def __init__(self, reply: float) -> None:
        self._a_byte, self._reply = 0.25, reply

    def of(self, body: bytes) -> float:
        """Tokens of the prompt and of the reply to it."""
        return len(body) * self._a_byte + self._reply

    def learn(self, body: bytes, usage: Usage) -> None:
        """What one of them was."""
        if usage.prompt is not None and usage.completion is not None:
            self._a_byte += 0.1 * (min(1.0, usage.prompt / len(body)) - self._a_byte)
            self._reply += 0.1 * (usage.completion - self._reply)


class Ticket(NamedTuple):
    """Leave to send one request."""

    at: float
    tokens: float
    """Set aside for it in the bucket of tokens."""
    requests_taken: float
    tokens_taken: float
    probe: bool
    """Sent alone, to see whether a server that was out is back."""


class Pace:
    """All that bounds the sending; `ceiling` is the most that may be in flight."""

    def __init__(self, ceiling: int, rpm: float | None = None, tpm: float | None = None, now: float = 0.0) -> None:
        self.in_flight, self.limited = 0, 0
        self.held_until = 0.0
        self._ceiling, self._window = ceiling, float(min(ceiling, _FIRST))
        self._told: dict[str, Bucket] = {}
        given = {"requests": rpm, "tokens": tpm}
        self._given = {kind: _given(limit, now) for kind, limit in given.items() if limit is not None}
        self._answered = False
        self._shrunk = -1.0
        self._in_a_row = 0
        self._dearer = 1.0  # what a request costs the server's bucket of tokens, over what we think

    def wait(self, tokens: float, now: float) -> float | None:
        """Seconds until a request of so many tokens may go, 0 for now; None where an answer has to come first."""
        if self.in_flight >= int(self._window):
            return None
        waits = [self.held_until - now, 0.0]
        for buckets in (self._told, self._given):
            for kind, bucket in buckets.items():
                waits.append(bucket.wait(1.0 if kind == "requests" else tokens * self._dearer, now))
        return max(waits)

    def enter(self, tokens: float, now: float, *, probe: bool = False) -> Ticket:
        """A request goes out now."""
        tokens *= self._dearer
        self.in_flight += 1
        for buckets in (self._told, self._given):
            for kind, bucket in buckets.items():
                bucket.take(1.0 if kind == "requests" else tokens, now)
        requests, told = self._told.get("requests"), self._told.get("tokens")
        return Ticket(now, tokens, requests.taken if requests else 0.0, told.taken if told else 0.0, probe)

    def leave(self) -> None:
        """One is in flight no more."""
        self.in_flight -= 1

    def heard(self, ticket: Ticket, response: Response, now: float) -> None:
        """An answer came back, to a request that is still counted as in flight."""
        self._settle(ticket, response, now)
        for window in response.windows:
            self._hear(window, ticket, now)
        if response.error is not None and response.error.reason == "rate-limited":
            self._limited(ticket, response, now)
            return
        self._in_a_row = 0
        if response.error is None or response.raw:
            self._went_well()

    def _settle(self, ticket: Ticket, response: Response, now: float) -> None:
        used = response.usage
        if used.prompt is None or used.completion is None:
            return
        self._dearer = max(1.0, self._dearer * 0.9995)
        for buckets in (self._told, self._given):
            if "tokens" in buckets:
                buckets["tokens"].give(ticket.tokens - (used.prompt + used.completion), now)

    def _hear(self, window: Window, ticket: Ticket, now: float) -> None:
        kind = window.kind
        taken = ticket.requests_taken if kind == "requests" else ticket.tokens_taken
        if kind not in self._told:  # what went out before the first answer was not counted: it is now
            self._told[kind] = Bucket(window.limit / 60, 1.0, -math.inf, now)
            self._told[kind].taken = float(self.in_flight - 1) * (1.0 if kind == "requests" else ticket.tokens)
            taken = 0.0
        self._told[kind].hear(window, ticket.at, taken, now)

    def _went_well(self) -> None:
        if not self._answered:  # the limits, if it tells any, are known: the window is for those that tell none
            self._answered = True
            self._window = float(self._ceiling)
        elif self._window < self._ceiling:
            self._window = min(float(self._ceiling), self._window + 1 / self._window)

    def _limited(self, ticket: Ticket, response: Response, now: float) -> None:
        """A 429 holds everyone: as long as the server asks, or a little longer each time where it does not say."""
        self.limited += 1
        self._in_a_row += 1
        error = response.error
        wait = error.wait if error is not None else None
        if wait is None and not self._told:
            wait = min(30.0, 0.25 * 2 ** min(self._in_a_row, 8)) if ticket.at > self._shrunk else 0.0
        if wait:
            self.held_until = max(self.held_until, now + wait)
        for window in response.windows:
            if window.remaining < (1.0 if window.kind == "requests" else ticket.tokens):
                self._told[window.kind].empty(now)
                if window.kind == "tokens" and window.remaining > 0:
                    self._dearer = min(8.0, self._dearer * 1.1)
        if not response.windows and ticket.at > self._shrunk:  # once a round: what was in flight then knew no better
            self._window, self._shrunk = max(1.0, self._window * _SHRINK), now


def _given(limit: float, now: float) -> Bucket:
    """A limit from the user: nobody said how large a bank there is, so it holds a second's worth."""
    second = max(1.0, limit / 60)
    return Bucket(limit / 60, second, second, now)
