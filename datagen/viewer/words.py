"""The words of a dialogue that speak of boxes, told by the grounding's own reading of them.

Only a run knows which categories could have had a box at all; they are gathered once and asked again when more come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from datagen.schema import ImageContext, Turn
from datagen.viewer.pieces import Span


class Speaking:
    """Finds such words for one set of categories."""

    def __init__(self, categories: Iterable[str]) -> None:
        self.categories = frozenset(categories)
        self._grounder = _grounder(self.categories)

    def spans(self, turns: Sequence[Turn], image: ImageContext) -> dict[tuple[int, str], list[Span]]:
        """(turn from 0, `question` or `answer`) → words there."""
        found: dict[tuple[int, str], list[Span]] = {}
        if image.boxes and self._grounder is not None:
            for mention in self._grounder.mentions(turns, image):
                span = Span(mention.start, mention.end, tuple(mention.boxes))
                found.setdefault((mention.turn, mention.part), []).append(span)
        return found


def _grounder(categories: Iterable[str]) -> Any:
    try:
        from datagen.grounding.judge import Grounder
    except ImportError:
        return None
    return Grounder(categories)
