"""`validate --annotations`, and a run's folder: what is held against the annotations, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datagen import Settings, generate
from tests.program import Program as Cli

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
TRUE, FALSE = "There is a dog.", "There is an umbrella, and three dogs are to the right of the man."
LINE = {"image": "a.jpg", "captions": ["A dog with a man."], "boxes": [["dog", 0.1, 0.5, 0.3, 0.8],
        ["person", 0.7, 0.1, 0.9, 0.85]]}  # fmt: skip
OTHER = {"image": "b.jpg", "captions": ["A street."], "boxes": [["umbrella", 0.1, 0.1, 0.3, 0.3]]}


def record(n: int, answer: str, image: str = "a.jpg") -> dict[str, Any]:
    talk = [{"from": "human", "value": "<image>\nWhat is there?"}, {"from": "gpt", "value": answer}]
    return {"id": f"r{n}", "image": image, "conversations": talk}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with annotations, and with records: the second is wrong, the third about nothing known."""
    (tmp_path / "told.jsonl").write_text(json.dumps(LINE) + "\n" + json.dumps(OTHER) + "\n")
    (tmp_path / "data.json").write_text(json.dumps([record(0, TRUE), record(1, FALSE), record(2, FALSE, "c.jpg")]))
    return tmp_path


def codes(stdout: str) -> list[tuple[int, str]]:
    return [(each["record"], each["code"]) for each in json.loads(stdout)["findings"]]


def test_what_is_wrong_is_found_and_what_joins_nothing_is_counted(files: Path, cli: Cli) -> None:
    done = cli("validate", "data.json", "--annotations", "told.jsonl", "--select", "G", "--target", "llava", cwd=files)
    assert done.returncode == 0
    assert "[r1] G001 absent-object" in done.stdout
    assert "at [1].conversations[1].value" in done.stdout
    assert "1 record of no image in the annotations: not held against them." in done.stdout
    assert "Of 2 records the annotations tell: " in done.stdout
    told = json.loads(cli("validate", "data.json", "--annotations", "told.jsonl", "--format", "json", cwd=files).stdout)
    summary = told["summary"]["grounding"]
    assert (summary["records"], summary["elsewhere"]) == (2, 1)
    assert summary["contradicted"] == len([each for each in told["findings"] if each["code"][0] == "G"]) >= 2
    assert all(each["words"] in FALSE for each in told["findings"] if each["code"][0] == "G")


def test_nothing_is_said_of_it_where_nobody_asks(files: Path, cli: Cli) -> None:
    done = cli("validate", "data.json", "--format", "json", cwd=files)
    assert json.loads(done.stdout)["summary"]["grounding"] is None
    done = cli("validate", "data.json", "--annotations", "not-there.jsonl", "--select", "S", cwd=files)
    assert done.returncode == 2
    assert "there is no such file or folder" in done.stderr
    (files / "told.jsonl").write_text("no annotations at all")
    done = cli("validate", "data.json", "--annotations", "told.jsonl", "--format", "json", cwd=files)
    assert done.returncode == 2
    done = cli("validate", "data.json", "--annotations", "told.jsonl", "--select", "S", "--format", "json", cwd=files)
    assert json.loads(done.stdout)["summary"]["grounding"] is None


@pytest.mark.slow
def test_several_processes_find_the_same(files: Path, cli: Cli) -> None:
    many = [record(n, FALSE if n % 3 else TRUE, "a.jpg" if n % 5 else "c.jpg") for n in range(3000)]
    (files / "data.json").write_text(json.dumps(many))
    args = ("validate", "data.json", "--annotations", "told.jsonl", "--select", "G", "--format", "jsonl")
    one, two = (cli.process(*args, "--jobs", jobs, cwd=files).stdout for jobs in (1, 2))
    assert one == two
    assert one.count('"G001"') > 1000


def test_selecting_ignoring_and_settings(files: Path, cli: Cli) -> None:
    base = ("validate", "data.json", "--format", "json")
    everything = codes(cli(*base, "--annotations", "told.jsonl", "--select", "G", cwd=files).stdout)
    assert {code for _, code in everything} >= {"G001", "G002"}
    only = codes(cli(*base, "--annotations", "told.jsonl", "--select", "G001", cwd=files).stdout)
    assert {code for _, code in only} == {"G001"}
    (files / "datagen.toml").write_text('[validate]\nannotations = ["told.jsonl"]\nselect = ["G"]\nignore = "G001"\n')
    told = codes(cli(*base, cwd=files).stdout)
    assert sorted(told) == sorted(each for each in everything if each[1] != "G001")


def test_a_baseline_accepts_them(files: Path, cli: Cli) -> None:
    args = ("validate", "data.json", "--annotations", "told.jsonl", "--select", "G", "--baseline", "b.json")
    cli(*args, cwd=files)
    assert "Nothing new in 3 records" in cli(*args, cwd=files).stdout


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "sarif", "junit", "github", "markdown"])
def test_every_format_has_them(files: Path, cli: Cli, form: str) -> None:
    args = ("validate", "data.json", "--annotations", "told.jsonl", "--select", "G", "--format", form)
    assert "G001" in cli(*args, cwd=files).stdout


def test_a_run_s_own_ledger_is_asked_without_a_flag(tmp_path: Path, cli: Cli) -> None:
    generate([SAMPLES], Settings(model="mock", limit=4, task=("conversation",)), tmp_path / "run")
    made = tmp_path / "run" / "llava.json"
    done = cli("validate", tmp_path / "run", "--format", "json", "--select", "G")
    told = json.loads(done.stdout)
    assert told["findings"] == []
    assert told["summary"]["grounding"]["records"] == 8
    records = json.loads(made.read_text())
    records[0]["conversations"][1]["value"] = "There is a giraffe. There is no dog."
    made.write_text(json.dumps(records))
    assert {code for _, code in codes(cli("validate", made, "--format", "json", "--select", "G").stdout)} & {"G001"}


@pytest.mark.parametrize(
    ("file", "image", "wrong", "right"),
    [
        ("taco.json.gz", "batch_1/000006.jpg", "There are three glass bottles.", "There is one glass bottle."),
        ("lvis_val_100.json.gz", "val2017/000000266409.jpg", None, "There is a giraffe and a shirt. There is no cat."),
    ],
)
def test_other_categories_need_no_code(
    tmp_path: Path, cli: Cli, shared_data: Path, file: str, image: str, wrong: str | None, right: str
) -> None:
    """LVIS looked for a category in some pictures only: there, no box is no proof."""
    for answer, expected in ((wrong, {"G002"}), (right, set[str]())):
        if answer is None:
            continue
        (tmp_path / "data.json").write_text(json.dumps([record(0, answer, image)]))
        args = ("--annotations", shared_data / "odd" / file, "--format", "json", "--select", "G")
        done = cli("validate", tmp_path / "data.json", *args)
        assert {code for _, code in codes(done.stdout)} == expected
        assert json.loads(done.stdout)["summary"]["grounding"]["records"] == 1
