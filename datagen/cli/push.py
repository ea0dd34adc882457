"""`push`: a data set to the Hub. It says what would be sent and asks; where nobody can be asked it sends nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datagen.cli.flags import AsJson
from datagen.cli.screen import Screen, put

if TYPE_CHECKING:
    import datagen


def push(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run's folder, or what `export` made.", show_default=False)
    ],
    repository: Annotated[
        str, typer.Argument(metavar="REPO", help="OWNER/NAME of the data set on the Hub.", show_default=False)
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send it without asking.")] = False,
    public: Annotated[bool, typer.Option("--public", help="For all to see, where the repository is new.")] = False,
    allow_mock: Annotated[bool, typer.Option("--allow-mock", help="Send mock data all the same.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the commit's address and nothing else.")] = False,
) -> int:
    """Send a run's or an export's data set to the Hugging Face Hub, with its card.

    Off a terminal it sends nothing without --yes. The token is that of `hf auth login` or HF_TOKEN.

    \b
    datagen push run OWNER/NAME
    """
    import datagen

    screen = Screen(quiet=quiet or as_json)
    datagen.check_repository(repository)
    sending = datagen.parcel(run)
    for warning in sending.warnings:
        screen.say(warning)
    for item in sending.items:
        screen.say(f"{item.bytes:>14,}  {item.name}")
    whole = f"{len(sending.items)} files, {sending.bytes:,} bytes, to {repository}"
    if dry_run or not (yes or _somebody_is_there()):
        return _kept(sending, repository, as_json, whole, screen)
    datagen.check_mock(sending, allow_mock)
    if not yes and not typer.confirm(f"send {whole}{', for all to see' if public else ''}?", err=True):
        return _kept(sending, repository, as_json, whole, screen)
    sent = datagen.push(sending, repository, private=not public, allow_mock=allow_mock)
    screen.say(f"sent: {whole}")
    put(json.dumps({**_told(sending, repository), "sent": True, "commit": sent.commit}) if as_json else sent.commit)
    return 0


def _somebody_is_there() -> bool:
    """Whether there is anybody to ask."""
    return sys.stdin is not None and sys.stderr is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _kept(sending: datagen.Parcel, repository: str, as_json: bool, whole: str, screen: Screen) -> int:
    screen.say(f"nothing was sent; it would be {whole}; --yes sends it")
    if as_json:
        put(json.dumps({**_told(sending, repository), "sent": False, "commit": None}))
    return 0


def _told(sending: datagen.Parcel, repository: str) -> dict[str, object]:
    return {
        "repository": repository,
        "mock": sending.mock,
        "files": {item.name: item.bytes for item in sending.items},
        "warnings": list(sending.warnings),
    }
