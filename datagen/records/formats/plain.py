"""The short way for what nearly every record is: LLaVA's form, question and answer by turns, and one picture, whose
token stands on the first or the last line of the first question; or none.

Such a record needs no looking at: every shape can say it, and into LLaVA's own form it goes as it stands, without
becoming an `Entry` first. Both ways give the same bytes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from datagen.records.formats.entry import TOKEN, Entry, Line


class Turn(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One message."""

    role: Literal["human", "gpt"] = msgspec.field(name="from")
    said: str = msgspec.field(name="value")


class Plain(msgspec.Struct, gc=False, forbid_unknown_fields=True, kw_only=True):
    """One record, not proven yet."""

    id: str
    image: str | msgspec.UnsetType = msgspec.UNSET
    turns: list[Turn] = msgspec.field(name="conversations")

    def entry(self) -> Entry:
        """The same as others come."""
        lines = [Line("user" if turn.role == "human" else "assistant", turn.said) for turn in self.turns]
        return Entry(self.id, () if isinstance(self.image, msgspec.UnsetType) else (self.image,), tuple(lines))

    def is_plain(self) -> bool:
        """Whether it is what this module is about."""
        turns = self.turns
        if not self.id or [turn.role for turn in turns] != _roles(len(turns)):
            return False
        whole = "\0".join([turn.said for turn in turns])
        if self.image is msgspec.UNSET:
            return TOKEN not in whole
        if not self.image or whole.count(TOKEN) != 1:
            return False
        return whole.startswith("<image>\n") or turns[0].said.endswith("\n<image>")


@lru_cache(maxsize=1024)
def _roles(count: int) -> list[str]:
    """Those that so many turns must have; nothing fits none or an odd number."""
    return ["human", "gpt"] * (count // 2) if count and count % 2 == 0 else ["?"]
