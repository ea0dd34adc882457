"""Where things are said to be, against where their boxes are.

Of several objects of a kind any may be meant, and of a chain of objects each: a place is wrong when it is wrong of all.
"""

from __future__ import annotations

from datagen.grounding import geometry
from datagen.grounding.places import Place
from datagen.grounding.scene import Scene
from datagen.grounding.verdicts import Said, Verdict

_MOST = 12  # boxes of a kind, above which one more may have been left out


def judge(scene: Scene, place: Place, words: Said) -> Verdict:
    """Whether the object is where it is said to be."""
    verdicts = [_one(scene, place, number, words) for number in range(len(place.of))]
    if all(each.standing == "contradicted" for each in verdicts):
        return verdicts[0]
    return next((each for each in verdicts if each.standing == "supported"), verdicts[0]._replace(standing="unknown"))


def _one(scene: Scene, place: Place, number: int, words: Said) -> Verdict:
    phrase = place.of[number]
    boxes = scene.of(phrase.noun)
    others = scene.of(place.other.noun) if place.other else ()
    if not boxes or (place.other and not others):
        return Verdict("unknown", 0.5, lambda: "not all that it speaks of is boxed")
    if len(boxes) > _MOST or len(others) > _MOST or scene.grouped:
        return Verdict("unknown", 0.5, lambda: "too many to tell which is meant")
    told = [
        _at(scene, place.where, n) if not others else geometry.stands(scene.boxes[n], place.where, scene.boxes[m])
        for n in boxes
        for m in (others or (n,))
        if n != m or not others
    ]

    def why() -> str:
        return _why(scene, place, number, words())

    wanted = 1 if place.other else max(1, phrase.number or 1)
    if any(told) and sum(each is not False for each in told) >= wanted:
        return Verdict("supported", 0.9, why, boxes + others)
    sure = phrase.noun.plain and not (place.other and not place.other.noun.plain) and not _loose(scene, place)
    possible = sum(each is not False for each in told)
    if told and sure and possible < wanted <= len(boxes):
        return Verdict("contradicted", 0.9 if len(boxes) == 1 else 0.8, why, boxes + others)
    return Verdict("unknown", 0.5, why, boxes + others)


def _why(scene: Scene, place: Place, number: int, words: str) -> str:
    nouns = [place.of[number].noun, *((place.other.noun,) if place.other else ())]
    return "; ".join([f"says {words!r}", *(f"{noun.name}: {scene.quoted(scene.of(noun))}" for noun in nouns)])


def _loose(scene: Scene, place: Place) -> bool:
    """Whether another may be meant that has no box."""
    nouns = [phrase.noun for phrase in (*place.of, *((place.other,) if place.other else ()))]
    return any(noun.width == "wide" or scene.many(noun) for noun in nouns)


def _at(scene: Scene, where: str, number: int) -> bool | None:
    box = scene.boxes[number]
    return False if geometry.not_at(box, where) else True if geometry.is_at(box, where) else None
