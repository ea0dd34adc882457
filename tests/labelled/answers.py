"""Real answers with the captions and boxes that they were written from, and what was said of their claims by hand.

The texts lie in the shared data, under other licences; `grounding.jsonl` says by place what each labelled claim is. A
record belongs to the half that its picture's digest gives it, whatever file it stands in.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from datagen.annotations.index import index
from datagen.schema import Box, ImageContext, Turn
from datagen.sources.files import find
from tests.labelled import eyes

HERE = Path(__file__).parent
HINTED = (
    "565989", "248314", "248616", "194940", "20650", "375278", "3934", "206579", "554002", "353180", "353096", "94944",
    "482275", "467176", "506178", "17379", "183965", "76416", "125572", "405205", "455157", "16451", "270297", "508917",
    "300276", "154358", "572678", "161128", "424642", "140583", "463542", "533129",
)  # fmt: skip
"""Pictures that were held out until what went wrong on them was hinted at to who wrote the engine."""
GPT4, GPT4_MORE = "bench/qa90_gpt4_answer.jsonl", "bench/coco2014_val_gpt4_qa_30x3.jsonl"
MISTRAL = "replies/mistral7b_{}.jsonl"
INSTANCES, CAPTIONS = "coco/instances_val2017_2000_boxes.json.gz", "coco/captions_val2017_2000.json.gz"
CAPTIONS_ONLY = "coco/captions_val2014_4800.json.gz"
SHOTS = "prompts/llava/{}_conv.txt"


class Answers(NamedTuple):
    """A record: turns about one picture."""

    file: str
    id: str
    turns: tuple[Turn, ...]
    image: ImageContext

    @property
    def held_out(self) -> bool:
        """Whether its picture is in the half that nothing is tuned on."""
        return is_held_out(self.image.image_id)

    def text(self, turn: int, part: str) -> str:
        """What stands there."""
        said: str = getattr(self.turns[turn], part)
        return said


class Label(NamedTuple):
    """A claim, and what a reader said of it with captions and boxes before him."""

    turn: int
    part: str
    start: int
    end: int
    kind: str
    axis: str
    subject: str
    other: str
    truth: str
    number: int | None
    why: str
    after: bool
    """Labelled because a finding asked for it."""


def is_held_out(name: str) -> bool:
    """Which half a picture, or a wording, is in."""
    return name not in HINTED and int(hashlib.sha256(f"picture {name}".encode()).hexdigest(), 16) % 2 == 1


@cache
def records(data: Path) -> tuple[Answers, ...]:
    """All of which the context is known: GPT-4's answers once each, LLaVA's own examples, Mistral's replies, and what
    vision models said."""
    return (*_gpt4(data), *_shots(data), *_mistral(data), *_seen(data))


@cache
def labels(data: Path) -> dict[tuple[str, str], tuple[Label, ...]]:
    """By file and id of the record. A text that is not the one that was read stops it."""
    there = {(each.file, each.id): each for each in records(data)}
    found: dict[tuple[str, str], list[Label]] = defaultdict(list)
    waiting = eyes.missing()
    for row in _lines(HERE / "grounding.jsonl"):
        key = (row["file"], row["id"])
        if row["file"] in waiting:
            continue
        words = there[key].text(row["turn"], row["part"])[row["start"] : row["end"]]
        assert digest(words) == row["digest"], f"{row['file']} {row['id']}: not the text that was labelled"
        found[key].append(_label(row))
    return {key: tuple(several) for key, several in found.items()}


def digest(words: str) -> str:
    """How a label holds on to words that are not ours to keep."""
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _label(row: dict[str, Any]) -> Label:
    return Label(
        row["turn"], row["part"], row["start"], row["end"], row["kind"], row.get("axis", ""), row["subject"],
        row.get("other", ""), row["label"], row.get("number"), row.get("why", ""),
        row.get("after", False),
    )  # fmt: skip


def _gpt4(data: Path) -> Iterator[Answers]:
    contexts = _contexts(data)
    asked = {row["question_id"]: row for row in _lines(data / "bench/qa90_questions.jsonl")}
    seen: set[str] = set()
    for row in _lines(data / GPT4):
        question = asked[row["question_id"]]
        seen.add(row["text"])
        image = contexts[str(int(question["image"].partition(".")[0]))]
        yield Answers(GPT4, str(row["question_id"]), (Turn(question["text"], row["text"]),), image)
    for number, row in enumerate(_lines(data / GPT4_MORE)):
        image = contexts.get(str(int(row["id"])))
        if row["output"] not in seen and image:
            yield Answers(GPT4_MORE, str(number), (Turn(row["instruction"], row["output"]),), image)


def _contexts(data: Path) -> dict[str, ImageContext]:
    """The pictures of LLaVA-Bench, by id."""
    rows = _lines(data / "bench/caps_boxes_coco2014_val_50.jsonl")
    return {image.image_id: image for image in map(_context, rows)}


def _context(row: dict[str, Any]) -> ImageContext:
    boxes = tuple(Box(each["category"], *each["bbox"]) for each in row["instances"])
    return _image(str(int(row["id"])), tuple(row["captions"]), boxes)


def _shots(data: Path) -> Iterator[Answers]:
    for path in sorted((data / "prompts/llava").glob("*/*_conv.txt")):
        name = f"{path.parent.name}/{path.name.removesuffix('_conv.txt')}"
        said, _, listed = path.with_name(path.name.replace("conv", "caps")).read_text("utf-8").partition("\n\n")
        captions = tuple(said.splitlines())
        image = _image(f"shot {digest(captions[0])}", captions, tuple(_box(line) for line in listed.splitlines()))
        yield Answers(SHOTS.format(name), name, blocks(path.read_text("utf-8")), image)


def _box(line: str) -> Box:
    category, _, corners = line.partition(": ")
    return Box(category, *json.loads(corners))


def _mistral(data: Path) -> Iterator[Answers]:
    """Those whose captions are known. Their boxes are not."""
    captions = _captions((data / "replies/captions_of_reply_images_23.json").read_bytes())
    for kind in ("conversation", "complex_reasoning", "detail_description"):
        file = MISTRAL.format(kind)
        for row in _lines(data / file):
            turns = blocks(row["reply"]) if row["image_id"] in captions else ()
            if turns:
                yield Answers(file, row["image_id"], turns, _image(row["image_id"], tuple(captions[row["image_id"]])))


def _captions(file: bytes) -> dict[str, list[str]]:
    captions: dict[str, list[str]] = defaultdict(list)
    for each in sorted(json.loads(file)["annotations"], key=lambda row: row["id"]):
        captions[str(each["image_id"])].append(each["caption"].strip())
    return captions


def _seen(data: Path) -> Iterator[Answers]:
    """What models said that saw the picture itself: descriptions of val2017's pictures; denials also of those of
    LLaVA's contexts, and of those of val2014 that have captions and no boxes."""
    if eyes.missing() == eyes.SOURCES.keys():
        return
    boxed = {image.image_id: image for image in images(data)}
    said = _captions(gzip.decompress((data / CAPTIONS_ONLY).read_bytes()))
    bare = {ident: _image(ident, tuple(captions)) for ident, captions in said.items()}
    every = {**bare, **_contexts(data), **boxed}
    for name, told in eyes.told():
        image = (boxed if name in eyes.WHOLE else every).get(told.image_id)
        if image:
            yield Answers(name, told.ident, (told.turn,), image)


@cache
def images(data: Path) -> tuple[ImageContext, ...]:
    """The 2,000 pictures of val2017."""
    return tuple(index(find([data / CAPTIONS, data / INSTANCES])).contexts())


def blocks(reply: str) -> tuple[Turn, ...]:
    """A reply's turns, cut at its `===` lines only; none where questions and answers do not take turns."""
    if "Question:" not in reply:
        return (Turn("", reply),)
    parts = re.split(r"\s*===\s*", reply.strip())
    if any(part.startswith("Question:") is bool(at % 2) for at, part in enumerate(parts)) or len(parts) % 2:
        return ()
    told = [re.sub(r"^(Question|Answer):\s*", "", part) for part in parts]
    return tuple(Turn(*pair) for pair in zip(told[::2], told[1::2], strict=True))


def _image(ident: str, captions: tuple[str, ...], boxes: tuple[Box, ...] = ()) -> ImageContext:
    return ImageContext(
        image_id=ident, file_name=f"{ident}.jpg", width=None, height=None, captions=captions, boxes=boxes
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
