"""R: was this answer an answer? Cut off, refused, empty, or the prompt handed back.

These look at the reply as it came. 117 of 120 replies that were cut off still follow the grammar, and so does an echo
of the prompt, so neither can be left to the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from datagen.checks.base import Seen, Subject, reply_check
from datagen.schema import Shot
from datagen.text import clean, one_line, shown

_CANNOT = (
    r"(?:can ?not|can['’]?t|won['’]?t|(?:am |['’]m )?(?:unable|not able) to|do(?: not|n['’]?t) have|"
    r"(?:must|have to|need to) decline)(?! help but)"
)
_SORRY = r"(?:i(?: a|['’])m (?:very |so |really )?sorry|(?:i |my )?apolog(?:i[sz]e|ies)|sorry)[,.!]?"
_BEFORE = r"[\"'“\s]*(?:unfortunately,? )?"
_MACHINE = r"as an? (?:ai|artificial intelligence|(?:large )?language model|text-)"
_DECLINED = re.compile(
    rf"{_BEFORE}(?:{_SORRY} (?:but |for |i\b|as an? )|{_MACHINE}"
    rf"|i['’ ]*{_CANNOT}.{{0,60}}"
    r"\b(?:images?|pictures?|photos?|visuals?|requests?|assist|comply|fulfill?|help with)\b)",
    re.IGNORECASE,
)
"""How a reply begins that is none."""
_DECLINED_ANSWER = re.compile(
    rf"{_BEFORE}(?:{_MACHINE}"
    rf"|(?:{_SORRY}.{{0,20}})?\bi['’ ]*{_CANNOT}.{{0,40}}"
    r"\b(?:assist|comply|fulfill?|help with|requests?|(?:view|see|access|process|analy[sz]e) images)\b)",
    re.IGNORECASE,
)
"""How an answer within a dialogue begins that is none. "I can't see a dog in the picture" is one."""
_CUT = {"length", "max_tokens", "max_length", "model_length"}
_VISIBLE = re.compile("[!-~]")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060]")
_LABEL = re.compile(r"Question:|Answer:|===")
_BOX_LINE = re.compile(r"^.{1,80}: \[[01](?:\.\d+)?(?:, [01](?:\.\d+)?){3}\]$")
_ECHOED_SENTENCE = 60  # characters of the system message or of an example's answer that are no coincidence


@reply_check(
    "R001",
    "cut",
    "error",
    fails="A dog is running over the",
    passes="A dog is running over the grass.",
)
def cut(subject: Subject) -> Iterator[Seen]:
    """The answer was cut off at the token limit."""
    if (subject.response.finish or "").lower() in _CUT:
        finish, end = shown(subject.response.finish), shown(subject.response.text[-40:])
        yield Seen(f"finish_reason is {finish}: it ends in {end!r}; allow more with --max-tokens")


@reply_check(
    "R002",
    "refused",
    "error",
    fails="I'm sorry, but I can't assist with that request.",
    passes="Question:\nIs there a cat?\n===\nAnswer:\nNo, I can't see a cat in the picture.",
)
def refused(subject: Subject) -> Iterator[Seen]:
    """The model or its filter declined to answer."""
    response = subject.response
    if response.finish == "content_filter":
        yield Seen("finish_reason is content_filter")
    elif response.refusal:
        yield Seen(f"refusal: {shown(response.refusal, 100)}")
    else:
        first, *answers = _LABEL.split(response.text)
        for text, pattern in ((first, _DECLINED), *((answer, _DECLINED_ANSWER) for answer in answers)):
            if pattern.match(text[:400]):
                yield Seen(f"declines: {shown(text, 80)!r}")
                return


@reply_check("R003", "empty", "error", fails="\n", passes="A dog is running over the grass.")
def empty(subject: Subject) -> Iterator[Seen]:
    """There is no text in the answer."""
    text = subject.response.text
    if not _VISIBLE.search(text) and not one_line(_INVISIBLE.sub("", text)):
        yield Seen(f"no text; finish_reason is {shown(subject.response.finish)}")


@reply_check(
    "R005",
    "echo",
    "error",
    fails="dog: [0.1, 0.2, 0.3, 0.4]",
    passes="The dog is in the upper left corner.",
)
def echo(subject: Subject) -> Iterator[Seen]:
    """The answer hands back what the model was told: the context's lines, the instructions, or an example."""
    text = subject.response.text
    lines = list(filter(None, map(str.strip, text.splitlines())))
    for line in lines if "]" in text else ():
        if line.endswith("]") and _BOX_LINE.match(line):
            yield Seen(f"a line of the context: {shown(line, 80)!r}")
            return
    told = list(filter(None, subject.context.splitlines()))
    if not set(lines).isdisjoint(told):
        together = set(pairwise(lines))
        for pair in pairwise(told):
            if pair in together:
                yield Seen(f"two lines of the context: {shown(pair[0], 60)!r} and the next")
                return
    yield from _copied(subject)


def _copied(subject: Subject) -> Iterator[Seen]:
    words = [*clean(subject.response.text).split(), ""]  # the key of what has no word in its middle
    telltales = _telltales(subject.task.system, subject.task.shots)
    there = telltales.keys.intersection(words)
    if not there:
        return
    text = " ".join(words)
    for key, source, told in telltales.lines:
        if key in there and told in text:
            yield Seen(f"a line of {source}: {shown(told, 80)!r}")
            return


class _Telltales(NamedTuple):
    """The lines of a prompt that are too long to stand in a reply by coincidence."""

    keys: frozenset[str]
    lines: list[tuple[str, str, str]]
    """A word without which a reply need not be searched for the line, where the line is from, and the line."""


@lru_cache(maxsize=64)
def _telltales(system: str, shots: tuple[Shot, ...]) -> _Telltales:
    sources = [("the instructions", system), *(("an example", shot.reply) for shot in shots)]
    lines = [(source, one_line(line)) for source, text in sources for line in text.splitlines()]
    long = [(_key(line), source, line) for source, line in lines if len(line) >= _ECHOED_SENTENCE]
    return _Telltales(frozenset(key for key, _, _ in long), long)


def _key(line: str) -> str:
    """The longest of its words, but the first and the last, which may be parts of a reply's."""
    return max(line.split()[1:-1], key=len, default="")
