"""A query and its answer → a Record: read, judged by the checks that are handed in, kept or rejected with reasons.

It knows what a record is, not which checks there are: the checks wing makes the findings, `pipeline.py` brings them
together.
"""

from __future__ import annotations

from datagen.records.parse import PARSERS, Ungrammatical
from datagen.schema import Finding, Query, Response, Task, Turn


def turns_of(query: Query, task: Task, response: Response) -> tuple[tuple[Turn, ...], tuple[Finding, ...]]:
    """The turns in an answer, or the finding that says why there are none."""
    try:
        return PARSERS[task.reply](response.text, query.question), ()
    except Ungrammatical as fault:
        where = f"reply line {fault.line}" if fault.line else "reply"
        return (), (Finding(code="R004", check="grammar", level="error", message=str(fault), where=where),)
