"""A reply's text → turns, by a strict line grammar.

The grammar is LLaVA's, taught to models by examples only (haotian-liu/LLaVA:playground/data/prompts/conversation):

    Question:
    <text>
    ===
    Answer:
    <text>
    ===
    Question:
    ...

A line that is exactly `===` separates, and nothing else does: paragraphs, lists, blank lines and colons belong to the
text around them. What breaks the grammar is said with its line; nothing is guessed, because a guessed turn trains. A
label that stands inside a text is left there for the checks to see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from datagen.registry import Registry
from datagen.schema import Finding, Query, Response, Task, Turn
from datagen.text import paragraphs, shown

SEPARATOR = "==="
LABELS = ("Question:", "Answer:")


_THOUGHTS = re.compile(r"</think(?:ing)?>", re.IGNORECASE)


class Ungrammatical(Exception):
    """A reply that does not follow its form. `line` is counted from 1; 0 is the reply as a whole."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


PARSERS: Registry[Callable[[str, str | None], tuple[Turn, ...]]] = Registry("form of reply")
"""Name → (reply, the query's question) → turns. Raises Ungrammatical."""


@PARSERS("text")
def text(reply: str, question: str | None) -> tuple[Turn, ...]:
    """An answer only: the whole reply, under the query's question."""
    return (Turn(question or "", paragraphs(reply)),)


@PARSERS("qa")
def qa(reply: str, _question: str | None = None) -> tuple[Turn, ...]:
    """Question and answer blocks, one pair or more."""
    blocks = list(_blocks(paragraphs(reply)))
    if len(blocks) == 1:
        raise Ungrammatical(f"no line is exactly {SEPARATOR}, so question and answer cannot be told apart")
    for number, block in enumerate(blocks):
        expected = LABELS[number % 2]
        if block.label != expected:
            raise Ungrammatical(
                f"{expected} should stand here, not {shown(block.first, 40) or 'nothing'!r}", block.line
            )
        if not block.text:
            raise Ungrammatical(f"nothing follows {expected}", block.line)
    if len(blocks) % 2:
        raise Ungrammatical("the last question has no answer", blocks[-1].line)
    return tuple(Turn(q.text, a.text) for q, a in zip(blocks[0::2], blocks[1::2], strict=True))


def turns_of(query: Query, task: Task, response: Response) -> tuple[tuple[Turn, ...], tuple[Finding, ...]]:
    """The turns in an answer, or the finding that says why there are none."""
    try:
        return PARSERS[task.reply](response.text, query.question), ()
    except Ungrammatical as fault:
        where = f"reply line {fault.line}" if fault.line else "reply"
        return (), (Finding(code="R004", check="grammar", level="error", message=str(fault), where=where),)


def spoken(text: str) -> str:
    """A reply without the thoughts that reasoning models put before it, up to `</think>`."""
    return _THOUGHTS.split(text)[-1] if "</" in text else text


class _Block(NamedTuple):
    line: int
    first: str
    label: str | None
    text: str


def _blocks(reply: str) -> Iterator[_Block]:
    """The stretches between separator lines; a separator at the very end separates nothing."""
    lines = reply.splitlines()
    while lines and lines[-1].strip() in ("", SEPARATOR):
        lines.pop()
    start = 0
    for number, line in enumerate([*lines, SEPARATOR]):
        if SEPARATOR in line and line.strip() == SEPARATOR:
            yield _block(lines[start:number], start + 1)
            start = number + 1


def _block(lines: list[str], at: int) -> _Block:
    if lines and not lines[0].strip():
        blank = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
        lines, at = lines[blank:], at + blank
    first = lines[0].strip() if lines else ""
    for label in LABELS:
        if first.startswith(label):
            return _Block(at, first, label, "\n".join([first.removeprefix(label), *lines[1:]]).strip())
    return _Block(at, first, None, "\n".join(lines).strip())
