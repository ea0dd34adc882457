"""How far grounding can be trusted: its findings on real answers labelled by hand, what it finds of answers made false
on purpose and what it says of their sound twins, the mock's records over 2,000 pictures, and what it costs.

tests/labelled/GROUNDING.md says what a label is. Where the real data does not lie beside the repository there is
nothing to measure.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.bench.clients import Bench
from tests.bench.table import Figure, ratio
from tests.conftest import DATA
from tests.labelled.answers import INSTANCES, images, labels, records
from tests.labelled.corrupt import real, templates
from tests.labelled.grounding import (
    BARRED,
    MUST_FIND,
    NAMES,
    ROWS,
    Finding,
    Missed,
    Share,
    Tried,
    on_answers,
    on_corruptions,
)  # fmt: skip

if TYPE_CHECKING:
    from datagen.grounding.judge import Grounder
    from datagen.schema import ImageContext, Turn

ROW = "grounding"
PRECISION, RECALL = 0.90, 0.80
AROUND = 40


class Tables(NamedTuple):
    """All that was tried."""

    findings: list[Finding]
    missed: list[Missed]
    unknown: dict[str, Share]
    tried: list[Tried]


@cache
def grounder(data: Path) -> Grounder:
    """With COCO's 80 categories."""
    from datagen.grounding.judge import Grounder

    return Grounder(
        [each["name"] for each in json.loads(gzip.decompress((data / INSTANCES).read_bytes()))["categories"]]
    )


@cache
def tables(data: Path) -> Tables:
    """Everything once."""
    ground = grounder(data).ground
    judge = lambda turns, image: ground(turns, image).judged  # noqa: E731
    cases = [*templates(images(data)), *real(records(data), labels(data))]
    return Tables(*on_answers(judge, data), on_corruptions(judge, cases))


def mocked(data: Path, pictures: int | None = None) -> tuple[int, list[str]]:
    """How many records of the mock, of all tasks, were judged; why claims of theirs are contradicted."""
    from datagen.llm.mock.backend import complete
    from datagen.prompting.compose import Composer
    from datagen.prompting.folder import load_tasks
    from datagen.records.parse import PARSERS

    ground, judged, against = grounder(data).ground, 0, list[str]()
    for task in load_tasks():
        composer = Composer(task, "mock", {}, 0)
        for image in images(data)[:pictures]:
            if composer.lacks(image) is None:
                query = composer.query(image)
                completion = complete(composer.request(query).payload())
                turns = PARSERS[task.reply](completion["choices"][0]["message"]["content"], query.question)
                found = ground(turns, image).judged
                judged += 1
                against += [f"{query.id}: {each.why}" for each in found if each.standing == "contradicted"]
    return judged, against


def told_by_people(data: Path, pictures: int | None = None) -> tuple[int, list[str]]:
    """How many of COCO's captions were judged, each by the boxes and its picture's other captions; why claims of theirs
    are contradicted. People saw the picture: nearly all of these are false alarms, or boxes that are missing."""
    from datagen.schema import Turn

    ground, judged, against = grounder(data).ground, 0, list[str]()
    for image in [image for image in images(data) if image.boxes][:pictures]:
        for at, caption in enumerate(image.captions):
            others = image.model_copy(update={"captions": image.captions[:at] + image.captions[at + 1 :]})
            found = ground((Turn("", caption),), others).judged
            judged += 1
            against += [f"{image.image_id}: {each.why}" for each in found if each.standing == "contradicted"]
    return judged, against


def measure(bench: Bench) -> Iterator[Figure]:
    """Of each kind, then of all."""
    if not DATA.is_dir():
        return
    found = tables(DATA)
    for row in ROWS:
        yield from _of_row(row, found)
    twins = [tried for tried in found.tried if tried.case.source == "template"]
    accused = sum(bool(tried.alarms) for tried in twins)
    yield Figure(ROW, "sound twins of the corruptions accused of anything", (accused,), note=f"of {len(twins):,}")
    some = 100 if bench.quick else None
    judged, against = told_by_people(DATA, some)
    yield Figure(ROW, "contradicted claims in people's own captions", (len(against),), "", "", f"{judged:,} captions")
    judged, against = mocked(DATA, some)
    yield Figure(ROW, "contradicted claims in the mock's records", (len(against),), "", "0", f"{judged:,} records")
    yield from _costs(bench)


