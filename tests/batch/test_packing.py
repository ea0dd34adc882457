"""Files of requests: within limits, line by line the bytes that are proven, and noted in the order of their lines."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.batch.packing import Packed, Packer, Room
from datagen.llm.course import Job
from datagen.money import Price, worst
from datagen.schema import Request

PRICE = Price(2, 3, "told")


def job(number: int, size: int = 40) -> Job:
    body = json.dumps({"model": "m", "messages": ["x" * size]}).encode()
    return Job(Request(id=f"q-{number}", body=body))


def packed(folder: Path, jobs: list[Job], room: Room, price: Price | None = None) -> list[Packed]:
    packer = Packer(iter(jobs), folder, price, 10)
    return list(iter(lambda: packer.pack(room), None))


def test_a_line_holds_the_very_bytes(tmp_path: Path) -> None:
    repair = Request(id="q-2", body=b'{"model":"m","messages":["mend"]}', sha256="s")
    (one,) = packed(tmp_path, [job(1), job(2)._replace(first=repair, spoiled="cut")], Room(10, 10**6))
    first, second = one.path.read_bytes().splitlines()
    assert first.endswith(b'"url":"/v1/chat/completions","body":' + job(1).request.body + b"}")
    assert json.loads(second)["body"] == {"model": "m", "messages": ["mend"]}
    assert [json.loads(line)["custom_id"] for line in (first, second)] == ["q-1", "q-2"]
    assert [(each.query_id, each.spoiled, each.sha256) for each in one.members] == [
        ("q-1", None, None), ("q-2", "cut", "s"),
    ]  # fmt: skip
    assert one.sha256 == hashlib.sha256(one.path.read_bytes()).hexdigest()
    assert one.bytes == one.path.stat().st_size


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, 300), max_size=30), requests=st.integers(1, 8),
    size=st.integers(1, 1500), tokens=st.one_of(st.none(), st.integers(1, 300)),
)  # fmt: skip
def test_each_job_is_in_one_file_and_each_file_within_its_limits(
    tmp_path: Path, sizes: list[int], requests: int, size: int, tokens: int | None
) -> None:
    jobs = [job(number, each) for number, each in enumerate(sizes)]
    found = packed(tmp_path, jobs, Room(requests, size, tokens))
    assert [each.query_id for one in found for each in one.members] == [each.request.id for each in jobs]
    for one in found:
        assert 1 <= len(one.members) <= requests
        if len(one.members) > 1:  # alone it may be as large as it is
            assert one.bytes <= size
            assert tokens is None or one.tokens <= tokens


def test_no_more_money_than_there_is(tmp_path: Path) -> None:
    jobs = [job(number) for number in range(5)]
    each = worst(len(jobs[0].request.body), 10, PRICE)
    packer = Packer(iter(jobs), tmp_path, PRICE, 10)
    one = packer.pack(Room(10, 10**6, None, 3 * each))
    assert one is not None
    assert [member.reserved for member in one.members] == [each] * 3
    assert packer.pack(Room(10, 10**6, None, each - 1)) is None
    assert packer.short == each
    two = packer.pack(Room(10, 10**6, None, 2 * each))
    assert two is not None
    assert len(two.members) == 2


def test_nothing_to_ask_makes_no_file(tmp_path: Path) -> None:
    assert packed(tmp_path / "new", [], Room(1, 1)) == []
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("limit", [1, 2])
def test_a_job_larger_than_any_file_goes_alone(tmp_path: Path, limit: int) -> None:
    assert [len(one.members) for one in packed(tmp_path, [job(1), job(2)], Room(9, limit))] == [1, 1]
