"""What a check is, and the two lists of them.

A check is a generator function under a decorator: it yields what it sees, and its first docstring line is what it is
for. `@reply_check` looks at an answer before it is parsed, `@record_check` at the turns. An error-level finding of a
reply check ends the matter: a reply that was cut off is not also examined for grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from datagen.schema import Finding, Level, Query, Response, Task, Turn


class Seen(NamedTuple):
    """One thing a check saw: what, and where."""

    message: str
    where: str = "reply"


class Subject(NamedTuple):
    """What there is to judge by: the question, the answer, and what the model was told."""

    query: Query
    task: Task
    response: Response
    context: str
    """The image as the model was shown it."""


ReplyCheck = Callable[[Subject], Iterator[Seen]]
RecordCheck = Callable[[Subject, tuple[Turn, ...]], Iterator[Seen]]


class Check(NamedTuple):
    """A registered check. `run` gives its findings for a subject and its turns (none for a reply check)."""

    code: str
    name: str
    level: Level
    about: str
    run: RecordCheck

    def findings(self, subject: Subject, turns: tuple[Turn, ...]) -> list[Finding]:
        return [
            Finding(code=self.code, check=self.name, level=self.level, message=seen.message, where=seen.where)
            for seen in self.run(subject, turns)
        ]


REPLY_CHECKS: list[Check] = []
RECORD_CHECKS: list[Check] = []


def reply_check(code: str, name: str, level: Level) -> Callable[[ReplyCheck], ReplyCheck]:
    """Register a check of an unparsed answer."""

    def register(function: ReplyCheck) -> ReplyCheck:
        about = (function.__doc__ or "").strip().splitlines()[0]
        REPLY_CHECKS.append(Check(code, name, level, about, lambda subject, _turns: function(subject)))
        return function

    return register


def record_check(code: str, name: str, level: Level) -> Callable[[RecordCheck], RecordCheck]:
    """Register a check of parsed turns."""

    def register(function: RecordCheck) -> RecordCheck:
        about = (function.__doc__ or "").strip().splitlines()[0]
        RECORD_CHECKS.append(Check(code, name, level, about, function))
        return function

    return register


def judge_reply(subject: Subject) -> tuple[Finding, ...]:
    """The findings about an answer before it is parsed; no more after the first error."""
    found: list[Finding] = []
    for check in REPLY_CHECKS:
        new = check.findings(subject, ())
        found += new
        if new and check.level == "error":
            break
    return tuple(found)


def judge_turns(subject: Subject, turns: tuple[Turn, ...]) -> tuple[Finding, ...]:
    """The findings about an answer's turns."""
    found: list[Finding] = []
    for check in RECORD_CHECKS:
        found += check.findings(subject, turns)
    return tuple(found)


def values(turns: tuple[Turn, ...]) -> Iterator[tuple[str, str]]:
    """Each question and answer with its place."""
    for number, turn in enumerate(turns, 1):
        yield turn.question, f"turn {number} question"
        yield turn.answer, f"turn {number} answer"
