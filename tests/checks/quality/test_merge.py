"""A file looked at in parts gives what the file as a whole gives, and the examples are true."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.checks.base import CHECKS
from datagen.checks.examples import record
from tests.checks.quality.seeing import FILE_CHECKS, seen, seen_in_parts

LONG = "The photo shows a brown dog running over wet grass after a red ball while two children watch it from a bench"
ANSWERS = [
    LONG,
    f"{LONG} today",
    f"{LONG} in the late afternoon",
    f"{LONG}, and a cat.",
    f"\ud800 {LONG} \x00\x1b[31m",
    "Yes.",
    "A dog. " * 2000,
    "",
    "Собака бежит за мячом по траве.",
    "这只狗正在草地上追着一个红色的球跑得很快",
]
RECORDS = st.one_of(
    st.builds(
        record,
        question=st.sampled_from(
            ["<image>\nWhat?", "Why?", "why does the brown dog jump over the white fence?", "<image>"]
        ),
        answer=st.sampled_from(ANSWERS),
        id=st.sampled_from(["1", "2", 3, "9-conversation-0", "9-detail_description-0", ...]),
        image=st.sampled_from(["000000033471.jpg", "2.jpg", None, ...]),
    ),
    st.sampled_from(
        [None, [], {}, {"conversations": [1, {"from": "gpt"}]}, {"messages": [{"role": 1, "content": []}]}]
    ),
)


@pytest.mark.parametrize("from_zero", [True, False])
@pytest.mark.parametrize("code", FILE_CHECKS)
@given(parts=st.lists(st.lists(RECORDS, max_size=60), max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_parts_that_are_merged_say_what_the_whole_says(code: str, from_zero: bool, parts: list[list[Any]]) -> None:
    whole = [each for part in parts for each in part]
    assert seen_in_parts(code, parts, from_zero) == seen(code, whole)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("code", FILE_CHECKS)
def test_the_example_that_fails_fails_in_parts_too(code: str, backwards: bool) -> None:
    fails = [record(id="first", image=None, answer="A dog."), *CHECKS[code].fails, record(id="last", image=None)]
    fails = fails[::-1] if backwards else fails
    parts = [fails[:1], [], fails[1:2], fails[2:]]
    assert seen_in_parts(code, parts, from_zero=True) == seen(code, fails) != []


@pytest.mark.parametrize("code", FILE_CHECKS)
def test_the_examples_are_true(code: str) -> None:
    check = CHECKS[code]
    assert seen(code, check.fails)
    assert not seen(code, check.passes)
    assert check.level in ("info", "warning")


@pytest.mark.parametrize("code", FILE_CHECKS)
def test_a_file_of_nothing_and_records_of_nothing_are_no_finding(code: str) -> None:
    assert seen(code, []) == []
    assert seen(code, [None, 1, "x", [], {}, {"conversations": []}] * 60) == []
