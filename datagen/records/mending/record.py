"""One record mended: the small repairs, in order and again, until none finds anything to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from datagen.records.mending.form import contents, keys, members, pictures, roles
from datagen.records.mending.ids import identified
from datagen.records.mending.memory import Memory
from datagen.records.mending.names import Done
from datagen.records.mending.plain import writable
from datagen.records.mending.texts import texts
from datagen.records.mending.tokens import tokens
from datagen.records.mending.turns import turns

Step = Callable[[dict[str, Any], Done, Memory], dict[str, Any]]
_STEPS: tuple[Step, ...] = (
    members,
    pictures,
    keys,
    roles,
    contents,
    texts,
    turns,
    tokens,
)
_OF_THE_FILE = (pictures, contents)
_ROUNDS = 8  # two or three do: a repair can lay bare what another mends


class Mended(NamedTuple):
    """A record as it is now, and what was done to it."""

    raw: Any
    """The very same object where nothing was."""
    done: tuple[str, ...]
    """Names in REPAIRS, each once."""


def mend(raw: Any, number: int, memory: Memory, *, sound: bool = False) -> Mended:
    """Repair what is certain in a record. `number` counts from 0; records are given in the file's order.

    It never raises, and `raw` is not changed. Its id is claimed in `memory`: a record is mended once with the same one.
    `sound`: it was proven to have nothing wrong in itself, so that only what concerns the file is looked at.
    """
    done: Done = {}
    record = raw if sound else writable(raw, done)
    if isinstance(record, dict):
        record = identified(_settled(record, done, memory, _OF_THE_FILE if sound else _STEPS), number, done, memory)
    return Mended(record, tuple(done))


def _settled(record: dict[str, Any], done: Done, memory: Memory, steps: Sequence[Step]) -> dict[str, Any]:
    for _ in range(_ROUNDS):
        before = record
        for step in steps:
            record = step(record, done, memory)
        if record is before:
            break
    return record
