"""Memory does not follow the number of findings."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from datagen.errors import UnknownName
from datagen.reporting.base import Manner
from datagen.reporting.every import formats, writer
from tests.reporting.making import CATALOG, hit, verdict


@pytest.mark.parametrize("name", formats())
def test_findings_are_let_go_of(name: str) -> None:
    told = [0]

    def write(text: str) -> None:
        told[0] += len(text)

    at_work = writer(name, Manner(write, CATALOG))
    at_work.hit(hit())  # imports, and tables of how wide letters are
    at_work.hit(hit(message="long " * 200, id="long", words="long " * 200, text="and " + "long " * 200))
    tracemalloc.start()
    for number in range(600):
        long = f"{number} " + "x" * 1_000
        at_work.hit(hit(message=long, id=str(number), words=long, text=f"and {long}"))
    gc.collect()  # what other tests left in circles is none of it
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    at_work.end(verdict([hit()]))
    assert held < 600_000  # of 1.8 million; threads of other tests may hold some
    assert told[0]


def test_formats_have_their_names() -> None:
    assert set(formats()) == {"text", "json", "jsonl", "sarif", "junit", "github", "markdown"}
    with pytest.raises(UnknownName) as raised:
        writer("sarf", Manner(str, CATALOG))
    assert raised.value.hint == "did you mean sarif?"
