"""A text → its tokens: small-letter words, numbers and marks.

No token reaches over a space, and between two spaces mostly stands what stood there before: `dog`, `dog,`, `dogs.`. So
texts are cut at spaces, and of each piece that has been cut already the tokens are known. It knows nothing of meanings.
"""

from __future__ import annotations

import re
from itertools import chain

_WORDS = re.compile(r"([^\W\d_]+(?:['’]t\b)?|\d+(?:[.,]\d+)*|['’]s\b|[^\w ]|\n|_)")
_ENGLISH = re.compile(r"([a-z]+(?:'t\b)?|\d+(?:[.,]\d+)*|'s\b|[^\w ])", re.ASCII)  # twice as fast
_KEPT, _LONG = 1 << 14, 40  # pieces, and characters of one: a few megabytes at most


class _Cuts(dict[str, tuple[str, ...]]):
    """The tokens of what stands between two spaces. When there are too many it begins again: words that are used come
    back at once."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        super().__init__()
        self._pattern = pattern

    def __missing__(self, piece: str) -> tuple[str, ...]:
        cut = tuple(self._pattern.split(piece)[1::2])
        if len(piece) <= _LONG:
            if len(self) >= _KEPT:
                self.clear()
            self[piece] = cut
        return cut


_ENGLISH_CUTS, _OTHER_CUTS = _Cuts(_ENGLISH), _Cuts(_WORDS)


def pieces(text: str) -> list[str]:
    """A text cut so that every second piece, from the second on, is a token, and nothing is lost."""
    lowered = _lowered(text)
    return (_ENGLISH if lowered.isascii() else _WORDS).split(lowered)


def tokens(text: str) -> list[str]:
    """Lower-case words, numbers and marks."""
    lowered = _lowered(text)
    cuts = _ENGLISH_CUTS if lowered.isascii() else _OTHER_CUTS
    return list(chain.from_iterable(map(cuts.__getitem__, lowered.split(" "))))


def _lowered(text: str) -> str:
    """In small letters, where that moves no character."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text
