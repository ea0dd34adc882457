"""Lists of samples: filtered, searched, a page at a time, and how many there are of each kind.

What a person types is words, never SQLite's query language: each must occur, the last may be unfinished, and "words in
quotes" stand together.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

from datagen.viewer import masks
from datagen.viewer.facts import check_name
from datagen.viewer.index import Index

PAGE = 60
_TERMS = re.compile(r'"([^"]*)"?|(\S+)')
_LETTERS = re.compile(r"\w", re.UNICODE)
STATES = ("kept", "clean", "warning", "rejected", "error", "failed", "pending")


class Wanted(NamedTuple):
    """What a list is of. Empty means all."""

    q: str = ""
    state: str = ""
    task: str = ""
    check: str = ""
    category: str = ""
    label: str = ""


def match_of(typed: str) -> str:
    """An FTS5 query for what was typed; `` where that holds no letter."""
    parts: list[str] = []
    loose = False
    for found in _TERMS.finditer(typed[:400].replace("\0", " ")):
        term, loose = found[1] if found[1] is not None else found[2].replace('"', " "), found[1] is None
        if _LETTERS.search(term):
            parts.append('"' + term.encode("utf-8", "replace").decode() + '"')
    if not parts:
        return ""
    unfinished = loose and not typed[-1].isspace() and len(parts[-1]) > 3  # a lone letter begins too many words
    return " ".join(parts[:12]) + (" *" if unfinished and len(parts) <= 12 else "")


class Lists:
    """Pages of an index. Words are asked of SQLite, filters of masks, which it looks into for each sample that has the
    words: neither is looked for in what the other finds."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._masks = masks.Masks(index)
        self._lock = threading.Lock()
        self._facets: tuple[int, dict[str, list[list[Any]]]] | None = None

    def first(self, wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
        """The first page, and how many there are in all: what fits on the page is not counted again."""
        found = self.page(wanted)
        return found, len(found) if len(found) < PAGE else self.count(wanted)

    def page(self, wanted: Wanted, after: int = -1, most: int = PAGE) -> list[dict[str, Any]]:
        """The samples that follow number `after`."""
        return self._page(wanted, after, most, back=False)

    def before(self, wanted: Wanted, n: int, most: int = PAGE) -> list[dict[str, Any]]:
        """The samples that come before number `n`, the nearest ones, in order."""
        return self._page(wanted, n, most, back=True)[::-1]

    def _page(self, wanted: Wanted, n: int, most: int, *, back: bool) -> list[dict[str, Any]]:
        match, mask = self._asked(wanted)
        if match is None:
            return []
        if not match and mask is not None:
            return self._at((masks.before if back else masks.after)(mask, n, most), back=back)
        tables, where, values = _where(match, mask)
        at, than, order = _at(match), "<" if back else ">", "DESC" if back else "ASC"
        sql = f"SELECT {_COLUMNS} FROM {tables} WHERE {where} AND {at} {than} ? ORDER BY {at} {order} LIMIT ?"  # noqa: S608
        return [_item(row) for row in self._index.rows(sql, [*values, n, most])]

    def _at(self, numbers: Sequence[int], *, back: bool) -> list[dict[str, Any]]:
        marks, order = ",".join("?" * len(numbers)), "DESC" if back else "ASC"
        sql = f"SELECT {_COLUMNS} FROM samples s WHERE s.n IN ({marks}) ORDER BY s.n {order}"  # noqa: S608
        return [_item(row) for row in self._index.rows(sql, numbers)]

    def count(self, wanted: Wanted, below: int | None = None) -> int:
        """How many there are; with `below`, how many of them before that number."""
        match, mask = self._asked(wanted)
        if match is None:
            return 0
        if not match and mask is not None:
            return mask.count(1, 0, below)
        tables, where, values = _where(match, mask)
        if match:
            tables = "texts"  # what it is joined with would be looked up for nothing
        if below is not None:
            where, values = f"{where} AND {_at(match)} < ?", [*values, below]
        return int(self._index.rows(f"SELECT count(*) FROM {tables} WHERE {where}", values)[0][0])  # noqa: S608

    def _asked(self, wanted: Wanted) -> tuple[str | None, bytes | None]:
        """The words as SQLite takes them, None where only signs were typed, which nothing is found by; and the filters'
        mask, None where none is set."""
        chosen = tuple((kind, getattr(wanted, kind)) for kind in masks.KINDS if getattr(wanted, kind))
        match = match_of(wanted.q)
        return (match if match or not wanted.q.strip() else None), (self._masks.of(chosen) if chosen else None)

    def number(self, key: str) -> int | None:
        """The number of the sample that an address names."""
        rows = self._index.rows("SELECT n FROM samples WHERE key = ?", (key,))
        return int(rows[0][0]) if rows else None

    def total(self) -> int:
        """All samples there are."""
        return int(self._index.rows("SELECT count(*) FROM samples")[0][0])

    def keys_at(self, places: Sequence[int]) -> list[str]:
        """The addresses of those at some places, counted from 0."""
        wanted = set(places)
        rows = self._index.rows("SELECT key FROM samples ORDER BY n")
        return [str(row[0]) for at, row in enumerate(rows) if at in wanted]

    def item(self, key: str) -> dict[str, Any] | None:
        """One sample as lists show it."""
        rows = self._index.rows(f"SELECT {_COLUMNS} FROM samples s WHERE s.key = ?", (key,))  # noqa: S608
        return _item(rows[0]) if rows else None

    def paired(self, image: str, task: str, draw: int) -> str | None:
        """The address of the sample about the same picture and task."""
        sql = "SELECT key FROM samples WHERE image = ? AND task = ? AND draw = ?"
        rows = self._index.rows(sql, (image, task, draw))
        return str(rows[0][0]) if rows else None

    def facets(self) -> dict[str, list[list[Any]]]:
        """State, task, check, category, label → [[value, how many]], a check's name with it.

        They are counted again when something came in."""
        with self._lock:
            if self._facets is None or self._facets[0] != self._index.changes:
                self._facets = self._index.changes, self._count_facets()
            return self._facets[1]

    def _count_facets(self) -> dict[str, list[list[Any]]]:
        def pairs(sql: str) -> list[list[Any]]:
            return [list(row) for row in self._index.rows(sql)]

        states = pairs("SELECT state, count(*) FROM samples GROUP BY 1")
        states.sort(key=lambda pair: STATES.index(pair[0]) if pair[0] in STATES else 99)
        return {
            "state": states,
            "task": pairs("SELECT task, count(*) FROM samples WHERE task != '' GROUP BY 1 ORDER BY 1"),
            "check": [[*pair, check_name(pair[0])] for pair in pairs("SELECT code, count(*) FROM found GROUP BY 1")],
            "category": pairs("SELECT category, count(*) FROM categories GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 400"),
            "label": pairs("SELECT label, count(*) FROM samples WHERE label != '' GROUP BY 1 ORDER BY 1"),
        }


def _where(match: str, mask: bytes | None) -> tuple[str, str, list[Any]]:
    """The tables, the conditions and their values."""
    if not match:
        return "samples s", "1", []
    # CROSS: the words are looked for first, whatever SQLite thinks of it.
    tables, term = "texts CROSS JOIN samples s ON s.n = texts.rowid", "texts MATCH ?"
    if mask is None:
        return tables, term, [match]
    return tables, f"{term} AND substr(?, texts.rowid + 1, 1) = x'01'", [match, mask]


def _at(match: str) -> str:
    return "texts.rowid" if match else "s.n"


_COLUMNS = "s.n, s.key, s.id, s.task, s.file, s.state, s.reason, s.line, s.label"


def _item(row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(("n", "key", "id", "task", "file", "state", "reason", "line", "label"), row, strict=True))
