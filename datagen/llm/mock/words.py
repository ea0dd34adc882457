"""English for the mock: numbers, plurals, articles, lists, and where something stands in a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_PLURALS = {
    "person": "people",
    "man": "men",
    "woman": "women",
    "child": "children",
    "mouse": "mice",
    "knife": "knives",
    "leaf": "leaves",
    "shelf": "shelves",
    "sheep": "sheep",
    "fish": "fish",
    "deer": "deer",
    "skis": "pairs of skis",
    "scissors": "pairs of scissors",
    "broccoli": "pieces of broccoli",
}
_SINGULARS = {"skis": "a pair of skis", "scissors": "a pair of scissors", "broccoli": "a piece of broccoli"}
_PLURAL_ONLY = {"skis", "scissors"}
_SILENT_AN = ("a", "e", "i", "o", "umb", "unb", "unf", "unl", "unp", "hour")


def number(count: int) -> str:
    """`three`; figures above twelve."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def plural(noun: str) -> str:
    """The plural of a category's name; its last word bends."""
    if noun in _PLURALS:
        return _PLURALS[noun]
    head, space, last = noun.rpartition(" ")
    if last in _PLURALS:
        return head + space + _PLURALS[last]
    if not noun[-1:].isascii() or not noun[-1:].isalpha():
        return noun
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def a(noun: str) -> str:
    """`a dog`, `an umbrella`, `a pair of skis`."""
    if noun in _SINGULARS:
        return _SINGULARS[noun]
    return f"{'an' if noun.lower().startswith(_SILENT_AN) else 'a'} {noun}"


def some(noun: str, count: int) -> str:
    """`a dog`, `three dogs`."""
    return a(noun) if count == 1 else f"{number(count)} {plural(noun)}"


def is_are(noun: str) -> str:
    """The verb that goes with `the <noun>`."""
    return "are" if noun in _PLURAL_ONLY else "is"


def listed(things: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"


def sentence(text: str) -> str:
    """`text` with a capital at the start and a stop at the end."""
    text = re.sub(r"\s+([.,!?])", r"\1", " ".join(text.split()))
    text = re.sub(r"\.{2,}$", ".", text[:1].upper() + text[1:])
    return text if text[-1:] in ".!?。！？" else f"{text.rstrip(',;:')}."
