"""`datagen mock-server` as a user starts it: its address, what it answers, what it refuses, a port that is taken."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest


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
