"""Image tokens: one for the one picture, before or behind the first question and alone on its line.

A token that is a word of its sentence ("what is in <image>?") cannot be taken out of it; where there are several
pictures, each token's place means something: both are left. LLaVA's own loader moves every token to the front and
counts those in answers too (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_multimodal).
"""

from __future__ import annotations

import re
from typing import Any

from datagen.records.mending.look import IMAGE, Line, lines_of, member_of, pictures_of, with_dialogue, with_text
from datagen.records.mending.memory import Memory
from datagen.records.mending.names import Done

_AT_START = re.compile(r"[ \t]*(?:<image>[ \t]*)+")
_OTHER_TOKENS = re.compile(
    r"<[|/]?(?:image(?!>)|img|im_|ImageHere|picture|vision|media|frame|video)|\[im(?:g|age)\b", re.IGNORECASE
)
_SPEAKS_OF_PICTURES = re.compile(
    r"image|picture|photo|figure|scene|diagram|chart|graph|painting|drawing|screenshot|poster|logo"
    r"|\b(?:see|seen|shown?|shows|visible|depict\w*|describe|caption|looks?)\b|[^\x00-\u024f]",
    re.IGNORECASE,
)
"""A question that may mean a picture, or is in letters in which that cannot be told here."""


def tokens(record: dict[str, Any], done: Done, memory: Memory) -> dict[str, Any]:
    """As many image tokens as pictures, where it is one picture or none."""
    member = member_of(record)
    count = pictures_of(record) if member else None
    if member is None or count not in (0, 1):
        return record
    messages = record[member]
    lines = lines_of(messages)
    said = [line.text for line in lines if line.text is not None]
    if len(said) != len(lines):
        return record
    if count == 0:
        fresh = _without_any(said, lines, done)
    else:
        may_add = member != "messages" or memory.tokens_in_messages
        fresh = _with_one(said, lines, may_add, done)
    return with_dialogue(record, member, [with_text(m, text) for m, text in zip(messages, fresh, strict=True)])


def _with_one(said: list[str], lines: list[Line], may_add: bool, done: Done) -> list[str]:
    first = next((at for at, line in enumerate(lines) if line.speaker == "human"), None)
    total = sum(text.count(IMAGE) for text in said)
    if first is None or (total == 1 and _is_placed(said[first])):
        return said
    if not total and (not may_add or any(map(_OTHER_TOKENS.search, said))):
        return said
    bare = [_bare(text, line.speaker == "human") for text, line in zip(said, lines, strict=True)]
    if any(IMAGE in text for text in bare) or any(
        not text and at != first and said[at] for at, text in enumerate(bare)
    ):
        return said
    last = said[first].endswith(f"\n{IMAGE}") and not said[first].startswith(IMAGE)
    fresh = [*bare]
    fresh[first] = "\n".join(part for part in ((bare[first], IMAGE) if last else (IMAGE, bare[first])) if part)
    done.update(dict.fromkeys(_names(said, lines, total, moved=not _is_placed(said[first]))))
    return fresh


def _names(said: list[str], lines: list[Line], total: int, moved: bool) -> list[str]:
    in_answer = any(IMAGE in text and line.speaker != "human" for text, line in zip(said, lines, strict=True))
    if not total:
        return ["image-token-added"]
    names = ["image-token-in-answer"] * in_answer + ["image-token-doubled"] * (total > 1)
    return names + ["image-token-moved"] * (moved and not names)


def _is_placed(text: str) -> bool:
    """Whether an image token stands on the first or the last line, and alone there."""
    return text == IMAGE or text.startswith(f"{IMAGE}\n") or text.endswith(f"\n{IMAGE}")


def _without_any(said: list[str], lines: list[Line], done: Done) -> list[str]:
    """Where a picture is spoken of it was lost, and without the token nobody would see that."""
    if not any(IMAGE in text for text in said):
        return said
    bare = [_bare(text, line.speaker == "human") for text, line in zip(said, lines, strict=True)]
    lost = any(
        line.speaker == "human" and _SPEAKS_OF_PICTURES.search(text) for text, line in zip(bare, lines, strict=True)
    )
    if lost or any(not text.strip() or IMAGE in text for text in bare):
        return said
    done["image-token-without-image"] = None
    return bare


def _bare(text: str, asked: bool) -> str:
    """`text` without the tokens that are no words of a sentence."""
    if IMAGE not in text:
        return text
    kept = []
    for at, line in enumerate(text.split("\n")):
        fresh = _bare_line(line, certain=asked and at == 0)
        if fresh.strip() or fresh == line:
            kept.append(fresh)
    return "\n".join(kept).strip()


def _bare_line(line: str, certain: bool) -> str:
    """`certain`: a token at the beginning is none of the sentence's words, whatever follows."""
    found = _AT_START.match(line)
    if found:
        rest = line[found.end() :]
        if certain or not (found[0][-1].isspace() and rest[:1].islower()):
            line = rest
    return _without_tail(line)


def _without_tail(line: str) -> str:
    """A token behind a word and a space ends its sentence; glued to it, or behind a full stop, it does not."""
    end = len(line.rstrip(" \t"))
    while line.endswith(IMAGE, 0, end):
        glued = end - len(IMAGE)
        end = glued
        while end and line[end - 1] in " \t":
            end -= 1
        if not line.endswith(IMAGE, 0, end):
            return line if end < glued and line[end - 1 : end].isalnum() else line[:end]
    return line
