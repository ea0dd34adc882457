"""Boxes: which side, above or below, larger. All in shares of the picture; a claim is wrong where it is clearly so.

A box's edges are the object's, but its middle need not be: so sides are compared by middles and edges together.
"""

from __future__ import annotations

from datagen.schema import Box

_OFF = 0.08  # so far beyond the middle of the picture, an object is on the other side
_APART = 0.03


def centre(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2


def not_at(box: Box, where: str) -> bool:
    """Whether the box is clearly not in that part of the picture."""
    x, y = centre(box)
    if where == "left":
        return x > 0.5 + _OFF and box.x1 > 0.33
    if where == "right":
        return x < 0.5 - _OFF and box.x2 < 0.67
    if where == "top":
        return y > 0.5 + _OFF and box.y1 > 0.33
    if where == "bottom":
        return y < 0.5 - _OFF and box.y2 < 0.67
    return (box.x1 > 0.67 or box.x2 < 0.33) or (box.y1 > 0.75 or box.y2 < 0.25)


def is_at(box: Box, where: str) -> bool:
    """Whether the box is clearly there."""
    x, y = centre(box)
    if where == "centre":
        return 0.25 < x < 0.75 and 0.2 < y < 0.8
    return {"left": x < 0.45, "right": x > 0.55, "top": y < 0.45, "bottom": y > 0.55}[where]


def is_left(one: Box, two: Box) -> bool:
    """Whether the first is clearly left of the second: by its middle and by both its edges."""
    return centre(two)[0] - centre(one)[0] > _APART and one.x1 < two.x1 and one.x2 < two.x2


def is_above(one: Box, two: Box) -> bool:
    """Whether the first is clearly above the second: it ends in the second's upper half at most."""
    return centre(two)[1] - centre(one)[1] > _APART and one.y1 < two.y1 and one.y2 < centre(two)[1]


def stands(one: Box, how: str, two: Box) -> bool | None:
    """Whether the first stands so to the second; None where it is not clear."""
    if how in ("left of", "right of"):
        one, two = (one, two) if how == "left of" else (two, one)
        return True if is_left(one, two) else False if is_left(two, one) else None
    one, two = (one, two) if how == "above" else (two, one)
    return True if is_above(one, two) else False if is_above(two, one) else None
