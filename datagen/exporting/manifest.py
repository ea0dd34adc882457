"""What an export says of itself: manifest.json, LOADING.md and the trainers' own files. Mock data says so in each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datagen.exporting import paste
from datagen.exporting.folder import MANIFEST
from datagen.exporting.given import Origin
from datagen.exporting.lineage import made_by
from datagen.exporting.result import Exported, ExportWish
from datagen.version import __version__

MOCK = "MOCK data: made by rules for tests and demos, not by a language model."
LOADING = "LOADING.md"


def lines_told(out: Path, wish: ExportWish, written: Mapping[str, int], mock: bool | None) -> paste.Told:
    """What the lines to paste are made with."""
    name = "datagen_mock" if mock else "datagen"
    images = str(wish.images) if wish.images else paste.PLACE
    return paste.Told(name, str(out), images, written, MOCK if mock else "", embedded=wish.images is not None)


def lines_here(wish: ExportWish, made: Exported) -> dict[str, str]:
    """The lines to paste by format, for somebody who stands in the folder, wherever it is."""
    told = _told_here(wish, made)
    return {form: paste.lines_for(form, told) for form in made.written}


def _told_here(wish: ExportWish, made: Exported) -> paste.Told:
    told = lines_told(Path(), wish._replace(images=None), made.written, made.mock)
    return told._replace(embedded=wish.images is not None)


def write_lines(folder: Path, told: paste.Told, wish: ExportWish, made: Exported) -> None:
    """LOADING.md, in which no path of this machine stands, and what trainers read themselves."""
    (folder / LOADING).write_text(paste.page(_told_here(wish, made)), "ascii")
    for name, text in paste.own_files(told).items():
        (folder / name).write_text(text, "ascii")


def manifest(origins: list[Origin], wish: ExportWish, made: Exported) -> dict[str, Any]:
    """All that is known of an export but its files' digests."""
    return {
        "datagen": __version__,
        "mock": made.mock,
        "export": {"formats": list(made.written), "mix": wish.mix, "seed": wish.seed},
        "records": made.records,
        "kinds": made.kinds,
        "written": made.written,
        "losses": made.losses,
        "unwanted": made.unwanted,
        "short": {kind: short._asdict() for kind, short in made.short.items()},
        "sources": [{"file": each.source.path.name, "sha256": each.sha256} for each in origins],
        "made_by": made_by(origins),
    }


def digests(folder: Path, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """sha256 and size of every file in there, by name; those that are known already are not read again."""
    known = known or {}
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    return {name: known.get(name) or _file(folder / name) for name in names}


def write_manifest(folder: Path, told: Mapping[str, Any]) -> None:
    """manifest.json, which names every other file; written last."""
    (folder / MANIFEST).write_text(json.dumps(told, ensure_ascii=True, indent=2) + "\n", "ascii")


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
