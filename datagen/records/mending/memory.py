"""What must be known of a file's other records before one of them is mended: the ids in use, and which forms are mixed.

`see` every record first, where the file can be read twice: without it, what concerns the file as a whole is left.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from datagen.records.mending.look import IMAGE, keys_of, member_of, names_nothing, pictures_of


class Memory:
    """One file's; a fresh one for each file. It keeps some eighty bytes a record."""

    def __init__(self) -> None:
        self._used: set[int] = set()  # hashes, since the ids themselves would not fit where files are large
        self._repeats: dict[int, int] = {}
        self.images: dict[str, Counter[str]] = {"image": Counter(), "images": Counter()}
        self.contents: set[str] = set()
        self.tokens_in_messages = False
        self.bare_parts = True

    def see(self, raw: Any) -> None:
        """Take notice of a record, before any is mended."""
        if not isinstance(raw, dict):
            return
        for key, kinds in self.images.items():
            if not names_nothing(raw.get(key)):
                kinds[image_kind(raw[key])] += 1
        member = member_of(raw)
        if member is not None:
            contents = [message.get(keys_of(message)[1]) for message in raw[member]]
            self.contents.update(map(content_kind, contents))
            self.bare_parts = self.bare_parts and are_bare(contents)
            if member == "messages" and not self.tokens_in_messages:
                said = any(isinstance(content, str) and IMAGE in content for content in contents)
                self.tokens_in_messages = said and pictures_of(raw) != 0

    def claim(self, wanted: str) -> str:
        """`wanted`, or where an earlier record has that id, the same with the next free number behind it."""
        given, number = wanted, self._repeats.get(hash(wanted), 2)
        while hash(given) in self._used:
            given = f"{wanted}-{number}"
            number += 1
        if given != wanted:
            self._repeats[hash(wanted)] = number
        self._used.add(hash(given))
        return given


def image_kind(value: object) -> str:
    """`text`, `one` (a list of one text), `many` (a longer list of texts) or `other`."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "one" if len(value) == 1 else "many"
    return "other"


def content_kind(content: object) -> str:
    """`text`, `plain` (a list of one text part that has nothing else), `rich` (any other list) or `other`."""
    if isinstance(content, list):
        return "plain" if len(content) == 1 and _is_plain(content[0]) else "rich"
    return "text" if isinstance(content, str) else "other"


def _is_plain(part: object) -> bool:
    return (
        isinstance(part, dict)
        and part.get("type") == "text"
        and isinstance(part.get("text"), str)
        and not any(value is not None for key, value in part.items() if key not in ("type", "text"))
    )


def are_bare(contents: list[Any]) -> bool:
    """Whether the parts that stand for pictures say nothing else: which picture is meant is told elsewhere."""
    parts = [part for content in contents if isinstance(content, list) for part in content]
    pictures = [part for part in parts if isinstance(part, dict) and part.get("type") == "image"]
    return all(value is None for part in pictures for key, value in part.items() if key != "type")
