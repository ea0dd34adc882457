"""A sentence's phrases → where things are said to be: in the picture, and beside one another.

A place belongs to the object right before it, and where that hangs on another (`a man with a dog on the left`) to
either: both are handed on. Where an unknown word stands between, the place may be of something that has no box, and
nothing is read. A body's left, a road's and a table's are not the picture's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from datagen.grounding import words as tables
from datagen.grounding.phrases import Phrase, Sentence
from datagen.grounding.words import bag

_SIGNS = bag("left right top upper bottom lower center centre middle above below beneath underneath leftmost rightmost")
_SIDES = bag("side part portion half corner edge area section third end hand most foreground background")
_AT = bag("on at in to towards toward near along from around")
_HEIGHTS = {"above": "above", "below": "below", "beneath": "below", "underneath": "below"}
_BREAKS = frozenset({",", "while", "whereas", "but", ":", "—", "(", ")"})
_DETERMINERS = tables.DEFINITE | tables.INDEFINITE | tables.NUMBERS.keys()


class Place(NamedTuple):
    """Objects, the nearest first, of which one is said to be somewhere."""

    start: int
    end: int
    of: tuple[Phrase, ...]
    where: str
    """`left`, `right`, `top`, `bottom`, `centre`; `left of`, `right of`, `above`, `below` of a relation."""
    other: Phrase | None = None


def read(sentence: Sentence) -> Iterator[Place]:
    """Every place that is said plainly."""
    words = sentence.words
    if not sentence.phrases or _SIGNS.isdisjoint(words[sentence.start : sentence.end]):
        return
    done = sentence.start
    for i in range(sentence.start, sentence.end):
        if i >= done and words[i] in _SIGNS:
            found = list(_height(sentence, i) if words[i] in _HEIGHTS else _side(sentence, i))
            yield from found
            done = max([i + 1, *(place.end for place in found)])


def _side(sentence: Sentence, i: int) -> Iterator[Place]:
    """`on the left side of the image`, `in the top right corner`, `to the left of the dog`."""
    words, start, end = sentence.words, sentence.start, sentence.end
    k = i - 1
    while k >= start and words[k] in ("far", "very", "-", "extreme", "lower", "upper", "bottom", "top"):
        k -= 1
    if k <= start or words[k] != "the" or words[k - 1] not in _AT:
        if words[i] in ("left", "right") and words[i + 1 : i + 2] == ["of"] and i > start and words[i - 1] in _NOT_NOUN:
            yield from _relation(sentence, i, i, i + 1, f"{words[i]} of")
        return
    first, j, named = k - 1, i, []
    while j < end and (words[j] in tables.PLACES or words[j] == "-"):
        if words[j] != "-":
            named.append(tables.PLACES[words[j]])
        j += 1
    bare = j
    while j < end and (words[j] in _SIDES or words[j] in ("-", "hand")):
        j += 1
    if j < end and words[j] in tables.RELATIVE:
        return
    if j < end and words[j] == "of":
        yield from _of(sentence, first, bare, j, named)
    elif (j == bare and len(named) > 1) or (named[0] in ("left", "right") and _may_end(words, j, end)):
        if words[first] == "to" and j == bare and not (j < end and words[j] in ("in", "within")):
            return  # `to the left`: of what was spoken of last
        yield from _placed(sentence, first, j, named)


_NOT_NOUN = tables.GLUE | {"just", "directly", "immediately", "slightly", "far"}


def _may_end(words: Sequence[str], j: int, end: int) -> bool:
    """Whether nothing follows that the side could be of."""
    return j >= end or not words[j][0].isalpha() or (words[j] in tables.HEADS_AFTER and words[j] not in ("to", "for"))


def _of(sentence: Sentence, first: int, bare: int, j: int, named: list[str]) -> Iterator[Place]:
    words, end = sentence.words, sentence.end
    k = j + 1
    while k < end and words[k] in _DETERMINERS:
        k += 1
    if k < end and words[k] in tables.FRAME:
        yield from _placed(sentence, first, k + 1, named)
    elif bare == j and len(named) == 1 and named[0] in ("left", "right") and words[first] == "to":
        yield from _relation(sentence, first, bare - 1, j, f"{named[0]} of")


def _placed(sentence: Sentence, first: int, end: int, named: list[str]) -> Iterator[Place]:
    of = _before(sentence, first) or _after(sentence, first, end)
    for where in dict.fromkeys(named):
        if of and (where != "centre" or len(named) == 1):
            yield Place(first, end, of, where)


def _height(sentence: Sentence, i: int) -> Iterator[Place]:
    yield from _relation(sentence, i, i, i, _HEIGHTS[sentence.words[i]])


def _relation(sentence: Sentence, first: int, sign: int, last: int, how: str) -> Iterator[Place]:
    """`last` is the token before the other object."""
    other = next((each for each in sentence.phrases if each.start >= last + 1), None)
    if not other or other.start > last + 1 or other.determiner in ("unsure", "no"):
        return
    of = _before(sentence, first) or _after(sentence, first, other.end)
    if of and all(each.noun != other.noun for each in of):
        yield Place(first, other.end, of, how, other)


def _before(sentence: Sentence, at: int) -> tuple[Phrase, ...]:
    """The object before a place, and those that it hangs on."""
    chain: list[Phrase] = []
    edge = at
    for phrase in reversed([each for each in sentence.phrases if each.end <= at]):
        if not chain:
            if not _glued(sentence.words, phrase.end, at):
                return ()
        elif phrase.end > edge or any(word in _BREAKS for word in sentence.words[phrase.end : edge]):
            break
        chain.append(phrase)
        edge = phrase.start
        link = sentence.words[edge - 1] if edge > sentence.start else ""
        if not _hangs(link) or (link == "with" and sentence.words[edge - 2] == ","):
            return tuple(chain)
    return ()  # it hangs on something that has no name here


def _hangs(word: str) -> bool:
    return word in tables.LINKS or word.endswith("ing") or word in ("and", "or")


def _glued(words: Sequence[str], start: int, end: int) -> bool:
    """Whether only verbs of being and standing are between."""
    between = words[start:end]
    return len(between) <= 8 and all(
        word in tables.GLUE or (word.endswith(("ing", "ed", "ly")) and word not in tables.COMPOUNDS) for word in between
    )


def _after(sentence: Sentence, first: int, end: int) -> tuple[Phrase, ...]:
    """The object of `On the left side of the image, there is a dog`."""
    words = sentence.words
    if first != sentence.start and words[first - 1] not in (",", "and", "while", "additionally"):
        return ()
    k = end
    while k < sentence.end and (words[k] in (",", "there", "is", "are", "stands", "sits", "we", "can", "see", "also")
                                or words[k].endswith("ing")):  # fmt: skip
        k += 1
    return tuple(each for each in sentence.phrases if each.start == k and k > end)[:1]
