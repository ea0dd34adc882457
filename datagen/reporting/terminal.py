"""The format `text`, for people: a finding as `file:line: [id] CODE name message`, its place, and the words in question
marked where they stand; at the end what there is of each check, and what each trainer would make of the records.

Lines are folded on a terminal only, so that elsewhere each finding can be found by its line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from datagen.reporting.base import LEVELS, WRITERS, Manner, closing, remarks
from datagen.reporting.paint import DIM, DOES, HEAD, LEVEL, Piece, back, brush, front, places, table, wrap
from datagen.schema import Hit, Outcome, Verdict
from datagen.text import visible

_INDENT = "    "
_BAR = "  │ "
_ELSEWHERE = 100
"""Places for an excerpt where there is no terminal."""
_WORTH = 24
"""Fewer places than that are no room for a sentence."""


@WRITERS("text")
class Text:
    """Lines for people."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._paint = brush(manner.colour)
        self._seen: Counter[str] = Counter()
        self._mends: defaultdict[str, bool] = defaultdict(bool)

    def hit(self, hit: Hit) -> None:
        """Written at once, unless enough of its check were."""
        code, most = hit.finding.code, self._manner.most
        self._seen[code] += 1
        self._mends[code] |= hit.mends
        if most is None or self._seen[code] <= most:
            for line in (*self._head(hit), *self._excerpt(hit), ""):
                self._put(line)

    def end(self, verdict: Verdict) -> None:
        """The tables, and the last line."""
        most = self._manner.most
        hidden = {code: seen - most for code, seen in sorted(self._seen.items()) if most is not None and seen > most}
        parts = [[self._more(code, number) for code, number in hidden.items()]]
        if verdict.by_check:
            parts += [list(self._checks(verdict)), list(self._trainers(verdict.outcomes))]
        for part in parts:
            for line in (*part, "") if part else ():
                self._put(line)
        worst = next((level for level in LEVELS if verdict.by_level.get(level)), None)
        self._put(self._paint(closing(verdict), LEVEL[worst] if worst else "green"))
        for remark in remarks(verdict):
            self._put(self._paint(remark, DIM))

    def _put(self, line: str) -> None:
        self._manner.write(line + "\n")

    def _line(self, pieces: list[Piece]) -> str:
        return "".join(self._paint(text, style) for text, style in pieces)

    def _more(self, code: str, number: int) -> str:
        return self._line([(f"… and {number:,} more of {visible(code)}", ""), ("  (--all shows all)", DIM)])

    def _head(self, hit: Hit) -> Iterator[str]:
        finding, width = hit.finding, self._manner.width
        style = LEVEL[finding.level]
        pieces = [(_named(hit.file), HEAD), (":" if hit.line is None else f":{hit.line}:", DIM), (" ", "")]
        if hit.id is not None:
            pieces += [(f"[{visible(hit.id, 64)}]", DIM), (" ", "")]
        pieces += [(visible(finding.code), style), (" ", ""), (visible(finding.check), style.removeprefix("bold "))]
        message = visible(finding.message, 2000)
        if width is None:
            yield self._line([*pieces, (" ", ""), (message, "")])
        else:
            room = width - sum(places(text) for text, _ in pieces) - 1
            first, *rest = wrap(message, width - len(_INDENT), room if room >= _WORTH else 0)
            yield self._line([*pieces, (f" {first}", "")]).rstrip()
            yield from (_INDENT + line for line in rest)
        if hit.place:
            target = f" · {visible(finding.target)}" if finding.target else ""
            yield _INDENT + self._paint(f"at {visible(hit.place, 200)}{target}", DIM)

    def _excerpt(self, hit: Hit) -> Iterator[str]:
        room = min(self._manner.width or _ELSEWHERE, 120) - len(_BAR) - 1
        before, words, after = excerpt(hit, room)
        if words:
            style = LEVEL[hit.finding.level]
            yield self._line([(_BAR, DIM), (before, ""), (words, style), (after, "")])
            yield self._line([(_BAR, DIM), (" " * places(before), ""), ("^" * max(1, places(words)), style)])

    def _checks(self, verdict: Verdict) -> Iterator[str]:
        rows: list[list[Piece]] = []
        known = self._manner.catalog
        ordered = sorted(verdict.by_check.items(), key=lambda item: (self._rank(item[0]), -item[1], item[0]))
        for code, count in ordered:
            check = known.get(code)
            level = check.level if check else "info"
            rows.append([
                (f"{count:,}", HEAD),
                (level, LEVEL[level]),
                (visible(code), ""),
                (visible(check.name) if check else "", ""),
                ("[fixable]" if self._mends[code] else "", "green"),
            ])  # fmt: skip
        if not any(row[-1][0] for row in rows):
            rows = [row[:-1] for row in rows]
        room = (self._manner.width or 120) - sum(
            max(places(row[at][0]) for row in rows) + 2 for at in range(len(rows[0]))
        )
        if room >= 2 * _WORTH:
            for row, (code, _) in zip(rows, ordered, strict=True):
                row.append((front(visible(known[code].about), room) if code in known else "", DIM))
        yield from table(rows, (0,), self._paint)

    def _rank(self, code: str) -> int:
        check = self._manner.catalog.get(code)
        return LEVELS.index(check.level) if check else len(LEVELS)

    def _trainers(self, outcomes: dict[str, Outcome]) -> Iterator[str]:
        if not outcomes:
            return
        columns = ("loaded", "damaged", "lost", "stops")
        rows: list[list[Piece]] = [[("trainer", DIM), *((name, DIM) for name in columns)]]
        for target, outcome in outcomes.items():
            counts = [(f"{count:,}", DOES.get(name, "") if count else DIM) for name, count in outcome._asdict().items()]
            rows.append([(visible(target), ""), *counts])
        yield from table(rows, (1, 2, 3, 4), self._paint, gap=3)


def _named(file: str) -> str:
    """GitHub Actions would take a line that begins with two colons for a command."""
    name = visible(file, 200)
    return f"./{name}" if name.strip().startswith("::") else name


def excerpt(hit: Hit, room: int) -> tuple[str, str, str]:
    """What stands before the words in question, they themselves, and what comes after, in so many places together;
    nothing at all where there is nothing to show that the message does not say."""
    words = hit.finding.words
    at = hit.text.find(words) if words else -1
    if at < 0:
        known = visible(words, 1000) in visible(hit.finding.message, 2000)
        return "", "" if known else front(visible(words, 2 * room), room), ""
    marked = front(visible(words, 2 * room), max(room * 2 // 3, 1))
    before = visible(hit.text[max(0, at - room) : at], 10 * room)
    end = at + len(words)
    after = visible(hit.text[end : end + room], 10 * room)
    left = room - places(marked)
    kept = back(before, max(left // 2, left - places(after)))
    return kept, marked, front(after, left - places(kept))
