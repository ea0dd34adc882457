"""A record's questions and answers as the checks of a whole file compare them: in small letters, without the blanks
around them and without image tokens. All checks look at the same record in turn, so this is made once for all.

It does not know languages: a text without blanks between its words is taken in pairs of characters.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any, NamedTuple

from datagen.checks.sample import IMAGE, Sample

_LONGEST_WORD = 12  # characters a word on average; beyond that, no blanks stand between words
_MEDIUM = re.compile(r"image|img|picture|photo|video|frame|audio|media|file|path|url", re.IGNORECASE)
_TYPE = re.compile(r".+-([a-z][a-z_]*)-[0-9]+")


class Line(NamedTuple):
    """One question or answer."""

    text: str
    where: str
    key: str
    """What two lines that say the same have in common."""


class Look(NamedTuple):
    """What is said in a record."""

    lines: tuple[Line, ...]
    """Everything."""
    questions: tuple[Line, ...]
    answers: tuple[Line, ...]
    whole: int
    """A digest of everything that is said, by whom, and of which pictures."""


_last: tuple[Sample | None, Look] = (None, Look((), (), (), 0))


def look(sample: Sample) -> Look:
    """The record's texts; made once for the record looked at last."""
    global _last
    known, found = _last
    if known is not sample:
        found = _look(sample)
        _last = (sample, found)
    return found


def _look(sample: Sample) -> Look:
    lines: list[Line] = []
    questions: list[Line] = []
    answers: list[Line] = []
    parts = [repr(media_of(sample))]
    for message in sample.messages:
        if message.text is None:
            continue
        line = Line(message.text, message.where, key_of(message.text))
        lines.append(line)
        parts += (str(message.role), line.key)
        if message.speaker == "human":
            questions.append(line)
        elif message.speaker == "gpt":
            answers.append(line)
    return Look(tuple(lines), tuple(questions), tuple(answers), digest("\n".join(parts)))


def media_of(sample: Sample) -> list[tuple[str, Any]]:
    """Whatever in the record stands for a picture or another medium, each with its place: members of a telling name
    and the typed parts of messages that are no texts."""
    if sample.sound is not None:  # nothing else stands there
        key = "image" if sample.sound.form == "conversations" else "images"
        return [(key, image) for image in sample.images or ()]
    found: list[tuple[str, Any]] = []
    for key, value in sample.raw.items() if isinstance(sample.raw, dict) else ():
        if _is_media(key):
            found += [(key, each) for each in (value if isinstance(value, list) else [value])]
    for message in sample.messages:
        for at, part in enumerate(message.parts or ()):
            if not (isinstance(part, dict) and isinstance(part.get("text"), str)):
                found.append((f"{message.where}[{at}]", part))
    return found


@lru_cache(1 << 10)
def _is_media(key: str) -> bool:
    return bool(_MEDIUM.search(key))


def key_of(text: str) -> str:
    """A text for comparing."""
    if IMAGE in text:
        text = text.replace(IMAGE, "")
    return text.strip().lower()


def words_of(keys: list[str]) -> list[str]:
    """The words of some texts together; surrogates, which are no text, are replaced."""
    whole = " ".join(keys)
    if whole.isascii():
        return whole.split()
    words = whole.encode("utf-8", "replace").decode().split()
    if len(whole) > _LONGEST_WORD * len(words):
        whole = "".join(words)
        return [whole[at : at + 2] for at in range(0, len(whole), 2)]
    return words


def digest(text: str) -> int:
    """64 bits that stand for a text, the same in every process. Among five million texts two differing ones share
    them once in a million files."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def type_of(sample: Sample) -> str:
    """The type that the record's id tells (`000000033471-conversation-0`); empty where it tells none."""
    name = sample.id
    found = _TYPE.fullmatch(name) if isinstance(name, str) and len(name) < 200 else None
    return found[1] if found else ""
