"""Disks that are full, cut short, broken, foreign or old: nothing that stands in the ledger is lost or painted over."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections import deque
from contextlib import closing, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from datagen import LedgerError, rebuild
from datagen.ledger import Ledger
from datagen.tables import VERSION
from tests.faults.helpers import (
    QUERIES,
    SAMPLES,
    adds_up,
    at_each_step,
    command,
    digests,
    environment,
    finish,
    left,
    run,
    serving,
    start,
)
from tests.program import Program as Cli

pytestmark = pytest.mark.slow

consume = partial(deque[object], maxlen=0)


@pytest.fixture
def halfway(tmp_path: Path) -> Path:
    """A run whose process is gone: some answers are in its main file, the others in the WAL."""
    live, dead = tmp_path / "live", tmp_path / "dead"
    with serving() as server:
        run(server, live, limit=4)
        keeper = sqlite3.connect(live / "ledger.db")  # whoever still looks keeps the WAL from being taken away
        keeper.execute("SELECT count(*) FROM queries").fetchone()
        run(server, live)
        shutil.copytree(live, dead)
        keeper.close()
    assert (dead / "ledger.db-wal").stat().st_size > 100_000
    return dead


def cut(folder: Path, to: Path, size: int) -> Path:
    """A copy whose WAL ends after so many bytes."""
    shutil.copytree(folder, to)
    with (to / "ledger.db-wal").open("r+b") as file:
        file.truncate(size)
    (to / "ledger.db-shm").unlink(missing_ok=True)
    return to


def whole_ones(folder: Path) -> set[str]:
    """The answered queries, once the ledger was opened for work; its counts must add up."""
    ledger = Ledger(folder / "ledger.db", writable=True)
    try:
        ledger.verify()
        ledger.states()
        return {answer.query.id for answer in ledger.answers()}
    finally:
        ledger.close()


def test_a_log_that_ends_early_is_an_older_state(tmp_path: Path, halfway: Path) -> None:
    """F3: wherever the WAL is cut, what is there is consistent, and never less than what the main file had."""
    size = (halfway / "ledger.db-wal").stat().st_size
    dice = random.Random(3)
    pages = [32 + dice.randrange(size // 4120) * 4120 for _ in range(12)]
    sizes = sorted({0, 1, 31, 32, size - 1, size, *pages, *(dice.randrange(size) for _ in range(12))})
    before: set[str] = set()
    for at in sizes:
        found = whole_ones(cut(halfway, tmp_path / f"cut-{at}", at))
        assert before <= found, "a longer log has no less"
        before = found
    first = whole_ones(tmp_path / "cut-0")
    assert len(first) == 12
    assert len(before) == QUERIES


def test_a_run_goes_on_from_a_log_that_was_cut(tmp_path: Path, halfway: Path, calm: dict[str, str]) -> None:
    """F3: what the cut took away is bought again, and no more."""
    size = (halfway / "ledger.db-wal").stat().st_size
    for share in (0.2, 0.5, 0.9):
        folder = cut(halfway, tmp_path / f"cut-{share}", int(size * share))
        known = {query for _, query, _ in left(folder).answers}
        with serving() as server:
            outcome = run(server, folder)
            told = server.at_rest()
        assert told["billed"] == QUERIES - len(known)
        assert outcome.states.kept == QUERIES
        assert digests(folder) == calm


def test_flipped_bytes_in_the_log_are_left_out(tmp_path: Path, halfway: Path) -> None:
    """F3: a frame that is not what was written ends the log."""
    data = (halfway / "ledger.db-wal").read_bytes()
    dice = random.Random(4)
    for number in range(12):
        folder, at = tmp_path / str(number), dice.randrange(len(data))
        shutil.copytree(halfway, folder)
        (folder / "ledger.db-shm").unlink()
        (folder / "ledger.db-wal").write_bytes(data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :])
        assert len(whole_ones(folder)) >= 12


def test_a_full_disk_ends_with_code_5_and_loses_no_answer(tmp_path: Path, calm: dict[str, str]) -> None:
    """F4, by RLIMIT_FSIZE in a real process: nothing is sent that could not be noted, and the same command goes on."""
    limited = (
        "import os, resource, signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    folder = tmp_path / "run"
    with serving() as server:
        asked = [sys.executable, "-c", limited, *command(server, folder)]
        done = subprocess.run(asked, capture_output=True, text=True, env=environment(), timeout=100)
        assert done.returncode == 5, done.stderr
        assert "Traceback" not in done.stderr
        assert "ledger.db: cannot be written" in done.stderr
        assert "hint: make room" in done.stderr
        before, told = left(folder), server.at_rest()
        assert told["requests"] <= before.attempts, "what could not be noted was not sent"
        assert told["requests"] - len(before.answers) <= 8
        code, _out, err = finish(start(server, folder))
        assert code == 0, err
        told = server.at_rest()
    again = told["billed"] - QUERIES
    assert again <= before.attempts - len(before.answers) <= 8, "only what was open then is asked again"
    assert before.answers <= left(folder).answers
    assert digests(folder) == calm


@pytest.mark.parametrize("kind", ["EIO", "EROFS"])
def test_a_write_that_fails_stops_the_sending(tmp_path: Path, kind: str) -> None:
    """F4, at every fortieth step; from then on nothing can be written."""
    judge_errno(at_each_step(tmp_path, kind, 40))


@pytest.mark.timeout(400)
def test_any_write_that_fails_stops_the_sending(tmp_path: Path) -> None:
    """F4, at every step."""
    met = judge_errno(at_each_step(tmp_path, "ENOSPC", 1, lanes=2))
    assert {2, 5} <= {one["first"]["code"] for one in met}


def judge_errno(met: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for one in met:
        first = one["first"]
        assert first["code"] in (0, 2, 5), first
        if first["code"] == 0:  # SQLite could not tidy up behind a run that is over: it does so the next time
            assert one["at"]["what"].startswith("sqlite"), one
            assert first["kept"] == 2
        else:
            assert "cannot be" in first["message"]
            assert first["hint"]
            assert ".recover" not in first["hint"], "a disk that takes nothing is not a damaged ledger"
    assert met
    return met


def read_through(folder: Path) -> bool:
    """Whether a ledger lets itself be read from end to end; if not, it says so as a LedgerError with a hint."""
    with suppress(LedgerError):
        ledger = Ledger(folder / "ledger.db", writable=False)
        with closing(ledger):
            ledger.verify()
            ledger.states()
            consume(chain(ledger.answers(), ledger.unasked(), ledger.failures(), ledger.tally(), ledger.models()))
            return True
    return False


def test_a_damaged_ledger_is_refused_and_never_mended_in_silence(tmp_path: Path) -> None:
    """F5: bytes flipped in each part of the file; it is read to its end or refused, and stays as it is."""
    folder = tmp_path / "run"
    with serving() as server:
        run(server, folder, limit=2)
    known = left(folder).answers
    data = (folder / "ledger.db").read_bytes()
    dice = random.Random(5)
    places = [0, 24, 100, 1667, 3028, *(dice.randrange(len(data) - 64) for _ in range(60))]
    refused = 0
    for number, at in enumerate(places):
        width = 64 if number % 2 else 1
        damaged = data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + width]) + data[at + width :]
        (folder / "ledger.db").write_bytes(damaged)
        refused += not read_through(folder)
        assert (folder / "ledger.db").read_bytes() == damaged
    assert refused >= 5
    (folder / "ledger.db").write_bytes(data)
    assert left(folder).answers == known


@pytest.mark.parametrize("body", ["{}", "not JSON", '{"image_id": 1}'])
def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path, body: str) -> None:
    """F5: SQLite finds nothing wrong with it, we do."""
    folder = tmp_path / "run"
    with serving() as server:
        run(server, folder, limit=2)
        with closing(sqlite3.connect(folder / "ledger.db")) as db, db:
            db.execute("UPDATE contexts SET body = ?", (body,))
        server.reset()
        with pytest.raises(LedgerError, match="cannot be read"):
            rebuild(folder)
        assert server.stats()["requests"] == 0


@pytest.mark.parametrize("command_", ["generate", "rebuild", "status"])
def test_a_foreign_or_newer_ledger_is_left_alone(tmp_path: Path, cli: Cli, command_: str) -> None:
    """F5: exit code 5, the reason, and not a byte changed; no request."""
    folder = tmp_path / "run"
    with serving() as server:
        run(server, folder, limit=1)
        server.reset()
        for version, says in ((0, "version 0"), (99, "version 99")):
            (folder / "ledger.db").unlink()
            with closing(sqlite3.connect(folder / "ledger.db")) as db:
                db.executescript(
                    f"CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1); PRAGMA user_version={version}"
                )
            before = (folder / "ledger.db").read_bytes()
            more = [SAMPLES, "--model", "any", "--base-url", server.address, "-o"] if command_ == "generate" else []
            done = cli.process(command_, *more, folder)
            assert done.returncode == 5, done.stderr
            assert says in done.stderr
            assert "Traceback" not in done.stderr
            with closing(sqlite3.connect(folder / "ledger.db")) as db:
                assert db.execute("SELECT x FROM theirs").fetchall() == [(1,)]
            assert (folder / "ledger.db").read_bytes()[100:] == before[100:], "but for SQLite's own header"
        assert server.stats()["requests"] == 0


V1 = """
CREATE TABLE attempts_1 (n INTEGER PRIMARY KEY, query INTEGER NOT NULL REFERENCES queries(n),
    outcome TEXT NOT NULL CHECK (outcome IN ('sent', 'answered', 'failed', 'unknown')), sent REAL NOT NULL, ended REAL,
    reason TEXT, message TEXT, model TEXT, prompt_tokens INTEGER, completion_tokens INTEGER, request_id TEXT, raw BLOB
) STRICT;
INSERT INTO attempts_1 SELECT n, query, outcome, sent, ended, reason, message, model, prompt_tokens, completion_tokens,
    request_id, raw FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_1 RENAME TO attempts;
