"""A folder that holds a data set gets its card and its Croissant metadata: an export, while it is being made.

It knows what manifests say and what LOADING.md looks like, and nothing of how either came about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.cards.card import CARD, card
from datagen.cards.croissant import CROISSANT, croissant
from datagen.cards.facts import facts_of

LOADING = "LOADING.md"
_PART = re.compile(r"^## ([^\n]+)\n+```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def dress(folder: Path, manifest: Mapping[str, Any], license: str | None = None) -> None:
    """Write both into the folder. `manifest` is its own, with the digests of all files that are there."""
    facts = facts_of(manifest, license=license, loading=_loading(folder / LOADING))
    (folder / CARD).write_text(card(facts), "utf-8", newline="\n")
    told = json.dumps(croissant(facts), ensure_ascii=True, indent=2)
    (folder / CROISSANT).write_text(told + "\n", "ascii", newline="\n")


def _loading(path: Path) -> dict[str, str]:
    """Heading → the lines to paste, as they stand in LOADING.md; nothing where there is none."""
    if not path.is_file():
        return {}
    return dict(_PART.findall(path.read_text("utf-8", "backslashreplace")))
