"""T9: what `datasets.load_dataset("json")` does with a file: one kind for each member, over all records.

Facts: datasets 3.2.0, 4.0.0, 4.8.4 and 5.2.0, run on arrays and on JSON Lines, the worse of both told. Up to 4.6 Arrow
wants one kind for each member of every record (huggingface/datasets issue 7322, haotian-liu/LLaVA issue 1535); from 4.7
on, a mixture is kept as JSON (huggingface/trl@f2cd577:pyproject.toml). LLaMA-Factory, ms-swift, TRL and Axolotl load
through it. Members that are missing become null in all versions, which is no finding. Of each record only the kinds of
its members are kept, and of a file no more than LIMIT of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from datagen.checks.base import Seen, SeenAt, file_check
from datagen.checks.examples import record
from datagen.checks.sample import Sample, Sound
from datagen.checks.trainers.common import FITS
from datagen.text import shown

LIMIT = 5_000
Pair = tuple[str, str]
"""A place, `conversations[].value`, and a kind."""
KINDS = {"text": "a text", "number": "a number", "bool": "true or false", "list": "a list", "object": "an object"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?Z?)?")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")

_ODD_LINE = re.compile(rf"^(?:{_DAY.pattern}|{_NUMBER.pattern})$", re.MULTILINE)


def reads(sample: Sample) -> bool:
    """Whether the record is an object."""
    return sample.sound is not None or isinstance(sample.raw, dict)


FITS["hf"] = reads


def kinds(sample: Sample) -> frozenset[Pair]:
    """The kinds of a record's members; those of one sound record are those of all that are sound alike."""
    if sample.sound is not None:
        return _of_sound(sample.sound)
    if _last[0] is not sample.raw:
        _last[:] = [sample.raw, frozenset(_walk(sample.raw, ""))]
    return _last[1]  # type: ignore[no-any-return]


_last: list[Any] = [object(), frozenset()]
_sound: dict[Sound, frozenset[Pair]] = {}


def _of_sound(sound: Sound) -> frozenset[Pair]:
    if sound not in _sound:
        old = sound.form == "conversations"
        role, text = ("from", "value") if old else ("role", "content")
        whole: dict[str, Any] = {"id": "x", sound.form: [{role: "x", text: "x"}]}
        if sound.image:
            whole |= {"image": "x"} if old else {"images": ["x"]}
        _sound[sound] = frozenset(_walk(whole, ""))
    return _sound[sound]


def _walk(value: Any, path: str) -> Iterator[Pair]:
    if isinstance(value, dict):
        yield path, "object"
        for key, inner in value.items():
            yield from _walk(inner, f"{path}.{key}" if path else key or '""')
    elif isinstance(value, list):
        yield path, "list"
        for inner in value:
            yield from _walk(inner, f"{path}[]")
    elif isinstance(value, str):
        yield path, "text"
        yield from ((path, more) for more in _of_text(value))
    elif value is None:
        yield path, "null"
    else:
        yield path, "bool" if isinstance(value, bool) else "number"
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            yield path, "huge"


def _of_text(text: str) -> Iterator[str]:
    """What else a text is: a moment in time, what JSON would read as another kind, half a character."""
    if len(text) <= 30:
        if _NUMBER.fullmatch(text):
            yield "json"
        if _DAY.fullmatch(text):
            yield "day"
    if not (text.isascii() or _whole(text)):
        yield "half"
    elif text and not _DAY.fullmatch(text):
        yield "words"


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Kinds:
    """How many records have which kinds where, and which was the first."""

    reads = "sounds"
    reads_ids = False

    def __init__(self, _options: Any = None) -> None:
        self.counts: dict[Pair, int] = {}
        self.first: dict[Pair, int] = {}

    def see(self, sample: Sample) -> None:
        """One record."""
        for pair in kinds(sample):
            self._add(pair, 1, sample.number)

    def see_sound(self, sound: Sound, count: int, first: int) -> None:
        """So many records that are sound alike, and the number of the first."""
        for pair in _of_sound(sound):
            if pair != ("id", "words") or not self.reads_ids:
                self._add(pair, count, first)

    def see_ids(self, numbers: Sequence[int], ids: Sequence[str]) -> None:
        """The ids of sound records, which may look like something else than words."""
        if not self.reads_ids:
            return
        if ids and not _ODD_LINE.search("\n".join(ids)):
            self._add(("id", "words"), len(ids), numbers[0])
            return
        for number, name in zip(numbers, ids, strict=True):
            for kind in _of_text(name):
                self._add(("id", kind), 1, number)

    def merge(self, other: Kinds, shift: int = 0) -> None:
        """What another saw, of records behind these."""
        for pair, count in other.counts.items():
            self._add(pair, count, other.first[pair] + shift)

    def _add(self, pair: Pair, count: int, number: int) -> None:
        if pair in self.counts:
            self.counts[pair] += count
            self.first[pair] = min(self.first[pair], number)
        elif len(self.counts) < LIMIT:
            self.counts[pair], self.first[pair] = count, number

    def end(self) -> Iterable[SeenAt]:
        """Nothing: each check says for itself what is wrong."""
        return ()

    def having(self, kind: str) -> Iterator[tuple[str, int]]:
        """The places with that kind, and the first record with it."""
        for (path, found), number in self.first.items():
            if found == kind:
                yield path, number

    def mixed(self) -> Iterator[tuple[str, list[str]]]:
        """The places with kinds that do not go together, the most frequent first."""
        by_path: dict[str, list[str]] = {}
        for path, kind in self.counts:
            if kind in KINDS:
                by_path.setdefault(path, []).append(kind)
        for path, found in by_path.items():
            if len(found) > 1:
                yield path, sorted(found, key=lambda kind: (-self.counts[path, kind], self.first[path, kind]))


