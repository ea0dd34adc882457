"""What goes wrong with single lines: each fault does what it says, and whatever comes together, the bill is right."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.mockserver.account import Account
from datagen.mockserver.batches.batch import Order
from datagen.mockserver.batches.files import Spool, Stored
from datagen.mockserver.batches.lines import LINE_FAULTS, WRONGS
from datagen.mockserver.batches.office import Office
from datagen.mockserver.batches.plan import parse
from datagen.mockserver.replies import Replies

UNBILLED = {"401": 401, "404": 404, "429": 429, "500": 500, "502": 502, "503": 503}
UNBILLED |= {"moderated": 403, "quota": 429, "too-long": 400}


def lines(count: int) -> list[bytes]:
    told = {"method": "POST", "url": "/v1/chat/completions"}
    bodies = ({"model": "m", "messages": [{"role": "user", "content": f"Cat {n}."}]} for n in range(count))
    return [json.dumps({"custom_id": f"q{n}", **told, "body": body}).encode() + b"\n" for n, body in enumerate(bodies)]


class Left:
    """What a batch left behind when it was over."""

    def __init__(self, plan: dict[str, Any], data: list[bytes], seed: int = 0) -> None:
        plans = parse({"validating": 0, "working": 0, "finalizing": 0, **plan})
        self.office = Office(plans, seed, Replies(stock=False), Account())
        spool = Spool()
        spool.write(b"".join(data))
        order = Order(self.office.keep(Stored("in.jsonl", "batch", spool), 0, 0), "/v1/chat/completions", None)
        self.batch = self.office.create(order)
        asyncio.run(self.office.advance(2))
        files = {kind: stored.spool.read(0, stored.spool.size) for kind, stored in self.batch.files.items()}
        self.output, self.error = files.get("output", b"").splitlines(), files.get("error", b"").splitlines()
        bills = self.office.bills.lines
        self.bills = [json.loads(line)["custom_id"] for line in bills.read(0, bills.size).splitlines()]
        self.office.close()

    @property
    def whole(self) -> list[dict[str, Any]]:
        """The output's lines that are JSON."""
        rows = []
        for line in self.output:
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return rows


def left(fault: str) -> Left:
    """Three lines in their order, the second with a fault."""
    return Left({"shuffle": False, "at": {"2": fault}}, lines(3))


def ids(rows: list[Any]) -> list[Any]:
    return [row.get("custom_id") for row in (json.loads(row) if isinstance(row, bytes) else row for row in rows)]


def test_the_faults_of_lines_are_all_named_here() -> None:
    billed = {"bad-usage", "garbled", "length", "no-choices", "no-usage", "null", "refusal", "wrong-model"}
    assert set(LINE_FAULTS) == {*WRONGS, *UNBILLED, *billed}


@pytest.mark.parametrize(("fault", "status"), UNBILLED.items())
def test_an_error_stands_in_the_error_file_and_costs_nothing(fault: str, status: int) -> None:
    told = left(fault)
    assert ids(told.output) == ["q0", "q2"] == told.bills
    (row,) = map(json.loads, told.error)
    assert (row["custom_id"], row["error"], row["response"]["status_code"]) == ("q1", None, status)
    assert row["response"]["body"]["error"]["message"]
    assert told.batch.counts() == {"total": 3, "completed": 2, "failed": 1}


@pytest.mark.parametrize(("fault", "code"), [("timeout", "request_timeout"), ("unfinished", "batch_expired")])
def test_a_line_without_a_response_costs_nothing(fault: str, code: str) -> None:
    told = left(fault)
    assert ids(told.output) == ["q0", "q2"] == told.bills
    (row,) = map(json.loads, told.error)
    assert (row["custom_id"], row["response"], row["error"]["code"]) == ("q1", None, code)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("missing", ["q0", "q2"]),
        ("twice", ["q0", "q1", "q1", "q2"]),
        ("unknown", ["q0", "q1", "mock-nobody", "q2"]),
        ("torn", ["q0", "q2"]),
        ("glued", ["q0"]),
        ("nameless", ["q0", None, "q2"]),
        ("both", ["q0", "q1", "q2"]),
        ("null", ["q0", "q1", "q2"]),
    ],
)
def test_a_line_that_is_billed_may_arrive_otherwise(fault: str, found: list[str | None]) -> None:
    told = left(fault)
    names = [name and name.rpartition("-")[0] if name and "nobody" in name else name for name in ids(told.whole)]
    assert names == found
    assert told.bills == ["q0", "q1", "q2"]
    assert ids(told.error) == (["q1"] if fault == "both" else [])
    assert len(told.output) == {"missing": 2, "twice": 4, "unknown": 4, "glued": 2}.get(fault, 3)


