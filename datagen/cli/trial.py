"""`trial`: does this data train? A toy LLaVA is taught on it, and what it learnt is told.

The report goes to stdout; how far it is goes to stderr, on a terminal only. Exit 1 where the loss did not fall by half,
or where records give no gradient or have no picture.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.flags import AsJson
from datagen.cli.gauge import Gauge
from datagen.cli.screen import put


def trial(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE|RUN",
            help="Training data in LLaVA's form, or a run's folder; `samples` is a small set that comes along.",
            show_default=False,
        ),
    ],
    images: Annotated[
        Path | None, typer.Option("--images", metavar="DIR", help="The pictures' folder.", show_default=False)
    ] = None,
    records: Annotated[
        int, typer.Option("--records", metavar="N", min=2, max=1000, help="How many of them the toy is taught.")
    ] = 48,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Of everything that is drawn.")] = 0,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress line.")] = False,
) -> int:
    """Train a toy LLaVA on FILE, in the paper's two stages, and say what it learnt: does this data train?

    Takes a minute or two of one core, and downloads nothing. All records are read and measured; some are taught.

    \b
    datagen trial samples
    datagen trial run --images train2017
    """
    import json

    import datagen

    with Gauge(quiet=quiet) as gauge:

        def watch(stage: str, done: int, steps: int, loss: float) -> None:
            gauge.say(f"{stage}: step {done} of {steps}, loss {loss:.2f}")

        found = datagen.run_trial(file, images, records=records, seed=seed, watch=watch)
    if as_json:
        put(json.dumps(datagen.trial_json(found), indent=2))
    else:
        put("\n".join(datagen.trial_lines(found, bars=_shows_bars())))
    return 0 if found.sound else 1


def _shows_bars() -> bool:
    """Whether what stdout writes can hold them."""
    try:
        "▁█".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError, AttributeError):
        return False
    return True
