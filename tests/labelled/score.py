"""Precision and recall of the L checks on labelled texts.

A unit is one text: an own sentence, or one message of a real record. A check is right where it speaks of a text that is
labelled with its name. `any` asks only whether some check spoke and whether some label is there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from datagen.checks import every  # noqa: F401
from datagen.checks.base import CHECKS, Check
from datagen.checks.sample import SPEAKERS, Said

HERE = Path(__file__).parent
LEAKS: tuple[Check, ...] = tuple(check for code, check in sorted(CHECKS.items()) if code.startswith("L"))


class Unit(NamedTuple):
    """A text, what ought to be said of it, and what the checks said."""

    name: str
    text: str
    kinds: frozenset[str]
    found: dict[str, str]
    """The words, by the check's name."""


class Score(NamedTuple):
    """Counts of units."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of what was said, the part that is true."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of what is true, the part that was said."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def score(units: Iterable[Unit], kind: str | None = None) -> Score:
    """Of one check, or of all together."""
    right = wrong = missed = 0
    for unit in units:
        told, true = (kind in unit.found, kind in unit.kinds) if kind else (bool(unit.found), bool(unit.kinds))
        right, wrong, missed = right + (told and true), wrong + (told and not true), missed + (true and not told)
    return Score(right, wrong, missed)


def own(held_out: bool) -> list[Unit]:
    """The texts that were written for this, of one half."""
    rows = [row for name in ("leaks", "clean") for row in _lines(HERE / f"{name}.jsonl")]
    return [_unit(row) for row in rows if is_held_out(row["text"]) is held_out]


def is_held_out(text: str) -> bool:
    """Which half a text is in."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2 == 1


def real(data: Path) -> list[Unit]:
    """Every message of the files of real data in which leaks were looked for."""
    labels = {(row["file"], row["record"], row["message"]): row["kinds"] for row in _lines(HERE / "real.jsonl")}
    units: list[Unit] = []
    for name in FILES:
        for number, said in _records(data, name):
            found = judge(said)
            for at, (text, _, where) in enumerate(said):
                kinds = frozenset(labels.pop((name, number, at), ()))
                units.append(Unit(f"{name} {number} {at}", text, kinds, found.get(where, {})))
    assert not labels, f"labels of no message: {list(labels)[:3]}"
    return units


def judge(said: tuple[Said, ...]) -> dict[str, dict[str, str]]:
    """What all L checks say, by place."""
    found: dict[str, dict[str, str]] = {}
    for check in LEAKS:
        for seen in check.run(said):
            found.setdefault(seen.where, {}).setdefault(check.name, seen.words)
    return found


def said_in(row: dict[str, Any]) -> tuple[Said, ...]:
    """A labelled text as a dialogue of one or two messages."""
    before = (Said(row["question"], "human", "before"),) if "question" in row else ()
    return (*before, Said(row["text"], row.get("speaker", "gpt"), "here"))


def _unit(row: dict[str, Any]) -> Unit:
    found = judge(said_in(row)).get("here", {})
    return Unit(row["text"], row["text"], frozenset(row.get("kinds", ())), found)


FILES = (
    "replies/mistral7b_conversation.jsonl",
    "replies/mistral7b_complex_reasoning.jsonl",
    "replies/mistral7b_detail_description.jsonl",
    "replies/mistral7b_unparsed.jsonl",
    "llava/llava_instruct_100.json",
    "llava/llava_instruct_images_list_250.json.gz",
    "llava/blip_laion_cc_sbu_1000.json.gz",
    "llava/scienceqa_llava_test_CQM-A_1000.json.gz",
    "llava/lmms_multi_images.json",
    "llava/lmms_single_image.json",
    "llava/lmms_single_image_has_text_only.json",
    "llava/mllm_demo_messages.json",
    "llava/qwen_demo_single_images.json",
    "bench/qa90_questions.jsonl",
    "bench/qa90_gpt4_answer.jsonl",
    "bench/coco2014_val_gpt4_qa_30x3.jsonl",
)


def _records(data: Path, name: str) -> Iterator[tuple[int, tuple[Said, ...]]]:
    path = data / name
    if name.endswith(".jsonl"):
        rows = list(_lines(path))
    else:
        rows = json.loads(gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes())
    for number, row in enumerate(rows):
        yield number, tuple(Said(text, SPEAKERS[who], str(at)) for at, (who, text) in enumerate(_messages(row)))


def _messages(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Who says what, whatever the file's form."""
    if "conversations" in row or "messages" in row:
        listed = row.get("conversations") or row["messages"]
        return [(each.get("from") or each["role"], each.get("value") or each["content"]) for each in listed]
    if "instruction" in row:
        return [("human", row["instruction"]), ("gpt", row["output"])]
    if "question_id" in row:
        return [("gpt" if row["category"] and "image" not in row else "human", row["text"])]
    return list(_blocks(row.get("reply") or row["text"]))


def _blocks(reply: str) -> Iterator[tuple[str, str]]:
    """A reply's blocks, cut at its `===` lines only: what stands inside them stays as it is."""
    if "Question:" not in reply:
        yield "gpt", reply
        return
    for who, blocks in groupby(re.split(r"\s*===\s*", reply.strip()), lambda b: b.startswith("Question")):
        for block in blocks:
            yield "human" if who else "gpt", re.sub(r"^(Question|Answer):\s*", "", block)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
