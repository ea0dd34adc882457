"""`convert`: one file of records into another shape, with the name and count of all that the shape cannot say."""

from __future__ import annotations

import io
import os
from collections import Counter
from pathlib import Path
from typing import IO, NamedTuple, cast

from datagen.errors import SetupError
from datagen.exporting.given import given_of, origin
from datagen.exporting.lineage import is_mock
from datagen.exporting.sinks import TextSink
from datagen.files import replacing
from datagen.records.formats.shapes import SHAPES
from datagen.text import shown


class Converted(NamedTuple):
    """What was made."""

    out: Path
    form: str
    records: int
    """Read."""
    written: int
    losses: dict[str, int]
    """By name: what the shape cannot say, and what was not understood."""
    mock: bool | None
    """Whether it is mock data; None where nobody tells."""


def convert(source: Path, out: Path, to: str | None = None) -> Converted:
    """Write the records of a file (or of a run) in another shape: `to`, or what `out`'s name tells. Raises a
    SetupError, and leaves what is there."""
    form = to or _form_of(out)
    shape = SHAPES[form]
    given = origin(source)
    if os.path.realpath(given.source.path) == os.path.realpath(out):
        raise SetupError(f"{shown(out)}: is the file that is read", "give another name")
    zipped = out.name.endswith(".gz")
    name = out.name.removesuffix(".gz")
    lines = name.endswith((".jsonl", ".ndjson")) or (shape.file.endswith(".jsonl") and not name.endswith(".json"))
    losses: Counter[str] = Counter()
    records = 0
    try:
        with replacing(out, zipped=zipped, keep_mode=True) as file:
            sink = TextSink(shape, cast(IO[bytes], cast(io.TextIOWrapper, file).buffer), lines=lines)
            for each in given_of(given.source):
                records += 1
                losses.update(each.notes)
                sink.take(each)
            sink.close()
    except OSError as error:
        hint = "make room, mend the permissions or give another name; nothing was changed"
        raise SetupError(f"{shown(out)}: cannot be written: {error.strerror or error}", hint) from error
    return Converted(out, form, records, sink.written, dict(losses + sink.losses), is_mock([given]))


def _form_of(out: Path) -> str:
    """The shape that a file's name tells."""
    name = out.name.removesuffix(".gz")
    names = {f"{form}.{ending}": form for form in SHAPES for ending in ("json", "jsonl")}
    names |= {shape.file: form for form, shape in SHAPES.items()}
    if name in names:
        return names[name]
    hint = f"--to takes one of {', '.join(SHAPES)}"
    raise SetupError(f"{shown(out)}: its name does not tell a format", hint)
