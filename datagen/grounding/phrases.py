"""A text's tokens → the noun phrases that name objects of the vocabulary: how many, which, and how surely said.

It reads one sentence at a time, from the noun leftward to its determiner and one word to the right. Where that word may
be the true head (`dog park`), or the phrase is of a picture or likeness, there is no object and nothing is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, compress
from typing import Literal, NamedTuple

from datagen.grounding import things
from datagen.grounding import words as tables
from datagen.grounding.tokens import pieces, tokens
from datagen.grounding.vocabulary import Form, Hit, Noun, Vocabulary
from datagen.grounding.words import FIRST, HEDGE, NOUN, STOP, bag

Determiner = Literal["a", "the", "number", "many", "no", "unsure", "bare"]
_COPULAS = bag("is are was were")
_LONG = 250  # tokens of a sentence; each is read in time that grows with its square
_REACH = 6  # tokens before a noun in which its determiner stands
_ROUGHLY = bag("or about around approximately nearly almost roughly over under perhaps maybe some")
_NO_COUNT = frozenset({"-", ".", "#", "number", "/"})
_SEEING = bag("see seen observed found spotted noticed identified")
_PARTICIPLES = ("ing", "ed", "ly")


class Phrase(NamedTuple):
    """An object as one sentence names it. Positions are of tokens."""

    start: int
    """Its determiner, or its first word."""
    head: int
    end: int
    noun: Noun
    many: bool | None
    determiner: Determiner
    number: int | None
    """As said, where it is a count of such objects."""
    told: tuple[str, ...]
    """The words between determiner and noun."""
    some: bool
    """Whether it speaks of some only: `two of the dogs`, `two more dogs`, `at least two`."""
    hedged: bool
    """Whether it follows a guess, a not, or a rule of life in its sentence."""

    @property
    def span(self) -> tuple[int, int]:
        """Its first token, and the one after its last."""
        return self.start, self.end


class Text:
    """A text, cut."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tokens(text)
        self._ends: list[int] = []

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters from one token to before another."""
        ends = self._ends
        if not ends:
            ends = self._ends = list(accumulate(map(len, pieces(self.text))))
        return ends[2 * first], ends[2 * last - 1 if last > first else 2 * first + 1]

    def between(self, first: int, last: int) -> str:
        """The words from one token to before another."""
        start, end = self.span(first, last)
        return self.text[start:end]


class Sentence(NamedTuple):
    """One sentence's part of a text's tokens."""

    words: Sequence[str]
    """Of the whole text."""
    start: int
    end: int
    phrases: tuple[Phrase, ...]
    hedge: int
    """Where the first guess or not stands; `end` where there is none."""
    marks: int = tables.EVERY
    """What kinds of words it may have; what is not told here it has not."""


def sentences(text: Text, vocabulary: Vocabulary) -> tuple[list[Sentence], int]:
    """Those that name an object, and what kinds of words the whole text has. Most words are of none, and passed over
    at once."""
    words, marks = text.words, vocabulary.marks
    found: list[Sentence] = []
    hits: list[Hit] = []
    hedges: list[int] = []
    begin, done, here, everywhere, listed = 0, 0, 0, 0, len(words)
    for i in compress(range(len(words)), map(marks.__contains__, words)):
        mark = marks[words[i]]
        if mark & STOP:
            if hits and i > begin:
                found += _read(words, begin, i, hits, hedges, here, listed)
                hits = []
            everywhere |= here
            begin, hedges, here = i + 1, [], 0
        here |= mark
        if mark & NOUN and i >= done:
            hit = vocabulary.at(words, i)
            if hit:
                hits.append(hit)
                done = hit[1]
        if mark & HEDGE:
            hedges.append(i)
        if mark & FIRST and listed > i and _lists(words, i):
            listed = i
    if hits and len(words) > begin:
        found += _read(words, begin, len(words), hits, hedges, here, listed)
    return found, everywhere | here


def _read(
    words: Sequence[str], start: int, end: int, hits: list[Hit], hedges: list[int], marks: int, listed: int
) -> Iterable[Sentence]:
    """A sentence; what never stops is cut. `listed`: where a numbered list begins."""
    if end - start > _LONG:
        return _pieces(words, start, end, hits, hedges, marks, listed)
    hedge = end
    if start > listed:
        hedge = start - 1
    elif hedges:
        hedge = next((i for i in hedges if not _surely(words, start, i)), end)
    phrases, low = [], start
    for hit in hits:
        phrase = _phrase(words, low, start, end, hit, hedge)
        if phrase:
            phrases.append(phrase)
        low = hit[1]
    return (Sentence(words, start, end, tuple(phrases), hedge, marks),)


def _pieces(
    words: Sequence[str], start: int, end: int, hits: list[Hit], hedges: list[int], marks: int, listed: int
) -> Iterator[Sentence]:
    for first in range(start, end, _LONG):
        last = min(first + _LONG, end)
        mine = [hit for hit in hits if (hit[0] >= first or first == start) and hit[0] < last]
        if mine:
            yield from _read(words, first, last, mine, [i for i in hedges if first <= i < last], marks, listed)


def about(text: Text, start: int, phrase: Phrase) -> Sentence:
    """The sentence from there on, read as one of that object: `It` is it, or the object is left out."""
    words, end = text.words, start
    while end < len(words) and words[end] not in tables.ENDS and end - start < _LONG:
        end += 1
    hedge = next((i for i in range(start, end) if words[i] in tables.HEDGES and not sees(words, i)), end)
    it = start + (words[start : start + 1] == ["it"])
    mine = phrase._replace(start=start, head=start, end=it, hedged=False)
    return Sentence(words, start, end, (mine,), hedge)


def _lists(words: Sequence[str], i: int) -> bool:
    """Whether a numbered list begins here: what models list so are tips and reasons, not what is seen."""
    return words[i + 1 : i + 2] in (["."], [")"]) and (not i or not words[i - 1][0].isalnum())


def _after(words: Sequence[str], first: int, determiner: Determiner, hedge: int) -> bool:
    """Whether the phrase comes after a guess; `larger than the dog` speaks of one that is there."""
    return first > hedge and not (determiner == "the" and words[hedge] == "than")


def sees(words: Sequence[str], i: int) -> bool:
    """`can be seen`, `we can see`: no guess."""
    return words[i] in ("can", "could") and not _SEEING.isdisjoint(words[i + 1 : i + 4])


def _surely(words: Sequence[str], start: int, i: int) -> bool:
    """`can be seen`, `can you tell`, and `such as` after `there are`: no guesses."""
    if words[i] in ("can", "could") and words[i + 1 : i + 2] == ["you"]:
        return True
    if words[i] == "such" and words[i + 1 : i + 2] == ["as"]:
        return any(words[n] in _COPULAS and words[n - 1] == "there" for n in range(start + 1, i))
    return sees(words, i)


def _phrase(words: Sequence[str], floor: int, start: int, end: int, hit: Hit, hedge: int) -> Phrase | None:
    i, j, form = hit
    noun, many = form
    if not _is_head(words, i, j, start, end, form):
        return None
    determiner = _SIMPLE.get(words[i - 1]) if i > start else None
    if determiner and (i - 1 == start or words[i - 2] != "of"):  # `the dog`: every second phrase, and soon read
        if many and determiner == "a":
            return None
        return Phrase(i - 1, i, j, noun, many, determiner, None, (), False, _after(words, i - 1, determiner, hedge))
    k, told = _modifiers(words, max(floor, i - _REACH), i)
    if told and (
        not tables.MADE.isdisjoint(told) or (noun.name in things.LIVING and not tables.MATERIALS.isdisjoint(told))
    ):
        return None
    word = words[k] if k >= start else ""
    before = words[k - 1] if k > start else ""
    determiner, number, some, first = _determiner(words, start, k, word, before)
    if determiner == "number" and number != 1 and (many is False or told[:1] == ("-",)):
        return None  # `a two story train`, `10 speed bike`
    if word in ("a", "an") and many:
        return None
    if told and told[0] in tables.SUBSETS:
        some = True
    if first > start and words[first - 1] == "of":
        group = words[first - 2] if first - 1 > start else ""
        if group in tables.DEPICTIONS:
            return None
        if determiner == "bare" and group in tables.GROUPINGS:
            determiner, number, first = _grouped(words, start, first - 2, group)
        elif determiner == "the" and (group in tables.NUMBERS or group.isdecimal()):
            determiner, number, some, first = "number", _value(group), True, first - 2
    return Phrase(first, i, j, noun, many, determiner, number, told, some, _after(words, first, determiner, hedge))


def _is_head(words: Sequence[str], i: int, j: int, start: int, end: int, form: Form) -> bool:
    """Whether the phrase ends in the noun: no `dog park`, no `cat-like`, no `orange` that is a colour."""
    if i > start and words[i - 1] == "-":
        return False
    if j >= end:
        return True
    after = words[j]
    if words[j - 1] in tables.COLOURS and words[min(end - 1, j + (after == ","))] in _COLOURED:
        return False
    if not after[0].isalpha():
        dash = after == "-" and j + 1 < end and words[j + 1] in _DETERMINERS  # `two cats - one on the left`
        return dash or after not in ("-", "_", "/")
    if after == "of" and words[j - 1] == "bed":
        return False
    if after in tables.HEADS_AFTER:
        return True
    if after.endswith(_PARTICIPLES):
        return form.noun.name == "person" or after not in tables.COMPOUNDS  # `a man surfing`, but `kite surfing`
    return bool(form.many)


def _modifiers(words: Sequence[str], low: int, i: int) -> tuple[int, tuple[str, ...]]:
    """The place of the determiner, or of what comes instead, and the words between it and the noun."""
    k = i - 1
    while k >= low:
        word = words[k]
        if word in _STOPS or not word[0].isalpha():
            if word not in _JOINTS or not _joins(words, k, low):
                break
        elif word.endswith("ing") and (k == low or words[k - 1] not in _DETERMINERS):
            break  # `men playing frisbee`, but `two sleeping dogs`
        k -= 1
    return k, tuple(words[k + 1 : i])


def _joins(words: Sequence[str], k: int, low: int) -> bool:
    """`red and white bus`, `a large, wooden bench`, `ladybug-patterned umbrella`."""
    if k <= low:
        return False
    if words[k] == "-":
        return words[k - 1][0].isalpha()
    if words[k - 1] in tables.COLOURS and words[k + 1] in tables.COLOURS:
        return True
    return words[k] == "," and k - 1 > low and words[k - 2] in _DETERMINERS and words[k - 1] not in _STOPS


_SIMPLE: dict[str, Determiner] = {"a": "a", "an": "a", **dict.fromkeys(tables.DEFINITE, "the")}
_COLOURED = tables.COLOURS.keys() | {"and", "or"}
_JOINTS = frozenset({"and", ",", "-"})
_DETERMINERS = tables.INDEFINITE | tables.DEFINITE | tables.UNSURE | tables.PLURALLY | tables.NUMBERS.keys()
_STOPS = (
    _DETERMINERS | tables.LINKS | tables.LOOKS | tables.HEDGES | _COPULAS
    | bag("and or but nor not there while as if then than he she it they we you who which that when where also "
                "has have had do does did can could may might will would should must am be been being to's holding "
                "wearing riding carrying using eating including feature contain include depict display")
)  # fmt: skip


def _determiner(
    words: Sequence[str], start: int, k: int, word: str, before: str
) -> tuple[Determiner, int | None, bool, int]:
    """What the noun's modifiers begin with, the count it gives, whether of some only, and where it stands."""
    if k < start:
        return "bare", None, False, k + 1
    if word in tables.NUMBERS or (word.isdecimal() and len(word) < 4):
        return _counted(words, start, k, word, before)
    if word in tables.PLURALLY:
        return "many", None, before in ("other", "the"), k - (before == "a")
    if word in tables.INDEFINITE:
        return "a", None, word == "another", k
    if word in ("no", "any"):
        return "no" if word == "no" else "unsure", None, False, k
    if word in tables.UNSURE:
        return _other(words, start, k, before)
    if word in tables.DEFINITE:
        return "the", None, False, k
    if word in ("'s", "’s"):
        return "the", None, False, k + 1
    return "bare", None, False, k + 1


