"""Files of training data → findings, one at a time, and a verdict: what `validate` does.

It brings files, judging and places together. Memory does not follow the size of the files, but for a few bytes a record
that checks of a whole file keep. How findings are shown, and what exit code they mean, is for others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

from datagen.checks.base import CHECKS, Check, Does, Seen
from datagen.errors import InputError
from datagen.judging import Found, Judge, Part, Plan, pick
from datagen.records.mending import Memory, mend
from datagen.records.reading import Batch, read
from datagen.rules import Wishes, plan_codes, plan_for
from datagen.schema import Hit, Level, Outcome, Verdict
from datagen.sources.files import Source
from datagen.sources.lines import Lines
from datagen.witness import Told, annotated, of_run
from datagen.workers import in_order

LEVELS: tuple[Level, ...] = ("info", "warning", "error")
DOES: tuple[Does, ...] = ("damaged", "lost", "stops")
Watch = Callable[[str, int, int], None]


class Tally:
    """What was found, added up."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.records = 0
        self.by_check: Counter[str] = Counter()
        self.by_level: Counter[Level] = Counter()
        self.grounded: Counter[str] = Counter()
        self._in_file: Counter[str] = Counter()
        self._of_records: Counter[tuple[str, Does]] = Counter()
        self._outcomes: dict[str, Outcome] = {}
        self.unreadable: list[str] = []
        self.fixable = self.baselined = 0

    def add(self, part: Part, judge: Judge) -> None:
        """A batch's records and what trainers do with them."""
        self.records += part.records
        self.grounded.update(part.grounded)
        self._in_file.update(dict.fromkeys(judge.plan.targets, part.records))
        self._of_records.update(part.outcomes)
        for sound, count in part.sound.items():
            for target, does in judge.outcomes_of(sound).items():
                self._of_records[target, does] += count

    def end_of_file(self, stops: set[str]) -> None:
        """The file is over. `stops`: the trainers that do not load it at all, whatever they do with its records."""
        for target, seen in self._in_file.items():
            damaged, lost, stopped = (self._of_records[target, does] for does in DOES)
            if target in stops:
                damaged, lost, stopped = 0, 0, seen
            before = self._outcomes.get(target, Outcome(0, 0, 0, 0))
            now = (seen - damaged - lost - stopped, damaged, lost, stopped)
            self._outcomes[target] = Outcome(*map(sum, zip(before, now, strict=True)))
        self._in_file.clear()
        self._of_records.clear()

    def cut_short(self, label: str) -> None:
        """The file cannot be read to its end: what trainers would do with it is not said."""
        self.unreadable.append(label)
        self._in_file.clear()
        self._of_records.clear()

    def count(self, hit: Hit) -> None:
        """One finding."""
        self.by_check[hit.finding.code] += 1
        self.by_level[hit.finding.level] += 1
        self.fixable += hit.mends

    def verdict(self) -> Verdict:
        """All of it."""
        return Verdict(
            tuple(self.files),
            self.records,
            dict(self.by_check),
            dict(self.by_level),
            dict(self._outcomes),
            self.fixable,
            self.baselined,
            dict(self.grounded) or None,
            tuple(self.unreadable),
        )


def validate(
    files: Iterable[Source],
    wished: Wishes,
    take: Callable[[Hit], bool],
    watch: Watch = lambda *_: None,
    jobs: int = 1,
    unread: Callable[[InputError], None] | None = None,
) -> Verdict:
    """Hand every finding to `take`, in the order of files and records (those about a whole file last), and say what all
    come to. `take` says whether the finding counts: a baseline may accept it. `watch` hears how far it is, in bytes of
    a file. One that cannot be read is told to `unread`, and the next is read; without that it raises the InputError,
    after what was found before."""
    tally = Tally()
    with annotated(wished.annotations, used=_looks_at_claims(plan_codes(wished))) as told:
        for hit in _all_hits(files, wished, told, tally, watch, jobs, unread):
            if LEVELS.index(hit.finding.level) < LEVELS.index(wished.level):
                continue
            if take(hit):
                tally.count(hit)
            else:
                tally.baselined += 1
    return tally.verdict()


def _all_hits(
    files: Iterable[Source], wished: Wishes, told: Told | None, tally: Tally, watch: Watch, jobs: int,
    unread: Callable[[InputError], None] | None,
) -> Iterator[Hit]:  # fmt: skip
    """`told`: where to look for the images that records are about; in a run's folder its ledger knows as well."""
    for source in files:
        tally.files.append(source.label)
        plan = plan_for(wished, source)
        if _looks_at_claims(plan.codes):
            plan = plan._replace(told=told or of_run(source.path))
        try:
            yield from _hits(source, plan, tally, watch, jobs)
        except InputError as error:
            if unread is None:
                raise
            tally.cut_short(source.label)
            unread(error)


