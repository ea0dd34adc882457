"""What records say of their pictures, in a run: where it is told, what it rejects, and by whose word."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from datagen import Bill, Settings, Stopped, generate, rebuild, resolve, status
from datagen.errors import SetupError, UnknownName
from datagen.examine import Strictness, complaints, examine, shortcomings, strictness
from datagen.grounding.judge import Grounder
from datagen.llm.mock import backend
from datagen.money import DOLLAR
from datagen.prompting.folder import load_tasks
from datagen.schema import Box, Boxed, Grounded, ImageContext, Query, Record, Response
from tests.program import Program as Cli

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
DOG = ImageContext(
    image_id="1",
    file_name="a.jpg",
    width=100,
    height=100,
    captions=("A brown dog with a ball.",),
    boxes=(Box("dog", 0.1, 0.5, 0.3, 0.8), Box("sports ball", 0.6, 0.7, 0.65, 0.75)),
)
BOXED = Boxed(("dog", "sports ball", "umbrella", "person"))


def looked_at(*answers: str, **strict: Any) -> Record:
    (task,) = load_tasks(names=["conversation"])
    text = "\n===\n".join(f"Question:\nWhat is there?\n===\nAnswer:\n{answer}" for answer in answers)
    query = Query(id="a-b-0-cafe", task=task.name, image=DOG, question=None, draw=0, digest="cafe")
    told = {"grounder": Grounder(BOXED.categories), **strict}
    return examine(query, task, Response(query_id="q", text=text, finish="stop"), strict=Strictness(**told))


TRUE, FALSE = "There is one dog.", "There is an umbrella."


def test_claims_are_counted_and_what_is_not_so_is_a_warning() -> None:
    record = looked_at(TRUE, FALSE)
    assert record.kept
    assert record.grounded is not None
    assert (record.grounded.supported, record.grounded.contradicted, record.grounded.score) == (1, 1, 0.5)
    ((code, level, where, words),) = [(f.code, f.level, f.where, f.words) for f in record.findings]
    assert (code, level, where, words) == ("G001", "warning", "turn 2 answer", "an umbrella")
    assert shortcomings(record) == (0, 1)
    (told,) = complaints(record)
    assert told.startswith("turn 2 answer: It speaks of a thing that is not in the picture. ")


def test_nobody_looks_where_nobody_asks() -> None:
    record = looked_at(TRUE, FALSE, grounder=None)
    assert (record.grounded, record.findings) == (None, ())


@pytest.mark.parametrize(
    ("reject", "kept"), [((), True), (("G001",), False), (("G",), False), (("G002", "S"), True), (("L",), True)]
)
def test_what_is_named_rejects(reject: tuple[str, ...], kept: bool) -> None:
    record = looked_at(TRUE, FALSE, reject=reject)
    assert record.kept == kept
    assert [error.check for error in record.errors] == ([] if kept else ["absent-object"])


@pytest.mark.parametrize(("answers", "least", "kept"), [
    ((TRUE, FALSE), 0.5, True), ((TRUE, FALSE), 0.51, False), ((TRUE, TRUE), 1.0, True), ((FALSE, FALSE), 0.0, True),
    (("It looks like a nice day.", "Somebody may be happy."), 1.0, True),
])  # fmt: skip
def test_too_little_borne_out_rejects_and_nothing_to_judge_never_does(
    answers: tuple[str, ...], least: float, kept: bool
) -> None:
    record = looked_at(*answers, least=least)
    assert record.kept == kept
    if not kept:
        assert [error.check for error in record.errors] == ["min-grounding"]
        assert "1 of 2 claims are borne out: 0.50 is below 0.51" in record.errors[0].message
        assert complaints(record)[-1].startswith("reply: Too much of what it says of the picture is not so. ")


def test_scores() -> None:
    assert Grounded(3, 1, 9).score == 0.75
    assert Grounded(0, 0, 9).score is None
    assert Grounded(0, 2).score == 0.0


def test_names_and_codes_and_families_are_known_and_others_are_not() -> None:
    def codes(*names: str) -> tuple[str, ...]:
        return strictness(Settings(model="m", reject=names), Boxed, ground=False).reject

    assert codes("wrong-count", "g001", "L", "") == ("G002", "G001", "L")
    assert strictness(Settings(model="m", reject=("L009",)), Boxed, ground=False).grounder is None
    assert strictness(Settings(model="m", reject=("G",)), lambda: BOXED, ground=False).grounder is not None
    for wrong in ("G777", "wrong-cuont", "I001", "X"):
        with pytest.raises(UnknownName, match="check of replies"):
            codes(wrong)


def test_the_settings_stand_anywhere_and_are_none_of_the_plan_s(tmp_path: Path) -> None:
    (tmp_path / "datagen.toml").write_text('model = "m"\nreject = "G"\nmin-grounding = 0.5\n')
    settings = resolve({}, {}, tmp_path / "datagen.toml")
    assert (settings.reject, settings.min_grounding) == (("G",), 0.5)
    settings = resolve({"reject": ("G001",)}, {"DATAGEN_MIN_GROUNDING": "0.25"}, tmp_path / "datagen.toml")
    assert (settings.reject, settings.min_grounding) == (("G001",), 0.25)
    with pytest.raises(SetupError, match="--min-grounding"):
        resolve({"model": "m", "min_grounding": 1.5}, {})


@pytest.fixture
def untrue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock that tells of absent things in every second description."""
    write, seen = backend.reply, []

    def reply(messages: Any) -> str:
        text = write(messages)
        seen.append(text)
        return text if len(seen) % 2 else f"{text} There is a stop sign next to a refrigerator and a surfboard."

    monkeypatch.setattr(backend, "reply", reply)


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


