"""One request's way through: read, let in or not, billed, answered well or badly.

The order is that of a real server: what cannot be read is a 400; what the limits do not let in is a 429 at once; what
is left meets the fault that the script or the dice have for it.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from aiohttp import web

from datagen.mockserver import broken
from datagen.mockserver.dice import share
from datagen.mockserver.faults import JSON, Fault, Reply, Sent, as_error
from datagen.mockserver.limits import Limits, Refused, retry_headers
from datagen.mockserver.script import Step

if TYPE_CHECKING:
    from datagen.mockserver.account import Account, Ticket
    from datagen.mockserver.behaviour import Behaviour
    from datagen.mockserver.replies import Answer, Asked, Replies

_TALKATIVE = {"retry-after", "retry-after-ms"}
_AS_IT_IS = Step()


class Exchange:
    """A request, and what it is to meet."""

    __slots__ = ("account", "attempt", "behaviour", "body", "headers", "key", "limits", "number", "request", "since")

    def __init__(
        self, request: web.Request, body: bytes, key: bytes, behaviour: Behaviour, account: Account, limits: Limits
    ) -> None:
        self.request, self.body, self.key, self.behaviour = request, body, key, behaviour
        self.account, self.limits = account, limits
        now = time.monotonic()
        self.number = account.arrived(now)
        self.since = now - (account.first or now)
        self.attempt = 0
        self.headers: dict[str, str] = {}

    async def run(self, replies: Replies) -> web.StreamResponse:
        """All the way."""
        asked = replies.read(self.body)
        if isinstance(asked, Reply):
            return self._refuse(asked)
        refused = self.limits.admit(asked.estimate, time.monotonic())
        if refused is not None:
            return self._over(asked, refused)
        if self.behaviour.headers_at == "admission":
            self.headers = self._limit_headers()
        self.attempt = self.account.attempt(self.key)
        step = self._step()
        if step.fault is not None and not step.fault.billed:
            return await self._fail(asked, step, step.fault)
        try:
            answer = replies.answer(asked)
        except RecursionError:
            self.limits.settle(asked.estimate, 0, time.monotonic())
            return self._refuse(as_error(400, "the messages nest too deeply", "invalid_messages"))
        return await self._answer(asked, step, answer)

    def _step(self) -> Step:
        told = self.behaviour.script.step(self.number, self.since)
        if told is not None:
            return told
        mix = self.behaviour.faults
        fault = mix.drawn(self._share("fault")) if mix.names else None
        return _AS_IT_IS if fault is None else Step(fault)

    def _share(self, what: str) -> float:
        return share(self.behaviour.seed, self.key, self.attempt, what)

    def _limit_headers(self) -> dict[str, str]:
        return self.limits.headers(time.monotonic()) if self.behaviour.headers else {}

    def _refuse(self, reply: Reply, fault: str | None = None, *, limited: bool = False) -> web.Response:
        self.account.refused(self.number, self.key, reply.status, fault, limited=limited)
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)

    def _over(self, asked: Asked, refused: Refused) -> web.Response:
        """The 429 of a limit that is really there."""
        when = "It is more than can ever be saved up." if refused.wait is None else f"Try in {refused.wait:.3f}s."
        limit = f"{refused.limit} {refused.kind} a minute"
        said = f"Rate limit of {limit} for {asked.model}; this takes {refused.needed}. {when}"
        reply = as_error(429, said, "rate_limit_exceeded", refused.kind)
        if self.behaviour.headers:
            reply.headers.update(self._limit_headers() | retry_headers(refused.wait))
        return self._refuse(reply, limited=True)

    async def _fail(self, asked: Asked, step: Step, fault: Fault) -> web.StreamResponse:
        """An error that is not billed: its tokens go back."""
        if step.latency is not None:
            await asyncio.sleep(step.latency.seconds(self._share("latency")))
        self.limits.settle(asked.estimate, 0, time.monotonic())
        made = fault.make({})
        if not self.behaviour.headers:
            made = made._replace(headers={k: v for k, v in made.headers.items() if k not in _TALKATIVE})
        reply = step.over(made)
        if fault.play is None:
            return self._refuse(reply, fault.name)
        self.account.refused(self.number, self.key, 0, fault.name)
        return (await fault.play(self.request, reply)).response

    async def _answer(self, asked: Asked, step: Step, answer: Answer) -> web.StreamResponse:
        fault = step.fault
        made, answer = self._made(fault, answer)
        reply = step.over(made)
        name = None if fault is None else fault.name
        ticket = self.account.accepted(self.number, self.key, name, reply.status, time.monotonic())
        sent = Sent(False)
        try:
            await self._take_time(step)
            self._bill(ticket, asked, answer)
            reply = reply._replace(headers={**self.headers, **reply.headers})
            play = broken.send if fault is None or fault.play is None else fault.play
            sent = await play(self.request, reply)
        except ConnectionError:  # the client is gone: that is what `undelivered` is for
            self.request.protocol.force_close()
        except asyncio.CancelledError:  # by a runner that ends a request with its client; a provider charges for it
            if not ticket.billed and self.request.transport is None:
                self._bill(ticket, asked, answer)
            raise
        finally:
            good = (fault is None or fault.good) and step.body is None and reply.status < 300
            self.account.ended(ticket, delivered=sent.whole, good=good)
        return sent.response

    def _made(self, fault: Fault | None, answer: Answer) -> tuple[Reply, Answer]:
        """The reply, and the answer at what it costs."""
        headers = {"Content-Type": JSON, "x-request-id": f"req-mock-{self.key.hex()[:12]}"}
        if fault is None:
            return Reply(200, answer.raw, headers), answer
        completion = json.loads(answer.raw)
        made = fault.make(completion)
        usage = completion["usage"]
        billed = answer._replace(prompt=usage["prompt_tokens"], completion=usage["completion_tokens"])
        return made._replace(headers={**headers, **made.headers}), billed

    async def _take_time(self, step: Step) -> None:
        latency = step.latency or self.behaviour.latency
        seconds = latency.seconds(self._share("latency") if latency.drawn else 0.0)
        if seconds > 0:
            await asyncio.sleep(seconds)

    def _bill(self, ticket: Ticket, asked: Asked, answer: Answer) -> None:
        self.limits.settle(asked.estimate, answer.prompt + answer.completion, time.monotonic())
        self.account.billed(ticket, answer.prompt, answer.completion)
        if self.behaviour.headers_at == "answer":
            self.headers = self._limit_headers()
