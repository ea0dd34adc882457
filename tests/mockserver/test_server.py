"""Limits, headers, seeds and stock over real HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datagen.errors import SetupError
from datagen.mockserver.behaviour import Behaviour

PREFIX = "x-ratelimit-"


def limit_headers(got: Any) -> dict[str, str]:
    return {name: value for name, value in got.headers.items() if name.startswith((PREFIX, "retry-after"))}


def test_without_limits_there_are_no_headers(visit: Any) -> None:
    async def asks(bench: Any) -> Any:
        return await bench.ask()

    assert limit_headers(visit(Behaviour(), asks)) == {}


def test_who_keeps_to_retry_after_gets_in(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        assert (await bench.ask("1")).status == 200
        over = await bench.ask("2")
        assert over.status == 429
        error = over.json["error"]
        assert (error["code"], error["type"]) == ("rate_limit_exceeded", "requests")
        told = limit_headers(over)
        assert told["retry-after"] == "1"
        assert 0 < int(told["retry-after-ms"]) <= 500
        assert told["x-ratelimit-remaining-requests"] == "0"
        await asyncio.sleep(int(told["retry-after-ms"]) / 1000)
        assert (await bench.ask("2")).status == 200
        stats = await bench.settled()
        assert (stats["limited"], stats["billed"], stats["refused"]) == (1, 2, 1)

    visit(Behaviour.told(rpm=120, burst=0.5), asks)


def test_the_token_limit_counts_what_may_come_and_then_what_came(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        got = await bench.ask(max_tokens=3000)
        told, usage = limit_headers(got), got.json["usage"]
        assert told["x-ratelimit-limit-tokens"] == "6000"
        left = int(told["x-ratelimit-remaining-tokens"])
        assert 0 <= left - (6000 - usage["total_tokens"]) <= 600, "what was taken too much is back at once"
        never = await bench.ask(max_tokens=100_000)
        assert never.status == 429
        assert never.json["error"]["type"] == "tokens"
        assert "retry-after" not in never.headers

    visit(Behaviour.told(tpm=6000), asks)


def test_headers_are_of_the_moment_that_was_asked_for(visit: Any) -> None:
    left = {}
    for moment in ("admission", "answer"):

        async def asks(bench: Any) -> int:
            got = await bench.ask(max_tokens=4000)
            return int(got.headers["x-ratelimit-remaining-tokens"])

        left[moment] = visit(Behaviour.told(tpm=6000, headers_at=moment), asks)
    assert left["admission"] < 2600 < 5000 < left["answer"]


def test_without_headers_nothing_tells(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        got = [await bench.ask(str(n)) for n in range(2)]
        assert [one.status for one in got] == [200, 429]
        assert limit_headers(got[0]) == limit_headers(got[1]) == {}

    visit(Behaviour.told(rpm=60, burst=1, headers=False), asks)

    async def overloaded(bench: Any) -> None:
        assert limit_headers(await bench.ask()) == {}

    visit(Behaviour.told(faults=["503=1"], headers=False), overloaded)


def test_what_is_not_billed_gives_its_tokens_back(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        for n in range(20):
            assert (await bench.ask(str(n))).status == 500
        assert (await bench.stats())["limited"] == 0

    visit(Behaviour.told(tpm=600, faults=["500=1"]), asks)


def test_the_same_seed_has_the_same_faults_in_any_order_and_at_once(visit: Any) -> None:
    def faults(seed: int, numbers: list[int], *, at_once: bool, rpm: int | None = None) -> dict[int, list[int]]:
        async def asks(bench: Any) -> dict[int, list[int]]:
            async def until_well(n: int) -> list[int]:
                seen: list[int] = []
                while len(seen) < 4:
                    got = await bench.ask(f"Picture {n}.")
                    seen += [got.status] if got.status != 429 else []
                    await asyncio.sleep(0.02 if got.status == 429 else 0)
                return seen

            if at_once:
                return dict(zip(numbers, await asyncio.gather(*map(until_well, numbers)), strict=True))
            return {n: await until_well(n) for n in numbers}

        return visit(Behaviour.told(seed=seed, rpm=rpm, burst=1, faults=["500=30%", "502=30%"]), asks)

    numbers = list(range(20))
    calm = faults(7, numbers, at_once=False)
    assert {status for seen in calm.values() for status in seen} == {200, 500, 502}
    assert faults(7, numbers[::-1], at_once=True) == calm
    assert faults(7, numbers, at_once=True, rpm=6000) == calm, "a 429 of the limits draws nothing"
    assert faults(8, numbers, at_once=True) != calm


def test_stock_answers_with_what_was_written_for_the_same_task(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        first, second = await bench.ask("A dog runs."), await bench.ask("Two cats sleep.")
        assert first.json == second.json
        assert first.headers["x-request-id"] != second.headers["x-request-id"]
        assert first.json["model"] == "datagen-mock"
        other = await bench.send(b'{"model": "m", "messages": [{"role": "user", "content": "A dog runs."}]}')
        assert other.json != first.json, "another beginning is another task"
        assert (await bench.send(b'{"no "user": 1')).status == 400
        await bench.ask("A dog runs.")
        told = await bench.settled()
        assert (told["requests"], told["billed"], told["repeated"], told["repeated_after_delivery"]) == (5, 4, 1, 1)
        assert told["prompt_tokens"] == 3 * first.json["usage"]["prompt_tokens"] + other.json["usage"]["prompt_tokens"]

    visit(Behaviour.told(stock=True), asks)


def test_stock_is_limited_and_faulty_as_well(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        got = [await bench.ask(str(n)) for n in range(40)]
        assert {one.status for one in got} == {200, 429, 500}
        assert any(one.status == 200 and "Question:" not in one.text for one in got)
        assert any(one.status == 200 and "Question:" in one.text for one in got)

    visit(Behaviour.told(stock=True, rpm=30, burst=60, faults=["500=20%", "garbled=20%"]), asks)


@pytest.mark.parametrize("stock", [False, True])
def test_a_body_that_is_read_in_pieces_is_one_body(visit: Any, stock: bool) -> None:
    async def asks(bench: Any) -> None:
        text = "A dog runs. " * 50_000
        assert (await bench.ask(text)).status == 200
        assert (await bench.settled())["billed"] == 1

    visit(Behaviour.told(stock=stock), asks)


def test_a_bank_that_never_holds_a_request_is_refused() -> None:
    with pytest.raises(SetupError, match="never holds a whole request") as refused:
        Behaviour.told(rpm=30, burst=1)
    assert "--burst 2" in refused.value.hint
