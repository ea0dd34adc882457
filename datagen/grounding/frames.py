"""How a sentence says that something is there, is not, or is so often: the words around a noun phrase.

`There are two dogs` counts all; `two dogs on the bed` counts those; `a dog needs a walk` counts none.
"""

from __future__ import annotations

from collections.abc import Sequence

from datagen.grounding import words as tables
from datagen.grounding.phrases import Phrase, Sentence, sees
from datagen.grounding.words import bag

_BE = bag("is are was were isn't aren't 's")
_ASIDE = frozenset({":", "by", "for", "from", "of", "about", "with", "than", "-", ")"})
_NOTS = bag("not isn't aren't don't doesn't can't cannot couldn't didn't wasn't weren't")
_ANY = bag("any a an")
_LOOKED = bag("show contain feature include have depict display")
_SEEK = _LOOKED | bag("see find spot appear seem to be clearly actually even")
"""What may stand between a not and what is denied; what a picture does not show, but a man may not have."""
_ROOMS = bag("car train bus boat airplane truck oven microwave refrigerator")
_HERE = bag(
    "visible present seen shown on in at near next to the behind beside between close nearby there above below under "
    "beneath inside among amongst surrounded along across"
)
_HOLDING = bag("carrying holding riding wearing")
_SEVERAL = bag("several many numerous multiple")
_AUXILIARIES = bag("is are can could was were")
_IN_SIGHT = bag("visible present seen shown depicted found pictured included")
_WITHIN = tables.FRAME | bag("in within the this here at all")
_ADVERBS = bag("also clearly still only just currently exactly altogether prominently partially clearly barely already")


def framed(sentence: Sentence, number: int, before: bool) -> bool:
    """Whether the phrase says what the picture holds: `there are`, `the image shows`, or one more of such a list."""
    words, phrase = sentence.words, sentence.phrases[number]
    k = phrase.start - 1
    while k > sentence.start and words[k] in _ADVERBS:
        k -= 1
    if words[k] == "of" and words[k - 2 : k] == ["a", "total"]:
        k -= 3
    if k > sentence.start and words[k] in _BE and words[k - 1] == "there":
        return True
    if k > sentence.start and words[k] == "as" and words[k - 1] == "such":
        return True  # where it is no guess, it names what is seen
    if k >= sentence.start and words[k] in tables.LOOKS:
        return True
    if before and number:
        between = words[sentence.phrases[number - 1].end : phrase.start]
        return len(between) <= 3 and all(word in (",", "and", "also", "plus") for word in between)
    return False


def closed(sentence: Sentence, end: int) -> bool:
    """Whether the noun phrase ends without a word of which ones are meant."""
    words = sentence.words
    if end < sentence.end and words[end] in ("or", "nor"):
        return any(each.start == end + 1 and closed(sentence, each.end) for each in sentence.phrases)
    if end >= sentence.end or words[end] in (",", "and", ")", ":", "—", "–", "-", '"'):
        return True
    k = end
    while k < sentence.end and words[k] in _BE | {"can", "be", "that", "which"} | _ADVERBS:
        k += 1
    if k < sentence.end and words[k : k + 3] == ["to", "be", "seen"]:
        return True
    if k >= sentence.end or words[k] in (
        "visible",
        "present",
        "seen",
        "shown",
        "pictured",
        "depicted",
        "here",
        "total",
    ):
        return True
    if words[k : k + 2] == ["in", "sight"] or words[k] == "anywhere":
        return True
    if words[k] in ("in", "within"):
        rest = words[k + 1 : k + 3]
        return (rest[-1:] != [] and rest[-1] in tables.FRAME) or (bool(rest) and rest[0] in ("total", "all", "view"))
    return False


def only(sentence: Sentence, phrase: Phrase, framed: bool, asked: bool) -> bool:
    """Whether just one is counted: `only one dog`, `a single dog`, or the answer to how many."""
    if phrase.number == 1:
        before = sentence.words[phrase.start - 1] if phrase.start > sentence.start else ""
        return asked or (before in ("only", "just") and (framed or closed(sentence, phrase.end)))
    return phrase.determiner == "a" and phrase.told[:1] in (("single",), ("lone",), ("solitary",), ("sole",)) and framed


def several(sentence: Sentence, phrase: Phrase) -> bool:
    """Whether it says outright that there are three or more: `several dogs`, not `a group of dogs`."""
    return sentence.words[phrase.start] in _SEVERAL and phrase.many is True


