"""Hostile text made harmless.

Captions, category names, replies, file names and error bodies come from outside. `one_line` and `paragraphs` make them
fit to be sent and stored; `shown` and `visible` make any of them fit for a terminal. Nothing here knows where a text
came from.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

_PLAIN = bytes(range(0x20, 0x7F)) + b"\n"
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1 but the white space among them
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of reading
    "\ufeff\ufff9-\ufffb]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # OSC, DCS, SOS, PM, APC up to their end
    r"|\x1b[@-Z\\-_]?"
)


def clean(text: str) -> str:
    """NFC, `\\n` for every line break, and no control, bidi or surrogate characters. Tabs become spaces."""
    if text.isascii() and not text.encode().translate(None, _PLAIN):  # as most are, which is soon seen
        return text
    if not text.replace("\n", "").isprintable():
        text = _SURROGATE.sub("\ufffd", text)
        text = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
        text = _UNPRINTABLE.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_plain(text: str) -> bool:
    """Whether `text` is one line without control, bidi or surrogate characters."""
    return not (
        _SURROGATE.search(text) or _UNPRINTABLE.search(text) or re.search(r"[\t\r\n\x0b\x0c\x85\u2028\u2029]", text)
    )


def one_line(text: str) -> str:
    """`text` stripped, all inner white space folded to single spaces, and harmless characters only."""
    return " ".join(clean(text).split())


def unbroken(text: str) -> str:
    """`text` stripped and its lines joined by single spaces. Spaces between words stay as they are, because LLaVA's
    contexts keep COCO's (image 203629 in haotian-liu/LLaVA:llava/eval/table/caps_boxes_coco2014_val_80.jsonl)."""
    return " ".join(line.strip() for line in clean(text).split("\n") if line.strip())


def paragraphs(text: str) -> str:
    """`text` stripped, with its lines, lists and blank lines kept, and harmless characters only."""
    return clean(text).strip()


def shown(text: object, limit: int = 300) -> str:
    """One line that is safe on a terminal: escape sequences and control characters gone, cut at `limit` characters."""
    line = one_line(_ESCAPE_SEQUENCE.sub("", str(text)))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def visible(text: object, limit: int = 300) -> str:
    """One line that is safe anywhere and keeps everything: what cannot be seen stands there as JSON writes it (`\\n`,
    `\\u202e`), and can be looked for in the file; cut at `limit` characters."""
    whole = str(text)
    line = whole[: limit + 1]
    if not line.isprintable():
        line = "".join(each if each.isprintable() else _escaped(each) for each in line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _escaped(character: str) -> str:
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]  # which JSON lets stand


def digest(*parts: str | bytes) -> str:
    """sha256 in hex over the parts, each preceded by its length so that no two lists of parts agree by accident."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        sha.update(b"%d:" % len(data))
        sha.update(data)
    return sha.hexdigest()


def digest_of_files(files: Iterable[Path]) -> str:
    """sha256 in hex over the names and bytes of some files, in the order given."""
    return digest(*(part for path in files for part in (path.name, path.read_bytes())))


def pick(count: int, *parts: str) -> int:
    """A number in 0..count-1 that depends on `parts` alone: seeded choice without any state."""
    return int(digest(*parts)[:15], 16) % count


def slug(text: str, limit: int, joint: str = "-") -> str:
    """`text` as letters, digits, `_` and `joint`, at most `limit`; where that changes it, with a digest."""
    if re.fullmatch(rf"[A-Za-z0-9_{joint}]{{1,{limit}}}", text):
        return text
    kept = re.sub(rf"[^A-Za-z0-9_{joint}]+", joint, text).strip(joint)[: limit - 9].strip(joint)
    return f"{kept}{joint}{digest(text)[:8]}".lstrip(joint)
