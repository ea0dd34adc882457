"""One reply, read and judged: the asking wants to know if it is worth asking again, the build if it is kept.

It brings `records` and `checks` together, which do not know each other; it knows nothing of ledgers or networks.
"""

from __future__ import annotations

from datagen.checks import every as _every  # noqa: F401  (registers them)
from datagen.checks.base import Subject
from datagen.checks.replies import judge_reply, judge_turns
from datagen.prompting.context import describe
from datagen.records.parse import spoken, turns_of
from datagen.schema import Query, Record, Response, Task, Turn


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
