"""Shows records made at random to a trainer's own loader and to our checks: `python -m tests.trainers.chance llava 30`.

For as many seconds (and a seed, if one is told), on the checkouts of record.py. Prints where the two differ, which is
what the matrices grow from. Where nothing differs the checks know more than the matrix.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import datagen.checks.every  # noqa: F401
from datagen.checks.base import of_kind
from datagen.checks.sample import sample
from datagen.checks.trainers.common import worst
from tests.trainers.record import paint, run

CALM = ["What is the dog doing?", "It runs.", "<image>\nWhat is this?"]
WILD = [
    *("<image>", "", "  ", "\n", "Look at <image> now", "<image><image> two?", "<image>ASSISTANT: b", "dog <image>"),
    *("x </s> y", "</s>", "<unk>", "say <s>", "q ASSISTANT: r", "ends ASSISTANT:", "ASSISTANT: first", "USER: hi"),
    *("a  ASSISTANT: b", "ASSISTANT:  b", "a <|im_end|> b", "<|image_pad|>", "</img> z", "<box>1</box>", "<video> v"),
    *(
        "Is it\nassistant here?",
        "the assistant",
        "assistant",
        "assistant?",
        "<im_start>",
        None,
        5,
        ["a"],
        {"text": "a"},
    ),
]
ROLES = [*["human"] * 8, *["gpt"] * 8, "system", "user", "assistant", "tool", None, 1]
IMAGES = ["", None, [], ["a.jpg"], ["a.jpg", "b.jpg"], ["a.jpg", None], 5, {"path": "a.jpg"}, [""], False, 0]


def main(target: str, seconds: str, seed: str = "0") -> int:
    """The number of records that fared otherwise than the checks said."""
    chance, wrong, shown = random.Random(int(seed)), 0, 0
    real = importlib.import_module(f"tests.trainers.real.{target.replace('-', '_')}")
    checks = [check for check in of_kind("trainer") if check.target == target]
    end = time.monotonic() + float(seconds)
    with tempfile.TemporaryDirectory() as folder:
        paint(Path(folder))
        loader = real.loader(Path(os.environ["DATAGEN_TRAINERS"]), Path(folder))
        while time.monotonic() < end:
            record = made(chance)
            told, shown = run(loader, record), shown + 1
            found = [check for check in checks if any(check.run(sample(0, record)))]
            said = worst(check.does for check in found)
            if said != told.outcome:
                wrong += 1
                print(f"said {said} {[check.code for check in found]}, was {told}: {json.dumps(record)}")
    print(f"{target}: {shown} records, {wrong} fared otherwise")
    return wrong


def made(chance: random.Random) -> dict[str, Any]:
    """A record of from and value, mostly by turns, a few things odd about it."""
    record: dict[str, Any] = {"id": "1"}
    if chance.random() < 0.98:
        record["conversations"] = _turns(chance) if chance.random() < 0.98 else chance.choice([None, "ab", {"a": 1}, 7])
    picture = chance.random()
    if picture < 0.75:
        record["image"] = "a.jpg" if picture < 0.6 else chance.choice(IMAGES)
    if chance.random() < 0.05:
        record["images"] = ["a.jpg"]
    if chance.random() < 0.05:
        record["length"] = 9
    return record


def _turns(chance: random.Random) -> list[Any]:
    first = chance.choice([0, 0, 0, 0, 1])
    turns: list[Any] = []
    if chance.random() < 0.1:
        turns.append({"from": "system", "value": chance.choice(CALM + WILD)})
    for at in range(chance.choice([0, 1, 2, 2, 2, 2, 3, 4, 4, 5])):
        role = ("human", "gpt")[(at + first) % 2] if chance.random() < 0.9 else chance.choice(ROLES)
        turn = {"from": role, "value": chance.choice(CALM if chance.random() < 0.5 else WILD)}
        if chance.random() < 0.01:
            turn.pop(chance.choice(["from", "value"]))
        if chance.random() < 0.01:
            turn |= {"role": "user", "content": "hi"}
        turns.append(turn)
    if chance.random() < 0.02:
        turns.append(chance.choice([None, "x", [], 7]))
    return turns


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))
