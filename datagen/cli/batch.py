"""The commands about a run's batches, and how batches are shown: `batch list`, `batch collect`, `batch cancel`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.flags import AsJson
from datagen.cli.screen import Screen, put, summary

if TYPE_CHECKING:
    import datagen

app = typer.Typer(
    help="List, collect or cancel a run's batches (`generate --batch` makes them).",
    no_args_is_help=True,
    rich_markup_mode=None,
)
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.", show_default=False)]
Address = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="Of the server; else the one the run names.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--api-key-file", metavar="F", help="A file with the key; else OPENAI_API_KEY or DATAGEN_API_KEY."),
]


@app.command("list")
def list_batches(run: RunFolder, as_json: AsJson = False) -> None:
    """Show a run's batches as the ledger has them; asks nobody."""
    import datagen

    outcome = datagen.status(run)
    if as_json:
        put(json.dumps(batches_json(outcome), indent=2))
        return
    for line in table(outcome) or ["there are no batches"]:
        put(line)


@app.command()
def collect(run: RunFolder, base_url: Address = None, api_key_file: KeyFile = None, as_json: AsJson = False) -> int:
    """Take in what came of a run's batches. Submits nothing."""
    import datagen

    return _with_batches(datagen.collect_batches, run, base_url, api_key_file, as_json=as_json)


@app.command()
def cancel(run: RunFolder, base_url: Address = None, api_key_file: KeyFile = None, as_json: AsJson = False) -> int:
    """End a run's open batches. What they answered until then is billed, and `collect` takes it in."""
    import datagen

    return _with_batches(datagen.cancel_batches, run, base_url, api_key_file, as_json=as_json)


def _with_batches(
    work: Callable[..., datagen.Outcome], run: Path, base_url: str | None, key_file: Path | None, *, as_json: bool
) -> int:
    import datagen

    asked = datagen.status(run).settings
    settings = datagen.Settings.model_validate({**asked, **({"base_url": base_url} if base_url else {})})
    on_purpose = base_url is not None or settings.base_url == datagen.base_url_in(os.environ)
    key = datagen.find_key(settings.base_url, key_file, os.environ, on_purpose=on_purpose)
    screen = Screen(quiet=as_json)
    if key.notice:
        screen.say(key.notice)
    outcome = work(run, settings, key=key, observer=screen)
    if as_json:
        put(json.dumps(batches_json(outcome), indent=2))
    for line in (*table(outcome), summary(outcome)[-1]):
        screen.say(line) if line.startswith("planned") else screen.lay(line)
    return 3 if outcome.open_batches else 0


def table(outcome: datagen.Outcome) -> list[str]:
    """A line a batch, under a heading; nothing where there are none."""
    if not outcome.batches:
        return []
    lines = [f"{'batch':>5}  {'status':<12} {'requests':>9} {'answered':>9}  rest"]
    return lines + [_row(each) for each in outcome.batches]


def _row(each: datagen.BatchState) -> str:
    from datagen.text import shown

    shard = each.shard
    rest = ", ".join(
        f"{shown(why, 40)} {count:,}" for why, count in each.outcomes.items() if why not in ("", "answered")
    )
    status = shard.status or ("exported" if shard.state == "exported" else "to be sent")
    done = f"{shard.done:,} done" if shard.state == "created" and shard.done is not None else ""
    told = f"{shard.n:>5}  {shown(status, 12):<12} {shard.requests:>9,} {each.outcomes.get('answered', 0):>9,}  "
    return f"{told}{rest or done}".rstrip()


def batches_json(outcome: datagen.Outcome) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "batch": each.shard.n,
            "id": each.shard.batch,
            "state": each.shard.state,
            "status": each.shard.status,
            "requests": each.shard.requests,
            "done": each.shard.done,
            "bytes": each.shard.bytes,
            "sha256": each.shard.sha256,
            "outcomes": {why or "open": count for why, count in each.outcomes.items()},
            "lines": each.shard.tally.get("tally"),
        }
        for each in outcome.batches
    ]
