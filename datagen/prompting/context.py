"""An ImageContext as the lines that a language-only model is shown.

LLaVA's scheme (arXiv 2304.08485, table 13; haotian-liu/LLaVA:playground/data/prompts): the captions one a line, a blank
line, then one object a line, `category: [x1, y1, x2, y2]`. To let a task see something more, register one function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from datagen.registry import Registry
from datagen.schema import ImageContext

SIGHTS: Registry[Callable[[ImageContext], str]] = Registry("sight")
"""What of an image can go into a question: name → its lines, "" when the image has none."""


@SIGHTS("captions")
def captions(image: ImageContext) -> str:
    """The captions, one a line."""
    return "\n".join(image.captions)


@SIGHTS("boxes")
def boxes(image: ImageContext) -> str:
    """The boxes, `category: [x1, y1, x2, y2]` a line, corners 0..1."""
    return "\n".join(f"{category}: [{x1!r}, {y1!r}, {x2!r}, {y2!r}]" for category, x1, y1, x2, y2 in image.boxes)


@SIGHTS("absences")
def absences(image: ImageContext) -> str:
    """What would fit in and is surely not there, on one line: `absent: cat, chair`."""
    return f"absent: {', '.join(image.absent)}" if image.absent else ""


_last: tuple[ImageContext | None, dict[tuple[str, ...], str]] = (None, {})
"""The image described last, and what was said of it: the tasks of a run ask about an image one after the other."""


def describe(image: ImageContext, sees: Sequence[str]) -> str:
    """What a task sees of an image: its sights in order with a blank line between, those that are empty left out."""
    global _last
    about, said = _last  # read once: another thread may be describing another image
    if about is not image:
        _last = about, said = image, {}
    key = tuple(sees)
    if key not in said:
        said[key] = "\n\n".join(filter(None, (SIGHTS[name](image) for name in key)))
    return said[key]
