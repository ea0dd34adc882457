"""Real processes, a real server, real signals: what was answered is never lost, and never asked twice."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from datagen.ledger import Ledger

ROOT = Path(__file__).resolve().parents[1]


def start(folder: Path, inputs: list[Path], address: str, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "datagen", "generate", *map(str, inputs), "--model", "any", "--base-url", address]
    return subprocess.Popen(
        [*command, "-o", str(folder), "--concurrency", "16", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def finish(process: subprocess.Popen[str], timeout: float = 300) -> tuple[int, str]:
    _out, err = process.communicate(timeout=timeout)
    return process.returncode, err


def stats(address: str) -> dict[str, int]:
    with urllib.request.urlopen(address.replace("/v1", "/stats")) as answer:
        return json.load(answer)


def counted(address: str) -> dict[str, int]:
    told = stats(address)
    return {name: told[name] for name in ("requests", "billed", "repeated")}


def answered(folder: Path) -> int:
    if not (folder / "ledger.db").exists():
        return 0
    ledger = Ledger(folder / "ledger.db", writable=False)
    try:
        return ledger.tally().get("answered", 0)
    finally:
        ledger.close()


def attempts(folder: Path) -> int:
    ledger = Ledger(folder / "ledger.db", writable=False)
    try:
        return ledger.tally()["attempts"]
    finally:
        ledger.close()


def wait_until_answered(folder: Path, count: int) -> None:
    for _ in range(3000):
        try:
            if answered(folder) >= count:
                return
        except Exception:  # the ledger is just being made
            pass
        time.sleep(0.01)
    raise AssertionError(f"never came to {count} answers")


def files(folder: Path) -> dict[str, str]:
    names = ("llava.json", "messages.jsonl", "rejects.jsonl", "provenance.jsonl")
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


class _serving:
    """A mock server in its own process."""

    def __init__(self, *arguments: str) -> None:
        self.arguments = arguments

    def __enter__(self) -> str:
        command = [sys.executable, "-m", "datagen", "mock-server", "--port", "0", *self.arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __exit__(self, *_exc: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def kill_until_done(folder: Path, inputs: list[Path], address: str, kills: int, seed: int) -> int:
    """Start the same command, kill it at random, until it ends by itself; returns how many kills hit."""
    rng = random.Random(seed)
    hit = 0
    for _ in range(kills):
        process = start(folder, inputs, address)
        before = answered(folder)
        try:
            wait_until_answered(folder, before + rng.randint(1, 12))
        finally:
            process.kill()
        hit += process.wait() == -signal.SIGKILL
        process.communicate()
    code, err = finish(start(folder, inputs, address))
    assert code == 0, err
    return hit


def test_killed_again_and_again_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    inputs = [ROOT / "samples"]
    with _serving() as address:
        code, err = finish(start(tmp_path / "calm", inputs, address))
        assert code == 0, err
    with _serving("--latency", "0.1") as address:
        hit = kill_until_done(tmp_path / "killed", inputs, address, kills=3, seed=1)
        assert hit >= 2
        billed = stats(address)
    assert files(tmp_path / "killed") == files(tmp_path / "calm")
    assert billed["billed"] <= 48 + 16 * hit, "re-sent is at most what was in flight"
    ledger = Ledger(tmp_path / "killed" / "ledger.db", writable=False)
    tally = ledger.tally()
    ledger.close()
    assert tally["answered"] == 48
    assert billed["billed"] <= tally["attempts"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_on_real_input_killed_in_the_middle(tmp_path: Path, shared_data: Path) -> None:
    names = ("captions_val2017_2000.json.gz", "instances_val2017_2000_boxes.json.gz")
    inputs = [shared_data / "coco" / name for name in names]
    with _serving("--latency", "0.02") as address:
        code, err = finish(start(tmp_path / "calm", inputs, address))
        assert code == 0, err
        assert counted(address) == {"requests": 6000, "billed": 6000, "repeated": 0}
    with _serving("--latency", "0.02") as address:
        process = start(tmp_path / "killed", inputs, address)
        wait_until_answered(tmp_path / "killed", 2000)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        process.communicate()
        before = answered(tmp_path / "killed")
        assert 2000 <= before < 6000
        code, err = finish(start(tmp_path / "killed", inputs, address))
        assert code == 0, err
        assert stats(address)["repeated"] <= 16
    assert files(tmp_path / "killed") == files(tmp_path / "calm")
    assert len(json.loads((tmp_path / "killed" / "llava.json").read_text())) == 6000


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_told_to_stop_it_keeps_what_came_and_says_how_to_go_on(tmp_path: Path, number: int, code: int) -> None:
    inputs = [ROOT / "samples"]
    with _serving("--latency", "0.2") as address:
        process = start(tmp_path / "run", inputs, address, "--concurrency", "4")
        wait_until_answered(tmp_path / "run", 4)
        process.send_signal(number)
        ended, err = finish(process, 30)
        assert ended == code, err
        assert "Traceback" not in err
        assert "to go on: datagen generate" in err
        kept = len(json.loads((tmp_path / "run" / "llava.json").read_text()))
        assert 4 <= kept < 48
        sent = stats(address)["requests"]
        assert sent == kept, "nothing that was sent is thrown away"
        ended, err = finish(start(tmp_path / "run", inputs, address, "--concurrency", "48"))
        assert ended == 0, err
        assert counted(address) == {"requests": 48, "billed": 48, "repeated": 0}


def test_what_is_not_waited_for_is_said(tmp_path: Path) -> None:
    from datagen import Settings, Silent, generate

    said: list[str] = []

    class Impatient(Silent):
        def say(self, message: str) -> None:
            said.append(message)

        def tick(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    with _serving("--latency", "20") as address:
        settings = Settings(model="any", base_url=address, concurrency=3, grace=0.1)
        outcome = generate([ROOT / "samples"], settings, tmp_path / "run", observer=Impatient())
    assert outcome.interrupted == signal.SIGINT
    assert said[-1] == "3 requests were sent and not waited for; they may have been billed"
    assert outcome.tally["unknown"] == 3
    assert outcome.states.pending == 48


def test_a_server_that_was_mended_is_asked_again(tmp_path: Path) -> None:
    inputs = [ROOT / "samples"]
    with _serving() as address:  # a wrong address answers 404, which stops the run at once
        code, err = finish(start(tmp_path / "run", inputs, address.replace("/v1", "/v2")))
        assert code == 4, err
        assert "no such model or address" in err
        code, err = finish(start(tmp_path / "run", inputs, address))
        assert code == 0, err
    assert answered(tmp_path / "run") == 48


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with _serving("--latency", "30") as address:
        process = start(tmp_path / "run", [ROOT / "samples"], address)
        for _ in range(1000):
            if stats(address)["requests"]:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        ended, err = finish(process, 5)
    assert ended == 130
    assert "Traceback" not in err


def test_a_server_that_is_not_there_ends_with_code_3_and_a_way_on(tmp_path: Path) -> None:
    process = start(tmp_path / "run", [ROOT / "samples"], "http://127.0.0.1:9/v1", "--attempts", "1")
    code, err = finish(process, 60)
    assert code == 3, err
    assert "connection" in err
    assert "hint: " in err
    assert "Traceback" not in err


def test_a_full_disk_ends_with_code_5_and_loses_no_answer(tmp_path: Path) -> None:
    with _serving() as address:
        command = [sys.executable, "-m", "datagen", "generate", str(ROOT / "samples"), "--model", "any",
                   "--base-url", address, "-o", str(tmp_path / "run")]  # fmt: skip
        limited = (
            "import os, resource, signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        done = subprocess.run([sys.executable, "-c", limited, *command], capture_output=True, text=True)
        assert done.returncode == 5, done.stderr
        assert "Traceback" not in done.stderr
        before, opened = answered(tmp_path / "run"), attempts(tmp_path / "run")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert answered(tmp_path / "run") == 48
        assert stats(address)["billed"] <= 48 + opened - before, (
            "only what was open when the disk was full is asked again"
        )


def test_the_key_is_nowhere(tmp_path: Path) -> None:
    canary = "sk-canary-0123456789"
    with _serving() as address:
        done = subprocess.run(
            [sys.executable, "-m", "datagen", "generate", str(ROOT / "samples"), "--model", "any",
             "--base-url", address, "-o", str(tmp_path / "run")],
            env={**os.environ, "OPENAI_API_KEY": canary}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert canary not in done.stdout + done.stderr
    for path in (tmp_path / "run").rglob("*"):
        assert not path.is_file() or canary.encode() not in path.read_bytes(), path
