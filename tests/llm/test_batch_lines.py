"""A line of a batch's results: what it says, or what is wrong with it."""

from __future__ import annotations

import json

import pytest

from datagen.llm import wire
from datagen.llm.batch_lines import Line, read_line
from datagen.schema import Answered
from tests.batch.lines import answer, completion, dumped, error, not_run


def said(line: bytes) -> Line:
    told = read_line(line)
    assert isinstance(told, Line)
    return told


def test_an_answers_bytes_are_kept_as_they_stand() -> None:
    body = b'{"choices": [ {"message":{"content":"A \\u00e9 dog."}} ] , "model":"m","usage":{"prompt_tokens":7}}'
    line = b'{"custom_id":"a","response":{"status_code":200,"request_id":"r","body":' + body + b'},"error":null}\n'
    told = said(line)
    assert isinstance(told.response, Answered)
    assert (told.custom_id, told.response.raw, told.response.request_id) == ("a", body, "r")
    read = wire.read("a", body, "r")
    assert (told.response.model, told.response.usage) == (read.model, read.usage)


def test_keys_in_another_order_and_more_of_them() -> None:
    line = {"error": None, "more": [1], "response": {"body": completion("x"), "status_code": 200}, "custom_id": "a"}
    assert said(dumped(line)).response.error is None


@pytest.mark.parametrize(
    ("line", "reason", "again", "billed"),
    [
        (error("a", 500), "server-error", True, False),
        (error("a", 429), "rate-limited", True, False),
        (error("a", 400), "bad-request", False, False),
        (error("a", 401), "provider-refused", True, False),
        (error("a", 404), "provider-refused", True, False),
        (not_run("a"), "batch-expired", True, False),
        (not_run("a", "batch_cancelled"), "batch-cancelled", True, False),
        (not_run("a", "request_timeout"), "batch-error", True, False),
        (dumped({"custom_id": "a", "error": "no"}), "batch-error", True, False),
        (dumped({"custom_id": "a", "response": {"status_code": 500, "body": None}, "error": {"message": "x"}}),
         "server-error", True, False),
        (dumped({"custom_id": "a", "response": {"status_code": 200, "body": {"choices": []}}}),
         "not-a-completion", True, True),
        (dumped({"custom_id": "a", "response": {"status_code": 200, "body": "text"}}), "not-a-completion", True, True),
        (dumped({"custom_id": "a", "response": {"status_code": 200, "request_id": 7, "body": None}}),
         "not-a-completion", True, True),
        (dumped({"custom_id": "a", "response": {"status_code": 400, "request_id": 7, "body": {"message": "no"}}}),
         "bad-request", False, False),
    ],
)  # fmt: skip
def test_what_is_no_answer_has_its_reason(line: bytes, reason: str, again: bool, billed: bool) -> None:
    failure = said(line).response.error
    assert failure is not None
    assert (failure.reason, failure.again, failure.perhaps_billed) == (reason, again, billed)


def test_too_long_is_told_from_other_bad_requests() -> None:
    body = {"error": {"message": "This model's maximum context length is 8192", "code": "context_length_exceeded"}}
    failure = said(dumped({"custom_id": "a", "response": {"status_code": 400, "body": body}})).response.error
    assert failure is not None
    assert failure.reason == "too-long"


@pytest.mark.parametrize("line", [b'{"custom_id": "a', b"", b"\xff", b"[" * 100_000, answer("a")[:-3]])
def test_torn(line: bytes) -> None:
    assert read_line(line) == "torn"


@pytest.mark.parametrize(
    "value", [[], 7, None, {}, {"custom_id": 7}, {"custom_id": "a"}, {"custom_id": "a", "response": 1}]
)
def test_strange(value: object) -> None:
    assert read_line(json.dumps(value).encode()) == "strange"
