"""One annotation's geometry → corners over the picture's width and height, as LLaVA wrote them.

The rules, proven against LLaVA's own contexts (haotian-liu/LLaVA:llava/eval/table/caps_boxes_coco2014_val_80.jsonl):
`[x, y, x + w, y + h]` over `[width, height, width, height]`, each `round(v, 3)`, none dropped for being small or a
crowd. What a sound file never holds is settled here: no numbers, negative sizes, corners outside the picture.
"""

from __future__ import annotations

from typing import Any

Corners = tuple[float, float, float, float]


_NOISE = 0.05  # pixels; what COCO's own boxes reach over the edge by their rounding is less


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
    a, b, c, d = round(x1 / width, 3), round(y1 / height, 3), round(x2 / width, 3), round(y2 / height, 3)
    if min(a, b, c, d) <= 0 or max(a, b, c, d) > 1:  # zero too, for it may be -0.0
        a, b, c, d = (min(1.0, max(0.0, value)) for value in (a, b, c, d))
    return (a, b, c, d), min(x1, y1) < -_NOISE or x2 > width + _NOISE or y2 > height + _NOISE


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e9 < value < 1e9  # and so finite


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
