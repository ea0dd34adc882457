"""One annotation's geometry: four numbers, or a segmentation that a box must be made from.

What a sound file never holds is refused here: no numbers, negative sizes, torn masks. What the four numbers mean, and
where they lie in a picture, is decided in `placing.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

Corners = tuple[float, float, float, float]


_FAR = 1e9  # pixels; nothing is there


class BadBox(Exception):
    """Geometry that gives no box. `args`: the oddity's name, then what was seen."""


def four(bbox: object) -> Corners:
    """Four numbers, of which the last two are a size or a corner and so not negative. Raises BadBox."""
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(map(_is_number, bbox)):
        raise BadBox("bad-box", f"bbox {str(bbox)[:60]}")
    a, b, c, d = (float(value) for value in bbox)
    if c < 0 or d < 0:
        raise BadBox("bad-box", f"bbox {bbox} has a negative size")
    return a, b, c, d


def are_sound(numbers: NDArray[Any]) -> bool:
    """Whether `four` would let all of these through, four by four."""
    low = numbers.min()
    if not (numbers.max() < _FAR and low > -_FAR):
        return False
    return bool(low >= 0 or min(numbers[2::4].min(), numbers[3::4].min()) >= 0)  # corners may lie a bit outside


def from_segmentation(segmentation: object) -> Corners:
    """Polygons or a run-length mask → corners in pixels. Raises BadBox.

    Polygons give their exact extent, which is what COCO's own boxes are; masks go through pycocotools.
    """
    if isinstance(segmentation, dict):
        return _from_mask(segmentation)
    if isinstance(segmentation, list):
        flat = all(map(_is_number, segmentation))
        polygons = [segmentation] if flat else [p for p in segmentation if isinstance(p, list)]
        numbers = [p for p in polygons if len(p) >= 4 and len(p) % 2 == 0 and all(map(_is_number, p))]
        if numbers:
            xs = [float(x) for polygon in numbers for x in polygon[0::2]]
            ys = [float(y) for polygon in numbers for y in polygon[1::2]]
            return min(xs), min(ys), max(xs), max(ys)
    raise BadBox("bad-mask", f"segmentation {str(segmentation)[:60]}")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -_FAR < value < _FAR  # and so finite


def _from_mask(mask: dict[str, Any]) -> Corners:
    size, counts = mask.get("size"), _runs(mask.get("counts"))
    if not _is_size(size) or counts is None:
        raise BadBox("bad-mask", f"mask with size {str(size)[:40]}")
    height, width = size  # type: ignore[misc]
    if sum(counts) != height * width:
        raise BadBox("bad-mask", f"the mask's runs add up to {sum(counts)}, not to {height} x {width}")
    if not any(counts[1::2]):
        raise BadBox("bad-mask", "the mask is empty")
    from pycocotools import mask as masks  # slow to import; few files need it

    x, y, w, h = (float(value) for value in masks.toBbox(masks.frPyObjects(_uncompressed(size, counts), height, width)))
    return x, y, x + w, y + h


def _uncompressed(size: object, counts: list[int]) -> dict[str, object]:
    return {"size": size, "counts": counts}


def _is_size(size: object) -> bool:
    return isinstance(size, list) and len(size) == 2 and all(type(v) is int and 0 < v <= 100_000 for v in size)


def _runs(counts: object) -> list[int] | None:
    """A mask's run lengths, from a list or COCO's string; None for what is neither.

    pycocotools decodes in C without bounds: a torn string, or a run of 2**29 and more, makes it write past its memory.
    """
    runs = counts if isinstance(counts, list) else _decoded(counts) if isinstance(counts, str) else None
    return runs if runs and all(type(run) is int and 0 <= run < 2**29 for run in runs) else None


def _decoded(text: str) -> list[int] | None:
    """COCO's string of runs: five bits a letter, the next to last run subtracted (cocodataset/cocoapi:common/maskApi.c,
    rleFrString). None when it is torn."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64 or shift > 30:
            return None
        value |= (code & 0x1F) << shift
        shift += 5
        if code & 0x20:
            continue
        value -= (1 << shift) if code & 0x10 else 0
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs if shift == 0 else None
