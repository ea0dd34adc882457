"""A run's worth of queries through a server process: four full shards, all answered, in little memory."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI

LINES, SHARDS = 50_000, 4
ROOMY = 170  # MB: the server's libraries and what is remembered of each body; the files themselves are more


def write(path: Path, shard: int) -> None:
    with path.open("w") as file:
        for n in range(LINES):
            messages = [{"role": "system", "content": "Speak of it. " * 60}, {"role": "user", "content": f"Dog {n}."}]
            body = {"model": "m", "messages": messages, "seed": shard}
            told = {"custom_id": f"{shard}-{n}", "method": "POST", "url": "/v1/chat/completions", "body": body}
            file.write(json.dumps(told) + "\n")


async def through(address: str, paths: list[Path]) -> int:
    """Every answer's line, counted; nothing is kept."""
    seen: set[str] = set()
    async with AsyncOpenAI(base_url=address, api_key="none", max_retries=0) as client:
        batches = []
        for path in paths:
            with path.open("rb") as file:
                made = await client.files.create(file=file, purpose="batch")
            told: dict[str, Any] = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
            batches.append(await client.batches.create(input_file_id=made.id, **told))
        while any(batch.status != "completed" for batch in batches):
            batches = [await client.batches.retrieve(batch.id) for batch in batches]
            assert all(batch.status != "failed" for batch in batches)
        for batch in batches:
            assert batch.output_file_id is not None
            async with client.files.with_streaming_response.content(batch.output_file_id) as answer:
                async for line in answer.iter_lines():
                    assert '"status_code": 200' in line
                    seen.add(line.split('"', 8)[7])
    return len(seen)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hundred_thousand_lines_pass(tmp_path: Path) -> None:
    paths = [tmp_path / f"{shard}.jsonl" for shard in range(SHARDS)]
    for shard, path in enumerate(paths):
        write(path, shard)
    command = [sys.executable, "-m", "datagen", "mock-server", "--port", "0", "--stock", "--tick", "120"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert asyncio.run(through(address, paths)) == LINES * SHARDS
            with urllib.request.urlopen(address.replace("/v1", "/stats")) as answer:
                told = json.load(answer)["batches"]
            peak = Path(f"/proc/{process.pid}/status").read_text().split("VmHWM:")[1].split()[0]
        finally:
            process.terminate()
    assert (told["billed"], told["repeated"]) == (LINES * SHARDS, 0)
    assert int(peak) < ROOMY * 1000
