"""A script says what the n-th request gets; one that is wrong is refused, with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.errors import InputError
from datagen.mockserver import behaviour as _behaviour  # noqa: F401  (registers the faults)
from datagen.mockserver.behaviour import Behaviour
from datagen.mockserver.latency import Latency
from datagen.mockserver.script import Script, Step, _Wrong, parse, read


def names(script: Script, count: int, since: float = 0.0) -> list[str]:
    steps = [script.step(place, since) for place in range(count)]
    return ["-" if step is None else step.fault.name if step.fault else "ok" for step in steps]


def test_the_nth_entry_is_for_the_nth_request() -> None:
    script = parse(["ok", "500", {"fault": "429", "times": 2}, {"latency": 3}])
    assert names(script, 6) == ["ok", "500", "429", "429", "ok", "-"]
    last = script.step(4, 0)
    assert last is not None
    assert last.latency == Latency("always", (3.0,))


def test_then_is_for_all_the_others() -> None:
    assert names(parse({"requests": ["500"], "then": "hang"}), 3) == ["500", "hang", "hang"]
    assert names(parse({"then": "503"}), 2) == ["503", "503"]
    assert names(parse({"requests": ["500", {"times": 2}], "then": "again"}), 7) == ["500", "ok", "ok"] * 2 + ["500"]


def test_a_window_goes_before_and_ends_in_time() -> None:
    script = parse(["502", {"from": 10, "to": 20, "fault": "503"}, "500", {"from": 30, "fault": "hang"}])
    assert names(script, 3, 9.99) == ["502", "500", "-"]
    assert names(script, 3, 10) == ["503"] * 3
    assert names(script, 3, 20) == ["502", "500", "-"]
    assert names(script, 1, 1e9) == ["hang"]


def test_an_object_changes_the_answer() -> None:
    step = parse([{"fault": "429", "headers": {"retry-after": "3"}, "status": 418, "body": {"a": 1}}]).step(0, 0)
    assert step is not None
    assert step.fault is not None
    reply = step.over(step.fault.make({}))
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (418, b'{"a": 1}', "3")


def test_a_status_alone_is_an_answer_of_its_own() -> None:
    step = parse([{"status": 508}]).step(0, 0)
    assert step is not None
    assert step.fault is not None
    assert not step.fault.billed
    assert parse([{"status": 201}]).step(0, 0) == Step(status=201)


@pytest.mark.parametrize(
    ("told", "place", "cause"),
    [
        (3, "", "neither an array nor an object"),
        ({"request": []}, "", "no word 'request'"),
        ({"requests": {}}, "requests", "no array"),
        (["ok", "50"], "requests[1]", "no fault is called '50'"),
        (["ok", 500], "requests[1]", "neither a fault's name nor an object"),
        ([{"fault": "hnag"}], "requests[0].fault", "no fault is called 'hnag'"),
        ([{"fault": None}], "requests[0].fault", "no fault"),
        ([{"falt": "hang"}], "requests[0]", "no word 'falt'"),
        ([{"times": 0}], "requests[0].times", "no whole number"),
        ([{"times": True}], "requests[0].times", "no whole number"),
        ([{"status": 99}], "requests[0].status", "no status"),
        ([{"status": 204}], "requests[0].status", "no status"),
        ([{"headers": []}], "requests[0].headers", "no object"),
        ([{"headers": {"a b": "c"}}], "requests[0].headers", "'a b' cannot be set"),
        ([{"headers": {"Content-Length": "1"}}], "requests[0].headers", "cannot be set"),
        ([{"headers": {"a": "b\r\nc: d"}}], "requests[0].headers.a", "no string of one line"),
        ([{"headers": {"a": 1}}], "requests[0].headers.a", "no string"),
        ([{"latency": "soon"}], "requests[0].latency", "no distribution"),
        ([{"latency": True}], "requests[0].latency", "no distribution"),
        ([{"from": 5, "to": 5, "fault": "500"}], "requests[0]", "it ends (5) before it begins (5)"),
        ([{"from": "5", "fault": "500"}], "requests[0].from", "no number of seconds"),
        ([{"from": -1, "fault": "500"}], "requests[0].from", "no number of seconds"),
        ([{"from": 1, "times": 2}], "requests[0]", "a window has no `times`"),
        ({"then": "agian"}, "then", "no fault is called 'agian'"),
        ({"then": "again"}, "then", "nothing to start again"),
    ],
)
def test_a_wrong_script_is_refused_with_its_place(tmp_path: Path, told: Any, place: str, cause: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(told))
    with pytest.raises(InputError) as refused:
        read(path)
    assert (refused.value.place, refused.value.exit_code) == (place, 2)
    assert cause in refused.value.cause


def test_what_is_no_json_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    for data, said in ((b'["ok",\n  x]', "line 2 column 3"), (b"\xff\xfe\xfa", "no JSON"), (b"[" * 100_000, "no JSON")):
        path.write_bytes(data)
        with pytest.raises(InputError, match=said):
            read(path)
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "nowhere")


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["ok", "500"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["requests", "then", "fault", "status", "headers", "body", "latency", "times", "from", "to"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
)


@given(wild | st.lists(wild, max_size=3))
def test_whatever_stands_there_is_a_script_or_is_refused(told: Any) -> None:
    try:
        script = parse(told)
    except _Wrong:
        return
    for place in range(4):
        script.step(place, float(place))


def test_the_script_over_http(visit: Any) -> None:
    script = parse(
        ["500", {"fault": "429", "headers": {"retry-after": "3"}, "times": 2}, "garbled", {"status": 200, "body": "hm"}]
    )

    async def asks(bench: Any) -> None:
        got = [await bench.ask(str(n)) for n in range(6)]
        assert [one.status for one in got] == [500, 429, 429, 200, 200, 200]
        assert got[1].headers["retry-after"] == "3"
        assert "Question:" not in got[3].text
        assert got[4].raw == b"hm"
        assert "Question:" in got[5].text
        told = await bench.settled()
        assert (told["billed"], told["refused"], told["limited"]) == (3, 3, 0)
        assert told["faults"] == {"429": 2, "500": 1, "garbled": 1}
        await bench.reset()
        assert (await bench.ask("0")).status == 500

    visit(Behaviour(script=script), asks)


def test_an_outage_ends(visit: Any) -> None:
    async def asks(bench: Any) -> None:
        assert (await bench.ask()).status == 503
        while (await bench.ask()).status == 503:
            pass
        told = await bench.settled()
        assert (told["billed"], told["faults"]["503"]) == (1, told["requests"] - 1)

    visit(Behaviour(script=parse([{"from": 0, "to": 0.2, "fault": "503"}])), asks)
