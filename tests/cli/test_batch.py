"""Batches on the command line: --batch and --wait, tables, exit codes, `batch list|collect|cancel`."""

from __future__ import annotations

import json
import signal
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

from tests.batch.helpers import account, batching
from tests.faults.helpers import QUERIES, Server, finish, start
from tests.program import Program as Cli

SLOW = {"tick": 0, "validating": 60, "working": 240, "finalizing": 60}


def ask(cli: Cli, server: Server, *more: str) -> tuple[int, str]:
    done = cli("generate", "samples", "--model", "any", "--base-url", server.address, "-o", "run", "--batch", *more)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


def rows(err: str) -> list[list[str]]:
    return [line.split() for line in err.splitlines()]


def later(server: Server, seconds: int) -> None:
    address = server.address.replace("/v1", "/clock")
    urllib.request.urlopen(address, data=b'{"seconds": %d}' % seconds, timeout=30).close()


def test_open_batches_are_resumable_and_a_table_tells_of_them(cli: Cli) -> None:
    with batching(**SLOW) as server:
        code, err = ask(cli, server, "--batch-requests", "30")
        assert code == 3
        assert "batch  status        requests  answered  rest" in err
        assert ["1", "validating", "30", "0"] in rows(err)
        assert "48 wait in 2 open batches" in err
        assert "to go on: datagen generate" in err
        later(server, 180)
        code, err = ask(cli, server, "--batch-requests", "30")
        assert (code, ["1", "in_progress", "30", "0", "15", "done"] in rows(err)) == (3, True), err
        later(server, 1000)
        code, err = ask(cli, server, "--batch-requests", "30")
    assert code == 0
    assert ["2", "completed", "18", "18"] in rows(err)
    assert f"kept {QUERIES}" in err


def test_wait(cli: Cli) -> None:
    with batching(**{**SLOW, "tick": 200}) as server:
        done = cli(
            "generate", "samples", "--model", "any", "--base-url", server.address, "-o", "run", "--batch", "--wait",
            "--json", DATAGEN_BATCH_POLL="0.01",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["batches"] == {"made": 1, "open": 0, "waiting": 0}


def test_wait_alone_is_no_use(cli: Cli) -> None:
    done = cli("generate", "samples", "--model", "mock", "--wait")
    assert done.returncode == 2
    assert "give --batch too" in done.stderr


def test_list_asks_nobody(cli: Cli) -> None:
    with batching(**SLOW) as server:
        ask(cli, server)
        before = account(server)["calls"]
        done = cli("batch", "list", "run")
        told = json.loads(cli("batch", "list", "run", "--json").stdout)
        assert account(server)["calls"] == before
    assert done.stdout.splitlines()[1].split() == ["1", "validating", "48", "0"]
    assert told[0]["outcomes"] == {"open": 48}
    assert told[0]["state"] == "created"
    assert "48 wait in 1 open batch\n" in cli("status", "run").stdout


def test_a_run_without_batches(cli: Cli) -> None:
    cli("generate", "samples", "--model", "mock", "-o", "run", "-q")
    assert cli("batch", "list", "run").stdout == "there are no batches\n"
    assert cli("batch", "list", "nowhere").returncode == 2


def test_cancelled_batches_are_collected_and_nothing_is_submitted(cli: Cli) -> None:
    with batching(**SLOW, cancelling=10) as server:
        ask(cli, server)
        later(server, 180)
        done = cli("batch", "cancel", "run")
        assert done.returncode == 3, done.stderr
        assert "cancelling" in done.stderr
        later(server, 1000)
        done = cli("batch", "collect", "run", "--json")
        (told,) = json.loads(done.stdout)
        assert account(server)["batches"] == 1
    assert done.returncode == 0
    assert told["status"] == "cancelled"
    assert told["outcomes"].keys() == {"answered", "batch-cancelled"}
    assert sum(told["outcomes"].values()) == QUERIES
    assert "failed 0" in cli("status", "run").stdout


def test_the_key_goes_where_it_was_sent_before_on_purpose_only(cli: Cli) -> None:
    with batching(**SLOW) as server:
        ask(cli, server)
        done = cli("batch", "collect", "run", OPENAI_API_KEY="sk-secret")
        assert "OPENAI_API_KEY is not sent to" in done.stderr
        done = cli("batch", "collect", "run", "--base-url", server.address, OPENAI_API_KEY="sk-secret")
        assert "is not sent" not in done.stderr


def test_exported_and_brought_back(cli: Cli, tmp_path: Path) -> None:
    asked = (
        "generate",
        "samples",
        "--model",
        "any",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "-o",
        "run",
        "--limit",
        "1",
    )
    done = cli(*asked, "--export-batch", "requests.jsonl")
    assert done.returncode == 3, done.stderr
    assert "--import-batch" in done.stderr
    ids = [json.loads(line)["custom_id"] for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    lines = [{"custom_id": name, "response": {"status_code": 500, "body": None}, "error": None} for name in ids]
    (tmp_path / "results.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = cli(*asked, "--import-batch", "results.jsonl")
    assert done.returncode == 1, done.stderr
    assert "failed 3 (server-error 3)" in done.stderr


def test_interrupted_while_it_waits(tmp_path: Path) -> None:
    with batching(**SLOW) as server:
        process = start(server, tmp_path / "run", "--batch", "--wait")
        server.until(lambda told: "create" in told["batches"]["calls"])
        server.until(lambda told: told["batches"]["calls"].get("retrieve", 0) >= 0 and created(tmp_path / "run"))
        process.send_signal(signal.SIGINT)
        code, _out, err = finish(process)
        assert account(server)["batches"] == 1
    assert code == 130
    assert "the batches go on at the provider's" in err or "stopped" in err


def created(folder: Path) -> bool:
    with closing(sqlite3.connect(f"file:{folder / 'ledger.db'}?mode=ro", uri=True)) as db:
        return bool(db.execute("SELECT count(*) FROM batches WHERE state = 'created'").fetchone()[0])
