"""Is it there, and how many: claims against boxes and captions.

The rules lean to silence. Annotators leave things out, box a heap once, and stop after a dozen; a speaker counts what
stands in front. A count above the boxes' is wrong sooner than one below, and absence is proven only where the category
is always boxed, no caption hints at it, and nothing is there that it could have been taken for. A box is no proof
against a denial where the same thing goes by several names: who looked again at pictures in which models had denied
what was boxed, mostly found the box wrong there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from datagen.grounding import things
from datagen.grounding.claims import Standing
from datagen.grounding.phrases import Phrase
from datagen.grounding.scene import Scene
from datagen.grounding.vocabulary import Noun

_MANY = 8  # so many boxes are counted loosely, and annotators stop soon after
_GAP = 0.12  # an object so much smaller than the last one counted may have been left out
_SPECK = 0.0004  # of the picture: nobody counts what is smaller
_LIKE = 0.6  # where not all need be meant, those left out must be as large
_PLAIN = {"single", "lone", "solitary", "sole", "visible", "total"}
_AGREEING = 2  # captions that must say the same
_MIXED = {"car", "truck", "bus", "laptop", "tv"}  # annotators call the same thing by another name
_TINY = 0.002  # of the picture
_SEVERAL = 3  # at least
_SHOWN = 4  # categories named in an explanation


Said = Callable[[], str]
"""Words that are put together when somebody reads them: of most claims nobody asks why they hold."""


class Verdict(NamedTuple):
    """What the annotations say of one claim."""

    standing: Standing
    score: float
    why: Said
    boxes: tuple[int, ...] = ()
    missing: bool = False
    """Whether it is contradicted because there is no such thing at all."""


def presence(scene: Scene, noun: Noun, words: Said) -> Verdict:
    """Whether there is one."""
    boxes = scene.of(noun)
    if boxes:
        return Verdict("supported", 0.9, lambda: scene.seen(noun, boxes), boxes)
    if not scene.boxes:
        named = bool(scene.image.captions) and bool(scene.named(noun))
        why = "no boxes, but a caption" if named else "no boxes"
        return Verdict("supported" if named else "unknown", 0.6, lambda: why)
    if not noun.certain or scene.near(noun):
        return Verdict("unknown", 0.5, lambda: f"no box of {noun.name}, but it may be there under another name")
    if not scene.hinted.isdisjoint(noun.categories):
        return Verdict("supported" if scene.named(noun) else "unknown", 0.6, lambda: f"a caption speaks of {noun.name}")
    if not scene.hinted.isdisjoint(noun.near):
        return Verdict("unknown", 0.5, lambda: f"a caption speaks of something that may be a {noun.name}")
    score = 0.7 if noun.name in things.OVERLOOKED else 0.9
    return Verdict("contradicted", score, lambda: _nowhere(scene, noun, words()), (), True)


def _nowhere(scene: Scene, noun: Noun, words: str) -> str:
    others = ", ".join(list(scene.by_category)[:_SHOWN])
    return f"speaks of {words!r}; no box of {noun.name} and no caption names one (boxed: {others})"


def absence(scene: Scene, noun: Noun, words: Said) -> Verdict:
    """Whether there is none."""
    boxes = scene.of(noun)
    if not boxes:
        named = [phrase for phrases in scene.named(noun) for phrase in phrases if phrase.noun == noun]
        if noun.width == "exact" and noun.plain and len(named) >= _AGREEING and all(map(_is_there, named)):
            return Verdict("contradicted", 0.7, lambda: f"says {words()!r}; captions name {noun.name}")
        there = presence(scene, noun, words)
        if there.standing == "contradicted":
            return Verdict("supported", there.score, lambda: f"no box of {noun.name} and no caption names one")
        return Verdict("unknown", 0.5, there.why)
    plain = tuple(n for n in boxes if scene.area(n) >= _TINY)
    if noun.width == "part" or not plain or (noun.name in things.ROUGH and max(map(scene.area, plain)) < 0.01):
        return Verdict("unknown", 0.5, lambda: "what is boxed may be another kind, or too small to be seen", boxes)
    if (noun.name in things.LOOSE and not _worded(scene, noun)) or scene.doubled(noun, plain):
        why = "what is boxed may go by another name"
        return Verdict("unknown", 0.5, lambda: f"{why}; {scene.seen(noun, boxes)}", boxes)
    return Verdict("contradicted", 0.9, lambda: f"says {words()!r}; {scene.seen(noun, boxes)}", boxes)


def count(scene: Scene, phrase: Phrase, number: int, words: Said, whole: bool, closed: bool) -> Verdict:
    """Whether there are so many. `whole`: all that the picture shows are meant; `closed`: without a word of which."""
    noun = phrase.noun
    boxes = scene.of(noun)
    if not boxes:
        return _by_captions(scene, phrase, number, words, whole) or presence(scene, noun, words)
    if not things.CROWDED.isdisjoint(_plain_names(noun)):
        return Verdict("unknown", 0.5, lambda: f"boxes of {noun.name} may hold several each", boxes)
    there = len(boxes)
    if number == there and noun.width != "wide":
        return Verdict("supported", 0.9, lambda: f"says {words()!r}; {scene.seen(noun, boxes)}", boxes)
    if number in scene.told(noun):
        return Verdict("supported", 0.7, lambda: f"says {words()!r}, and so does a caption", boxes)
    if noun.width == "wide" or not noun.plain or scene.grouped or scene.crowd(boxes):
        return Verdict("unknown", 0.5, lambda: f"not all of these need be boxed; {scene.seen(noun, boxes)}", boxes)
    wrong = _over(scene, noun, number, there) if number > there else _under(scene, phrase, number, boxes, whole, closed)
    if wrong:
        sure = 0.9 if closed else 0.8
        return Verdict("contradicted", sure, lambda: f"says {words()!r}; {scene.seen(noun, boxes)}", boxes)
    why = "may count only some, or more than was boxed"
    return Verdict("unknown", 0.5, lambda: f"{why}; {scene.seen(noun, boxes)}", boxes)


def several(scene: Scene, phrase: Phrase, words: Said) -> Verdict | None:
    """Whether it can be that there are `several`, where one was boxed; None where it may be so."""
    noun = phrase.noun
    boxes = scene.of(noun)
    if len(boxes) != 1 or noun.width != "exact" or not noun.plain or not things.CROWDED.isdisjoint(_plain_names(noun)):
        return None
    if scene.near(noun) or not _over(scene, noun, _SEVERAL, 1):
        return None
    return Verdict("contradicted", 0.7, lambda: f"says {words()!r}; {scene.seen(noun, boxes)}", boxes)


def _worded(scene: Scene, noun: Noun) -> bool:
    """Whether a caption speaks of such a thing by a word that means nothing else."""
    return any(each.noun.name == noun.name and each.noun.plain for several in scene.named(noun) for each in several)


def _is_there(phrase: Phrase) -> bool:
    return phrase.determiner not in ("no", "unsure") and not phrase.hedged


def _by_captions(scene: Scene, phrase: Phrase, number: int, words: Said, whole: bool) -> Verdict | None:
    """By what several captions say in one voice, where no box is there to be counted; None where they do not."""
    noun = phrase.noun
    told = scene.told(noun)
    if number in told:
        return Verdict("supported", 0.7, lambda: f"says {words()!r}, and so does a caption")
    spoken = [each for phrases in scene.named(noun) for each in phrases]
    said = sum(each.number is not None for each in spoken)
    if len(told) != 1 or said < _AGREEING or not noun.plain or any(each.determiner == "many" for each in spoken):
        return None
    (counted,) = told
    if number > counted or (whole and not phrase.told and not phrase.some):
        return Verdict("contradicted", 0.7, lambda: f"says {words()!r}; {said} captions say {counted}")
    return None


def _plain_names(noun: Noun) -> set[str]:
    return {noun.name.lower(), *noun.categories}


def _over(scene: Scene, noun: Noun, number: int, there: int) -> bool:
    """More than were boxed."""
    if scene.many(noun) and there not in scene.told(noun):
        return False
    if max(map(scene.area, scene.of(noun))) < _TINY or scene.vaguely(noun):
        return False
    if there in scene.told(noun):
        return True
    if noun.name in _MIXED and number == there + sum(len(scene.by_category.get(name, ())) for name in noun.near):
        return False  # a van that was boxed as a truck
    return number > 2 * there if there >= _MANY else True


def _under(scene: Scene, phrase: Phrase, number: int, boxes: tuple[int, ...], whole: bool, closed: bool) -> bool:
    """Fewer than were boxed, though the next one is no smaller than those counted."""
    noun = phrase.noun
    if not whole or phrase.some or set(phrase.told) - _PLAIN or noun.width != "exact":
        return False
    if (not closed and noun.name in things.ROUGH) or (len(boxes) >= _MANY and 2 * number >= len(boxes)):
        return False
    areas = sorted(map(scene.area, boxes), reverse=True)
    counted, following = areas[number - 1] if number else 1.0, areas[number]
    slack = _LIKE if not closed or following < _TINY else _GAP
    return following >= max(slack * counted, _SPECK)
