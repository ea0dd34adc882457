"""The commands that make something: generate, rebuild."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli import batch as batches
from datagen.cli import money
from datagen.cli.flags import ASKING, PLANNING, STRICTNESS, AsJson, ConfigFile, Inputs, Out, settings_from, takes
from datagen.cli.screen import Screen, complain, let_go_of_stdout, put, summary, summary_json

if TYPE_CHECKING:
    import datagen


@takes({**PLANNING, **ASKING})
def generate(
    inputs: Inputs,
    out: Out = Path("datagen-run"),
    *,
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            "--api-key-file", metavar="F", help="A file with the key; else OPENAI_API_KEY or DATAGEN_API_KEY."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing before it costs money.")] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="Ask by batch: half the price, within a day. Run it again to collect.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="With --batch: until all is done.")] = False,
    export_batch: Annotated[
        Path | None,
        typer.Option("--export-batch", metavar="FILE", help="Write the batch for others to run, as `vllm run-batch`."),
    ] = None,
    import_batch: Annotated[
        list[Path] | None,
        typer.Option("--import-batch", metavar="FILE", help="Results of what was exported; all its files at once."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would ask and cost, and do nothing.")] = False,
    replan: Annotated[
        bool, typer.Option("--replan", help="Let the run's plan change even where that leaves answers out of it.")
    ] = False,
    config: ConfigFile = None,
    display: Annotated[
        str, typer.Option("--display", metavar="auto|live|plain|none", help="Progress on stderr.")
    ] = "auto",
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the result's path and nothing else.")] = False,
    **flags: Any,
) -> int:
    """Make instruction data from annotations. The same command again goes on where it stopped.

    \b
    datagen generate samples --model mock
    datagen generate captions.json instances.json --model NAME --limit 20 -o RUN
    datagen generate coco/annotations --model my-llm --base-url http://127.0.0.1:8000/v1 -t conversation
    """
    import datagen

    if display not in ("auto", "live", "plain", "none"):
        raise typer.BadParameter("must be auto, live, plain or none", param_hint="--display")
    if wait and not batch:
        raise typer.BadParameter("waits for batches: give --batch too", param_hint="--wait")
    screen = Screen(quiet=quiet or as_json, display=display)
    settings = settings_from(flags, config, screen)
    if dry_run:
        money.tell(inputs, settings, out, screen, as_json=as_json)
        return 0
    named = {str(address).rstrip("/") for address in (flags["base_url"], datagen.base_url_in(os.environ)) if address}
    elsewhere = export_batch is not None or bool(import_batch)
    key = datagen.Key(None) if elsewhere else _key(settings, api_key_file, settings.base_url in named, screen)
    road = datagen.Batching(wait=wait, exported=export_batch, brought=tuple(import_batch or ()))
    screen.whom = f"{settings.model} at {settings.base_url or _home(settings)} → {out}"
    try:
        outcome = datagen.generate(inputs, settings, out, key=key, replan=replan, observer=screen,
                                   confirm=None if yes or elsewhere else money.question(settings),
                                   batch=road if batch or elsewhere else None)  # fmt: skip
    except datagen.DatagenError as error:
        screen.close()
        if isinstance(error, datagen.Stopped | datagen.ProviderError):
            _report_what_is_there(out, screen, as_json=as_json)
        raise
    finally:
        screen.close()
    code = _finish(outcome, settings.max_rejected, screen, as_json=as_json)
    return code or (3 if outcome.open_batches else 0)


def _home(settings: datagen.Settings) -> str:
    return "no address, built in" if settings.model == "mock" else "api.openai.com"


def _key(settings: datagen.Settings, key_file: Path | None, on_purpose: bool, screen: Screen) -> datagen.Key:
    import datagen

    if settings.model == "mock" and settings.base_url is None:
        return datagen.Key(None)
    key = datagen.find_key(settings.base_url, key_file, os.environ, on_purpose=on_purpose)
    if key.notice:
        screen.say(key.notice)
    return key


def _report_what_is_there(out: Path, screen: Screen, *, as_json: bool) -> None:
    import datagen

    outcome = datagen.status(out)
    for line in summary(outcome):
        screen.say(line)
    if as_json:
        put(json.dumps(summary_json(outcome), indent=2))


def _finish(outcome: datagen.Outcome, max_rejected: str, screen: Screen, *, as_json: bool) -> int:
    import datagen

    for line in batches.table(outcome):
        screen.lay(line)
    *lines, last = summary(outcome)
    for line in (*lines, f"{last} · {_next(outcome)}"):
        screen.say(line)
    states = outcome.states
    told = json.dumps(summary_json(outcome), indent=2) if as_json else str(outcome.folder / "llava.json")
    try:
        put(told)
    except OSError:
        if outcome.interrupted is None:
            raise
        let_go_of_stdout()  # whoever stopped it has gone: that it was stopped is what its exit code says
    if outcome.interrupted is not None:
        return 128 + outcome.interrupted
    if outcome.ended.out_of_time:
        return 3
    lost = sum(states.rejected.values()) + sum(states.failed.values())
    if lost > datagen.allowed(max_rejected, states.planned):
        complain(f"{lost} of {states.planned} were rejected or failed, more than --max-rejected {max_rejected} allows",
                 f"see {outcome.folder / 'rejects.jsonl'}")  # fmt: skip
        return 1
    return 0


def _next(outcome: datagen.Outcome) -> str:
    states = outcome.states
    rejects = outcome.folder / "rejects.jsonl"
    if any(batch.shard.state == "exported" for batch in outcome.batches):
        return "next: have it run, and bring what comes of it back with --import-batch FILE in place of --export-batch"
    if outcome.open_batches and "--batch" not in sys.argv:
        return f"the batches: datagen batch collect {shlex.quote(str(outcome.folder))}"
    if states.pending:
        again = sys.argv[1:] if sys.argv[1:2] == ["generate"] else ["generate", "…", "-o", str(outcome.folder)]
        return f"to go on: {shlex.join(['datagen', *again])}"
    if states.failed:
        return f"next: look at {rejects}; the same command asks again what may still work"
    if states.rejected:
        return f"next: look at {rejects}"
    return "next: train on it, with the pictures' folder as the image folder"


@takes(STRICTNESS)
def rebuild(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.", show_default=False)],
    license: Annotated[
        str | None, typer.Option("--license", metavar="NAME", help="Of the data, for its card.", show_default=False)
    ] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the result's path and nothing else.")] = False,
    **flags: Any,
) -> int:
    """Parse, check and export a run's answers again. Sends nothing, costs nothing."""
    import datagen

    screen = Screen(quiet=quiet or as_json)
    flags["reject"] = flags["reject"] or None
    outcome = datagen.rebuild(run, license, **flags)
    return _finish(outcome, outcome.settings["max_rejected"], screen, as_json=as_json)
