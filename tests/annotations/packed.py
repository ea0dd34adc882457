"""An index of made-up images: the one place in the tests that knows how one is built."""

from __future__ import annotations

from collections.abc import Sequence

from datagen.annotations.census import Census
from datagen.annotations.index import Index
from datagen.schema import Box, ImageContext


def packed(contexts: Sequence[ImageContext]) -> Index:
    """An index whose rows are `contexts`."""
    return Index(list(contexts), Census())


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
