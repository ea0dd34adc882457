"""What reads training data inside a measured process: `python -m tests.bench.judges KIND FILE` does it once and prints
JSON about it. CPU is that of the work alone, after imports, children included; peak memory is the whole process's."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.bench.readers import Told, cpu_used


def orjson(path: Path) -> Told:
    """The whole file by the quickest parser there is, as one would call it."""
    import orjson as parser

    data = path.read_bytes()
    began = cpu_used()
    found = parser.loads(data)
    return {"cpu": cpu_used() - began, "entries": len(found)}


def pydantic(path: Path) -> Told:
    """The whole file into models of its shape."""
    from pydantic import BaseModel, Field, TypeAdapter

    class Message(BaseModel):
        role: str = Field(alias="from")
        value: str

    class Record(BaseModel):
        id: str
        image: str
        conversations: list[Message]

    records = TypeAdapter(list[Record])
    data = path.read_bytes()
    began = cpu_used()
    found = records.validate_json(data)
    return {"cpu": cpu_used() - began, "entries": len(found)}


def datasets(path: Path) -> Told:
    """Hugging Face's `load_dataset`, into a fresh cache."""
    import tempfile

    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        began = cpu_used()
        found = load_dataset("json", data_files=str(path), split="train", cache_dir=cache)
        return {"cpu": cpu_used() - began, "entries": len(found)}


def roles(path: Path) -> Told:
    """datagen's checks of schema and roles: members, types, who speaks when, ids."""
    return _validate(path, *(code for code, check in _catalog().items() if code[0] == "S" and not check.texts))


def _catalog() -> Any:
    from datagen.checks.every import catalog

    return catalog()


def shape(path: Path) -> Told:
    """datagen's checks of shape, what is said included."""
    return _validate(path, "S")


def checks(path: Path) -> Told:
    """datagen's checks of shape, of every trainer that can read the file, and of leaks."""
    return _validate(path, "S", "T", "L")


def every(path: Path) -> Told:
    """All of datagen's checks, those of quality over the whole file too."""
    return _validate(path)


def jobs(path: Path) -> Told:
    """Shape, trainers and leaks, on all cores."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return _validate(path, "S", "T", "L", jobs=os.cpu_count() or 1)


def _validate(path: Path, *families: str, jobs: int = 1) -> Told:
    import re2  # noqa: F401  (what it may import late belongs before the clock)

    from datagen.rules import Wishes
    from datagen.sources.files import Source
    from datagen.validation import validate

    found: list[Any] = []
    began = cpu_used()
    verdict = validate([Source(path, named=True)], Wishes(select=families), lambda hit: True, jobs=jobs)
    found.append(verdict)
    return {"cpu": cpu_used() - began, "entries": verdict.records, "findings": sum(verdict.by_check.values())}


KINDS = {each.__name__: each for each in (orjson, pydantic, datasets, roles, shape, checks, every, jobs)}


def main() -> None:
    """Read the command line, do it, print what it took, be gone."""
    parser = argparse.ArgumentParser(prog="judges")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("file", type=Path)
    told = parser.parse_args()
    print(json.dumps(KINDS[told.kind](told.file)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
