"""A run's folder or files of training data → entries, one at a time, and what is known of where they came from.

What is no record stops it with its place: half a file is no export. Of a run, its own llava.json is read; of a file
beside the manifest of what made it, that manifest is believed where the file is still the one it speaks of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from datagen.errors import InputError
from datagen.records.formats.entry import Entry
from datagen.records.formats.plain import Plain
from datagen.records.formats.reading import NotARecord, understand
from datagen.records.reading import Batch, read
from datagen.sources.files import Source, find, sha256
from datagen.text import shown

_HINT = "`datagen validate` says all that is wrong; its --fix OUT --drop mends or drops it"


class Given:
    """One record of a file. An entry is made of a plain one when somebody asks for it."""

    __slots__ = ("_entry", "id", "left_out", "notes", "plain", "source")

    def __init__(self, told: Entry | Plain, notes: tuple[str, ...] = (), source: int = 0, left_out: str = "") -> None:
        self.id = told.id or ""
        self.plain: Plain | None = None
        self._entry: Entry | None = None
        if isinstance(told, Plain):
            self.plain = told
        else:
            self._entry = told
        self.notes = notes
        """What of its record is not in it, by name."""
        self.source = source
        """Which of the files, from 0."""
        self.left_out = left_out
        """Why it goes nowhere, if so."""

    @property
    def entry(self) -> Entry:
        """What it says."""
        if self._entry is None:
            assert self.plain is not None
            self._entry = self.plain.entry()
        return self._entry


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
        _check_manifest(name)
        name = made
    (source, *more) = find([name])
    if more or not source.named:
        raise InputError(shown(name), "", "is a folder, and no run", "name a file of records, or a run's folder")
    told = sha256(source.path)
    manifest = _manifest(source.path, told)
    lines = source.path.with_name("provenance.jsonl")
    return Origin(source, told, manifest, lines if "files" in manifest and lines.is_file() else None)


def _check_manifest(run: Path) -> None:
    """A run says whether it is mock data: where that cannot be read, nobody may take it for real."""
    path = run / "manifest.json"
    try:
        told = json.loads(path.read_text("utf-8"))
        why = "" if isinstance(told, dict) and isinstance(told.get("mock"), bool) else "is no run's manifest"
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except (ValueError, RecursionError):
        why = "cannot be read: it is no JSON"
    if why:
        raise InputError(shown(path), "", why, f"a run's files are made again with: datagen rebuild {shown(run)}")


def _manifest(path: Path, digest: str) -> dict[str, Any]:
    """What stands beside a file, where it speaks of this very file. That data is the mock's is believed of another
    version of it too: who edits mock data has mock data."""
    try:
        told = json.loads(path.with_name("manifest.json").read_text("utf-8"))
        if told["files"][path.name]["sha256"] == digest:
            return dict(told)
        return {"mock": True} if told["mock"] is True else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def given(origins: list[Origin]) -> Iterator[Given]:
    """All records, in order. Raises InputError for the first that is none."""
    for number, each in enumerate(origins):
        yield from given_of(each.source, number)


def given_of(source: Source, which: int = 0) -> Iterator[Given]:
    """The records of one file. Raises InputError for the first that is none, or where there is none at all."""
    seen = False
    for batch in read(source):
        for number, raw in enumerate(_values(batch, source), batch.number):
            seen = True
            if isinstance(raw, Plain):
                if raw.is_plain():
                    yield Given(raw, (), which)
                    continue
                raw = msgspec.to_builtins(raw)
            yield _understood(raw, number, which, source)
    if not seen:
        raise InputError(source.label, "", "holds no record", "name a file that has some")


def _understood(raw: Any, number: int, which: int, source: Source) -> Given:
    try:
        entry, notes = understand(raw)
    except NotARecord as error:
        place = f"[{number}]" + (f".{error.where}" if error.where else "")
        raise InputError(source.label, shown(place), shown(error.cause), _HINT) from error
    if entry.id is None:
        made = f"{which:03}-{number:012}" if which else f"{number:012}"
        return Given(entry._replace(id=made), (*notes, "id-made"), which)
    return Given(entry, notes, which)


_PLAIN = msgspec.json.Decoder(Plain), msgspec.json.Decoder(list[Plain])
_ANY = msgspec.json.Decoder(Any), msgspec.json.Decoder(list[Any])


def _values(batch: Batch, source: Source) -> Iterable[Any]:
    """Plain rows where all of a batch are such, or any JSON."""
    for one, several in (_PLAIN, _ANY):
        try:
            return one.decode_lines(batch.data) if batch.lines else several.decode(batch.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return _one_by_one(batch, source)


def _one_by_one(batch: Batch, source: Source) -> Iterator[Any]:
    for number, text in enumerate(batch.records(), batch.number):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(source.label, f"[{number}]", f"not JSON: {shown(error)}", _HINT) from error
        yield value
