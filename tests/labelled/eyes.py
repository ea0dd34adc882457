"""What vision models said that saw a picture itself, and no captions or boxes of it: published by others, not ours.

`CHECKOUTS` in the environment names a folder in which each source is checked out under its owner's and its own name, as
on GitHub. What does not lie there is passed over, and its labels wait. Of answers about one thing each (`Is there a dog
in the image?`), and of descriptions but OPERA's, only those are taken that deny something, by their words.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from datagen.schema import Turn

OPERA = "replies/opera_chair_279.jsonl"
"""The name that labels give to what four models said in shikiw/OPERA; the other sources go by their repository's."""
BRIEF = "Instruction2_llava"
_DENIES = re.compile(r"\b(no|not|none|nothing|nobody|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_ASKED = re.compile(r"Is there an? (.+?) in the ")
_NUMBER = re.compile(r"0(\d{11})\.jpg")


class Told(NamedTuple):
    """An answer: about which picture, by whom in the source's words, and asked for what."""

    image_id: str
    ident: str
    """Picture, model, what was asked for where it was one thing, and last how or where the model was asked."""
    turn: Turn


def told() -> Iterator[tuple[str, Told]]:
    """Everything of all sources that lie there, each with the source's name."""
    folder = os.environ.get("CHECKOUTS")
    for name, (repository, read) in SOURCES.items() if folder else ():
        where = Path(folder or "") / repository
        if where.is_dir():
            for each in read(where):
                yield name, each


def missing() -> frozenset[str]:
    """Sources that do not lie there."""
    folder = os.environ.get("CHECKOUTS")
    return frozenset(name for name, (at, _) in SOURCES.items() if not folder or not (Path(folder) / at).is_dir())


def who(ident: str) -> str:
    """The id without how the model was asked: what it says twice of the same counts once."""
    return ident.rpartition(" ")[0]


def _opera(where: Path) -> Iterator[Told]:
    """Descriptions, all of them."""
    for decoding in ("greedy", "beam5", "ours"):
        for model in ("instructblip", "llava-1.5", "minigpt4", "shikra"):
            for row in _lines(where / "log" / "chair_eval_results" / model / f"{decoding}.jsonl"):
                yield Told(str(row["image_id"]), f"{row['image_id']} {model} {decoding}", Turn("", row["caption"]))


def _vcd(where: Path) -> Iterator[Told]:
    """POPE's questions to LLaVA-1.5-7B and LLaVA-Llama-2-13B, decoded as usual and by contrast."""
    for path in sorted((where / "experiments" / "output").rglob("*.jsonl")):
        run = path.stem.partition("pope_")[2].partition("_seed")[0]
        for row in _lines(path):
            yield from _asked(row["image"], row["model_id"], run, row["prompt"], row["text"])


def _llava(where: Path) -> Iterator[Told]:
    """POPE's questions to LLaVA-1.5-13B, or to LLaVA-1.6-7B."""
    folder = where / "playground" / "data" / "eval" / "pope"
    asked = {row["question_id"]: row for row in _lines(folder / "llava_pope_test.jsonl")}
    model = "llava-v1.6-vicuna-7b" if where.parent.name == "Marcowky" else "llava-v1.5-13b"
    for row in _lines(folder / "answers" / f"{model}.jsonl"):
        question = asked[row["question_id"]]
        yield from _asked(question["image"], row["model_id"], question["category"], row["prompt"], row["text"])


def _blip(where: Path) -> Iterator[Told]:
    """Questions of POPE's kind to BLIP's VQA, put together as its `evaluate.py` does."""
    for row in json.loads((where / "reports" / "baseline.json").read_text("utf-8"))["probes"]:
        article = "an" if row["object"][0] in "aeiou" else "a"
        question = f"Is there {article} {row['object']} in the image?"
        yield from _asked(row["file_name"], "blip-vqa-base", "neutral", question, row["answer"])


def _described(where: Path) -> Iterator[Told]:
    """Descriptions by InstructBLIP, LLaVA, MiniGPT-4, MultiModal-GPT and mPLUG-Owl that deny something."""
    for path in sorted((where / "caption_data").glob("*.json")):
        if path.stem != BRIEF:
            yield from (each for each in _of_file(path) if _DENIES.search(each.turn.answer))


def _brief(where: Path) -> Iterator[Told]:
    """LLaVA's brief descriptions, all of them."""
    yield from _of_file(where / "caption_data" / f"{BRIEF}.json")


def _of_file(path: Path) -> Iterator[Told]:
    wording, _, model = path.stem.partition("_")
    for row in _values(path.read_text("utf-8")):
        yield Told(str(row["image_id"]), f"{row['image_id']} {model} {wording}", Turn("", row["text"]))


def _chair(where: Path) -> Iterator[Told]:
    """Descriptions by LLaVA-1.5-7B, as it is and taught by the authors, long ones and short ones; all of them."""
    for path in sorted((where / "outputs" / "chair").glob("*.jsonl")):
        model, _, length = path.stem.partition("_coco_chair_")
        for row in _lines(path):
            yield Told(str(row["image_id"]), f"{row['image_id']} {model} {length}", Turn("", row["caption"]))


def _asked(image: str, model: str, run: str, question: str, answer: str) -> Iterator[Told]:
    thing, number = _ASKED.match(question), _NUMBER.search(image)
    if thing and number and _DENIES.search(answer):
        ident = str(int(number[1]))
        yield Told(ident, f"{ident} {model} {thing[1].replace(' ', '-')} {run}", Turn(question, answer))


SOURCES: dict[str, tuple[str, Callable[[Path], Iterator[Told]]]] = {
    OPERA: ("shikiw/OPERA", _opera),
    "cs263-final-project": ("ruichenZz/cs263-final-project", _vcd),
    "LLaVA-1.5": ("haotian-liu/LLaVA", _llava),
    "LLaVA-1.6": ("Marcowky/LLaVA", _llava),
    "vlm-hallucination-eval": ("aghasalim/vlm-hallucination-eval", _blip),
    "POPE": ("AoiDragon/POPE", _described),
    "POPE-brief": ("AoiDragon/POPE", _brief),
    "cca-llava": ("xing0047/cca-llava", _chair),
}
WHOLE = frozenset({OPERA, "POPE-brief", "cca-llava"})
"""Sources of descriptions of which everything is taken."""
DENYING = SOURCES.keys() - WHOLE
"""Sources of which only what denies something is taken."""


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _values(text: str) -> Iterator[dict[str, Any]]:
    """Objects one after another, whatever stands between them."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        value, end = decoder.raw_decode(text, at)
        yield value
        at = text.find("{", end)
