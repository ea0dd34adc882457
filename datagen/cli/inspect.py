"""`inspect`: what annotation files hold and what is wrong with them, before anything is paid for.

`--json` prints one object. Its keys: `files` (`label`, `dialect`, `images`, `annotations`, `captions`, `boxes`,
`categories` of each), `joined` (`images`, `both`, `captions_only`, `boxes_only`, `neither`, `listed`, `shared`),
`captions` and `boxes` (`total`, `per_image`, `without`), `sampled` (`images`, `of`, `characters`, `areas` with
`small`, `medium`, `large`), `pictures` (`width`, `height`, `landscape`, `portrait`, `square`, `unknown`), `categories`
(`listed`, `used`, `counts`: `name`, `boxes`, `images` of each), `crowded` (`more_than`, `images`, `most`), `oddities`
(`name`, `drops`, `count`, `rule`, `first`), `tasks` (`task`, `needs`, `images`), `drops` (whether anything is left out)
and `next` (command lines). `per_image`, `characters`, `width` and `height` hold `min`, `median` and `max`, or are null.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from datagen.cli.columns import beside, command, fold, pad, share, table, tail
from datagen.cli.flags import READING, AsJson, ConfigFile, Inputs, settings_from, takes
from datagen.cli.screen import Screen, put

if TYPE_CHECKING:
    import datagen

_ENDS = 5
"""How many of the most and of the least frequent categories are named."""


@takes(READING)
def inspect(inputs: Inputs, *, config: ConfigFile = None, as_json: AsJson = False, **flags: Any) -> int:
    """Say what annotation files hold, how they join, and what is wrong with them. Exit 1 if something is left out, or
    nothing is in there.

    \b
    datagen inspect captions.json instances.json
    """
    import datagen

    screen = Screen(quiet=as_json)
    reading = datagen.reading(settings_from(flags, config, screen, model="mock"))
    found = datagen.inspect(inputs, reading, screen)
    steps = list(_next(found, inputs, reading))
    if as_json:
        put(json.dumps(_as_json(found, [words for _, words in steps]), indent=2))
    else:
        parts = (_files(found), _joined(found), _amounts(found), _categories(found), _odd(found), _tasks(found))
        for line in _spaced([*parts, _steps(steps)]):
            typer.echo(line)
    return 1 if found.left_out or not found.joined.images else 0


def _spaced(parts: Sequence[list[str]]) -> list[str]:
    """The parts that say something, with an empty line between two."""
    lines = [line for part in parts if part for line in ("", *part)]
    return lines[1:]


def _files(found: datagen.Inspection) -> list[str]:
    if not found.files:
        return []
    rows: list[tuple[str, ...]] = [("", "images", "annotations", "captions", "boxes", "categories")]
    rows += [
        ("", *(f"{n:,}" for n in (f.images, f.annotations, f.captions, f.boxes, f.categories))) for f in found.files
    ]
    lines = table(rows)
    room = 80 - max(map(len, lines))
    wide = max(len(f"{f.label} ({f.dialect})") for f in found.files)
    if wide <= room:
        names = ["files", *(f"{file.label} ({file.dialect})" for file in found.files)]
        return [pad(name, wide) + line for name, line in zip(names, lines, strict=True)]
    folded = [pad("files", room) + lines[0]]
    for file, line in zip(found.files, lines[1:], strict=True):
        dialect = f" ({tail(file.dialect, 30)})"
        folded += [tail(file.label, 80 - len(dialect)) + dialect, " " * room + line]
    return folded


def _joined(found: datagen.Inspection) -> list[str]:
    joined = found.joined
    kinds = [
        ("  with captions and boxes", joined.both),
        ("  with captions only", joined.captions_only),
        ("  with boxes only", joined.boxes_only),
        ("  with neither", joined.neither),
    ]
    rows = [("images", f"{joined.images:,}", "")]
    rows += [(name, f"{number:,}", share(number, joined.images)) for name, number in kinds if number]
    lines = table(rows)
    lines[0] += _overlap(found)
    if not joined.images:
        lines += fold("there is no image in there that could be used", 2)
    if found.captions.total and found.boxes.total and not joined.both and len(found.files) != 1:
        lines += fold("captions and boxes are never of the same image: are these files of one set?", 2)
    return lines


def _overlap(found: datagen.Inspection) -> str:
    """How the files meet, as far as that can be told."""
    joined, files = found.joined, len(found.files)
    if joined.shared is not None:
        return f"  {joined.shared:,} of them in both files" if joined.shared else "  none of them in both files"
    return f"  listed {joined.listed:,} times in {files} files" if files > 1 else ""


def _amounts(found: datagen.Inspection) -> list[str]:
    if not found.joined.images:
        return []
    captions, boxes, sampled, pictures = found.captions, found.boxes, found.sampled, found.pictures
    rows: list[tuple[str, ...]] = [("", "total", "min", "median", "max", "images without")]
    for name, total, extent, without in (
        ("captions of an image", f"{captions.total:,}", captions.per_image, captions.without),
        ("characters of a caption", "", sampled.characters, None),
        ("boxes of an image", f"{boxes.total:,}", boxes.per_image, boxes.without),
        ("width of a picture", "", pictures.width, pictures.unknown),
        ("height of a picture", "", pictures.height, pictures.unknown),
    ):
        if extent is not None:
            rows.append((name, total, *(f"{n:,}" for n in extent), "" if without is None else f"{without:,}"))
    return table(rows, gap=3) + _remarks(found)


def _remarks(found: datagen.Inspection) -> list[str]:
    sampled, pictures, crowded = found.sampled, found.pictures, found.crowded
    lines: list[str] = []
    known = pictures.landscape + pictures.portrait + pictures.square
    if known:
        shapes = (("landscape", pictures.landscape), ("portrait", pictures.portrait), ("square", pictures.square))
        lines += fold(", ".join(f"{name} {share(n, known)}" for name, n in shapes), 13, "pictures")
    if sampled.areas is not None:
        said = f"{', '.join(map(_percent, sampled.areas))} of the picture (10th, 50th, 90th percentile)"
        lines += fold(said, 13, "boxes cover")
    if crowded.images:
        said = f"{crowded.images:,} of the images have more than {crowded.more_than} boxes"
        lines += fold(f"{said}, most of all image {_short(crowded.most)}", 13, "crowded")
    if sampled.images < sampled.of:
        what = "characters and what boxes cover are those of"
        lines += fold(f"{what} {sampled.images:,} evenly spaced images of {sampled.of:,}", 13, "sampled")
    return lines


def _percent(part: float) -> str:
    return f"{100 * part:.0f}%" if part >= 0.1 else f"{100 * part:.2g}%"


def _short(text: str) -> str:
    from datagen.text import shown

    return shown(text, 40)


def _categories(found: datagen.Inspection) -> list[str]:
    used = found.categories
    if not used:
        return []
    ends = min(_ENDS, (len(used) + 1) // 2)
    most, least = used[:ends], used[ends:][-ends:][::-1]
    lines = [f"categories: {len(used):,} used of {found.listed_categories:,} listed"]
    left, right = (
        [(name, "boxes", "images"), *((c.name, f"{c.boxes:,}", f"{c.images:,}") for c in some)]
        for name, some in (("most frequent", most), ("least frequent", least))
    )
    return lines + (beside(_half(left), _half(right), 41) if least else _half(left))


def _half(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Half a line each: the names get what the numbers leave."""
    numbers = table([("", boxes, images) for _, boxes, images in rows])
    room = 37 - max(map(len, numbers))
    return [f"  {pad(row[0], room)}{line}" for row, line in zip(rows, numbers, strict=True)]


