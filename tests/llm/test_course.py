"""One request's way: what counts as an attempt, and that every repetition waits as it was told, the first one too."""

from __future__ import annotations

import asyncio

import pytest

from datagen.llm import course as course_module
from datagen.llm.circuit import Allowance
from datagen.llm.course import Course, Job
from datagen.schema import Failure, Request, Response

JOB = Job(Request(id="q", body=b"{}"))
SHORT = Response(query_id="q", text="x")


def failed(reason: str = "server-error", *, again: bool = True, wait: float | None = None) -> Response:
    return Response(query_id="q", error=Failure(reason=reason, message="no", again=again, wait=wait))


def waited(monkeypatch: pytest.MonkeyPatch, responses: list[Response]) -> list[float]:
    """The waits between the first attempt and those after it; the attempts bring `responses`."""
    waits: list[float] = []

    async def keep(seconds: float, _halted: asyncio.Event) -> None:
        waits.append(seconds)

    monkeypatch.setattr(course_module, "pause", keep)
    course, coming = Course(JOB, 100), iter(responses)
    course.failed(next(coming), counts=True)

    async def again() -> None:
        response = next(coming, None)
        if response is None:
            course.answered()
        else:
            course.failed(response, counts=True)

    asyncio.run(course.repeating(asyncio.Event(), again))
    assert course.response is None
    return waits


def test_each_wait_that_a_server_asks_for_is_kept_in_full_before_the_next_send(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, [failed(wait=7.0), failed(wait=700.0), failed(wait=0.0)]) == [7.0, 700.0, 0.0]


def test_without_a_word_the_waits_are_random_and_may_grow_to_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [waited(monkeypatch, [failed()] * 12) for _ in range(200)]
    for number in range(12):
        waits = [run[number] for run in many]
        most = min(30.0, 0.5 * 2**number)
        assert 0 <= min(waits) < most / 4 < most * 3 / 4 < max(waits) <= most


def test_a_rate_limit_is_waited_out_at_the_gate_and_not_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, [failed("rate-limited", wait=9.0)] * 2) == [0.0, 0.0]


def test_an_endless_outage_overflows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Course, "_used", property(lambda _: 0))
    assert max(waited(monkeypatch, [failed()] * 3000)) <= 30


def test_attempts_that_do_not_count_can_go_on_for_ever_and_those_that_do_cannot() -> None:
    course = Course(JOB, 3)
    for _ in range(100):
        course.failed(failed("rate-limited"), counts=False)
        assert course.goes_on
    course.failed(failed(), counts=True)
    assert course.spoil(SHORT, "short", Allowance(9, 0, None), 0.0) is False
    course.failed(failed(), counts=True)
    assert not course.goes_on


def test_what_cannot_help_is_not_sent_again() -> None:
    course = Course(JOB, 3)
    course.failed(failed("too-long", again=False), counts=False)
    assert not course.goes_on


def test_a_bad_reply_stays_where_no_more_are_allowed() -> None:
    course = Course(JOB, 5)
    allowance = Allowance(1, 0, None)
    assert course.spoil(SHORT, "short", allowance, 0.0) is False
    assert (course.goes_on, course.spoiled) == (True, "short")
    assert course.spoil(SHORT, "short", allowance, 0.0) is True
    assert (course.goes_on, course.spoiled) == (False, None)


def test_bad_replies_of_an_earlier_asking_count() -> None:
    course = Course(JOB._replace(replies=2), 3)
    assert course.spoil(SHORT, "short", Allowance(9, 0, None), 0.0) is True


def test_waiting_ends_when_nothing_more_is_sent() -> None:
    async def main() -> None:
        course, halted, sends = Course(JOB, 3), asyncio.Event(), 0
        course.failed(failed(wait=10**6), counts=True)

        async def again() -> None:
            nonlocal sends
            sends += 1
            course.stop()

        asyncio.get_running_loop().call_soon(halted.set)
        await course.repeating(halted, again)
        assert sends == 1  # which finds that nothing is sent any more

    asyncio.run(asyncio.wait_for(main(), 10))


REPAIR = Request(id="q", body=b"{mend}", sha256="5e")


def test_a_bad_reply_is_shown_to_the_model_where_there_is_a_repair_for_it() -> None:
    given: list[Response] = []
    course = Course(JOB._replace(repair=lambda response: (given.append(response), REPAIR)[1]), 3)
    assert course.request is JOB.request
    course.spoil(SHORT, "short", Allowance(9, 0, None), 0.0)
    assert (course.request, given) == (REPAIR, [SHORT])
    course.failed(failed(), counts=True)
    assert course.request is REPAIR, "a repair that was not answered is sent again"
    assert course.goes_on
    assert course.spoil(SHORT, "short", Allowance(9, 0, None), 0.0) is True, "it is an attempt like any other"
    assert given == [SHORT], "none is made for what is not sent again"


def test_without_a_repair_or_after_one_that_is_refused_the_request_itself_is_sent() -> None:
    course = Course(JOB._replace(first=REPAIR), 9)
    assert course.request is REPAIR
    course.failed(failed("too-long", again=False), counts=True)
    assert (course.goes_on, course.request) == (True, JOB.request)
    course.failed(failed("too-long", again=False), counts=True)
    assert not course.goes_on
    course = Course(JOB._replace(first=REPAIR), 9)
    course.spoil(SHORT, "short", Allowance(9, 0, None), 0.0)
    assert course.request is JOB.request
