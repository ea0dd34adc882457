"""The trial itself: a file is read, a tokenizer learnt, a toy taught in two stages, and asked what it sees.

It brings the room's parts together. Everything that is drawn is drawn by the seed; one core is used, since many wait
for each other longer than the toy's sums take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from datagen.errors import InputError, SetupError
from datagen.records.files import training_files
from datagen.shipped import shipped
from datagen.sources.files import Source
from datagen.text import shown
from datagen.trial.lessons import Lesson, Pool, Refused, lessons, swaps
from datagen.trial.needs import ready
from datagen.trial.pictures import Pictures
from datagen.trial.report import Tally, Trial, spread
from datagen.trial.words import Measure, Words, learnt

Watch = Callable[[str, int, int, float], None]
RECORDS = 48
"""That are taught, where nothing else is asked."""
_HINT = (
    "LLaVA's own form is tried: an array of records with `conversations` of `from` and `value`; "
    "`datagen validate FILE --target llava` says what is wrong with it"
)


class Reading(NamedTuple):
    """What a file holds."""

    source: Source
    pool: Pool
    records: int
    stopped: Tally
    untrained: Tally
    unseen: Tally
    words: Words


def run_trial(
    name: str,
    images: Path | None = None,
    *,
    records: int = RECORDS,
    seed: int = 0,
    watch: Watch = lambda *_: None,
) -> Trial:
    """Try a file of LLaVA's form, or a run's folder; `samples` are those that come along. `images` is the pictures'
    folder. Raises SetupError where torch or transformers are missing, InputError where nothing can be learnt."""
    versions = ready()
    if name == "samples":
        name, images = str(shipped("samples") / "output" / "llava.json"), images or shipped("samples") / "images"
    if images is None:
        raise SetupError("a trial needs the pictures", "give their folder: --images DIR")
    if not images.is_dir():
        raise SetupError(f"--images {shown(images)}: there is no such folder", "give the pictures' folder")
    with training_files([name]) as sources:
        read = _read(_chosen(sources), records, seed)
        with _one_core():
            return _tried(read, Pictures(images), records, seed, versions, watch)


def _chosen(sources: list[Source]) -> Source:
    """Of a run's folder LLaVA's own file; else the one that was named."""
    if len(sources) > 1:
        sources = [each for each in sources if each.path.name == "llava.json"]
    if len(sources) != 1:
        raise SetupError("a trial is of one file", "name the file itself")
    return sources[0]


def _read(source: Source, records: int, seed: int) -> Reading:
    """The file, read once for what is wrong with it; its words are learnt from those that were drawn."""
    stopped, untrained, unseen = Tally(), Tally(), Tally()
    pool = Pool(records, seed)
    total = 0

    for each in lessons(source):
        total += 1
        if isinstance(each, Refused):
            stopped.add(each.why, each.id)
            continue
        if each.found:
            untrained.add(each.found, each.id)
        else:
            pool.add(each)
        if each.unseen:
            unseen.add("picture", each.id)
    if not pool.drawn():
        why = next(iter({**stopped.groups, **untrained.groups}), "")
        told = f"LLaVA learns nothing from any of its {total:,} records ({why})" if total else "holds no records"
        raise InputError(source.label, "", told, _HINT)
    words = learnt(lesson.masked.text for lesson in pool.held())
    return Reading(source, pool, total, stopped, untrained, unseen, words)


def _measures(read: Reading) -> Iterator[Measure]:
    """The file once more, some hundreds of records at a time."""
    taken = (each for each in lessons(read.source) if isinstance(each, Lesson))
    while some := [(each.masked, each.image is not None) for each in islice(taken, 500)]:
        yield from read.words.measures(some)


def _tried(read: Reading, pictures: Pictures, records: int, seed: int, versions: dict[str, str], watch: Watch) -> Trial:
    """The toy taught and asked."""
    from datagen.trial.classroom import Classroom

    measures = list(_measures(read))
    room = Classroom(read.words, pictures, seed)
    taught = room.seat(read.pool.drawn(), records)
    if not any(example.pixels is not None for example in room.taught.values()):
        why = ", ".join(room.left_out.groups) or "none of its records has one and asks for it"
        raise InputError(read.source.label, "", f"no picture to teach: {why}", "`image` is looked for below --images")
    return Trial(
        file=read.source.label,
        records=read.records,
        stopped=read.stopped.groups,
        no_gradient=read.untrained.groups,
        unseen=read.unseen.groups,
        left_out=room.left_out.groups,
        cut=sum(measure.cut > 0 for measure in measures),
        tokens=spread([measure.tokens for measure in measures]),
        trained_tokens=spread([measure.trained for measure in measures]),
        vocabulary=read.words.size,
        taught=len(taught),
        weights=room.toy.weights,
        seed=seed,
        curves=room.teach(watch),
        sight=room.look(swaps(taught)),
        versions=versions,
    )


@contextmanager
def _one_core() -> Iterator[None]:
    """torch on one core, and its dice as they were afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=()):
            yield
    finally:
        torch.set_num_threads(before)
