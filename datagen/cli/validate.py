"""`validate`: what is wrong with files of training data, and what each trainer would do with them.

Findings go to stdout in the format that was asked for, or into `--out`; a progress line for people goes to stderr, on a
terminal only. Exit 1 when errors remain, 2 when a file cannot be read; the others are read all the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.flags import ConfigFile, takes
from datagen.cli.gauge import Gauge
from datagen.cli.screen import Screen, complain, counted
from datagen.errors import InputError

if TYPE_CHECKING:
    import datagen

_Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|RUN|-...",
        help="Training data: JSON or JSON lines, plain or .gz; a run's folder; - for what comes on stdin.",
        show_default=False,
    ),
]


def _flag(kind: Any, names: str, metavar: str | None, text: str) -> Any:
    return Annotated[kind, typer.Option(*names.split(), metavar=metavar, help=text, show_default=False)]


_Several = list[str] | None
_WISHES = {
    "target": _flag(_Several, "--target", "A,B", "Trainers; by default all that can read the file; `all`."),
    "select": _flag(_Several, "--select", "C,D", "Checks, by code or the beginning of codes: S,T1,L003."),
    "ignore": _flag(_Several, "--ignore", "C,D", "All checks but these."),
    "level": _flag(str | None, "--level", "L", "Findings from this level on: info, warning, error."),
    "images": _flag(Path | None, "--images", "DIR", "The pictures' folder: are they there, and do they open?"),
    "against": _flag(_Several, "--against", "FILE", "A benchmark whose pictures must not be in the data."),
    "annotations": _flag(_Several, "--annotations", "INPUT", "Annotation files: is what is said of the pictures true?"),
    "max_tokens": _flag(int | None, "--max-tokens", "N", "What a record may be long, its pictures included."),
    "tokenizer": _flag(Path | None, "--tokenizer", "FILE", "Count those with the trainer's own tokenizer.json."),
}
_MENDING = {
    "fix": _flag(Path | None, "--fix", "OUT", "Write a repaired copy there, and check that."),
    "in_place": _flag(bool | None, "--in-place", None, "OUT may be the file itself."),
    "drop": _flag(bool | None, "--drop", None, "What cannot be mended goes to rejects.jsonl, beside OUT."),
}


_SHOWING = {
    "form": _flag(str | None, "--format", "F", "text (the default), json, jsonl, sarif, junit, github or markdown."),
    "out": _flag(Path | None, "--out -o", "FILE", "Write the findings there."),
    "everything": _flag(bool | None, "--all", None, "Show every finding, not the first of each check only."),
    "baseline": _flag(Path | None, "--baseline", "FILE", "Accepted findings; made where there is no such file."),
    "jobs": _flag(int | None, "--jobs -j", "N", "Processes; 0 is one for each core.  [default: 1]"),
    "quiet": _flag(bool | None, "--quiet -q", None, "No progress line, and no word where nothing is wrong."),
}


@takes({**_WISHES, **_SHOWING, **_MENDING})
def validate(files: _Files, *, config: ConfigFile = None, **flags: Any) -> int:
    """Say what is wrong with training data, and what each trainer would do with it. Exit 1 if errors remain.

    \b
    datagen validate llava.json --target llava,llamafactory --images train2017
    """
    import datagen

    shown, mending = ({name: flags.pop(name) for name in group} for group in (_SHOWING, _MENDING))
    if mending["fix"] is None and any(mending.values()):
        raise datagen.SetupError("--drop and --in-place: go with --fix OUT", "say where the mended copy goes")
    quiet, form = bool(shown["quiet"]), shown["form"] or "text"
    wished = datagen.wishes(flags, _config(config, quiet))
    accepted = _Accepted(shown["baseline"])
    jobs = _jobs(shown["jobs"])
    with ExitStack() as stack:
        sources = stack.enter_context(datagen.training_files(files))
        _apart(shown["out"], [*(each.path for each in sources), mending["fix"], shown["baseline"]])
        stream = stack.enter_context(_stream(shown["out"]))
        manner = datagen.manner_of(stream, datagen.catalog())
        if shown["everything"]:
            manner = manner._replace(most=None)
        writer = datagen.writer(form, manner)
        if mending["fix"] is not None:
            sources = _repaired(sources, wished, mending, quiet)

        gauge = stack.enter_context(Gauge(quiet=quiet))

        def take(hit: datagen.Hit) -> bool:
            if accepted.has(hit):
                return False
            gauge.clear()
            writer.hit(hit)
            return True

        unread: list[InputError] = []
        verdict = datagen.validate(sources, wished, take, gauge, jobs, unread.append)
        gauge.clear()
        whole = len(unread) < len(verdict.files) or not unread  # people are told no verdict on a part of a file
        if form != "text" or (whole and (verdict.by_check or not quiet)):
            writer.end(verdict)
    if verdict.grounded is None and verdict.records and any(code.startswith("G") for code in wished.select):
        Screen(quiet=quiet).say("G checks had nothing to hold these records against: give --annotations INPUT")
    for error in unread[1:]:
        complain(str(error), error.hint)
    if unread:
        raise unread[0]
    accepted.close(Screen(quiet=quiet))
    return 1 if verdict.by_level.get("error") else 0


def _repaired(
    sources: list[datagen.Source], wished: datagen.Wishes, mending: dict[str, Any], quiet: bool
) -> list[datagen.Source]:
    """The mended copy of the one file, if anything is left to look at; says what was done."""
    import datagen

    if len(sources) != 1:
        raise datagen.SetupError("--fix: mends one file at a time", "name one file")
    drop, in_place = bool(mending["drop"]), bool(mending["in_place"])
    made = datagen.repair(sources[0], mending["fix"], wished, drop=drop, in_place=in_place)
    screen = Screen(quiet=quiet)
    screen.say(f"{made.out}: {counted(made.done)} mended in {made.records:,} records")
    if made.dropped:
        screen.say(f"{made.rejects}: {counted(made.dropped)} dropped")
    left = made.records - sum(made.dropped.values())
    return [datagen.Source(made.out, named=True)] if left else []


def _config(named: Path | None, quiet: bool) -> Path | None:
    """The settings' file: the one that was named, or ./datagen.toml, which is announced."""
    if named is None and Path("datagen.toml").is_file():
        Screen(quiet=quiet).say("settings from ./datagen.toml")
        return Path("datagen.toml")
    return named


