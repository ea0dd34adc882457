"""plan → ask → build → export on the samples and on real input: same bytes, nothing asked twice, nothing lost."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen import Settings, generate, preview, rebuild, status
from datagen.errors import LedgerError, SetupError
from datagen.llm import wire
from datagen.llm.mock.backend import complete
from datagen.run import Run
from datagen.schema import Request, Response
from datagen.shipped import shipped

MOCK = Settings(model="mock")


class Listener(datagen.Silent):
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.odds: Counter[str] = Counter()
        self.heard_of = 0

    def say(self, message: str) -> None:
        self.said.append(message)

    def odd(self, oddity: datagen.Oddity) -> None:
        self.odds[oddity.name] += oddity.number

    def heard(self, response: Response, fault: str | None) -> None:
        self.heard_of += 1


def write(folder: Path, captions: dict[int, list[str]], boxes: dict[int, list[list[float]]] | None = None) -> Path:
    """A small combined annotation file."""
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 100, "height": 100} for n in captions]
    told = [(n, {"caption": text}) for n, texts in captions.items() for text in texts]
    told += [(n, {"bbox": box, "category_id": 1}) for n, held in (boxes or {}).items() for box in held]
    annotations = [{"id": k, "image_id": n, **what} for k, (n, what) in enumerate(told)]
    path = folder / "annotations.json"
    categories = [{"id": 1, "name": "dog"}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def records(folder: Path) -> list[dict[str, object]]:
    return json.loads((folder / "llava.json").read_text("ascii"))


def test_the_samples_through_the_mock_are_the_golden_output(tmp_path: Path) -> None:
    outcome = generate([shipped("samples")], MOCK, tmp_path / "run")
    golden = shipped("samples") / "output"
    for name in ("llava.json", "messages.jsonl"):
        assert (outcome.folder / name).read_bytes() == (golden / name).read_bytes()
    assert outcome.states.kept == outcome.states.planned == len(records(outcome.folder))


@pytest.mark.parametrize("concurrency", [1, 7, 64])
def test_concurrency_does_not_change_a_byte(tmp_path: Path, concurrency: int) -> None:
    settings = MOCK.model_copy(update={"concurrency": concurrency, "image_token": "random"})
    first = generate([Path("samples")], settings, tmp_path / "a")
    again = generate([Path("samples")], MOCK.model_copy(update={"image_token": "random"}), tmp_path / "b")
    for name in ("llava.json", "messages.jsonl", "provenance.jsonl", "rejects.jsonl", "manifest.json"):
        assert sha(first.folder / name) == sha(again.folder / name), name


def test_the_same_again_sends_nothing(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    before = sha(tmp_path / "run" / "llava.json")
    listener = Listener()
    outcome = generate([Path("samples")], MOCK, tmp_path / "run", observer=listener)
    assert listener.heard_of == 0
    assert outcome.tally["attempts"] == outcome.states.planned
    assert sha(tmp_path / "run" / "llava.json") == before


def test_rebuild_makes_the_same_files_from_the_ledger_alone(tmp_path: Path) -> None:
    annotations = write(tmp_path, {1: ["A dog runs."], 2: ["A dog sits."]}, {1: [[0, 0, 50, 50]]})
    generate([annotations], MOCK, tmp_path / "run")
    before = {p.name: sha(p) for p in (tmp_path / "run").glob("*.json*") if p.name != "run.json"}
    for name in before:
        (tmp_path / "run" / name).unlink()
    annotations.unlink()
    rebuild(tmp_path / "run")
    assert {p.name: sha(p) for p in (tmp_path / "run").glob("*.json*") if p.name != "run.json"} == before


def test_more_images_ask_only_the_new_ones(tmp_path: Path) -> None:
    annotations = write(tmp_path, {n: [f"Dog number {n}."] for n in range(10)})
    generate([annotations], MOCK.model_copy(update={"limit": 4}), tmp_path / "run")
    listener = Listener()
    outcome = generate([annotations], MOCK, tmp_path / "run", observer=listener)
    assert listener.heard_of == 18
    assert outcome.states.kept == 30


def test_what_would_leave_answers_out_is_refused_and_says_what_changed(tmp_path: Path) -> None:
    annotations = write(tmp_path, {n: [f"Dog number {n}."] for n in range(4)})
    generate([annotations], MOCK, tmp_path / "run")
    before = sha(tmp_path / "run" / "llava.json"), sha(tmp_path / "run" / "run.json")
    warmer = MOCK.model_copy(update={"temperature": 0.5})
    with pytest.raises(SetupError, match=r"12 answers would be left out: .*temperature: None → 0\.5") as refused:
        generate([annotations], warmer, tmp_path / "run")
    assert "--replan" in refused.value.hint
    assert (sha(tmp_path / "run" / "llava.json"), sha(tmp_path / "run" / "run.json")) == before
    outcome = generate([annotations], warmer, tmp_path / "run", replan=True)
    assert outcome.tally["answered"] == 24
    back = generate([annotations], MOCK, tmp_path / "run", replan=True)
    assert back.tally["answered"] == 24
    assert sha(tmp_path / "run" / "llava.json") == before[0]


def test_an_edited_prompt_is_a_new_question(tmp_path: Path) -> None:
    annotations = write(tmp_path, {1: ["A dog."]})
    prompts = tmp_path / "prompts"
    datagen.copy_tasks(prompts, names=["conversation"])
    settings = MOCK.model_copy(update={"prompts": prompts})
    generate([annotations], settings, tmp_path / "run")
    system = prompts / "conversation" / "system_message.txt"
    system.write_text(system.read_text() + "\nBe brief.\n")
    with pytest.raises(SetupError, match="prompts/conversation"):
        generate([annotations], settings, tmp_path / "run")
    assert "Be brief." not in (tmp_path / "run" / "prompts" / "conversation" / "system_message.txt").read_text()


def test_images_that_lack_what_a_task_needs_are_counted(tmp_path: Path) -> None:
    annotations = write(tmp_path, {1: ["A dog."], 2: []}, {2: [[0, 0, 50, 50]]})
    outcome = generate([annotations], MOCK, tmp_path / "run")
    assert outcome.states.planned == 3
    assert outcome.left_out == {
        name: {"no captions": 1} for name in ("complex_reasoning", "conversation", "detail_description")
    }


def test_nothing_to_ask_is_said_with_the_reason_and_leaves_no_plan(tmp_path: Path) -> None:
    annotations = write(tmp_path, {1: [], 2: []}, {1: [[0, 0, 50, 50]]})
    with pytest.raises(SetupError, match=r"nothing to ask: .*no captions \(2 images\)"):
        generate([annotations], MOCK, tmp_path / "run")
    annotations = write(tmp_path, {1: ["A dog."]})
    assert generate([annotations], MOCK, tmp_path / "run").states.kept == 3


def test_oddities_are_told_and_kept_in_the_manifest(tmp_path: Path) -> None:
    annotations = write(tmp_path, {1: ["A dog.", " "]}, {1: [[-50, 0, 100, 50], [0, 0, -1, 5]]})
    listener = Listener()
    generate([annotations], MOCK, tmp_path / "run", observer=listener)
    assert listener.odds == {"bad-caption": 1, "clipped-box": 1, "bad-box": 1}
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["oddities"]["clipped-box"]["first"].endswith(
        "$.annotations[2]: corners [-50.0, 0.0, 50.0, 50.0] in 100 x 100"
    )
    assert manifest["mock"] is True


def test_rejected_replies_are_kept_with_their_reason(tmp_path: Path) -> None:
    annotations = write(tmp_path, {n: [f"Dog number {n} runs over the wide green field."] for n in range(3)})
    outcome = generate([annotations], MOCK.model_copy(update={"max_tokens": 5}), tmp_path / "run")
    assert outcome.states.rejected == {"cut": 9}
    assert records(tmp_path / "run") == []
    lines = [json.loads(line) for line in (tmp_path / "run" / "rejects.jsonl").read_text().splitlines()]
    assert {line["reason"] for line in lines} == {"cut"}
    assert all(line["reply"] and line["finish"] == "length" for line in lines)


def test_every_record_is_sound(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    written = records(tmp_path / "run")
    text = (tmp_path / "run" / "llava.json").read_text("ascii")
    assert text.endswith("\n]\n")
    assert len({record["id"] for record in written}) == len(written)
    for record in written:
        assert set(record) == {"id", "image", "conversations"}
        roles = [turn["from"] for turn in record["conversations"]]  # type: ignore[attr-defined]
        assert roles == ["human", "gpt"] * (len(roles) // 2)
        assert (shipped("samples") / "images" / str(record["image"])).is_file()


def test_provenance_tells_each_record_from_which_request_it_came(tmp_path: Path) -> None:
    outcome = generate([Path("samples")], MOCK, tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run" / "provenance.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [record["id"] for record in records(tmp_path / "run")]
    assert all(line["query_id"].endswith(line["request_sha256"][:8]) for line in lines)
    assert {line["model"] for line in lines} == {"datagen-mock"}
    assert outcome.mock


def test_preview_is_what_is_sent(tmp_path: Path) -> None:
    annotations = write(tmp_path, {1: ["A dog."], 7: ["A dog in a park."]}, {7: [[10, 20, 30, 40]]})
    shown = preview([annotations], MOCK, "conversation", "7")
    assert shown.messages[-1] == {"role": "user", "content": "A dog in a park.\n\ndog: [0.1, 0.2, 0.4, 0.6]"}
    assert shown.body["messages"] == shown.messages
    assert shown.tokens.number > 100
    generate([annotations], MOCK, tmp_path / "run")
    with Run.look(tmp_path / "run") as run:
        assert shown.id in {answer.query.id for answer in run.ledger.answers()}


@pytest.mark.parametrize(
    ("task", "image", "says"), [("conversation", "99", "no image"), ("convresation", None, "no task")]
)
def test_preview_of_what_is_not_there(tmp_path: Path, task: str, image: str | None, says: str) -> None:
    annotations = write(tmp_path, {1: ["A dog."]})
    with pytest.raises(SetupError, match=says):
        preview([annotations], MOCK, task, image)


def test_status_counts_without_touching(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in (tmp_path / "run").iterdir() if p.is_file()}
    assert status(tmp_path / "run").states.kept == 48
    after = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in (tmp_path / "run").iterdir() if p.is_file()}
    assert {p: v for p, v in after.items() if p in before} == before


def test_a_damaged_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    path = tmp_path / "run" / "ledger.db"
    damaged = bytearray(path.read_bytes())
    damaged[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    path.write_bytes(damaged)
    before = sha(tmp_path / "run" / "llava.json")
    with pytest.raises(LedgerError):
        rebuild(tmp_path / "run")
    assert sha(tmp_path / "run" / "llava.json") == before


def test_a_run_without_its_run_json_is_refused_by_name(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    (tmp_path / "run" / "run.json").unlink()
    with pytest.raises(LedgerError, match=r"run\.json"):
        status(tmp_path / "run")
    assert generate([Path("samples")], MOCK, tmp_path / "run").states.kept == 48


@pytest.mark.parametrize("damage", ["empty", "gone"])
def test_an_empty_or_missing_ledger_is_refused_and_the_files_are_left_alone(tmp_path: Path, damage: str) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    before = sha(tmp_path / "run" / "llava.json")
    (tmp_path / "run" / "ledger.db").unlink()
    if damage == "empty":
        (tmp_path / "run" / "ledger.db").touch()
    for act in (rebuild, status, lambda folder: generate([Path("samples")], MOCK, folder)):
        with pytest.raises(LedgerError, match=f"is {damage}"):
            act(tmp_path / "run")  # type: ignore[operator]
    assert sha(tmp_path / "run" / "llava.json") == before


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", '{"settings": 5}', "null", "{", '{"plan": "x", "settings": {}}',
     '{"datagen": "0", "plan": PLAN, "settings": {}, "annotations": [{}], "prompts": {}, "oddities": {}}',
     '{"datagen": "0", "plan": PLAN, "settings": {"model": "m"}, "annotations": [1], "prompts": {}, "oddities": {}}'],
)  # fmt: skip
def test_a_damaged_run_json_is_refused_by_name_and_mended_by_the_same_command(tmp_path: Path, content: str) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    plan = json.loads((tmp_path / "run" / "run.json").read_text())["plan"]
    (tmp_path / "run" / "run.json").write_text(content.replace("PLAN", json.dumps(plan)))
    for act in (rebuild, status):
        with pytest.raises(LedgerError, match=r"run\.json"):
            act(tmp_path / "run")
    listener = Listener()
    assert generate([Path("samples")], MOCK, tmp_path / "run", observer=listener).states.kept == 48
    assert listener.heard_of == 0
    assert status(tmp_path / "run").states.kept == 48


def test_a_planning_that_was_cut_short_is_not_built_from_and_is_done_again(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK.model_copy(update={"limit": 4}), tmp_path / "run")
    old = (tmp_path / "run" / "run.json").read_text()
    generate([Path("samples")], MOCK.model_copy(update={"limit": 5}), tmp_path / "run")
    (tmp_path / "run" / "run.json").write_text(old)
    with pytest.raises(LedgerError, match="cut short"):
        rebuild(tmp_path / "run")
    assert generate([Path("samples")], MOCK.model_copy(update={"limit": 5}), tmp_path / "run").states.kept == 15


def test_a_build_that_was_cut_short_is_not_taken_for_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = MOCK.model_copy(update={"limit": 3})
    last = few.model_copy(update={"image_token": "last"})
    generate([Path("samples")], few, tmp_path / "run")
    before = sha(tmp_path / "run" / "llava.json")

    def die(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("datagen.build._manifest", die)
    with pytest.raises(KeyboardInterrupt):
        generate([Path("samples")], last, tmp_path / "run")
    monkeypatch.undo()
    assert sha(tmp_path / "run" / "llava.json") != before
    generate([Path("samples")], few, tmp_path / "run")
    assert sha(tmp_path / "run" / "llava.json") == before


@pytest.mark.parametrize("damage", ["[]", None])
def test_a_file_that_was_changed_or_taken_away_is_made_again(tmp_path: Path, damage: str | None) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    path = tmp_path / "run" / "llava.json"
    before = sha(path)
    path.unlink()
    if damage:
        path.write_text(damage)
    generate([Path("samples")], MOCK, tmp_path / "run")
    assert sha(path) == before


def test_kept_prompts_that_were_changed_are_not_built_from_and_are_put_back(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK, tmp_path / "run")
    system = tmp_path / "run" / "prompts" / "conversation" / "system_message.txt"
    before = system.read_text()
    system.write_text("Be wrong.")
    with pytest.raises(LedgerError, match="conversation: was changed") as refused:
        rebuild(tmp_path / "run")
    assert "puts them back" in refused.value.hint
    listener = Listener()
    generate([Path("samples")], MOCK, tmp_path / "run", observer=listener)
    assert (system.read_text(), listener.heard_of) == (before, 0)
    shutil.rmtree(tmp_path / "run" / "prompts")
    generate([Path("samples")], MOCK, tmp_path / "run")
    assert system.read_text() == before


def test_settings_that_are_not_the_plans_are_noted_all_the_same(tmp_path: Path) -> None:
    generate([Path("samples")], MOCK.model_copy(update={"max_rejected": "100%"}), tmp_path / "run")
    assert status(tmp_path / "run").settings["max_rejected"] == "100%"
    listener = Listener()
    generate([Path("samples")], MOCK.model_copy(update={"max_rejected": "5"}), tmp_path / "run", observer=listener)
    assert status(tmp_path / "run").settings["max_rejected"] == "5"
    assert listener.said == ["nothing here is called samples: taking the samples that come with datagen"]


def test_an_interrupted_notebook_spends_nothing_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datagen import ask as asking
    from datagen.llm.mock.backend import MockBackend

    class Interrupted(asking.ThreadPoolExecutor):
        """Whoever waits for what was submitted is interrupted after a moment."""

        def submit(self, *arguments: Any) -> Any:  # type: ignore[override]
            future = super().submit(*arguments)
            future.result = wait_a_moment  # type: ignore[method-assign,assignment]
            return future

    def wait_a_moment() -> None:
        time.sleep(0.4)
        raise KeyboardInterrupt

    async def slowly(self: MockBackend, request: Request) -> Response:
        await asyncio.sleep(0.05)
        return wire.read(request.id, json.dumps(complete(request.payload())).encode())

    async def notebook() -> None:
        generate([Path("samples")], MOCK.model_copy(update={"concurrency": 2}), tmp_path / "run")

    monkeypatch.setattr(MockBackend, "ask", slowly)
    monkeypatch.setattr(asking, "ThreadPoolExecutor", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(notebook())
    tally = status(tmp_path / "run").tally
    assert 0 < tally["answered"] < 40
    assert tally["attempts"] == tally["answered"], "what was on its way came home"


def test_images_without_a_box_are_asked_about_and_counted(tmp_path: Path) -> None:
    annotations = write(tmp_path, {1: ["A dog."], 2: ["A cat."]}, {1: [[0, 0, 5, 5]]})
    listener = Listener()
    assert generate([annotations], MOCK, tmp_path / "run", observer=listener).states.planned == 6
    assert listener.odds == {"no-box": 1}


def test_where_there_is_nothing_to_ask_the_oddities_are_told_all_the_same(tmp_path: Path) -> None:
    listener = Listener()
    with pytest.raises(SetupError, match="nothing to ask"):
        generate([write(tmp_path, {1: []}, {1: [[0, 0, -5, 5]]})], MOCK, tmp_path / "run", observer=listener)
    assert listener.odds == {"bad-box": 1, "no-caption": 1, "no-box": 1}


def test_llavas_own_prompts_work_unchanged(tmp_path: Path, shared_data: Path) -> None:
    settings = MOCK.model_copy(update={"prompts": shared_data / "prompts" / "llava"})
    outcome = generate([Path("samples")], settings, tmp_path / "run")
    assert outcome.states.kept == 48
    assert rebuild(tmp_path / "run").states.kept == 48


def test_it_works_inside_a_running_loop(tmp_path: Path) -> None:
    async def notebook() -> int:
        return generate([Path("samples")], MOCK, tmp_path / "run").states.kept

    assert asyncio.run(notebook()) == 48


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    generate([Path("samples")], MOCK, tmp_path / "run")
    shutil.move(tmp_path / "run", tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def test_a_run_folder_can_be_moved(moved: Path) -> None:
    assert status(moved).states.kept == 48
    assert generate([Path("samples")], MOCK, moved).tally["attempts"] == 48
