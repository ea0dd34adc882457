"""Answers that are well-formed and wrong: judged one by one, kept as they came, and asked for again a few times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tenacity

from datagen.llm import course
from tests.faults.helpers import QUERIES, adds_up, attempts, digests, run, script, serving


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two attempts at the same it waits a fiftieth of what it would."""
    monkeypatch.setattr(course, "_JITTER", tenacity.wait_random_exponential(multiplier=0.01, max=0.6))


def completion(content: object, finish: str, **message: object) -> dict[str, object]:
    said = {"role": "assistant", "content": content, **message}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    choices = [{"index": 0, "finish_reason": finish, "message": said}]
    return {"id": "x", "object": "chat.completion", "model": "datagen-mock", "choices": choices, "usage": usage}


CALLS = [{"id": "c", "type": "function", "function": {"name": "rm", "arguments": "{}"}}]
WRONG: dict[str, Any] = {
    "no-choices": "no-choices",
    "null": "null",
    "refusal": "refusal",
    "length": "length",
    "content_filter": {"status": 200, "body": completion("Question:\nWhat is", "content_filter")},
    "tool_calls": {"status": 200, "body": completion(None, "tool_calls", tool_calls=CALLS)},
    "choices: []": {"status": 200, "body": {"choices": []}},
    "choices: [null]": {"status": 200, "body": {"choices": [None]}},
    "message: null": {"status": 200, "body": {"choices": [{"message": None}]}},
    "content: 7": {"status": 200, "body": completion(7, "stop")},
    "a list": {"status": 200, "body": []},
    "a number": {"status": 200, "body": 10**30},
}


def step(fault: Any, times: int) -> dict[str, Any]:
    return {**(fault if isinstance(fault, dict) else {"fault": fault}), "times": times}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_one_items_fault_and_is_kept(tmp_path: Path, name: str) -> None:
    """F16, with one attempt each: rejected or failed by its code, the raw answer on the ledger; the others go on."""
    with serving(script=script(*["ok"] * 4, step(WRONG[name], 3))) as server:
        outcome = run(server, tmp_path / "run", attempts=1, price="1,1")
        told = server.at_rest()
    adds_up(outcome, told)
    states = outcome.states
    assert sum(states.rejected.values()) + sum(states.failed.values()) == 3, states
    assert (states.kept, told["requests"], told["billed"]) == (QUERIES - 3, QUERIES, QUERIES)
    assert all(raw for (raw,) in attempts(tmp_path / "run", "raw"))
    lines = [json.loads(line) for line in (tmp_path / "run" / "rejects.jsonl").read_text().splitlines()]
    assert len(lines) == 3
    assert len({line["reason"] for line in lines}) == 1
    assert all(line["state"] in ("rejected", "failed") for line in lines)
    assert (outcome.spent.unheard, outcome.spent.prompt) == (0, 0), (
        "whatever it was, it is priced or its reservation stays"
    )


def test_wrong_answers_are_asked_for_again(tmp_path: Path, calm: dict[str, str]) -> None:
    """F16: good ones take their place, the bad ones stay on the ledger, and a further start buys nothing."""
    wrong = [step(fault, 2) for fault in WRONG.values()]
    with serving(script=script(*["ok"] * 12, *wrong)) as server:
        outcome = run(server, tmp_path / "run", attempts=20)
        told = server.at_rest()
        adds_up(outcome, told)
        assert outcome.states.kept == QUERIES
        count = 2 * len(wrong)
        assert (told["billed"], told["repeated"], told["repeated_after_delivery"]) == (QUERIES + count, count, 0)
        bad = [row for row in attempts(tmp_path / "run", "outcome", "raw", "reason") if row[0] != "answered"]
        assert len(bad) == count
        assert all(raw and reason for _, raw, reason in bad)
        run(server, tmp_path / "run", attempts=20)
        assert server.at_rest()["requests"] == told["requests"]
    assert digests(tmp_path / "run") == calm


def test_a_model_that_never_does_it_right_is_not_asked_for_ever(tmp_path: Path) -> None:
    """F16 and P13: each at most as often as allowed, all of it on the ledger."""
    with serving(script=script(then="refusal")) as server:
        outcome = run(server, tmp_path / "run", attempts=3)
        told = server.at_rest()
    adds_up(outcome, told)
    assert outcome.states.rejected == {"refused": QUERIES}
    assert told["billed"] <= 3 * QUERIES
    assert outcome.tally["attempts"] == told["billed"]


@pytest.mark.parametrize("fault", ["no-usage", "bad-usage"])
def test_answers_without_a_usage_that_can_be(tmp_path: Path, fault: str) -> None:
    """F16 and F18: kept; their cost is unknown, so that their reservation stays."""
    with serving(script=script(*["ok"] * 4, step(fault, 6))) as server:
        outcome = run(server, tmp_path / "run", price="1,2", max_tokens=1000)
        told = server.at_rest()
    adds_up(outcome, told)
    assert (outcome.states.kept, told["billed"], told["repeated"]) == (QUERIES, QUERIES, 0)
    rows = attempts(tmp_path / "run", "cost", "reserved", "completion_tokens")
    unknown = [row for row in rows if row[0] is None]
    assert len(unknown) == 6
    assert all(tokens is None for _, _, tokens in unknown)
    assert outcome.spent.held == sum(reserved for _, reserved, _ in unknown) > 0
    billed = (told["prompt_tokens"] + 2 * told["completion_tokens"]) * 10**6
    assert outcome.spent.settled <= billed <= outcome.spent.amount


