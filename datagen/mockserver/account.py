"""The server's own account of what it was sent and what became of it, for tests to compare with the client's.

Each request is accepted or refused, so `requests = accepted + refused`. What is accepted is billed when its answer is
made, and a billed answer is delivered or undelivered, so at rest `accepted = billed = delivered + undelivered`. An
answer counts as delivered when every byte of it was handed to the system and the connection was still there. Billing
a body again is counted once, by what was known when the request came: `repeated = repeated_after_delivery (a good
answer had been delivered) + repeated_in_flight (one was being made) + repeated_after_fault (all that was had before was
bad, or did not arrive)`.

The ledger file has a JSON line for each event: seconds since the server started, the number of the request (from 0),
the first sixteen digits of its body's sha256, what happened, the status it gets (0 where none is known or sent), its
fault, and what it cost.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Set
from pathlib import Path

from datagen.errors import SetupError


class Book:
    """An append-only file of JSON lines, one system call each, so that a kill leaves whole lines."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        except OSError as error:
            raise SetupError(f"{path}: {error.strerror}", "--ledger needs a file that can be written") from None
        self.lost = 0

    def write(self, line: str) -> None:
        """One event. What a full disk does not take is counted; serving goes on."""
        data = line.encode()
        try:
            if os.write(self._file, data) == len(data):
                return
            os.write(self._file, b"\n")  # so that the next line begins as one
        except OSError:
            pass
        self.lost += 1

    def close(self) -> None:
        os.close(self._file)


class _Body:
    """What is known of all requests with the same bytes."""

    __slots__ = ("billed", "came", "good", "open")

    def __init__(self) -> None:
        self.came = self.billed = self.open = 0
        self.good = False


class Ticket:
    """A request that was accepted, until it ends."""

    __slots__ = ("billed", "body", "completion", "fault", "key", "kind", "number", "prompt", "status")

    def __init__(self, number: int, key: bytes, body: _Body, fault: str | None, status: int) -> None:
        self.number, self.key, self.body, self.fault, self.status = number, key, body, fault, status
        self.kind = "after_delivery" if body.good else "in_flight" if body.open or not body.billed else "after_fault"
        self.billed = False
        self.prompt = self.completion = 0


class Account:
    """What happened since the server started, or since it was reset."""

    def __init__(self, book: Book | None = None, start: float | None = None) -> None:
        self._book, self._start = book, time.monotonic() if start is None else start
        self.first: float | None = None
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.repeats: Counter[str] = Counter()
        self.in_flight = self.most_in_flight = 0
        self._bodies: dict[bytes, _Body] = {}
        self._seconds: list[int] = []

    def arrived(self, now: float) -> int:
        """Count a request; how many came before it."""
        if self.first is None:
            self.first = now
        self.counts["requests"] += 1
        return self.counts["requests"] - 1

    def attempt(self, key: bytes) -> int:
        """Count a body that the limits let in; how often it had been let in before."""
        body = self._bodies.get(key)
        if body is None:
            body = self._bodies[key] = _Body()
        body.came += 1
        return body.came - 1

    def refused(self, number: int, key: bytes, status: int, fault: str | None = None, *, limited: bool = False) -> None:
        """It gets an error that costs nothing; status 0 where not even that."""
        self.counts["refused"] += 1
        self.counts["limited"] += limited
        if fault is not None:
            self.faults[fault] += 1
        self._note(number, key, "refused", status, fault)

    def accepted(self, number: int, key: bytes, fault: str | None, status: int, now: float) -> Ticket:
        """It will be answered and billed."""
        ticket = Ticket(number, key, self._bodies[key], fault, status)
        ticket.body.open += 1
        self.counts["accepted"] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        second = int(now - (now if self.first is None else self.first))
        if second >= len(self._seconds):
            self._seconds += [0] * (second + 1 - len(self._seconds))
        self._seconds[second] += 1
        if fault is not None:
            self.faults[fault] += 1
        self._note(number, key, "accepted", 0, fault)
        return ticket

    def billed(self, ticket: Ticket, prompt: int, completion: int) -> None:
        """Its answer is made: whatever becomes of it, it costs so much."""
        ticket.billed, ticket.prompt, ticket.completion = True, prompt, completion
        if ticket.body.billed:
            self.repeats[ticket.kind] += 1
        ticket.body.billed += 1
        self.counts["billed"] += 1
        self.counts["prompt_tokens"] += prompt
        self.counts["completion_tokens"] += completion
        self._tell(ticket, "billed")

    def ended(self, ticket: Ticket, *, delivered: bool, good: bool) -> None:
        """It is over; `good` where what was delivered was worth having."""
        self.in_flight -= 1
        ticket.body.open -= 1
        if ticket.billed:
            word = "delivered" if delivered else "undelivered"
            ticket.body.good |= delivered and good
            self.counts[word] += 1
            self._tell(ticket, word)

    def has_billed(self, key: bytes) -> bool:
        """Whether a body was ever billed on this, the live road."""
        body = self._bodies.get(key)
        return body is not None and body.billed > 0

    def billed_among(self, beginnings: Set[bytes]) -> int:
        """How many bodies were billed here whose sha256 begins with one of these eight bytes."""
        return sum(body.billed > 0 and key[:8] in beginnings for key, body in self._bodies.items())

    def note(self, event: str, **more: object) -> None:
        """Something of files and batches, which are counted elsewhere."""
        if self._book is not None:
            line = {"t": round(time.monotonic() - self._start, 6), "event": event, **more}
            self._book.write(json.dumps(line) + "\n")

    def stats(self) -> dict[str, object]:
        """All of it, as JSON takes it."""
        names = ("requests", "accepted", "refused", "limited", "billed", "delivered", "undelivered")
        kinds = ("after_delivery", "after_fault", "in_flight")
        return {
            **{name: self.counts[name] for name in names},
            "repeated": self.repeats.total(),
            **{f"repeated_{kind}": self.repeats[kind] for kind in kinds},
            "prompt_tokens": self.counts["prompt_tokens"],
            "completion_tokens": self.counts["completion_tokens"],
            "faults": dict(sorted(self.faults.items())),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "per_second": self._seconds,
            "ledger_lost": self._book.lost if self._book else 0,
        }

    def note_reset(self) -> None:
        """Say in the ledger that counting began anew."""
        if self._book is not None:
            self._book.write(f'{{"t": {time.monotonic() - self._start:.6f}, "event": "reset"}}\n')

    def _tell(self, ticket: Ticket, event: str) -> None:
        tokens = (ticket.prompt, ticket.completion)
        self._note(ticket.number, ticket.key, event, ticket.status, ticket.fault, tokens)

    def _note(
        self, number: int, key: bytes, event: str, status: int, fault: str | None, tokens: tuple[int, int] = (0, 0)
    ) -> None:
        if self._book is None:
            return
        named = "null" if fault is None else f'"{fault}"'
        since = time.monotonic() - self._start
        self._book.write(
            f'{{"t": {since:.6f}, "n": {number}, "key": "{key.hex()[:16]}", "event": "{event}", '
            f'"status": {status}, "fault": {named}, "prompt_tokens": {tokens[0]}, "completion_tokens": {tokens[1]}}}\n'
        )
