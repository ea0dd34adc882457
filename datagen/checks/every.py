"""Importing this registers every check. It knows where they stand, and nothing else."""

from __future__ import annotations

from datagen.checks import (  # noqa: F401
    characters,
    form,
    grounding,
    hedges,
    ids,
    images,
    leaks,
    leftovers,
    length,
    pictures,
    places,
    reply,
    shape,
)
from datagen.checks.base import CHECKS, Check
from datagen.checks.quality import balance, benchmark, duplicates, frequent, loops, near, scripts  # noqa: F401
from datagen.checks.trainers import (  # noqa: F401
    axolotl,
    hf,
    internvl,
    llamafactory,
    llava,
    llava_next,
    llava_next_pictures,
    llava_plain,
    qwen,
    swift,
    trl,
)


def catalog() -> dict[str, Check]:
    """All checks by code."""
    return CHECKS
