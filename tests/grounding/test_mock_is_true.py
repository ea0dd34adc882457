"""The mock says only what boxes and captions settle: where one of its claims is gainsaid, the judge is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.grounding.judge import Grounder
from datagen.llm.mock.knowledge import GROUPS
from datagen.llm.mock.writer import reply
from datagen.prompting.context import describe
from datagen.schema import ImageContext, Turn

Load = Callable[..., tuple[list[ImageContext], Any]]
SHOTS = {"conversation": "Question:\n?\n===\nAnswer:\n.\n===\n" * 2, "complex": "===\n", "detail": "."}


def turns(text: str) -> list[Turn]:
    parts = [part.strip() for part in re.split(r"(?:^|\n===\n)(?:Question|Answer):\n", text) if part.strip()]
    return [Turn("Describe the picture.", text)] if len(parts) == 1 else list(map(Turn, parts[::2], parts[1::2]))


def gainsaid(image: ImageContext, grounder: Grounder) -> list[str]:
    context = describe(image, ("captions", "boxes"))
    found = []
    for shot in SHOTS.values():
        said = reply([{"role": "assistant", "content": shot}, {"role": "user", "content": context}])
        found += [f"{image.image_id}: {each.why}" for each in grounder.ground(turns(said), image).judged if each.code]
    return found


@pytest.mark.slow
def test_no_claim_of_the_mock_is_gainsaid_on_two_thousand_pictures(shared_data: Path, load: Load) -> None:
    assert look(shared_data, load, 1) == []


def test_no_claim_of_the_mock_is_gainsaid_on_some_of_them(shared_data: Path, load: Load) -> None:
    assert look(shared_data, load, 20) == []


def look(shared: Path, load: Load, step: int) -> list[str]:
    folder = shared / "coco"
    images, _ = load(folder / "captions_val2017_2000.json.gz", folder / "instances_val2017_2000_boxes.json.gz")
    assert len(images) == 2000
    grounder = Grounder(GROUPS)
    return [line for image in images[::step] for line in gainsaid(image, grounder)]
