"""What all shapes of a record speak of: an id, some pictures, and what is said, by whom.

What is said is either one text in which each `<image>` stands for a picture (LLaVA's way), or pieces: texts, and None
where a picture stands (the typed parts of chat messages). Either can be made of the other, but not always without a
change: `pieces` and `inline` say what comes of it, and `losses` what was lost. It knows no shape.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

TOKEN = "<image>"
Role = Literal["system", "user", "assistant"]
Pieces = tuple[str | None, ...]


class Line(NamedTuple):
    """One message."""

    role: Role
    said: str | Pieces


class Entry(NamedTuple):
    """One record. Pictures are in the order in which they stand in what is said."""

    id: str | None
    images: tuple[str, ...]
    lines: tuple[Line, ...]


def pieces(said: str | Pieces) -> Pieces:
    """As pieces. Of a text, the line break between a picture's token and a text goes: `inline` puts it back."""
    if not isinstance(said, str):
        return said
    if TOKEN not in said:
        return (said,)
    if said.startswith("<image>\n") and said.find(TOKEN, 8) < 0:
        return (None, said[8:])
    if said.endswith("\n<image>") and said.find(TOKEN) == len(said) - 7:
        return (said[:-8], None)
    return tuple(_cut(said.split(TOKEN)))


def _cut(texts: list[str]) -> list[str | None]:
    found: list[str | None] = []
    last = len(texts) - 1
    for at, text in enumerate(texts):
        if at:
            found.append(None)
        after, before = at > 0, at < last
        if after and before and text == "\n":  # one break between two pictures
            continue
        begin = 1 if after and text.startswith("\n") else 0
        end = len(text) - (1 if before and len(text) > begin and text.endswith("\n") else 0)
        if text:
            found.append(text[begin:end])
    return found


def inline(said: str | Pieces) -> str | None:
    """As one text, pictures as tokens on lines of their own. None where the texts hold the token itself, alone or when
    they are joined: it would be taken for a picture."""
    if isinstance(said, str):
        return said
    whole: list[str] = []
    before: str | None = ""
    for at, piece in enumerate(said):
        if at and (piece is None or before is None):
            whole.append("\n")
        whole.append(TOKEN if piece is None else piece)
        before = piece
    text = "".join(whole)
    return text if text.count(TOKEN) == said.count(None) else None


def survives_parts(said: str | Pieces) -> bool:
    """Whether a text made into pieces can be made of them again, letter by letter."""
    if not isinstance(said, str) or TOKEN not in said:
        return True
    return (said.startswith("<image>\n") and said.find(TOKEN, 8) < 0) or inline(pieces(said)) == said


def survives_text(said: str | Pieces) -> bool:
    """Whether pieces made into a text can be made of it again."""
    return isinstance(said, str) or pieces(inline(said) or "") == said


def places(said: str | Pieces) -> int:
    """How many pictures stand in it."""
    return said.count(TOKEN) if isinstance(said, str) else said.count(None)
