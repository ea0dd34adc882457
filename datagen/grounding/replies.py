"""A question and the answer that only makes sense with it: `How many dogs are there?` `Two.`

It tells what a question asks about, where it asks about one thing plainly, and what a bare yes, no, number or colour
says of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from datagen.grounding import words as tables
from datagen.grounding.phrases import Phrase, Sentence, Text
from datagen.grounding.words import bag

_PLAIN = bag(
    "is are was were there in the this that image picture photo photograph scene visible can be seen you see shown "
    "depicted present do total view frame pictured within anywhere ? here altogether spot find"
)
_OPENINGS = (("is", "there"), ("are", "there"), ("can", "you", "see"), ("do", "you", "see"), ("does", "the"),
             ("is", "any"), ("are", "any"), ("can", "we", "see"))  # fmt: skip
_LOOK = bag("show contain feature include have depict")
_COLOUR = frozenset({"color", "colour"})
_ASKING = bag(
    "what which is 's ’s the of does can could you tell me do see in this that image picture photo scene , name"
)
_HAVING = bag("have 's ’s has painted appear to")
_WHERE = frozenset({"where", "side"})
_SIDED = bag("located placed positioned situated standing sitting parked on at left right or side of appear , 's")
_LOOSE = bag("least most about around approximately nearly almost roughly over several many")


class Topic(NamedTuple):
    """What a question is about."""

    kind: Literal["there", "many", "colour", "where"]
    phrase: Phrase


def topic(found: Sequence[Sentence]) -> Topic | None:
    """What the question asks, where that is one thing and nothing narrows it down."""
    if not found or len(found[-1].phrases) != 1:
        return None
    sentence = found[-1]
    phrase, words, start = sentence.phrases[0], sentence.words, sentence.start
    opening = words[start : phrase.start + 1]
    plain = all(word in _PLAIN for word in words[phrase.end : sentence.end])
    if phrase.start > start and words[phrase.start - 1 : phrase.start + 1] == ["how", "many"]:
        return Topic("many", phrase) if plain and not phrase.told and phrase.head == phrase.start + 1 else None
    if _COLOUR.intersection(words[start : sentence.end]) and phrase.determiner == "the":
        return Topic("colour", phrase) if not phrase.told and _of_whole(sentence, phrase) else None
    if _WHERE.intersection(opening) and phrase.determiner == "the" and not phrase.told:
        return (
            Topic("where", phrase)
            if all(word in _PLAIN | _SIDED for word in words[phrase.end : sentence.end])
            else None
        )
    asks = any(tuple(opening[: len(each)]) == each for each in _OPENINGS)
    if opening[:2] == ["does", "the"] and _LOOK.isdisjoint(opening):
        return None
    if asks and plain and not phrase.told and not phrase.some and phrase.determiner in ("a", "bare", "unsure"):
        return Topic("there", phrase)
    return None


def _of_whole(sentence: Sentence, phrase: Phrase) -> bool:
    """Whether a question for a colour is for that of the thing, not of a part or of what stands on it."""
    words, start, end = sentence.words, sentence.start, sentence.end
    before = [word for word in words[start : phrase.start] if word not in _COLOUR]
    after = [word for word in words[phrase.end : end] if word not in _COLOUR]
    return all(word in _ASKING for word in before) and all(word in _PLAIN | _HAVING for word in after)


def said(text: Text) -> Literal["yes", "no", ""]:
    """What the answer begins with; `No in the image` too."""
    first = text.words[0] if text.words else ""
    if first not in ("yes", "no"):
        return ""
    for word in text.words[1:]:
        if word not in _PLAIN:
            return "" if word[0].isalpha() else first  # type: ignore[return-value]
    return first  # type: ignore[return-value]


def number(text: Text) -> tuple[int, int] | None:
    """The bare count that an answer gives in its first sentence, and its token: `Two.`, `There are two.`"""
    words = text.words
    for i in range(min(len(words), 8)):
        word = words[i]
        if word in (".", "\n") or word in _LOOSE:
            return None
        if word in tables.NUMBERS or (word.isdecimal() and len(word) < 4):
            after = words[i + 1] if i + 1 < len(words) else "."
            bare = not after[0].isalpha() or after in ("in", "visible", "present", "of", "total")
            return (tables.NUMBERS[word] if word in tables.NUMBERS else int(word), i) if bare and after != "-" else None
        if word not in ("there", "are", "is", "i", "see", "can", "we", "you", "exactly", "only", "just", "the", "image",
                        "shows", "picture", "it", "a", "total", "of"):  # fmt: skip
            return None
    return None
