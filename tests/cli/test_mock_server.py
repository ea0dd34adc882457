"""`datagen mock-server` as a user starts it: its address, what it answers, what it refuses, a port that is taken."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program as Cli


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "datagen", "mock-server", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    assert process.wait(10) == 143
    process.stdout.close()


def post(address: str, body: bytes) -> dict[str, object]:
    request = urllib.request.Request(f"{address}/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_it_listens_on_this_machine_only(address: str) -> None:
    assert address.startswith("http://127.0.0.1:")


def test_the_openai_client_talks_to_it(address: str) -> None:
    import openai

    with openai.OpenAI(base_url=address, api_key="none") as client:
        answer = client.chat.completions.create(model="x", messages=[{"role": "user", "content": "A dog runs."}])
        assert answer.choices[0].finish_reason == "stop"
        assert answer.model == "datagen-mock"
        assert [model.id for model in client.models.list()] == ["datagen-mock"]


def test_a_batch_passes_through_it_by_being_looked_at(address: str) -> None:
    import openai

    body = {"model": "x", "messages": [{"role": "user", "content": "A dog runs."}]}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body}
    with openai.OpenAI(base_url=address, api_key="none", max_retries=0) as client:
        made = client.files.create(file=("in.jsonl", json.dumps(line).encode()), purpose="batch")
        batch = client.batches.create(
            input_file_id=made.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"run": "r"}
        )
        looks = 0
        while batch.status != "completed" and looks < 20:
            batch, looks = client.batches.retrieve(batch.id), looks + 1
        assert (looks, batch.metadata) == (6, {"run": "r"})
        assert batch.output_file_id is not None
        row = json.loads(client.files.content(batch.output_file_id).content)
        assert row["response"]["body"] == post(address, json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"messages": []}',
        b'{"messages": [1]}',
        b'{"model": "m", "messages": [], "stream": true}',
    ],
)
def test_what_it_cannot_use_is_a_400_in_openais_shape(address: str, body: bytes) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(address, body)
    with refused.value as error:
        assert error.code == 400
        assert json.load(error)["error"]["message"]


def test_the_same_question_has_the_same_answer_and_is_counted(address: str) -> None:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Two cats."}]}).encode()
    assert post(address, body) == post(address, body)
    with urllib.request.urlopen(address.replace("/v1", "/stats")) as answer:
        told = json.load(answer)
    assert told["repeated"] >= 1


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "datagen", "mock-server", "--port", port], capture_output=True, text=True, timeout=30
        )
    assert done.returncode == 2
    assert f"port {port} cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--latency", "soon"], "no distribution of latencies is called 'soon'"),
        (["--latency", "uniform:3"], "uniform needs shortest and longest"),
        (["--fault", "hagn=1"], "did you mean hang"),
        (["--fault", "hang"], "no rate"),
        (["--fault", "500=60%", "--fault", "502=60%"], "add up to 120.0%"),
        (["--headers-at", "answers"], "did you mean answer?"),
        (["--script", "nowhere.json"], "nowhere.json: No such file"),
        (["--script", "bad.json"], "bad.json: requests[1].fault: no fault is called 'hagn'"),
        (["--ledger", "no/where.jsonl"], "no/where.jsonl: No such file"),
        (["--rpm", "30", "--burst", "1"], "never holds a whole request"),
        (["--rpm", "0"], "--rpm"),
        (["--burst", "nan"], "burst"),
        (["--burst", "-1"], "--burst"),
        (["--speed", "1"], "No such option"),
        (["--batch-fault", "mising=1%"], "did you mean missing"),
        (["--batch-fault", "hang=1%"], "no fault of a line is called 'hang'"),
        (["--tick", "-1"], "--tick"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_way_out(
    cli: Cli, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "bad.json").write_text('["ok", {"fault": "hagn"}]')
    done = cli("mock-server", "--port", "0", *arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_the_help_names_every_fault_and_no_other(cli: Cli) -> None:
    from datagen.mockserver import behaviour as _behaviour  # noqa: F401  (registers them)
    from datagen.mockserver.batches.lines import WRONGS
    from datagen.mockserver.faults import FAULTS

    told = cli("mock-server", "--help").stdout
    free, paid = told.split("not billed:\n")[1].split("\n  all: ")[0].split("  Faults that are billed:\n")
    assert free.split() == sorted(name for name, fault in FAULTS.items() if not fault.billed)
    assert paid.split() == sorted(name for name, fault in FAULTS.items() if fault.billed)
    of_lines = told.split("an answer can have:\n")[1].split("\n\n")[0]
    assert of_lines.split() == sorted(WRONGS)


def test_all_the_flags_at_once_and_a_quiet_end_while_a_request_hangs(tmp_path: Path) -> None:
    (tmp_path / "script.json").write_text('{"requests": ["ok", "hang"], "then": "ok"}')
    process = subprocess.Popen(
        [sys.executable, "-m", "datagen", "mock-server", "--port", "0", "--latency", "exp:0.01", "--seed", "3",
         "--rpm", "600", "--tpm", "100000", "--burst", "30", "--headers-at", "admission", "--fault", "all=5%",
         "--script", "script.json", "--ledger", "ledger.jsonl", "--stock", "--batch-fault", "torn=1%", "--tick", "5"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    address = process.stdout.readline().strip()
    body = b'{"model": "m", "messages": [{"role": "user", "content": "A dog."}]}'
    request = urllib.request.Request(f"{address}/chat/completions", body)
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["x-ratelimit-limit-tokens"] == "100000"
        assert answer.headers["x-ratelimit-remaining-requests"] == "299"
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(request, timeout=0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert process.stderr.read() == "datagen: stopped\n"
    process.stdout.close()
    process.stderr.close()
    assert (tmp_path / "ledger.jsonl").read_bytes().endswith(b"\n")
