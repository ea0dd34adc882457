"""Colours, materials and states: what an answer gives a thing, against what captions give it.

Boxes know no colours, so only captions can gainsay one: where they give the one such thing in the picture a colour,
and name the answer's nowhere. Shades that two people call differently are no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from functools import cached_property, partial
from itertools import compress
from typing import NamedTuple

from datagen.grounding import words as tables
from datagen.grounding.naming import plural
from datagen.grounding.phrases import Phrase, Sentence
from datagen.grounding.scene import Scene
from datagen.grounding.verdicts import Said, Verdict
from datagen.grounding.words import bag

_JOINTS = frozenset({"and", ",", "-", "&", "or"})
_WORN = bag(
    "shirt t-shirt jacket coat dress hat cap helmet pants shorts jeans suit sweater uniform jersey skirt vest scarf "
    "hoodie outfit glove glasses sunglasses shoe hair wetsuit blouse boot sock top"
)
_SHADES = bag("bright dark light mostly all vibrant deep pale solid entirely completely predominantly")
_HUES = bag("color colour colors colours hue hues shade tone coloration coloring colouring colored coloured fur")
_BEING = bag("is are was were be being looks look appears appear seems seem painted colored coloured dyed")
_HAVING = _BEING | bag("has have having with of in shows show boasts sports displays features")
_BETWEEN = bag("which that who to be been also , in the this image picture photo scene shown seen here a an its it "
               "'s ’s color colour and visible pictured")  # fmt: skip
_ADVERBIAL = _SHADES | bag("a an the its in very quite rather also color colour")
_TO_IT = (_BEING | _ADVERBIAL | bag("has of been be to color colour")) - {"its"}
_PAST = bag("in and with on at as but while which that making standing adding giving against here too or")
_PARTLY = bag("of in on with at by near behind inside under from beside like wearing holding")
_NAMES = COLOURS = tables.COLOURS
_OTHERS = tables.SUBSETS | _NAMES.keys()
STATES = frozenset().union(*(side for pair in tables.OPPOSITES for side in pair))
"""All words for a material or state."""


class Fact(NamedTuple):
    """Colours given to a thing."""

    of: str
    """A category, or a noun that has none."""
    colours: frozenset[str]
    start: int
    end: int
    phrase: Phrase | None


def facts(sentence: Sentence) -> Iterator[Fact]:
    """Every thing in the sentence that is given a colour."""
    words, start, end = sentence.words, sentence.start, sentence.end
    done = start
    for i in compress(range(start, end), map(_NAMES.__contains__, words[start:end])):
        if i >= done:
            done = _run(words, i, end)
            fact = _fact(sentence, i, done)
            if fact:
                yield fact


def of_it(sentence: Sentence) -> Fact | None:
    """`There is a bus. It is red.`: the colour that the next sentence gives the one thing of this one."""
    words, i = sentence.words, sentence.end + 2
    if len(sentence.phrases) != 1 or sentence.phrases[0].many or words[i - 1 : i] not in (["it"], ["its"]):
        return None
    while i < len(words) and (words[i] in _TO_IT or words[i].endswith("ly")):
        i += 1
    if i >= len(words) or words[i] not in _NAMES:
        return None
    j = _run(words, i, len(words))
    after = words[j + (words[j] in _HUES)] if j + 1 < len(words) else "."
    if after == "-" or (after[0].isalpha() and after not in _PAST):
        return None
    phrase = sentence.phrases[0]
    return Fact(phrase.noun.name, frozenset(_NAMES[word] for word in words[i:j] if word in _NAMES), i, j, phrase)


def _run(words: Sequence[str], i: int, end: int) -> int:
    """Where colours that stand together end: `red, white and blue`."""
    j = i + 1
    while j < end:
        k = j
        while k < end and words[k] in _JOINTS and k - j < 2:
            k += 1
        if k >= end or words[k] not in _NAMES:
            break
        j = k + 1
    return j


def _fact(sentence: Sentence, i: int, j: int) -> Fact | None:
    words = sentence.words
    colours = frozenset(_NAMES[word] for word in words[i:j] if word in _NAMES)
    for phrase in sentence.phrases:
        if phrase.start <= i < phrase.head:
            return Fact(phrase.noun.name, colours, phrase.start, phrase.end, phrase)
    owner = _owner(sentence, i, j)
    if owner:
        whole = not owner.some and _OTHERS.isdisjoint(owner.told)
        first, last = min(i, owner.start), max(j, owner.end)
        return Fact(owner.noun.name, colours, first, last, owner) if whole else None
    return _bare(words, i, j, sentence.end, colours)


def _owner(sentence: Sentence, i: int, j: int) -> Phrase | None:
    """Whose is the colour that stands apart: `the bus, which is`, `the hue of the bus is`, `a bus of a red hue`."""
    words, end = sentence.words, sentence.end
    if words[j : j + 4] == ["is", "the", "color", "of"] or words[j : j + 4] == ["is", "the", "colour", "of"]:
        return next((each for each in sentence.phrases if each.start == j + 4), None)
    hue = j < end and words[j] in _HUES
    after = words[j + hue] if j + hue < end else "."
    if after == "-" or (after[0].isalpha() and after not in _PAST):
        return None
    k = i - 1
    while k >= sentence.start and (words[k] in _ADVERBIAL or words[k].endswith("ly")):
        k -= 1
    links = _HAVING if hue else _BEING
    in_hue = words[j : j + 1] == ["in"] and j + 1 < end and words[j + 1] in _HUES
    tied = k >= sentence.start and (words[k] in links or (in_hue and words[k] == ","))
    while tied and k >= sentence.start and (words[k] in links or words[k] in _BETWEEN or words[k].endswith("ly")):
        owner = next((each for each in sentence.phrases if each.end == k), None)
        if owner:
            return owner if _whole(words, owner, sentence.start) else None
        k -= 1
    owner = next((each for each in sentence.phrases if each.end == k + 1), None)
    return owner if tied and owner and _whole(words, owner, sentence.start) else None


def _whole(words: Sequence[str], owner: Phrase, start: int) -> bool:
    """Whether it is the thing's colour and not that of a part: `the roof of the bus is red`."""
    before = words[owner.start - 2 : owner.start] if owner.start - 2 >= start else words[start : owner.start]
    return not before or before[-1] not in _PARTLY or (before[-1] == "of" and before[0] in _HUES)


