"""One annotation's geometry → corners over the picture's width and height, as LLaVA wrote them.

The rules, proven against LLaVA's own contexts (haotian-liu/LLaVA:llava/eval/table/caps_boxes_coco2014_val_80.jsonl):
`[x, y, x + w, y + h]` over `[width, height, width, height]`, each `round(v, 3)`, none dropped for being small or a
crowd. What a sound file never holds is settled here: no numbers, negative sizes, corners outside the picture.
"""

from __future__ import annotations

import math
from typing import Any

Corners = tuple[float, float, float, float]


class BadBox(Exception):
    """Geometry that gives no box. `args`: the oddity's name, then what was seen."""


def from_xywh(bbox: object) -> Corners:
    """COCO's `[x, y, width, height]` in pixels → corners in pixels. Raises BadBox."""
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(map(_is_number, bbox)):
        raise BadBox("bad-box", f"bbox {str(bbox)[:60]}")
    x, y, width, height = (float(value) for value in bbox)
    if width < 0 or height < 0:
        raise BadBox("bad-box", f"bbox {bbox} has a negative size")
    return x, y, x + width, y + height


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


def normalised(corners: Corners, width: int, height: int) -> tuple[Corners, bool]:
    """Corners in pixels → 0..1, three decimals, and whether they had to be cut at the edge. Raises BadBox."""
    x1, y1, x2, y2 = corners
    if x1 > width or y1 > height or x2 < 0 or y2 < 0:
        raise BadBox("outside-box", f"corners {list(corners)} in a picture of {width} x {height}")
    exact = (x1 / width, y1 / height, x2 / width, y2 / height)
    rounded = [round(value, 3) for value in exact]
    a, b, c, d = (min(1.0, max(0.0, value)) for value in rounded)
    return (a, b, c, d), [a, b, c, d] != rounded


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value) and abs(value) < 1e9
    except OverflowError:
        return False


def _from_mask(mask: dict[str, Any]) -> Corners:
    size, counts = mask.get("size"), mask.get("counts")
    if not _is_size(size) or not _is_counts(counts):
        raise BadBox("bad-mask", f"mask with size {str(size)[:40]}")
    from pycocotools import mask as masks  # slow to import; few files need it

    height, width = size  # type: ignore[misc]
    try:
        encoded = masks.frPyObjects(mask, height, width) if isinstance(counts, list) else mask
        x, y, w, h = (float(value) for value in masks.toBbox(encoded))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadBox("bad-mask", str(error)[:80]) from error
    if w == 0 or h == 0:
        raise BadBox("bad-mask", "the mask is empty")
    return x, y, x + w, y + h


def _is_size(size: object) -> bool:
    return isinstance(size, list) and len(size) == 2 and all(type(v) is int and 0 < v <= 100_000 for v in size)


def _is_counts(counts: object) -> bool:
    """pycocotools decodes in C without bounds: a torn string would make it read past its end."""
    if isinstance(counts, list):
        return bool(counts) and all(type(v) is int and 0 <= v < 2**31 for v in counts)
    if isinstance(counts, str) and counts:
        codes = [ord(letter) - 48 for letter in counts]
        return all(0 <= code < 64 for code in codes) and not codes[-1] & 0x20
    return False