def _counted(
    words: Sequence[str], start: int, k: int, word: str, before: str
) -> tuple[Determiner, int | None, bool, int]:
    loose = before in _ROUGHLY or (before in ("to", "than", "most") and k > start + 1)
    if loose or before in _NO_COUNT or before in tables.NUMBERS:
        return "unsure", None, True, k
    if before in ("the", "these", "those", "all", "both"):
        return "number", _value(word), False, k - 1
    return "number", _value(word), before in tables.SUBSETS, k


def _other(words: Sequence[str], start: int, k: int, before: str) -> tuple[Determiner, int | None, bool, int]:
    """`other dogs`, `no other dogs`, `several other dogs`."""
    if words[k] in ("other", "others") and before in tables.PLURALLY | tables.NUMBERS.keys():
        return "many", None, True, k - 1
    return "unsure", None, True, k


def _value(word: str) -> int:
    return tables.NUMBERS[word] if word in tables.NUMBERS else int(word)


def _grouped(words: Sequence[str], start: int, at: int, group: str) -> tuple[Determiner, int | None, int]:
    """`a pair of dogs`, `two slices of pizza`, `a group of four giraffes` comes with its own number."""
    first = at - 1 if at > start and words[at - 1] in tables.INDEFINITE | tables.DEFINITE else at
    if group in ("pair", "trio") and first < at and words[first] in ("a", "one", "the"):
        return "number", 2 if group == "pair" else 3, first
    return "many", None, first
