"""Calls of files and batches that go wrong as the script says: not done at all, or done and nobody hears of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from datagen.mockserver.batches.files import Spool


def test_each_call_meets_what_the_script_has_for_it(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        data = b"".join(client.lines(range(20_000, 20_300))) * 10  # more than a socket takes at once
        with pytest.raises(openai.InternalServerError):
            await client.upload(data)
        made = await client.upload(data)
        with pytest.raises(openai.RateLimitError) as limited:
            await client.create(made.id)
        assert limited.value.response.headers["retry-after"] == "7"
        with pytest.raises(openai.APIStatusError, match="508"):
            await client.create(made.id)
        assert (await client.stats())["batches"] == 0
        batch = await client.create(made.id)
        for _ in range(2):
            with pytest.raises(openai.InternalServerError):
                await client.batches.retrieve(batch.id)
        assert (await client.batches.retrieve(batch.id)).id == batch.id
        for call in (client.batches.list, client.files.list):
            with pytest.raises(openai.AuthenticationError):
                await call()
        with pytest.raises(openai.NotFoundError):
            await client.files.delete(made.id)
        assert (await client.files.delete(made.id)).deleted
        told = (await client.stats())["calls"]
        assert told == {"upload": 2, "create": 3, "retrieve": 3, "list": 1, "list-files": 1, "delete": 2}

    calls = {
        "upload": ["500"],
        "create": [{"fault": "429", "headers": {"retry-after": "7"}}, {"status": 508}],
        "retrieve": [{"fault": "503", "times": 2}],
        "list": {"then": "401"},
        "list-files": {"requests": ["401"], "then": "again"},
        "delete": ["404"],
    }
    talk({"batches": at_once, "calls": calls}, visit)


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("drop-before", 0),
        ("502", 0),
        ("drop-after", 1),
        ("empty", 1),
        ("truncate", 1),
        ("short", 1),
        ({"fault": "html", "status": 502}, 1),
    ],
)
def test_a_creation_nobody_heard_of_is_done_or_not(talk: Any, at_once: Any, fault: Any, done: int) -> None:
    async def visit(client: Any) -> None:
        made = await client.upload(client.lines(range(3)))
        with pytest.raises((openai.APIError, json.JSONDecodeError)):
            await client.create(made.id, metadata={"shard": "s"})
        listed = [one async for one in client.batches.list()]
        assert len(listed) == done
        assert (await client.stats())["billed"] == 3 * done
        assert all(one.metadata == {"shard": "s"} for one in listed)
        assert (await client.ended(await client.create(made.id))).status == "completed"

    talk({"batches": at_once, "calls": {"create": [fault]}}, visit)


@pytest.mark.parametrize(("fault", "done"), [("drop-before", 0), ("drop-after", 1), ("503", 0)])
def test_an_upload_nobody_heard_of_is_kept_or_not(talk: Any, fault: str, done: int) -> None:
    async def visit(client: Any) -> None:
        with pytest.raises(openai.APIError):
            await client.upload(client.lines(range(3)))
        assert len([one async for one in client.files.list()]) == done

    talk({"calls": {"upload": [fault]}}, visit)


@pytest.mark.parametrize(("count", "fault"), [(30, "short"), (3000, "short"), (30, "drop-after"), (30, "500")])
def test_content_may_break_off_and_be_had_again(talk: Any, at_once: Any, count: int, fault: str) -> None:
    async def visit(client: Any) -> None:
        done = await client.ended(await client.submit(count))
        got, broke = 0, False
        try:
            async with client.files.with_streaming_response.content(done.output_file_id) as answer:
                async for chunk in answer.iter_bytes():
                    got += len(chunk)
        except (openai.APIError, httpx2.TransportError):
            broke = True
        assert broke
        size = (await client.files.retrieve(done.output_file_id)).bytes
        assert got <= size // 2
        assert (got > 0) == (fault == "short")
        assert len(await client.rows(done.output_file_id)) == count

    talk({"batches": at_once, "calls": {"content": [fault]}}, visit, stock=True)


def test_content_may_be_half_without_saying_so(talk: Any, at_once: Any) -> None:
    async def visit(client: Any) -> None:
        done = await client.ended(await client.submit(30))
        half, page, whole = [await client.read(done.output_file_id) for _ in range(3)]
        assert half == whole[: len(whole) // 2]
        assert page.startswith(b"<html>")

    talk({"batches": at_once, "calls": {"content": ["truncate", "html"]}}, visit)


def test_a_script_may_write_the_answer_itself_also_over_an_error(talk: Any) -> None:
    async def visit(client: Any) -> None:
        made = await client.upload(b"x")
        assert await client.read(made.id) == b"as told"
        with pytest.raises(openai.APIConnectionError):
            await client.read("file-nobody")
        with pytest.raises(openai.NotFoundError):
            await client.read("file-nobody")
        assert (await client.batches.list()).data == []

    calls = {"content": [{"body": "as told"}, "drop-after"], "list": [{"body": {"object": "list", "data": []}}]}
    talk({"calls": calls}, visit)


def test_neither_a_client_that_leaves_nor_a_full_disk_is_an_error_of_ours(
    talk: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_told: object) -> None:
        raise OSError(28, "No space left on device")

    async def visit(client: Any) -> None:
        made = await client.upload(b"line\n" * 3_000_000)
        for _ in range(3):
            async with client.session.get(f"/v1/files/{made.id}/content") as answer:
                await answer.content.readany()
                answer.close()
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "write", full)
            with pytest.raises(openai.APIStatusError, match="No space left"):
                await client.upload(b"x")
        assert (await client.upload(b"x")).bytes == 1

    with caplog.at_level("ERROR"):
        talk({}, visit)
    assert [record.message for record in caplog.records] == []


def test_chance_is_of_the_seed_and_the_calls_number(talk: Any) -> None:
    async def visit(client: Any) -> list[bool]:
        lost = []
        for _ in range(30):
            try:
                await client.batches.list()
                lost.append(False)
            except openai.APIConnectionError:
                lost.append(True)
        return lost

    script = {"calls": {"list": {"requests": ["ok"], "rates": {"drop-after": "30%", "drop-before": 0.2}}}}
    first = talk(script, visit, seed=1)
    assert first == talk(script, visit, seed=1)
    assert first != talk(script, visit, seed=2)
    assert first[0] is False
    assert 5 < sum(first) < 25


def test_windows_are_of_the_virtual_clock(talk: Any) -> None:
    async def visit(client: Any) -> None:
        await client.batches.list()
        await client.clock(100)
        with pytest.raises(openai.InternalServerError):
            await client.batches.list()
        await client.clock(100)
        await client.batches.list()

    talk({"batches": {"tick": 0}, "calls": {"list": [{"from": 50, "to": 150, "fault": "503"}]}}, visit)


def test_the_clock_only_goes_forward(talk: Any) -> None:
    async def visit(client: Any) -> None:
        for wrong in (b'{"seconds": -1}', b'{"seconds": "1"}', b'{"seconds": NaN}', b"[]", b"{", b'{"seconds": true}'):
            async with client.session.post("/clock", data=wrong) as answer:
                assert answer.status == 400, wrong
        async with client.session.post("/clock") as answer:
            assert (await answer.json()) == {"clock": 0.0}

    talk({}, visit)


def test_the_ledger_has_each_call_and_each_bill(talk: Any, at_once: Any, tmp_path: Path) -> None:
    async def visit(client: Any) -> str:
        with pytest.raises(openai.APIConnectionError):
            await client.submit(2)
        (batch,) = [one async for one in client.batches.list()]
        with pytest.raises(openai.NotFoundError):
            await client.files.retrieve("file-nobody")
        return batch.id

    script = {"batches": at_once, "calls": {"create": ["drop-after"]}}
    name = talk(script, visit, ledger=tmp_path / "l")
    events = [json.loads(line) for line in (tmp_path / "l").read_bytes().splitlines()]
    told = [(event["call"], event["status"], event["fault"]) for event in events if event["event"] == "call"]
    assert told == [
        ("upload", 200, None), ("create", 200, "drop-after"), ("list", 200, None), ("retrieve-file", 404, None),
    ]  # fmt: skip
    assert next(event["id"] for event in events if event.get("call") == "create") == name
    bills = [event for event in events if event["event"] == "billed-in-batch"]
    assert sorted(bill["custom_id"] for bill in bills) == ["q0", "q1"]
    assert all(bill["batch"] == name and len(bill["key"]) == 16 and bill["completion_tokens"] > 0 for bill in bills)