def _looks_at_claims(codes: Iterable[str]) -> bool:
    return any(CHECKS[code].kind == "grounding" for code in codes)


def _hits(source: Source, plan: Plan, tally: Tally, watch: Watch, jobs: int) -> Iterator[Hit]:
    judge = Judge(plan)
    whole = judge.fresh()
    size = source.path.stat().st_size
    with closing(Lines(source)) as lines, closing(_parts(_read(source, judge, jobs), judge, whole, jobs)) as parts:
        for batch, part in parts:
            watch(source.label, min(batch.offset + len(batch.data), size), size)
            tally.add(part, judge)
            if part.files is not whole:
                for code, check in part.files.items():
                    whole[code].merge(check)
            for found in part.found:
                yield _hit(source, found, batch, lines)
    seen = [(CHECKS[code], number, each) for code, check in whole.items() for number, each in check.end()]
    tally.end_of_file({check.target for check, _, _ in seen if check.does == "stops"})
    yield from _of_file(source, seen)


def _read(source: Source, judge: Judge, jobs: int) -> Iterator[Batch]:
    """Decoded here where it is judged here."""
    return read(source, judge.forms if jobs == 1 else ())


def _hit(source: Source, found: Found, batch: Batch, lines: Lines) -> Hit:
    line = batch.line + found.at if batch.lines else lines.at(batch.offset + found.at)
    where = found.finding.where
    place = f"[{found.number}]" + (f".{where}" if where else "")
    return Hit(source.label, found.number, found.id, line, place, found.finding, found.digest, found.text, found.mends)


def _of_file(source: Source, seen: list[tuple[Check, int | None, Seen]]) -> Iterator[Hit]:
    """The findings of file checks, which know of a record its number only: for the rest the file is walked through once
    more."""
    if not seen:
        return
    by_number: dict[int, list[tuple[Check, Seen]]] = {}
    for check, number, each in seen:
        if number is None:
            yield Hit(source.label, None, None, None, "", check.finding(each), mends=check.mends)
        else:
            by_number.setdefault(number, []).append((check, each))
    with closing(Lines(source)) as lines:
        for batch in read(source) if by_number else ():
            for found in pick(batch, by_number):
                yield _hit(source, found._replace(mends=CHECKS[found.finding.code].mends), batch, lines)


def _parts(
    batches: Iterable[Batch], judge: Judge, whole: dict[str, Any], jobs: int
) -> Generator[tuple[Batch, Part], None, None]:
    """Each batch, judged, in order."""
    if jobs == 1:
        for batch in batches:
            yield batch, _with_mends(judge, batch, judge.judge(batch, whole))
        return
    yield from in_order(batches, _judging, judge.plan, jobs, ["datagen.validation"])


def _judging(plan: Plan) -> Callable[[Batch], Part]:
    """In a new process: what judges there."""
    judge = Judge(plan)
    return lambda batch: _with_mends(judge, batch, judge.judge(batch))


def _with_mends(judge: Judge, batch: Batch, part: Part) -> Part:
    """The part, its findings marked that mending takes away."""
    numbers = {found.number for found in part.found if CHECKS[found.finding.code].mends}
    if not numbers:
        return part
    texts = enumerate(batch.records(), batch.number)
    after = {number: _mended(judge, number, text) for number, text in texts if number in numbers}
    found = [each._replace(mends=_goes(after.get(each.number), each.finding.code)) for each in reversed(part.found)]
    return part._replace(found=found[::-1])


def _mended(judge: Judge, number: int, text: bytes) -> Counter[str] | None:
    """How often each check still speaks of a record when it is mended; None where there is nothing to mend."""
    try:
        raw = json.loads(text)
        mended = mend(raw, number, Memory())
        if mended.raw is raw:
            return None
        again = Batch(number, json.dumps([mended.raw]).encode(), 0, 0, False)
    except (ValueError, RecursionError):
        return None
    return Counter(found.finding.code for found in judge.judge(again, {}).found)


def _goes(left: Counter[str] | None, code: str) -> bool:
    """Whether a finding goes away; `left` loses those that stay, as many as there are."""
    if left is None or not CHECKS[code].mends:
        return False
    stays = left[code] > 0
    left[code] -= stays
    return not stays
