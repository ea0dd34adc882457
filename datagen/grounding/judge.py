"""Turns about a picture → judged claims, and the words that speak of its boxes: grounding's face."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from datagen.grounding.claims import Grounding, Judged, Kind, Mention, Standing, Tally
from datagen.grounding.phrases import Text
from datagen.grounding.reading import Reader
from datagen.grounding.scene import Scene
from datagen.grounding.vocabulary import Vocabulary
from datagen.schema import Grounded, ImageContext, Turn

_RECENT = 64  # pictures that are asked about at a time


class Grounder:
    """Judges by what one set of annotations can know: the categories are all that could have a box."""

    def __init__(self, categories: Iterable[str]) -> None:
        self.vocabulary = Vocabulary(categories)
        self._recent: dict[str, Reader] = {}

    @property
    def categories(self) -> tuple[str, ...]:
        """As they were given, each once."""
        return self.vocabulary.categories

    def ground(self, turns: Sequence[Turn], image: ImageContext) -> Grounding:
        """Every claim of the turns, with what the picture's boxes and captions say of it."""
        scene = Scene(image, self.vocabulary)
        reader = Reader(self.vocabulary, scene)
        judged: list[Judged] = []
        for number, turn in enumerate(turns):
            judged += reader.turn(number, turn)
        return Grounding(tuple(judged))

    def tally(self, turns: Sequence[Turn], image: ImageContext) -> Tally:
        """How many claims there are, and those that are contradicted: what `ground` says of these, for less."""
        reader = self._reader(image)
        reader.passed.clear()
        against = [judged for number, turn in enumerate(turns) for judged in reader.turn(number, turn)]
        self._recent[image.image_id] = reader
        if len(self._recent) > _RECENT:
            self._recent.pop(list(self._recent)[0], None)  # noqa: RUF015  (another thread may change it meanwhile)
        return self._summed(reader.passed, against)

    def _reader(self, image: ImageContext) -> Reader:
        """A picture's records come close together, one of each task; its captions are read once for all of them. Who
        takes a reader takes it away: nobody else reads with it meanwhile."""
        known = self._recent.pop(image.image_id, None)
        if known and known.scene.boxes == image.boxes and known.scene.image.captions == image.captions:
            return known
        return Reader(self.vocabulary, Scene(image, self.vocabulary), brief=True)

    def _summed(self, passed: Mapping[tuple[Kind, Standing], int], against: Sequence[Judged]) -> Tally:
        """`passed`: how many claims, that are not contradicted, stand how."""
        supported = sum(number for (_, standing), number in passed.items() if standing == "supported")
        unknown = sum(passed.values()) - supported
        return Tally(Grounded(supported, len(against), unknown), tuple(against))

    def mentions(self, turns: Sequence[Turn], image: ImageContext) -> tuple[Mention, ...]:
        """Every word that names a category, with the boxes it may speak of."""
        scene = Scene(image, self.vocabulary)
        found: list[Mention] = []
        for number, turn in enumerate(turns):
            for part, said in (("question", turn.question), ("answer", turn.answer)):
                text = Text(said)
                for first, last, form in self.vocabulary.find(text.words):
                    start, end = text.span(first, last)
                    found.append(Mention(number, part, start, end, form.noun.name, scene.of(form.noun)))  # type: ignore[arg-type]
        return tuple(found)
