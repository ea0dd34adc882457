"""What became of a record, told from what a loader made of it and from nothing else.

A loader's product is told as a row of pieces: stretches of text, special tokens and pictures, each trained on or not.
A record is `loaded` if every text of the model is trained on whole and in its order and nothing else is, every other
text stands before the model, every picture is seen once, in its order and in the turn that asks for it, and nothing in
a text was taken for more than text. Anything less is `damaged`. It knows no check of ours. White space is not looked
at: all trainers strip or add some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from tests.trainers.matrix import IMAGE

Fate = Literal["loaded", "damaged", "lost", "stops"]
TOKEN = "<image>"
MODEL, OTHERS = {"gpt", "assistant"}, {"human", "user", "system"}


class Lost(Exception):
    """The loader leaves this record out and goes on."""


class Piece(NamedTuple):
    """A stretch of what goes into the model."""

    text: str
    trained: bool
    kind: Literal["text", "special", "image"] = "text"
    """A special token's text is its name, a picture's the file's name."""


class Outcome(NamedTuple):
    """What became of a record, and how."""

    outcome: Fate
    how: str = ""


class Turn(NamedTuple):
    """What one turn of a record means: whose it is, its text without image tokens, how many pictures it asks for."""

    model: bool
    text: str
    images: int


def judge(record: Any, pieces: list[Piece], own: int | None = None, asks: bool = True) -> Outcome:
    """The outcome of a record that a loader took: `own` is how many special tokens its template itself sets (None is
    unknown); without `asks` the trainer is one that means to leave the questions out."""
    turns, images = meaning(record)
    if turns is None:
        return Outcome("damaged", "taken, though it means nothing")
    if not asks:
        turns = [turn if turn.model else turn._replace(text="") for turn in turns]
    wrong = next(_faults(turns, images, pieces, own), "")
    return Outcome("damaged", wrong) if wrong else Outcome("loaded")


def meaning(record: Any) -> tuple[list[Turn] | None, list[str]]:
    """What a person takes a record to mean: its turns and its pictures; None where it cannot be said."""
    if not isinstance(record, dict):
        return None, []
    listed = next((record[key] for key in ("conversations", "messages", "conversation") if record.get(key)), None)
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return None, []
    turns = []
    for each in listed:
        role, value = each.get("from", each.get("role")), each.get("value", each.get("content"))
        if (role not in MODEL | OTHERS and role != "tool") or not _is_said(value):
            return None, []
        turns.append(_turn(role in MODEL, value))
    return turns, _images(record, listed)


def _is_said(value: Any) -> bool:
    """Whether a message says something a person can read: a text, or parts whose texts are texts."""
    parts = value if isinstance(value, list) else []
    return isinstance(value, str | list) and all(
        isinstance(part.get("text"), str) for part in parts if isinstance(part, dict) and part.get("type") == "text"
    )


def _turn(model: bool, value: Any) -> Turn:
    if not isinstance(value, list):
        text = value if isinstance(value, str) else ""
        return Turn(model, text, 0) if model else Turn(model, text.replace(TOKEN, " "), text.count(TOKEN))
    dicts = [part for part in value if isinstance(part, dict)]
    text = " ".join(part["text"] for part in dicts if isinstance(part.get("text"), str))
    pictures = sum("image" in str(part.get("type")) for part in dicts)
    return Turn(model, text if model else text.replace(TOKEN, " "), pictures)


def _images(record: dict[str, Any], listed: list[Any]) -> list[str]:
    named = record.get("images") or record.get("image") or []
    if named:
        return [_name(each) for each in (named if isinstance(named, list) else [named])]
    parts = [part for each in listed for part in (each.get("content") or []) if isinstance(part, dict)]
    return [IMAGE for part in parts if part.get("type") in ("image", "image_url")]


def _name(image: Any) -> str:
    return str(image.get("path")) if isinstance(image, dict) else str(image)


def _faults(turns: list[Turn], images: list[str], pieces: list[Piece], own: int | None) -> Iterator[str]:
    """What is wrong, the worst first."""
    texts = [piece for piece in pieces if piece.kind == "text"]
    trained = _bare("".join(piece.text for piece in texts if piece.trained))
    answers = [turn.text for turn in turns if turn.model]
    if not any(piece.trained for piece in pieces):
        yield "all labels masked"
    if not answers:
        yield "no answer to train on"
    wanted = _bare("".join(answers))
    if trained != wanted:
        yield (
            "part of an answer is not trained on"
            if len(trained) < len(wanted)
            else "more than the answers is trained on"
        )
    if not all(_bare(answer) for answer in answers):
        yield "an empty answer is trained on"
    seen = _bare("".join(piece.text for piece in texts))
    at = 0
    for turn in turns:
        place = seen.find(_bare(turn.text), at)
        if place < 0:
            yield "a text is missing or not as it was"
            break
        at = place + len(_bare(turn.text))
    yield from _picture_faults(turns, images, pieces)
    if own is not None and sum(piece.kind == "special" for piece in pieces) != own:
        yield "a special token was read in a text"


def _picture_faults(turns: list[Turn], images: list[str], pieces: list[Piece]) -> Iterator[str]:
    shown = [piece.text for piece in pieces if piece.kind == "image"]
    if shown != images:
        yield f"pictures seen: {', '.join(shown) or 'none'}"
    if any(piece.kind == "image" and piece.trained for piece in pieces):
        yield "a picture is trained on"
    asked = sum(turn.images for turn in turns)
    literal = sum(piece.text.count(TOKEN) for piece in pieces if piece.kind == "text")
    if literal > sum(turn.text.count(TOKEN) for turn in turns):
        yield "an image token is read as text"
    if shown == images and asked == len(images) and asked and not _in_their_turns(turns, pieces):
        yield "a picture is seen in another turn"


def _in_their_turns(turns: list[Turn], pieces: list[Piece]) -> bool:
    """Whether before each answer stand as many pictures as its questions asked for."""
    wanted, found, answer = [0], [0], False
    for turn in turns:
        if turn.model:
            wanted.append(0)
        wanted[-1] += turn.images
    for piece in pieces:
        if piece.kind == "text" and piece.trained and piece.text.strip():
            answer = True
        elif piece.kind == "image":
            if answer:
                found.append(0)
            answer = False
            found[-1] += 1
    return [n for n in wanted if n] == [n for n in found if n]


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)
