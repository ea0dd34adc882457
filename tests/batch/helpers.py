"""Runs by batch at a mock server, on its clock and in no time of ours, and what must add up in the end."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen import Batching, Outcome, Settings, generate
from datagen.keys import Key
from datagen.mockserver.script import parse
from tests.faults.helpers import SAMPLES, Listener, Server, serving

AT_ONCE = {"tick": 1, "validating": 0, "working": 0, "finalizing": 0}
"""The first look after a batch was created sees its end."""


@contextmanager
def batching(
    calls: dict[str, Any] | None = None, requests: list[object] | None = None, **batches: Any
) -> Iterator[Server]:
    """A mock server whose batches end at once; `batches` are more of its script."""
    told = {"batches": {**AT_ONCE, **batches}, "calls": calls or {}, "requests": requests or []}
    with serving(script=parse(told)) as server:
        yield server


def by_batch(
    server: Server, folder: Path, *inputs: Path, wait: bool = True, observer: Listener | None = None,
    pause: Callable[[float], None] = lambda _: time.sleep(0.001), **given: Any
) -> Outcome:  # fmt: skip
    """A run by batch over the samples; settings as given."""
    settings = Settings(**{"model": "any", "base_url": server.address, **given})
    manner = Batching(wait=wait, settle=0.05, pause=pause)
    return generate(list(inputs) or [SAMPLES], settings, folder, key=Key(None), observer=observer, batch=manner)


def account(server: Server) -> dict[str, Any]:
    """What the server says of its batches."""
    told: dict[str, Any] = server.stats()["batches"]
    return told


def bills(server: Server) -> list[dict[str, Any]]:
    """A line for each row that was billed in a batch."""

    with urllib.request.urlopen(server.address.replace("/v1", "/bills"), timeout=30) as answer:
        return [json.loads(line) for line in answer]


def outcomes(outcome: Outcome) -> list[dict[str, int]]:
    """What came of each batch's requests."""
    return [batch.outcomes for batch in outcome.batches]


def adds_up(outcome: Outcome) -> None:
    """Each query in one state, each request of each settled batch in one, and nothing left open in between."""
    outcome.states.check()
    for batch in outcome.batches:
        assert sum(batch.outcomes.values()) == batch.shard.requests
        assert (batch.shard.state == "settled") == ("" not in batch.outcomes)
