"""Texts cut where something begins or ends: words that speak of a box, words that a check marked, and characters that
nobody sees.

What comes out are pieces to be shown one after the other; together they are the text. Places are cut here because a
browser counts characters otherwise than Python does. It knows nothing of where texts or marks come from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]+"
)
LONGEST = 200_000
"""Characters of one text that are shown; no reply that anybody wants has a tenth of them."""


class Span(NamedTuple):
    """From where to where, and what it says of those words."""

    start: int
    end: int
    boxes: tuple[int, ...] = ()
    finding: int | None = None


Piece = str | dict[str, Any]
"""A plain stretch, or `{"t": text}` with `b` boxes, `f` findings, or `o` where it stands for what cannot be seen."""


def pieces(text: str, spans: Iterable[Span] = ()) -> list[Piece]:
    """The text, cut."""
    more = len(text) - LONGEST
    text = text[:LONGEST]
    marks = [span for span in spans if 0 <= span.start < span.end <= len(text)]
    unseen = [(found.start(), found.end()) for found in _UNSEEN.finditer(text)]
    if not marks and not unseen:
        cut: list[Piece] = [text] if text else []
    else:
        edges = {
            0,
            len(text),
            *(edge for span in marks for edge in span[:2]),
            *(edge for pair in unseen for edge in pair),
        }
        cut = _cut(text, sorted(edges), sorted(marks), {start for start, _ in unseen})
    return [*cut, {"t": f"… and {more:,} characters more", "o": 1}] if more > 0 else cut


def _cut(text: str, edges: Sequence[int], marks: Sequence[Span], unseen: set[int]) -> list[Piece]:
    found: list[Piece] = []
    odd = False
    for start, end in pairwise(edges):
        over = [span for span in marks if span.start <= start and end <= span.end]
        odd = start in unseen or (odd and _UNSEEN.fullmatch(text, start, end) is not None)
        piece: dict[str, Any] = {"t": _escaped(text[start:end]) if odd else text[start:end]}
        boxes = sorted({box for span in over for box in span.boxes})
        findings = sorted({span.finding for span in over if span.finding is not None})
        piece.update({key: value for key, value in (("b", boxes), ("f", findings), ("o", int(odd))) if value})
        found.append(piece if len(piece) > 1 else piece["t"])
    return found


def _escaped(text: str) -> str:
    return "".join(f"\\x{ord(each):02x}" if each < "\x80" else json.dumps(each)[1:-1] for each in text)


def place_of(words: str, text: str) -> tuple[int, int] | None:
    """Where words stand that a check quoted, which may have cut them short or folded their white space."""
    quoted = words.removesuffix("…").strip()
    if not quoted:
        return None
    at = text.find(quoted)
    if at >= 0:
        return at, at + len(quoted)
    if len(quoted) > 2000:
        return None
    loose = re.search(r"\s+".join(map(re.escape, quoted.split())), text)
    return loose.span() if loose else None
