"""Batches that somebody else runs: files of requests for `vllm run-batch`, another account or another day, and back.

What was exported is in an open batch like any other: it is asked nowhere else until its results are brought back, or it
is withdrawn. What they cost is paid elsewhere: here it is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datagen.batch.packing import Packer, Room
from datagen.batch.reading import ANOMALIES, Reader
from datagen.errors import SetupError
from datagen.jobs import to_ask
from datagen.ledger import Ledger
from datagen.observer import Observer
from datagen.paging import Pages
from datagen.run import Run
from datagen.settings import Settings
from datagen.text import shown


def export(run: Run, settings: Settings, pages: Pages | None, file: Path, observer: Observer) -> list[Path]:
    """All that is unanswered, to `file`; what is more than a batch may hold to further ones beside it."""
    jobs, _ = to_ask(run, settings, pages, in_batches=True)
    packer = Packer(jobs, file.parent, None, 0)
    room = Room(settings.batch_requests, settings.batch_bytes)
    made: list[Path] = []
    target = _free(file, 1)
    try:
        while (packed := packer.pack(room)) is not None:
            packed.path.replace(target)
            run.ledger.intend(
                packed.members, state="exported", address="", sha256=packed.sha256, size=packed.bytes,
                tokens=packed.tokens, price=None
            )  # fmt: skip
            observer.say(f"{len(packed.members):,} requests to {shown(target)}")
            made.append(target)
            target = _free(file, len(made) + 1)
    except OSError as error:
        raise SetupError(f"{shown(target)}: cannot be written: {error.strerror}", "give another name") from error
    if not made:
        observer.say("there is nothing to export: all is answered, or waits in a batch")
    return made


def _free(file: Path, number: int) -> Path:
    path = file if number == 1 else file.with_name(f"{file.stem}-{number}{file.suffix}")
    if path.exists():
        raise SetupError(f"{shown(path)}: is there already", "give another name: what was exported is not overwritten")
    return path


def bring_in(ledger: Ledger, files: Sequence[Path], observer: Observer) -> None:
    """Results of what was exported, from any number of files at once. An exported batch of which any line is there is
    settled: what none of them speaks of is missing, and asked again."""
    exported = [shard for shard in ledger.batches() if not shard.address]
    if not exported:
        raise SetupError("nothing was exported from this run", "--export-batch FILE does that")
    members = ledger.members(*(shard.n for shard in exported))
    reader = Reader(ledger, exported[0], members, cost=lambda _: 0, brought=True)
    for file in files:
        try:
            reader.read(file, str(file))
        except OSError as error:
            raise SetupError(f"{shown(file)}: cannot be read: {error.strerror}") from error
    missing = 0
    for shard in ledger.batches("exported"):
        if any(word for word in ledger.outcomes(shard.n)):
            message = "no line of the results that were brought in speaks of it"
            missing += ledger.settle(shard, "batch-missing", message, status="brought in")
    odd = "".join(f" · {name} {reader.tally[name]}" for name in ANOMALIES if reader.tally[name])
    observer.say(f"{reader.tally['lines']:,} lines: taken {reader.tally['taken']:,}{odd} · missing {missing:,}")
