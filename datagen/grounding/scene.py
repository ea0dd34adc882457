"""What one picture's annotations know, as grounding asks for it: boxes by category, and what captions say of each.

Captions are read only when something hangs on them: most claims are settled by boxes.
"""

from __future__ import annotations

from functools import cached_property

from datagen.grounding.phrases import Phrase, Text, sentences
from datagen.grounding.vocabulary import Noun, Vocabulary, tokens
from datagen.schema import Box, ImageContext


class Scene:
    """A picture's boxes and captions."""

    def __init__(self, image: ImageContext, vocabulary: Vocabulary) -> None:
        self.image, self.boxes, self._vocabulary = image, image.boxes, vocabulary
        self.by_category: dict[str, list[int]] = {}
        for number, box in enumerate(image.boxes):
            self.by_category.setdefault(box.category, []).append(number)
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
    def hinted(self) -> frozenset[str]:
        """Categories that captions name or make thinkable."""
        found: set[str] = set()
        for caption in self.image.captions:
            found |= self._vocabulary.hinted(tokens(caption))
        return frozenset(found)

    @cached_property
    def _phrases(self) -> tuple[Phrase, ...]:
        return tuple(
            phrase
            for caption in self.image.captions
            for sentence in sentences(Text(caption), self._vocabulary)
            for phrase in sentence.phrases
        )

    def named(self, noun: Noun) -> list[Phrase]:
        """Where captions speak of such objects."""
        mine = frozenset(noun.categories)
        return [phrase for phrase in self._phrases if not mine.isdisjoint(phrase.noun.categories)]

    def told(self, noun: Noun) -> frozenset[int]:
        """The counts of it that captions give."""
        return frozenset(phrase.number for phrase in self.named(noun) if phrase.number)

    def many(self, noun: Noun) -> bool:
        """Whether a caption speaks of a group of them, so that one box may stand for several."""
        return self.grouped or any(phrase.determiner == "many" for phrase in self.named(noun))

    def area(self, number: int) -> float:
        """The share of the picture that a box covers."""
        box: Box = self.boxes[number]
        return max(0.0, box.x2 - box.x1) * max(0.0, box.y2 - box.y1)
