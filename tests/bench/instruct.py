"""A synthetic LLaVA-Instruct: as many records and bytes as LLaVA's 158,000, of its three kinds, and nobody's data.

It has LLaVA's shape, lengths and mixture: conversations of eight or ten messages, long descriptions, questions with
a long answer. A few records in a hundred hold what checks must look at twice: words such as "coordinated", accents, a
list, a question within an answer. It knows nothing of datagen.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from tests.bench.train2017 import CATEGORIES

RECORDS = 158_000
_MIX = (("conversation", 58), ("detail_description", 23), ("complex_reasoning", 77))
_LEAVES = (
    "The {a} stands close to the {b}, and both are lit by the afternoon sun.",
    "There are {n} people near the {a}, one of whom looks towards the {b}.",
    "On the left side of the picture, a {a} can be seen next to a {b}.",
    "It seems to be a calm day, since nobody around the {a} is in a hurry.",
    "Behind the {b} one can make out a {a} and some trees in the distance.",
    "The {a} is most likely waiting for somebody to bring the {b} back.",
    "Several other objects, among them a {b}, are scattered across the scene.",
    "A {a} in the foreground draws the viewer's attention first.",
)
_RARE = (
    "The {a} and the {b} are color-coordinated, which looks like a choice.",
    "A sign over the caf\u00e9 shows a {a} with a short caption in French.",
    "There are several reasons for that:\n1. The {a} is heavy.\n2. The {b} is in the way.",
    "One might ask a question here: why is the {a} so close to the {b}?",
)
_QUESTIONS = (
    "What is the {a} doing?",
    "How many people are near the {b}?",
    "Where is the {a} in relation to the {b}?",
    "What might have happened before the {a} came to the {b}?",
    "Can you describe the main features of this image for me?",
)


def write(path: Path, records: int = RECORDS, seed: int = 0) -> Path:
    """One array on one line, as LLaVA's own files are; returns the path."""
    rng = random.Random(seed)
    kinds = [kind for kind, share in _MIX for _ in range(share)]
    with path.open("w", encoding="ascii") as file:
        file.write("[")
        for number in range(records):
            file.write((", " if number else "") + json.dumps(_record(rng, number, rng.choice(kinds))))
        file.write("]")
    return path


def _record(rng: random.Random, number: int, kind: str) -> dict[str, object]:
    pairs = rng.choice((4, 5)) if kind == "conversation" else 1
    length = 2 if kind == "conversation" else 17
    said = []
    for at in range(pairs):
        question = _filled(rng, rng.choice(_QUESTIONS))
        if at == 0:
            question = f"<image>\n{question}" if rng.random() < 0.5 else f"{question}\n<image>"
        said += [{"from": "human", "value": question}, {"from": "gpt", "value": _answer(rng, length)}]
    name = f"{number * 3 + 9:012}"
    return {"id": f"{name}-{kind}-0", "image": f"train2017/{name}.jpg", "conversations": said}


def _answer(rng: random.Random, sentences: int) -> str:
    drawn = [rng.choice(_RARE if rng.random() < 0.003 else _LEAVES) for _ in range(sentences)]
    return " ".join(_filled(rng, sentence) for sentence in drawn)


def _filled(rng: random.Random, sentence: str) -> str:
    return sentence.format(a=rng.choice(CATEGORIES), b=rng.choice(CATEGORIES), n=rng.randint(2, 9))
