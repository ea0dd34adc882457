"""What a check of a whole file is told beside the file: the benchmarks it must not hold. It knows no files."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """A benchmark's pictures and questions, as `against.read_against` makes them."""

    against: frozenset[str] = frozenset()
    """Pictures, each as `against.picture` names it."""
    questions: frozenset[str] = frozenset()
    """Questions that the benchmark asks of one picture only, as `texts.key_of` writes them."""


EXAMPLE = Options(frozenset({"coco 33471"}), frozenset({"why does the brown dog jump over the white fence?"}))
"""What the checks' examples are looked at with."""
