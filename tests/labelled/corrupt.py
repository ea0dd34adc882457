"""Answers made false on purpose, each beside the sound one that it was made from.

From templates over COCO's pictures, and from real answers in which a claim that was labelled true is changed. Which
picture, which wording and which change are drawn by a seed; what may be changed at all, `sound` decides.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from datagen.schema import ImageContext, Turn
from tests.labelled import eyes, sound, wordings
from tests.labelled.answers import Answers, Label, is_held_out
from tests.labelled.sound import Fact
from tests.labelled.wordings import Wording

SWAPS = (("side", 0, ("left", "right")), ("height", 1, ("top", "bottom")), ("height", 1, ("upper", "lower")))
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven")
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
UPPER = {"top": ("top", "upper", "above"), "bottom": ("bottom", "lower", "below")}
PLURALS = {
    "person": "people", "bus": "buses", "couch": "couches", "bench": "benches", "sheep": "sheep", "mouse": "mice",
    "sandwich": "sandwiches",
}  # fmt: skip
SHOWN = ("[does not include {a_thing}]", "[{A_thing} cannot be seen]")
AGAIN = 4  # wordings at most that one fact is said in, where pictures are few
KINDS = ("count", "side", "height", "object", "colour", "denial", "premise")


class Case(NamedTuple):
    """A record with one false claim, at `start`:`end` of the last turn's `part`, and its sound twin."""

    kind: str
    source: str
    image: ImageContext
    turns: tuple[Turn, ...]
    part: str
    start: int
    end: int
    sound: tuple[Turn, ...] | None
    wording: str

    @property
    def held_out(self) -> bool:
        """Whether its wording, or of a real answer its picture, is in the half that nothing is tuned on."""
        return _held_out(self.wording) if self.source == "template" else is_held_out(self.image.image_id)


def templates(images: Sequence[ImageContext], each: int = 300, seed: int = 6) -> list[Case]:
    """`each` of every kind, as far as the pictures go."""
    return [case for kind in KINDS for case in _of_kind(kind, images, each, seed)]


def _of_kind(kind: str, images: Sequence[ImageContext], each: int, seed: int) -> Iterator[Case]:
    dice = random.Random(f"{seed} {kind}")
    facts = [(image, fact) for image in images for fact in FACTS[kind](image)]
    dice.shuffle(facts)
    for image, fact in (facts * AGAIN)[:each]:
        yield MAKERS[kind](image, fact, dice)


def _count(image: ImageContext, fact: Fact, dice: random.Random) -> Case:
    true = int(fact.value)
    false = dice.choice([n for n in range(1, true + 4) if n != true and abs(n - true) <= 3])
    fitting = [each for each in wordings.COUNT if each.whole or false > true]
    wording = dice.choice(fitting)
    return _case("count", image, wording, _numbered(fact.subject, false), _numbered(fact.subject, true))


def _numbered(name: str, number: int) -> dict[str, str]:
    things = name if number == 1 else plural(name)
    verbs = ("is", "appears") if number == 1 else ("are", "appear")
    told = {"n": NUMBERS[number], "digit": str(number), "things": things, "are": verbs[0], "appear": verbs[1]}
    return {**told, **_named(name)}


def _side(image: ImageContext, fact: Fact, dice: random.Random) -> Case:
    wording = dice.choice(wordings.RELATION_SIDE if fact.other else wordings.PLACE_SIDE)
    named = _named(fact.subject, fact.other)
    return _case("side", image, wording, {**named, "side": OPPOSITE[fact.value]}, {**named, "side": fact.value})


def _height(image: ImageContext, fact: Fact, dice: random.Random) -> Case:
    wording = dice.choice(wordings.RELATION_HEIGHT if fact.other else wordings.PLACE_HEIGHT)
    named = _named(fact.subject, fact.other)
    false, true = (
        {**named, **dict(zip(("top", "upper", "above"), UPPER[value], strict=True))}
        for value in (OPPOSITE[fact.value], fact.value)
    )
    return _case("height", image, wording, false, true)


