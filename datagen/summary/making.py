"""A run's folder, or a file of training data → report.html: everything that is to be told, gathered and written.

It reads; the only thing that is written is the page, whole or not at all. What is gathered does not grow with the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from datagen.checks.sample import Sample, sample
from datagen.errors import InputError, SetupError
from datagen.files import replacing
from datagen.llm.base import is_mock
from datagen.records.reading import read
from datagen.run import Run
from datagen.schema import Verdict
from datagen.sources.files import Source, find
from datagen.summary.coverage import Spoken
from datagen.summary.findings import Found, findings
from datagen.summary.ledgered import Asking, asking
from datagen.summary.page import page
from datagen.summary.rejected import Reason, reasons, tasks
from datagen.summary.talk import Talk
from datagen.summary.thumbnails import thumbnail
from datagen.text import shown


class Report(NamedTuple):
    """All that a page tells."""

    title: str
    mock: bool
    asking: Asking | None
    """None for a file, which nobody knows the making of."""
    talk: Talk
    spoken: Spoken | None
    found: list[Found]
    verdict: Verdict | None
    """None while a run has no file yet."""
    rejects: list[Reason]
    thumbnails: dict[str, str]
    """An image's name → data URI."""


def report(source: Path, out: Path, images: Path | None = None) -> Path:
    """Write the page about `source`, with small pictures from the folder `images` where that is given. Raises
    InputError for what is no run and no training data, SetupError where `out` cannot be written."""
    if images is not None and not images.is_dir():
        raise SetupError(f"--images: there is no folder {shown(images)}", "give the folder of pictures")
    told = _of_run(source) if (source / "ledger.db").is_file() else _of_file(source)
    if images is not None:
        names = {each.image for each in told.talk.shown} | {one.image for each in told.rejects for one in each.first}
        small = {name: thumbnail(images, name) for name in sorted(names) if name}
        told = told._replace(thumbnails={name: uri for name, uri in small.items() if uri})
    try:
        with replacing(out, encoding="utf-8") as file:
            file.write(page(told))
    except OSError as error:
        raise SetupError(f"{shown(out)}: cannot be written: {error.strerror}", "give another -o") from error
    return out


def _of_run(folder: Path) -> Report:
    with Run.look(folder) as run:
        asked = asking(run)
    talk = Talk(tasks(folder / "provenance.jsonl"))
    spoken = Spoken(asked.categories)
    found: list[Found] = []
    verdict = None
    data = folder / "llava.json"
    if data.is_file():
        source = Source(data, named=True)
        _listen(source, talk, spoken)
        found, verdict = findings(source)
    mock = any(map(is_mock, asked.models))
    return Report(folder.name, mock, asked, talk, spoken, found, verdict, reasons(folder / "rejects.jsonl"), {})


def _of_file(path: Path) -> Report:
    sources = find([path])
    if len(sources) != 1:
        raise InputError(path, "", f"{len(sources)} files of data are there", "name one file, or a run's folder")
    talk = Talk({})
    _listen(sources[0], talk, None)
    found, verdict = findings(sources[0])
    return Report(sources[0].label, False, None, talk, None, found, verdict, [], {})


def _listen(source: Source, talk: Talk, spoken: Spoken | None) -> None:
    for one in _samples(source):
        talk.see(one)
        if spoken is not None:
            spoken.see(one)


def _samples(source: Source) -> Iterator[Sample]:
    for batch in read(source):
        for number, text in enumerate(batch.records(), batch.number):
            try:
                yield sample(number, json.loads(text))
            except (ValueError, RecursionError):
                yield sample(number, None)
