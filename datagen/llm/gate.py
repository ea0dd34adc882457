"""Where requests wait for their turn: first come, first served, each as soon as pace and circuit allow.

It keeps the clock and the queue; what is allowed is decided in pace.py and circuit.py.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from datagen.llm.circuit import Circuit
from datagen.llm.pace import Pace, Ticket
from datagen.schema import Response


class Gate:
    """`enter` waits for leave to send, `heard` takes note of what came back, `leave` gives the place back. `shut` lets
    nobody in any more."""

    def __init__(self, pace: Pace, circuit: Circuit) -> None:
        self.pace, self.circuit = pace, circuit
        self._queue: deque[tuple[asyncio.Future[Ticket | None], float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._shut = False

    async def enter(self, tokens: float) -> Ticket | None:
        """Leave to send a request of so many tokens; None once the gate is shut."""
        if not self._queue and not self._shut and self._wait(tokens) == 0:
            return self._let_in(tokens)
        future: asyncio.Future[Ticket | None] = asyncio.get_running_loop().create_future()
        self._queue.append((future, tokens))
        self._pump()
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.result() is not None:
                self.leave()
            raise

    def heard(self, ticket: Ticket, response: Response) -> None:
        """The answer to the request: what it tells of limits, and of how the server is."""
        now = time.monotonic()
        self.pace.heard(ticket, response, now)
        self.circuit.saw(response, now)
        self._pump()

    def leave(self) -> None:
        """One request is done with, answered or not."""
        self.pace.leave()
        self._pump()

    def shut(self) -> None:
        """Nothing more is sent: whoever waits is sent away."""
        self._shut = True
        self._pump()

    def _wait(self, tokens: float) -> float | None:
        now = time.monotonic()
        wait = self.pace.wait(tokens, now)
        return None if wait is None else max(wait, self.circuit.wait(now))

    def _let_in(self, tokens: float) -> Ticket:
        now = time.monotonic()
        self.circuit.sent(now)
        return self.pace.enter(tokens, now)

    def _pump(self) -> None:
        """Let in whoever may go; be back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue:
            future, tokens = self._queue[0]
            if future.done():  # cancelled while it waited
                self._queue.popleft()
            elif self._shut:
                self._queue.popleft()
                future.set_result(None)
            elif (wait := self._wait(tokens)) == 0:
                self._queue.popleft()
                future.set_result(self._let_in(tokens))
            else:
                if wait is not None:
                    self._timer = asyncio.get_running_loop().call_later(wait, self._pump)
                return
