"""Where each exported record comes from: the lines of a run's provenance.jsonl that belong to what was taken.

A run writes its records and their provenance in the same order, so both are read side by side and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import msgspec

from datagen.exporting.given import Given, Origin

FILE = "provenance.jsonl"


class _Line(msgspec.Struct):
    id: str


class Lineage:
    """Writes provenance.jsonl where any origin has one."""

    def __init__(self, origins: list[Origin], folder: Path) -> None:
        self._reading = {number: _lines(each.provenance) for number, each in enumerate(origins) if each.provenance}
        self._file: IO[bytes] | None = (folder / FILE).open("wb") if self._reading else None

    def __enter__(self) -> Lineage:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
        for lines in self._reading.values():
            lines.close()  # type: ignore[attr-defined]

    def of(self, each: Given) -> None:
        """This record was taken. What it has no line for has none."""
        for name, line in self._reading.get(each.source, ()):
            if name == each.id:
                assert self._file is not None
                self._file.write(line)
                return


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    decode = msgspec.json.Decoder(_Line).decode
    with path.open("rb") as file:
        for line in file:
            yield decode(line).id, line


def made_by(origins: list[Origin]) -> list[Mapping[str, Any]]:
    """What the manifests of runs say of how the records were made: for the export's own."""
    keys = (
        "model", "answered_by", "answered", "mock", "license", "parameters", "planned", "kept", "rejected", "failed",
        "cost", "grounding", "annotations", "prompts", "oddities",
    )  # fmt: skip
    manifests = [each.manifest for each in origins]
    told = [each.get("made_by") or ([each] if "model" in each else []) for each in manifests]
    return [{key: run[key] for key in keys if key in run} for several in told for run in several]


def is_mock(origins: list[Origin]) -> bool | None:
    """Whether any of it is mock data; None where of some nobody tells and of none that it is."""
    told = [each.manifest.get("mock") for each in origins]
    return True if any(told) else None if None in told or not told else False
