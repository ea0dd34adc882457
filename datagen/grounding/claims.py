"""The nouns of grounding: what is claimed, what became of it, and what speaks of which box.

They hold no logic but counting. A claim's place is given in characters of the text it was read from, so that whoever
shows it can mark the very words.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from datagen.schema import Grounded

Kind = Literal["presence", "absence", "count", "place", "relation", "size", "attribute", "coordinates"]
"""What sort of thing is claimed."""
Standing = Literal["supported", "contradicted", "unknown"]
"""What the annotations say of it; `unknown` where they cannot tell."""
Part = Literal["question", "answer"]
"""Which half of a turn."""


class Claim(NamedTuple):
    """Something said of the picture that could be true or false."""

    kind: Kind
    turn: int
    """From 0."""
    part: Part
    start: int
    end: int
    """Characters of that text."""
    words: str
    """The text between them."""
    subject: str
    """The object's name as the annotations call it, or the bare noun."""
    other: str = ""
    """The second object of a relation or comparison; the place, or the attribute, of the others."""
    number: int | None = None
    presupposed: bool = False
    """Whether a question takes it for granted."""


class Judged(NamedTuple):
    """A claim and its verdict."""

    claim: Claim
    standing: Standing
    score: float
    """0..1, how sure the verdict is."""
    why: str
    """One line that a person can check at a glance."""
    boxes: tuple[int, ...]
    """Positions in `image.boxes` of the boxes it was judged by."""
    code: str = ""
    """The check it falls under where it is contradicted: `G002`; empty elsewhere."""


class Grounding(NamedTuple):
    """All claims of a record, judged."""

    judged: tuple[Judged, ...]

    @property
    def supported(self) -> int:
        """How many claims the annotations bear out."""
        return sum(each.standing == "supported" for each in self.judged)

    @property
    def contradicted(self) -> int:
        """How many they gainsay."""
        return sum(each.standing == "contradicted" for each in self.judged)

    @property
    def unknown(self) -> int:
        """How many they cannot tell of."""
        return sum(each.standing == "unknown" for each in self.judged)

    @property
    def score(self) -> float | None:
        """The supported share of what could be judged, 0..1; None where nothing could be."""
        supported, contradicted = self.supported, self.contradicted
        return supported / (supported + contradicted) if supported + contradicted else None


class Tally(NamedTuple):
    """What most who ask want to know of a record's claims."""

    grounded: Grounded
    """How many stand how."""
    against: tuple[Judged, ...]
    """Those that are contradicted."""


class Mention(NamedTuple):
    """Words that speak of boxes."""

    turn: int
    part: Part
    start: int
    end: int
    category: str
    boxes: tuple[int, ...]
    """Positions in `image.boxes`; empty where the picture has none of the category."""
