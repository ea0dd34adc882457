"""What a file is, told from how it begins, and read as that."""

from __future__ import annotations

import json
from pathlib import Path

from datagen.annotations.coco import Coco, NotCoco
from datagen.annotations.columns import Columns, Keys
from datagen.annotations.lines import Lines, NoRecords, is_record
from datagen.annotations.packing import FileFacts
from datagen.errors import InputError
from datagen.sources.files import Source
from datagen.sources.stream import Stream

_LONGEST_LINE = 1 << 20
_KINDS = {b"t": "true or false", b"f": "true or false", b"n": "null", b'"': "a text"}


def read_file(source: Source, keys: Keys, digests: dict[Path, str] | None = None) -> Columns | None:
    """One file's columns; None for a file of a folder that holds no annotations. `digests` takes
    the file's, where it is wanted.

    Raises InputError for a file that cannot be used.
    """
    columns = Columns(source, keys)
    wanted = digests is not None and source.path not in digests
    with Stream(source, digest=wanted) as stream:
        try:
            _read(stream, columns)
        except (NotCoco, NoRecords):
            if source.named:
                raise
            columns.dialect = ""
        if digests is not None and wanted:
            digests[source.path] = stream.sha256
    return columns if columns.dialect else None


def facts(columns: Columns) -> FileFacts:
    """What the file held, for people."""
    return FileFacts(
        label=columns.label,
        dialect="LVIS" if columns.federated else columns.dialect,
        images=len(columns.images.keys),
        annotations=columns.entries,
        captions=len(columns.captions.sizes),
        boxes=len(columns.boxes.kinds),
        categories=len(columns.categories),
    )


def _read(stream: Stream, columns: Columns) -> None:
    marked = stream.skip_mark()
    _refuse_wide(stream, columns.label)
    first = stream.peek()
    if not first and not marked:
        raise InputError(columns.label, "", "the file is empty")
    if _are_lines(stream, columns.source):
        columns.dialect = "JSON lines"
        Lines(columns).read_lines(stream)
        return
    if first == b"{":
        columns.dialect = "COCO"
        Coco(columns).read(stream)
    elif first == b"[":
        columns.dialect = "list of pictures"
        Lines(columns).read_list(stream)
    else:
        stream.value()
        hint = "COCO-style files hold an object with `images` and `annotations`"
        raise NotCoco(columns.label, "$", f"{_KINDS.get(first, 'a number')} stands at the top, not an object", hint)
    stream.end()


def _refuse_wide(stream: Stream, label: str) -> None:
    """Raises InputError for UTF-16 and UTF-32, which some programs on Windows write: by their marks, or since zeros
    stand beside the first bracket then."""
    seen = stream.glance(4)[:4]
    wide = 0 in seen and seen.replace(b"\0", b"").startswith((b"{", b"["))
    if wide or seen.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(label, "", "the text is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")


def _are_lines(stream: Stream, source: Source) -> bool:
    """By the name, or by a first line that is a whole object which speaks of a picture; a COCO file in one line is none
    whatever its name."""
    line = stream.first_line()
    whole = len(line) <= _LONGEST_LINE and line.rstrip().endswith(b"}")
    try:
        first = json.loads(line) if whole else None
    except (ValueError, RecursionError):
        first = None
    if isinstance(first, dict) and "images" in first and "annotations" in first:
        return False
    return source.path.name.lower().removesuffix(".gz").endswith(".jsonl") or is_record(first)
