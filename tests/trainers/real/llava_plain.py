"""LLaVA's loader in stage 1 (scripts/v1_5/pretrain.sh): the same with the version `plain`, which trains on captions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.trainers.oracle import Outcome
from tests.trainers.real import llava

REPOSITORY = llava.REPOSITORY
SETTING = "scripts/v1_5/pretrain.sh: version plain, model_max_length 2048, lengths not grouped"


def loader(checkouts: Path, images: Path) -> Callable[[Any], Outcome]:
    """Shows a record to the loader."""
    return llava.loader(checkouts, images, "plain")
