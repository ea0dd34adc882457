"""The command that writes a page to look at: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.screen import put


def report(
    source: Annotated[
        Path, typer.Argument(metavar="RUN|FILE", help="A run's folder, or a file of training data.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The page.")] = Path("report.html"),
    images: Annotated[
        Path | None,
        typer.Option(
            "--images", metavar="DIR", help="The pictures' folder; small ones go into the page.", show_default=False
        ),
    ] = None,
) -> None:
    """Write one page to look at: what was kept, why not, what it cost, what the data is like. It needs no network.

    \b
    datagen report datagen-run --images coco/train2017 -o report.html
    """
    import datagen

    put(str(datagen.report(source, out, images)))
