"""Many at once: order of journal and send, retries, outage, stop. The backend is scripted, the clock is real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from datagen.errors import ProviderError, Stopped
from datagen.llm.course import Job
from datagen.llm.fanout import Limits, ask_all
from datagen.schema import Failure, Fault, Request, Response


class Script:
    """A backend that does what it is told, and a journal that writes everything down."""

    def __init__(self, answer: Callable[[str, int], Response]) -> None:
        self.answer, self.events = answer, []  # type: ignore[var-annotated]
        self.sends: dict[str, int] = {}
        self.in_flight = self.most = 0
        self.spoiled: list[str] = []

    async def ask(self, request: Request) -> Response:
        self.events.append(("send", request.id))
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(0.001)
        self.in_flight -= 1
        self.sends[request.id] = self.sends.get(request.id, 0) + 1
        return self.answer(request.id, self.sends[request.id])

    async def aclose(self) -> None: ...

    async def sent(self, request: Request, aside: int | None, spoiled: str | None) -> None:
        self.events.append(("sent", request.id))
        self.spoiled += [spoiled] if spoiled else []

    async def done(self, response: Response, cost: int | None) -> None:
        self.events.append(("done", response.query_id))

    async def looked(self, response: Response, fault: Fault) -> str | None:
        return None if response.error else fault(response)

    def final(self, request: Request) -> None:
        self.events.append(("final", request.id))


def fine(query: str, _attempt: int) -> Response:
    return Response(query_id=query, text="x")


def broken(query: str, _attempt: int) -> Response:
    return Response(query_id=query, error=Failure(reason="server-error", message="500", again=True, wait=0.0))


def run(
    script: Script, count: int, limits: Limits, stop_after: float | None = None, fault: Fault = lambda response: None
) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        if stop_after is not None:
            asyncio.get_running_loop().call_later(stop_after, stop.set)
        jobs = (Job(Request(id=f"q{n}", body=b"{}"), fault) for n in range(count))
        await ask_all(script, jobs, script, limits, stop)

    asyncio.run(main())


def test_each_is_asked_once_and_never_more_than_allowed_at_a_time() -> None:
    script = Script(fine)
    run(script, 100, Limits(concurrency=7))
    assert script.sends == {f"q{n}": 1 for n in range(100)}
    assert 1 < script.most <= 7


def test_a_send_is_journalled_before_it_happens_and_its_outcome_after() -> None:
    script = Script(fine)
    run(script, 20, Limits(concurrency=3))
    for n in range(20):
        kinds = [kind for kind, query in script.events if query == f"q{n}"]
        assert kinds == ["sent", "send", "done"]


def test_what_may_be_sent_again_is_until_it_works() -> None:
    script = Script(lambda query, attempt: broken(query, attempt) if attempt < 3 else fine(query, attempt))
    run(script, 3, Limits(concurrency=2, attempts=5))
    assert set(script.sends.values()) == {3}


def test_no_more_attempts_than_allowed() -> None:
    script = Script(broken)
    run(script, 3, Limits(concurrency=3, attempts=2))
    assert set(script.sends.values()) == {2}


def test_what_never_will_work_is_sent_once() -> None:
    def hopeless(query: str, _attempt: int) -> Response:
        return Response(query_id=query, error=Failure(reason="too-long", message="", again=False))

    script = Script(hopeless)
    run(script, 50, Limits(concurrency=4))
    assert set(script.sends.values()) == {1}


def test_a_provider_that_refuses_everything_ends_it_after_what_is_in_flight() -> None:
    def refuse(_query: str, _attempt: int) -> Response:
        raise ProviderError("bad key")

    script = Script(refuse)
    with pytest.raises(ProviderError, match="bad key"):
        run(script, 1000, Limits(concurrency=8, grace=1.0))
    sends = [event for event in script.events if event[0] == "send"]
    assert len(sends) <= 8
    assert len([event for event in script.events if event[0] == "done"]) == len(sends)


def test_a_long_outage_stops_the_run() -> None:
    script = Script(broken)
    with pytest.raises(Stopped, match="server-error"):
        run(script, 1000, Limits(concurrency=4, attempts=1, grace=1.0))
    assert len(script.sends) < 100


def test_a_wait_beyond_all_patience_stops_the_run() -> None:
    def later(query: str, _attempt: int) -> Response:
        return Response(query_id=query, error=Failure(reason="rate-limited", message="busy", again=True, wait=99999.0))

    script = Script(later)
    with pytest.raises(Stopped, match="wait 99999 seconds"):
        run(script, 100, Limits(concurrency=4, grace=1.0))
    assert sum(script.sends.values()) <= 4


def test_a_server_that_refuses_every_request_stops_the_run_but_long_contexts_do_not() -> None:
    def bad(reason: str) -> Callable[[str, int], Response]:
        failure = Failure(reason=reason, message="no", again=False)
        return lambda query, _attempt: Response(query_id=query, error=failure)

    with pytest.raises(Stopped, match="bad-request"):
        run(Script(bad("bad-request")), 1000, Limits(concurrency=4))
    script = Script(bad("too-long"))
    run(script, 100, Limits(concurrency=4))
    assert len(script.sends) == 100


def test_attempts_that_time_out_are_counted_one_by_one() -> None:
    def silent(query: str, _attempt: int) -> Response:
        return Response(query_id=query, error=Failure(reason="timeout", message="", again=True, wait=0.0))

    script = Script(silent)
    with pytest.raises(Stopped, match="attempts all failed"):
        run(script, 1000, Limits(concurrency=2, attempts=10))
    assert sum(script.sends.values()) <= 22


def test_when_the_provider_ends_it_answers_on_their_way_come_home() -> None:
    class Slow(Script):
        async def ask(self, request: Request) -> Response:
            if request.id == "q3":
                raise ProviderError("no quota")
            await asyncio.sleep(0.3)
            return await super().ask(request)

    script = Slow(fine)
    with pytest.raises(ProviderError):
        run(script, 100, Limits(concurrency=4, grace=0.01))
    assert sorted(query for kind, query in script.events if kind == "done") == ["q0", "q1", "q2", "q3"]


def test_told_to_stop_nothing_new_is_sent_and_what_is_out_comes_home() -> None:
    script = Script(fine)
    run(script, 100_000, Limits(concurrency=4, grace=2.0), stop_after=0.1)
    assert 0 < len(script.sends) < 100_000
    assert sum(kind == "send" for kind, _ in script.events) == sum(kind == "done" for kind, _ in script.events)
