"""/v1/batches through the openai client: a batch's life on the virtual clock, its four ends, and what was billed."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import openai
import pytest

from datagen.llm.mock.backend import complete


def test_a_life_from_creation_to_its_files(talk: Any) -> None:
    async def visit(client: Any) -> None:
        batch = await client.submit(40, metadata={"run": "r1", "shard": "s1"})
        assert (batch.status, batch.object, batch.metadata) == ("validating", "batch", {"run": "r1", "shard": "s1"})
        seen = [batch]
        while seen[-1].status != "completed":
            seen.append(await client.batches.retrieve(batch.id))
        assert [one.status for one in seen] == ["validating", *["in_progress"] * 4, "finalizing", "completed"]
        counts = [one.request_counts.completed for one in seen]
        assert counts == [0, 0, 10, 20, 30, 40, 40]
        last = seen[-1]
        assert last.created_at <= last.in_progress_at <= last.finalizing_at <= last.completed_at <= last.expires_at
        assert last.expires_at - last.created_at == 86400
        assert all(one.output_file_id is None for one in seen[:-1])
        assert (last.error_file_id, last.errors, last.model) == (None, None, "m")
        rows = await client.rows(last.output_file_id)
        assert sorted(row["custom_id"] for row in rows) == sorted(f"q{n}" for n in range(40))
        assert [row["custom_id"] for row in rows] != [f"q{n}" for n in range(40)]
        usage = [row["response"]["body"]["usage"] for row in rows]
        assert last.usage.input_tokens == sum(one["prompt_tokens"] for one in usage)
        assert last.usage.output_tokens == sum(one["completion_tokens"] for one in usage)
        made = await client.files.retrieve(last.output_file_id)
        assert (made.purpose, made.bytes) == ("batch_output", len(await client.read(made.id)))

    talk({}, visit)


def test_the_answer_is_byte_for_byte_what_the_live_road_gives(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        body = json.dumps(client.body(7, max_tokens=20)).encode()
        line = b'{"custom_id": "x", "method": "POST", "url": "/v1/chat/completions", "body": %s}\n' % body
        done = await client.ended(await client.submit([line]))
        raw = await client.read(done.output_file_id)
        async with client.session.post("/v1/chat/completions", data=body) as answer:
            live, request_id = await answer.read(), answer.headers["x-request-id"]
        assert b'"body": ' + live + b"}, " in raw
        assert json.loads(raw)["response"]["request_id"] == request_id
        assert (await client.stats())["on_both_roads"] == 1

    talk({"batches": at_once}, visit)


def test_order_is_of_the_seed(talk: Any, at_once: Any) -> None:
    async def order(client: Any) -> list[str]:
        done = await client.ended(await client.submit(30))
        return [row["custom_id"] for row in await client.rows(done.output_file_id)]

    first = talk({"batches": at_once}, order, seed=1)
    assert first == talk({"batches": at_once}, order, seed=1)
    assert first != talk({"batches": at_once}, order, seed=2)
    assert talk({"batches": {**at_once, "shuffle": False}}, order) == [f"q{n}" for n in range(30)]


def test_each_line_billed_is_on_the_bill_and_two_creations_are_two_bills(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        made = await client.upload(client.lines(range(5)))
        one = await client.ended(await client.create(made.id))
        two = await client.ended(await client.create(made.id))
        bills = await client.bills()
        assert Counter(bill["batch"] for bill in bills) == {one.id: 5, two.id: 5}
        assert Counter(bill["custom_id"] for bill in bills) == {f"q{n}": 2 for n in range(5)}
        told = await client.stats()
        assert (told["billed"], told["repeated"], told["batches"]) == (10, 5, 2)
        assert told["dollars"] == pytest.approx((told["prompt_tokens"] + told["completion_tokens"] * 2) / 1e6)
        assert {each["input_sha256"] for each in told["each"]} == {told["each"][0]["input_sha256"]}
        assert sum(each["dollars"] for each in told["each"]) == pytest.approx(told["dollars"])
        usage = complete(client.body(0))["usage"]
        (bill,) = {(b["prompt_tokens"], b["completion_tokens"]) for b in bills if b["custom_id"] == "q0"}
        assert bill == (usage["prompt_tokens"], usage["completion_tokens"])

    talk({"batches": {**at_once, "price": "1,2"}}, visit)


def test_one_that_expires_keeps_what_was_done(talk: Any) -> None:
    async def visit(client: Any) -> None:
        done = await client.ended(await client.submit(50))
        assert (done.status, done.completed_at) == ("expired", None)
        assert done.expired_at == done.expires_at
        good, bad = await client.rows(done.output_file_id), await client.rows(done.error_file_id)
        assert (len(good), len(bad)) == (20, 30)
        assert {row["error"]["code"] for row in bad} == {"batch_expired"}
        assert all(row["response"] is None for row in bad)
        assert sorted(row["custom_id"] for row in good + bad) == sorted(f"q{n}" for n in range(50))
        assert {bill["custom_id"] for bill in await client.bills()} == {row["custom_id"] for row in good}

    talk({"batches": {"each": [{"end": "expired", "share": 0.4}]}}, visit)


def test_one_that_is_too_slow_expires_by_itself(talk: Any) -> None:
    async def visit(client: Any) -> None:
        done = await client.ended(await client.submit(48))
        assert (done.status, done.request_counts.completed) == ("expired", 24)
        assert done.expired_at == done.expires_at

    talk({"batches": {"tick": 3600, "validating": 0, "working": 172800}}, visit)


def test_cancelling_keeps_what_was_done(talk: Any) -> None:
    async def visit(client: Any) -> None:
        batch = await client.submit(40)
        await client.clock(180)
        cancelled = await client.batches.cancel(batch.id)
        assert (cancelled.status, cancelled.request_counts.completed) == ("cancelling", 20)
        assert (await client.batches.cancel(batch.id)).status == "cancelling"
        await client.clock(60)
        done = await client.batches.retrieve(batch.id)
        assert (done.status, done.request_counts.completed) == ("cancelled", 20)
        assert done.cancelling_at <= done.cancelled_at
        assert len(await client.rows(done.output_file_id)) == 20
        assert {row["error"]["code"] for row in await client.rows(done.error_file_id)} == {"batch_cancelled"}
        with pytest.raises(openai.BadRequestError, match="Cannot cancel"):
            await client.batches.cancel(batch.id)
        early = await client.batches.cancel((await client.submit(3)).id)
        await client.clock(60)
        done = await client.batches.retrieve(early.id)
        assert (done.status, done.output_file_id, done.error_file_id) == ("cancelled", None, None)
        assert (await client.stats())["billed"] == 20

    talk({"batches": {"tick": 0}}, visit)


def test_it_may_end_otherwise_than_it_should(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        ends = [await client.ended(await client.submit(10)) for _ in range(5)]
        assert [one.status for one in ends] == ["cancelled", "failed", "completed", "completed", "completed"]
        assert ends[0].request_counts.completed == 5
        assert [(error.code, error.line) for error in ends[1].errors.data] == [("token_limit_exceeded", None)]
        assert (ends[2].output_file_id, ends[2].error_file_id) == ("", "")
        assert (ends[2].request_counts.completed, (await client.stats())["each"][2]["billed"]) == (10, 10)
        assert (ends[3].request_counts, ends[3].usage, ends[3].model) == (None, None, None)
        torn = (await client.read(ends[4].output_file_id)).split(b"\n")
        assert len(torn) == 10
        with pytest.raises(json.JSONDecodeError):
            json.loads(torn[-1])
        assert all(json.loads(line) for line in torn[:-1])

    each = [
        {"end": "cancelled"},
        {"end": "failed", "errors": [{"code": "token_limit_exceeded"}]},
        {"without": "both", "blank": True},
        {"bare": True},
        {"cut": "output"},
    ]
    talk({"batches": {**at_once, "each": each}}, visit)


def test_files_and_lists_are_late(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        batch = await client.submit(3)
        assert [one.id async for one in client.batches.list()] == []
        done = await client.batches.retrieve(batch.id)
        assert done.status == "completed"
        with pytest.raises(openai.NotFoundError):
            await client.files.content(done.output_file_id)
        await client.clock(100)
        assert len(await client.rows(done.output_file_id)) == 3
        assert [one.id async for one in client.batches.list()] == [batch.id]

    talk({"batches": {**at_once, "tick": 0, "late": 100, "appears": 50}}, visit)


def test_lists_are_pages_from_the_newest_with_metadata(talk: Any) -> None:
    async def visit(client: Any) -> None:
        made = await client.upload(client.lines(range(1)))
        ids = [(await client.create(made.id, metadata={"n": str(n)})).id for n in range(25)]
        assert len((await client.batches.list()).data) == 20
        told = [one async for one in client.batches.list(limit=4)]
        assert [one.id for one in told] == ids[::-1]
        assert [one.metadata["n"] for one in told] == [str(n) for n in range(24, -1, -1)]
        with pytest.raises(openai.BadRequestError):
            await client.batches.list(limit=101)

    talk({}, visit)


def test_what_cannot_be_created_is_refused(talk: Any) -> None:
    async def visit(client: Any) -> None:
        made, other = await client.upload(b"x"), await client.upload(b"x", purpose="user_data")
        for wrong in (
            {"file": "file-nobody"},
            {"file": other.id},
            {"endpoint": "/v1/embeddings"},
            {"completion_window": "7d"},
            {"metadata": {"a": "x" * 513}},
            {"metadata": {"a" * 65: "x"}},
            {"metadata": {str(n): "x" for n in range(17)}},
            {"metadata": {"a": 1}},
        ):
            with pytest.raises(openai.BadRequestError):
                await client.create(**{"file": made.id, **wrong})
        with pytest.raises(openai.NotFoundError, match="No batch found"):
            await client.batches.retrieve("batch_nobody")
        assert (await client.stats())["batches"] == 0

    talk({}, visit)


def test_reset_forgets_them(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        batch = await client.ended(await client.submit(3))
        async with client.session.post("/reset"):
            pass
        with pytest.raises(openai.NotFoundError):
            await client.batches.retrieve(batch.id)
        told = await client.stats()
        assert (told["clock"], told["billed"], told["batches"]) == (1.0, 0, 0)

    talk({"batches": at_once}, visit)
