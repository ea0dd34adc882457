"""Hits, checks and verdicts to report, tame and wild."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from datagen.reporting.base import MOST, Manner
from datagen.reporting.every import writer
from datagen.schema import Finding, Hit, Level, Outcome, Verdict

EVIL = (
    "\x1b]0;owned\x07\x1b[31m\u202e[/red]]]><b>&\"'`|%,:\r\n::error::x\n##[warning]\x00\ud800\ufffe"
    " www.evil.com http://evil @you"
)
TEXTS = st.one_of(
    st.text(st.characters(), max_size=40),  # surrogates too
    st.sampled_from(
        [
            EVIL,
            EVIL[::-1],
            "]]>",
            "<![CDATA[",
            "%0A",
            "\\|",
            "``",
            "{0}",
            "[a](b)",
            "::error::x",
            " ::warning::x",
            "消防",
            "e\u0301",
        ]
    ),
)


class Told(NamedTuple):
    """What a catalog says of a check."""

    code: str
    name: str
    level: Level
    about: str = "Something is wrong."
    why: str = "It hurts."
    fails: Any = "bad"
    passes: Any = "good"
    target: str = ""
    does: str | None = None
    mends: bool = False


CATALOG = {
    check.code: check
    for check in (
        Told("S001", "special-token", "error", "A token stands inside a text.", mends=True),
        Told("T001", "masked", "error", target="llava", does="damaged"),
        Told("L002", "caption", "warning", "A caption is spoken of."),
        Told("Q001", "frequent", "info"),
    )
}


def hit(
    code: str = "S001",
    message: str = "'</s>' in an answer",
    *,
    file: str = "train.json",
    number: int | None = 17,
    id: str | None = "a-1",
    line: int | None = 214,
    where: str = "conversations[1].value",
    words: str = "</s>",
    digest: str = "",
    text: str = "",
) -> Hit:
    """One that is spoken of by a check of the catalog."""
    told = CATALOG[code]
    finding = Finding(
        code=code, check=told.name, level=told.level, message=message, where=where, words=words, target=told.target
    )
    place = "" if number is None else f"[{number}].{where}"
    return Hit(file, number, id, line, place, finding, digest, text, told.mends)


def verdict(hits: Sequence[Hit], records: int = 158_000, **more: Any) -> Verdict:
    """The hits, counted."""
    whole = {
        "files": tuple(dict.fromkeys(each.file for each in hits)) or ("train.json",),
        "records": records,
        "by_check": dict(Counter(each.finding.code for each in hits)),
        "by_level": dict(Counter(each.finding.level for each in hits)),
        "outcomes": {"llava": Outcome(records - 2, 1, 1, 0), "qwen": Outcome(records, 0, 0, 0)},
    }
    return Verdict(**{**whole, **more})


def written(
    name: str,
    hits: Sequence[Hit],
    end: Verdict | None = None,
    *,
    width: int | None = None,
    colour: bool = False,
    most: int | None = MOST,
) -> str:
    """What a format writes of some hits."""
    parts: list[str] = []
    at_work = writer(name, Manner(parts.append, CATALOG, width, colour, most))
    for each in hits:
        at_work.hit(each)
    at_work.end(verdict(hits) if end is None else end)
    return "".join(parts)


def wild_hits(most: int = 6) -> st.SearchStrategy[list[Hit]]:
    """Hits whose every text is hostile."""
    one = st.builds(
        hit,
        st.sampled_from(list(CATALOG)),
        TEXTS,
        file=TEXTS,
        number=st.none() | st.integers(0, 10**6),
        id=st.none() | TEXTS,
        line=st.none() | st.integers(1, 10**6),
        where=TEXTS,
        words=TEXTS,
        text=TEXTS,
    )
    return st.lists(one, max_size=most)
