"""A record that is longer than it may be, its pictures included."""

from __future__ import annotations

import json
from typing import Any

import pytest

from datagen.checks import every  # noqa: F401
from datagen.checks.base import CHECKS
from datagen.checks.examples import record
from datagen.judging import Judge, Plan
from datagen.records.reading import Batch


def said(one: dict[str, Any], limit: int | None) -> list[str]:
    judge = Judge(Plan(("S032",), (), max_tokens=limit))
    return [each.finding.message for each in judge.judge(Batch(0, json.dumps([one]).encode(), 1, 0, False)).found]


def test_the_example_that_fails_and_the_one_that_passes() -> None:
    assert said(CHECKS["S032"].fails, 2048)
    assert not said(CHECKS["S032"].passes, 2048)
    assert not said(CHECKS["S032"].fails, None)


@pytest.mark.parametrize("one", [record(), {**record(), "id": 7}], ids=["sound", "not sound"])
def test_a_picture_takes_its_tokens(one: dict[str, Any]) -> None:
    assert said(one, 500) == ["about 599 tokens, 576 of them for pictures; 500 are allowed"]
    assert said(one, 700) == []
    assert said(record(question="What?", image=...), 10)
    assert said(record(question="What?", image=...), 500) == []
