"""What the trainers of many models share: a dialogue under any of its names, as lines of a role and a content.

LLaMA-Factory, ms-swift, TRL and Axolotl train models of many families, so a text is held against the special tokens of
all of them. It knows no trainer itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from datagen.checks.base import Seen
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import kind
from datagen.text import shown

SPECIAL = re.compile(r"<\|[^|<>\s]{1,40}\|>|</?s>|<unk>")
PICTURES = ("image", "image_url")
"""Types of parts that are a picture."""


class Line(NamedTuple):
    """One message: what stands for its role and its content, of any kind."""

    role: Any
    content: Any
    where: str
    """`messages[0].content`"""
    has: frozenset[str]
    """The message's members."""

    @property
    def texts(self) -> list[str]:
        """The content's text, or those of its typed parts."""
        if isinstance(self.content, str):
            return [self.content]
        return [part["text"] for part in self.parts if isinstance(part.get("text"), str)]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The typed parts that are objects."""
        listed = self.content if isinstance(self.content, list) else []
        return [part for part in listed if isinstance(part, dict)]

    @property
    def tokens(self) -> int:
        """Image tokens in its texts."""
        return sum(text.count(IMAGE) for text in self.texts)

    @property
    def pictures(self) -> list[dict[str, Any]]:
        """The parts that are pictures."""
        return [part for part in self.parts if part.get("type") in PICTURES]

    @property
    def blank(self) -> bool:
        """Whether it says nothing."""
        return not any(text.strip() for text in self.texts)


def lines(sample: Sample, key: str, role: str, content: str) -> tuple[Line, ...] | None:
    """The dialogue under that member; None where it is no list of objects. A sound record shows no line."""
    if sample.sound is not None:
        return ()
    listed = sample.raw.get(key) if isinstance(sample.raw, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return None
    return tuple(
        Line(each.get(role), each.get(content), f"{key}[{at}].{content}", frozenset(each))
        for at, each in enumerate(listed)
    )


def no_lines(sample: Sample, key: str) -> Iterator[Seen]:
    """What there is instead of a list of messages."""
    if not isinstance(sample.raw, dict):
        yield Seen(f"the record is {kind(sample.raw)}, not an object")
    elif key not in sample.raw:
        yield Seen(f"no `{key}`")
    elif not isinstance(sample.raw[key], list):
        yield Seen(f"`{key}` is {kind(sample.raw[key])}, not a list", key)
    else:
        at = next(at for at, each in enumerate(sample.raw[key]) if not isinstance(each, dict))
        yield Seen(f"the message is {kind(sample.raw[key][at])}, not an object", f"{key}[{at}]")


def special(said: Iterable[Line], but: tuple[str, ...] = ()) -> Iterator[Seen]:
    """Texts with a special token, each message once."""
    for line in said:
        found = next((m[0] for text in line.texts for m in SPECIAL.finditer(text) if m[0] not in but), None)
        if found is not None:
            yield Seen(f"{shown(found)!r} in the text", line.where, found)


PADS = ("<|image_pad|>", "<|video_pad|>")
"""What Qwen2-VL's processor puts where a picture or a video goes."""


def padded(said: Iterable[Line]) -> Iterator[Seen]:
    """Texts with a token that stands for a picture's or a video's pixels."""
    for line in said:
        for word in PADS:
            if any(word in text for text in line.texts):
                yield Seen(f"{word!r} in the text", line.where, word)


def silent(said: Iterable[Line], roles: tuple[str, ...]) -> Iterator[Seen]:
    """Messages of these roles that say nothing."""
    for line in said:
        if line.role in roles and line.blank:
            yield Seen("empty", line.where)


def literal(said: Iterable[Line], models: tuple[str, ...]) -> Iterator[Seen]:
    """Image tokens in what the model does not say."""
    for line in said:
        if line.role not in models and line.tokens:
            yield Seen(f"{IMAGE!r} in the text", line.where, IMAGE)


def wordless_parts(said: Iterable[Line]) -> Iterator[Seen]:
    """Parts of the type `text` whose text is none."""
    for line in said:
        for at, part in enumerate(line.parts):
            if part.get("type") == "text" and not isinstance(part.get("text"), str):
                yield Seen(f"the text is {kind(part.get('text'))}", f"{line.where}[{at}]")


def broken_parts(said: Iterable[Line], known: tuple[str, ...] | None = None) -> Iterator[Seen]:
    """Parts that are no objects or have no type."""
    for line in said:
        for at, part in enumerate(line.content if isinstance(line.content, list) else []):
            if not isinstance(part, dict):
                yield Seen(f"the part is {kind(part)}, not an object", f"{line.where}[{at}]")
            elif "type" not in part:
                yield Seen("the part has no `type`", f"{line.where}[{at}]")
            elif known is not None and part["type"] not in known:
                yield Seen(f"the part's type is {shown(str(part['type']), 40)!r}", f"{line.where}[{at}]")


def no_path(image: Any) -> str:
    """Why that is no picture's path; empty where it is one."""
    if not isinstance(image, str):
        return f"is {kind(image)}, not a path"
    return "" if image.strip() else "is empty"
