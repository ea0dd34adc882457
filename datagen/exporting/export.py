"""`export`: records once through, into every format that was asked for; the folder is there whole or not at all.

Memory does not follow the number of records. What a format cannot say is counted by name; what is no record at all
stops it, and the old folder stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from datagen.cards import dressing
from datagen.errors import SetupError
from datagen.exporting import paste
from datagen.exporting.folder import folder_at
from datagen.exporting.formats import FORMATS, PRETRAIN, check
from datagen.exporting.given import Given, Origin, given, origin
from datagen.exporting.lineage import Lineage, is_mock
from datagen.exporting.manifest import digests, lines_here, lines_told, manifest, write_lines, write_manifest
from datagen.exporting.mixing import Mixture, kind_of, wished
from datagen.exporting.result import Exported, ExportWish
from datagen.exporting.sinks import Sink
from datagen.labels import is_foreign, read_labels
from datagen.text import shown


class Dress(Protocol):
    """What adds files of its own to an export that is being made: a card, say. They are named in the manifest then."""

    def __call__(self, folder: Path, manifest: Mapping[str, Any], *, loading: Mapping[str, str]) -> None:
        """`manifest` as it stands without them; `loading`: the lines to paste by format, for somebody who stands in the
        folder, with no path of this machine."""


def export(inputs: Sequence[Path], wish: ExportWish, out: Path, *, dress: Dress | None = None) -> Exported:
    """Write the records of runs and files into `out`, in each format, with a card (or what `dress` adds instead).
    Raises a SetupError, and leaves what is there."""
    check(wish)
    rejected = _rejected(wish.labels)
    if PRETRAIN in wish.formats:
        from datagen.exporting.pretraining import captioned, pretraining  # what judges and joins: a while to import

        origins = captioned(inputs)
        records = partial(pretraining, origins, wish.seed, wish.every_caption)
    else:
        origins = [origin(name) for name in inputs]
        records = partial(given, origins)
    mixture = None
    if wish.mix is not None:
        mixture = Mixture(wished(wish.mix), wish.seed, [each.source.path.name for each in origins])
        mixture.see(each for each in records() if each.id not in rejected)
    dress = dress or partial(dressing.dress, license=wish.license)
    return _written(origins, _Wanted(records(), rejected), wish, out, mixture, dress)


def _rejected(labels: Path | None) -> frozenset[str]:
    """The ids of records that a person rejected. Raises SetupError where there are no labels to read: what a person
    rejected does not come back because another file was named."""
    if labels is None:
        return frozenset()
    hint = "`datagen view` writes labels.jsonl into a run's folder, and FILE.labels.jsonl beside a file"
    try:
        told = read_labels(labels)
        foreign = not told and is_foreign(labels)
    except OSError as error:
        raise SetupError(f"{shown(labels)}: cannot be read: {error.strerror}", hint) from error
    if foreign:
        raise SetupError(f"{shown(labels)}: no line of it is a label", hint)
    return frozenset(
        query_id.rpartition("-")[0] or name for (query_id, name), each in told.items() if each.verdict == "reject"
    )


class _Wanted:
    """Records without those that a person rejected, which it counts."""

    def __init__(self, records: Iterable[Given], rejected: frozenset[str]) -> None:
        self._records, self._rejected = records, rejected
        self._met: set[str] = set()
        self.unwanted = 0

    def __iter__(self) -> Iterator[Given]:
        for each in self._records:
            if each.id in self._rejected:
                self.unwanted += 1
                self._met.add(each.id)
            else:
                yield each

    @property
    def unmet(self) -> int:
        """Of what a person rejected, what is of no record here."""
        return len(self._rejected - self._met)


def _written(
    origins: list[Origin],
    records: _Wanted,
    wish: ExportWish,
    out: Path,
    mixture: Mixture | None,
    dress: Dress,
) -> Exported:
    with folder_at(out) as folder:
        with _sinks(wish, folder) as sinks, Lineage(origins, folder) as lineage:
            notes, kinds = _poured(records, list(sinks.values()), mixture, lineage, origins)
            for sink in sinks.values():
                sink.close()
        losses = {"given": dict(notes), **{name: dict(sink.losses) for name, sink in sinks.items()}}
        made = Exported(
            folder=out,
            records=sum(kinds.values()),
            kinds=dict(kinds),
            written={name: sink.written for name, sink in sinks.items()},
            losses={name: lost for name, lost in losses.items() if lost},
            short=mixture.short() if mixture else {},
            unwanted=records.unwanted,
            unmet=records.unmet,
            mock=is_mock(origins),
        )
        return _told(origins, wish, folder, made, dress)


@contextmanager
def _sinks(wish: ExportWish, folder: Path) -> Iterator[dict[str, Sink]]:
    with ExitStack() as stack:
        sinks: dict[str, Sink] = {}
        for name in dict.fromkeys(wish.formats):
            sinks[name] = FORMATS[name](folder, wish)
            stack.callback(sinks[name].release)
        yield sinks


def _poured(
    records: Iterable[Given], sinks: list[Sink], mixture: Mixture | None, lineage: Lineage, origins: list[Origin]
) -> tuple[Counter[str], Counter[str]]:
    """Every record that is taken into every sink; what was noted of them, and how many there were of each kind."""
    notes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    files = [each.source.path.name for each in origins]
    takers = [sink.take for sink in sinks]
    for each in records:
        if mixture is not None and not mixture.takes(each):
            continue
        if each.left_out:
            notes[each.left_out] += 1
            continue
        kinds[kind_of(each, files[each.source])] += 1
        if each.notes:
            notes.update(each.notes)
        lineage.of(each)
        for take in takers:
            take(each)
    return notes, kinds


def _told(origins: list[Origin], wish: ExportWish, folder: Path, made: Exported, dress: Dress) -> Exported:
    """What the folder says of itself."""
    told = lines_told(made.folder, wish, made.written, made.mock)
    write_lines(folder, told, wish, made)
    facts = {**manifest(origins, wish, made), "files": digests(folder)}
    dress(folder, facts, loading=lines_here(wish, made))
    write_manifest(folder, {**facts, "files": digests(folder, facts["files"])})
    return made._replace(lines={name: paste.lines_for(name, told) for name in made.written})
