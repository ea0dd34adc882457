"""Croissant: what mlcroissant says of it, and that nothing is made up for its sake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datagen.cards.card import MOCK
from datagen.cards.croissant import croissant
from datagen.cards.facts import facts_of
from datagen.pipeline import generate
from datagen.settings import Settings
from tests.cards.test_facts import RUN, export


def test_every_file_stands_in_it_with_its_digest() -> None:
    told = croissant(facts_of(RUN, license="cc-by-4.0"))
    assert [(file["contentUrl"], file["sha256"]) for file in told["distribution"]] == [("llava.json", "f" * 64)], (
        "rejects.jsonl is no part of the data set"
    )
    assert told["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert told["datePublished"] == "2026-01-05"
    assert "a-model-1" in told["description"]
    assert json.loads(json.dumps(told)) == told


def test_what_is_not_known_is_not_there() -> None:
    told = croissant(facts_of(export()))
    assert not {"license", "datePublished"} & set(told)


def test_mock_data_says_so() -> None:
    told = croissant(facts_of({**RUN, "mock": True}))
    assert told["description"].startswith(MOCK)
    assert "mock" in told["keywords"]
    assert told["name"] == "datagen-mock"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # it has some of its own
def test_mlcroissant_reads_the_records_of_a_run(tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    outcome = generate([Path("samples")], Settings(model="mock", license="cc0-1.0"), tmp_path / "run")
    records = json.loads((outcome.folder / "llava.json").read_text("ascii"))
    dataset = mlcroissant.Dataset(jsonld=outcome.folder / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    rows = [(row["llava/id"].decode(), row["llava/image"].decode()) for row in dataset.records("llava")]
    assert rows == [(record["id"], record["image"]) for record in records]
    ids = [row["messages/id"].decode() for row in dataset.records("messages")]
    assert ids == [record["id"] for record in records]
