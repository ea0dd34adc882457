"""What is said, cleaned: what no reader sees is taken out, and template tokens at the ends; the words stay."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from datagen.records.mending.look import IMAGE, keys_of, member_of, with_dialogue, with_text
from datagen.records.mending.memory import Memory
from datagen.records.mending.names import Done
from datagen.text import clean

_HIDDEN = {
    "line-endings": re.compile("[\r\x0b\x0c\x85\u2028\u2029]"),
    "control-characters": re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufff9-\ufffb]"),
    "bidi-marks": re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
    "surrogates": re.compile("[\ud800-\udfff]"),
}
_TOKEN = (
    r"(?:</?s>|<(?:bos|eos|pad)>|\[/?INST\]|<(?:start|end)_of_turn>"
    r"|<\|(?:im_end|endoftext|end_of_text|begin_of_text|eot_id|eom_id|end|eos|bos)\|>"
    r"|<\|im_start\|>(?:(?:system|user|assistant)\n)?"
    r"|<\|start_header_id\|>(?:system|user|assistant)<\|end_header_id\|>)"
)
_ANY_TOKEN = re.compile(_TOKEN)
_LEADING = re.compile(rf"(?:\s*{_TOKEN}){{1,8}}")
_LAST = re.compile(rf"{_TOKEN}\Z")
_LONGEST = 50  # letters of a token


def texts(record: dict[str, Any], done: Done, _memory: Memory) -> dict[str, Any]:
    """Every text of the dialogue, cleaned."""
    member = member_of(record)
    if member is None:
        return record
    messages = []
    for message in record[member]:
        content = message.get(keys_of(message)[1])
        if isinstance(content, str):
            message = with_text(message, tidy(content, done))
        elif isinstance(content, list):
            message = with_text(message, _parts(content, done))
        messages.append(message)
    return with_dialogue(record, member, messages)


def _parts(parts: list[Any], done: Done) -> list[Any]:
    """White space at the ends of a text is kept where other texts stand beside it: they will be joined."""
    said = [part for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    fresh = list(parts)
    for at, part in enumerate(parts):
        if any(part is each for each in said):
            text = tidy(part["text"], done) if len(said) == 1 else _seen(part["text"], done)
            fresh[at] = part if text == part["text"] else {**part, "text": text}
    return fresh if any(a is not b for a, b in zip(parts, fresh, strict=True)) else parts


def tidy(text: str, done: Done) -> str:
    """`text` in NFC, with no characters but those that are seen, and nothing around it; itself where it is blank."""
    found: Done = {}
    fresh = _without_tokens(_seen(text, found), found)
    stripped = fresh.strip()
    if not stripped:
        return text
    if stripped != fresh:
        found["white-space"] = None
    done.update(found)
    return stripped


def _seen(text: str, done: Done) -> str:
    fresh = "\t".join(map(clean, text.split("\t")))  # tabs stay: code is written with them
    if fresh != text:
        kinds = [name for name, pattern in _HIDDEN.items() if pattern.search(text)]
        kinds += ["nfc"] * (not unicodedata.is_normalized("NFC", text) or not kinds)
        done.update(dict.fromkeys(kinds))
    return fresh


def _without_tokens(text: str, done: Done) -> str:
    """Left alone where tokens would remain inside: then it is a whole template, or a text about tokens or HTML."""
    if not _ANY_TOKEN.search(text):
        return text
    head, tail = (IMAGE + "\n") * text.startswith(IMAGE + "\n"), ("\n" + IMAGE) * text.endswith("\n" + IMAGE)
    asked = text[len(head) : max(len(head), len(text) - len(tail))]
    start, end = _inside(asked)
    inner = asked[start:end]
    if inner == asked or not inner.strip() or _ANY_TOKEN.search(inner):
        return text
    done["special-token-at-end"] = None
    return head + inner.strip() + tail


def _inside(text: str) -> tuple[int, int]:
    start = found.end() if (found := _LEADING.match(text)) else 0
    end = len(text)
    for _ in range(8):
        last = text[max(start, end - _LONGEST) : end].rstrip()
        if not (found := _LAST.search(last)):
            break
        end = max(start, end - _LONGEST) + found.start()
    return start, end
