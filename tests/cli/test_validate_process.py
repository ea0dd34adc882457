"""`datagen validate` where only a process shows it: stdin, closed pipes, Ctrl-C, a full disk, memory."""

from __future__ import annotations

import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.checks.examples import record
from tests.faults.helpers import environment

Write = Callable[[str, Any], Path]
DATAGEN = [sys.executable, "-m", "datagen", "validate"]
BAD = record(answer="It runs.</s>")


def run(folder: Path, *arguments: object, limit: int = 0, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """It in a process, perhaps on a disk that has room for so many bytes a file."""

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    asked = [*DATAGEN, *map(str, arguments)]
    return subprocess.run(
        asked, cwd=folder, env=environment(), input=stdin, capture_output=True, timeout=100,
        preexec_fn=full if limit else None,
    )  # fmt: skip


def many(path: Path, megabytes: int) -> Path:
    """A file of that size, with something to say of a few records."""
    text = "The dog is running after a ball across the field, and two people watch it. " * 8
    with path.open("w") as file:
        for at in range(megabytes * 1200):
            token = "</s>" * (at % 50 == 0)
            one = record(id=f"a-{at}", question=f"<image>\nWhat is in {at}?", answer=f"{at}. {text}{token}x")
            file.write(json.dumps(one) + "\n")
    return path


@pytest.mark.slow
def test_what_comes_on_stdin_is_read(tmp_path: Path) -> None:
    for text in (json.dumps([BAD]), json.dumps(BAD), json.dumps({"data": [BAD]})):
        done = run(tmp_path, "-", stdin=text.encode())
        assert (done.returncode, done.stderr) == (1, b"")
        assert done.stdout.startswith(b"-:1: [000000033471-conversation-0] ")
    assert run(tmp_path, "-", "-", "--fix", "b.json", stdin=json.dumps([BAD]).encode()).returncode == 0
    assert json.loads((tmp_path / "b.json").read_bytes())[0]["conversations"][1]["value"] == "It runs."
    done = run(tmp_path, "-")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"datagen: -: is empty")


@pytest.mark.slow
def test_closed_streams_are_no_tracebacks(tmp_path: Path, write: Write) -> None:
    write("a.json", [BAD])
    for closed, code in (("- <&-", 2), ("a.json >&-", 1), ("a.json 2>&-", 1), ("a.json > /dev/full", 2)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {' '.join(DATAGEN)} {closed}"],
            cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert done.returncode == code, closed


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path, write: Write, jobs: str) -> None:
    write("a.json", [{**BAD, "id": str(at)} for at in range(5000)])
    with subprocess.Popen(
        [*DATAGEN, "a.json", "--all", "--jobs", jobs],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"a.json:1:")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(100) == 141


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_told_and_leaves_no_process(tmp_path: Path, jobs: str, number: signal.Signals) -> None:
    path = many(tmp_path / "a.jsonl", 12)
    with subprocess.Popen(
        [*DATAGEN, path, "--all", "--jobs", jobs], env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()  # it is at work
        os.killpg(process.pid, number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert err == b"datagen: stopped\n"
    assert gone(process.pid)


@pytest.mark.slow
def test_processes_whose_parent_is_killed_end_by_themselves(tmp_path: Path) -> None:
    path = many(tmp_path / "a.jsonl", 12)
    with subprocess.Popen(
        [*DATAGEN, path, "--all", "--jobs", "3"], env=environment(), stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert gone(process.pid)


def gone(session: int) -> bool:
    """Whether no process of a session is left at work."""
    for _ in range(100):
        stats = [entry / "stat" for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        left = [state for state, group in map(_state, stats) if group == session and state not in "ZX"]
        if not left:
            return True
        time.sleep(0.1)
    return False


def _state(stat: Path) -> tuple[str, int]:
    try:
        words = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return words[0], int(words[3])


@pytest.mark.slow
def test_what_becomes_of_another_process_is_spoken_of() -> None:
    from datagen.errors import SetupError
    from datagen.workers import in_order

    with pytest.raises(SetupError, match="was killed"):
        list(in_order(range(10_000), _dies_elsewhere, os.getpid(), 2))
    with pytest.raises(ZeroDivisionError) as caught:
        list(in_order(range(10_000), _divides_elsewhere, os.getpid(), 2))
    assert "told // piece" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError):
        list(in_order([1, 0], _divides, 6, 2))
    assert list(in_order(range(1, 7), _divides, 60, 3)) == [(at, 60 // at) for at in range(1, 7)]


@pytest.mark.slow
def test_others_take_their_share_and_all_stays_in_order() -> None:
    from datagen.workers import in_order

    done = list(in_order(range(300), _slowly, None, 3))
    assert [piece for piece, _ in done] == list(range(300))
    assert len({process for _, process in done}) == 3


def _slowly(_told: None) -> Callable[[int], int]:
    def work(_piece: int) -> int:
        time.sleep(0.03)
        return os.getpid()

    return work


def _dies_elsewhere(here: int) -> Callable[[int], None]:
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return lambda _piece: time.sleep(0.01)


def _divides_elsewhere(here: int) -> Callable[[int], None]:
    def work(_piece: int) -> None:
        time.sleep(0.01)
        _divides(1)(0 if os.getpid() != here else 1)

    return work


def _divides(told: int) -> Callable[[int], int]:
    return lambda piece: told // piece


@pytest.mark.slow
@pytest.mark.parametrize("flags", [["--fix", "b.jsonl"], ["--fix", "a.jsonl", "--in-place"], ["--out", "b.jsonl"]])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, flags: list[str]) -> None:
    path = many(tmp_path / "a.jsonl", 1)
    (tmp_path / "b.jsonl").write_text("old")
    before = path.read_bytes()
    done = run(tmp_path, "a.jsonl", "--all", *flags, limit=30_000)
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)
    assert f"{flags[1]}: cannot be written: File too large".encode() in done.stderr
    assert path.read_bytes() == before
    assert (tmp_path / "b.jsonl").read_text() == "old"
    assert {each.name for each in tmp_path.iterdir()} == {"a.jsonl", "b.jsonl"}


PEAK = "import sys\nfrom pathlib import Path\nfrom datagen.cli import main\ntry:\n    main()\nfinally:\n"
PEAK += "    print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0], file=sys.stderr)\n"
"""Not by getrusage, which counts what the process was forked from too."""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["lines", "array", "gzip"])
def test_memory_does_not_follow_the_size(tmp_path: Path, form: str) -> None:
    path = many(tmp_path / "a.jsonl", 40)
    data = path.read_bytes()
    assert len(data) > 30 << 20
    if form != "lines":
        path = tmp_path / "a.json"
        data = b"[" + data.strip().replace(b"\n", b",\n") + b"]"
        path.write_bytes(gzip.compress(data, 1) if form == "gzip" else data)
    asked = [sys.executable, "-c", PEAK, "validate", str(path), "--ignore", "Q"]
    done = subprocess.run(asked, env=environment(), capture_output=True, text=True, timeout=110)
    assert done.returncode == 1
    assert int(done.stderr.split()[-1]) <= 100 << 10