def denies(sentence: Sentence, phrase: Phrase) -> bool:
    """`there is no dog`, `no dogs are visible`, `there isn't a dog`, `I cannot see any dogs`."""
    words, start, k = sentence.words, sentence.start, phrase.start
    before = words[k - 1] if k > start else ""
    if phrase.determiner == "no" or phrase.number == 0:
        return k == start or before in _BE | tables.LOOKS | {",", "and", "or", "see", "however"}
    if phrase.determiner not in ("unsure", "a", "bare") or (before not in ("or", "nor") and words[k] not in _ANY):
        return False
    if before in ("or", "nor", "neither"):
        return before == "neither" or any(each.end == k - 1 and denies(sentence, each) for each in sentence.phrases)
    n = k - 1
    while n > start and words[n] in _SEEK:
        n -= 1
    if n < start or words[n] not in _NOTS:
        return False
    if n == k - 1:
        return "there" in words[max(start, n - 2) : n]
    told = words[n + 1 : k]
    return _LOOKED.isdisjoint(told) or not tables.FRAME.isdisjoint(words[start:n])


def asserted(sentence: Sentence, phrase: Phrase, framed: bool) -> bool:
    """Whether the phrase says that there is such an object, and not what such objects are like or what they are for."""
    words, k = sentence.words, phrase.start
    if phrase.determiner in ("unsure", "no") or words[k] == "another" or _inside(sentence, phrase):
        return False
    if sentence.hedge < sentence.end and unseen(sentence, phrase):
        return False
    before = words[k - 1] if k > sentence.start else ""
    if phrase.determiner == "bare" and phrase.many and before in _HOLDING and k - 2 >= sentence.start:
        return words[k - 2] in _BE  # `they are carrying umbrellas`
    if before == "as" and framed:
        return True
    if (
        before in ("as", "like", "or")
        or words[phrase.end : phrase.end + 1] == ["or"]
        or words[phrase.end : phrase.end + 2] == ["on", "it"]
    ):
        return False  # `as strong as a bear`, `a bed or a couch`, `a shirt with a cat on it`
    if phrase.determiner == "bare":
        return framed
    if framed:
        return True
    if k - 2 >= sentence.start and words[k - 2] == "to" and words[k - 1].isalpha():
        return False
    if before.endswith("ing") and (k - 2 < sentence.start or words[k - 2] in _ASIDE):
        return False  # `Placing a vase there helps`, `by wearing a tie`
    if phrase.determiner == "the":
        return True
    after = words[phrase.end] if phrase.end < sentence.end else ""
    if after in ("'s", "’s"):
        return False
    if words[sentence.start].endswith("ing") or words[sentence.start] == "to":
        return False
    if after in tables.MODALS:
        return sees(words, phrase.end)
    return k != sentence.start or after not in _BE or _seen(words, phrase.end + 1, sentence.end)


def _seen(words: Sequence[str], k: int, end: int) -> bool:
    """Whether what follows `a dog is` can be looked at, and is no truth of dogs."""
    while k < end and words[k] in _ADVERBS:
        k += 1
    word = words[k] if k < end else "."
    return word.endswith(("ing", "ed")) or word in _HERE


def unseen(sentence: Sentence, phrase: Phrase) -> bool:
    """`a dog cannot be seen`, `dogs are not visible`, `a dog is not in the image`: that the picture holds none."""
    words, k, end = sentence.words, phrase.end, sentence.end
    while k < end and words[k] in _AUXILIARIES:
        k += 1
    if k >= end or words[k] not in _NOTS or (k == phrase.end and words[k] == "not"):
        return False
    k += 1
    while k < end and words[k] in ("be", "actually", "to"):
        k += 1
    framed = k + 1 < end and words[k] in ("in", "within") and not tables.FRAME.isdisjoint(words[k + 1 : k + 3])
    if k >= end or not (words[k] in _IN_SIGHT or framed):
        return False
    k += 1
    while k < end and words[k] in _WITHIN:
        k += 1
    return k >= end or not words[k][0].isalpha() or words[k] in ("anywhere", "and", "but")


def _inside(sentence: Sentence, phrase: Phrase) -> bool:
    """`on a train`, `the window of a car`: the picture may be taken from within, where nothing is boxed."""
    before = sentence.words[phrase.start - 1] if phrase.start > sentence.start else ""
    return before in ("in", "inside", "on", "of", "aboard", "from", "onto", "into") and phrase.noun.name in _ROOMS
