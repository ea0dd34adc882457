"""How a sentence says that something is there, is not, or is so often: the words around a noun phrase.

`There are two dogs` counts all; `two dogs on the bed` counts those; `a dog needs a walk` counts none.
"""

from __future__ import annotations

from collections.abc import Sequence

from datagen.grounding import words as tables
from datagen.grounding.phrases import Phrase, Sentence, sees
from datagen.grounding.words import bag

_BE = bag("is are was were isn't aren't 's")
_ROOMS = bag("car train bus boat airplane truck oven microwave refrigerator")
_HERE = bag(
    "visible present seen shown on in at near next to the behind beside between close nearby there above below under "
    "beneath inside among amongst surrounded along across"
)
_ADVERBS = bag("also clearly still only just currently exactly altogether prominently partially clearly barely already")


def framed(sentence: Sentence, number: int, before: bool) -> bool:
    """Whether the phrase says what the picture holds: `there are`, `the image shows`, or one more of such a list."""
    words, phrase = sentence.words, sentence.phrases[number]
    k = phrase.start - 1
    while k > sentence.start and words[k] in _ADVERBS:
        k -= 1
    if k > sentence.start and words[k] in _BE and words[k - 1] == "there":
        return True
    if k >= sentence.start and words[k] in tables.LOOKS:
        return True
    if before and number:
        between = words[sentence.phrases[number - 1].end : phrase.start]
        return len(between) <= 3 and all(word in (",", "and", "also", "plus") for word in between)
    return False


def closed(sentence: Sentence, end: int) -> bool:
    """Whether the noun phrase ends without a word of which ones are meant."""
    words = sentence.words
    if end >= sentence.end or words[end] in (",", "and", ")", ":", "—", "–", '"'):
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
    if words[k] in ("in", "within"):
        rest = words[k + 1 : k + 3]
        return (rest[-1:] != [] and rest[-1] in tables.FRAME) or (bool(rest) and rest[0] in ("total", "all", "view"))
    return False


def only(sentence: Sentence, phrase: Phrase, framed: bool, asked: bool) -> bool:
    """Whether just one is counted: `only one dog`, `a single dog`, or the answer to how many."""
    before = sentence.words[phrase.start - 1] if phrase.start > sentence.start else ""
    whole = framed or closed(sentence, phrase.end)
    if phrase.number == 1:
        return asked or (whole and before in ("only", "just"))
    return phrase.determiner == "a" and phrase.told[:1] in (("single",), ("lone",), ("solitary",), ("sole",)) and framed


def denies(sentence: Sentence, phrase: Phrase) -> bool:
    """`there is no dog`, `no dogs are visible`, `there isn't a dog`, `does not show any dogs`."""
    words, k = sentence.words, phrase.start
    if phrase.determiner == "no" or phrase.number == 0:
        return k == sentence.start or words[k - 1] in _BE | tables.LOOKS | {",", "and", "or", "see", "however"}
    if phrase.determiner in ("unsure", "a") and words[k] in ("any", "a", "an"):
        before = list(words[max(sentence.start, k - 3) : k])
        if before[-1:] and before[-1] in ("isn't", "aren't"):
            return before[-2:-1] == ["there"]
        if before[-1:] == ["not"]:
            return before[-3:-2] == ["there"]
        return before[-2:-1] in (["not"], ["don't"], ["doesn't"]) and before[-1] in tables.LOOKS
    return False


def asserted(sentence: Sentence, phrase: Phrase, framed: bool) -> bool:
    """Whether the phrase says that there is such an object, and not what such objects are like or what they are for."""
    words, k = sentence.words, phrase.start
    if phrase.determiner in ("unsure", "no") or words[k] == "another" or _inside(sentence, phrase):
        return False
    before = words[k - 1] if k > sentence.start else ""
    if before in ("as", "like") or words[phrase.end : phrase.end + 2] == ["on", "it"]:
        return False  # `as strong as a bear`, `a shirt with a cat on it`
    if phrase.determiner == "bare":
        return framed
    if framed:
        return True
    if k - 2 >= sentence.start and words[k - 2] == "to" and words[k - 1].isalpha():
        return False
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


def _inside(sentence: Sentence, phrase: Phrase) -> bool:
    """`on a train`, `the window of a car`: the picture may be taken from within, where nothing is boxed."""
    before = sentence.words[phrase.start - 1] if phrase.start > sentence.start else ""
    return before in ("in", "inside", "on", "of", "aboard", "from", "onto", "into") and phrase.noun.name in _ROOMS
