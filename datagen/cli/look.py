"""The commands that show something and change nothing: preview, status, tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datagen.cli.flags import READING, REQUEST, AsJson, ConfigFile, Inputs, Prompts, settings_from, takes
from datagen.cli.screen import put, summary, summary_json

if TYPE_CHECKING:
    import datagen


_IN_ORDER = ("answered", "spoiled", "failed", "refused", "unknown", "sent", "repairs")
_OUTCOMES = {"spoiled": "bad replies", "sent": "on their way", "unknown": "nobody heard the end of"}


def _out(text: str) -> None:
    """Lines for a person on stdout, with control bytes that data chose taken out."""
    from datagen.text import paragraphs

    typer.echo(paragraphs(text))


@takes({**REQUEST, **READING})
def preview(
    inputs: Inputs,
    *,
    task: Annotated[str, typer.Option("--task", "-t", metavar="T", help="The task.")] = "conversation",
    image: Annotated[
        str | None,
        typer.Option("--image", metavar="ID", help="An image's id or file name; else the first that will do."),
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Show exactly what would be sent for one image and task, and how many tokens that is. Nothing is sent."""
    import datagen

    settings = settings_from(flags, config, model="mock")
    shown = datagen.preview(inputs, settings, task, image)
    if as_json:
        put(json.dumps(_preview_json(shown), indent=2))
        return
    for message in shown.messages:
        _out(f"── {message['role']} " + "─" * 40)
        _out(message["content"])
    if shown.question:
        _out(f"── the human's line in the record: {shown.question}")
    counted = "" if shown.tokens.exact else f", an estimate by {shown.tokens.encoding}"
    typer.echo(
        f"{shown.id}: {len(shown.messages)} messages, {shown.tokens.number} tokens{counted}; nothing was sent", err=True
    )


def _preview_json(shown: datagen.Preview) -> dict[str, object]:
    return {
        "id": shown.id,
        "task": shown.task,
        "image": shown.image.file_name,
        "question": shown.question,
        "messages": shown.messages,
        "tokens": shown.tokens.number,
        "encoding": shown.tokens.encoding,
        "exact": shown.tokens.exact,
        "body": shown.body,
    }


def status(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Show how a run stands; also while it is at work."""
    import datagen

    outcome = datagen.status(run)
    if as_json:
        put(json.dumps(summary_json(outcome), indent=2))
        return
    tally = outcome.tally
    _out(f"{outcome.folder}: {outcome.settings['model']}, answered by {', '.join(outcome.models) or 'nobody yet'}")
    for line in summary(outcome):
        _out(line)
    if outcome.states.unread:
        _out(f"{outcome.states.unread} answers are not looked at yet: datagen rebuild {outcome.folder}")
    outcomes = ", ".join(f"{tally[name]} {_OUTCOMES.get(name, name)}" for name in _IN_ORDER if tally.get(name))
    tokens = f"{tally['prompt_tokens']} tokens in, {tally['completion_tokens']} out"
    _out(f"{tally['attempts']} attempts ({outcomes or 'none'}), {tokens}")


def tasks(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="Show these whole.", show_default=False)
    ] = None,
    prompts: Prompts = None,
    copy: Annotated[
        Path | None, typer.Option("--copy", metavar="DIR", help="Copy the task folders to DIR, to edit.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the tasks, show some of them whole, or copy them to make your own."""
    import datagen

    if copy is not None:
        for folder in datagen.copy_tasks(copy, prompts, names or ()):
            put(str(folder))
        return
    found = datagen.tasks(prompts, names or ())
    if as_json:
        put(json.dumps([task.model_dump(mode="json") for task in found], indent=2))
        return
    for task in found:
        _whole(task) if names else _line(task)


def _line(task: datagen.Task) -> None:
    sees = " and ".join(filter(None, (", ".join(task.sees[:-1]), task.sees[-1])))
    asked = "" if task.default else "; only where it is named"
    _out(f"{task.name}: {task.description or 'no description'} (sees {sees}; {len(task.shots)} examples{asked})")


def _whole(task: datagen.Task) -> None:
    _line(task)
    _out(f"── system {'─' * 40}\n{task.system}")
    for number, shot in enumerate(task.shots):
        _out(f"── example {number}: what it sees {'─' * 20}\n{shot.context}")
        _out(f"── example {number}: what it replies {'─' * 17}\n{shot.reply}")
    if task.questions:
        _out(f"── questions {'─' * 37}\n" + "\n".join(task.questions))