def test_a_spoiled_answer_is_told_as_a_good_one() -> None:
    body = left("refusal").whole[1]["response"]
    assert body["status_code"] == 200
    assert body["body"]["choices"][0]["message"]["content"] is None
    assert left("no-choices").whole[1]["response"]["body"]["choices"] is None


def test_a_body_that_cannot_be_read_is_an_error_of_its_own_line() -> None:
    bad = json.loads(lines(1)[0]) | {"custom_id": "bad", "body": {"model": "m", "messages": 1}}
    told = Left({}, [*lines(2), json.dumps(bad).encode()])
    assert ids(told.error) == ["bad"]
    assert json.loads(told.error[0])["response"]["status_code"] == 400
    assert sorted(told.bills) == ["q0", "q1"]


def test_chance_depends_on_the_body_and_how_often_it_came_and_on_no_order() -> None:
    plan = {"lines": {"500": "50%"}}
    first, other = Left(plan, lines(60)), Left({**plan, "shuffle": False}, lines(60)[::-1])
    assert sorted(ids(first.error)) == sorted(ids(other.error))
    assert 10 < len(first.error) < 50
    assert sorted(ids(Left(plan, lines(60), seed=1).error)) != sorted(ids(first.error))
    again = Left(plan, [*lines(60), *(line.replace(b'"q', b'"r') for line in lines(60))])
    second = {name.replace("r", "q") for name in ids(again.error) if name.startswith("r")}
    assert second != {name for name in ids(again.error) if name.startswith("q")}


def test_a_custom_id_is_handed_back_as_it_was_written() -> None:
    names = [b'"id"', b'"custom_id"', b'"\\u00e9\\n\\"x"', '"ключ"'.encode(), b'""']
    data = [lines(1)[0].replace(b'"q0"', name) for name in names]
    for fault in ("unknown", "nameless", "twice"):
        told = Left({"shuffle": False, "at": {str(n): fault for n in range(1, 6)}}, data)
        assert len(told.whole) == (5 if fault == "nameless" else 10)
        assert told.bills == [json.loads(name) for name in names]
        if fault == "unknown":
            assert ids(told.output[::2]) == [json.loads(name) for name in names]
            assert all(name.startswith("mock-nobody-") for name in ids(told.output[1::2]))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["", *LINE_FAULTS]), min_size=1, max_size=25),
    st.sampled_from(["completed", "expired", "cancelled"]),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_whatever_comes_together_every_line_has_one_end_and_the_bill_is_right(
    faults: list[str], end: str, share: float, seed: int
) -> None:
    at = {str(n + 1): fault for n, fault in enumerate(faults) if fault}
    told = Left({"end": end, "share": share, "at": at, "working": 1}, lines(len(faults)), seed)
    assert told.batch.status == end
    done = len(faults) if end == "completed" else int(len(faults) * share)
    free = {*UNBILLED, "timeout", "unfinished"}
    worked = {f"q{place}": faults[place] for place in told.batch._turns[:done]}
    assert sorted(told.bills) == sorted(name for name, fault in worked.items() if fault not in free)
    counts = told.batch.counts()
    assert (counts["completed"], counts["completed"] + counts["failed"]) == (len(told.bills), done)
    good, bad = Counter(ids(told.whole)), Counter(ids(told.error))
    for name, fault in worked.items():
        if "glued" not in worked.values():
            lost = fault in free or fault in ("missing", "torn", "nameless")
            assert good[name] == (2 if fault == "twice" else 0 if lost else 1), fault
        assert bad[name] == (fault in free or fault == "both")
    assert all(bad[f"q{n}"] == 1 for n in range(len(faults)) if f"q{n}" not in worked)
    assert told.batch.prompt == told.office.bills.told(told.batch.id)["prompt_tokens"]
