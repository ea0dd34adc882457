"""Which files of training data a command line means: files, a run's folder, or what comes on stdin."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from datagen.errors import InputError, SetupError
from datagen.sources.files import Source, find

RUN_FILES = ("llava.json", "messages.jsonl")
"""What of a run's folder is training data."""


@contextmanager
def training_files(names: Sequence[str]) -> Iterator[list[Source]]:
    """The files, each once and in order. Raises InputError for what is not there."""
    if not names:
        raise SetupError("no file was named", "give training data, a run's folder, or - for what comes on stdin")
    with ExitStack() as stack:
        sources: list[Source] = []
        for name in dict.fromkeys(names):
            if name == "-":
                sources.append(stack.enter_context(_stdin()))
            elif _is_run(name):
                sources += _of_run(Path(name))
            else:
                sources += find([Path(name)])
        once: dict[Path, Source] = {}
        for each in sources:
            once.setdefault(each.path.resolve(), each)
        yield list(once.values())


def _is_run(name: str) -> bool:
    try:
        return (Path(name) / "ledger.db").is_file()
    except OSError:  # a name that is too long, or a folder that is closed to us: whoever opens it will say so
        return False


def _of_run(folder: Path) -> list[Source]:
    made = [Source(folder / name, named=True) for name in RUN_FILES if (folder / name).is_file()]
    if not made:
        raise InputError(folder, "", "this run has no files yet", f"make them with: datagen rebuild {folder}")
    return made


@contextmanager
def _stdin() -> Iterator[Source]:
    """What comes on stdin, put on the disk: it is read more than once, and may be larger than the memory."""
    if sys.stdin is None:
        raise InputError("-", "", "there is no stdin", "it was closed by what started this")
    with tempfile.NamedTemporaryFile(prefix="datagen-") as file:
        try:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
        except OSError as error:
            raise InputError("-", "", f"what comes on stdin cannot be put by: {error.strerror}", "make room") from error
        yield Source(Path(file.name), named=True, name="-")
