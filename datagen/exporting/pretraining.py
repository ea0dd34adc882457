"""Stage 1 from annotations alone: a picture, a request for a brief description, and one of its captions as the answer.

No model is asked. The request and the caption are drawn by a seed and the image's id, so they depend on nothing else
that is there. A caption that a trainer would stumble over (an image token in it, a chat template's mark, nothing but
blanks) is left out by the name of the check that saw it. The requests are datagen's own; LLaVA's `plain` template
throws them away (haotian-liu/LLaVA:llava/train/train.py, preprocess_plain), other trainers do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from datagen.annotations.index import index
from datagen.checks.base import CHECKS
from datagen.errors import InputError
from datagen.exporting.given import Given, Origin
from datagen.judging import Judge, Plan
from datagen.observer import Silent
from datagen.plan import sources_of
from datagen.prompting.compose import image_slug
from datagen.records.formats.entry import Entry, Line
from datagen.records.formats.shapes import SHAPES
from datagen.records.reading import Batch
from datagen.schema import ImageContext
from datagen.sources.files import sha256
from datagen.text import pick, shown

REQUESTS = (
    "Say in one sentence what this picture shows.",
    "What is in this picture, in a few words?",
    "Sum up the scene in a single sentence.",
    "Give this picture a short caption.",
    "In brief, what can be seen here?",
    "Tell me at a glance what this is a picture of.",
    "Put what you see into one short sentence.",
    "How would you caption this photo?",
    "Name the main thing that this picture shows.",
    "Describe this scene, and keep it short.",
    "What does the picture show? One line is enough.",
    "A short description of this picture, please.",
)
"""What is asked for, drawn by seed."""
_BATCH = 500
_TRAINERS = ("llava", "llava-plain")


def captioned(inputs: Sequence[Path]) -> list[Origin]:
    """The annotation files, as the origin of records. Raises InputError for one that cannot be read."""
    return [Origin(source, sha256(source.path), {"mock": False}, None) for source in sources_of(inputs, Silent())]


def pretraining(origins: list[Origin], seed: int, every: bool) -> Iterator[Given]:
    """A record for each image that has a caption (or for each caption), in the order of the annotations."""
    made = _records(origins, seed, every)
    judge = Judge(_plan())
    first = next(made, None)
    if first is None:
        cause = "no image has a caption"
        raise InputError(", ".join(each.source.label for each in origins), "", cause, "give captions_*.json too")
    yield from _sound(judge, [first])
    while some := list(islice(made, _BATCH)):
        yield from _sound(judge, some)


def _plan() -> Plan:
    chosen = [code for code, check in CHECKS.items() if code[0] == "S" or check.target in _TRAINERS]
    return Plan(tuple(code for code in chosen if CHECKS[code].kind != "file"), _TRAINERS)


def _records(origins: list[Origin], seed: int, every: bool) -> Iterator[Given]:
    for image in index([each.source for each in origins]).contexts():
        told = list(enumerate(image.captions))
        if told and not every:
            told = [told[pick(len(told), str(seed), "caption", image.image_id)]]
        for draw, (_, caption) in enumerate(told):
            yield Given(_entry(image, caption, seed, draw), (), 0)


def _entry(image: ImageContext, caption: str, seed: int, draw: int) -> Entry:
    asked = REQUESTS[pick(len(REQUESTS), str(seed), "request", image.image_id, str(draw))]
    lines = (Line("user", f"<image>\n{asked}"), Line("assistant", caption))
    return Entry(f"{image_slug(image.image_id)}-pretrain-{draw}", (image.file_name,), lines)


def _sound(judge: Judge, records: list[Given]) -> Iterator[Given]:
    """All of them; those with an error say why they are left out."""
    write = SHAPES["llava"].write
    data = json.dumps([write(each.entry) for each in records]).encode()
    wrong: dict[int, str] = {}
    for found in judge.judge(Batch(0, data, 0, 0, False), {}).found:
        if found.finding.level == "error":
            wrong.setdefault(found.number, found.finding.check)
    for number, each in enumerate(records):
        if number in wrong:
            each.left_out = f"caption:{shown(wrong[number])}"
        yield each
