"""The flags of the commands. Those that are settings are written once, here, in groups that a command takes whole; what
the settings are made of is what was given of them.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    import datagen
    from datagen.cli.screen import Screen

Command = TypeVar("Command", bound=Callable[..., Any])

Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="INPUT...",
        help="COCO-style JSON files (plain or .gz) or folders of them; `samples` is a small set that comes along.",
        show_default=False,
        readable=False,  # we say ourselves what is wrong with a file
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="RUN", help="The run's folder.")]
Prompts = Annotated[
    Path | None,
    typer.Option("--prompts", metavar="DIR", help="A directory of prompt folders; LLaVA's own works as it is."),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings in TOML; ./datagen.toml is read without being named."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def _setting(kind: Any, name: str, metavar: str | None, text: str, **more: Any) -> Any:
    """A flag that is a setting: None where it is not given, so that what it stands over can show through."""
    return Annotated[kind | None, typer.Option(f"--{name}", metavar=metavar, help=text, **more)]


def _several(given: Sequence[str] | None) -> tuple[str, ...]:
    """`--x a,b --x c` as three."""
    return tuple(name.strip() for told in given or () for name in told.split(","))


TASKS = {"task": Annotated[
    list[str] | None, typer.Option("--task", "-t", metavar="T", help="A task (repeatable); else the paper's three.")
]}  # fmt: skip
READING = {
    "boxes": _setting(str, "boxes", "auto|xywh|xyxy|normalized",
                      "What a box's four numbers are.  [default: auto, as the format says]"),
    "crowd": _setting(str, "crowd", "keep|drop|group",
                      "Regions of a crowd: as LLaVA did, left out, or named as a group.  [default: keep]"),
    "images": _setting(Path, "images", "DIR", "The pictures' folder: sizes that no file tells are read from them."),
    "cache": _setting(bool, "no-cache", None, "Neither use nor keep what was joined of the annotations.",
                      callback=lambda given: False if given else None),
}  # fmt: skip
SELECTING = {
    "sample": _setting(int, "sample", "N", "N images, drawn by --seed; more images displace few of them."),
    "sample_by": _setting(str, "sample-by", "random|coverage",
                          "How: coverage takes rare categories first, balanced.  [default: random]"),
    "categories": _setting(list[str], "categories", "A,B", "Images with a box of one of these.", callback=_several),
    "min_captions": _setting(int, "min-captions", "N", "Images with N captions or more."),
    "min_boxes": _setting(int, "min-boxes", "N", "Images with N boxes or more."),
    "max_boxes": _setting(int, "max-boxes", "N", "Images with N boxes or fewer."),
    "images_list": _setting(Path, "images-list", "FILE", "These images only: an id or a file name a line."),
    "split": _setting(str, "split", "I/N", "The I-th of N parts of the images, the same on every machine."),
    "limit": _setting(int, "limit", "N", "At most N images, the first ones that are left."),
}  # fmt: skip
REQUEST = {
    "model": _setting(str, "model", "NAME", "The model to ask; `mock` is built in, offline and free."),
    "prompts": Prompts,
    "seed": _setting(int, "seed", "S", "Of everything that is drawn.  [default: 0]"),
    "base_url": _setting(str, "base-url", "URL", "An OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1."),
    "temperature": _setting(float, "temperature", "X", "Sent only when given."),
    "max_tokens": _setting(int, "max-tokens", "N", "Of a reply; sent only when given."),
}  # fmt: skip
PACE = {
    "concurrency": _setting(int, "concurrency", "N", "Requests in flight at most.  [default: 32]"),
    "rpm": _setting(float, "rpm", "N", "Requests a minute at most; else as the server tells."),
    "tpm": _setting(float, "tpm", "N", "Tokens a minute at most; else as the server tells."),
    "price": _setting(str, "price", "IN,OUT", "Dollars for a million tokens; else from a dated table."),
}  # fmt: skip
PLANNING = {"model": REQUEST["model"], **TASKS, **REQUEST, **SELECTING, **READING, **PACE}
"""All that an estimate asks, and generate too."""
STRICTNESS = {
    "reject": _setting(list[str], "reject", "C,D", "Reject what these checks find, by code or name: G001,L009.",
                       callback=_several),
    "min_grounding": _setting(float, "min-grounding", "X", "Reject replies of whose claims less is borne out, 0 to 1."),
    "ground": _setting(bool, "grounding/--no-grounding", None,
                       "Hold what replies claim against boxes and captions; --reject G… and --min-grounding do it in "
                       "any case.  [default: grounding]"),
}  # fmt: skip
"""What generate and rebuild hold replies to."""
ASKING = {
    "strict": _setting(bool, "strict", None, "Refuse annotations in which something is wrong."),
    "attempts": _setting(int, "attempts", "N", "Replies and failures of one at most.  [default: 5]"),
    "repair": _setting(int, "repair", "N", "Have the model mend a rejected reply, up to N times.  [default: 0]"),
    **STRICTNESS,
    "timeout": _setting(float, "timeout", "S", "Seconds one request may take.  [default: 300]"),
    "max_cost": _setting(float, "max-cost", "$", "A hard cap on what the run may cost, all its resumes included."),
    "confirm_above": _setting(float, "confirm-above", "$", "Likely cost above which it asks first.  [default: 5]"),
    "batch_requests": _setting(int, "batch-requests", "N", "Requests of one batch at most.  [default: 50000]"),
    "batch_tokens": _setting(int, "batch-tokens", "N", "Tokens waiting in batches at most; else as the server tells."),
    "batch_price": _setting(str, "batch-price", "IN,OUT", "The price by batch; else half of what it costs alone."),
    "max_time": _setting(float, "max-time", "S", "Stop asking after so many seconds, resumable."),
    "max_wait": _setting(float, "max-wait", "S", "Longest wait for a server before it stops.  [default: 900]"),
    "grace": _setting(float, "grace", "S", "How long to wait for open answers on Ctrl-C.  [default: 30]"),
    "license": _setting(str, "license", "NAME", "Of the data, for its card, e.g. cc-by-4.0; never guessed."),
    "image_token": _setting(str, "image-token", "first|last|random", "Where <image> stands.  [default: first]"),
    "max_rejected": _setting(str, "max-rejected", "SHARE|N", "Rejected or failed above it: exit 1.  [default: 10%]"),
}  # fmt: skip


def takes(flags: Mapping[str, Any]) -> Callable[[Command], Command]:
    """Give a command these flags too, after its own positional ones; it gets them as further keywords."""

    def give(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for name, kind in flags.items()
        ]
        first = [each for each in own if each.kind is not each.KEYWORD_ONLY]
        parameters = [*first, *more, *own[len(first) :]]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return command

    return give


def settings_from(
    flags: Mapping[str, Any], config: Path | None, screen: Screen | None = None, model: str | None = None
) -> datagen.Settings:
    """Flags over DATAGEN_* over datagen.toml over defaults (and over `model`, if nothing names one); says when a
    datagen.toml that was not named is used."""
    import datagen

    if config is None and Path("datagen.toml").is_file():
        config = Path("datagen.toml")
        if screen is not None:
            screen.say("settings from ./datagen.toml")
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in flags.items()}
    return datagen.resolve(given, os.environ, config, model)
