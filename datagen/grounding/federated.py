"""Annotations in which most things were looked for in some pictures only, as in LVIS: there no box is no proof.

What such a picture has boxes of can be held against it: places, sides, sizes, and that a thing is there. That one is
not there, or that there are no more of them, cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from datagen.grounding.claims import Grounding, Judged, Kind, Standing, Tally
from datagen.grounding.judge import Grounder
from datagen.schema import Boxed, Grounded, ImageContext, Turn

_NOT_THERE = ("G001", "G002", "G007")
_BY_ABSENCE: tuple[Kind, ...] = ("absence", "count")
"""What is borne out only where there is nothing more than was boxed."""


class Federated(Grounder):
    """Judges by boxes that are true, and not all there could be."""

    def ground(self, turns: Sequence[Turn], image: ImageContext) -> Grounding:
        """As a Grounder; what would follow from there being no further box is unknown."""
        return Grounding(tuple(map(_known, super().ground(turns, image).judged)))

    def _summed(self, passed: Mapping[tuple[Kind, Standing], int], against: Sequence[Judged]) -> Tally:
        proven = sum(passed.get((kind, "supported"), 0) for kind in _BY_ABSENCE)
        found = tuple(each for each in against if each.code not in _NOT_THERE)
        sums = super()._summed(passed, found).grounded
        unknown = sums.unknown + proven + len(against) - len(found)
        return Tally(Grounded(sums.supported - proven, len(found), unknown), found)


def _known(judged: Judged) -> Judged:
    by_absence = judged.code in _NOT_THERE
    by_absence |= judged.standing == "supported" and judged.claim.kind in _BY_ABSENCE
    return judged._replace(standing="unknown", score=0.0, code="") if by_absence else judged


def grounder_for(boxed: Boxed) -> Grounder:
    """Who judges by such annotations."""
    return Grounder(boxed.categories) if boxed.everywhere else Federated(boxed.categories)
