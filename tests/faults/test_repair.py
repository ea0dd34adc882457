"""Bad replies shown to the model again: which request each query meets, what the ledger says of it, and its cost."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import tenacity

from datagen.errors import ProviderError, Stopped
from datagen.jobs import _Mender
from datagen.llm import course, wire
from datagen.pipeline import rebuild
from datagen.plan import composers_for
from datagen.prompting.folder import load_tasks
from datagen.run import Run
from datagen.schema import Request
from datagen.settings import Settings
from tests.faults.helpers import (
    Server,
    adds_up,
    attempts,
    digests,
    finish,
    left,
    run,
    script,
    serving,
    start,
)
from tests.program import Program as Cli

ONE: dict[str, Any] = {"limit": 1, "task": ("conversation",), "concurrency": 1}
BAD, OK = "garbled", "ok"
LONG = {"status": 400, "body": "This model's maximum context length is 4096 tokens"}


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two attempts at the same it waits a fiftieth of what it would."""
    monkeypatch.setattr(course, "_JITTER", tenacity.wait_random_exponential(multiplier=0.01, max=0.6))


def met(server: Server) -> str:
    """Which request came, in order: `q` the query's own, another letter for each other one."""
    letters: dict[str, str] = {}
    keys = [event["key"] for event in server.events("accepted", "refused")]
    return "".join(letters.setdefault(key, "qrstuv"[len(letters)]) for key in keys)


@pytest.mark.parametrize(
    ("told", "repair", "allowed", "requests", "kept", "reason"),
    [
        ([BAD, OK], 0, 5, "qq", 1, None),
        ([BAD, OK], 1, 5, "qr", 1, None),
        ([BAD, BAD, BAD, OK], 1, 5, "qrqq", 1, None),
        ([BAD, BAD, OK], 2, 5, "qrr", 1, None),
        ([BAD, "length", OK], 2, 5, "qrq", 1, None),
        ([BAD, BAD, OK], 3, 2, "qr", 0, "grammar"),
        ([BAD, OK], 3, 1, "q", 0, "grammar"),
        (["refusal", OK], 3, 5, "qq", 1, None),
        (["length", OK], 3, 5, "qq", 1, None),
        (["null", BAD, OK], 3, 5, "qqr", 1, None),
        ([BAD, "500", "429", OK], 1, 5, "qrrr", 1, None),
        ([BAD, LONG, OK], 3, 5, "qrq", 1, None),
    ],
)  # fmt: skip
def test_what_is_sent_after_a_bad_reply(
    tmp_path: Path, told: list[Any], repair: int, allowed: int, requests: str, kept: int, reason: str | None
) -> None:
    """The ledger tells the same as the server, and a finished run started again sends nothing."""
    with serving(script=script(*told)) as server:
        outcome = run(server, tmp_path / "run", repair=repair, attempts=allowed, **ONE)
        adds_up(outcome, server.at_rest())
        assert met(server) == requests
        assert (outcome.states.kept, outcome.states.rejected) == (kept, {reason: 1} if reason else {})
        rows = attempts(tmp_path / "run", "sha256")
        keys = [event["key"] for event in server.events("accepted", "refused")]
        known = [sha and sha[:16] for (sha,) in rows]
        assert known == [None if letter == "q" else key for letter, key in zip(requests, keys, strict=True)]
        assert outcome.tally["repairs"] == len(requests) - requests.count("q")
        assert outcome.states.repaired == (kept and requests[-1] != "q")
        run(server, tmp_path / "run", repair=3, attempts=allowed, **ONE)
        assert server.at_rest()["requests"] == len(requests)


def test_every_second_reply_is_bad_and_all_records_are_as_in_a_calm_run(tmp_path: Path, cli: Cli) -> None:
    """The mock mends what it is asked to, and what is made of it is told as what it is."""
    with serving() as server:
        run(server, tmp_path / "calm", limit=8)
    with serving(script=script(*[OK, BAD, OK] * 12)) as server:
        outcome = run(server, tmp_path / "run", limit=8, repair=1, concurrency=1)
        adds_up(outcome, server.at_rest())
    assert (outcome.states.kept, outcome.states.repaired, outcome.tally["repairs"]) == (24, 12, 12)
    made, calm = digests(tmp_path / "run"), digests(tmp_path / "calm")
    assert {name for name in made if made[name] != calm[name]} == {"provenance.jsonl"}
    lines = [json.loads(line) for line in (tmp_path / "run" / "provenance.jsonl").read_text().splitlines()]
    sent = {sha for (sha,) in attempts(tmp_path / "run", "sha256") if sha}
    assert {line["request_sha256"] for line in lines if line["repaired"]} == sent
    assert sum(line["repaired"] for line in lines) == len(sent) == 12
    assert all(line["repaired"] != line["query_id"].endswith(line["request_sha256"][:8]) for line in lines)
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["repaired"] == 12
    done = cli("status", tmp_path / "run")
    assert "kept 24 (repaired 12) ·" in done.stdout
    assert "36 attempts (24 answered, 12 bad replies, 12 repairs)" in done.stdout
    assert json.loads(cli("status", tmp_path / "run", "--json").stdout)["repaired"] == 12
    rebuild(tmp_path / "run")
    assert digests(tmp_path / "run") == made


def composed(folder: Path, settings: Settings) -> list[Request]:
    """What a repair of each bad reply that the ledger holds would be."""
    with Run.look(folder) as opened:
        tasks = load_tasks(opened.prompts, settings.task)
        composers = composers_for(tasks, settings)
        rows = attempts(folder, "outcome", "raw")
        (answer,) = opened.ledger.answers()
        mender = _Mender(answer.query, tasks[0], composers[tasks[0].name], 9)
        made = [mender(wire.read(answer.query.id, raw)) for outcome, raw in rows if outcome == "spoiled"]
    return [request for request in made if request is not None]


