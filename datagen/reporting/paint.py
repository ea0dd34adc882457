"""Pieces of a line with a style each, and lines that keep to their places. It knows no subject.

Without colour a style is nothing; what is said must not depend on it. Some scripts take two places a letter, so places
are counted and not letters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.style import Style

Piece = tuple[str, str]
"""A text, and its style in rich's words; an empty one is plain."""
Brush = Callable[[str, str], str]
"""A text and its style → what is written."""

LEVEL = {"error": "bold red", "warning": "yellow", "info": "cyan"}
DOES = {"stops": "bold red", "lost": "red", "damaged": "yellow"}
DIM, HEAD = "dim", "bold"


def brush(colour: bool) -> Brush:
    """One that paints for a terminal, or one that leaves texts as they are."""
    return _paint if colour else lambda text, style: text


def _paint(text: str, style: str) -> str:
    from rich.color import ColorSystem

    return _style(style).render(text, color_system=ColorSystem.STANDARD) if style else text


@lru_cache
def _style(style: str) -> Style:
    from rich.style import Style

    return Style.parse(style)


def places(text: str) -> int:
    """How many places a text takes."""
    from rich.cells import cell_len

    return cell_len(text)


def front(text: str, room: int) -> str:
    """The beginning of `text` in at most so many places."""
    if places(text) <= room:
        return text
    kept = text[: max(room, 1)]
    while kept and places(kept) > room - 1:
        kept = kept[:-1]
    return kept + "…"


def back(text: str, room: int) -> str:
    """The end of `text` in at most so many places."""
    if places(text) <= room:
        return text
    kept = text[-max(room, 1) :]
    while kept and places(kept) > room - 1:
        kept = kept[1:]
    return "…" + kept


def fill(text: str, room: int, right: bool = False) -> str:
    """`text` and blanks: exactly so many places, or more where it is longer."""
    blanks = " " * (room - places(text))
    return blanks + text if right else text + blanks


def wrap(text: str, room: int, first: int | None = None) -> list[str]:
    """`text` in lines of at most `room` places, the first of at most `first`; long words are broken. At least one."""
    from rich.cells import chop_cells

    lines, left = [""], room if first is None else first
    for word in text.split():
        if lines[-1] and places(lines[-1]) + 1 + places(word) <= left:
            lines[-1] += f" {word}"
            continue
        if lines[-1] or places(word) > left:
            lines.append("")
            left = room
        broken = chop_cells(word, room)
        lines[-1] = broken[0]
        lines += broken[1:]
    return lines


def table(rows: Sequence[Sequence[Piece]], right: Sequence[int], paint: Brush, gap: int = 2) -> list[str]:
    """Rows as lines, each column as wide as it must be; those in `right` stand to the right."""
    widths = [max(places(text) for text, _ in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for at, ((text, style), width) in enumerate(zip(row, widths, strict=True)):
            blanks = " " * (width - places(text))
            painted = paint(text, style) if text else ""
            cells.append(blanks + painted if at in right else painted + blanks)
        lines.append((" " * gap).join(cells).rstrip())
    return lines
