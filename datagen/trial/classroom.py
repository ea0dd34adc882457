"""The toy among its lessons: records with their pixels, taught and then asked whether they look at the picture."""

from __future__ import annotations

from collections.abc import Sequence

from datagen.trial.lessons import Lesson
from datagen.trial.pictures import Missing, Pictures
from datagen.trial.report import Curve, Sight, Tally
from datagen.trial.toy import PATCHES, ROOM, Example, Toy
from datagen.trial.training import STAGES, Watch, train
from datagen.trial.words import IGNORED, Numbers, Words


class Classroom:
    """A toy, and the records that it is taught."""

    def __init__(self, words: Words, pictures: Pictures, seed: int) -> None:
        self._words, self._pictures, self._seed = words, pictures, seed
        self.toy = Toy(words.size, seed)
        self.left_out = Tally()
        self.taught: dict[int, Example] = {}
        """By the record's number."""

    def seat(self, drawn: Sequence[Lesson], most: int) -> list[Lesson]:
        """The first of these that can be taught, `most` of them; why others cannot is counted."""
        seated = []
        for lesson in drawn:
            try:
                self.taught[lesson.number] = self._example(lesson)
                seated.append(lesson)
            except Missing as missing:
                self.left_out.add(str(missing), lesson.id)
            if len(seated) == most:
                break
        return seated

    def teach(self, watch: Watch) -> tuple[Curve, ...]:
        """Both stages."""
        examples = list(self.taught.values())
        return tuple(train(self.toy, stage, examples, self._seed, watch) for stage in STAGES)

    def look(self, pairs: Sequence[tuple[Lesson, Lesson]]) -> Sight:
        """What the toy makes of a record's first question before its own picture, and before another's."""
        own = [first_answer(self.taught[lesson.number]) for lesson, _ in pairs]
        swapped = [
            example._replace(pixels=self.taught[other.number].pixels)
            for example, (_, other) in zip(own, pairs, strict=True)
        ]
        return Sight(len(pairs), sum(self.toy.repeats(own)), sum(self.toy.repeats(swapped)))

    def _example(self, lesson: Lesson) -> Example:
        numbers = self._words.numbers(lesson.masked, lesson.image is not None, PATCHES)
        if all(label == IGNORED for label in numbers.labels[:ROOM]):
            raise Missing("too long for the toy")
        seen = lesson.image is not None and lesson.masked.pictures
        return Example(numbers, self._pictures.pixels(lesson.image) if lesson.image is not None and seen else None)


def first_answer(example: Example) -> Example:
    """The same up to the end of its first answer."""
    ids, labels = example.numbers
    begin = next(at for at, label in enumerate(labels) if label != IGNORED)
    end = next((at for at in range(begin, len(labels)) if labels[at] == IGNORED), len(labels))
    return example._replace(numbers=Numbers(ids[:end], labels[:end]))