def _object(image: ImageContext, fact: Fact, dice: random.Random) -> Case:
    others = [each.subject for each in sound.there(image) if each.subject != fact.subject]
    gone = dice.choice(list(sound.absent(image))).subject
    fitting = [each for each in wordings.OBJECT if others or "other}" not in each.answer]
    other = dice.choice(others) if others else ""
    return _case("object", image, dice.choice(fitting), _named(gone, other), _named(fact.subject, other))


def _colour(image: ImageContext, fact: Fact, dice: random.Random) -> Case:
    said = " ".join(image.captions).lower()
    free = [colour for colour in sound.COLOURS[fact.value].split("|") if colour not in said]
    named, wording = _named(fact.subject), dice.choice(wordings.COLOUR)
    false, true = ({**named, "colour": c, "a_colour": with_article(c)} for c in (dice.choice(free), fact.value))
    return _case("colour", image, wording, false, true)


def _denial(image: ImageContext, fact: Fact, dice: random.Random) -> Case:
    gone = dice.choice(list(sound.absent(image))).subject
    return _case("denial", image, dice.choice(wordings.DENIAL), _named(fact.subject), _named(gone))


def _premise(image: ImageContext, fact: Fact, dice: random.Random) -> Case:
    gone = dice.choice(list(sound.absent(image))).subject
    return _case("premise", image, dice.choice(wordings.PREMISE), _named(gone), _named(fact.subject))


def _sure(facts: Callable[[ImageContext], Iterable[Fact]]) -> Callable[[ImageContext], Iterable[Fact]]:
    """Of pictures in which something can be proven absent."""
    return lambda image: facts(image) if any(sound.absent(image)) else ()


def _free(image: ImageContext) -> Iterator[Fact]:
    """Colours for which another is left that no caption names."""
    said = " ".join(image.captions).lower()
    return (fact for fact in sound.coloured(image) if any(c not in said for c in sound.COLOURS[fact.value].split("|")))


FACTS: dict[str, Callable[[ImageContext], Iterable[Fact]]] = {
    "count": sound.counted, "side": sound.sided, "height": sound.heights, "colour": _free,
    "object": _sure(sound.there), "denial": _sure(sound.there), "premise": _sure(sound.there),
}  # fmt: skip
MAKERS: dict[str, Callable[[ImageContext, Fact, random.Random], Case]] = {
    "count": _count, "side": _side, "height": _height, "object": _object, "colour": _colour, "denial": _denial,
    "premise": _premise,
}  # fmt: skip


def _case(kind: str, image: ImageContext, wording: Wording, false: dict[str, str], true: dict[str, str]) -> Case:
    part = "question" if "[" in wording.question else "answer"
    turn, start, end = _said(wording, false, part)
    return Case(
        kind, "template", image, (turn,), part, start, end, (_said(wording, true, part)[0],),
        _name(kind, wording),
    )  # fmt: skip


def _name(kind: str, wording: Wording) -> str:
    return f"{kind}: {wording.question} / {wording.answer}"


def _held_out(name: str) -> bool:
    """Of a wording; `SHOWN` are two that were held out until a real answer that ended in them was shown."""
    return is_held_out(name) and not any(words in name for words in SHOWN)


def _said(wording: Wording, words: dict[str, str], part: str) -> tuple[Turn, int, int]:
    filled = {**words, **{_capital(key): _capital(value) for key, value in words.items()}}
    question, answer = wording.question.format(**filled), wording.answer.format(**filled)
    marked = question if part == "question" else answer
    start, end = marked.index("["), marked.index("]") - 1
    clean = str.maketrans("", "", "[]")
    return Turn(question.translate(clean), answer.translate(clean)), start, end


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _named(name: str, other: str = "") -> dict[str, str]:
    return {
        "thing": name, "a_thing": with_article(name), "plural": plural(name), "other": other,
        "a_other": with_article(other) if other else "",
    }  # fmt: skip


def with_article(name: str) -> str:
    """`a dog`, `an elephant`."""
    return f"{'an' if name[0] in 'aeio' or name.startswith('umb') else 'a'} {name}"


