"""Batches that others run: exported, brought back, withdrawn; asked nowhere else in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datagen import Batching, Outcome, Settings, SetupError, cancel_batches, generate
from datagen.llm.mock.backend import complete
from tests.batch.helpers import adds_up, batching, outcomes
from tests.batch.lines import answer, error
from tests.faults.helpers import QUERIES, SAMPLES, Listener, digests, run

SETTINGS: dict[str, Any] = {"model": "any", "base_url": "http://127.0.0.1:9/v1"}


def exchanged(folder: Path, *brought: Path, exported: Path | None = None, **given: Any) -> Outcome:
    listener = given.pop("observer", None)
    manner = Batching(exported=exported, brought=brought)
    return generate([SAMPLES], Settings(**{**SETTINGS, **given}), folder, batch=manner, observer=listener)


def run_batch(requests: Path, results: Path, skip: int = 0) -> None:
    """What `vllm run-batch -i requests -o results` does, with the mock as the model, the last line first."""
    lines = []
    for text in requests.read_text("ascii").splitlines()[skip:]:
        asked = json.loads(text)
        assert (asked["method"], asked["url"]) == ("POST", "/v1/chat/completions")
        reply = {"status_code": 200, "request_id": "vllm", "body": complete(asked["body"])}
        lines.append(json.dumps({"id": "vllm-1", "custom_id": asked["custom_id"], "response": reply, "error": None}))
    results.write_text("\n".join(reversed(lines)) + "\n", "ascii")


def test_there_and_back(tmp_path: Path, calm: dict[str, str]) -> None:
    file, results, listener = tmp_path / "requests.jsonl", tmp_path / "results.jsonl", Listener()
    before = exchanged(tmp_path / "run", exported=file)
    assert (before.open_batches, before.states.pending) == (1, QUERIES)
    run_batch(file, results)
    after = exchanged(tmp_path / "run", results, observer=listener)
    adds_up(after)
    assert (after.open_batches, after.states.kept, after.spent.amount) == (0, QUERIES, 0)
    assert digests(tmp_path / "run")["llava.json"] == calm["llava.json"]
    assert f"{QUERIES} lines: taken {QUERIES} · missing 0" in listener.said


def test_what_is_exported_is_asked_nowhere_else(tmp_path: Path) -> None:
    with batching() as server:
        given = {"base_url": server.address}
        exchanged(tmp_path / "run", exported=tmp_path / "requests.jsonl", **given)
        assert run(server, tmp_path / "run").states.pending == QUERIES
        assert server.stats()["requests"] == 0
    listener = Listener()
    exchanged(tmp_path / "run", exported=tmp_path / "again.jsonl", observer=listener, **given)
    assert not (tmp_path / "again.jsonl").exists()
    assert any("nothing to export" in line for line in listener.said)


def test_what_does_not_fit_one_batch_goes_to_further_files(tmp_path: Path) -> None:
    exchanged(tmp_path / "run", exported=tmp_path / "requests.jsonl", batch_requests=20)
    files = [tmp_path / f"requests{end}.jsonl" for end in ("", "-2", "-3")]
    assert [len(path.read_bytes().splitlines()) for path in files] == [20, 20, 8]
    for path in files:
        run_batch(path, path.with_suffix(".out"))
    half = exchanged(tmp_path / "run", files[0].with_suffix(".out"), batch_requests=20)
    assert (half.open_batches, half.states.kept) == (2, 20)
    whole = exchanged(tmp_path / "run", *(path.with_suffix(".out") for path in files[1:]), batch_requests=20)
    assert (whole.open_batches, whole.states.kept) == (0, QUERIES)


def test_what_is_missing_is_asked_again_and_a_late_answer_is_still_taken(tmp_path: Path) -> None:
    file, listener = tmp_path / "requests.jsonl", Listener()
    exchanged(tmp_path / "run", exported=file)
    run_batch(file, tmp_path / "most.jsonl", skip=8)
    first = exchanged(tmp_path / "run", tmp_path / "most.jsonl")
    assert outcomes(first) == [{"answered": QUERIES - 8, "batch-missing": 8}]
    assert first.states.failed == {"batch-missing": 8}
    run_batch(file, tmp_path / "all.jsonl")
    last = exchanged(tmp_path / "run", tmp_path / "all.jsonl", observer=listener)
    assert last.states.kept == QUERIES
    assert f"{QUERIES} lines: taken 8 · duplicate {QUERIES - 8} · missing 0" in listener.said


def test_errors_and_strangers_are_counted(tmp_path: Path) -> None:
    file, listener = tmp_path / "requests.jsonl", Listener()
    exchanged(tmp_path / "run", exported=file, limit=1)
    (first, second, third) = [json.loads(line)["custom_id"] for line in file.read_text().splitlines()]
    lines = [error(first), answer("nobodys"), b'{"custom', error(second, 400), answer(third)]
    (tmp_path / "results.jsonl").write_bytes(b"\n".join(lines))
    outcome = exchanged(tmp_path / "run", tmp_path / "results.jsonl", observer=listener, limit=1)
    assert outcomes(outcome) == [{"answered": 1, "bad-request": 1, "server-error": 1}]
    assert "5 lines: taken 3 · unknown 1 · torn 1 · missing 0" in listener.said


def test_what_was_withdrawn_is_asked_again(tmp_path: Path) -> None:
    exchanged(tmp_path / "run", exported=tmp_path / "requests.jsonl")
    outcome = cancel_batches(tmp_path / "run", Settings(**SETTINGS))
    assert outcomes(outcome) == [{"batch-withdrawn": QUERIES}]
    assert (outcome.states.pending, outcome.states.failed) == (QUERIES, {})
    with batching() as server:
        assert run(server, tmp_path / "other").states.kept == QUERIES


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text("precious")
    with pytest.raises(SetupError, match="is there already"):
        exchanged(tmp_path / "run", exported=tmp_path / "mine.jsonl")
    assert (tmp_path / "mine.jsonl").read_text() == "precious"


@pytest.mark.parametrize("name", ["gone/requests.jsonl/x", "/dev/null/requests.jsonl"])
def test_where_nothing_can_be_written_it_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="cannot be written"):
        exchanged(tmp_path / "run", exported=tmp_path / name)


def test_results_that_nobody_exported_or_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="nothing was exported"):
        exchanged(tmp_path / "run", tmp_path / "results.jsonl")
    exchanged(tmp_path / "run", exported=tmp_path / "requests.jsonl")
    with pytest.raises(SetupError, match=r"results\.jsonl: cannot be read"):
        exchanged(tmp_path / "run", tmp_path / "results.jsonl")
