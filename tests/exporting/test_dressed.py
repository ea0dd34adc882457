"""An export has a card that a person told the licence of, and leaves out what a person rejected."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from datagen import ExportWish, InputError, Settings, SetupError, export, generate
from datagen.labels import Labels

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the samples."""
    folder = tmp_path_factory.mktemp("dressed") / "run"
    generate([ROOT / "samples"], Settings(model="mock"), folder)
    return folder


def ids(path: Path) -> list[str]:
    return [record["id"] for record in json.loads(path.read_text())]


def test_the_card_tells_the_licence_and_where_it_comes_from(run: Path, tmp_path: Path) -> None:
    export([run], ExportWish(("llava",), license="CC-BY-4.0"), tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert 'license: "cc-by-4.0"' in card
    assert "MOCK data" in card
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert {"README.md", "croissant.json", "llava.json"} <= set(told["files"])
    assert told["made_by"][0]["planned"] == 48


def test_no_licence_is_guessed(run: Path, tmp_path: Path) -> None:
    export([run], ExportWish(("llava",)), tmp_path / "out")
    assert "\nlicense:" not in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_what_a_person_rejected_is_left_out(run: Path, tmp_path: Path) -> None:
    told = [json.loads(line) for line in (run / "provenance.jsonl").read_text().splitlines()]
    first, second, third, fourth = told[:4]
    labels = Labels(tmp_path / "labels.jsonl")
    labels.add(first["query_id"], first["id"], "reject", "")
    labels.add(second["query_id"], second["id"], "reject", "")
    labels.add(second["query_id"], second["id"], "keep", "I looked again")
    labels.add("", third["id"], "reject", "by the record's id, as in a file")
    labels.add(fourth["query_id"], fourth["id"], None, "only a note")
    made = export([run], ExportWish(("llava", "messages"), labels=labels.path), tmp_path / "out")
    assert made.unwanted == 2
    assert set(ids(run / "llava.json")) - set(ids(tmp_path / "out" / "llava.json")) == {first["id"], third["id"]}
    assert made.written == {"llava": 46, "messages": 46}
    lines = (tmp_path / "out" / "provenance.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids(tmp_path / "out" / "llava.json")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["unwanted"] == 2


def test_a_mixture_is_drawn_from_what_is_left(run: Path, tmp_path: Path) -> None:
    labels = Labels(tmp_path / "labels.jsonl")
    for name in ids(run / "llava.json")[:30]:
        labels.add("", name, "reject", "")
    made = export([run], ExportWish(("llava",), mix="conversation:16", labels=labels.path), tmp_path / "out")
    left = [name for name in ids(run / "llava.json")[30:] if "-conversation-" in name]
    assert ids(tmp_path / "out" / "llava.json") == left
    assert made.short["conversation"].found == len(left)


def test_labels_that_are_not_there(run: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        export([run], ExportWish(("llava",), labels=tmp_path / "no.jsonl"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_file_is_no_file_of_labels(run: Path, tmp_path: Path) -> None:
    export([run], ExportWish(("llava",)), tmp_path / "out")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    for name in ("ledger.db", "llava.json", "messages.jsonl", "README.md"):
        with pytest.raises(SetupError, match="no line of it is a label"):
            export([run], ExportWish(("llava",), labels=run / name), tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_labels_that_all_were_taken_back_are_labels(run: Path, tmp_path: Path) -> None:
    labels = Labels(tmp_path / "labels.jsonl")
    labels.add("", "x", "reject", "")
    labels.add("", "x", None, "")
    assert export([run], ExportWish(("llava",), labels=labels.path), tmp_path / "out").unwanted == 0
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert export([run], ExportWish(("llava",), labels=tmp_path / "empty.jsonl"), tmp_path / "out").unmet == 0


def test_what_was_rejected_elsewhere_is_counted(run: Path, tmp_path: Path) -> None:
    labels = Labels(tmp_path / "labels.jsonl")
    labels.add("", ids(run / "llava.json")[0], "reject", "")
    labels.add("", "of another run", "reject", "")
    made = export([run], ExportWish(("llava",), labels=labels.path), tmp_path / "out")
    assert (made.unwanted, made.unmet) == (1, 1)


@pytest.mark.parametrize("told", ["{", "[]", "{}", '{"mock": "no"}', None])
def test_mock_data_is_not_taken_for_real_where_its_manifest_is_damaged(
    run: Path, tmp_path: Path, told: str | None
) -> None:
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "manifest.json").unlink()
    if told is not None:
        (tmp_path / "run" / "manifest.json").write_text(told)
    with pytest.raises(InputError, match=r"manifest\.json"):
        export([tmp_path / "run"], ExportWish(("llava",)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
