"""The viewer's search beside what SQLite alone takes for the same: each word and each filter, in turns, on one side
file.

A search is what the list asks for: how many there are, and the first sixty with what a line of the list shows. The bare
query counts, and gives the numbers of the first sixty. With a filter it is written as a person would who knows SQLite:
the words drive it, and each sample that has them is looked up by its key.
"""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from datagen.viewer.index import Index
from datagen.viewer.masks import Masks
from datagen.viewer.search import PAGE, Lists, Wanted, match_of
from tests.bench.table import Figure, ratio

TYPED = (
    "the", "a person", "street", '"next to"', "dog", "wooden tab", "stri", "red worn car", '"worn toaster"',
    "zebra umbrella toaster ", "000000123459", "no such words",
)  # fmt: skip
"""Words of nearly every sample, of some, of three, of none; one, several, a beginning, words that stand together."""
_ROUNDS = 9
_PARTS = ("ours", "same", "plain")
_TERMS = {
    "state": "s.state = ?",
    "task": "s.task = ?",
    "check": "EXISTS (SELECT 1 FROM found WHERE code = ? AND n = s.n)",
    "category": "EXISTS (SELECT 1 FROM categories WHERE category = ? AND n = s.n)",
}


class Took(NamedTuple):
    """What one search took, milliseconds: ours, the bare query with its filter, the bare query without."""

    wanted: Wanted
    ours: float
    same: float
    plain: float


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def figures(row: str, side_file: Path, rounds: int) -> Iterator[Figure]:
    """All of it."""
    index = Index(side_file)
    bare = sqlite3.connect(f"file:{side_file}?mode=ro", uri=True)
    bare.execute("PRAGMA cache_size=-8000")
    filters = _filters(index)
    try:
        first = tuple(timed(partial(Masks(index).of, _chosen(each))) for each in filters)
        lists = Lists(index)
        rows = [_in_turns(lists, bare, [Wanted(q=q) for q in TYPED]) for _ in range(max(_ROUNDS, rounds))]
        yield from _told(row, "search", f"mean of {len(TYPED)}", {"plain": "bare full-text query"}, rows)
        wanted = [each._replace(q=q) for each in filters for q in TYPED]
        rows = [_in_turns(lists, bare, wanted) for _ in range(max(_ROUNDS, rounds))]
        note = f"mean of {len(wanted)}, with {len(filters)} filters"
        beside = {"same": "bare query with the same filter", "plain": "bare query without it"}
        yield from _told(row, "filtered search", note, beside, rows)
        yield Figure(row, "a filter's first use", first, "ms", note="until something changes")
    finally:
        index.close()
        bare.close()


def _chosen(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    return tuple((kind, value) for kind, value in wanted._asdict().items() if value)


def _filters(index: Index) -> list[Wanted]:
    """The most frequent and the rarest of each kind, and three at once."""
    facets = Lists(index).facets()
    found, common = [], {}
    for kind in _TERMS:
        values = [pair[0] for pair in sorted(facets[kind], key=lambda pair: -int(pair[1]))]
        found += [Wanted(**{kind: value}) for value in dict.fromkeys([*values[:1], *values[-1:]])]
        common[kind] = values[0] if values else ""
    return [*found, Wanted(state=common["state"], task=common["task"], category=common["category"])]


def _in_turns(lists: Lists, bare: sqlite3.Connection, wanted: Sequence[Wanted]) -> list[Took]:
    return [
        Took(
            each,
            timed(partial(lists.first, each)),
            timed(partial(_bare, bare, each)),
            timed(partial(_bare, bare, Wanted(q=each.q))),
        )
        for each in wanted
    ]


def _bare(db: sqlite3.Connection, wanted: Wanted) -> None:
    terms = [_TERMS[kind] for kind, _ in _chosen(wanted) if kind != "q"]
    tables = "texts CROSS JOIN samples s ON s.n = texts.rowid" if terms else "texts"
    where = " AND ".join(["texts MATCH ?", *terms])
    values = [match_of(wanted.q), *(value for kind, value in _chosen(wanted) if kind != "q")]
    db.execute(f"SELECT count(*) FROM {tables} WHERE {where}", values).fetchall()
    sql = f"SELECT texts.rowid FROM {tables} WHERE {where} ORDER BY texts.rowid LIMIT ?"
    db.execute(sql, [*values, PAGE]).fetchall()


def _told(row: str, what: str, note: str, beside: dict[str, str], rounds: Sequence[Sequence[Took]]) -> Iterator[Figure]:
    rounds = rounds[1:]  # the first pays for all that is read from the disk
    means = {part: [statistics.fmean(getattr(took, part) for took in each) for each in rounds] for part in _PARTS}
    yield Figure(row, f"{what}: first page and count", tuple(means["ours"]), "ms", note=note)
    for part, name in beside.items():
        yield Figure(row, name, tuple(means[part]), "ms")
        yield ratio(row, f"{what} / {name}", means["ours"], means[part], "≤ 3")
        worst, told = _worst(rounds, part)
        yield Figure(row, f"{what} / {name}, the worst of them", (worst,), "x", "≤ 3", told)


def _worst(rounds: Sequence[Sequence[Took]], part: str) -> tuple[float, str]:
    """The search that takes the most times what the bare query takes, by its medians."""
    found = []
    for same in zip(*rounds, strict=True):
        ours, other = statistics.median(took.ours for took in same), statistics.median(getattr(t, part) for t in same)
        words = " ".join(value for _, value in _chosen(same[0].wanted))
        found.append((ours / other, f"{words.strip()}: {ours:.2f} ms and {other:.2f}"))
    return max(found)
