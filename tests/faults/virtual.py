"""An event loop whose clock jumps to the next thing to do: an hour of waiting takes no time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest

from datagen.llm.course import Job
from datagen.schema import Failure, Fault, Request, Response


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        select = self._selector.select  # type: ignore[attr-defined]

        def jump(timeout: float | None = None) -> Any:
            self.now += timeout or 0.0
            return select(0)

        self._selector.select = jump  # type: ignore[attr-defined]

    def time(self) -> float:
        return self.now


def run(work: Coroutine[Any, Any, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What `work` gives, on a virtual clock that time.monotonic follows."""
    loop = _Loop()
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", loop.time)
        try:
            return loop.run_until_complete(work)
        finally:
            loop.close()


def jobs(count: int) -> Iterable[Job]:
    return (Job(Request(id=f"q-{n}", body=b"{}")) for n in range(count))


def failed(reason: str, wait: float | None = None, **more: Any) -> Failure:
    return Failure(reason=reason, message="on purpose", again=True, wait=wait, **more)


class Backend:
    """Answers after `latency` seconds, or fails at once as `failing(number, seconds since the first)` says."""

    def __init__(self, failing: Any, latency: float = 1.0) -> None:
        self.failing, self.latency = failing, latency
        self.sent: list[tuple[float, str]] = []

    async def ask(self, request: Request) -> Response:
        now = time.monotonic() - 1000.0
        self.sent.append((now, request.id))
        error = self.failing(len(self.sent) - 1, now)
        await asyncio.sleep(0.01 if error else self.latency)
        return Response(query_id=request.id, error=error, raw=b"" if error else b"{}")

    async def aclose(self) -> None:
        return

    def between(self, start: float, end: float) -> int:
        """How many were sent from one moment to another."""
        return sum(start <= at < end for at, _ in self.sent)


class Memory:
    """A journal that keeps how often each got an answer."""

    def __init__(self) -> None:
        self.answers: dict[str, int] = {}

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None: ...

    async def done(self, response: Response, cost: int | None) -> None: ...

    async def looked(self, response: Response, fault: Fault) -> str | None:
        if response.error is None:
            self.answers[response.query_id] = self.answers.get(response.query_id, 0) + 1
        return None

    def final(self, request: Request) -> None: ...
