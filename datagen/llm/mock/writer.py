"""Messages → the reply that a diligent but unimaginative writer would give.

The form is told from the examples among the messages, as a real model tells it: replies with `===` lines are dialogue,
with one pair each they are a single question to reason about, and anything else is a description. Where things are
named that are absent, the dialogue is about those; where the examples ask for nothing but numbers, places and sizes, it
does too. What is said is taken from the last user turn alone, or, where that asks for the whole reply again, from the
one before it. The same messages give the same reply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations, zip_longest
from typing import Any, TypeVar

from datagen.llm.mock import scene as scenes
from datagen.llm.mock.knowledge import ANYWHERE, GROUPS, LESSONS
from datagen.llm.mock.scene import Scene, Thing
from datagen.llm.mock.words import a, is_are, listed, number, plural, sentence, some
from datagen.text import pick

T = TypeVar("T")
Pair = tuple[str, str]
_WHERE = re.compile(
    r"\b(?:how many|more|which side|left|right|above|below|upper|lower|higher|where in)\b", re.IGNORECASE
)
_AGAIN = re.compile(r"\bwhole reply again\b", re.IGNORECASE)


def reply(messages: Sequence[dict[str, Any]]) -> str:
    """The text of the reply to a chat's messages."""
    messages = _first_asked(messages)
    context = _last(messages, "user")
    shots = [str(m.get("content")) for m in messages if m.get("role") == "assistant"]
    separators = [shot.splitlines().count("===") for shot in shots]
    writer = _Writer(scenes.read(context), context)
    if not any(separators):
        return writer.description() if shots else _blocks(writer.dialogue())
    if max(separators) == 1:
        return _blocks([writer.reasoning()])
    if writer.scene.absent:
        return _blocks(writer.denials())
    return _blocks(writer.exercises() if _ask_where(shots) else writer.dialogue())


def _ask_where(shots: Sequence[str]) -> bool:
    """Whether every question of some examples is about numbers, places or sizes."""
    asked = [each for shot in shots for each in re.findall(r"^Question:\n(.*)", shot, re.MULTILINE)]
    return bool(asked) and all(map(_WHERE.search, asked))


