"""The pages of `datagen checks`: all checks, a line each, and one check with its reason and its examples.

Pure functions from the catalog to text, or to what JSON is made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from datagen.registry import unknown
from datagen.reporting.base import Catalog, Explained
from datagen.reporting.documents import dumped
from datagen.reporting.paint import DIM, DOES, HEAD, LEVEL, Brush, Piece, brush, front, places, table, wrap
from datagen.text import visible

FAMILIES = {
    "S": "shape",
    "T": "trainers",
    "L": "leaks: the method showing through",
    "G": "grounding: what is said of the picture, against its boxes and captions",
    "Q": "quality, over the whole file",
    "I": "images",
    "R": "replies, before they are parsed (generate only)",
}
"""What a code's letter stands for, in the order in which they are listed."""
_DOES = {"stops": "the run ends there", "lost": "the record is dropped", "damaged": "it is taken otherwise than meant"}
_READABLE = 100
"""Places of a folded line, at most."""


def select_checks(catalog: Catalog, target: str | None = None, family: str | None = None) -> list[Explained]:
    """The checks of a target, of a family, or of both. Raises UnknownName."""
    targets = {check.target for check in catalog.values() if check.target}
    families = {check.code[:1] for check in catalog.values()}
    if target is not None and target not in targets:
        raise unknown("target", target, targets)
    if family is not None and family.upper() not in families:
        raise unknown("family", family, families)
    return [
        check
        for check in catalog.values()
        if (target is None or check.target == target) and (family is None or check.code[:1] == family.upper())
    ]


def find_checks(catalog: Catalog, names: Sequence[str]) -> list[Explained]:
    """The checks that are called so, by code or by name; a name may be that of several. Raises UnknownName."""
    checks: list[Explained] = []
    for name in names:
        of_that_name = [c for c in catalog.values() if c.code == name.upper() or c.name == name.lower()]
        if not of_that_name:
            raise unknown("check", name, {*catalog, *(check.name for check in catalog.values())})
        checks += of_that_name
    return list({check.code: check for check in checks}.values())


def list_checks(checks: Sequence[Explained], width: int | None = None, colour: bool = False) -> str:
    """A line each, under a line for each family, and in it for each trainer; cut at `width` where there is one."""
    paint = brush(colour)
    lines: list[str] = []
    rank = {letter: at for at, letter in enumerate(FAMILIES)}
    groups = dict.fromkeys((check.code[:1], check.target) for check in checks)
    for letter, target in sorted(groups, key=lambda key: rank.get(key[0], len(rank))):
        group = [check for check in checks if (check.code[:1], check.target) == (letter, target)]
        titles = [title for title in (FAMILIES.get(letter), target) if title]
        lines += ["", paint(f"{letter}: {', '.join(titles)}" if titles else letter, HEAD)]
        lines += _rows(group, width, paint)
    total = "1 check" if len(checks) == 1 else f"{len(checks):,} checks"
    lines += ["", paint(f"{total}; `datagen checks CODE` explains one.", DIM)]
    return "".join(line + "\n" for line in lines[1:])


def _rows(family: Sequence[Explained], width: int | None, paint: Brush) -> list[str]:
    rows: list[list[Piece]] = [
        [
            (check.code, ""),
            (check.level, LEVEL[check.level].removeprefix("bold ")),
            (check.name, ""),
            ("" if width else check.target, ""),  # the line above has it; elsewhere lines are read alone
            (check.does or "", DOES.get(check.does or "", "")),
        ]
        for check in family
    ]
    kept = [at for at in range(5) if any(row[at][0] for row in rows)]
    rows = [[row[at] for at in kept] for row in rows]
    taken = sum(max(places(row[at][0]) for row in rows) + 2 for at in range(len(kept)))
    for row, check in zip(rows, family, strict=True):
        about = visible(check.about, 500)
        row.append((about if width is None else front(about, max(width - taken, 8)), ""))
    return table(rows, (), paint)


def explain_check(check: Explained, width: int | None = None, colour: bool = False) -> str:
    """All about one check: what is wrong, why that matters, and an example that fails and one that passes."""
    paint, room = brush(colour), min(width or _READABLE, _READABLE)
    head = f"{paint(check.code, LEVEL[check.level])} {paint(check.name, HEAD)} {paint(f'({check.level})', DIM)}"
    lines = [head, "", *wrap(visible(check.about, 5000), room)]
    if check.why:
        lines += ["", *_paragraphs(check.why, room)]
    if check.target:
        does = f": {_DOES[check.does]}" if check.does in _DOES else ""
        lines += ["", f"Trainer: {check.target}{does}."]
    if check.mends:
        lines += ["", "Can be mended: `datagen validate --fix`."]
    for title, style, example in (("Fails", "red", check.fails), ("Passes", "green", check.passes)):
        lines += ["", paint(title, style), *(f"  {line}" for line in _example(example, room - 2))]
    return "".join(line.rstrip() + "\n" for line in lines)


def _paragraphs(text: str, room: int) -> Iterator[str]:
    for at, paragraph in enumerate(text.split("\n\n")):
        if at:
            yield ""
        yield from wrap(visible(" ".join(paragraph.split()), 5000), room)


def _example(example: Any, room: int) -> Iterator[str]:
    """As JSON: nothing in it is lost, and it can be copied into a file."""
    for line in _laid_out(example, room):
        yield visible(line, 100_000)


def _laid_out(value: Any, room: int, before: str = "", after: str = "") -> Iterator[str]:
    """What fits stands on one line; what does not has its members on lines of their own."""
    whole = before + json.dumps(value, ensure_ascii=False) + after
    if len(whole) <= room or not isinstance(value, dict | list) or not value:
        yield whole
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield before + opening
    members = list(value.items()) if isinstance(value, dict) else [(None, each) for each in value]
    for at, (key, each) in enumerate(members, 1):
        named = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        for line in _laid_out(each, room - 2, named, "," if at < len(members) else ""):
            yield f"  {line}"
    yield closing + after


def checks_json(checks: Sequence[Explained], whole: bool = False) -> str:
    """The list for programs; `whole` with reasons and examples."""
    return dumped([_json(check, whole) for check in checks], indent=2)


def _json(check: Explained, whole: bool) -> dict[str, Any]:
    line = {
        "code": check.code,
        "name": check.name,
        "level": check.level,
        "target": check.target or None,
        "does": check.does,
        "fixable": check.mends,
        "about": check.about,
    }
    return {**line, "why": check.why, "fails": check.fails, "passes": check.passes} if whole else line
