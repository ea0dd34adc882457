"""A file's boxes → corners over the picture's width and height, in thousandths, as LLaVA wrote them; all at once.

The rules, proven against LLaVA's own contexts (haotian-liu/LLaVA:llava/eval/table/caps_boxes_coco2014_val_80.jsonl):
`[x, y, x + w, y + h]` over `[width, height, width, height]`, each `round(v, 3)`, none dropped for being small or a
crowd. Since every value is some thousandths, a box is kept as four small numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from datagen.annotations.columns import AS_TOLD, IN_SHARES

if TYPE_CHECKING:
    from numpy.typing import NDArray

Layout = Literal["auto", "xywh", "xyxy", "normalized"]
"""What four numbers mean; `auto` is what the format says, unless the file itself shows otherwise."""

_NOISE = 0.05  # pixels; what COCO's own boxes reach over the edge by their rounding is less
_SHARE = 0.002  # the same, of a picture, where boxes are told as shares of it
_OUTSIDE = 0.2  # of a file's boxes: so many reach out of their pictures only where they were read wrongly
_NEARLY_ALL = 0.9
_AT_ONCE = 1 << 16  # boxes, so that what is reckoned on the way weighs little


class Raw(NamedTuple):
    """Boxes before they are placed; every column as long as the others."""

    rows: NDArray[Any]
    """Of the image, among the joined."""
    categories: NDArray[Any]
    numbers: NDArray[Any]
    """n × 4."""
    kinds: NDArray[Any]
    """AS_TOLD, IN_PIXELS or IN_SHARES."""
    entries: NDArray[Any]
    """Of the file's annotations, for telling where one stands."""

    def some(self, chosen: Any) -> Raw:
        """Those that a mask or slice chooses."""
        return Raw(*(column[chosen] for column in self))


class Placed(NamedTuple):
    """Boxes on their pictures."""

    rows: NDArray[Any]
    categories: NDArray[Any]
    corners: NDArray[Any]
    """n × 4, thousandths of the picture's width and height."""
    entries: NDArray[Any]


class Means(NamedTuple):
    """What the four numbers of a file's boxes mean."""

    corners: bool
    """Two corners, not a corner and a size."""
    shares: bool
    """0..1 of the picture, not pixels."""


Odd = Callable[[str, int, Callable[[], str], int], None]
"""Takes an oddity's name, how often, what the first is, and that one's entry."""


def meaning(layout: Layout, corners: bool, numbers: NDArray[Any]) -> Means:
    """What a file's `numbers` (n × 4) mean. `corners`: whether its format says so."""
    if layout == "xywh":
        return Means(False, False)
    if layout == "xyxy":
        return Means(True, False)
    if layout == "auto" and (corners or not _are_shares(numbers)):
        return Means(corners, False)
    return Means(corners or _only_as_corners(numbers), True)


def like_shares(numbers: NDArray[Any]) -> float:
    """What share of the boxes lies within 0..1; none where all stand at 0 and 1, as boxes of one pixel would."""
    if not len(numbers):
        return 0.0
    within = (numbers.max(1) <= 1 + _SHARE) & (numbers.min(1) >= -_SHARE)
    return float(within.mean()) if ((numbers > 0) & (numbers < 1)).any() else 0.0


def _are_shares(numbers: NDArray[Any]) -> bool:
    """Whether nearly all lie within 0..1 and none far from it: exporters let a few reach over the edge."""
    return bool(like_shares(numbers) >= _NEARLY_ALL and numbers.max() <= 2 and numbers.min() >= -1)


def _only_as_corners(numbers: NDArray[Any]) -> bool:
    """Whether many would reach out of the picture as a corner and a size, and nearly none is no pair of corners."""
    if not len(numbers):
        return False
    out = (numbers[:, :2] + numbers[:, 2:] > 1 + 10 * _SHARE).any(1).mean()
    turned = (numbers[:, 2:] < numbers[:, :2]).any(1).mean()
    return bool(out > _OUTSIDE and turned <= 1 - _NEARLY_ALL)


def look_like_corners(raw: Raw, widths: NDArray[Any], heights: NDArray[Any]) -> bool:
    """Whether boxes that are read as a corner and a size would all fit their pictures as two corners, and many do not
    as they are read."""
    numbers = raw.numbers
    if not len(numbers):
        return False
    wide, high = widths[raw.rows] + _NOISE, heights[raw.rows] + _NOISE
    a, b, c, d = numbers.T
    out = int(((a + c > wide) | (b + d > high)).sum())
    return bool(out > _OUTSIDE * len(numbers) and ((c <= wide) & (d <= high) & (c >= a) & (d >= b)).all())


def place(raw: Raw, means: Means, widths: NDArray[Any], heights: NDArray[Any], odd: Odd) -> Iterator[Placed]:
    """The boxes that lie in their pictures; `widths` and `heights` are by row, in pixels."""
    for start in range(0, len(raw.rows), _AT_ONCE):
        yield _place(raw.some(slice(start, start + _AT_ONCE)), means, widths, heights, odd)


def _place(raw: Raw, means: Means, widths: NDArray[Any], heights: NDArray[Any], odd: Odd) -> Placed:
    import numpy as np

    table = raw.numbers.T.copy()
    told = raw.kinds == AS_TOLD
    sized = told & (not means.corners)
    table[2:, sized] += table[:2, sized]
    size = np.stack([widths[raw.rows], heights[raw.rows]]).astype(float)
    noise = np.full(len(raw.rows), _NOISE)
    shares = (raw.kinds == IN_SHARES) | (told & means.shares)
    size[:, shares], noise[shares] = 1.0, _SHARE
    lows, highs = table[:2], table[2:]

    def first(mask: Any) -> Callable[[], str]:
        n = int(mask.argmax())
        corners = [float(value) for value in table[:, n]]
        return lambda: f"corners {corners} in {size[0, n]:g} x {size[1, n]:g}"

    def tell(name: str, mask: Any) -> None:
        if mask.any():
            odd(name, int(mask.sum()), first(mask), int(raw.entries[mask.argmax()]))

    turned = (highs < lows).any(0)
    outside = ((lows > size) | (highs < 0)).any(0) & ~turned
    kept = ~turned & ~outside
    tell("bad-box", turned)
    tell("outside-box", outside)
    tell("clipped-box", kept & ((lows < -noise) | (highs > size + noise)).any(0))
    tell("flat-box", kept & (lows == highs).any(0))
    if not kept.all():
        table, size = table[:, kept], size[:, kept]
        raw = raw.some(kept)
    found = thousandths(table / np.concatenate([size, size]))
    return Placed(raw.rows, raw.categories, found.T, raw.entries)


def thousandths(shares: NDArray[Any]) -> NDArray[Any]:
    """`round(v, 3)` of each, cut to 0..1, as whole thousandths. Near a tie Python decides, whose rounding is exact."""
    import numpy as np

    scaled = shares * 1000
    whole = np.rint(scaled)
    ties = np.abs(np.abs(scaled - whole) - 0.5) < 1e-6
    for at in zip(*np.nonzero(ties), strict=True):
        whole[at] = round(round(float(shares[at]), 3) * 1000)
    found: NDArray[Any] = whole.clip(0, 1000).astype(np.uint16)
    return found
