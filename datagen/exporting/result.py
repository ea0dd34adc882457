"""The nouns of an export: what is wished for, and what was made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class ExportWish(NamedTuple):
    """How an export is to be made."""

    formats: tuple[str, ...]
    images: Path | None = None
    """The folder of pictures, where a format needs them."""
    mix: str | None = None
    """`conversation:58k,complex_reasoning:77k`"""
    seed: int = 0
    """Of what is drawn."""
    every_caption: bool = False
    """For stage 1: a record for each caption; else one for each image."""
    license: str | None = None
    """Of the data, for its card; never guessed."""
    labels: Path | None = None
    """What a person said of the records (labels.py): those that were rejected are left out."""


class Short(NamedTuple):
    """How much of a kind was wished for, and how much there was."""

    wished: int
    found: int


class Exported(NamedTuple):
    """What was made."""

    folder: Path
    records: int
    """Taken from what was given."""
    kinds: Mapping[str, int]
    """Those, by task."""
    written: Mapping[str, int]
    """By format."""
    losses: Mapping[str, Mapping[str, int]]
    """By format, and under `given` what was not understood; by name."""
    short: Mapping[str, Short]
    """Kinds of which there was less than wished for."""
    unwanted: int
    """Left out because a person rejected them."""
    unmet: int
    """Rejected by a person, and of no record that was given."""
    mock: bool | None
    """Whether it is mock data; None where nobody tells."""
    lines: Mapping[str, str] = {}
    """The lines to paste, by format."""
