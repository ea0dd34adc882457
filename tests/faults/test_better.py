"""Good replies that say what is not so, shown to the model again: what is sent, and that the better one stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tenacity

from datagen.examine import strictness
from datagen.jobs import _Asked, _Mender
from datagen.ledger import Ending, Sending
from datagen.llm import course, wire
from datagen.pipeline import rebuild
from datagen.plan import composers_for
from datagen.prompting.folder import load_tasks
from datagen.run import Run
from datagen.schema import Request
from datagen.settings import Settings
from tests.faults.helpers import adds_up, attempts, digests, finish, left, run, script, serving, start
from tests.faults.test_repair import LONG, met

ONE: dict[str, Any] = {"limit": 1, "task": ("conversation",), "concurrency": 1}


def said(*pairs: tuple[str, str]) -> dict[str, Any]:
    """A reply with these questions and answers."""
    text = "\n===\n".join(f"Question:\n{question}\n===\nAnswer:\n{answer}" for question, answer in pairs)
    return {"status": 200, "body": body(text)}


def body(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"model": "m", "choices": [{"message": message, "finish_reason": "stop"}]}


COUNT, THERE = "How many boats are there?", "Is there a person?"
TRUE = said((COUNT, "There are three boats."), (THERE, "Yes, a man stands on the pier."))
HALF = said((COUNT, "There are five boats."), (THERE, "Yes, a man stands on the pier."))
WRONG = said((COUNT, "There are five boats."), (THERE, "No, there is no person in the picture."))
BAD = "garbled"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "_JITTER", tenacity.wait_random_exponential(multiplier=0.01, max=0.6))


def provenance(folder: Path) -> dict[str, Any]:
    (line,) = (folder / "provenance.jsonl").read_text().splitlines()
    told: dict[str, Any] = json.loads(line)
    return told


def repair_of(folder: Path, settings: Settings) -> Request:
    """What the repair of the first reply was."""
    with Run.look(folder) as opened:
        (task,) = load_tasks(opened.prompts, settings.task)
        (answer,) = opened.ledger.answers()
        (first,) = opened.ledger.replies(answer.query.id)
        asked = _Asked({task.name: task}, composers_for([task], settings), strictness(settings, opened.ledger.boxed))
    mender = _Mender(answer.query, task, asked.composers[task.name], 9, asked.look(answer.query))
    request = mender(wire.read(answer.query.id, first))
    assert request is not None
    return request


@pytest.mark.parametrize(
    ("told", "given", "requests", "contradicted", "repaired"),
    [
        ([WRONG], {"repair": 0}, "q", 2, False),
        ([TRUE], {"repair": 1}, "q", 0, False),
        ([WRONG, TRUE], {"repair": 1}, "qr", 0, True),
        ([WRONG, HALF], {"repair": 1}, "qr", 1, True),
        ([WRONG, HALF, TRUE], {"repair": 2}, "qrs", 0, True),
        ([HALF, WRONG, TRUE], {"repair": 3}, "qr", 1, False),
        ([HALF, HALF, TRUE], {"repair": 3}, "qr", 1, False),
        ([HALF, BAD, TRUE], {"repair": 3}, "qr", 1, False),
        ([HALF, "refusal"], {"repair": 1}, "qr", 1, False),
        ([HALF, LONG, TRUE], {"repair": 1}, "qr", 1, False),
        ([HALF, "500", TRUE], {"repair": 1}, "qrr", 0, True),
        ([HALF, "500", "500", TRUE], {"repair": 1, "attempts": 3}, "qrr", 1, False),
        ([HALF, TRUE], {"repair": 1, "attempts": 1}, "q", 1, False),
        ([BAD, HALF, TRUE], {"repair": 2}, "qrs", 0, True),
        ([BAD, HALF, TRUE], {"repair": 1}, "qr", 1, True),
    ],
)  # fmt: skip
def test_the_better_of_the_two_stays(
    tmp_path: Path, told: list[Any], given: dict[str, int], requests: str, contradicted: int, repaired: bool
) -> None:
    """It is kept whatever comes of the repair, and a finished run started again sends nothing."""
    with serving(script=script(*told)) as server:
        outcome = run(server, tmp_path / "run", **given, **ONE)
        adds_up(outcome, server.at_rest())
        assert met(server) == requests
        assert (outcome.states.kept, outcome.states.repaired) == (1, repaired)
        assert outcome.claims.claims.contradicted == contradicted
        line = provenance(tmp_path / "run")
        assert (line["grounding"]["contradicted"], line["repaired"]) == (contradicted, repaired)
        assert [outcome for (outcome,) in attempts(tmp_path / "run", "outcome")].count("answered") == 1
        made = digests(tmp_path / "run")
        if "attempts" not in given:  # a repair that nobody took is worth another try, later
            run(server, tmp_path / "run", **given, **ONE)
            assert server.at_rest()["requests"] == len(requests)
    rebuild(tmp_path / "run")
    assert digests(tmp_path / "run") == made


def test_the_finding_is_quoted(tmp_path: Path) -> None:
    with serving(script=script(WRONG, TRUE)) as server:
        run(server, tmp_path / "run", repair=1, **ONE)
        settings = Settings(model="any", base_url=server.address, **ONE)
    request = repair_of(tmp_path / "run", settings)
    assert attempts(tmp_path / "run", "sha256")[1] == (request.sha256,)
    *_, shown, told = request.payload()["messages"]
    assert shown["content"] == WRONG["body"]["choices"][0]["message"]["content"]
    first, count, denial, _, last = told["content"].splitlines()
    assert first == "Your reply is not true in all it says:"
    assert count.startswith(
        "- turn 1 answer: It tells another number of things than there are boxes. says 'five boats'; "
    )
    assert denial.startswith("- turn 2 answer: It denies a thing that has a box. ")
    assert last.startswith("Write the whole reply again")
    with Run.look(tmp_path / "run") as opened:
        (answer,) = opened.ledger.answers()
    assert "three boats" in answer.raw.decode()
    rows = attempts(tmp_path / "run", "outcome", "reason", "sha256")
    assert [(outcome, reason) for outcome, reason, _ in rows] == [("spoiled", "bettered"), ("answered", "final")]
    assert rows[0][2] is None
    assert rows[1][2] == answer.sha256


def test_a_later_run_with_repairs_takes_up_what_says_what_is_not_so(tmp_path: Path) -> None:
    with serving(script=script(WRONG, TRUE)) as server:
        assert run(server, tmp_path / "run", **ONE).claims.wrong == 1
        assert run(server, tmp_path / "run", repair=1, **ONE).claims.wrong == 0
        assert met(server) == "qr"


def test_a_repair_that_had_come_when_the_process_died_is_not_bought_again(tmp_path: Path) -> None:
    """It lies in the ledger beside the answer; which of the two is better is seen by the next run."""
    with serving(script=script(WRONG, TRUE)) as server:
        run(server, tmp_path / "run", **ONE)
        with Run.create(tmp_path / "run") as opened:
            (answer,) = opened.ledger.answers()
            opened.ledger.record([Sending(answer.query.id, sha256="5e")], [])
            came = wire.read(answer.query.id, json.dumps(TRUE["body"]).encode())
            opened.ledger.record([], [Ending(came)])
            (still,) = opened.ledger.answers()
            assert still.raw == answer.raw, "until somebody has looked"
        outcome = run(server, tmp_path / "run", repair=1, **ONE)
        assert server.at_rest()["requests"] == 1
    assert (outcome.claims.wrong, outcome.states.kept, outcome.states.repaired) == (0, 1, 1)


@pytest.mark.parametrize(
    ("told", "given", "requests", "kept", "reason"),
    [
        ([WRONG, TRUE], {}, "qq", 1, None),
        ([WRONG, TRUE], {"repair": 1}, "qr", 1, None),
        ([WRONG, WRONG], {"repair": 1, "attempts": 2}, "qr", 0, "wrong-count"),
        ([HALF, TRUE], {"reject": ("false-denial",)}, "q", 1, None),
        ([BAD, WRONG], {"repair": 1, "attempts": 2}, "qr", 0, "grammar"),
        ([WRONG, BAD], {"repair": 1, "attempts": 2}, "qr", 0, "grammar"),
        ([HALF, TRUE], {"reject": (), "min_grounding": 0.9}, "qq", 1, None),
        ([HALF, HALF], {"reject": (), "min_grounding": 0.9, "attempts": 2}, "qq", 0, "min-grounding"),
    ],
)  # fmt: skip
def test_what_is_rejected_is_asked_again_and_of_bad_ones_the_best_is_told(
    tmp_path: Path, told: list[Any], given: dict[str, Any], requests: str, kept: int, reason: str | None
) -> None:
    given = {"reject": ("g002", "G005"), **given}
    with serving(script=script(*told)) as server:
        outcome = run(server, tmp_path / "run", **given, **ONE)
        adds_up(outcome, server.at_rest())
        assert met(server) == requests
        assert (outcome.states.kept, outcome.states.rejected) == (kept, {reason: 1} if reason else {})
        run(server, tmp_path / "run", **given, **ONE)
        assert server.at_rest()["requests"] == len(requests)
    if reason:
        (line,) = map(json.loads, (tmp_path / "run" / "rejects.jsonl").read_text().splitlines())
        assert line["reason"] == reason
        assert reason in [each["check"] for each in line["findings"] if each["level"] == "error"]


@pytest.mark.slow
def test_kill_9_while_a_better_reply_is_on_its_way(tmp_path: Path) -> None:
    """The good answer is still the answer; the repair is sent again, and the end is as if nothing had been."""
    folder = tmp_path / "run"
    more = ["--repair", "1", "--limit", "1", "-t", "conversation", "--concurrency", "1"]
    with serving(script=script(WRONG, TRUE)) as server:
        run(server, tmp_path / "calm", repair=1, **ONE)
    with serving(script=script(WRONG, {**TRUE, "latency": 3}, TRUE)) as server:
        process = start(server, folder, *more)
        server.until(lambda told: told["requests"] == 2 and told["in_flight"] == 1)
        process.kill()
        finish(process)
        found = left(folder)
        assert (len(found.open), len(found.answers), found.attempts) == (1, 1, 2), "it has an answer all the while"
        outcome = run(server, folder, repair=1, **ONE)
        assert met(server) == "qrr"
        adds_up(outcome, server.at_rest())
    assert (outcome.states.kept, outcome.states.repaired, outcome.claims.wrong) == (1, 1, 0)
    assert (folder / "llava.json").read_bytes() == (tmp_path / "calm" / "llava.json").read_bytes()
