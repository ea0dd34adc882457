"""Results into the ledger: any order, any damage, any crash in between, and each request ends in exactly one state."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datagen.batch.reading
from datagen.batch.collecting import Collector
from datagen.ledger import Ledger, Planned
from datagen.observer import Silent
from datagen.schema import ImageContext, Query
from datagen.shards import Member
from tests.batch.lines import answer, counted, error, not_run

IDS = [f"{n:012d}-conversation-0-{n:08x}" for n in range(9)]


def planned(name: str) -> Planned:
    number = name.partition("-")[0].lstrip("0") or "0"
    image = ImageContext(image_id=number, file_name="a.jpg", width=4, height=3, captions=("A.",), boxes=())
    return Planned(Query(id=name, task="t", image=image, question=None, draw=0, digest=name), "t", number)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with one ended batch, to be copied."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    ledger = Ledger(path, writable=True)
    ledger.plan([planned(name) for name in IDS], "k", may_retire=False)
    told = {"address": "a", "sha256": "s", "size": 1, "tokens": 1, "price": None}
    shard = ledger.intend([Member(name, 100) for name in IDS], state="intended", **told)  # type: ignore[arg-type]
    ledger.change(shard, state="ended", status="completed", output="o", errors="e")
    ledger.close()
    return path


class Provider:
    """Has two files."""

    def __init__(self, output: bytes, errors: bytes) -> None:
        self._files = {"o": output, "e": errors}

    def download(self, file: str, path: Path) -> None:
        path.write_bytes(self._files[file])


class Killed(BaseException):
    """The process is gone."""


def collect(folder: Path, provider: Provider, dies_at: int = -1) -> None:
    """Take it in; the n-th commit from here on is the last that comes to be."""
    ledger = Ledger(folder / "ledger.db", writable=True)
    take_in, done = Ledger.take_in, 0

    def counting(*told: object, **more: object) -> None:
        nonlocal done
        if done == dies_at:
            raise Killed
        done += 1
        take_in(*told, **more)  # type: ignore[arg-type]

    try:
        with patch.object(Ledger, "take_in", counting):
            collector = Collector(ledger, provider, folder, Silent(), lambda _: None)  # type: ignore[arg-type]
            (shard,) = ledger.batches("ended")
            collector.collect(shard)
    finally:
        ledger.close()


TORN = (b'{"custom_id": "a', b"garbage", b"\xff\xfe", b'{"custom_id":')
STRANGE = (b"[]", b"7", b"{}", b'{"custom_id": 7}', b'{"custom_id": "x", "response": null, "error": null}')
known = st.sampled_from(IDS)
line = st.one_of(
    st.builds(answer, known, st.sampled_from(["A dog.", "Two dogs."])),
    st.builds(answer, known),
    st.builds(error, known, st.sampled_from([400, 429, 500])),
    st.builds(not_run, known, st.sampled_from(["batch_expired", "batch_cancelled", "odd"])),
    st.builds(answer, st.just("somebody-elses")),
    st.sampled_from(TORN),
    st.sampled_from(STRANGE),
)


def identity(template: Path, lines: list[bytes], cut: int, rows: int, dies_at: int, *, ended: bool) -> None:
    """Lines in two files, read `rows` to a commit, dead after one of these and begun again: what must hold, holds."""
    expected = counted(IDS, lines)
    cut = min(cut, len(lines))
    parts = [b"".join(each + b"\n" for each in part) for part in (lines[:cut], lines[cut:])]
    provider = Provider(parts[0], parts[1][:-1] if ended else parts[1])
    with tempfile.TemporaryDirectory() as where, patch.object(datagen.batch.reading, "ROWS", rows):
        folder = Path(where)
        shutil.copyfile(template, folder / "ledger.db")
        try:
            collect(folder, provider, dies_at)
        except Killed:
            collect(folder, provider)
        ledger = Ledger(folder / "ledger.db", writable=False)
        (shard,) = ledger.batches()
        outcomes, members, tally = ledger.outcomes(1), ledger.members(1), shard.tally["tally"]
        found = {query.query.id: json.loads(query.raw) for query in ledger.answers()}
        states = ledger.states()
        ledger.close()
    assert shard.state == "settled"
    assert sum(outcomes.values()) == len(IDS) == states.planned
    assert {name for name, (_, word) in members.items() if word == "answered"} == expected.answered == found.keys()
    assert outcomes.get("answered", 0) == states.unread == len(expected.answered)
    assert outcomes.get("batch-missing", 0) == len(expected.missing) == shard.tally["missing"]
    assert sum(states.failed.values()) + states.pending == len(expected.failed) + len(expected.missing)
    told = (expected.unknown, expected.duplicate, expected.torn, expected.strange)
    assert tuple(tally[name] for name in ("unknown", "duplicate", "torn", "strange")) == told
    assert tally["lines"] == len(lines) == tally["taken"] + sum(told)
    for name, body in found.items():
        assert answer(name, body["choices"][0]["message"]["content"]) in lines, "an answer of its own, byte for byte"


wild = given(
    lines=st.lists(line, max_size=30), cut=st.integers(0, 30), rows=st.integers(1, 8), dies_at=st.integers(-1, 12),
    ended=st.booleans(),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@wild
def test_each_request_ends_in_one_state_whatever_the_lines(
    template: Path, lines: list[bytes], cut: int, rows: int, dies_at: int, ended: bool
) -> None:
    identity(template, lines, cut, rows, dies_at, ended=ended)


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=1000, deadline=None)
@wild
def test_each_request_ends_in_one_state_a_thousand_times(
    template: Path, lines: list[bytes], cut: int, rows: int, dies_at: int, ended: bool
) -> None:
    identity(template, lines, cut, rows, dies_at, ended=ended)


def test_an_answer_is_not_given_up_for_an_error_that_came_first(template: Path) -> None:
    lines = [error(IDS[0]), answer(IDS[0]), error(IDS[0]), answer(IDS[1]), error(IDS[1])]
    for rows in (1, 100):
        identity(template, lines, 5, rows, -1, ended=False)


def test_a_line_without_an_end_does_not_fill_the_memory(template: Path) -> None:
    with patch.object(datagen.batch.reading, "LONGEST", 64):
        pieces = list(datagen.batch.reading._lines(io.BytesIO(b"x" * 200 + b"\nshort\n")))
    assert [len(piece) for piece in pieces] == [64, 64, 64, 9, 6]
