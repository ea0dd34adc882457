"""Networks that are not there, break, stall or flood: a clear end or another try, and never more than the cap."""

from __future__ import annotations

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from shutil import which

import pytest
import tenacity

from datagen import Stopped, status
from datagen.llm import course
from datagen.mockserver.faults import parse as mix
from datagen.mockserver.latency import parse
from tests.faults.helpers import (
    QUERIES,
    adds_up,
    attempts,
    command,
    digests,
    environment,
    finish,
    run,
    script,
    serving,
    start,
)

pytestmark = pytest.mark.slow

CANARY = "sk-canary-0123456789"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two attempts at the same it waits a fiftieth of what it would."""
    monkeypatch.setattr(course, "_JITTER", tenacity.wait_random_exponential(multiplier=0.01, max=0.6))


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """The address of an HTTPS server whose certificate nobody vouches for; it fails the test if it is asked."""
    if which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *more], check=True, capture_output=True)
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)

        def log_message(self, *_told: object) -> None: ...

    class Server(HTTPServer):
        def handle_error(self, *_told: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    assert asked == [], "it went on with a certificate that nobody vouches for"


def ends_soon(tmp_path: Path, address: str, *says: str) -> None:
    """Nobody answers there: it stops, says why and how to go on, and shows no key. Nothing counts as billed."""
    with pytest.raises(Stopped) as caught:
        run(address, tmp_path / "run", attempts=2, key=CANARY, price="1,1")
    error = caught.value
    assert error.exit_code == 3
    assert "requests all failed, the last with connection" in str(error)
    assert any(word in str(error) for word in says), error
    assert "run the same command again" in error.hint
    assert CANARY not in f"{error}{error.hint}{(tmp_path / 'run' / 'rejects.jsonl').read_text()}"
    outcome = status(tmp_path / "run")
    states = outcome.states
    assert (states.kept, sum(states.failed.values()) + states.pending) == (0, QUERIES)
    assert outcome.tally["attempts"] <= 2 * (20 + 8)


def test_nobody_listens(tmp_path: Path) -> None:
    """F13: connection refused; certainly not billed."""
    ends_soon(tmp_path, "http://127.0.0.1:9/v1", "Connect")
    assert status(tmp_path / "run").spent.amount == 0


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    """F13: DNS."""
    ends_soon(tmp_path, "http://no-such-host.invalid/v1", "no-such-host.invalid")


def test_tls_to_a_port_that_speaks_none(tmp_path: Path) -> None:
    """F13: no falling back to what can be read on the way; the server sees no request."""
    with serving() as server:
        ends_soon(tmp_path, server.address.replace("http:", "https:"), "SSL", "ssl", "TLS")
        assert server.stats()["requests"] == 0


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path, self_signed: str) -> None:
    """F13: refused, and said."""
    ends_soon(tmp_path, self_signed, "certificate", "CERTIFICATE")


def test_a_proxy_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F13: the message names the proxy's address, which is where to look."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    ends_soon(tmp_path, "http://datagen.invalid/v1", "127.0.0.1:9")


def test_a_server_that_is_not_there_in_a_real_process(tmp_path: Path) -> None:
    """F12 and F13: code 3, within the patience of whoever looks on."""
    code, out, err = finish(start("http://127.0.0.1:9/v1", tmp_path / "run", "--attempts", "1"), 60)
    assert code == 3, err
    assert "connection" in err
    assert "hint: " in err
    assert out == ""


def test_the_key_is_nowhere(tmp_path: Path) -> None:
    """F13 and F11: not in what a run prints and keeps, whether it goes well or its key is refused."""
    for then in ("ok", "401"):
        folder = tmp_path / then
        with serving(script=script(then=then)) as server:
            process = start(server, folder, env=environment(OPENAI_API_KEY=CANARY))
            code, out, err = finish(process)
        assert code == (0 if then == "ok" else 4), err
        assert CANARY not in out + err
        for path in folder.rglob("*"):
            assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("fault", ["hang", "drop-after"])
def test_what_may_have_been_billed_keeps_its_money_aside(tmp_path: Path, calm: dict[str, str], fault: str) -> None:
    """F14: the outcome is unknown, counted, asked again, and its reservation stays for good."""
    with serving(script=script("ok", {"fault": fault, "times": 5})) as server:
        outcome = run(server, tmp_path / "run", timeout=0.5, price="1,2", max_tokens=500)
        told = server.at_rest()
    adds_up(outcome, told)
    assert outcome.states.kept == QUERIES
    assert outcome.tally["unknown"] == told["undelivered"] == told["repeated"] == 5
    assert told["repeated_after_delivery"] == 0
    assert told["billed"] == QUERIES + 5
    rows = attempts(tmp_path / "run", "outcome", "reason", "reserved", "cost")
    unknown = [row for row in rows if row[0] == "unknown"]
    assert {reason for _, reason, _, _ in unknown} == {"timeout" if fault == "hang" else "connection"}
    assert all(reserved > 0 and cost is None for _, _, reserved, cost in unknown)
    assert outcome.spent.held == sum(reserved for _, _, reserved, _ in unknown)
    assert billed_dollars(told) <= outcome.spent.amount / 1e12


def billed_dollars(told: dict[str, int]) -> float:
    """By the server's account, at a dollar for a million tokens of prompts and two for replies."""
    return (told["prompt_tokens"] + 2 * told["completion_tokens"]) / 1e6


