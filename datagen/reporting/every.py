"""Importing this registers every format, and `writer` makes one. It knows where they stand, and nothing else."""

from __future__ import annotations

from datagen.reporting import documents, github, junit, sarif, terminal  # noqa: F401
from datagen.reporting.base import WRITERS, Manner, Writer


def writer(name: str, manner: Manner) -> Writer:
    """The format of that name, ready for hits. Raises UnknownName."""
    return WRITERS[name](manner)


def formats() -> list[str]:
    """All names, in their order."""
    return list(WRITERS)
