"""What to do when a server is out: stop sending, look in now and then, and not drown it in retries.

Pure arithmetic over a clock that is passed in (seconds, monotonic); it sends nothing itself.
"""

from __future__ import annotations

from datagen.schema import Response

IN_A_ROW = 20
"""Failures without one success between them that open the circuit."""


def is_outage(response: Response) -> bool:
    """Whether it looks as if the server, and not this request, had failed."""
    error = response.error
    return error is not None and error.reason in ("server-error", "timeout", "connection", "not-a-completion")


class Circuit:
    """Open after many failures in a row; then one probe every `every` seconds, until one comes back with an answer.

    A server that never answered anything is not out but not there: that is for the caller to give up on.
    """

    def __init__(self, every: float = 30.0) -> None:
        self.every = every
        self.open_since: float | None = None
        self.ever_answered = False
        self._failed = 0
        self._next = 0.0

    @property
    def is_open(self) -> bool:
        return self.open_since is not None

    def wait(self, now: float) -> float:
        """Seconds until a request may go."""
        return max(0.0, self._next - now) if self.is_open else 0.0

    def sent(self, now: float) -> None:
        """One goes out now; while it is open that is a probe, and the next one waits."""
        if self.is_open:
            self._next = now + self.every

    def saw(self, response: Response, now: float) -> None:
        """Take note of how an attempt ended."""
        if not is_outage(response):
            self.ever_answered = True
            self._failed, self.open_since = 0, None
            return
        self._failed += 1
        if self._failed >= IN_A_ROW and not self.is_open and self.ever_answered:
            self.open_since, self._next = now, now + self.every


class Allowance:
    """How many repetitions are allowed: `size` to begin with, `earned` for each success, one a `trickle` seconds."""

    def __init__(self, size: float, earned: float, trickle: float | None, now: float = 0.0) -> None:
        self._size, self._earned, self._trickle = size, earned, trickle
        self._left, self._at = size, now

    def spend(self, now: float) -> bool:
        """Whether one more is allowed; if so it is spent."""
        if self._trickle:
            self._left = min(self._size, self._left + (now - self._at) / self._trickle)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def earn(self, repeated: bool) -> None:
        """A success; one that was a repetition gives back what it took."""
        self._left = min(self._size, self._left + self._earned + repeated)
