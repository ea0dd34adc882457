"""Entry → a shape's record, or the name of what the shape cannot say.

Nothing is lost without a name: a record is left out where what trainers would make of it is not what was meant, and
altered where only something beside the dialogue goes. It knows nothing of files or trainers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from datagen.records.formats.entry import TOKEN, Entry, Line, inline, survives_parts, survives_text
from datagen.records.formats.shapes import Shape

Becomes = Literal["left out", "altered"]
LOSSES: Mapping[str, tuple[Becomes, str]] = {
    "several-images": ("left out", "it has several pictures, and this shape has one"),
    "no-image": ("left out", "it has no picture, and this shape is a list of pictures"),
    "literal-token": ("left out", f"a text holds {TOKEN!r} itself, which would be taken for a picture"),
    "turns": ("left out", "questions and answers do not come by turns"),
    "picture-missing": ("left out", "its picture is not in the folder of pictures"),
    "picture-broken": ("left out", "its picture does not open"),
    "picture-unfit": ("left out", "its picture is of a kind, or of a size, that this format does not take"),
    "picture-outside": ("left out", "its picture's path leads out of the folder of pictures"),
    "caption": ("left out", "a trainer would stumble over its caption"),
    "system-prompt": ("altered", "the system prompt is gone: this shape has no place for it"),
    "id": ("altered", "the id is gone: this shape has no place for it"),
    "id-made": ("altered", "it had no id and was given its number in the file"),
    "id-number": ("altered", "the id was a number and is a text"),
    "token-place": ("altered", "the image token comes to stand on a line of its own"),
    "parts-joined": ("altered", "parts of a text were joined"),
    "picture-placed": ("altered", "the picture had no place, and comes before the first question"),
    "member": ("altered", "a member that is none of a dialogue's is gone"),
}
"""What becomes of the record, and why, by name (`member:x` is of the kind `member`)."""


class Told(NamedTuple):
    """A record in some shape; None where it is left out; and the names of what was lost."""

    record: dict[str, Any] | None
    losses: tuple[str, ...] = ()


def loss_of(name: str) -> tuple[Becomes, str]:
    """What becomes of a record that loses this, and why."""
    return LOSSES[name.partition(":")[0]]


def say(entry: Entry, shape: Shape) -> Told:
    """The entry in that shape."""
    lines, lost = entry.lines, []
    if len(entry.images) > 1 and not shape.several:
        return Told(None, ("several-images",))
    if not shape.system and lines[0].role == "system":
        lines, lost = lines[1:], ["system-prompt"]
    if shape.by_turns and not _by_turns(lines):
        return Told(None, ("turns",))
    if shape.parts:
        if entry.images and not all(survives_parts(said) for _, said in lines):
            lost.append("token-place")
    elif any(said.__class__ is not str for _, said in lines):
        if any(inline(said) is None for _, said in lines):
            return Told(None, ("literal-token",))
        if not all(survives_text(said) for _, said in lines):
            lost.append("parts-joined")
    if not shape.ids and entry.id is not None:
        lost.append("id")
    return Told(shape.write(entry if lines is entry.lines else entry._replace(lines=lines)), tuple(lost))


def say_plain(entry: Entry, shape: Shape) -> Told:
    """The same of a record that is plain (plain.py): there is nothing to look for."""
    return Told(shape.write(entry), () if shape.ids else ("id",))


def _by_turns(lines: tuple[Line, ...]) -> bool:
    roles = [role for role, _ in lines]
    if roles and roles[0] == "system":
        del roles[0]
    return bool(roles) and roles == ["user", "assistant"] * (len(roles) // 2)
