"""The run folder: its lock, its files, and how a file is replaced so that nobody ever sees half of one.

    RUN/
      run.json      what was asked: settings (never a key), versions, digests of annotations and prompts
      prompts/      the task folders as they were that day
      ledger.db     queries, attempts, answers, batches: see ledger.py
      batches/      files of requests until they are submitted, and of results until they are in the ledger
      llava.json, messages.jsonl, rejects.jsonl, provenance.jsonl, manifest.json, README.md, croissant.json
                    made from the ledger, for nothing

It knows the layout, not what the files mean.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ValidationError

from datagen.errors import LedgerError, SetupError
from datagen.files import replacing as _replacing
from datagen.ledger import Ledger
from datagen.settings import Settings
from datagen.text import digest_of_files, shown

_OURS = {"ledger.db", "ledger.db-journal", "ledger.db-wal", "ledger.db-shm", "ledger.lock"}


class AnnotationFile(BaseModel):
    """One input, as run.json keeps it."""

    file: str
    sha256: str


class Selected(BaseModel):
    """What became of the images, as run.json keeps it."""

    images: int
    taken: int
    left_out: dict[str, int]
    not_found: int


class Asked(BaseModel):
    """What stands in run.json."""

    datagen: str
    plan: str
    settings: Settings
    annotations: list[AnnotationFile]
    prompts: dict[str, str]
    oddities: dict[str, dict[str, int | str]]
    images_list: AnnotationFile | None = None
    selection: Selected | None = None
    """None in what older datagens wrote."""


class Run:
    """An open run folder. Use `create` to work in it, `look` to read it; both are context managers."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.folder, self.ledger = folder, ledger

    @staticmethod
    @contextmanager
    def create(folder: Path, *, must_exist: bool = False) -> Iterator[Run]:
        """Open `folder` for writing, made if need be. Raises LedgerError when another process works in it."""
        _check_folder(folder, must_exist)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"{shown(folder)}: cannot be made: {error.strerror}", "give another -o") from error
        with _locked(folder):
            _sweep(folder)
            ledger = Ledger(folder / "ledger.db", writable=True)
            try:
                yield Run(folder, ledger)
            finally:
                ledger.close()

    @staticmethod
    @contextmanager
    def look(folder: Path) -> Iterator[Run]:
        """Open `folder` for reading, also while another process works in it."""
        _check_folder(folder, must_exist=True)
        ledger = Ledger(folder / "ledger.db", writable=False)
        try:
            yield Run(folder, ledger)
        finally:
            ledger.close()

    @staticmethod
    def is_there(folder: Path) -> bool:
        """Whether `folder` holds a run. Raises as `create` would where none could be made there."""
        _check_folder(folder, must_exist=False)
        ledger = folder / "ledger.db"
        return ledger.exists() and ledger.stat().st_size > 0

    @property
    def prompts(self) -> Path:
        return self.folder / "prompts"

    def write_json(self, name: str, value: object) -> None:
        """Replace one JSON file of the folder."""
        with replacing(self.folder / name) as file:
            json.dump(value, file, ensure_ascii=True, indent=2)
            file.write("\n")

    def asked(self) -> dict[str, Any]:
        """run.json: what was asked for. Raises LedgerError when it is missing or not whole."""
        path = self.folder / "run.json"
        hint = "run `datagen generate` again as it was run, with the same -o: it is made anew"
        try:
            told = json.loads(path.read_text("ascii"))
        except (OSError, ValueError, RecursionError) as error:
            raise LedgerError(f"{shown(path)}: cannot be read: {shown(error)}", hint) from error
        if isinstance(told, dict) and told.get("plan") != self.ledger.meta("plan"):
            raise LedgerError(f"{shown(path)}: $.plan: is not the ledger's: the planning was cut short", hint)
        try:
            Asked.model_validate(told)
        except ValidationError as error:
            place = "$." + ".".join(map(str, error.errors()[0]["loc"]))
            raise LedgerError(f"{shown(path)}: {shown(place)}: is not what datagen writes there", hint) from error
        return dict(told)

    def check_prompts(self) -> None:
        """Raises LedgerError when the kept prompts are not those that the plan was made with."""
        for name, told in self.asked()["prompts"].items():
            if digest_of_files(_files(self.prompts / name)) != told:
                hint = "run the same `datagen generate` again: it puts them back as they were given"
                raise LedgerError(f"{shown(self.prompts / name)}: was changed since the plan was made", hint)

    def keep_prompts(self, tasks: Mapping[str, Sequence[Path]]) -> None:
        """Replace `prompts/` by copies of the tasks' files, a folder a task."""
        with _writing(self.prompts):
            fresh = Path(tempfile.mkdtemp(prefix=".prompts-", dir=self.folder))
            for name, files in tasks.items():
                (fresh / name).mkdir()
                for file in files:
                    shutil.copyfile(file, fresh / name / file.name)
            old = self.folder / f".old{fresh.name}"
            with suppress(FileNotFoundError):
                self.prompts.rename(old)
            fresh.chmod(0o755)
            fresh.rename(self.prompts)
            shutil.rmtree(old, ignore_errors=True)


