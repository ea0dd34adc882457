"""/v1/files through the openai client: what goes up comes down, page by page, and never whole into memory."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from io import BytesIO
from typing import Any

import openai
import pytest


def test_what_goes_up_comes_down(talk: Any) -> None:
    async def visit(client: Any) -> None:
        data = b"".join(client.lines(range(3)))
        made = await client.upload(data)
        assert (made.object, made.purpose, made.filename, made.bytes) == ("file", "batch", "in.jsonl", len(data))
        assert made.status == "processed"
        assert await client.files.retrieve(made.id) == made
        assert await client.read(made.id) == data
        gone = await client.files.delete(made.id)
        assert (gone.id, gone.deleted, gone.object) == (made.id, True, "file")
        for again in (client.files.retrieve, client.files.content, client.files.delete):
            with pytest.raises(openai.NotFoundError, match="No such File object"):
                await again(made.id)

    talk({}, visit)


def test_what_is_large_goes_to_disk_and_is_streamed_back(talk: Any) -> None:
    async def visit(client: Any) -> None:
        data = b"a line\n" * 600_000
        small, large = await client.upload(b"a line\n"), await client.upload(data)
        spools = {name: stored.spool for name, stored in client.server.office.files._all.items()}
        assert isinstance(spools[small.id]._file, BytesIO)
        assert isinstance(spools[large.id]._file.name, int), "a file that has no name"
        digest = sha256()
        async with client.files.with_streaming_response.content(large.id) as answer:
            assert answer.headers["content-length"] == str(len(data))
            async for chunk in answer.iter_bytes():
                digest.update(chunk)
        assert digest.digest() == sha256(data).digest()

    talk({}, visit)


def test_lists_go_on_after_an_id(talk: Any) -> None:
    async def visit(client: Any) -> None:
        made = [(await client.upload(b"%d" % n)).id for n in range(7)]
        other = (await client.upload(b"x", purpose="user_data")).id
        assert [one.id async for one in client.files.list(limit=3, purpose="batch")] == made[::-1]
        assert [one.id async for one in client.files.list(limit=2, order="asc")] == [*made, other]
        page = await client.files.list(limit=3, order="asc", after=made[1])
        assert [one.id for one in page.data] == made[2:5]
        assert page.has_more is True
        await client.files.delete(made[0])
        assert made[0] not in [one.id async for one in client.files.list()]
        for wrong in ({"limit": 0}, {"limit": 10_001}, {"after": "file-nobody"}):
            with pytest.raises(openai.BadRequestError):
                await client.files.list(**wrong)

    talk({}, visit)


def test_a_file_arrives_late(talk: Any) -> None:
    async def visit(client: Any) -> None:
        made = await client.upload(client.lines(range(2)))
        with pytest.raises(openai.NotFoundError):
            await client.files.retrieve(made.id)
        with pytest.raises(openai.BadRequestError, match="No such File"):
            await client.create(made.id)
        assert [one.id async for one in client.files.list()] == []
        await client.clock(300)
        assert (await client.files.retrieve(made.id)).id == made.id
        assert (await client.create(made.id)).status == "validating"

    talk({"batches": {"tick": 0, "arrives": 300}}, visit)


def test_what_is_no_file_is_refused(talk: Any) -> None:
    async def visit(client: Any) -> None:
        with pytest.raises(openai.BadRequestError, match="File is too large"):
            await client.upload(b"x" * 1001)
        with pytest.raises(openai.BadRequestError, match="is not one of"):
            await client.upload(b"x", purpose="supper")
        assert (await client.upload(b"x" * 1001, purpose="user_data")).bytes == 1001
        async with client.session.post("/v1/files", json={"file": 1}) as answer:
            assert answer.status == 400
        async with client.session.post("/v1/files", data={"purpose": "batch", "more": BytesIO(b"x")}) as answer:
            assert answer.status == 400
        form = {"Content-Type": "multipart/form-data; boundary=B"}
        part = b'--B\r\nContent-Disposition: form-data; name="purpose"\r\n'
        for bad in (b"no form", b"--B\r\n" + b"A" * 70_000, part + b"Content-Type: a/b; charset=no\r\n\r\nx\r\n--B--"):
            async with client.session.post("/v1/files", data=bad, headers=form) as answer:
                assert answer.status == 400
        assert len([one async for one in client.files.list()]) == 1

    talk({"batches": {"bytes": 1000}}, visit)


def test_half_an_upload_leaves_nothing(talk: Any) -> None:
    async def visit(client: Any) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.session._base_url.port)
        head = (
            "POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\nContent-Type: multipart/form-data;boundary=B"
        )
        part = '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of it'
        writer.write(f"{head}\r\n\r\n{part}".encode())
        await writer.drain()
        while not (await client.stats())["calls"].get("upload"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        writer.close()
        assert await reader.read() == b""
        assert [one async for one in client.files.list()] == []

    talk({}, visit)