def _jobs(told: int | None) -> int:
    import datagen

    if told is not None and told < 0:
        raise datagen.SetupError(f"--jobs: must be 0 or more, not {told}")
    return 1 if told is None else told or os.cpu_count() or 1


class _Accepted:
    """The findings that a baseline accepts; where there is none yet, all that come go into it."""

    def __init__(self, path: Path | None) -> None:
        import datagen

        self._path = path
        self._made = path is not None and not os.path.lexists(path)  # a name that is too long is none that exists
        self._baseline = datagen.Baseline.read(path) if path is not None and not self._made else datagen.Baseline()

    def has(self, hit: datagen.Hit) -> bool:
        """Whether it is accepted."""
        if self._made:
            self._baseline.add(hit)
        return self._made or self._baseline.is_known(hit)

    def close(self, screen: Screen) -> None:
        """Write it down where it is new."""
        if self._made and self._path is not None:
            self._baseline.write(self._path)
            screen.say(f"{self._path} accepts these {len(self._baseline):,} findings from now on")


@contextmanager
def _stream(out: Path | None) -> Iterator[Any]:
    """Where findings are written to: a file is whole or not there."""
    import datagen
    from datagen.text import shown

    if out is None and sys.stdout is None:  # closed by whoever started us
        with Path(os.devnull).open("w") as file:
            yield file
    elif out is None:
        yield sys.stdout
    else:
        try:
            with datagen.replacing(out, encoding="utf-8") as file:
                yield file
        except OSError as error:
            cause = f"{shown(out)}: cannot be written: {error.strerror}"
            raise datagen.SetupError(cause, "make room, or give another --out; nothing was changed") from error


def _apart(out: Path | None, others: list[Path | None]) -> None:
    """Findings must not take the place of what they are about."""
    import datagen
    from datagen.text import shown

    for other in others if out is not None else ():
        if other is not None and os.path.realpath(other) == os.path.realpath(str(out)):
            raise datagen.SetupError(f"--out {shown(out)}: is a file of yours that is read or written", "name another")
