"""Inputs that a batch fails with: the code, the line, and that nothing is billed."""

from __future__ import annotations

import json
from typing import Any

import pytest

GOOD = {
    "custom_id": "a",
    "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "m", "messages": [{"role": "user", "content": "A dog."}]},
}


def line(name: str, **more: Any) -> bytes:
    return json.dumps({**GOOD, "custom_id": name, **more}).encode() + b"\n"


def without(word: str) -> bytes:
    return json.dumps({key: value for key, value in GOOD.items() if key != word}).encode() + b"\n"


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (b"{no json}\n", "invalid_json_line"),
        (b'{"custom_id": "half', "invalid_json_line"),
        (b"\xff\xfe\n", "invalid_json_line"),
        (b"[" * 100_000 + b"\n", "invalid_json_line"),
        (b"[]\n", "invalid_request"),
        (line("a"), "duplicate_custom_id"),
        (line("b", method="GET"), "invalid_method"),
        (line("b", url="/v1/embeddings"), "url_mismatch"),
        (line("b", body={"model": "n", "messages": []}), "model_mismatch"),
        (line("b", body={"messages": []}), "invalid_request"),
        (line("b", custom_id=7), "invalid_request"),
        (without("custom_id"), "invalid_request"),
        (without("body"), "invalid_request"),
    ],
)
def test_a_bad_line_fails_the_batch_with_its_number(talk: Any, at_once: Any, second: bytes, code: str) -> None:
    async def visit(client: Any) -> None:
        done = await client.ended(await client.submit([line("a"), b"\n", second.rstrip(b"\n") + b"\n", line("c")]))
        assert (done.status, done.output_file_id, done.error_file_id) == ("failed", None, None)
        assert done.failed_at >= done.created_at
        assert done.errors.object == "list"
        assert [(error.code, error.line) for error in done.errors.data] == [(code, 3)]
        assert done.errors.data[0].message
        assert done.request_counts.total == 0
        assert (await client.stats())["billed"] == 0

    talk({"batches": at_once}, visit)


def test_every_bad_line_is_told_up_to_a_hundred(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        done = await client.ended(await client.submit([line("a"), *[b"{\n"] * 150]))
        assert [error.line for error in done.errors.data] == list(range(2, 102))

    talk({"batches": at_once}, visit)


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_an_empty_input_fails(talk: Any, at_once: Any, data: bytes) -> None:
    async def visit(client: Any) -> None:
        done = await client.ended(await client.submit(data))
        assert (done.status, done.errors.data[0].code) == ("failed", "empty_file")

    talk({"batches": at_once}, visit)


def test_more_lines_than_a_batch_takes(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        assert (await client.ended(await client.submit(10))).status == "completed"
        done = await client.ended(await client.submit(11))
        assert (done.status, done.errors.data[0].code) == ("failed", "too_many_tasks")

    talk({"batches": {**at_once, "requests": 10}}, visit)


def test_the_limits_are_openais_where_nothing_is_told(talk: Any) -> None:
    async def visit(client: Any) -> None:
        plans = client.server.office.plans
        assert (plans.requests, plans.bytes, plans.enqueued) == (50_000, 200_000_000, None)

    talk({}, visit)


def test_tokens_of_unfinished_batches_of_a_model_are_limited(talk: Any) -> None:
    async def visit(client: Any) -> None:
        data = client.lines(range(10))
        tokens = sum(map(len, data)) // 4
        client.server.office.plans = client.server.office.plans._replace(enqueued=2 * tokens)
        one, two, three = [await client.submit(data) for _ in range(3)]
        await client.clock(60)
        told = [await client.batches.retrieve(batch.id) for batch in (one, two, three)]
        assert [batch.status for batch in told] == ["in_progress", "in_progress", "failed"]
        (error,) = told[2].errors.data
        assert (error.code, error.line) == ("token_limit_exceeded", None)
        other = [row.replace(b'"model": "m"', b'"model": "n"') for row in data]
        another = await client.submit(other)
        await client.clock(60)
        assert (await client.batches.retrieve(another.id)).status == "in_progress"
        await client.clock(300)
        assert (await client.batches.retrieve(one.id)).status == "completed"
        later = await client.submit(data)
        await client.clock(60)
        assert (await client.batches.retrieve(later.id)).status == "in_progress"

    talk({"batches": {"tick": 0}}, visit)
