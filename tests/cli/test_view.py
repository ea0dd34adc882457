"""`datagen view` and `datagen show`: the server's life as a process, one sample on a terminal."""

from __future__ import annotations

import html
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import datagen
from tests.program import Program as Cli

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown") / "run"
    datagen.generate([ROOT / "samples"], datagen.Settings(model="mock", limit=3), folder)
    return folder


def test_show_prints_a_sample_whole(cli: Cli, run: Path) -> None:
    record = json.loads((run / "llava.json").read_text())[1]
    done = cli("show", run, record["id"])
    assert done.returncode == 0, done.stderr
    for turn in record["conversations"]:
        assert turn["value"].removeprefix("<image>\n") in done.stdout
    for words in (record["image"], "captions", "boxes", "raw reply", "1 attempt", "datagen-mock"):
        assert words in done.stdout


def test_show_gives_json_that_tells_the_same(cli: Cli, run: Path) -> None:
    record = json.loads((run / "llava.json").read_text())[1]
    told = json.loads(cli("show", run, record["id"], "--json").stdout)
    assert (told["id"], told["image"]["name"], told["state"]) == (record["id"], record["image"], "kept")
    assert told["attempts"][0]["outcome"] == "answered"
    assert json.loads(cli("show", run, told["key"], "--json").stdout) == told


@pytest.mark.parametrize("name", ["nothing", "", "0000", "000000000001-"])
def test_show_names_what_there_is_where_it_finds_none_or_many(cli: Cli, run: Path, name: str) -> None:
    done = cli("show", run, name)
    assert done.returncode == 2
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_control_byte_of_a_reply_reaches_the_terminal(cli: Cli, tmp_path: Path) -> None:
    from tests.viewer.served import completion, rewrite

    run = tmp_path / "run"
    datagen.generate([ROOT / "samples"], datagen.Settings(model="mock", limit=1), run)
    evil = "a\x1b[31mred\x1b]0;title\x07\x9b\u202eb[/red]"

    def poison(db: sqlite3.Connection) -> None:
        db.execute("UPDATE attempts SET raw = ?, message = ?", (completion(evil, model=evil), evil))
        db.execute("UPDATE contexts SET body = json_set(body, '$.captions', json_array(?))", (evil,))

    rewrite(run, poison)
    for record in _ids(run):
        done = cli("show", run, record)
        assert done.returncode == 0, done.stderr
        assert not [sign for sign in done.stdout if not sign.isprintable() and sign != "\n"]
        assert "red" in done.stdout


def _ids(run: Path) -> list[str]:
    with sqlite3.connect(run / "ledger.db") as db:
        return [row[0] for row in db.execute("SELECT id FROM queries")]


def test_view_serves_until_it_is_interrupted(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="datagen[view] is not installed")
    command = [sys.executable, "-m", "datagen", "view", str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#token=[\w-]{30,}", address)
        with urllib.request.urlopen(address.partition("#")[0] + "api/status", timeout=20) as answer:
            assert json.load(answer)["facets"]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_view_says_what_is_not_there(cli: Cli, run: Path, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="datagen[view] is not installed")
    (tmp_path / "words.json").write_text("no JSON")
    wrong: list[list[object]] = [["nowhere"], [run, "--images", "nowhere"], ["words.json", "--export", "x"]]
    wrong.append([run, "--against", "words.json"])
    for arguments in wrong:
        done = cli("view", *arguments)
        assert done.returncode in (2, 5), done
        assert "Traceback" not in done.stderr


def test_without_its_packages_it_says_how_to_get_them(cli: Cli, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.viewer.serving.find_spec", lambda name: None)
    done = cli("view", run)
    assert done.returncode == 2
    assert "pip install 'datagen[view]'" in done.stderr


def test_export_writes_pages_and_prints_where(cli: Cli, run: Path, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="datagen[view] is not installed")
    done = cli("view", run, "--export", "pages", "--share", "4")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / done.stdout.strip()).read_text("utf-8")
    kept = json.loads(page.split('id="kept">')[1].split("</script>")[0])
    assert len(kept["items"]) == len(kept["samples"]) == 4
    assert 'src="/' not in page
    assert "default-src 'none'" in html.unescape(page)
    assert all((tmp_path / "pages" / place).is_file() for place in kept["pictures"].values())


def test_a_port_that_is_taken_is_said_to_be(cli: Cli, run: Path) -> None:
    pytest.importorskip("starlette", reason="datagen[view] is not installed")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen(1)
        done = cli("view", run, "--port", holder.getsockname()[1])
    assert done.returncode == 2
    assert "give another --port" in done.stderr
