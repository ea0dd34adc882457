"""The commands that look at single samples: view in a browser, show on the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen.cli.flags import AsJson
from datagen.cli.screen import complain, put


def view(
    target: Annotated[
        Path, typer.Argument(metavar="RUN|FILE", help="A run's folder, or a file of training data.", show_default=False)
    ],
    against: Annotated[
        Path | None, typer.Option("--against", metavar="RUN2", help="Another run, shown beside: by picture and task.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option("--images", metavar="DIR", help="The pictures' folder; else the run's own.")
    ] = None,
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 0,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="DIR", help="Write pages that need no server there, and serve nothing."),
    ] = None,
    share: Annotated[
        int, typer.Option("--share", metavar="N", min=1, max=5000, help="How many samples --export takes.")
    ] = 200,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> int:
    """Look at a run or a training file in a browser: pictures, boxes, dialogue, findings. On this machine only.

    Prints its address when it is ready, with the token that lets you keep verdicts (RUN/labels.jsonl).

    \b
    datagen view datagen-run --images train2017
    datagen view RUN --against RUN2
    datagen view RUN --export pages --share 100
    """
    import datagen

    if export is not None:
        page = datagen.export_view(target, export, against=against, images=images, share=share)
        put(str(page))
        return 0

    def ready(address: str) -> None:
        put(address)
        if open_:
            typer.launch(address)

    try:
        datagen.view(target, against=against, images=images, port=port, ready=ready)
    except OSError as error:
        complain(f"port {port} cannot be used: {error.strerror}", "give another --port; 0 takes a free one")
        return 2
    return 0


def show(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.", show_default=False)],
    sample: Annotated[str, typer.Argument(metavar="ID", help="A sample's id, or how it begins.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Print one sample of a run whole: context, dialogue, findings, raw reply, cost and attempts."""
    import datagen

    told = datagen.sample(run, sample)
    if as_json:
        put(json.dumps(told, indent=2))
        return
    for line in _lines(told):
        put(line)


def _lines(told: dict[str, Any]) -> list[str]:
    """A sample for a terminal: every text is made harmless, and keeps its line breaks."""
    from datagen.text import shown

    image = told["image"]
    size = f", {image['width']}x{image['height']}" if image["width"] and image["height"] else ""
    state = f"{told['state']}: {told['reason']}" if told["reason"] else told["state"]
    lines = [
        f"{shown(told['key'])}",
        f"{shown(told['task'])} · {shown(state)} · {shown(image['name'])}{size}, {len(image['boxes'])} boxes",
    ]
    for sight in told["context"]:
        lines += _part(sight["sight"], "\n".join(_text(line["text"]) for line in sight["lines"]))
    for message in told["messages"]:
        lines += _part(message["role"], _text(message["text"]))
    if told["message"]:
        lines += _part("failed", told["message"])
    for finding in told["findings"]:
        words = (
            f": {shown(finding['words'])}" if finding["words"] and finding["words"] not in finding["message"] else ""
        )
        head = f"{finding['level']} {finding['code']} {finding['check']}, {finding['where']}"
        lines += ["", shown(head), f"  {shown(finding['message'], 1000)}{words}"]
    if told["reply"]:
        lines += _part("raw reply", _text(told["reply"]))
    return [*lines, "", *_took(told)]


def _part(title: str, text: str) -> list[str]:
    from datagen.text import paragraphs, shown

    return ["", f"── {shown(title, 40)} " + "─" * 40, paragraphs(text)]


def _text(pieces: list[Any]) -> str:
    return "".join(piece if isinstance(piece, str) else piece["t"] for piece in pieces)


def _took(told: dict[str, Any]) -> list[str]:
    from datagen.text import shown

    of = told["told"]
    tokens = f"{of['prompt_tokens']} tokens in, {of['completion_tokens']} out" if of.get("prompt_tokens") else ""
    cost = f"${of['cost']:.6f}" if of.get("cost") is not None else "cost unknown"
    number = len(told["attempts"])
    attempts = f"{number} attempt{'s' if number != 1 else ''}"
    parts = [shown(of.get("model") or "no answer"), tokens, cost, attempts, "repaired" if of.get("repaired") else ""]
    label = told.get("label")
    said = (
        [f"a person said: {label['verdict'] or 'a note'}{': ' * bool(label['note'])}{shown(label['note'])}"]
        if label
        else []
    )
    return [" · ".join(filter(None, parts)), *said]