def plural(name: str) -> str:
    """Of the categories spoken of here."""
    return PLURALS.get(name, f"{name}s")


def real(records: Sequence[Answers], labels: dict[tuple[str, str], tuple[Label, ...]], seed: int = 6) -> list[Case]:
    """One change in each claim of a real answer that is labelled true and that boxes or captions prove. Those that are
    here because they deny something stay as they are."""
    found: list[Case] = []
    for record in (each for each in records if each.file not in eyes.DENYING):
        dice = random.Random(f"{seed} {record.file} {record.id}")
        facts = {name: set(make(record.image)) for name, make in FACTS.items()}
        for label in labels.get((record.file, record.id), ()):
            if label.truth == "true" and label.part == "answer" and record.image.boxes:
                words = record.text(label.turn, "answer")[label.start : label.end]
                changed = _changed(record.image, label, words, facts, dice)
                found += [_within(record, label, kind, new) for kind, new in changed]
        found += _denied(record, sorted(facts["denial"]), dice)
    return found


def _denied(record: Answers, facts: Sequence[Fact], dice: random.Random) -> Iterator[Case]:
    """The last answer with a sentence more."""
    if facts:
        *before, last = record.turns
        alike = [each for each in wordings.DENIAL if _held_out(_name("denial", each)) is record.held_out]
        wording = dice.choice([each for each in alike if not each.question])
        said, start, end = _said(wording, _named(dice.choice(facts).subject), "answer")
        at = len(last.answer) + 1
        turns = (*before, Turn(last.question, f"{last.answer} {said.answer}"))
        yield Case("denial", "real", record.image, turns, "answer", at + start, at + end, record.turns, record.id)


def _within(record: Answers, label: Label, kind: str, new: str) -> Case:
    turn = record.turns[label.turn]
    answer = turn.answer[: label.start] + new + turn.answer[label.end :]
    turns = (*record.turns[: label.turn], Turn(turn.question, answer))
    return Case(
        kind, "real", record.image, turns, "answer", label.start, label.start + len(new),
        record.turns[: label.turn + 1], f"{record.file} {record.id}",
    )  # fmt: skip


def _changed(
    image: ImageContext, label: Label, words: str, facts: dict[str, set[Fact]], dice: random.Random
) -> Iterator[tuple[str, str]]:
    """Kind and new words. Counts go up, since fewer may mean some of them; sides and heights are those of labels."""
    subject = label.subject
    boxes = sum(box.category == subject for box in image.boxes)
    number = re.search(rf"\b({'|'.join(NUMBERS[1:])})\b", words, re.IGNORECASE)
    if label.kind == "count" and number and label.number == boxes == NUMBERS.index(number[0].lower()):
        more = NUMBERS[min(boxes + dice.randint(1, 3), 7)]
        more = _capital(more) if number[0][0].isupper() else more
        yield "count", words[: number.start()] + more + words[number.end() :]
    for kind, axis, pair in SWAPS:
        said = [side for side in pair if label.axis == kind and side in words]
        if len(said) == 1 and sound.clearly(image, subject, axis, said[0] == pair[0], label.other):
            yield kind, words.replace(said[0], pair[said[0] == pair[0]])
    named = label.kind == "presence" and re.fullmatch(rf"an? (\w+ )*{subject}", words, re.IGNORECASE)
    if named and Fact("there", subject) in facts["object"]:
        gone = with_article(dice.choice(sorted(fact.subject for fact in sound.absent(image))))
        yield "object", _capital(gone) if words[0].isupper() else gone
    if label.kind == "attribute":
        for fact in sorted(facts["colour"]):
            if fact.subject == subject and re.search(rf"\b{fact.value}\b", words, re.IGNORECASE):
                said = " ".join(image.captions).lower()
                free = [colour for colour in sound.COLOURS[fact.value].split("|") if colour not in said]
                yield "colour", re.sub(rf"\b{fact.value}\b", dice.choice(free), words, flags=re.IGNORECASE)