def test_the_bytes_can_be_told_from_the_ledger_and_are_what_was_set_aside_for(tmp_path: Path) -> None:
    given = {**ONE, "price": "1,2", "max_tokens": 2000, "repair": 1}
    with serving(script=script(BAD, OK)) as server:
        run(server, tmp_path / "run", **given)
        (request,) = composed(tmp_path / "run", Settings(model="any", base_url=server.address, **given))
        told = server.at_rest()
    own, repair = attempts(tmp_path / "run", "sha256", "reserved", "cost")
    assert repair[0] == request.sha256 == hashlib.sha256(request.body).hexdigest()
    assert repair[1] == (len(request.body) + 2 * 2000) * 10**6 > own[1]
    assert own[2] + repair[2] == (told["prompt_tokens"] + 2 * told["completion_tokens"]) * 10**6
    last = request.payload()["messages"][-1]["content"]
    assert last.startswith("Your reply cannot be used:\n- reply: It does not have the form that was asked for. ")


def test_thoughts_are_not_shown_again(tmp_path: Path) -> None:
    """As chat templates have it: what stands before `</think>` is no part of the dialogue."""
    message = {"role": "assistant", "content": "<think>secret</think>A dog<|im_end|> runs."}
    thought = {"status": 200, "body": {"model": "m", "choices": [{"message": message, "finish_reason": "stop"}]}}
    with serving(script=script(thought, OK)) as server:
        run(server, tmp_path / "run", repair=1, **ONE)
        (request,) = composed(tmp_path / "run", Settings(model="any", base_url=server.address, **ONE))
    assert attempts(tmp_path / "run", "sha256")[1] == (request.sha256,)
    assert request.payload()["messages"][-2] == {"role": "assistant", "content": "A dog< |im_end|> runs."}
    assert b"secret" not in request.body


def test_a_cap_holds_for_repairs_which_are_longer_and_a_higher_one_goes_on_with_them(tmp_path: Path) -> None:
    given = {**ONE, "price": "1,0", "max_tokens": 2000, "repair": 1}
    with serving(script=script(BAD)) as server:
        run(server, tmp_path / "first", **given)
        own, repair = (reserved / 10**12 for (reserved,) in attempts(tmp_path / "first", "reserved"))
        cost = attempts(tmp_path / "first", "cost")[0][0] / 10**12
        server.reset()
        with pytest.raises(Stopped, match="one more request could cost"):
            run(server, tmp_path / "run", max_cost=cost + (own + repair) / 2, **given)
        assert met(server) == "q"
        outcome = run(server, tmp_path / "run", max_cost=cost + repair, **given)
        assert met(server) == "qr"
    assert (outcome.states.kept, outcome.states.repaired) == (1, 1)


def test_a_repair_that_the_provider_never_took_is_sent_when_it_does(tmp_path: Path) -> None:
    with serving(script=script(BAD, {"status": 402, "body": "Payment required"}, OK)) as server:
        with pytest.raises(ProviderError):
            run(server, tmp_path / "run", repair=1, **ONE)
        outcome = run(server, tmp_path / "run", repair=1, **ONE)
        assert met(server) == "qrr"
    assert outcome.states.repaired == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "killed", "requests"),
    [([BAD], 2, "qrrq"), ([BAD, BAD], 3, "qrqq")],
    ids=["in the repair", "after it"],
)
def test_kill_9_in_the_middle_of_a_repair(tmp_path: Path, before: list[str], killed: int, requests: str) -> None:
    """What was answered stays, the repair that was on its way is sent again, and one that was answered is used up."""
    folder = tmp_path / "run"
    slow = {"fault": OK, "latency": 3}
    with serving(script=script(*before, slow, *[BAD] * (2 - len(before)))) as server:
        more = ["--repair", "1", "--limit", "1", "-t", "conversation", "--concurrency", "1"]
        process = start(server, folder, *more)
        server.until(lambda told: told["requests"] == killed and told["in_flight"] == 1)
        process.kill()
        finish(process)
        found = left(folder)
        assert (len(found.open), len(found.answers), found.attempts) == (1, 0, killed)
        outcome = run(server, folder, repair=1, **ONE)
        assert met(server) == requests
        adds_up(outcome, server.at_rest())
        made = digests(folder)
        run(server, folder, repair=1, **ONE)
        assert server.at_rest()["requests"] == len(requests)
    assert (outcome.states.kept, outcome.tally["unknown"]) == (1, 1)
    assert outcome.tally["repairs"] == requests.count("r")
    rebuild(folder)
    assert digests(folder) == made


def test_the_setting_may_stand_anywhere_and_is_none_of_the_plan_s(tmp_path: Path, cli: Cli) -> None:
    with serving(script=script(BAD, OK, BAD, OK)) as server:
        asked = ["generate", "samples", "--model", "any", "--base-url", server.address, "--limit", "1"]
        asked += ["-t", "conversation", "--concurrency", "1"]
        (tmp_path / "datagen.toml").write_text("repair = 1\n")
        done = cli(*asked, "-o", "run")
        assert "kept 1 (repaired 1)" in done.stderr
        done = cli(*asked, "-o", "run", DATAGEN_REPAIR="2")
        assert done.returncode == 0, done.stderr
        assert server.at_rest()["requests"] == 2
        assert "kept 1 · " in cli(*asked, "-o", "other", "--repair", "0").stderr
        assert "--repair: input should be less than or equal to 3" in cli(*asked, "--repair", "4").stderr
