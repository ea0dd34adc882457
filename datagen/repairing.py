"""A file of training data repaired: what is certain is mended; what is still wrong is dropped where that was asked.

The file is read twice: first for what must be known of it as a whole, then record by record. What is mended, and how,
is `records.mending`'s; what is wrong is the checks' to say.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from datagen.errors import SetupError
from datagen.judging import Judge
from datagen.records.mended_file import Form, mended_copy, place_of_copy, reject_line, rejects
from datagen.records.mending import Memory, mend
from datagen.records.reading import Batch, read
from datagen.rules import Wishes, plan_for
from datagen.schema import Finding
from datagen.sources.files import Source, unreadable
from datagen.text import shown


class Repaired(NamedTuple):
    """What was done to a file."""

    out: Path
    done: dict[str, int]
    """How many records each repair was made in, by its name."""
    records: int
    dropped: dict[str, int]
    """How many records were dropped, by the reason: the first error's name."""
    rejects: Path | None


def repair(source: Source, out: Path, wished: Wishes, *, drop: bool = False, in_place: bool = False) -> Repaired:
    """Write a repaired copy of a file. `drop`: records in which an error remains go to `rejects.jsonl` beside it.

    Raises InputError where the file cannot be read, SetupError where the copy cannot be written; then nothing is.
    """
    stdin = source.name == "-"
    out = place_of_copy(None if stdin else source.path, out, in_place=in_place)
    place = _place_of_rejects(source, out) if drop else None
    memory, first = _seen(source)
    if first is not None and first.held and out.exists() and out.samefile(source.path):
        cause = f"{source.label}: holds its records under a member, and more beside them"
        raise SetupError(cause, "a mended copy is an array of the records alone: give another name, without --in-place")
    judge = Judge(plan_for(wished, source)) if drop else None
    done: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    records = 0
    with ExitStack() as stack:
        write = stack.enter_context(mended_copy(out, Form(first is not None and first.lines, _is_zipped(source))))
        refuse = stack.enter_context(rejects(place, more=in_place)) if place else None
        for number, raw in _records(source):
            records += 1
            mended = mend(raw, number, memory)
            done.update(mended.done)
            errors = _errors(judge, number, mended.raw) if judge else []
            if errors and refuse:
                line = reject_line(number, mended.raw, errors)
                dropped[line["reason"]] += 1
                refuse(line)
            else:
                write(mended.raw)
    return Repaired(out, dict(done), records, dict(dropped), place)


def _place_of_rejects(source: Source, out: Path) -> Path:
    """Beside the copy; raises SetupError where that would take the place of something else."""
    place = out.with_name("rejects.jsonl")
    for other in (source.path, out):
        if os.path.realpath(other) == os.path.realpath(place):
            raise SetupError(f"{shown(place)}: is where dropped records go", "give another file")
    if place.with_name("ledger.db").exists():
        cause = f"{shown(place)}: tells what this run rejected, and dropped records would take its place"
        raise SetupError(cause, "let the mended copy go to another folder")
    return place


def _seen(source: Source) -> tuple[Memory, Batch | None]:
    """What must be known of the whole file, and its first batch."""
    memory, first = Memory(), None
    for batch in read(source):
        first = first or batch._replace(data=b"")
        for _, raw in _of(batch):
            memory.see(raw)
    return memory, first


def _records(source: Source) -> Iterator[tuple[int, Any]]:
    for batch in read(source):
        yield from _of(batch)


def _of(batch: Batch) -> Iterator[tuple[int, Any]]:
    """Each record with its number; of lines that are no JSON the text, which stays as it is."""
    for number, text in enumerate(batch.records(), batch.number):
        try:
            yield number, json.loads(text)
        except (ValueError, RecursionError):
            yield number, text.decode("utf-8", "replace")


def _errors(judge: Judge, number: int, raw: Any) -> list[Finding]:
    """What is wrong with a record, errors first; nothing where there is no error."""
    data = json.dumps([raw], default=str).encode()
    found = [each.finding for each in judge.judge(Batch(number, data, 0, 0, False)).found]
    errors = [each for each in found if each.level == "error"]
    return errors and [*errors, *(each for each in found if each.level != "error")]


def _is_zipped(source: Source) -> bool:
    try:
        with source.path.open("rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise unreadable(source.path, error) from error
