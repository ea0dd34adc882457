"""Annotations in which most things were looked for in some pictures only, as in LVIS: there no box is no proof.

What such a picture has boxes of can be held against it: places, sides, sizes, and that a thing is there. That one is
not there, or that there are no more of them, cannot.
"""

from __future__ import annotations

from collections.abc import Sequence

from datagen.grounding.claims import Grounding, Judged
from datagen.grounding.judge import Grounder
from datagen.schema import Boxed, ImageContext, Turn

_NOT_THERE = ("G001", "G002", "G007")


class Federated(Grounder):
    """Judges by boxes that are true, and not all there could be."""

    def ground(self, turns: Sequence[Turn], image: ImageContext) -> Grounding:
        """As a Grounder; what would follow from there being no further box is unknown."""
        return Grounding(tuple(map(_known, super().ground(turns, image).judged)))


def _known(judged: Judged) -> Judged:
    by_absence = judged.code in _NOT_THERE
    by_absence |= judged.standing == "supported" and judged.claim.kind in ("absence", "count")
    return judged._replace(standing="unknown", score=0.0, code="") if by_absence else judged


def grounder_for(boxed: Boxed) -> Grounder:
    """Who judges by such annotations."""
    return Grounder(boxed.categories) if boxed.everywhere else Federated(boxed.categories)
