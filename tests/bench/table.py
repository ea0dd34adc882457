"""Figures, and the Markdown table that they make, on the screen and between the markers of a README."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


class Figure(NamedTuple):
    """One measured thing: a value for each repetition, and what it should be where somebody said so."""

    row: str
    what: str
    values: tuple[float, ...]
    unit: str = ""
    aim: str = ""
    note: str = ""

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None


def ratio(row: str, what: str, above: Sequence[float], below: Sequence[float], aim: str = "", note: str = "") -> Figure:
    """Pair by pair, as they were measured."""
    pairs = zip(above, below, strict=True)
    return Figure(row, what, tuple(a / b for a, b in pairs if b), "x", aim, note)


def markdown(figures: Iterable[Figure], machine: str) -> str:
    """The table, and a line that says how to read it and where it is from."""
    lines = ["| row | what | median | range | n | aim |", "| --- | --- | --- | --- | --- | --- |"]
    before = ""
    for figure in figures:
        lines.append(_line(figure, figure.row if figure.row != before else ""))
        before = figure.row
    return "\n".join([*lines, "", f"Measured by `python -m tests.bench` on: {machine}.", ""])


def _line(figure: Figure, row: str) -> str:
    what = f"{figure.what} ({figure.note})" if figure.note else figure.what
    aim = figure.aim or "·"
    if figure.median is None:
        return f"| {row} | {what} | not measured | · | 0 | {aim} |"
    low, high = number(min(figure.values)), number(max(figure.values))
    spread = f"{low} to {high}" if low != high else "·"
    return f"| {row} | {what} | {number(figure.median)} {figure.unit}".rstrip() + (
        f" | {spread} | {len(figure.values)} | {aim} |"
    )


def number(value: float) -> str:
    """Three digits that tell something, without powers of ten; whole numbers as they are."""
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def put_into(path: Path, table: str) -> None:
    """Put the table between the markers of `path`: its rows replace those of the same name, the others stay."""
    text = path.read_text("utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise SystemExit(f"bench: {path.name} needs {BEGIN} and {END}, each once and in this order")
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    path.write_text(f"{before}{BEGIN}\n{_merged(old, table).strip()}\n{END}{after}", "utf-8")


def _merged(old: str, new: str) -> str:
    """The new table with those rows of the old one that it has not."""
    fresh = _rows(new)
    rows = {**_rows(old), **fresh}
    lines = new.strip().split("\n")
    head, told = lines[:2], [line for line in lines if not line.startswith("|")]
    return "\n".join([*head, *(line for group in rows.values() for line in group), *told])


def _rows(table: str) -> dict[str, list[str]]:
    """The lines of each row, by its name."""
    rows: dict[str, list[str]] = {}
    name = ""
    for line in [line for line in table.strip().split("\n") if line.startswith("|")][2:]:
        name = line.split("|")[1].strip() or name
        rows.setdefault(name, []).append(line)
    return rows
