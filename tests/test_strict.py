"""--strict: annotations in which something is wrong are refused, those that are only peculiar are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datagen.annotations.census import DROPS, HARMLESS, ODDITIES
from datagen.errors import SetupError
from datagen.pipeline import generate
from datagen.settings import Settings


def document(**change: Any) -> str:
    image = {"id": 1, "file_name": "a.jpg", "width": 100, "height": 100}
    sound = {
        "images": [image, {**image, "id": 2, "file_name": "b.jpg"}],
        "annotations": [
            {"id": n, "image_id": n, "caption": "A dog.", "bbox": [1, 2, 30, 40], "category_id": 1} for n in (1, 2)
        ],
        "categories": [{"id": 1, "name": "big_dog"}],
    }
    return json.dumps({**sound, **change})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"images": [json.loads(document())["images"][0]] * 2}, "twice"),
        ({"annotations": json.loads(document())["annotations"][:1] * 2}, "id that another"),
        ({"images": [{**each, "file_name": "a.jpg"} for each in json.loads(document())["images"]]}, "share"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_planned(change: dict[str, Any], word: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(document(**change), "utf-8")
    with pytest.raises(SetupError, match=f"--strict: .*{word}") as caught:
        generate([path], Settings(model="mock", strict=True), tmp_path / "run")
    assert "inspect" in caught.value.hint
    assert generate([path], Settings(model="mock"), tmp_path / "run").states.planned
    with pytest.raises(SetupError, match="--strict"):
        generate([path], Settings(model="mock", strict=True), tmp_path / "run")


def test_what_is_only_peculiar_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(document(), "utf-8")  # its category has a name that is made readable
    assert generate([path], Settings(model="mock", strict=True), tmp_path / "run").states.kept


def test_what_drops_something_is_never_harmless_but_where_it_was_wished_for() -> None:
    assert set(ODDITIES) >= HARMLESS
    assert {"crowd-left-out"} == DROPS & HARMLESS