def _bare(words: Sequence[str], i: int, j: int, end: int, colours: frozenset[str]) -> Fact | None:
    """`a red shirt`: of things that have no category."""
    if j >= end or not words[j][0].isalpha() or words[j] in tables.HEADS_AFTER or words[j] in tables.FRAME:
        return None
    after = words[j + 1] if j + 1 < end else "."
    if (after[0].isalpha() and after not in tables.HEADS_AFTER) or after == "-":
        return None
    return Fact(words[j], colours, i, j + 1, None)


class Palette:
    """What captions say of colours and states."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.given: dict[str, set[str]] = {}
        self.sets: dict[str, list[frozenset[str]]] = {}
        self.named: set[str] = set()
        for number, text in enumerate(scene.texts):
            loose = [_NAMES[word] for word in text.words if word in _NAMES]
            for sentence in scene.read(number) if loose else ():
                for fact in facts(sentence):
                    loose = [colour for colour in loose if colour not in fact.colours]
                    self.given.setdefault(fact.of, set()).update(fact.colours)
                    self.sets.setdefault(fact.of, []).append(fact.colours)
            self.named.update(loose)  # of what, was not read

    @cached_property
    def states(self) -> dict[str, set[str]]:
        """The words about each thing, in captions that name a state or material."""
        found: dict[str, set[str]] = {}
        for number, text in enumerate(self.scene.texts):
            for sentence in () if STATES.isdisjoint(text.words) else self.scene.read(number):
                for phrase in sentence.phrases:
                    around = (*phrase.told, *text.words[phrase.end : phrase.end + 2])
                    found.setdefault(phrase.noun.name, set()).update(around)
        return found

    def judge(self, fact: Fact, words: Said) -> Verdict | None:
        """What captions say of the colours; None where they say nothing of this thing's."""
        given = self.given.get(fact.of)
        if not given:
            return None
        boxes = self.scene.of(fact.phrase.noun) if fact.phrase else ()

        def told() -> str:
            return f"captions have {' and '.join(sorted(given))} {fact.of}"

        other = fact.colours - given
        if not other or (fact.colours & given and not self._swapped(fact)):
            return Verdict("supported", 0.8, told, boxes)
        close = any(one in group and two in group for group in tables.NEAR_COLOURS for one in other for two in given)
        if close or other & self.named or not self._only_one(fact, boxes):
            return Verdict("unknown", 0.5, told, boxes)
        return Verdict("contradicted", 0.8, lambda: f"says {words()!r}; {told()}", boxes)

    def _swapped(self, fact: Fact) -> bool:
        """Whether a caption has as many colours, some of them others: `red and white` of a red and green bus."""
        return any(len(each) == len(fact.colours) > 1 and each & fact.colours for each in self.sets[fact.of])

    def _only_one(self, fact: Fact, boxes: tuple[int, ...]) -> bool:
        if fact.phrase:
            noun = fact.phrase.noun
            alone = len(boxes) <= 1 and not fact.phrase.many and not self.scene.many(noun)
            return alone and (len(boxes) == 1 or max(self.scene.told(noun), default=1) <= 1)
        if fact.of in _WORN or fact.of.rstrip("s") in _WORN:
            return len(self.scene.by_category.get("person", ())) <= 1
        return plural(fact.of) == fact.of or plural(fact.of) not in self.given

    def state(self, phrase: Phrase, words: Said) -> Verdict | None:
        """Whether captions give the thing the opposite state; None where they give it none."""
        known = self.states.get(phrase.noun.name)
        if not known or not phrase.told or phrase.many:
            return None
        for one, two in (*tables.OPPOSITES, *((two, one) for one, two in tables.OPPOSITES)):
            mine, other = one.intersection(phrase.told), two & known
            if mine and not one.isdisjoint(known):
                return Verdict("supported", 0.7, partial(_also, mine), self.scene.of(phrase.noun))
            if mine and other and len(self.scene.of(phrase.noun)) == 1:
                return Verdict("contradicted", 0.7, partial(_instead, phrase, words, other), self.scene.of(phrase.noun))
        return None


def _also(states: Set[str]) -> str:
    return f"a caption says {' '.join(states)} too"


def _instead(phrase: Phrase, words: Said, others: Set[str]) -> str:
    return f"says {words()!r}; a caption has {' '.join(sorted(others))} {phrase.noun.name}"
