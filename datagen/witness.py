"""Which picture a record is about, and what the annotations say of what the record says.

It joins records to images: by the image's file name (COCO's names in all their spellings), by LLaVA's id where a record
names no image, and in a run's folder by the record's own id, which the ledger knows. What joins nothing is counted; it
judges nothing itself, and knows nothing of files of training data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from datagen.annotations.index import Index, Reading, index, opened
from datagen.checks.grounding import Places, turns_in
from datagen.checks.sample import Sample
from datagen.errors import SetupError
from datagen.grounding.claims import Tally
from datagen.grounding.federated import grounder_for
from datagen.ledger import Ledger
from datagen.schema import ImageContext
from datagen.sources.files import find
from datagen.text import shown

_COCO = re.compile(r"(?:COCO_(?:train|val|test)\d{4}_)?(\d{12})")
_OURS = re.compile(r"(\d{12}|[^-]+)(?:-\w+-\d+)?")


class Told(NamedTuple):
    """Where a witness looks. Small and plain: it goes to other processes."""

    images: str = ""
    """A file with joined annotations, as `Index.data` gives them."""
    ledger: str = ""
    """A run's."""


class Pictures:
    """The images of some annotations, by whatever a record calls them."""

    def __init__(self, images: Index) -> None:
        self._images = images
        self.boxed = images.boxed
        self._rows: dict[str | int, int] = {}
        self._alike: dict[str | int, list[int]] = {}
        for row in range(len(images)):
            key = _key(images.file_name(row))
            if self._rows.setdefault(key, row) != row:
                self._alike.setdefault(key, [self._rows[key]]).append(row)
        self._by_id: dict[str, int] | None = None

    def about(self, sample: Sample) -> ImageContext | None:
        """The image of a record; None where it names none, several, or one that is not here."""
        named = [image for image in sample.images or () if isinstance(image, str) and image]
        if len(named) > 1:
            return None
        row = self._row(named[0]) if named else self._row_of_id(sample.id)
        return None if row is None else self._images.context(row)

    def _row(self, name: str) -> int | None:
        key = _key(name)
        if key not in self._alike:
            return self._rows.get(key)
        path = f"/{_path(name)}"
        ends = [row for row in self._alike[key] if path.endswith(f"/{_path(self._images.file_name(row))}")]
        return ends[0] if len(ends) == 1 else None

    def _row_of_id(self, told: object) -> int | None:
        """By LLaVA's id, the image's own; or by ours, which begins with it."""
        found = _OURS.fullmatch(told) if isinstance(told, str) else None
        if found is None:
            return None
        if self._by_id is None:
            self._by_id = {self._images.image_id(row): row for row in range(len(self._images))}
        return self._by_id.get(found[1].lstrip("0") if found[1].isdecimal() else found[1])


def _key(name: str) -> str | int:
    """What is the same however a picture's file is called: COCO's number, or the name without folders and ending."""
    stem = _path(name).rpartition("/")[2]
    stem = stem.rpartition(".")[0] or stem
    number = _COCO.fullmatch(stem)
    return int(number[1]) if number else stem


def _path(name: str) -> str:
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))


class _Run:
    """The images of a run's records."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.boxed = ledger.boxed()

    def about(self, sample: Sample) -> ImageContext | None:
        """The image that a record was made from."""
        known = isinstance(sample.id, str) and sample.id.isascii()  # as all of ours are; half a pair SQLite cannot take
        return self._ledger.image_of(sample.id) if known else None


class Witness:
    """Says of a record what the annotations say of it."""

    def __init__(self, pictures: Pictures | _Run) -> None:
        self._pictures = pictures
        self._grounder = grounder_for(pictures.boxed)

    def ground(self, sample: Sample) -> tuple[Tally, Places] | None:
        """What the claims of a record come to, and where its turns stand; None where no image of it is known."""
        image = self._pictures.about(sample)
        if image is None:
            return None
        turns, places = turns_in(sample)
        return self._grounder.tally(turns, image), places


def witness(told: Told) -> Witness:
    """Who looks there. Raises LedgerError for a ledger that cannot be read."""
    if told.ledger:
        return Witness(_Run(Ledger(Path(told.ledger), writable=False)))
    return Witness(Pictures(opened(Path(told.images))))


def of_run(file: Path) -> Told | None:
    """Where to look for the records of a file that lies in a run's folder."""
    ledger = file.parent / "ledger.db"
    return Told(ledger=str(ledger)) if ledger.is_file() and file.name in _MADE else None


_MADE = ("llava.json", "messages.jsonl")


@contextmanager
def annotated(inputs: Sequence[Path], *, used: bool = True) -> Iterator[Told | None]:
    """Where to look for the images of annotation files, joined once for all who look; None where none is given, or none
    is `used`. Raises InputError for a file that is not there or cannot be used."""
    sources = find(inputs)
    if not sources or not used:
        yield None
        return
    with NamedTemporaryFile(prefix="datagen-", suffix=".index") as file:
        try:
            file.write(index(sources, Reading()).data)
            file.flush()
        except OSError as error:
            cause = f"{shown(file.name)}: cannot be written: {error.strerror}"
            raise SetupError(cause, "make room there, or name another place with TMPDIR") from error
        yield Told(images=file.name)
