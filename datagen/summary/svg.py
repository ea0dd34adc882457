"""Charts as SVG text: bars, columns, steps over time, a sunburst. It knows numbers and labels, and no subject.

Colours are CSS classes, so that light and dark are the page's affair. What differs by colour differs by a pattern or by
words too. Every text that comes in is escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

WIDTH = 720
"""Units across; the page scales it to the room there is."""
_LABEL, _FIGURE, _ROW = 200, 130, 26
_HIGH, _LEFT, _BELOW = 220, 56, 34


class Bar(NamedTuple):
    """One row of a bar chart."""

    label: str
    value: float
    told: str
    """The value in words, shown beside the bar."""
    link: str = ""
    """Where on the page it leads."""


class Node(NamedTuple):
    """A slice of a sunburst."""

    label: str
    value: int
    inner: tuple[Node, ...] = ()


def _svg(height: float, about: str, body: str, width: float = WIDTH, kind: str = "") -> Markup:
    box = f"0 0 {width:g} {height:g}"
    role = "group" if "<a " in body else "img"  # what stands in an image cannot be reached by its readers
    return Markup(f'<svg viewBox="{box}" class="{kind}" role="{role}" aria-label="{escape(about)}">{body}</svg>')  # noqa: S704


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"


def bars(rows: Sequence[Bar], about: str, other: Sequence[float] = ()) -> Markup:
    """Horizontal bars, the longest as wide as there is room. `other`: a second value a row, drawn as a tick."""
    most = max([*(row.value for row in rows), *other], default=0) or 1
    room = WIDTH - _LABEL - _FIGURE
    drawn = []
    for number, row in enumerate(rows):
        y = number * _ROW
        long = max(1.0, room * row.value / most) if row.value else 0
        body = _text(_LABEL - 8, y + 17, _cut(row.label, 28), "label", "end")
        body += f'<rect x="{_LABEL}" y="{y + 4}" width="{long:.1f}" height="{_ROW - 8}" class="bar"/>'
        end = _LABEL + long
        if other:
            x = _LABEL + room * other[number] / most
            body += f'<path d="M{x:.1f} {y + 1}v{_ROW - 2}" class="tick"/>'
            end = max(end, x)
        body += _text(end + 6, y + 17, row.told, "figure")
        body = f"<g><title>{escape(row.label)}: {escape(row.told)}</title>{body}</g>"
        drawn.append(f'<a href="#{escape(row.link)}">{body}</a>' if row.link else body)
    return _svg(len(rows) * _ROW, about, "".join(drawn))


def columns(values: Sequence[tuple[str, int]], about: str) -> Markup:
    """Vertical columns side by side: a histogram. Labels are left out where they would touch."""
    most = max((value for _, value in values), default=0) or 1
    wide = (WIDTH - _LEFT) / max(1, len(values))
    every = max(1, math.ceil(max((len(label) for label, _ in values), default=1) * 9.5 / wide))
    body = _axis(most, f"{most:,}")
    for number, (label, value) in enumerate(values):
        x, high = _LEFT + number * wide, _HIGH * value / most
        shape = f'x="{x + wide * 0.08:.1f}" y="{_HIGH - high + 10:.1f}" width="{wide * 0.84:.1f}" height="{high:.1f}"'
        body += f'<rect {shape} class="bar"><title>{escape(label)}: {value:,}</title></rect>'
        if number % every == 0:
            body += _text(x + wide / 2, _HIGH + 28, label, "label", "middle")
    return _svg(_HIGH + _BELOW + 10, about, body)


def _axis(most: float, told: str) -> str:
    grid = "".join(f'<path d="M{_LEFT} {10 + _HIGH * (1 - part):.1f}H{WIDTH}" class="grid"/>' for part in (0, 0.5, 1))
    return grid + _text(_LEFT - 6, 14, told, "label", "end") + _text(_LEFT - 6, _HIGH + 14, "0", "label", "end")


def steps(
    points: Sequence[tuple[float, float]], about: str, told: str, ends: tuple[str, str], line: float = 0
) -> Markup:
    """A quantity that only grows, over time (both axes from the first to the last point); `line`: a limit, or 0."""
    most = max(points[-1][1] if points else 0, line) or 1
    first, last = (points[0][0], points[-1][0]) if points else (0.0, 1.0)
    span = (last - first) or 1

    def place(x: float, y: float) -> str:
        return f"{_LEFT + (WIDTH - _LEFT) * (x - first) / span:.1f} {10 + _HIGH * (1 - y / most):.1f}"

    path = "L".join(place(*point) for point in points)
    body = _axis(most, told) + (f'<path d="M{path}" class="line"/>' if points else "")
    if line:
        body += f'<path d="M{place(first, line)}L{place(last, line)}" class="limit"/>'
    body += _text(_LEFT, _HIGH + 28, ends[0], "label") + _text(WIDTH, _HIGH + 28, ends[1], "label", "end")
    return _svg(_HIGH + _BELOW + 10, about, body)


def stacked(series: Mapping[str, Sequence[int]], about: str, ends: tuple[str, str]) -> Markup:
    """Counts a stretch of time, one on top of the other, in the order given; each with a class `s0`, `s1` …"""
    stretches = max(map(len, series.values()), default=0)
    sums = [sum(values[at] for values in series.values()) for at in range(stretches)]
    most, wide = max(sums, default=0) or 1, (WIDTH - _LEFT) / max(1, stretches)
    body, below = _axis(most, f"{most:,}"), [0] * stretches
    for number, (name, values) in enumerate(series.items()):
        for at, value in enumerate(values):
            if value:
                high, y = _HIGH * value / most, 10 + _HIGH * (1 - (below[at] + value) / most)
                shape = f'x="{_LEFT + at * wide:.1f}" y="{y:.1f}" width="{wide * 0.94:.1f}" height="{high:.1f}"'
                body += f'<rect {shape} class="s{number}"><title>{escape(name)}: {value:,}</title></rect>'
                below[at] += value
    body += _text(_LEFT, _HIGH + 28, ends[0], "label") + _text(WIDTH, _HIGH + 28, ends[1], "label", "end")
    return _svg(_HIGH + _BELOW + 10, about, body)


def sunburst(rings: Sequence[Node], about: str, size: float = 560) -> Markup:
    """First words inside, what follows them around: an arc is as long as its share. A label stands where it has room,
    and every arc tells its words and share on hover."""
    total = sum(node.value for node in rings) or 1
    drawn: list[str] = []
    _ring(drawn, rings, "", 0.0, 1.0 / total, 0, size)
    middle = size / 2
    body = "".join(drawn) + _text(middle, middle + 5, f"{total:,}", "middle", "middle")
    return _svg(size, about, body, size, "round")


_RADII = (0.16, 0.36, 0.50)


def _ring(
    drawn: list[str], nodes: Sequence[Node], before: str, start: float, unit: float, depth: int, size: float
) -> None:
    inner, outer = (size * _RADII[depth + more] * 0.98 for more in (0, 1))
    for number, node in enumerate(nodes):
        part = node.value * unit
        words = f"{before} {node.label}".strip()
        drawn.append(_arc(words, node, start, part, inner, outer, f"s{number % 4} d{depth}", size))
        if node.inner and depth + 2 < len(_RADII):
            _ring(drawn, node.inner, words, start, unit, depth + 1, size)
        start += part


def _arc(words: str, node: Node, start: float, part: float, inner: float, outer: float, kind: str, size: float) -> str:
    """A piece of a ring; `start` and `part` in turns."""
    middle, end = size / 2, start + min(part, 0.9999)

    def at(turn: float, radius: float) -> str:
        return f"{middle + radius * math.sin(math.tau * turn):.1f} {middle - radius * math.cos(math.tau * turn):.1f}"

    large = int(part > 0.5)
    path = f"M{at(start, outer)}A{outer:.1f} {outer:.1f} 0 {large} 1 {at(end, outer)}"
    path += f"L{at(end, inner)}A{inner:.1f} {inner:.1f} 0 {large} 0 {at(start, inner)}Z"
    label = ""
    if part * math.tau * (inner + outer) / 2 > 16 and (outer - inner) > 7 * min(len(node.label), 8):
        turn, radius = start + part / 2, (inner + outer) / 2
        x, y = map(float, at(turn, radius).split())
        lean = 360 * turn - 90 if turn < 0.5 else 360 * turn - 270
        label = (
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" class="arc" '
            f'transform="rotate({lean:.1f} {x:.1f} {y:.1f})">{escape(_cut(node.label, 11))}</text>'
        )
    title = f"<title>{escape(words)}: {node.value:,}</title>"
    return f'<g class="{kind}"><path d="{path}">{title}</path>{label}</g>'
