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
_INSTANT = 1e-6  # seconds; less than a clock can tell would be waited for again and again
_DEAREST = 8.0
_OURS = 1000.0  # sends a second that nobody need be spared
_AT_ONCE, _TOGETHER = 64.0, 50.0  # so many may go in one moment; so many then do
_SHARE = 0.2  # or so many of those that may be in flight, where that is more
_MORE = 1.25
_LONGEST = 30.0  # seconds that everyone is held where the server does not say how long


class Bucket:
    """One limit. `rate` a second flows in, up to `size`; `level` is what may be spent now."""

    def __init__(self, rate: float, size: float, level: float, now: float) -> None:
        self.rate, self.size, self.taken = rate, size, 0.0
        self._level, self._at, self._full = level, now, 0.0

    def level(self, now: float) -> float:
        return min(self.size, self._level + (now - self._at) * self.rate)

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` can be taken; more than the bucket holds counts as a full bucket."""
        lack = min(amount, self.size) - self.level(now)
        return max(_INSTANT, lack / self.rate) if lack > 1e-6 else 0.0

    def take(self, amount: float, now: float) -> None:
        self._level, self._at = self.level(now) - amount, now
        self.taken += amount

    def give(self, amount: float, now: float) -> None:
        """Settle: what was taken too much (or, negative, too little)."""
        self._level, self._at = min(self.size, self.level(now) + amount), now
        self.taken -= amount

    def dry(self, until: float) -> None:
        """Nothing flows in before then."""
        self._level, self._at = min(0.0, self._level), until

    def hear(self, window: Window, sent: float, taken_when_sent: float, now: float) -> None:
        """Correct the mirror by what the server said with an answer to what was sent at `sent`.

        Some servers count when a request comes in and some when it is answered, and nobody says which. What has been
        taken since gives a lower bound for both, and what flowed in since an upper one; between them our own sum holds.
        """
        self.rate = window.limit / 60
        spent = window.limit - window.remaining
        if window.reset is not None and window.reset > 300 and spent > 0:
            self.rate = min(self.rate, spent / window.reset)  # a limit for a day is told as if for a minute
        left = self._exactly(window)
        since = max(0.0, self.taken - taken_when_sent)
        most = min(left, left + self.rate * (now - sent) - since)
        self._level, self._at = max(left - since, min(self.level(now), most)), now

    def _exactly(self, window: Window) -> float:
        """What is left: it is told in whole ones and never below none, but the time until the bank is full is finer."""
        left = window.remaining
        if window.reset is None:
            self.size = max(1.0, left, self.size)
            return left
        full = left + self.rate * window.reset
        late = min(full / 10, self.rate / 10)  # what flows over there while a send waits for the disk here
        self.size = max(1.0, full - late)
        if left > 0:
            self._full = max(self._full, full)
        if full < 2:
            self.rate *= 0.97  # no bank that makes good for one who comes early, so nobody does
        if self._full == 0:  # it never held two: but one, or nothing could be sent
            return max(0.0, 1.0 - full)
        more = self._full - full
        return left + min(1.0, more) if more < 1 + self.rate / 100 else left  # far more: it is no bucket


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


class Spread:
    """Sends of a round not all at once: their answers would come at once too, and each wait until all the others were
    taken in, written down and looked at, while nothing is in flight. A second's worth goes over most of a second."""

    def __init__(self, ceiling: int, now: float) -> None:
        self._ceiling, self._latency = ceiling, 0.0
        self._together = max(_TOGETHER, _SHARE * ceiling)
        at_once = max(_AT_ONCE, self._together)
        self._bucket = Bucket(_OURS, at_once, at_once, now)

    def wait(self, now: float) -> float:
        """Seconds until the next may go; several may then, since to be woken for each costs more than it brings."""
        if self._ceiling <= _AT_ONCE or self._bucket.level(now) >= 1:
            return 0.0
        return self._bucket.wait(self._together, now)

    def sent(self, now: float) -> None:
        """One goes."""
        self._bucket.take(1.0, now)

    def heard(self, seconds: float, now: float) -> None:
        """An answer took so long. So many in flight can come and go a second, and a little more must go for that."""
        self._latency += (seconds - self._latency) * (0.05 if self._latency else 1.0)
        self._bucket.take(0.0, now)  # what flowed in until now did so at the old rate
        self._bucket.rate = max(_OURS, _MORE * self._ceiling / max(self._latency, _INSTANT))


class Ticket(NamedTuple):
    """Leave to send one request."""

    at: float
    tokens: float
    """Set aside for it in the bucket of tokens."""
    requests_taken: float
    tokens_taken: float


class Pace:
    """All that bounds the sending; `ceiling` is the most that may be in flight."""

    def __init__(self, ceiling: int, rpm: float | None = None, tpm: float | None = None, now: float = 0.0) -> None:
        self.in_flight = 0
        self.held_until = 0.0
        self._ceiling, self._window = ceiling, float(min(ceiling, _FIRST))
        self._told: dict[str, Bucket] = {}
        given = {"requests": rpm, "tokens": tpm}
        self._given = {kind: _given(limit, now) for kind, limit in given.items() if limit is not None}
        self._spread = Spread(ceiling, now)
        self._shrunk = -1.0
        self._backing_off = 0.0
        self._in_a_row = 0
        self._dearer = 1.0  # what a request costs the server's bucket of tokens, over what we think

    def limits(self) -> dict[str, float]:
        """What is allowed in a minute, by kind, as far as anybody told."""
        kinds = {*self._told, *self._given}
        both = (self._told, self._given)
        return {kind: 60 * min(buckets[kind].rate for buckets in both if kind in buckets) for kind in kinds}

    def wait(self, tokens: float, now: float) -> float | None:
        """Seconds until a request of so many tokens may go, 0 for now; None where an answer has to come first."""
        if self.in_flight >= int(self._window):
            return None
        waits = [self.held_until - now, self._spread.wait(now)]
        for buckets in (self._told, self._given):
            for kind, bucket in buckets.items():
                waits.append(bucket.wait(1.0 if kind == "requests" else tokens * self._dearer, now))
        return max(waits)

    def enter(self, tokens: float, now: float) -> Ticket:
        """A request goes out now."""
        tokens *= self._dearer
        self.in_flight += 1
        self._spread.sent(now)
        for buckets in (self._told, self._given):
            for kind, bucket in buckets.items():
                bucket.take(1.0 if kind == "requests" else tokens, now)
        requests, told = self._told.get("requests"), self._told.get("tokens")
        return Ticket(now, tokens, requests.taken if requests else 0.0, told.taken if told else 0.0)

    def leave(self) -> None:
        """One is in flight no more."""
        self.in_flight -= 1

    def heard(self, ticket: Ticket, response: Response, now: float) -> None:
        """An answer came back, to a request that is still counted as in flight."""
        limited = response.error is not None and response.error.reason == "rate-limited"
        if limited:  # nothing was used
            for kind, bucket in self._told.items():
                bucket.give(1.0 if kind == "requests" else ticket.tokens, now)
        self._settle(ticket, response, now)
        for window in response.windows:
            self._hear(window, ticket, now)
        if limited:
            self._limited(ticket, response, now)
            return
        self._in_a_row = 0
        self._spread.heard(now - ticket.at, now)
        if response.error is None or response.raw:
            self._went_well()

    def _settle(self, ticket: Ticket, response: Response, now: float) -> None:
        used = response.usage
        if used.prompt is None or used.completion is None:
            return
        self._dearer = max(1.0, self._dearer * 0.9999)
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
        if self._shrunk < 0:  # the limits, if it tells any, are known now, and nobody has said that it was too much
            self._window = math.inf
        else:
            self._window += 1 / self._window
        self._window = min(float(self._ceiling), self._window)

    def _limited(self, ticket: Ticket, response: Response, now: float) -> None:
        """A 429 holds everyone: as long as the server asks, or a little longer each time where it does not say."""
        scarce = self._scarce(ticket, response.windows)
        wait = response.error.wait if response.error is not None else None
        if wait:
            self.held_until = max(self.held_until, now + wait)
        if ticket.at > self._shrunk:  # once a round: what was in flight then knew no better
            self._shrunk = now
            self._in_a_row += 1
            if not scarce:  # it is something that it tells nothing of
                self._window = max(1.0, self._window * _SHRINK)
            if not wait and (not scarce or self._in_a_row > 1):
                longest = max((w.reset for w in scarce if w.reset is not None), default=_LONGEST)
                self._backing_off = now + min(_LONGEST, longest, 0.25 * 2 ** min(self._in_a_row, 8))
                self.held_until = max(self.held_until, self._backing_off)
        for window in scarce:  # a window of a minute, perhaps: what flows in here does not there
            if now < self._backing_off:
                self._told[window.kind].dry(self._backing_off)

    def _scarce(self, ticket: Ticket, windows: tuple[Window, ...]) -> list[Window]:
        """The limits that a 429 can be for. One for tokens may be for more than we think a request is: servers charge
        for all that a reply could have been."""
        found = [window for window in windows if window.kind == "requests" and window.remaining < 1]
        for window in windows:
            if window.kind == "tokens" and window.remaining < ticket.tokens * _DEAREST / self._dearer:
                if not found and window.remaining > 0:
                    self._dearer = min(_DEAREST, self._dearer * max(1.1, window.remaining / ticket.tokens))
                found.append(window)
        return found


def _given(limit: float, now: float) -> Bucket:
    """A limit from the user: nobody said how large a bank there is, so it holds a second's worth."""
    second = max(1.0, limit / 60)
    return Bucket(limit / 60, second, second, now)