@pytest.mark.parametrize("concurrency", [2, 5, 32])
@pytest.mark.parametrize("fault", ["hang=40%", "drop-after=40%", "truncate=40%"])
def test_never_more_than_the_cap(tmp_path: Path, concurrency: int, fault: str) -> None:
    """F14, `--max-cost`: whatever breaks, and however many are on their way; the second start has no more."""
    given = {"timeout": 0.2, "price": "1,2", "max_tokens": 500, "max_cost": 0.1, "concurrency": concurrency}
    with serving(faults=mix([fault]), latency=parse("0.01")) as server:
        for _start in range(2):
            with pytest.raises(Stopped, match="--max-cost") as caught:
                run(server, tmp_path / "run", **given)
            told = server.at_rest()
            outcome = status(tmp_path / "run")
            adds_up(outcome, told)
            assert outcome.spent.amount <= 0.1e12
            rows = attempts(tmp_path / "run", "outcome", "reserved", "cost")
            assert sum(aside if word == "unknown" else cost or 0 for word, aside, cost in rows) <= 0.1e12
            assert 0 < billed_dollars(told) <= 0.1
        assert "--max-cost" in caught.value.hint
        assert outcome.states.pending > 0
        if not fault.startswith("hang"):  # which takes its time
            outcome = run(server, tmp_path / "run", **{**given, "max_cost": 50.0, "attempts": 20})
            adds_up(outcome, server.at_rest())
            assert outcome.states.kept == QUERIES


BROKEN = {
    "truncate": ("failed", "not-a-completion", "no JSON"),
    "html": ("failed", "not-a-completion", "no JSON"),
    "empty": ("unknown", "not-a-completion", "no JSON"),  # nothing came that could be read again
    "short": ("unknown", "connection", ""),
    "slow-loris": ("unknown", "timeout", "no whole answer in 1 seconds"),
    "huge": ("unknown", "connection", "larger than 32 MiB"),
    "gzip-bomb": ("unknown", "connection", "larger than 32 MiB"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_is_asked_for_again(tmp_path: Path, calm: dict[str, str], fault: str) -> None:
    """F15: each by its class; all are kept in the end, and each was billed as often as it was sent."""
    word, reason, says = BROKEN[fault]
    with serving(script=script("ok", {"fault": fault, "times": 3})) as server:
        outcome = run(server, tmp_path / "run", timeout=1, concurrency=4)
        told = server.at_rest()
    adds_up(outcome, told)
    assert (told["requests"], told["billed"], told["repeated"]) == (QUERIES + 3, QUERIES + 3, 3)
    assert told["repeated_after_delivery"] == 0
    assert outcome.tally[word] == 3
    rows = attempts(tmp_path / "run", "outcome", "reason", "message", "raw")
    assert all(reason == row[1] and says in row[2] for row in rows if row[0] == word)
    if word == "failed":
        assert all(row[3] is not None for row in rows if row[0] == word), "what came is kept"
    assert digests(tmp_path / "run") == calm


@pytest.mark.parametrize("fault", ["huge", "gzip-bomb"])
def test_a_flood_does_not_fill_the_memory(tmp_path: Path, fault: str) -> None:
    """F15: two at a time, more than 40 MiB each; the process stays below 200 MB."""
    with serving(script=script({"fault": fault, "times": 4})) as server:
        measured = (
            "import resource, subprocess, sys\nprocess = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
            "print(process.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        asked = [sys.executable, "-c", measured, *command(server, tmp_path / "run", "--concurrency", "2")]
        done = subprocess.run(asked, env=environment(), capture_output=True, text=True, timeout=100)
        told = server.at_rest()
    code, kilobytes = map(int, done.stdout.split())
    assert code == 0, done.stderr
    assert told["billed"] == QUERIES + 4
    assert kilobytes < 200_000, "as Linux counts it"