@pytest.mark.usefixtures("untrue")
def test_a_run_tells_of_each_record_and_of_all_and_can_be_held_to_more_later(tmp_path: Path, cli: Cli) -> None:
    settings = Settings(model="mock", task=("detail_description",), concurrency=1)
    outcome = generate([SAMPLES], settings, tmp_path / "run")
    assert (outcome.states.kept, outcome.claims.wrong) == (16, 8)
    told = lines(tmp_path / "run", "provenance.jsonl")
    assert [bool(line["grounding"]["contradicted"]) for line in told] == [False, True] * 8
    for line in told:
        assert line["grounding"]["contradicted"] == sum(each["code"][0] == "G" for each in line["warnings"])
        assert line["grounding"]["score"] < 1 or not line["grounding"]["contradicted"]
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["grounding"]["wrong"] == 8
    for name in ("supported", "contradicted", "unknown"):
        assert manifest["grounding"][name] == sum(line["grounding"][name] for line in told)
    done = cli("status", tmp_path / "run")
    assert f"{manifest['grounding']['contradicted']} contradicted" in done.stdout
    assert "8 of 16 records say what is not so" in done.stdout
    as_json = json.loads(cli("status", tmp_path / "run", "--json").stdout)["grounding"]
    assert as_json == {**manifest["grounding"], "score": as_json["score"]}
    assert as_json["score"] == pytest.approx(manifest["grounding"]["score"], abs=1e-4)

    done = cli("rebuild", tmp_path / "run", "--reject", "absent-object")
    assert done.returncode == 1, "more than a tenth is rejected"
    assert "kept 8 · rejected 8 (absent-object 8)" in done.stderr
    assert status(tmp_path / "run").claims.wrong == 0
    assert {line["reason"] for line in lines(tmp_path / "run", "rejects.jsonl")} == {"absent-object"}
    rebuild(tmp_path / "run")
    assert status(tmp_path / "run").states.kept == 8, "it is the run's setting from then on"
    assert rebuild(tmp_path / "run", reject=(), min_grounding=0.99).states.rejected == {"min-grounding": 8}
    assert rebuild(tmp_path / "run", min_grounding=0).states.kept == 16
    assert "no check of replies is called" in cli("rebuild", tmp_path / "run", "--reject", "nonsense").stderr
    for share in ("2", "-0.1", "nan"):
        done = cli("rebuild", tmp_path / "run", "--min-grounding", share)
        assert (done.returncode, done.stderr.partition(": ")[2][:15]) == (2, "--min-grounding")


