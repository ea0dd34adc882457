"""One record mended: the small repairs, in order and again, until none finds anything to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from datagen.records.mending.form import contents, keys, members, pictures, roles
from datagen.records.mending.ids import identified
from datagen.records.mending.memory import Memory
from datagen.records.mending.names import Done
from datagen.records.mending.plain import writable
from datagen.records.mending.texts import texts
from datagen.records.mending.tokens import tokens
from datagen.records.mending.turns import turns

_STEPS: tuple[Callable[[dict[str, Any], Done, Memory], dict[str, Any]], ...] = (
    members,
    pictures,
    keys,
    roles,
    contents,
    texts,
    turns,
    tokens,
)
_ROUNDS = 8  # two or three do: a repair can lay bare what another mends


class Mended(NamedTuple):
    """A record as it is now, and what was done to it."""

    raw: Any
    """The very same object where nothing was."""
    done: tuple[str, ...]
    """Names in REPAIRS, each once."""


def mend(raw: Any, number: int, memory: Memory) -> Mended:
    """Repair what is certain in a record. `number` counts from 0; records are given in the file's order.

    It never raises, and `raw` is not changed. Its id is claimed in `memory`: a record is mended once with the same one.
    """
    done: Done = {}
    record = writable(raw, done)
    if isinstance(record, dict):
        for _ in range(_ROUNDS):
            before = record
            for step in _STEPS:
                record = step(record, done, memory)
            if record is before:
                break
        record = identified(record, number, done, memory)
    return Mended(record, tuple(done))
