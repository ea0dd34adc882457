"""A run's folder or files of training data → entries, one at a time, and what is known of where they came from.

What is no record stops it with its place: half a file is no export. Of a run, its own llava.json is read; of a file
beside the manifest of what made it, that manifest is believed where the file is still the one it speaks of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from datagen.errors import InputError
from datagen.records.formats.entry import Entry
from datagen.records.formats.reading import NotARecord, understand
from datagen.records.reading import Batch, read
from datagen.sources.files import Source, find, sha256
from datagen.text import shown

_HINT = "`datagen validate` says all that is wrong; its --fix OUT --drop mends or drops it"


class Given(NamedTuple):
    """One record of a file."""

    entry: Entry
    notes: tuple[str, ...]
    source: int
    """Which of the files, from 0."""
    left_out: str = ""
    """Why it goes nowhere, if so."""


class Origin(NamedTuple):
    """A file of records, and what is known of it."""

    source: Source
    sha256: str
    manifest: dict[str, Any]
    """Of what made it; empty where nobody tells."""
    provenance: Path | None
    """Where each record comes from, a line each, in the records' order."""


def origin(name: Path) -> Origin:
    """What `name` means: a run, or a file. Raises InputError where there is nothing to read."""
    if (name / "ledger.db").is_file() or (name / "run.json").is_file():
        made = name / "llava.json"
        if not made.is_file():
            raise InputError(shown(name), "", "this run has no files yet", f"make them with: datagen rebuild {name}")
        name = made
    (source, *more) = find([name])
    if more or not source.named:
        raise InputError(shown(name), "", "is a folder, and no run", "name a file of records, or a run's folder")
    told = sha256(source.path)
    manifest = _manifest(source.path, told)
    lines = source.path.with_name("provenance.jsonl")
    return Origin(source, told, manifest, lines if manifest and lines.is_file() else None)


def _manifest(path: Path, digest: str) -> dict[str, Any]:
    """What stands beside a file, where it speaks of this very file."""
    try:
        told = json.loads(path.with_name("manifest.json").read_text("utf-8"))
        return dict(told) if told["files"][path.name]["sha256"] == digest else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def given(origins: list[Origin]) -> Iterator[Given]:
    """All records, in order. Raises InputError for the first that is none."""
    for number, each in enumerate(origins):
        for entry, notes in entries(each.source):
            yield Given(entry, notes, number)


def entries(source: Source) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    """The records of one file. Raises InputError for the first that is none, or where there is none at all."""
    seen = False
    for batch in read(source):
        for number, raw in enumerate(_values(batch, source), batch.number):
            seen = True
            try:
                entry, notes = understand(raw)
            except NotARecord as error:
                place = f"[{number}]" + (f".{error.where}" if error.where else "")
                raise InputError(source.label, shown(place), shown(error.cause), _HINT) from error
            if entry.id is None:
                entry, notes = entry._replace(id=f"{number:012}"), (*notes, "id-made")
            yield entry, notes
    if not seen:
        raise InputError(source.label, "", "holds no record", "name a file that has some")


_LINES, _ARRAY = msgspec.json.Decoder(), msgspec.json.Decoder(list[Any])


def _values(batch: Batch, source: Source) -> Iterator[Any]:
    try:
        values = _LINES.decode_lines(batch.data) if batch.lines else _ARRAY.decode(batch.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from _one_by_one(batch, source)
        return
    yield from values


def _one_by_one(batch: Batch, source: Source) -> Iterator[Any]:
    for number, text in enumerate(batch.records(), batch.number):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(source.label, f"[{number}]", f"not JSON: {shown(error)}", _HINT) from error
        yield value
