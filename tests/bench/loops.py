"""What runs inside a measured process: `python -m tests.bench.loops KIND ...` does one thing and prints JSON about it.

CPU is this process's, threads included, around the loop alone: imports, reading and a warm-up come before the clock.
What is compared sends the same bytes, keeps as many requests in flight and reads the same answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
MODEL, TASK = "bench", "conversation"


class Clock:
    """CPU and wall since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Both, with this process's peak memory until now."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return {"cpu": cpu, "wall": wall, "peak": _peak()}


def _peak() -> int:
    """Of this program alone; getrusage would begin with what the parent had."""
    lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


async def pool(one: Callable[[T], Awaitable[object]], items: Sequence[T], in_flight: int) -> dict[str, float]:
    """Each item once, so many at a time; how many of them failed, and what all of it took."""
    left, failed = iter(items), 0

    async def work() -> None:
        nonlocal failed
        for item in left:
            try:
                await one(item)
            except Exception:
                failed += 1

    clock = Clock()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return {**clock.read(), "requests": len(items), "failed": failed}


def _bodies(told: argparse.Namespace) -> list[bytes]:
    with told.bodies.open("rb") as file:
        return [line.rstrip(b"\n") for line, _ in zip(file, range(told.requests), strict=False)]


def bare(told: argparse.Namespace) -> dict[str, Any]:
    """aiohttp and nothing else: ready bytes out, `json.loads` of what comes back."""
    import aiohttp

    async def main() -> dict[str, float]:
        connector = aiohttp.TCPConnector(limit=told.in_flight)
        headers = {"Content-Type": "application/json"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def one(body: bytes) -> object:
                async with session.post(f"{told.address}/chat/completions", data=body) as answer:
                    answer.raise_for_status()
                    return json.loads(await answer.read())

            bodies = _bodies(told)
            await pool(one, bodies[: told.warm], told.warm or 1)
            return await pool(one, bodies, told.in_flight)

    return asyncio.run(main())


def sdk(told: argparse.Namespace) -> dict[str, Any]:
    """The openai package as its own documentation uses it."""
    import openai

    async def main() -> dict[str, float]:
        async with openai.AsyncOpenAI(api_key="bench", base_url=told.address, max_retries=0) as client:

            async def one(messages: Any) -> object:
                return await client.chat.completions.create(model=MODEL, messages=messages)

            said = [json.loads(body)["messages"] for body in _bodies(told)]
            await pool(one, said[: told.warm], told.warm or 1)
            return await pool(one, said, told.in_flight)

    return asyncio.run(main())


def _settings(told: argparse.Namespace, limit: int | None = None) -> Any:
    from datagen import Settings

    return Settings(model=MODEL, base_url=told.address, concurrency=told.in_flight, task=(TASK,), limit=limit)


def ours(told: argparse.Namespace) -> dict[str, Any]:
    """datagen's asking alone: planned before the clock, built after it."""
    import aiohttp  # noqa: F401  (half a second of CPU that belongs before the clock)
    import openai  # noqa: F401

    from datagen.build import build
    from datagen.run import Run

    if told.warm:
        with Run.create(told.run.with_name(f"{told.run.name}-warm")) as run:
            _plan(run, told, _settings(told, told.warm))
            _ask(run, _settings(told, told.warm))
    with Run.create(told.run) as run:
        _plan(run, told, _settings(told))
        clock = Clock()
        _ask(run, _settings(told))
        used = clock.read()
        build(run)
        states = run.ledger.states()
    return {**used, "requests": states.planned, "failed": states.planned - states.kept, "states": states._asdict()}


def _ask(run: Any, settings: Any) -> None:
    from datagen import Key, Silent
    from datagen.ask import ask

    ask(run, settings, Key(None), Silent())


def _plan(run: Any, told: argparse.Namespace, settings: Any) -> None:
    from datagen import Silent
    from datagen.plan import plan

    plan(run, told.inputs, settings, replan=False, observer=Silent())


def planned(told: argparse.Namespace) -> dict[str, Any]:
    """A run planned and left alone."""
    from datagen.run import Run

    clock = Clock()
    with Run.create(told.run) as run:
        _plan(run, told, _settings(told))
    return clock.read()


def bodies(told: argparse.Namespace) -> dict[str, Any]:
    """The very bytes that datagen would send, a line each, into `--bodies`."""
    from datagen import Silent
    from datagen.annotations.index import index
    from datagen.plan import composers_for, sources_of
    from datagen.prompting.folder import load_tasks

    composer = composers_for(load_tasks(None, (TASK,)), _settings(told))[TASK]
    count = size = 0
    with told.bodies.open("wb") as file:
        for image in index(sources_of(told.inputs, Silent())).contexts():
            count += 1
            size += file.write(composer.request(composer.query(image)).body + b"\n")
    return {"requests": count, "bytes": size}


KINDS = {"bare": bare, "sdk": sdk, "ours": ours, "planned": planned, "bodies": bodies}


def main() -> None:
    """Read the command line, do it, print what it took."""
    parser = argparse.ArgumentParser(prog="loops")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("inputs", nargs="*", type=Path)
    parser.add_argument("--address", default="http://127.0.0.1:9/v1")
    parser.add_argument("--bodies", type=Path)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--requests", type=int, default=1)
    parser.add_argument("--in-flight", type=int, default=1)
    parser.add_argument("--warm", type=int, default=0)
    told = parser.parse_args()
    print(json.dumps(KINDS[told.kind](told)))


if __name__ == "__main__":
    main()
