"""How well grounding tells true claims from false ones: on real answers labelled by hand, and on answers made false.

A finding is a claim that is said to be contradicted. It is right where the label that fits it best is `false`; a label
fits where the spans overlap and the rows are the same or near. GROUNDING.md says what the labels mean.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from datagen.schema import ImageContext, Turn
from tests.labelled import eyes
from tests.labelled.answers import Answers, Label, labels, records
from tests.labelled.corrupt import Case

ROWS = ("count", "side", "object", "denial", "height", "place", "size", "attribute", "premise", "coordinates")
NAMES = {
    "count": "counts", "side": "left/right", "object": "absent objects", "denial": "false denials",
    "height": "above/below", "place": "other places", "size": "sizes", "attribute": "attributes",
    "premise": "false premises", "coordinates": "coordinates",
}  # fmt: skip
BARRED = ("count", "side", "object", "denial")
"""Rows that have a precision to keep."""
MUST_FIND = ("count", "side", "height", "object", "attribute", "denial")
"""Rows that have a recall of corruptions to keep."""
NEAR = {"premise": {"object"}, "object": {"premise"}, "side": {"place"}, "height": {"place"}}
"""Rows of findings, and of the labels that may tell of them besides their own."""
CODES = {
    "G001": "object", "G002": "count", "G003": "side", "G004": "height", "G005": "denial", "G006": "attribute",
    "G007": "premise", "G008": "coordinates", "G009": "size",
}  # fmt: skip
_SIDE = re.compile(r"\b(left|right)", re.IGNORECASE)
_HEIGHT = re.compile(
    r"\b(above|below|top|bottom|upper|lower|beneath|under|underneath|over|higher|atop)\b", re.IGNORECASE
)


class Claimed(Protocol):
    """What is read of a claim."""

    kind: str
    turn: int
    part: str
    start: int
    end: int
    words: str
    subject: str
    presupposed: bool


class Verdict(Protocol):
    """What is read of what was judged."""

    claim: Claimed
    standing: str
    why: str
    code: str


class Ground(Protocol):
    """What is tried: the engine's `ground`."""

    def __call__(self, turns: Sequence[Turn], image: ImageContext, /) -> Sequence[Verdict]: ...


class Finding(NamedTuple):
    """A contradicted claim of a real answer, beside its label."""

    record: Answers
    verdict: Verdict
    row: str
    label: Label | None

    @property
    def right(self) -> bool:
        """Whether a reader said so too."""
        return self.label is not None and self.label.truth == "false"


class Missed(NamedTuple):
    """A claim that is labelled false, and whether it was found."""

    record: Answers
    label: Label
    row: str
    found: bool


class Tried(NamedTuple):
    """A corruption: whether it was found, and what its sound twin was accused of."""

    case: Case
    row: str
    found: bool
    alarms: tuple[Verdict, ...]


class Share(NamedTuple):
    """So many of so many, with Wilson's 95 % interval."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """1 where there is nothing."""
        return self.part / self.whole if self.whole else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson, 1927."""
        if not self.whole:
            return 0.0, 1.0
        z, n, p = 1.959964, self.whole, self.value
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.part:,} of {self.whole:,}; 95 %: {low:.2f} to {high:.2f}"


def row_of(kind: str, words: str = "", *, axis: str = "", presupposed: bool = False) -> str:
    """The row of the table that a claim belongs to."""
    if presupposed:
        return "premise"
    if kind in ("place", "relation"):
        if axis in ("side", "height") or not words:
            return axis if axis in ("side", "height") else "place"
        return "side" if _SIDE.search(words) else "height" if _HEIGHT.search(words) else "place"
    return {"presence": "object", "absence": "denial"}.get(kind, kind)


def on_answers(ground: Ground, data: Path) -> tuple[list[Finding], list[Missed], dict[str, Share]]:
    """Every finding on the labelled answers, every label that is false, and of each row's claims the unknown ones."""
    findings: list[Finding] = []
    missed: list[Missed] = []
    unknown: dict[str, Share] = {}
    told = labels(data)
    for record in records(data):
        judged = ground(record.turns, record.image)
        known = told.get((record.file, record.id), ())
        for verdict in judged:
            row = _row(verdict)
            before = unknown.get(row, Share(0, 0))
            unknown[row] = Share(before.part + (verdict.standing == "unknown"), before.whole + 1)
        against = [verdict for verdict in judged if verdict.standing == "contradicted"]
        findings += [Finding(record, verdict, _row(verdict), _best(verdict, known)) for verdict in against]
        for label in known:
            if label.truth == "false" and not label.after:
                row = row_of(label.kind, axis=label.axis, presupposed=label.part == "question")
                missed.append(Missed(record, label, row, any(_finds(verdict, label) for verdict in against)))
    return list({_said(each): each for each in reversed(findings)}.values())[::-1], missed, unknown


def on_corruptions(ground: Ground, cases: Iterable[Case]) -> list[Tried]:
    """Each corruption and its twin."""
    return [_tried(ground, case) for case in cases]


def _tried(ground: Ground, case: Case) -> Tried:
    row = {"colour": "attribute"}.get(case.kind, case.kind)
    against = _against(ground(case.turns, case.image))
    last = len(case.turns) - 1
    found = any(
        verdict.claim.turn == last and verdict.claim.part == case.part
        and _near(_row(verdict), row) and _overlap(verdict.claim, case) > 0
        for verdict in against
    )  # fmt: skip
    twin = _against(ground(case.sound, case.image)) if case.source == "template" else ()
    return Tried(case, row, found, twin)


def _said(finding: Finding) -> tuple[str, ...]:
    """The same words of the same model about the same picture are one finding, however often it was asked."""
    record = finding.record
    who = eyes.who(record.id) if record.file in eyes.SOURCES else record.id
    return record.file, who, finding.row, finding.verdict.claim.words.lower()


def _against(judged: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return tuple(verdict for verdict in judged if verdict.standing == "contradicted")


def _row(verdict: Verdict) -> str:
    claim = verdict.claim
    return CODES.get(verdict.code) or row_of(claim.kind, claim.words, presupposed=claim.presupposed)


def _best(verdict: Verdict, known: Iterable[Label]) -> Label | None:
    """The label that fits: of the same subject before others, then the one whose span is most like."""
    fitting = [label for label in known if _fits(verdict, label)]
    claim = verdict.claim
    return max(fitting, key=lambda each: (each.subject == claim.subject, _overlap(claim, each)), default=None)


def _fits(verdict: Verdict, label: Label) -> bool:
    claim = verdict.claim
    same_place = claim.turn == label.turn and claim.part == label.part
    row = row_of(label.kind, axis=label.axis, presupposed=label.part == "question")
    return same_place and _overlap(claim, label) > 0 and _near(_row(verdict), row)


def _finds(verdict: Verdict, label: Label) -> bool:
    """Whether it speaks of what is wrong there, if under another name: of two cars where none is, that no car is."""
    claim = verdict.claim
    same_place = claim.turn == label.turn and claim.part == label.part and _overlap(claim, label) > 0
    return _fits(verdict, label) or (same_place and claim.subject == label.subject)


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def _overlap(a: _Span, b: _Span) -> float:
    """What two spans share, over what they cover together."""
    return max(0, min(a.end, b.end) - max(a.start, b.start)) / max(1, max(a.end, b.end) - min(a.start, b.start))


def _near(a: str, b: str) -> bool:
    return a == b or b in NEAR.get(a, ())