@pytest.mark.usefixtures("untrue")
def test_claims_are_held_against_nothing_where_nobody_wants_it(tmp_path: Path, cli: Cli) -> None:
    run = tmp_path / "run"
    settings = Settings(model="mock", task=("detail_description",), concurrency=1, ground=False)
    assert generate([SAMPLES], settings, run).claims.records == 0
    for line in lines(run, "provenance.jsonl"):
        assert (line["grounding"], line["warnings"]) == (None, [])
    assert rebuild(run, min_grounding=0.99).states.rejected == {"min-grounding": 8}, "a share wants it all the same"
    assert cli("rebuild", run, "--grounding", "--min-grounding", "0").returncode == 0
    assert all(line["grounding"] for line in lines(run, "provenance.jsonl"))


@pytest.mark.usefixtures("untrue")
def test_generate_rejects_what_it_is_told_to_and_asks_it_again(tmp_path: Path) -> None:
    settings = Settings(model="mock", task=("detail_description",), concurrency=1, reject=("G001",), limit=3)
    outcome = generate([SAMPLES], settings, tmp_path / "run")
    assert (outcome.states.kept, outcome.claims.wrong, outcome.tally["spoiled"]) == (3, 0, 2)


def test_an_unknown_check_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        generate([SAMPLES], Settings(model="mock", reject=("G9x",)), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_an_older_datagen_made_is_told_of_and_built(tmp_path: Path) -> None:
    """It kept no word of categories, and no table of claims."""
    outcome = generate([SAMPLES], Settings(model="mock", limit=4), tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "ledger.db")) as db:
        db.execute("DROP TABLE grounding")
        db.execute("DELETE FROM meta WHERE key = 'boxed'")
        db.commit()
    assert status(tmp_path / "run").claims.records == 0
    assert generate([SAMPLES], Settings(model="mock", limit=4, repair=1), tmp_path / "run").states.kept == 12
    assert 0 < rebuild(tmp_path / "run").claims.records <= outcome.claims.records


@pytest.mark.usefixtures("untrue")
def test_what_bettering_a_finished_run_will_cost_is_agreed_to_first(tmp_path: Path) -> None:
    settings = Settings(model="mock", task=("detail_description",), concurrency=1, price="1000,1000")
    generate([SAMPLES], settings, tmp_path / "run")
    more = settings.model_copy(update={"repair": 1, "confirm_above": 0})
    bills: list[Bill] = []

    def no(bill: Bill) -> bool:
        bills.append(bill)
        return False

    with pytest.raises(Stopped, match="nothing was sent"):
        generate([SAMPLES], more, tmp_path / "run", confirm=no)
    assert [bill.requests for bill in bills] == [8]
    assert 4 * DOLLAR < bills[0].cost < 16 * DOLLAR  # a thousand tokens each, which cost a dollar
    assert status(tmp_path / "run").tally["attempts"] == 16
    generate([SAMPLES], more, tmp_path / "run", confirm=lambda _: True)
    assert status(tmp_path / "run").tally["attempts"] == 24


@pytest.mark.usefixtures("untrue")
def test_a_cap_that_cannot_be_kept_betters_nothing_either(tmp_path: Path) -> None:
    settings = Settings(model="mock", task=("detail_description",), concurrency=1)
    generate([SAMPLES], settings, tmp_path / "run")
    more = settings.model_copy(update={"repair": 1, "max_cost": 1.0, "base_url": "http://127.0.0.1:9/v1"})
    with pytest.raises(SetupError, match="--max-cost cannot be kept"):
        generate([SAMPLES], more, tmp_path / "run")
    assert status(tmp_path / "run").tally["attempts"] == 16


def test_of_the_samples_nothing_is_untrue(tmp_path: Path) -> None:
    tasks = tuple(task.name for task in load_tasks())
    outcome = generate([SAMPLES], Settings(model="mock", task=tasks), tmp_path / "run")
    assert outcome.claims.claims.supported > 100
    wrong = [
        line for line in lines(tmp_path / "run", "provenance.jsonl") if (line["grounding"] or {}).get("contradicted")
    ]
    assert [each for line in wrong for each in line["warnings"]] == []


def test_where_there_is_nothing_to_hold_records_against_validate_says_so(tmp_path: Path, cli: Cli) -> None:
    data = SAMPLES / "output" / "llava.json"
    asked, told = cli("validate", data, "--select", "G"), cli("validate", data, "--select", "S")
    assert "nothing to hold these records against: give --annotations" in asked.stderr
    assert (asked.returncode, told.stderr) == (0, "")
    assert "nothing to hold" not in cli("validate", data, "--select", "G", "--annotations", SAMPLES).stderr