def _check_folder(folder: Path, must_exist: bool) -> None:
    try:
        folder.exists()
    except OSError as error:
        raise SetupError(f"{shown(folder)}: cannot be a folder: {error.strerror}", "give another name") from error
    if folder.exists() and not folder.is_dir():
        raise SetupError(f"{shown(folder)}: is a file, not a run folder", "give a folder")
    ledger = folder / "ledger.db"
    whole = ledger.exists() and ledger.stat().st_size > 0
    if (folder / "run.json").exists() and not whole:
        hint = "the answers were in it: bring it back from a copy; llava.json and the rest are left as they are"
        raise LedgerError(f"{shown(ledger)}: is {'empty' if ledger.exists() else 'gone'}", hint)
    if must_exist and not whole:
        what = "there is no ledger here" if folder.exists() else "there is no such run folder"
        raise SetupError(f"{shown(folder)}: {what}", "a run is the folder that was given with -o")
    if folder.is_dir() and not whole and any(p.name not in _OURS for p in folder.iterdir()):
        raise SetupError(
            f"{shown(folder)}: holds files that are no run of datagen", "give an empty or new folder with -o"
        )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _sweep(folder: Path) -> None:
    """Take away what a killed process left half-made."""
    for pattern in (".prompts-*", ".old.prompts-*", ".*.json.*", ".*.jsonl.*", ".*.md.*"):
        for path in folder.glob(pattern):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system gives back when this process ends, however it ends."""
    try:
        file = (folder / "ledger.lock").open("a+", encoding="ascii")
    except OSError as error:
        raise SetupError(f"{shown(folder)}: cannot be written to: {error.strerror}", "check the permissions") from error
    with file:
        _take(file, folder)
        with suppress(OSError):  # on a full disk nobody learns who holds it, but it is held
            file.seek(0)
            file.truncate()
            json.dump(_who(), file)
            file.flush()
        yield
        file.truncate(0)


def _who() -> dict[str, object]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%FT%TZ", time.gmtime())}


def _take(file: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        try:
            holder = json.loads(file.read())
            who = f"process {holder['pid']} on {shown(holder['host'])} since {shown(holder['since'])}"
        except (ValueError, KeyError, TypeError):
            who = "another process"
        raise LedgerError(f"{shown(folder)}: {who} is at work here", "wait for it, or give another -o") from error
    except OSError as error:
        hint = "some network file systems know no locks: give an -o on a local disk"
        raise LedgerError(f"{shown(folder)}: cannot be locked: {error.strerror}", hint) from error


@contextmanager
def replacing(path: Path, encoding: str = "ascii") -> Iterator[IO[str]]:
    """A text file that takes the place of `path` when the block ends well: whole, on disk, or not at all (files.py).

    An OSError (a full disk, say) leaves the old file and becomes a LedgerError.
    """
    with _writing(path), _replacing(path, encoding=encoding) as file:
        yield file


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "make room or mend the permissions; the same command goes on, and what was answered is kept"
        raise LedgerError(f"{shown(path)}: cannot be written: {error.strerror}", hint) from error
