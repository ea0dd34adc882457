"""A sentence's phrases → where things are said to be: in the picture, and beside one another.

A place belongs to the object right before it, and where that hangs on another (`a man with a dog on the left`) to
either: both are handed on. Where an unknown word stands between, the place may be of something that has no box, and
nothing is read. A body's left, a road's and a table's are not the picture's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from datagen.grounding import words as tables
from datagen.grounding.phrases import Phrase, Sentence
from datagen.grounding.words import bag, entries

_SIDES = bag("side part portion half corner edge area section third end hand most foreground background")
_AT = bag("on at in to towards toward near along from around by occupies occupying over")
_HEIGHTS = {"above": "above", "below": "below", "beneath": "below", "underneath": "below"}
_BREAKS = frozenset({",", "while", "whereas", "but", ":", "—", "(", ")"})
_FRONTED = entries("person; bed; couch; chair; bicycle; car; motorcycle; airplane; bus; train; truck; boat; horse")
_ONES = bag("one another other others remaining two three four")
_ROOMS = bag("room kitchen bathroom bedroom")
_FRAMES = tables.FRAME | _ROOMS
_INNER = bag("living dining hotel")
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
    if not sentence.phrases:
        return
    start, end = sentence.start, sentence.end
    done = start
    for i in compress(range(start, end), map(tables.SIGNS.__contains__, words[start:end])):
        if i >= done:
            found = list(_height(sentence, i) if words[i] in _HEIGHTS else _side(sentence, i))
            yield from found
            done = max([i + 1, *(place.end for place in found)])


def _side(sentence: Sentence, i: int) -> Iterator[Place]:
    """`on the left side of the image`, `in the top right corner`, `to the left of the dog`, `to its left`."""
    words, start, end = sentence.words, sentence.start, sentence.end
    k = i - 1
    while k >= start and words[k] in _FAR:
        k -= 1
    if k > start and words[k] in _OWN and words[i] in ("left", "right"):
        yield from _of_owner(sentence, k, i)
        return
    subject = k >= start and words[k] == "the" and (k == start or words[k - 1] in _OPENS)
    if k < start or words[k] != "the" or not (subject or words[k - 1] in _AT):
        if words[i] in ("left", "right") and words[i + 1 : i + 2] == ["of"] and i > start and words[i - 1] in _NOT_NOUN:
            yield from _relation(sentence, i, i, i + 1, f"{words[i]} of")
        return
    first, j, named = k if subject else k - 1, i, []
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
    elif j < end and words[j] == "than" and bare == j and len(named) == 1:
        yield from _relation(sentence, first, i, j, f"{named[0]} of")
    elif (j == bare and len(named) > 1) or (named[0] in ("left", "right") and _may_end(words, j, end)):
        beside = words[first] == "to" and j == bare and not (j < end and words[j] in ("in", "within"))
        if beside and (first == start or words[first - 1] not in ("off", "over", "far")):
            return  # `to the left`: of what was spoken of last
        yield from _placed(sentence, first, j, named)


_FAR = bag("far very - extreme lower upper bottom top immediate")
_OWN = bag("its 's ’s")
_OPENS = bag(", and while that whereas but")


def _of_owner(sentence: Sentence, k: int, i: int) -> Iterator[Place]:
    """`to its left`, `on the bus's left`, `at the image's left`: a person's or an animal's left may be its own."""
    words, start = sentence.words, sentence.start
    side, last = words[i], i + 1
    while last < sentence.end and (words[last] in _SIDES or words[last] == "-"):
        last += 1
    if words[k] == "its":
        other = sentence.phrases[0]
        of = _before(sentence, k - 1) if words[k - 1] in _AT else ()
        if of and other not in of and len(sentence.phrases) == 1 + len(of) and not other.many:
            yield from _beside(k - 1, last, of, f"{side} of", other)
        return
    if words[k - 1] in tables.FRAME and k - 3 >= start and words[k - 2] in ("the", "this") and words[k - 3] in _AT:
        yield from _placed(sentence, k - 3, last, [tables.PLACES[side]])
        return
    owner = next((each for each in sentence.phrases if each.end == k), None)
    if owner and owner.start > start and words[owner.start - 1] in _AT:
        of = _before(sentence, owner.start - 1) or _after(sentence, owner.start - 1, last)
        yield from _beside(owner.start - 1, last, of, f"{side} of", owner)


def _beside(first: int, last: int, of: tuple[Phrase, ...], how: str, other: Phrase) -> Iterator[Place]:
    if of and "person" not in other.noun.categories and all(each.noun != other.noun for each in of):
        yield Place(first, last, of, how, other)


_NOT_NOUN = tables.GLUE | {"just", "directly", "immediately", "slightly", "far"}


def _may_end(words: Sequence[str], j: int, end: int) -> bool:
    """Whether nothing follows that the side could be of."""
    return j >= end or not words[j][0].isalpha() or (words[j] in tables.HEADS_AFTER and words[j] not in ("to", "for"))


def _of(sentence: Sentence, first: int, bare: int, j: int, named: list[str]) -> Iterator[Place]:
    words, end = sentence.words, sentence.end
    k = j + 1
    while k < end and (words[k] in _DETERMINERS or words[k] in _INNER):
        k += 1
    if k < end and (words[k] in tables.FRAME or (words[k] in _ROOMS and named[0] in ("left", "right"))):
        yield from _placed(sentence, first, k + 1, named)
    elif len(named) == 1 and named[0] in ("left", "right"):
        side = set(words[bare:j]) - {"-", "hand"}
        for place in _relation(sentence, first, bare - 1, j, f"{named[0]} of"):
            if (words[first] == "to" and bare == j) or (side <= {"side"} and place.other and _plain_side(place.other)):
                yield place


def _plain_side(other: Phrase) -> bool:
    """Whether its left is the picture's: a person, a car or a chair has a left of its own."""
    return _FRONTED.isdisjoint(other.noun.categories) and not other.noun.name.startswith("teddy")