def _of_row(row: str, found: Tables) -> Iterator[Figure]:
    name = NAMES[row]
    findings = [each for each in found.findings if each.row == row]
    missed = [each for each in found.missed if each.row == row]
    tried = [each for each in found.tried if each.row == row]
    precision, recall = f"≥ {PRECISION}" if row in BARRED else "", f"≥ {RECALL}" if row in MUST_FIND else ""
    unknown = found.unknown.get(row, Share(0, 0))
    seen = f"; {unknown.value:.0%} of {unknown.whole:,} claims cannot be known" if unknown.whole else ""
    things = {(each.record.image.image_id, each.verdict.claim.subject) for each in findings}
    if findings:
        seen = f"; {len(things)} things in {len({picture for picture, _ in things})} pictures{seen}"
    for what, told, aim, more in (
        ("precision on real answers", [(f.right, f.record.held_out) for f in findings], precision, seen),
        ("recall of what is labelled false", [(m.found, m.record.held_out) for m in missed], "", ""),
        ("recall of corruptions", [(t.found, t.case.held_out) for t in tried], recall, ""),
    ):
        if told or aim:
            yield _share(f"{name}: {what}", told, aim, more)


def _share(what: str, told: Sequence[tuple[bool, bool]], aim: str, more: str) -> Figure:
    """`told`: whether it is right, and whether it is held out."""
    if not told:
        return Figure(ROW, what, (), "", aim, f"nothing found{more}")
    whole, tuned, held = (Share(sum(good), len(good)) for good in _halves(told))
    note = f"{whole}; tuned {tuned.part} of {tuned.whole}, held out {held.part} of {held.whole}{more}"
    return Figure(ROW, what, (whole.value,), "", aim, note)


def _halves(told: Sequence[tuple[bool, bool]]) -> tuple[list[bool], ...]:
    return tuple([good for good, out in told if out in kept] for kept in ((False, True), (False,), (True,)))


def _costs(bench: Bench) -> Iterator[Figure]:
    """Records of three turns: what GPT-4 said of a picture to its three questions."""
    ours = tuple(_cpu(AROUND) for _ in range(bench.repeats))
    yield Figure(ROW, "CPU a record of three turns", tuple(1000 * each for each in ours), "ms", "≤ 0.5")
    count, flight = bench.size(1500, 100), bench.size(64, 16)
    with bench.server("--stock") as server:
        theirs = [bench.sdk(server, count, flight, count) for _ in range(bench.repeats)]
    yield ratio(
        ROW, "a record of three turns / SDK create(): CPU", ours, [s.cpu / s.requests for s in theirs], "≤ 0.15"
    )


def _cpu(around: int) -> float:
    of_three = _of_three()
    ground = grounder(DATA).ground
    _all(ground, of_three)
    began = time.process_time()
    for _ in range(around):
        _all(ground, of_three)
    return (time.process_time() - began) / (around * len(of_three))


def _all(ground: Callable[..., object], of_three: Iterable[tuple[tuple[Turn, ...], ImageContext]]) -> None:
    for turns, image in of_three:
        ground(turns, image)


def _of_three() -> list[tuple[tuple[Turn, ...], ImageContext]]:
    by_picture: dict[str, list[tuple[tuple[Turn, ...], ImageContext]]] = {}
    for each in records(DATA):
        if each.file.startswith("bench/"):
            by_picture.setdefault(each.image.image_id, []).append((each.turns, each.image))
    return [(tuple(turn for turns, _ in of for turn in turns), of[0][1]) for of in by_picture.values() if len(of) == 3]
