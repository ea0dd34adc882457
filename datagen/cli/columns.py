"""Lines that stand straight on a terminal: columns, folded words, shares. It knows no subject.

Whatever it is given may come from data: control bytes are taken out here. Some scripts take two places a letter, so
places are counted and not letters.
"""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 80
"""Places in a line: what every terminal has."""


def table(rows: Sequence[Sequence[str]], gap: int = 2) -> list[str]:
    """Rows as lines: the first column to the left, the others to the right, each as wide as it must be."""
    from rich.cells import cell_len

    safe = [[_harmless(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*safe, strict=True)]
    return [
        (" " * gap)
        .join(
            pad(cell, width) if number == 0 else " " * (width - cell_len(cell)) + cell
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        .rstrip()
        for row in safe
    ]


def pad(text: str, places: int) -> str:
    """`text` in exactly so many places: cut with `..`, or filled up."""
    from rich.cells import cell_len, set_cell_size

    text = _harmless(text)
    return set_cell_size(text, places - 2) + ".." if cell_len(text) > places else set_cell_size(text, places)


def tail(text: str, places: int) -> str:
    """The end of `text`, where a path tells most, in at most so many places."""
    from rich.cells import cell_len

    text = _harmless(text)
    if cell_len(text) <= places:
        return text
    while cell_len(text) > places - 2:
        text = text[1:]
    return ".." + text


def beside(left: Sequence[str], right: Sequence[str], places: int) -> list[str]:
    """Lines next to each other: the right ones begin after so many places."""
    from itertools import zip_longest

    from rich.cells import cell_len

    return [(a + " " * (places - cell_len(a)) + b).rstrip() for a, b in zip_longest(left, right, fillvalue="")]


def fold(text: str, indent: int = 0, first: str = "", width: int = WIDTH) -> list[str]:
    """`text` in lines of at most `width` places, at `indent`; `first` stands before it in the first line."""
    from rich.cells import cell_len, chop_cells

    lines = [first + " " * (indent - cell_len(first))]
    empty = True
    for word in _harmless(text).split():
        for part in chop_cells(word, width - indent):
            if not empty and cell_len(lines[-1]) + 1 + cell_len(part) > width:
                lines.append(" " * indent)
                empty = True
            lines[-1] += part if empty else f" {part}"
            empty = False
    return [line.rstrip() for line in lines]


def command(words: Sequence[str], indent: int = 2, width: int = WIDTH) -> list[str]:
    """A command line for a shell, over several lines where it is long: it can be copied as it stands."""
    import shlex

    from datagen.text import is_plain

    together: list[str] = []  # a flag and its value
    for before, word in zip(("", *words), words, strict=False):
        quoted = shlex.quote(word if is_plain(word) else _harmless(word))
        if before.startswith("-") and not word.startswith("-"):
            together[-1] += f" {quoted}"
        else:
            together.append(quoted)
    lines = [" " * indent + together[0]]
    for part in together[1:]:
        if len(lines[-1]) + len(part) + 3 > width:  # a space, and ` \`
            lines[-1] += " \\"
            lines.append(" " * (indent + 4) + part)
        else:
            lines[-1] += f" {part}"
    return lines


def share(part: int, whole: int) -> str:
    """`12.3%`; what is not nothing and not all never looks so."""
    if not whole:
        return "-"
    rounded = f"{100 * part / whole:.1f}"
    if part and rounded == "0.0":
        return "<0.1%"
    return ">99.9%" if part < whole and rounded == "100.0" else f"{rounded}%"


def _harmless(text: str) -> str:
    """One line without control bytes; the blanks that it begins with are ours and stay."""
    from datagen.text import shown

    return " " * (len(text) - len(text.lstrip(" "))) + shown(text, 2000)