def test_another_model_that_answers_is_noted(tmp_path: Path) -> None:
    """F17: in the manifest, the outcome and each record's provenance."""
    with serving(script=script(*["ok"] * 4, step("wrong-model", 5))) as server:
        outcome = run(server, tmp_path / "run")
        told = server.at_rest()
    adds_up(outcome, told)
    assert (outcome.states.kept, told["billed"]) == (QUERIES, QUERIES)
    assert outcome.models == ["datagen-mock", "datagen-mock-other"]
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["answered_by"] == outcome.models
    assert manifest["model"] == "any"
    lines = (tmp_path / "run" / "provenance.jsonl").read_text().splitlines()
    answered = [json.loads(line)["model"] for line in lines]
    assert answered.count("datagen-mock-other") == 5
    assert answered.count("datagen-mock") == QUERIES - 5


AGAIN: dict[str, Any] = {
    "a string for a body": {"status": 500, "body": "Internal Server Error"},
    "an error that is a string": {"status": 502, "body": {"error": "upstream is gone"}},
    "nothing at all": {"status": 503, "body": ""},
    "FastAPI's detail": {"status": 500, "body": {"detail": "CUDA out of memory"}},
    "429 without a header": "429",
    "429 with a string": {"status": 429, "body": "slow down"},
    "vLLM's error": {"status": 500, "body": {"object": "error", "message": "EngineDeadError", "code": 500}},
    "Cloudflare's status": {"status": 524, "body": "<html>A timeout occurred</html>"},
    "409": {"status": 409, "body": {"error": {"message": "conflict", "code": 17}}},
    "408": {"status": 408, "body": {"error": None}},
}


def assert_same_records(folder: Path, calm: dict[str, str]) -> None:
    """Provenance tells what each record cost, which the calm run, without a price, could not."""
    found = digests(folder)
    assert {**found, "provenance.jsonl": calm["provenance.jsonl"]} == calm


def test_odd_errors_that_pass(tmp_path: Path, calm: dict[str, str]) -> None:
    """F18: whatever form they have, they are asked again and cost nothing."""
    odd = [entry for fault in AGAIN.values() for entry in (step(fault, 1), "ok")]
    with serving(script=script("ok", *odd), rpm=600_000) as server:
        outcome = run(server, tmp_path / "run", price="1,1", concurrency=4)
        told = server.at_rest()
    adds_up(outcome, told)
    assert (told["requests"], told["billed"], told["repeated"]) == (QUERIES + len(AGAIN), QUERIES, 0)
    assert outcome.tally["failed"] == len(AGAIN)
    assert outcome.spent.held == 0
    messages = " ".join(str(message) for (message,) in attempts(tmp_path / "run", "message"))
    for words in ("Internal Server Error", "upstream is gone", "CUDA out of memory", "slow down", "EngineDead", "524"):
        assert words in messages
    assert_same_records(tmp_path / "run", calm)


def test_an_error_that_comes_as_200(tmp_path: Path, calm: dict[str, str]) -> None:
    """F18: some proxies do that; it is no completion, perhaps billed, and asked again."""
    fault = {"status": 200, "body": {"error": {"message": "Provider returned error", "code": 502}}}
    with serving(script=script(*["ok"] * 4, step(fault, 4))) as server:
        outcome = run(server, tmp_path / "run", price="1,1")
        told = server.at_rest()
    adds_up(outcome, told)
    assert outcome.tally["failed"] == 4
    assert told["billed"] == QUERIES + 4
    assert outcome.spent.amount >= (told["prompt_tokens"] + told["completion_tokens"]) * 10**6
    assert_same_records(tmp_path / "run", calm)


FOR_GOOD: dict[str, tuple[dict[str, Any], str]] = {
    "a string": ({"status": 400, "body": "This model's maximum context length is 4096 tokens"}, "too-long"),
    "llama.cpp": ({"status": 400, "body": {"error": "the request exceeds the available context size"}}, "too-long"),
    "detail": ({"status": 422, "body": {"detail": [{"loc": ["body", "model"], "msg": "bad"}]}}, "bad-request"),
    "null": ({"status": 400, "body": None}, "bad-request"),
    "flagged": ({"status": 403, "body": {"error": {"message": "Your prompt was flagged"}}}, "moderated"),
}


@pytest.mark.parametrize("name", FOR_GOOD)
def test_odd_errors_that_do_not_pass(tmp_path: Path, name: str) -> None:
    """F18: one item's fault, said in one line, not sent again by a second start."""
    fault, reason = FOR_GOOD[name]
    with serving(script=script(*["ok"] * 4, step(fault, 2))) as server:
        outcome = run(server, tmp_path / "run")
        adds_up(outcome, server.at_rest())
        assert outcome.states.failed == {reason: 2}
        run(server, tmp_path / "run")
        told = server.at_rest()
    assert (told["requests"], told["billed"]) == (QUERIES, QUERIES - 2)
    for line in (tmp_path / "run" / "rejects.jsonl").read_text().splitlines():
        assert "\n" not in json.loads(line)["message"]
