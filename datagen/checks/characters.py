"""S: characters that no text of training data should hold, and blanks at its ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from datagen.checks.base import Seen, record_check
from datagen.checks.examples import ANSWER, record
from datagen.checks.sample import Sample

_HARMFUL = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufff9-\ufffb]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@record_check(
    "S023",
    "blank-ends",
    "info",
    fails=record(answer=f"{ANSWER} \n"),
    passes=record(),
    mends=True,
)
def blank_ends(sample: Sample) -> Iterator[Seen]:
    """A text begins or ends with white space, which is trained on."""
    for text, _, where in sample.said:
        if text.strip() and text != text.strip():
            yield Seen("white space at an end", where)


@record_check(
    "S024",
    "control-character",
    "error",
    fails=record(answer="It is\x08 running."),
    passes=record(),
    mends=True,
)
def control_character(sample: Sample) -> Iterator[Seen]:
    """A text holds a control character, a NUL or half of a surrogate pair.

    They are never meant, tokenizers make noise of them, and half a pair cannot be written as UTF-8 at all.
    """
    yield from _first(_HARMFUL, sample)


def _first(pattern: re.Pattern[str], sample: Sample) -> Iterator[Seen]:
    """The first such character of each text."""
    for text, _, where in sample.said:
        found = pattern.search(text)
        if found:
            yield Seen(f"U+{ord(found[0]):04X} at position {found.start()}", where, found[0])


@record_check(
    "S025",
    "turning-character",
    "warning",
    fails=record(answer="It is \u202egnin\u202c running."),
    passes=record(),
    mends=True,
)
def turning_character(sample: Sample) -> Iterator[Seen]:
    """A text holds marks that turn the direction of reading: it reads otherwise than it is."""
    yield from _first(_TURNING, sample)


@record_check(
    "S026",
    "not-nfc",
    "info",
    fails=record(answer="A cafe\u0301."),
    passes=record(answer="A caf\u00e9."),
    mends=True,
)
def not_nfc(sample: Sample) -> Iterator[Seen]:
    """A text is not in Unicode's NFC form: the same letters have two spellings, and two sets of tokens."""
    for text, _, where in sample.said:
        if not text.isascii() and not unicodedata.is_normalized("NFC", text):
            yield Seen("letters and their accents stand apart", where)
