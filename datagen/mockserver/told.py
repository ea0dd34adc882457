"""What a script's parts have in common: the error that names the place, and words that must be known.

It knows nothing of what the words mean.
"""

from __future__ import annotations

from typing import Any

from datagen.registry import unknown


class Wrong(Exception):
    """A script says something that cannot be meant; `place` is where in it."""

    def __init__(self, place: str, cause: str, hint: str = "") -> None:
        super().__init__(f"{place}: {cause}")
        self.place, self.cause, self.hint = place, cause, hint


def known(entry: dict[str, Any], words: tuple[str, ...], place: str) -> None:
    """Refuse words that mean nothing here."""
    for word in entry:
        if word not in words:
            raise Wrong(place, f"no word {word!r}", unknown("word", word, words).hint)
