"""What the checks keep of a file: so many bytes a record, and no texts."""

from __future__ import annotations

import gc
import random
import tracemalloc

import pytest

from datagen.checks.base import CHECKS
from datagen.checks.examples import dialogue
from datagen.checks.quality.options import EXAMPLE
from datagen.checks.sample import Sample, sample
from tests.checks.quality.seeing import FILE_CHECKS

RECORDS = 20_000


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    dice = random.Random(1)
    words = [f"word{n}" for n in range(3000)]
    made = []
    for number in range(RECORDS):
        question, answer = " ".join(dice.choices(words, k=9)), " ".join(dice.choices(words, k=30))
        raw = {**dialogue(f"<image>\n{question}?", answer), "id": f"{number:012d}-conversation-0"}
        made.append(sample(number, raw))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("code", FILE_CHECKS)
def test_a_record_costs_tens_of_bytes_beyond_what_any_file_costs(code: str, samples: list[Sample]) -> None:
    check = CHECKS[code].run(EXAMPLE)
    gc.collect()
    tracemalloc.start()
    try:
        for each in samples:
            check.see(each)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    at_most = 2_500_000 if code == "Q004" else 300_000  # Q004 counts questions up to its bound, whatever the file
    assert kept < at_most + 72 * RECORDS
