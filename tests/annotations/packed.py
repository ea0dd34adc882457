"""An index of made-up images: the one place in the tests that knows how one is built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datagen.annotations.census import Census
from datagen.annotations.index import Index
from datagen.annotations.packing import Packed, pack
from datagen.annotations.table import Table
from datagen.schema import Box, ImageContext


def packed(contexts: Sequence[ImageContext]) -> Index:
    """An index whose rows are `contexts`."""
    captions = [caption.encode() for context in contexts for caption in context.captions]
    boxes = [box for context in contexts for box in context.boxes]
    names = tuple(dict.fromkeys(box.category for box in boxes))
    sizes = np.array([len(caption) for caption in captions], np.int64)
    table = Table(
        ids=[context.image_id for context in contexts],
        names=[context.file_name for context in contexts],
        widths=np.array([context.width or 0 for context in contexts], np.int32),
        heights=np.array([context.height or 0 for context in contexts], np.int32),
        caption_text=b"".join(captions),
        caption_starts=np.cumsum(sizes) - sizes,
        caption_sizes=sizes,
        caption_ends=np.cumsum([len(context.captions) for context in contexts], dtype=np.int64),
        categories=np.array([names.index(box.category) for box in boxes], np.int32),
        corners=np.array([[round(share * 1000) for share in box[1:]] for box in boxes], np.uint16).reshape(-1, 4),
        box_ends=np.cumsum([len(context.boxes) for context in contexts], dtype=np.int64),
        category_names=names,
    )
    return Index(Packed(pack(table, Census(), ())))


def image(
    image_id: object, categories: Sequence[str] = (), captions: int = 1, file_name: str | None = None
) -> ImageContext:
    """An image with a box of each of `categories`, which may repeat, and so many captions."""
    return ImageContext(
        image_id=str(image_id),
        file_name=file_name or f"{image_id}.jpg",
        width=9,
        height=9,
        captions=("A picture.",) * captions,
        boxes=tuple(Box(name, 0.0, 0.0, 1.0, 1.0) for name in categories),
    )
