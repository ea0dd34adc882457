"""Asking against a real ledger: what an earlier asking left half-done is taken up, and nothing is asked twice."""

from __future__ import annotations

import asyncio
import gc
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

import datagen.ask
from datagen.errors import ProviderError
from datagen.ledger import Ledger
from datagen.llm import wire
from datagen.pipeline import Outcome, generate
from datagen.schema import Request, Response
from datagen.settings import Settings

ASKING = Settings(model="m", task=("detail_description",), attempts=4, concurrency=4)


def reply(request: Request, text: str) -> Response:
    body = {
        "model": "m",
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }
    return wire.read(request.id, json.dumps(body).encode())


class Provider:
    """Answers badly until `good`, and refuses everything after `most` sends."""

    def __init__(self, *, good: bool, most: int = 10**9) -> None:
        self.good, self.most = good, most
        self.sends: Counter[str] = Counter()
        self.at_once: Counter[str] = Counter()

    async def ask(self, request: Request) -> Response:
        self.sends[request.id] += 1
        self.at_once[request.id] += 1
        assert self.at_once[request.id] == 1, "the same request twice in flight"
        if sum(self.sends.values()) > self.most:
            raise ProviderError("no quota")
        await asyncio.sleep(0.05 if sum(self.sends.values()) == 1 else 0.001)
        self.at_once[request.id] -= 1
        return reply(request, "A dog runs after a ball." if self.good else "")

    async def aclose(self) -> None: ...


def asked(
    provider: Provider, annotations: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, **given: object
) -> Outcome:
    monkeypatch.setattr(datagen.ask, "backend", lambda *_: provider)
    return generate([annotations], ASKING.model_copy(update=given), folder)


@pytest.fixture
def annotations(tmp_path: Path) -> Path:
    captions = [{"id": n, "image_id": n, "caption": f"Dog number {n} runs after a ball."} for n in range(12)]
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 4, "height": 3} for n in range(12)]
    path = tmp_path / "captions.json"
    path.write_text(json.dumps({"images": images, "annotations": captions}))
    return path


def test_what_was_answered_badly_is_asked_again_once_and_not_by_two_workers(
    annotations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProviderError):
        asked(Provider(good=False, most=6), annotations, tmp_path / "run", monkeypatch)
    ledger = Ledger(tmp_path / "run" / "ledger.db", writable=False)
    assert len(list(ledger.unfinished())) > 1
    ledger.close()
    provider = Provider(good=True)
    outcome = asked(provider, annotations, tmp_path / "run", monkeypatch, concurrency=2)
    assert set(provider.sends.values()) == {1}
    assert outcome.states.kept == 12


@pytest.mark.parametrize("most", [10**9, 0])
def test_how_garbage_is_looked_for_is_the_programs_own_again_afterwards(
    annotations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    seen: list[tuple[int, int, int]] = []

    class Looking(Provider):
        async def ask(self, request: Request) -> Response:
            seen.append(gc.get_threshold())
            return await super().ask(request)

    monkeypatch.setattr(gc, "freeze", lambda: seen.append((0, 0, 0)))
    monkeypatch.setattr(gc, "unfreeze", lambda: seen.append((1, 1, 1)))
    before = gc.get_threshold()
    with suppress(ProviderError):
        asked(Looking(good=True, most=most), annotations, tmp_path / "run", monkeypatch)
    assert (seen[0], seen[-1]) == ((0, 0, 0), (1, 1, 1))
    assert {each[0] > before[0] for each in seen[1:-1]} == {True}
    assert gc.get_threshold() == before
