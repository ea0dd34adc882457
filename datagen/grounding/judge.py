"""Turns about a picture → judged claims, and the words that speak of its boxes: grounding's face."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datagen.grounding.claims import Grounding, Mention
from datagen.schema import ImageContext, Turn


class Grounder:
    """Judges by what one set of annotations can know: the categories are all that could have a box."""

    def __init__(self, categories: Iterable[str]) -> None:
        self.categories = tuple(dict.fromkeys(categories))

    def ground(self, turns: Sequence[Turn], image: ImageContext) -> Grounding:
        """Every claim of the turns, with what the picture's boxes and captions say of it."""
        return Grounding(())

    def mentions(self, turns: Sequence[Turn], image: ImageContext) -> tuple[Mention, ...]:
        """Every word that names a category, with the boxes it may speak of."""
        return ()
