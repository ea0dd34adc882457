"""`validate`: what is wrong with files of training data, and what each trainer would do with them.

Findings go to stdout in the format that was asked for, or into `--out`; a progress line for people goes to stderr, on a
terminal only. Exit 1 when errors remain, 2 when a file cannot be read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.flags import ConfigFile
from datagen.cli.screen import Screen, bar

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
_Codes = list[str] | None


def _option(names: str, metavar: str | None, text: str) -> Any:
    return typer.Option(*names.split(), metavar=metavar, help=text, show_default=False)


def validate(
    files: _Files,
    target: Annotated[_Codes, _option("--target", "A,B", "Trainers; by default all that can read the file; `all`.")] = None,
    select: Annotated[_Codes, _option("--select", "C,D", "Checks, by code or the beginning of codes: S,T1,L003.")] = None,
    ignore: Annotated[_Codes, _option("--ignore", "C,D", "All checks but these.")] = None,
    level: Annotated[str | None, _option("--level", "L", "Findings from this level on: info, warning, error.")] = None,
    images: Annotated[Path | None, _option("--images", "DIR", "Look at the pictures too: there, readable, of the size told?")] = None,
    against: Annotated[_Codes, _option("--against", "FILE", "A benchmark whose pictures must not be in the data.")] = None,
    max_tokens: Annotated[int | None, _option("--max-tokens", "N", "What a record may be long, its pictures included.")] = None,
    form: Annotated[str, _option("--format", "F", "text, json, jsonl, sarif, junit, github or markdown.")] = "text",
    out: Annotated[Path | None, _option("--out -o", "FILE", "Write the findings there.")] = None,
    everything: Annotated[bool, _option("--all", None, "Show every finding, not the first of each check only.")] = False,
    baseline: Annotated[Path | None, _option("--baseline", "FILE", "Findings that are accepted; written where there is none yet.")] = None,
    jobs: Annotated[int, _option("--jobs -j", "N", "Processes; 0 is one for each core.")] = 1,
    quiet: Annotated[bool, _option("--quiet -q", None, "No progress line, and nothing where nothing is wrong.")] = False,
    config: ConfigFile = None,
) -> int:
    """Say what is wrong with training data, and what each trainer would do with it. Exit 1 if errors remain.

    \b
    datagen validate llava.json --target llava,llamafactory --images train2017
    """
    import datagen

    given = {"target": target, "select": select, "ignore": ignore, "level": level, "images": images}
    given |= {"against": against, "max_tokens": max_tokens}
    wished = datagen.wishes(given, _config(config, quiet))
    accepted, is_new = _accepted(baseline)
    with ExitStack() as stack:
        sources = stack.enter_context(datagen.training_files(files))
        stream = stack.enter_context(_stream(out))
        manner = datagen.manner_of(stream, datagen.catalog(), None if everything else datagen.MOST)
        writer = datagen.writer(form, manner)

        def take(hit: datagen.Hit) -> bool:
            if accepted is not None and is_new:
                accepted.add(hit)
            elif accepted is not None and accepted.is_known(hit):
                return False
            writer.hit(hit)
            return True

        with bar(quiet) as watch:
            verdict = datagen.validate(sources, wished, take, watch, jobs or os.cpu_count() or 1)
        if not (quiet and form == "text" and not verdict.by_check):
            writer.end(verdict)
    if accepted is not None and is_new and baseline is not None:
        accepted.write(baseline)
        Screen(quiet=quiet).say(f"{baseline} accepts these {len(accepted):,} findings from now on")
        return 0
    return 1 if verdict.by_level.get("error") else 0


def _config(named: Path | None, quiet: bool) -> Path | None:
    """The settings' file: the one that was named, or ./datagen.toml, which is announced."""
    if named is None and Path("datagen.toml").is_file():
        Screen(quiet=quiet).say("settings from ./datagen.toml")
        return Path("datagen.toml")
    return named


def _accepted(path: Path | None) -> tuple[datagen.Baseline | None, bool]:
    """The findings that are accepted, and whether they are yet to be written down."""
    import datagen

    if path is None:
        return None, False
    if not path.exists():
        return datagen.Baseline(), True
    return datagen.Baseline.read(path), False


@contextmanager
def _stream(out: Path | None) -> Iterator[Any]:
    """Where findings are written to: a file is whole or not there."""
    import datagen

    if out is None:
        yield sys.stdout
    else:
        with datagen.replacing(out) as file:
            yield file