@file_check(
    "T901",
    "mixed-kinds",
    "error",
    target="hf",
    does="stops",
    fails=[record(), record(id=33471)],
    passes=[record(), record(id="33471")],
)
class MixedKinds(Kinds):
    """A member is of one kind in some records and of another in others.

    `datasets` before 4.7 does not load such a file; later versions keep the member as JSON, and a trainer meets both
    kinds (huggingface/datasets issue 7322; datasets 3.2.0 to 5.2.0, run).
    """

    def end(self) -> Iterable[SeenAt]:
        """The first record of the rarest kind of each such member."""
        for path, found in self.mixed():
            told = ", ".join(f"{KINDS[kind]} in {self.counts[path, kind]:,}" for kind in found)
            yield SeenAt(self.first[path, found[-1]], Seen(f"`{shown(path, 80)}` is {told} records", path))
        for path, number in self.having("null"):
            if not path:
                yield SeenAt(number, Seen("the record is null"))


@file_check(
    "T902",
    "half-a-character",
    "error",
    target="hf",
    does="stops",
    fails=[record(answer="A dog \ud83d.")],
    passes=[record(answer="A dog \U0001f415.")],
)
class HalfCharacter(Kinds):
    """A text holds half of a pair of surrogates.

    JSON Lines with one do not load; of an array it vanishes, or that does not load either (datasets 3.2.0 to 5.2.0).
    """

    def end(self) -> Iterable[SeenAt]:
        """The first record of each such member."""
        for path, number in self.having("half"):
            yield SeenAt(number, Seen("half of a pair of surrogates", path))


@file_check(
    "T903",
    "not-an-object",
    "error",
    target="hf",
    does="stops",
    fails=[record(), "a record"],
    passes=[record(), record()],
)
class NotAnObject(Kinds):
    """A record is not an object.

    There are no members to make columns of (datasets 3.2.0 to 5.2.0).
    """

    def end(self) -> Iterable[SeenAt]:
        """The first of each kind."""
        for kind, name in KINDS.items():
            if kind != "object" and ("", kind) in self.first:
                yield SeenAt(self.first["", kind], Seen(f"the record is {name}"))


@file_check(
    "T904",
    "number-too-large",
    "error",
    target="hf",
    does="stops",
    fails=[record(id=2**70)],
    passes=[record(id=2**40)],
)
class NumberTooLarge(Kinds):
    """A whole number needs more than 64 bits.

    An array with one does not load; in JSON Lines it becomes a broken number (datasets 3.2.0 to 5.2.0).
    """

    def end(self) -> Iterable[SeenAt]:
        """The first record of each such member."""
        for path, number in self.having("huge"):
            yield SeenAt(number, Seen("a whole number of more than 64 bits", path))


@file_check(
    "T905",
    "read-as-json",
    "warning",
    target="hf",
    does="damaged",
    fails=[record(id="7"), record(id=33471)],
    passes=[record(id="7"), record(id="33471")],
)
class ReadAsJson(Kinds):
    """A text that looks like a number stands in a member of mixed kinds.

    From 4.7 on such a member is kept as JSON, and the text comes back as a number (datasets 4.8.4 and 5.2.0).
    """

    reads_ids = True

    def end(self) -> Iterable[SeenAt]:
        """The first such record of each such member."""
        for path, found in self.mixed():
            if "text" in found and (path, "json") in self.first and {"list", "object"}.isdisjoint(found):
                yield SeenAt(self.first[path, "json"], Seen("a text that is read as a number", path))


@file_check(
    "T906",
    "null-record",
    "error",
    target="hf",
    does="damaged",
    fails=[record(), None],
    passes=[record(), record()],
)
class NullRecord(Kinds):
    """A record is null.

    It becomes one whose members are all null; before 4.7, an array with one does not load (datasets 3.2.0 to 5.2.0).
    """

    def end(self) -> Iterable[SeenAt]:
        """The first."""
        if ("", "null") in self.first:
            yield SeenAt(self.first["", "null"], Seen("the record is null"))


@file_check(
    "T907",
    "read-as-a-day",
    "warning",
    target="hf",
    does="damaged",
    fails=[record(id="2024-05-12"), record(id="2024-05-13")],
    passes=[record(id="conversation-2024-05-12")],
)
class ReadAsDay(Kinds):
    """All texts of a member look like days.

    They become moments in time, in JSON Lines and from 4.7 on in arrays too (datasets 3.2.0 to 5.2.0).
    """

    reads_ids = True

    def end(self) -> Iterable[SeenAt]:
        """The first record of each such member."""
        for path, number in self.having("day"):
            if (path, "words") not in self.first:
                yield SeenAt(number, Seen("all texts here look like days", path))
