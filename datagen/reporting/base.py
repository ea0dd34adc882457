"""What a format is, and the dict of them.

A format is a class under `@WRITERS`: it is handed one hit after the other and a verdict at the end, and writes as it
goes. It remembers counts, and no more hits than a fixed number of each check. What is written may hold anything that
data holds, so every format makes it harmless in its own way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TextIO

from datagen.registry import Registry
from datagen.schema import Hit, Level, Verdict
from datagen.text import visible

MOST = 20
"""Findings of one check that are shown, unless all are wanted."""
LEVELS: tuple[Level, ...] = ("error", "warning", "info")


class Explained(Protocol):
    """What is to be known of a check in order to speak of it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> Level: ...
    @property
    def about(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def fails(self) -> Any: ...
    @property
    def passes(self) -> Any: ...
    @property
    def target(self) -> str: ...
    @property
    def does(self) -> str | None: ...
    @property
    def mends(self) -> bool: ...


Catalog = Mapping[str, Explained]
"""Checks by code."""


class Manner(NamedTuple):
    """How to write: where to, about which checks, and how much."""

    write: Callable[[str], object]
    catalog: Catalog
    width: int | None = None
    """Places in a line of the terminal; None where there is no terminal, and lines are as long as they are."""
    colour: bool = False
    most: int | None = MOST
    """Of each check; None is all."""


class Writer(Protocol):
    """A format at work."""

    def hit(self, hit: Hit) -> None:
        """One finding, in the order in which they come."""

    def end(self, verdict: Verdict) -> None:
        """All have come; nothing is written after this."""


WRITERS: Registry[Callable[[Manner], Writer]] = Registry("format")


def manner_of(
    stream: TextIO, catalog: Catalog, most: int | None = MOST, environ: Mapping[str, str] = os.environ
) -> Manner:
    """The manner that suits a stream: in colour, and in lines as wide as it is, on a terminal only."""
    terminal = stream.isatty()

    def write(text: str) -> None:
        try:
            stream.write(text)
        except UnicodeEncodeError:  # a locale that is not UTF-8
            stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))

    colour = terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Manner(write, catalog, max(40, shutil.get_terminal_size().columns) if terminal else None, colour, most)


def many(number: int, noun: str) -> str:
    """`1 error`, `1,234 errors`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def sentence(hit: Hit) -> str:
    """`[id] place: message`, what is not known left out."""
    named = [] if hit.id is None else [f"[{visible(hit.id, 100)}]"]
    placed = [visible(hit.place, 200)] if hit.place else []
    before = " ".join(named + placed)
    message = visible(hit.finding.message, 2000)
    return f"{before}: {message}" if before else message


def closing(verdict: Verdict) -> str:
    """The verdict in a sentence."""
    scope = many(verdict.records, "record")
    files = f" ({many(len(verdict.files), 'file')})"
    found = [many(verdict.by_level[level], level) for level in LEVELS if verdict.by_level.get(level)]
    if found:
        return f"Found {', '.join(found)} in {scope}{files}."
    if not verdict.records:
        return f"There are no records{files}."
    if verdict.baselined:
        return f"Nothing new in {scope}{files}."
    targets = f" (targets: {', '.join(verdict.outcomes)})" if verdict.outcomes else files
    return f"All {scope} pass{targets}." if verdict.records != 1 else f"The one record passes{targets}."


def remarks(verdict: Verdict) -> list[str]:
    """What else is worth a sentence."""
    said = []
    if verdict.fixable:
        said.append(f"{verdict.fixable:,} can be mended with --fix.")
    if verdict.baselined:
        said.append(f"The baseline accepts {many(verdict.baselined, 'finding')} more.")
    return said + _grounded(verdict.grounded or {})


def _grounded(counts: Mapping[str, int]) -> list[str]:
    """What was held against annotations, and how much was not: that nothing was found must not be taken for more."""
    if not counts:
        return []
    elsewhere = counts.get("elsewhere", 0)
    said = [f"{many(elsewhere, 'record')} of no image in the annotations: not held against them."] if elsewhere else []
    if counts.get("records"):
        told = [f"{counts.get(standing, 0):,} {standing}" for standing in ("supported", "contradicted", "unknown")]
        said.append(f"Of {many(counts['records'], 'record')} the annotations tell: {', '.join(told)} claims.")
    return said