def _first_asked(messages: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Without what came after the question: replies, and wishes to have them again."""
    while len(messages) > 2 and messages[-2].get("role") == "assistant" and _AGAIN.search(_last(messages, "user")):
        messages = messages[:-2]
    return messages


def _last(messages: Sequence[dict[str, Any]], role: str) -> str:
    return next((str(m.get("content")) for m in reversed(messages) if m.get("role") == role), "")


def _blocks(pairs: Sequence[Pair]) -> str:
    return "\n===\n".join(f"Question:\n{question}\n===\nAnswer:\n{answer}" for question, answer in pairs)


class _Writer:
    """Writes about one scene; every choice is drawn from the context's text."""

    def __init__(self, scene: Scene, seed: str) -> None:
        self.scene, self.seed = scene, seed
        self.captions = self._different(scene.captions)

    def _choose(self, options: Sequence[T], why: str) -> T:
        return options[pick(len(options), self.seed, why)]

    def _different(self, captions: Sequence[str]) -> list[str]:
        """The captions as sentences, richest first, without those that add few new words."""
        known: set[str] = set()
        kept: list[str] = []
        for caption in sorted(captions, key=lambda c: -len(set(c.lower().split()))):
            words = {word.strip(".,").lower() for word in caption.split()}
            if not kept or len(words - known) >= 4:
                kept.append(sentence(caption))
                known |= words
        return kept

    def dialogue(self) -> list[Pair]:
        """What happens, then what the boxes and captions settle for sure, then something to think about."""
        openings = ("What is happening in this picture?", "What do you see here?", "What is this picture about?",
                    "Can you tell me what is going on here?")  # fmt: skip
        said = self.captions[0] if self.captions else self._inventory()
        pairs = [(self._choose(openings, "opening"), said)]
        sure = [*self._counts(), *self._colours(), *self._places(), *self._sides(), *self._sizes(), *self._absences()]
        sure += self._presences()
        kinds = sorted(sure, key=lambda found: pick(2**30, self.seed, *found[1]))
        wanted = 2 + pick(3, self.seed, "length")
        chosen: dict[str, Pair] = {}
        for kind, pair in kinds:
            if len(chosen) < wanted:
                chosen.setdefault(kind, pair)
        if not chosen and len(self.captions) > 1:
            chosen["more"] = ("Is there more to be said about the scene?", f"Yes. {self.captions[1]}")
        pairs += chosen.values()
        return [*pairs, self.reasoning()]

    def denials(self) -> list[Pair]:
        """Questions about what is absent, asked for and taken for granted, and about what is there."""
        asked = [self._denial(name, n) for n, name in enumerate(self.scene.absent[:3])]
        there = [*self._presences(), *self._places(), *self._counts()]
        ranked = sorted(there, key=lambda found: pick(2**30, self.seed, *found[1]))
        pairs = [*asked, *[pair for _, pair in ranked][: 1 + pick(2, self.seed, "present")]]
        if len(pairs) == 1:
            pairs.append(("What is to be seen instead?", self._inventory()))
        return sorted(pairs, key=lambda pair: pick(2**30, self.seed, "turn", *pair))

    def _denial(self, name: str, turn: int) -> Pair:
        none = f"there {is_are(name)} no {name} in the picture."
        asked = (
            (f"Is there {a(name)} in the picture?", f"No, {none}"),
            (f"What color {is_are(name)} the {name}?", sentence(none)),
            (f"How many {plural(name)} can be seen?", f"None: {none}"),
            (f"Where in the picture {is_are(name)} the {name}?", f"Nowhere, {none}"),
        )
        return asked[(pick(len(asked), self.seed, "denial") + turn) % len(asked)]

    def exercises(self) -> list[Pair]:
        """Numbers, places and sizes that the boxes settle for sure."""
        sure = [*self._counts(), *self._mores(), *self._sides(), *self._heights(), *self._places(), *self._sizes()]
        kinds: dict[str, list[Pair]] = {}
        for kind, pair in sorted(sure, key=lambda found: pick(2**30, self.seed, *found[1])):
            kinds.setdefault(kind, []).append(pair)
        turns = [pair for several in zip_longest(*kinds.values()) for pair in several if pair is not None]
        pairs = turns[: 3 + pick(3, self.seed, "length")]
        more = [(f"Is there more than one {t.name} in the picture?", f"Yes, there are several {plural(t.name)}.")
                for t in scenes.largest(self.scene) if t.number > 1]  # fmt: skip
        more += [("How much of what is there can be told apart?", self._inventory())]
        return [*pairs, *more[: max(0, 2 - len(pairs))]]

    def _mores(self) -> list[tuple[str, Pair]]:
        """Of which of two kinds there are more."""
        return [
            (
                "more",
                (
                    f"Are there more {plural(many.name)} or more {plural(few.name)}?",
                    f"There are more {plural(many.name)}: {some(many.name, many.number)}, "
                    f"and {some(few.name, few.number)}.",
                ),
            )
            for many, few in permutations(scenes.counted(self.scene)[:8], 2)
            if many.number > few.number
        ]

    def _heights(self) -> list[tuple[str, Pair]]:
        pairs: list[tuple[str, Pair]] = []
        for upper, lower in scenes.heights(self.scene):
            turned = pick(2, self.seed, "upside", upper.name, lower.name) == 1
            subject, other, side = (lower, upper, "below") if turned else (upper, lower, "above")
            verb = is_are(subject.name)
            asked = f"{verb.title()} the {subject.name} above or below the {other.name} in the picture?"
            pairs.append(("height", (asked, f"The {subject.name} {verb} {side} the {other.name}.")))
        return pairs

    def description(self) -> str:
        """Two or three paragraphs: the scene, what is in it, and where."""
        parts = [" ".join(self.captions[:2]) or self._inventory()]
        if self.scene.things:
            main = scenes.largest(self.scene)[:4]
            where = [f"{scenes.stands(thing)}." for thing in main if thing.number == 1]
            groups = list(filter(None, (self._spread(thing) for thing in main if thing.number > 1)))
            parts.append(" ".join([self._inventory(), *where, *groups]))
        closing = [f"The {left.name} {is_are(left.name)} to the left of the {right.name}."
                   for left, right in list(scenes.sides(self.scene))[:2]]  # fmt: skip
        closing += [f"The {big.name} {is_are(big.name)} larger to the eye than the {small.name}."
                    for big, small in list(scenes.sizes(self.scene))[:1]]  # fmt: skip
        closing += self.captions[2:3]
        return "\n\n".join(filter(None, [*parts, " ".join(closing)]))

    def reasoning(self) -> Pair:
        """A question that needs more than looking, and an answer that starts from what is seen."""
        things = [thing for thing in scenes.largest(self.scene) if thing.name in GROUPS]
        groups: dict[str, float] = {}
        for thing in things:
            groups[GROUPS[thing.name]] = groups.get(GROUPS[thing.name], 0.0) + sum(map(scenes.area, thing.boxes))
        ranked = sorted(groups, key=lambda name: -groups[name])
        group = next((name for name in ranked if name != "people"), next(iter(ranked), None))
        lesson = self._choose(LESSONS[group] if group else ANYWHERE, "lesson")
        meant = [thing for thing in things if GROUPS[thing.name] == group][:3]
        seen = _there_is(meant, "here") if meant else " ".join(self.captions[:1]) or self._inventory()
        return lesson.question, f"{seen} {lesson.answer}"

    def _inventory(self) -> str:
        things = scenes.largest(self.scene)[:8]
        return _there_is(things, "to be seen") if things else "There is little that can be said for certain."

    def _spread(self, thing: Thing) -> str:
        """On which side the members of a kind all are, or that they are on both; "" where it is not clear."""
        name = plural(thing.name)
        if all(box.x2 <= 0.5 for box in thing.boxes):
            return f"The {name} are all in the left half of the picture."
        if all(box.x1 >= 0.5 for box in thing.boxes):
            return f"The {name} are all in the right half of the picture."
        left = sum(box.x2 <= 0.5 for box in thing.boxes)
        right = sum(box.x1 >= 0.5 for box in thing.boxes)
        return f"Of the {name}, some are on the left and some on the right." if left > 1 and right > 1 else ""

    def _counts(self) -> list[tuple[str, Pair]]:
        return [
            ("count", (f"How many {plural(t.name)} are there?", f"There are {number(t.number)} {plural(t.name)}."))
            for t in self.scene.things
            if 2 <= t.number <= 12 and not scenes.disputed(self.scene, t)
        ]

    def _colours(self) -> list[tuple[str, Pair]]:
        return [
            ("colour", (f"What color {is_are(t.name)} the {t.name}?", f"The {t.name} {is_are(t.name)} {colour}."))
            for t, colour in scenes.colours(self.scene)
        ]

    def _places(self) -> list[tuple[str, Pair]]:
        return [
            ("place", (f"Where in the picture {is_are(t.name)} the {t.name}?", f"{scenes.stands(t)}."))
            for t in self.scene.single
        ]

    def _sides(self) -> list[tuple[str, Pair]]:
        pairs: list[tuple[str, Pair]] = []
        for left, right in scenes.sides(self.scene):
            turned = pick(2, self.seed, "turned", left.name, right.name) == 1
            subject, other, side = (right, left, "right") if turned else (left, right, "left")
            asked = f"Is the {subject.name} to the left or to the right of the {other.name}?"
            if subject.name in ("skis", "scissors"):
                asked = asked.replace("Is", "Are", 1)
            verb = is_are(subject.name)
            pairs.append(("side", (asked, f"The {subject.name} {verb} to the {side} of the {other.name}.")))
        return pairs

    def _sizes(self) -> list[tuple[str, Pair]]:
        return [
            (
                "size",
                (
                    f"Which takes up more of the picture, the {big.name} or the {small.name}?",
                    f"The {big.name} {'take' if is_are(big.name) == 'are' else 'takes'} up clearly more of it than the "
                    f"{small.name}.",
                ),
            )
            for big, small in scenes.sizes(self.scene)
        ]

    def _absences(self) -> list[tuple[str, Pair]]:
        names = scenes.absent(self.scene)
        if not names:
            return []
        name = self._choose(names, "absent")
        return [("there", (f"Is there {a(name)} in the picture?", f"No, there is no {name} in the picture."))]

    def _presences(self) -> list[tuple[str, Pair]]:
        """As many as absences, so that the answer is not always no."""
        if not self.scene.single:
            return []
        name = self._choose(self.scene.single, "present").name
        return [("there", (f"Is there {a(name)} in the picture?", f"Yes, there is {a(name)} in the picture."))]


def _there_is(things: Sequence[Thing], where: str) -> str:
    """`There are two cups and a bowl here.`"""
    verb = "is" if things[0].number == 1 else "are"  # "there is a pair of skis", though "the skis are"
    return f"There {verb} {listed([some(thing.name, thing.number) for thing in things])} {where}."
