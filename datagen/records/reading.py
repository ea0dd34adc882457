"""Files of training data → batches of records, in slices, whatever their size.

It knows how such files are written: one array, a record a line, or an object that holds the array. What the records
mean, and whether they are any good, is for others to say; only what is no JSON at all is refused here, with its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from datagen.errors import InputError
from datagen.sources.files import Source
from datagen.sources.stream import Stream
from datagen.text import shown


class _Object(msgspec.Struct, gc=False):
    """Any object: decoding it proves that it is whole, and keeps nothing."""


_OBJECTS = msgspec.json.Decoder(list[_Object])
_UNREAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_EACH = msgspec.json.Decoder(list[msgspec.Raw])
_BETWEEN = re.compile(r"[\s,]*")
_HINT = "give training data: an array of records, or a record a line, plain or .gz"
HELD_IN = ("data", "records", "train", "dataset", "samples", "rows", "annotations")
"""Members under which an object may hold the records."""
_DIALOGUES = ("conversations", "messages")
"""An object with one of these is a record itself, whatever else it holds."""


class Batch(NamedTuple):
    """Some records that follow each other."""

    number: int
    """Of the first, from 0."""
    data: bytes
    """A JSON array of the records, or their lines."""
    line: int
    """The line on which `data` begins, from 1; in an array's file 0, where it is not known yet."""
    offset: int
    """Of `data`'s first record in the (unzipped) file, in bytes."""
    lines: bool
    """Whether it is lines."""
    held: bool = False
    """Whether the array stands in an object, which may hold other things too."""
    rows: Sequence[Any] | None = None
    """The records, decoded as one of the forms that were wanted; empty where they have none of them, None where that
    was not tried."""

    def records(self) -> list[bytes]:
        """Each record's own text; of lines those that are not blank, JSON or not."""
        if self.lines:
            return [line for line in self.data.split(b"\n") if line.strip()]
        try:
            return [bytes(each) for each in _EACH.decode(self.data)]
        except msgspec.DecodeError:  # NaN, which only the json module takes
            return list(_apart(self.data.decode("utf-8")))


def _apart(array: str) -> Iterator[bytes]:
    decode, at = json.JSONDecoder().raw_decode, 1
    while (found := _BETWEEN.match(array, at)) and array[found.end()] != "]":
        at = decode(array, found.end())[1]
        yield array[found.end() : at].encode()


class _Wanted:
    """Decodes an array as the first of some forms that it has, else as objects: either proves that it is whole."""

    def __init__(self, forms: Sequence[msgspec.json.Decoder[list[Any]]]) -> None:
        self._forms = forms

    def decode(self, data: Any) -> list[Any]:
        for form in self._forms:
            try:
                return form.decode(data)
            except _UNREAD:
                continue
        return _OBJECTS.decode(data)


def read(source: Source, forms: Sequence[msgspec.json.Decoder[list[Any]]] = ()) -> Iterator[Batch]:
    """The records of a file; of an array decoded as one of `forms`, where they have it, since it must be decoded in any
    case to be cut. Raises InputError where it is no JSON or holds no records."""
    with Stream(source) as stream:
        stream.skip_mark()
        first = stream.glance(1)[:1]
        if first == b"[":
            yield from _array(stream, forms)
        elif first == b"{":
            yield from _lines(stream) if _is_lines(stream) else _held(stream, forms)
        elif not first:
            raise InputError(source.label, "", "is empty", _HINT)
        elif _are_lines(stream):
            yield from _lines(stream)
        else:
            raise stream.fault("not JSON: expecting an array or an object", _HINT)


def _is_lines(stream: Stream) -> bool:
    """Whether a record stands on each line: the first line is an object by itself, or looks like a broken one, and is
    not one that holds the records."""
    line, following = stream.first_lines()
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return line.rstrip().endswith(b"}") or _is_object(following)
    return not any(isinstance(first.get(key), list) for key in HELD_IN) or any(key in first for key in _DIALOGUES)


def _are_lines(stream: Stream) -> bool:
    """Whether it is lines though the first is no object: it is other JSON, or an object follows on the next."""
    line, following = stream.first_lines()
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return _is_object(following)
    return True


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _array(stream: Stream, forms: Sequence[msgspec.json.Decoder[list[Any]]]) -> Iterator[Batch]:
    yield from _elements(stream, forms)
    stream.end()


def _held(stream: Stream, forms: Sequence[msgspec.json.Decoder[list[Any]]]) -> Iterator[Batch]:
    """The records of an object that holds them; the rest of it is read too, since it may be cut off or spoilt."""
    seen: list[str] = []
    found = False
    for key in stream.members():
        seen.append(key)
        if not found and key in HELD_IN and stream.glance(1)[:1] == b"[":
            found = True
            for batch in _elements(stream, forms):
                yield batch._replace(held=True)
    stream.end()
    if not found:
        told = shown(", ".join(seen[:8]), 100)
        raise InputError(stream.source.label, "", f"no array of records in it; its members: {told}", _HINT)


def _elements(stream: Stream, forms: Sequence[msgspec.json.Decoder[list[Any]]]) -> Iterator[Batch]:
    number = 0
    for piece in stream.elements(_Wanted(forms)):
        typed = piece.typed
        rows = typed if typed and type(typed[0]) is not _Object else []
        yield Batch(number, piece.text(), 0, piece.offset, False, rows=rows if forms else None)
        number += len(typed if typed is not None else piece.plain())


def _lines(stream: Stream) -> Iterator[Batch]:
    number, line = 0, 1
    while (block := stream.block()) is not None:
        data, offset = block
        batch = Batch(number, data, line, offset, True)
        yield batch
        number += sum(1 for each in data.split(b"\n") if each.strip())
        line += data.count(b"\n") + 1
