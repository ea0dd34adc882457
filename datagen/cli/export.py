"""The commands that give records other shapes: export, convert.

The lines to paste go to stdout, with `-q` the path alone; what was lost, and that data is the mock's, goes to stderr.
Exit 1 when something was lost, or too little was there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from datagen.cli.flags import AsJson
from datagen.cli.screen import Screen, put

_MOCK = "this is MOCK data: made by rules for tests and demos, not by a language model"
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result's path and nothing else.")]


def export(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN|FILE...", show_default=False, readable=False,
                       help="A run's folder, or files of records; for pretrain annotations."),
    ],
    form: Annotated[
        list[str],
        typer.Option("--format", "-f", metavar="F,G",
                     show_default=False,
                     help="llava, llava-jsonl, llamafactory, swift, messages, trl, axolotl, internvl, qwen, openai, "
                     "imagefolder, parquet, webdataset, pretrain."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder, made whole or not at all.")],
    images: Annotated[
        Path | None, typer.Option("--images", metavar="DIR", help="The pictures' folder.")
    ] = None,
    mix: Annotated[
        str | None, typer.Option("--mix", metavar="K:N,...", help="So many of each kind: conversation:58k,...")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Of what is drawn.")] = 0,
    every_caption: Annotated[
        bool, typer.Option("--every-caption", help="For pretrain: a record a caption; else one an image, drawn.")
    ] = False,
    license: Annotated[
        str | None, typer.Option("--license", metavar="NAME", help="Of the data, for its card; never guessed.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="FILE", help="Leave out what a person rejected in `view`.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:  # fmt: skip
    """Write a run's records, or a file's, as trainers load them, with the lines to paste. Sends nothing.

    \b
    datagen export RUN --format llava,messages -o DIR
    datagen export samples --format pretrain -o DIR
    datagen export llava.json --format llava --mix conversation:58k,detail_description:23k -o DIR
    """
    import datagen

    formats = tuple(name.strip() for told in form for name in told.split(",") if name.strip())
    wish = datagen.ExportWish(formats, images, mix, seed, every_caption, license, labels)
    made = datagen.export(inputs, wish, out)
    screen = Screen(quiet=quiet)
    for name, lost in made.losses.items():
        _tell_losses(screen, name, lost)
    for kind, short in made.short.items():
        screen.say(f"{kind}: {short.wished:,} wished for, {short.found:,} there: {short.wished - short.found:,} short")
    if made.unwanted:
        screen.say(f"{made.unwanted:,} left out: a person rejected them")
    if made.unmet:
        screen.say(f"{made.unmet:,} more that a person rejected are none of these records")
    if made.mock:
        screen.say(_MOCK)
    if as_json:
        missing = {kind: each._asdict() for kind, each in made.short.items()}
        put(json.dumps({**made._asdict(), "folder": str(made.folder), "short": missing}))
    elif quiet:
        put(str(made.folder))
    else:
        put("\n".join(made.lines.values()).rstrip("\n"))
        written = ", ".join(f"{name} {count:,}" for name, count in made.written.items())
        screen.say(f"{made.folder}: {made.records:,} records → {written}")
    return 1 if any(made.losses.values()) or made.short else 0


def convert(
    source: Annotated[Path, typer.Argument(metavar="A", help="A file of records, or a run.", show_default=False,
                                           readable=False)],
    out: Annotated[Path, typer.Argument(metavar="B", help="The file to write; .gz is gzipped.", show_default=False)],
    to: Annotated[
        str | None, typer.Option("--to", metavar="F", help="The shape, where B's name does not tell it.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:  # fmt: skip
    """Write a file of records in another trainer's shape. What that cannot say is named and counted; exit 1 then.

    \b
    datagen convert llava.json messages.jsonl
    datagen convert swift.jsonl mine.json --to llava
    """
    import datagen

    made = datagen.convert(source, out, to)
    screen = Screen(quiet=quiet)
    _tell_losses(screen, made.form, made.losses)
    if made.mock:
        screen.say(_MOCK)
    if as_json:
        put(json.dumps({**made._asdict(), "out": str(made.out)}))
    elif quiet:
        put(str(made.out))
    else:
        put(f"{made.out}: {made.written:,} of {made.records:,} records as {made.form}")
    return 1 if made.losses else 0


def _tell_losses(screen: Screen, form: str, losses: Mapping[str, int]) -> None:
    import datagen

    for name, count in losses.items():
        becomes, why = datagen.loss_of(name)
        screen.say(f"{form}: {name}: {count:,} {becomes}: {why}")
