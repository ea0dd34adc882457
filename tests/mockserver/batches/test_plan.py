"""What a script says of batches and calls; what is wrong in it is refused with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.errors import InputError, SetupError
from datagen.mockserver.batches import plan as _plan
from datagen.mockserver.batches.plan import Plan, Plans
from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.faults import Mix
from datagen.mockserver.script import CALLS, parse, read
from datagen.mockserver.told import Wrong


def test_nothing_told_is_a_server_that_keeps_its_word() -> None:
    assert parse([]).batches == Plans() == parse({"batches": {}}).batches
    assert Plans().of(0) == Plan(lines=Mix(), end="completed", cut="", without="", late=0)


def test_the_nth_plan_is_for_the_nth_batch_and_begins_with_what_is_told_for_all() -> None:
    plans = parse({"batches": {"late": 5, "lines": {"500": "5%"}, "each": [{"end": "expired"}, {"late": 7}]}}).batches
    assert [plans.of(n).end for n in range(3)] == ["expired", "completed", "completed"]
    assert [plans.of(n).late for n in range(3)] == [5, 7, 5]
    assert all(plans.of(n).lines == Mix(("500",), (0.05,)) for n in range(3))


def test_flags_fill_in_what_the_script_leaves_open(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"batches": {"each": [{"lines": {"torn": 1}}, {}]}}')
    told = Behaviour.told(script=path, batch_faults=["500=2%", "missing=0.5"], tick=3).script.batches
    assert told.tick == 3
    assert [told.of(n).lines.names for n in range(3)] == [("torn",), ("500", "missing"), ("500", "missing")]
    assert Behaviour.told().script.batches == Plans()
    with pytest.raises(SetupError, match="no fault of a line is called 'mising'"):
        Behaviour.told(batch_faults=["mising=1"])
    with pytest.raises(SetupError, match="add up to 120"):
        Behaviour.told(batch_faults=["torn=60%", "500=60%"])


@pytest.mark.parametrize(
    ("told", "place", "cause"),
    [
        ({"batches": []}, "batches", "no object"),
        ({"batches": {"tik": 1}}, "batches", "no word 'tik'"),
        ({"batches": {"tick": -1}}, "batches.tick", "no number of seconds"),
        ({"batches": {"tick": True}}, "batches.tick", "no number of seconds"),
        ({"batches": {"enqueued": 0}}, "batches.enqueued", "no whole number"),
        ({"batches": {"price": "1"}}, "batches.price", "IN,OUT"),
        ({"batches": {"price": 1}}, "batches.price", "IN,OUT"),
        ({"batches": {"each": {}}}, "batches.each", "no array"),
        ({"batches": {"each": ["expired"]}}, "batches.each[0]", "no object"),
        ({"batches": {"each": [{}, {"tick": 1}]}}, "batches.each[1]", "no word 'tick'"),
        ({"batches": {"each": [{"end": "expird"}]}}, "batches.each[0].end", "no word is called 'expird'"),
        ({"batches": {"share": 2}}, "batches.share", "no share"),
        ({"batches": {"shuffle": 1}}, "batches.shuffle", "neither true nor false"),
        ({"batches": {"errors": []}}, "batches.errors", "no array of objects"),
        ({"batches": {"errors": [{"kode": 1}]}}, "batches.errors[0]", "no word 'kode'"),
        ({"batches": {"lines": ["500"]}}, "batches.lines", "no object"),
        ({"batches": {"lines": {"500": "6"}}}, "batches.lines.500", "no share"),
        ({"batches": {"lines": {"hang": 1}}}, "batches.lines", "no fault of a line is called 'hang'"),
        ({"batches": {"lines": {"500": 0.6, "429": 0.6}}}, "batches.lines", "add up"),
        ({"batches": {"at": {"0": "500"}}}, "batches.at", "line numbers"),
        ({"batches": {"at": {"1": "html"}}}, "batches.at.1", "no fault of a line is called 'html'"),
        ({"batches": {"cut": "input"}}, "batches.cut", "no word is called 'input'"),
        ({"calls": []}, "calls", "no object"),
        ({"calls": {"creat": []}}, "calls", "no word 'creat'"),
        ({"calls": {"create": "500"}}, "calls.create", "neither an array nor an object"),
        ({"calls": {"create": {"rate": {}}}}, "calls.create", "no word 'rate'"),
        ({"calls": {"create": ["hagn"]}}, "calls.create.requests[0]", "no fault is called 'hagn'"),
        ({"calls": {"create": ["garbled"]}}, "calls.create", "'garbled' is for completions only"),
        ({"calls": {"list": {"rates": {"null": 0.1}}}}, "calls.list", "'null' is for completions only"),
        ({"calls": {"list": {"rates": {"500": 2}}}}, "calls.list.rates", "no rate"),
        ({"calls": {"list": {"rates": []}}}, "calls.list.rates", "no object"),
    ],
)
def test_a_wrong_script_is_refused_with_its_place(tmp_path: Path, told: Any, place: str, cause: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(told))
    with pytest.raises(InputError) as refused:
        read(path)
    assert refused.value.place == place
    assert cause in refused.value.cause


def test_the_readmes_script_is_one() -> None:
    told = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    script = parse(json.loads(told.split("rough.json <<'END'\n")[1].split("\nEND\n")[0]))
    assert script.batches.of(0).end == "expired"
    assert set(script.calls) == {"create", "content", "retrieve"}


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
values |= st.sampled_from(["500", "torn", "both", "expired", "5%", "1,2"])
words = st.sampled_from([*Plan._fields, *Plans._fields]) | st.sampled_from(["500", "1", "torn", "code", *CALLS])
wild = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(words, wild, max_size=5), st.dictionaries(st.sampled_from(CALLS), wild, max_size=3))
def test_whatever_stands_there_is_a_plan_or_is_refused(told: Any, calls: Any) -> None:
    for script in ({"batches": told}, {"calls": calls}):
        try:
            parse(script)
        except Wrong:
            continue


def test_the_words_of_a_plan_are_all_explained() -> None:
    for word in (*Plan._fields, *(name for name in Plans._fields if name not in ("plan", "each"))):
        assert f"    {word}" in str(_plan.__doc__) or f", {word}" in str(_plan.__doc__), word
