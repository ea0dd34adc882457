"""The main job's six thousand real queries, by both roads; and what it takes to go by batch with very many."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.batch.helpers import account, adds_up, batching, by_batch
from tests.faults.helpers import digests, run

NAMES = ("captions_val2017_2000.json.gz", "instances_val2017_2000_boxes.json.gz")
TEXTS = ("llava.json", "messages.jsonl", "rejects.jsonl")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_six_thousand_real_queries_give_the_same_bytes_by_both_roads(tmp_path: Path, shared_data: Path) -> None:
    inputs = [shared_data / "coco" / name for name in NAMES]
    lines = {"500": "3%", "missing": "1%", "twice": "2%", "unknown": "1%", "torn": "1%", "both": "1%", "glued": "1%"}
    each = [{"lines": lines}, {"end": "expired", "share": 0.7}, {"end": "cancelled", "share": 0.4}, {"lines": lines}]
    with batching(each=each, calls={"upload": ["drop-after"], "create": ["ok", "drop-after"]}) as server:
        live = run(server, tmp_path / "live", *inputs, concurrency=16)
        assert live.states.planned == 6000
        server.reset()
        outcome = by_batch(server, tmp_path / "run", *inputs, batch_requests=1700)
        told = account(server)
    adds_up(outcome)
    assert outcome.states == live.states
    assert {name: digests(tmp_path / "run")[name] for name in TEXTS} == {
        name: digests(tmp_path / "live")[name] for name in TEXTS
    }
    made = len(outcome.batches)
    assert (told["batches"], told["calls"]["create"], told["calls"]["upload"]) == (made, made, made)
    unheard = sum(batch.outcomes.get("batch-missing", 0) for batch in outcome.batches)
    again = outcome.tally.get("spoiled", 0)
    assert again == live.tally.get("spoiled", 0), "bad replies are drawn again on either road"
    assert 6000 <= told["billed"] - again <= 6000 + unheard
    print({"batches": made, "billed": told["billed"], "bought, and not delivered": unheard})
