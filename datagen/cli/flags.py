"""The flags that several commands share, and the settings made of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import datagen
    from datagen.cli.screen import Screen

Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT...",
        help="COCO-style JSON files (plain or .gz) or folders of them; `samples` is a small set that comes along.",
        show_default=False,
        readable=False,  # we say ourselves what is wrong with a file
    ),
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="The model to ask; `mock` is built in, offline and free.")
]
Tasks = Annotated[
    list[str] | None, typer.Option("--task", "-t", metavar="T", help="A task (repeatable); all of them by default.")
]
Prompts = Annotated[
    Path | None,
    typer.Option("--prompts", metavar="DIR", help="A directory of prompt folders; LLaVA's own works as it is."),
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="An OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1."),
]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="Of everything that is drawn.  [default: 0]")]
Temperature = Annotated[float | None, typer.Option("--temperature", metavar="X", help="Sent only when given.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", metavar="N", help="Of a reply; sent only when given.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="RUN", help="The run's folder.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", help="At most N images, the first ones.")]
Concurrency = Annotated[
    int | None, typer.Option("--concurrency", metavar="N", help="Requests in flight at most.  [default: 32]")
]
Rpm = Annotated[
    float | None, typer.Option("--rpm", metavar="N", help="Requests a minute at most; else as the server tells.")
]
Tpm = Annotated[
    float | None, typer.Option("--tpm", metavar="N", help="Tokens a minute at most; else as the server tells.")
]
PriceFlag = Annotated[
    str | None,
    typer.Option("--price", metavar="IN,OUT", help="Dollars for a million tokens; else from a dated table."),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings in TOML; ./datagen.toml is read without being named."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def settings_from(
    flags: dict[str, Any], config: Path | None, screen: Screen | None = None, model: str | None = None
) -> datagen.Settings:
    """Flags over DATAGEN_* over datagen.toml over defaults (and over `model`, if nothing names one); says when a
    datagen.toml that was not named is used."""
    import datagen

    if config is None and Path("datagen.toml").is_file():
        config = Path("datagen.toml")
        if screen is not None:
            screen.say("settings from ./datagen.toml")
    return datagen.resolve(flags, os.environ, config, model)