def _odd(found: datagen.Inspection) -> list[str]:
    lines: list[str] = []
    for title, oddities in (("left out", found.left_out), ("kept, but odd", found.kept)):
        lines.append(f"{title}:{'' if oddities else ' nothing'}")
        for oddity in oddities:
            lines += fold(f"{oddity.name} - {oddity.rule}", 9, f"{oddity.number:>7,}  ")
            lines += fold(f"first: {oddity.example}", 9)
    return lines


def _tasks(found: datagen.Inspection) -> list[str]:
    groups: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for task in found.tasks:
        groups.setdefault((task.images, task.needs), []).append(task.task)
    lines: list[str] = []
    for (images, needs), names in groups.items():
        what = f"{images:,} of {found.joined.images:,} images can be asked about"
        lines += fold(f"{what}: {', '.join(names)} (needs {' and '.join(needs) or 'nothing'})", 7, "tasks")
    return lines


def _steps(steps: Sequence[tuple[str, list[str]]]) -> list[str]:
    heads = ["next, ", *["then, "] * len(steps)]
    told = zip(heads, steps, strict=False)
    return [line for head, (aim, words) in told for line in (*fold(f"{head}{aim}:"), *command(words))]


def _next(
    found: datagen.Inspection, inputs: Sequence[Path], reading: datagen.Reading
) -> Iterator[tuple[str, list[str]]]:
    """What to do now, and the command line that does it."""
    given, flags = list(map(str, inputs)), _reading_flags(reading)
    if reading.images is None and any(oddity.name == "no-image-size" for oddity in found.oddities):
        aim = "to read the missing sizes from the pictures"
        yield aim, ["datagen", "inspect", *given, *flags, "--images", "DIR"]
    if any(task.images for task in found.tasks):
        generate = ["datagen", "generate", *given, *flags]
        yield "to try it for nothing", [*generate, "--model", "mock", "--limit", "20", "-o", "trial"]
        yield "to know what it costs", [*generate, "--model", "MODEL", "--dry-run"]
    elif found.joined.images and not found.captions.total:
        aim = "as no task can be asked without captions, to give the file that holds them too"
        yield aim, ["datagen", "inspect", *given, "CAPTIONS.json", *flags]


