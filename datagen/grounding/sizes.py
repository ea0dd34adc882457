"""Which covers more of the picture, and numbers that only who knows the boxes can know.

How large things are in the world no box tells: a comparison counts only where it speaks of the picture, or of looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from datagen.grounding import words as tables
from datagen.grounding.phrases import Phrase, Sentence
from datagen.grounding.scene import Scene
from datagen.grounding.verdicts import Said, Verdict
from datagen.grounding.words import bag

_TWICE = 1.5  # so much larger is larger whatever the boxes' slack
_MOST = 0.12  # a thing that covers less does not fill a picture
_BIG, _SMALL = frozenset({"larger", "bigger", "more"}), frozenset({"smaller", "less"})
_LOOKING = bag("eye appears appear looks look takes take occupies occupy covers cover") | tables.FRAME
_COORDINATES = re.compile(r"[\[(]\s*\d*\.\d+\s*,\s*\d*\.\d+(?:\s*,\s*\d*\.\d+)*\s*[\])]?")
_ASKED = re.compile(r"coordinate|bounding|\bbox|locat|region|detect|where", re.IGNORECASE)


class Comparison(NamedTuple):
    """One thing said to cover more or less of the picture than another; without another, most of it."""

    one: Phrase
    more: bool
    two: Phrase | None
    end: int


def read(sentence: Sentence) -> Iterator[Comparison]:
    """`takes up more of the picture than the cat`, `occupies most of the image`."""
    words, start, end = sentence.words, sentence.start, sentence.end
    if not sentence.phrases or _LOOKING.isdisjoint(words[start:end]):
        return
    if "than" in words[start:end]:
        yield from _compared(sentence, words.index("than", start, end))
    for i in range(start, end):
        if words[i] in tables.FILLING:
            rest = words[i + 1 : i + 8]
            large = not {"most", "much", "majority", "large", "entire", "whole"}.isdisjoint(rest)
            one = next((each for each in sentence.phrases if each.end == i), None)
            if one and large and not tables.FRAME.isdisjoint(rest) and i < sentence.hedge:
                yield Comparison(one, True, None, min(end, i + 8))


def _compared(sentence: Sentence, than: int) -> Iterator[Comparison]:
    words = sentence.words
    two = next((each for each in sentence.phrases if than < each.start <= than + 1), None)
    before = [each for each in sentence.phrases if each.end <= than]
    if not two or len(before) != 1 or sentence.hedge < than or two.end < sentence.end - 4:
        return
    between = words[before[0].end : than]
    big, small = not _BIG.isdisjoint(between), not _SMALL.isdisjoint(between)
    if big != small and not _LOOKING.isdisjoint(words[before[0].end : sentence.end]):
        yield Comparison(before[0], big, two, two.end)


def judge(scene: Scene, said: Comparison, words: Said) -> Verdict:
    """Whether the boxes' areas are so."""
    ones = scene.of(said.one.noun)
    if len(ones) != 1 or said.one.many:
        return Verdict("unknown", 0.5, lambda: "not one box", ones)
    mine = scene.area(ones[0])
    if not said.two:
        standing = "supported" if mine > 0.25 else "contradicted" if mine < _MOST else "unknown"
        return Verdict(standing, 0.8, lambda: _why(scene, words(), said.one), ones)  # type: ignore[arg-type]
    two = said.two
    twos = scene.of(two.noun)
    if len(twos) != 1 or two.many:
        return Verdict("unknown", 0.5, lambda: "not one box", twos)
    yours = scene.area(twos[0])
    large, small = (mine, yours) if said.more else (yours, mine)
    standing = "supported" if large > small else "contradicted" if small > _TWICE * large else "unknown"
    return Verdict(standing, 0.8, lambda: _why(scene, words(), said.one, two), ones + twos)  # type: ignore[arg-type]


def _why(scene: Scene, words: str, one: Phrase, two: Phrase | None = None) -> str:
    """Both boxes, and how much they cover."""
    (first,) = scene.of(one.noun)
    told = f"says {words!r}; {one.noun.name}: {scene.quoted((first,))}, {scene.area(first):.0%} of the picture"
    if two is None:
        return told
    (second,) = scene.of(two.noun)
    return f"{told}; {two.noun.name}: {scene.quoted((second,))}, {scene.area(second):.0%}"


def coordinates(question: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a text gives corners as shares of the picture, unless it was asked where something is."""
    if "." in text and ("[" in text or "(" in text) and not _ASKED.search(question):
        yield from (found.span() for found in _COORDINATES.finditer(text))