CREATE UNIQUE INDEX answer ON attempts(query) WHERE outcome = 'answered';
CREATE INDEX attempts_of ON attempts(query);
DROP TABLE batches;
PRAGMA user_version=1;
"""
"""Today's tables → those of version 1, which had fewer outcomes and knew no money."""
V3 = "DROP INDEX in_batch; ALTER TABLE attempts DROP COLUMN batch; DROP TABLE batches; PRAGMA user_version=3;"
"""The same for version 3, which knew no batches."""
V2 = V3 + "ALTER TABLE attempts DROP COLUMN sha256; PRAGMA user_version=2;"
"""The same for version 2, which knew no repairs."""


@pytest.mark.parametrize(("old", "tables"), [(1, V1), (2, V2), (3, V3)])
def test_an_older_ledger_is_brought_up_to_date(
    tmp_path: Path, cli: Cli, calm: dict[str, str], old: int, tables: str
) -> None:
    """F5: `status` says what to do and touches nothing; `rebuild` does it, keeps a copy, and buys nothing."""
    folder = tmp_path / "run"
    with serving() as server:
        run(server, folder)
        server.reset()
        known = {(query, sha) for _, query, sha in left(folder).answers}
        with closing(sqlite3.connect(folder / "ledger.db")) as db:
            db.executescript(tables)
        done = cli.process("status", folder)
        assert done.returncode == 5, done.stderr
        assert f"has the older version {old}" in done.stderr
        assert "hint: `datagen rebuild`" in done.stderr
        done = cli.process("rebuild", folder)
        assert done.returncode == 0, done.stderr
        outcome = run(server, folder)
        told = server.at_rest()
    assert told["requests"] == 0, "nothing is bought again"
    assert outcome.states.kept == QUERIES
    assert {(query, sha) for _, query, sha in left(folder).answers} == known
    assert digests(folder) == calm
    for name, version in ((f"ledger-v{old}.db", old), ("ledger.db", VERSION)):
        with closing(sqlite3.connect(folder / name)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (version,)
            assert db.execute("SELECT count(*) FROM attempts WHERE outcome = 'answered'").fetchone() == (QUERIES,)


def test_where_there_can_be_no_write_ahead_log_it_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F6: on such a disk nothing is sent, and the message says why."""

    class Remote(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("journal_mode=WAL", "journal_mode=DELETE"), *values)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *told, **more: connect(*told, factory=Remote, **more))
    with serving() as server, pytest.raises(LedgerError, match="no write-ahead log can be kept here") as caught:
        run(server, tmp_path / "run")
    assert "local disk" in caught.value.hint
    monkeypatch.undo()
    with serving() as server:
        outcome = run(server, tmp_path / "run", limit=1)
        adds_up(outcome, server.at_rest())