def _reading_flags(reading: datagen.Reading) -> list[str]:
    """The flags that say it again."""
    flags = [] if reading.boxes == "auto" else ["--boxes", reading.boxes]
    flags += [] if reading.crowd == "keep" else ["--crowd", reading.crowd]
    flags += [] if reading.images is None else ["--images", str(reading.images)]
    return flags if reading.cache else [*flags, "--no-cache"]


def _as_json(found: datagen.Inspection, steps: Sequence[Sequence[str]]) -> dict[str, object]:
    sampled = found.sampled
    return {
        "files": [file._asdict() for file in found.files],
        "joined": found.joined._asdict(),
        "captions": {**found.captions._asdict(), "per_image": _dict(found.captions.per_image)},
        "boxes": {**found.boxes._asdict(), "per_image": _dict(found.boxes.per_image)},
        "sampled": {**sampled._asdict(), "characters": _dict(sampled.characters), "areas": _dict(sampled.areas)},
        "pictures": {
            **found.pictures._asdict(),
            "width": _dict(found.pictures.width),
            "height": _dict(found.pictures.height),
        },
        "categories": {
            "listed": found.listed_categories,
            "used": len(found.categories),
            "counts": [category._asdict() for category in found.categories],
        },
        "crowded": found.crowded._asdict(),
        "oddities": [
            {"name": o.name, "drops": o.drops, "count": o.number, "rule": o.rule, "first": o.example}
            for o in found.oddities
        ],
        "tasks": [task._asdict() for task in found.tasks],
        "drops": bool(found.left_out),
        "next": [shlex.join(words) for words in steps],
    }


def _dict(numbers: object) -> dict[str, object] | None:
    """A NamedTuple that may not be there."""
    told = getattr(numbers, "_asdict", None)
    return told() if told else None
