"""S: how long a record is, its pictures included, where `--max-tokens` says how long one may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from datagen.checks.base import Seen, length_check
from datagen.checks.examples import ANSWER, record
from datagen.checks.sample import IMAGE, Sample

PICTURE = 576
"""Tokens of a picture in LLaVA-1.5: 24 by 24 patches (haotian-liu/LLaVA@c121f04:llava/model/llava_arch.py)."""
MESSAGE = 4
"""Tokens around a message, about."""


class Measure(NamedTuple):
    """How long a record may be, and how it is measured."""

    limit: int
    size: Callable[[str], int]
    """A text's tokens."""
    own: bool = False
    """Whether they are counted with the trainer's own tokenizer."""

    def may_be_long(self, texts: list[str], images: int) -> bool:
        """Whether these texts need counting at all: a text has fewer tokens than bytes."""
        letters = sum(len(text) if text.isascii() else len(text.encode("utf-8", "replace")) for text in texts)
        return letters + PICTURE * images + MESSAGE * len(texts) > self.limit


@length_check(
    "S032",
    "too-long",
    "warning",
    fails=record(answer=" ".join([ANSWER] * 300)),
    passes=record(),
)
def too_long(sample: Sample, measure: Measure) -> Iterator[Seen]:
    """The record has more tokens than `--max-tokens`.

    What is beyond is cut off without a word; where a first question is long, nothing is left to train on (LLaVA issues
    816 and 1166). Tokens are counted with OpenAI's encoding unless `--tokenizer` gives the trainer's own: a tenth
    more or less is possible.
    """
    texts = [said.text.replace(IMAGE, "") for said in sample.said]
    images = len(sample.images or ())
    if measure.may_be_long(texts, images):
        tokens = sum(map(measure.size, texts)) + MESSAGE * len(texts) + PICTURE * images
        if tokens > measure.limit:
            of_pictures = f", {PICTURE * images:,} of them for pictures" if images else ""
            about = "" if measure.own else "about "
            yield Seen(f"{about}{tokens:,} tokens{of_pictures}; {measure.limit:,} are allowed")
