"""A model's reply, judged: first as it came, then its turns."""

from __future__ import annotations

from functools import cache

from datagen.checks import spoken as _spoken  # noqa: F401  (registers them)
from datagen.checks.base import Check, Subject, of_kind
from datagen.checks.sample import Said
from datagen.checks.sound import Prover
from datagen.schema import Finding, Turn


def judge_reply(subject: Subject) -> tuple[Finding, ...]:
    """The findings about an answer before it is parsed; no more after the first error."""
    found: list[Finding] = []
    for check in of_kind("reply"):
        new = [check.finding(seen._replace(where="reply")) for seen in check.run(subject)]
        found += new
        if new and check.level == "error":
            break
    return tuple(found)


def judge_turns(subject: Subject, turns: tuple[Turn, ...]) -> tuple[Finding, ...]:
    """The findings about an answer's turns."""
    said = spoken_in(turns)
    found = [check.finding(seen) for check in of_kind("task") for seen in check.run(subject, turns)]
    checks, prover = _nose()
    for at in prover.scented([text for text, _, _ in said]):
        found += [checks[at].finding(seen) for seen in checks[at].run(said)]
    return tuple(found)


@cache
def _nose() -> tuple[list[Check], Prover]:
    """The checks of what is said, and who knows which of them have something to look at."""
    checks = of_kind("text")
    return checks, Prover(checks)


def spoken_in(turns: tuple[Turn, ...]) -> tuple[Said, ...]:
    """Each question and answer with its place."""
    said: list[Said] = []
    for number, turn in enumerate(turns, 1):
        said.append(Said(turn.question, "human", f"turn {number} question"))
        said.append(Said(turn.answer, "gpt", f"turn {number} answer"))
    return tuple(said)
