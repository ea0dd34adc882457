"""What one picture's annotations know, as grounding asks for it: boxes by category, and what captions say of each.

Captions are read only when something hangs on them: most claims are settled by boxes.
"""

from __future__ import annotations

from functools import cached_property

from datagen.grounding.phrases import Phrase, Sentence, Text, sentences
from datagen.grounding.things import VESSELS
from datagen.grounding.vocabulary import Noun, Vocabulary
from datagen.schema import Box, ImageContext

_SEVERAL = 3
_AROUND = 4  # of the same kind
_SAME = 0.5  # two boxes that share so much are of one thing
_SHOWN = 4  # boxes quoted in an explanation


class Scene:
    """A picture's boxes and captions."""

    def __init__(self, image: ImageContext, vocabulary: Vocabulary) -> None:
        self.image, self.boxes, self._vocabulary = image, image.boxes, vocabulary
        self.by_category: dict[str, list[int]] = {}
        for number, box in enumerate(image.boxes):
            self.by_category.setdefault(box.category, []).append(number)
        self._read: dict[int, list[Sentence]] = {}
        self._seen: dict[tuple[int, ...], str] = {}
        self.grouped = bool(vocabulary.groups and vocabulary.groups & self.by_category.keys())

    def of(self, noun: Noun) -> tuple[int, ...]:
        """Positions of all boxes that the noun may speak of."""
        if len(noun.categories) == 1:
            return tuple(self.by_category.get(noun.categories[0], ()))
        return tuple(number for name in noun.categories for number in self.by_category.get(name, ()))

    def near(self, noun: Noun) -> bool:
        """Whether something is boxed that the noun's object may have been taken for."""
        return not noun.near.isdisjoint(self.by_category)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The captions, cut."""
        return tuple(map(Text, self.image.captions))

    @cached_property
    def hinted(self) -> frozenset[str]:
        """Categories that captions name or make thinkable."""
        found: set[str] = set()
        for text in self.texts:
            found |= self._vocabulary.hinted(text.words)
        return frozenset(found)

    def read(self, number: int) -> list[Sentence]:
        """A caption, read as texts are."""
        found = self._read.get(number)
        if found is None:
            found, _ = sentences(self.texts[number], self._vocabulary)
            self._read[number] = found
        return found

    def named(self, noun: Noun) -> list[list[Phrase]]:
        """Where each caption that does so speaks of such objects."""
        mine = frozenset(noun.categories)
        spoken = (
            [phrase for each in self.read(n) for phrase in each.phrases if not mine.isdisjoint(phrase.noun.categories)]
            for n in range(len(self.texts))
        )
        return [phrases for phrases in spoken if phrases]

    def told(self, noun: Noun) -> frozenset[int]:
        """The counts of it that captions give: outright, or `a man and a woman` of people."""
        found: set[int] = set()
        for phrases in self.named(noun):
            found.update(phrase.number for phrase in phrases if phrase.number)
            if all(phrase.number or phrase.determiner == "a" for phrase in phrases):
                found.add(sum(phrase.number or 1 for phrase in phrases))
        return frozenset(found)

    def many(self, noun: Noun) -> bool:
        """Whether captions speak of more of them than were boxed, so that one box may stand for several."""
        there = len(self.of(noun))
        return self.grouped or any(
            (there < _SEVERAL and phrase.determiner == "many") or (there < 2 and phrase.many and not phrase.number)
            for phrases in self.named(noun)
            for phrase in phrases
            if phrase.noun.width != "wide"
        )

    def vaguely(self, noun: Noun) -> bool:
        """Whether a caption speaks by a vague word, as `container`, of what may be one more vessel of the kind."""
        return noun.name in VESSELS and any(not phrase.noun.plain for phrases in self.named(noun) for phrase in phrases)

    def crowd(self, boxes: tuple[int, ...]) -> bool:
        """Whether one box lies around several others: a crowd's region comes as one box, and nobody counted it."""
        corners = [self.boxes[n] for n in boxes] if len(boxes) > _AROUND else []
        return any(
            sum(b.x1 <= (a.x1 + a.x2) / 2 <= b.x2 and b.y1 <= (a.y1 + a.y2) / 2 <= b.y2 for a in corners) > _AROUND
            for b in corners
        )

    def doubled(self, noun: Noun, boxes: tuple[int, ...]) -> bool:
        """Whether each of the boxes lies upon one of a category that it may be taken for: one thing under two names."""
        others = [n for name in noun.near for n in self.by_category.get(name, ())]
        return bool(others) and all(any(self._shared(n, other) >= _SAME for other in others) for n in boxes)

    def _shared(self, one: int, two: int) -> float:
        """What two boxes have in common, of what they cover together."""
        a, b = self.boxes[one], self.boxes[two]
        both = max(0.0, min(a.x2, b.x2) - max(a.x1, b.x1)) * max(0.0, min(a.y2, b.y2) - max(a.y1, b.y1))
        return both / max(1e-9, self.area(one) + self.area(two) - both)

    def area(self, number: int) -> float:
        """The share of the picture that a box covers."""
        box: Box = self.boxes[number]
        return max(0.0, box.x2 - box.x1) * max(0.0, box.y2 - box.y1)

    def quoted(self, boxes: tuple[int, ...]) -> str:
        """The boxes' corners, the first few."""
        if boxes not in self._seen:
            shown = ", ".join("[{:.2f}, {:.2f}, {:.2f}, {:.2f}]".format(*self.boxes[n][1:]) for n in boxes[:_SHOWN])
            self._seen[boxes] = shown + (", …" if len(boxes) > _SHOWN else "")
        return self._seen[boxes]

    def seen(self, noun: Noun, boxes: tuple[int, ...]) -> str:
        """`2 boxes of dog: [0.10, 0.20, 0.30, 0.40], …`"""
        if not boxes:
            return f"no box of {noun.name}"
        return f"{len(boxes)} box{'es' if len(boxes) > 1 else ''} of {noun.name}: {self.quoted(boxes)}"
