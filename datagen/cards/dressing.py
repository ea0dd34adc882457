"""A folder that holds a data set gets its card and its Croissant metadata: an export, while it is being made.

It knows what manifests say, and nothing of how they came about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.cards.card import CARD, card
from datagen.cards.croissant import CROISSANT, croissant
from datagen.cards.facts import facts_of


def dress(
    folder: Path,
    manifest: Mapping[str, Any],
    *,
    license: str | None = None,
    loading: Mapping[str, str] | None = None,
) -> None:
    """Write both into the folder. `manifest` is its own, with the digests of all files that are there; `loading` the
    lines to paste by their heading, as for somebody who stands in the folder: with no path of this machine."""
    facts = facts_of(manifest, license=license, loading=loading)
    (folder / CARD).write_text(card(facts), "utf-8", newline="\n")
    told = json.dumps(croissant(facts), ensure_ascii=True, indent=2)
    (folder / CROISSANT).write_text(told + "\n", "ascii", newline="\n")
