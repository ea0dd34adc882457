"""One reply, read and judged: the asking wants to know if it is worth asking again, the build if it is kept.

It brings `records` and `checks` together, which do not know each other; it knows nothing of ledgers or networks.
"""

from __future__ import annotations

from datagen.checks.base import CHECKS, Subject
from datagen.checks.replies import judge_reply, judge_turns
from datagen.prompting.context import describe
from datagen.records.parse import spoken, turns_of
from datagen.schema import Finding, Query, Record, Response, Task, Turn
from datagen.text import shown

_FORM = "It does not have the form that was asked for."  # what the parser finds, which is no check
_MOST, _LONG = 8, 300


def examine(query: Query, task: Task, response: Response, context: str | None = None) -> Record:
    """Read and judge one answer; `context` is what the task saw of the image, where somebody has it at hand."""
    text = spoken(response.text)
    if text is not response.text:
        response = response.model_copy(update={"text": text})
    context = describe(query.image, task.sees) if context is None else context
    subject = Subject(query, task, response, context)
    findings = judge_reply(subject)
    turns: tuple[Turn, ...] = ()
    if not any(finding.level == "error" for finding in findings):
        turns, faults = turns_of(query, task, response)
        findings += faults or judge_turns(subject, turns)
    return Record(
        id=query.record_id,
        query_id=query.id,
        task=task.name,
        image=query.image.file_name,
        turns=turns,
        findings=findings,
    )


def complaints(record: Record) -> tuple[str, ...]:
    """What to tell the model of the errors in its reply, a line each. Nothing where telling it cannot help."""
    checks = [CHECKS.get(error.code) for error in record.errors]
    if not all(check is None or check.tells for check in checks):
        return ()
    told = [_told(error, check.about if check else _FORM) for error, check in zip(record.errors, checks, strict=True)]
    return tuple(dict.fromkeys(told))[:_MOST]


def _told(error: Finding, about: str) -> str:
    message, words = shown(error.message, _LONG), shown(error.words, _LONG)
    quoted = f"; the words: {words}" if words not in message else ""
    return f"{shown(error.where, _LONG)}: {about} {message}{quoted}"
