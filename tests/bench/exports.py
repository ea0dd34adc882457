"""What exports inside a measured process: `python -m tests.bench.exports KIND FILE OUT` does it once and prints JSON
about it. CPU is that of the work alone, after imports; peak memory is the whole process's."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from tests.bench.readers import Told, cpu_used


def orjson(path: Path, out: Path) -> Told:
    """Read whole and written line by line, as one would by hand; and what the writing alone takes of that."""
    import orjson as parser

    began = cpu_used()
    records = parser.loads(path.read_bytes())
    read = cpu_used()
    with out.open("wb") as file:
        for record in records:
            file.write(parser.dumps(record) + b"\n")
    ended = cpu_used()
    return {"cpu": ended - began, "written": ended - read, "entries": len(records)}


def _export(path: Path, out: Path, *forms: str) -> Told:
    from datagen.exporting.export import export
    from datagen.exporting.result import ExportWish

    began = cpu_used()
    made = export([path], ExportWish(forms), out)
    return {"cpu": cpu_used() - began, "entries": made.records}


def llava(path: Path, out: Path) -> Told:
    """LLaVA's own shape, with the manifest and its digests."""
    return _export(path, out, "llava")


def messages(path: Path, out: Path) -> Told:
    """Chat messages with typed parts."""
    return _export(path, out, "messages")


def ten(path: Path, out: Path) -> Told:
    """All shapes of text at once."""
    from datagen.records.formats.shapes import SHAPES

    return _export(path, out, *SHAPES)


KINDS = {each.__name__: each for each in (orjson, llava, messages, ten)}


def main() -> None:
    """Read the command line, do it, print what it took, be gone."""
    parser = argparse.ArgumentParser(prog="exports")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    told = parser.parse_args()
    print(json.dumps(KINDS[told.kind](told.file, told.out)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