def _placed(sentence: Sentence, first: int, end: int, named: list[str]) -> Iterator[Place]:
    of = _before(sentence, first) or _after(sentence, first, end)
    for where in dict.fromkeys(named):
        if of and (where != "centre" or len(named) == 1):
            yield Place(first, end, of, where)


def listed(sentence: Sentence, spoken: Phrase | None) -> Iterator[Place]:
    """`two dogs, one on the left side and another on the right`: places of some of those that were counted before.

    `spoken` is what the sentence before counted last. Of each side as many are wanted as were put there so far. Where
    no picture or room is named, one may be on the left of the other only.
    """
    words, so_far = sentence.words, dict[str, int]()
    for i in range(sentence.start, sentence.end):
        if words[i] not in _ONES or _FRAMES.isdisjoint(words[i : sentence.end]):
            continue
        k = i + 1
        several = words[i] in ("other", "others", "another", "remaining")
        number = 1
        if several and k < sentence.end and words[k] in tables.NUMBERS:
            number, k = tables.NUMBERS[words[k]], k + 1
        elif words[i] in tables.NUMBERS:
            number = tables.NUMBERS[words[i]]
        elif words[i] == "others":
            number = 2
        while k < sentence.end and (words[k] in tables.GLUE or words[k].endswith(("ing", "ed", "ly"))):
            k += 1
        if k >= sentence.end or words[k] not in _AT | {"the", *_FAR, "left", "right"}:
            continue
        of = next((each for each in reversed(sentence.phrases) if each.end <= i and _counts(each)), spoken)
        if of and number:
            it = of._replace(start=i, head=i, end=i + 1, number=number, told=(), some=True)
            yield from _of_ones(sentence, it, k, so_far)


def _of_ones(sentence: Sentence, it: Phrase, at: int, so_far: dict[str, int]) -> Iterator[Place]:
    """What is said of one of them right after it."""
    stop = next((i for i in range(at, sentence.end) if sentence.words[i] in _BREAKS | _ONES | {"and"}), sentence.end)
    mine = Sentence(sentence.words, it.start, stop, (it,), sentence.hedge)
    for place in read(mine):
        if place.other is None and place.where in ("left", "right") and place.of == (it,):
            so_far[place.where] = so_far.get(place.where, 0) + (it.number or 1)
            yield place._replace(of=(it._replace(number=so_far[place.where]),))


def _counts(phrase: Phrase) -> bool:
    return phrase.determiner == "many" or bool(phrase.number and phrase.number > 1)


def counted(sentence: Sentence) -> Phrase | None:
    """What the sentence counts last, if anything."""
    return next((each for each in reversed(sentence.phrases) if _counts(each)), None)


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


_SHOWING = tables.LOOKS | bag(
    ", there is are stands sits stand sit lies lie hangs appears we you one i he viewer can could may will also see "
    "notice find spot observe seen be visible located placed positioned occupied filled taken up by holds has where "
    "rests ll 'll ' that parked : dominated"
)


def _after(sentence: Sentence, first: int, end: int) -> tuple[Phrase, ...]:
    """The object of `On the left side of the image, there is a dog`."""
    words = sentence.words
    if first != sentence.start and words[first - 1] not in (",", "and", "while", "additionally"):
        return ()
    k = end
    while k < sentence.end and (words[k] in _SHOWING or words[k].endswith(("ing", "'ll", "’ll"))):
        k += 1
    return tuple(each for each in sentence.phrases if each.start == k and k > end)[:1]
