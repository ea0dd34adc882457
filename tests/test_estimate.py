"""The estimate is what would be sent, counted; and what is dear is agreed to before it is sent."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import datagen
from datagen import Settings, estimates, generate, pipeline
from datagen.annotations.index import index
from datagen.estimates import Spread
from datagen.money import DOLLAR
from datagen.paging import lines
from datagen.plan import composers_for
from datagen.prompting.compose import messages
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks, wanted_tasks
from datagen.prompting.tokens import count
from datagen.run import Run
from datagen.shipped import shipped
from datagen.sources.files import find

SAMPLES = [shipped("samples")]


class Listener(datagen.Silent):
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def one_by_one(settings: Settings) -> dict[str, int]:
    """Tokens of every prompt, each counted whole, by task."""
    tasks = {task.name: task for task in wanted_tasks(settings.prompts, settings.task)}
    totals = dict.fromkeys(tasks, 0)
    for line in lines(index(find(SAMPLES)).contexts(), composers_for(list(tasks.values()), settings)):
        if line.query is not None:
            said = messages(tasks[line.task], describe(line.query.image, tasks[line.task].sees))
            totals[line.task] += count(said, settings.model).number
    return totals


@pytest.mark.parametrize("model", ["gpt-4", "gpt-4o"])
def test_prompt_tokens_are_those_of_each_prompt_counted_whole(model: str) -> None:
    settings = Settings(model=model)
    found = datagen.estimate(SAMPLES, settings)
    assert {task.task: task.prompt for task in found.tasks} == one_by_one(settings)
    assert found.exact
    assert (found.requests, found.answered, found.spent) == (48, 0, 0)


def test_cost_is_tokens_by_price() -> None:
    found = datagen.estimate(SAMPLES, Settings(model="m", price="2,8", max_tokens=300))
    assert found.cost is not None
    replies = found.replies
    assert found.cost == Spread(*(2_000_000 * found.prompt + 8_000_000 * each for each in replies))
    assert replies.high == 48 * 300
    assert replies.likely == 16 * (141 + 300 + 88)
    assert found.batch_cost == Spread(*(amount // 2 for amount in found.cost)), "half of what is told, too"
    assert not found.exact


def test_batches_are_told_where_the_table_has_them() -> None:
    found = datagen.estimate(SAMPLES, Settings(model="gpt-4o", limit=1))
    assert found.cost is not None
    assert found.batch_cost is not None
    assert 2 * found.batch_cost.likely == found.cost.likely


def test_an_unknown_price_is_unknown_and_not_nothing() -> None:
    found = datagen.estimate(SAMPLES, Settings(model="gpt-4", base_url="http://gpu01/v1", limit=1))
    assert (found.cost, found.batch_cost, found.price) == (None, None, None)


def test_of_many_images_evenly_spaced_ones_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = datagen.estimate(SAMPLES, Settings(model="gpt-4o"))
    monkeypatch.setattr(estimates, "COUNTED", 4)
    found = datagen.estimate(SAMPLES, Settings(model="gpt-4o"))
    assert [task.sampled for task in found.tasks] == [4, 4, 4]
    assert not found.exact
    assert any("evenly spaced" in note for note in found.notes)
    assert found.prompt == pytest.approx(whole.prompt, rel=0.05)
    assert found.prompt != whole.prompt


@given(st.integers(0, 200), st.integers(1, 12).map(lambda half: 2 * half))
def test_the_spacing_is_even_and_the_sample_small(total: int, room: int) -> None:
    (task,) = load_tasks(None, ["conversation"])
    pile = estimates._Pile(task)
    image = next(index(find(SAMPLES)).contexts())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "COUNTED", room)
        patch.setattr(estimates, "describe", lambda image, _sees: image.image_id)
        for number in range(total):
            named = image.model_copy(update={"image_id": str(number)})
            pile.add(datagen.Query(id="q", task="t", image=named, question=None, draw=0, digest=""))
    kept = [int(text) for text in pile.texts]
    steps = {b - a for a, b in pairwise(kept)}
    assert pile.requests == total
    assert len(steps) <= 1
    assert len(kept) <= room
    assert len(kept) == total or 2 * len(kept) >= room
    assert (pile.sampled is None) == (len(kept) == total)


def forget_prices(folder: Path) -> None:
    """As if there had been no price when it was asked."""
    with closing(sqlite3.connect(folder / "ledger.db")) as db, db:
        db.execute("UPDATE attempts SET cost = NULL, reserved = NULL")


def test_what_is_answered_is_not_asked_again_and_tells_how_long_replies_are(tmp_path: Path) -> None:
    generate(SAMPLES, Settings(model="mock", limit=12), tmp_path / "run")
    forget_prices(tmp_path / "run")
    before = {path: path.read_bytes() for path in (tmp_path / "run").iterdir() if path.suffix in (".json", ".jsonl")}
    found = datagen.estimate(SAMPLES, Settings(model="mock", price="1,1"), tmp_path / "run")
    assert (found.requests, found.answered) == (12, 36)
    with Run.look(tmp_path / "run") as run:
        tally, lengths = run.ledger.tally(), run.ledger.lengths()
    assert found.spent == 1_000_000 * (tally["prompt_tokens"] + tally["completion_tokens"])
    for task in found.tasks:
        assert task.measured == 12
        assert task.reply.likely == round(sum(lengths[task.task]) / 12)
        assert task.reply.low == lengths[task.task][1]
    assert {path: path.read_bytes() for path in before} == before
    done = datagen.estimate(SAMPLES, Settings(model="mock", limit=12, price="1,1"), tmp_path / "run")
    assert (done.requests, done.answered, done.cost, done.seconds) == (0, 36, Spread(0, 0, 0), 0)


def test_spent_is_unknown_where_tokens_have_no_price(tmp_path: Path) -> None:
    generate(SAMPLES, Settings(model="mock", limit=1), tmp_path / "run")
    forget_prices(tmp_path / "run")
    found = datagen.estimate(SAMPLES, Settings(model="m", base_url="http://gpu01/v1"), tmp_path / "run")
    assert found.spent is None


def test_a_plan_that_leaves_answers_out_is_said(tmp_path: Path) -> None:
    generate(SAMPLES, Settings(model="mock", limit=2), tmp_path / "run")
    found = datagen.estimate(SAMPLES, Settings(model="mock", temperature=1, limit=2), tmp_path / "run")
    assert (found.requests, found.answered) == (6, 0)
    assert any("6 answers of the run are outside this plan" in note for note in found.notes)


def test_time_is_bound_by_the_tightest_limit() -> None:
    settings = Settings(model="m", limit=10, rpm=1, task=("conversation",))
    found = datagen.estimate(SAMPLES, settings)
    assert (found.seconds, found.bound) == (600, "1 requests a minute")
    slow = datagen.estimate(SAMPLES, settings.model_copy(update={"tpm": 60.0}))
    assert slow.seconds == slow.prompt + slow.replies.likely
    assert datagen.estimate(SAMPLES, Settings(model="m", concurrency=1)).seconds > 60


@pytest.mark.parametrize(("model", "thinks"), [("o3", True), ("gpt-5-mini", True), ("gpt-4o", False), ("olmo", False)])
def test_who_thinks_is_said_to_be_dearer(model: str, thinks: bool) -> None:
    found = datagen.estimate(SAMPLES, Settings(model=model, limit=1))
    assert any("think" in note for note in found.notes) == thinks


def test_nothing_that_generate_would_refuse_is_estimated(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text('{"images": [], "annotations": []}')
    with pytest.raises(datagen.SetupError, match="nothing to ask"):
        datagen.estimate([tmp_path / "empty.json"], Settings(model="mock"))
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "ledger.db").touch()
    assert datagen.estimate(SAMPLES, Settings(model="mock"), tmp_path / "begun").requests == 48
    (tmp_path / "file").write_text("")
    with pytest.raises(datagen.SetupError, match="is a file"):
        datagen.estimate(SAMPLES, Settings(model="mock"), tmp_path / "file")


def test_it_opens_no_socket(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "def guard(event, arguments):\n"
        "    if event.startswith('socket.'): raise SystemExit(f'{event} {arguments}')\n"
        "sys.addaudithook(guard)\n"
        "from pathlib import Path\nimport datagen\n"
        "found = datagen.estimate([Path('samples')], datagen.Settings(model='gpt-4o'), Path('run'))\n"
        "print(found.requests, found.cost is not None)\n"
        "import socket; socket.socket()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "48 True\n", done.stderr
    assert "socket.__new__" in done.stderr  # the guard guards
    assert not (tmp_path / "run").exists()


Confirm = Callable[[datagen.Bill], bool]


def asked(answer: bool) -> tuple[list[datagen.Bill], Confirm]:
    bills: list[datagen.Bill] = []

    def confirm(bill: datagen.Bill) -> bool:
        bills.append(bill)
        return answer

    return bills, confirm


def test_a_dear_run_is_agreed_to_first_or_nothing_is_sent(tmp_path: Path) -> None:
    settings = Settings(model="mock", price="1000,1000")
    bills, no = asked(False)
    with pytest.raises(datagen.Stopped, match="nothing was sent") as fault:
        generate(SAMPLES, settings, tmp_path / "run", confirm=no)
    assert "--yes" in fault.value.hint
    assert datagen.status(tmp_path / "run").tally["attempts"] == 0
    assert [bill.requests for bill in bills] == [48]
    exact = datagen.estimate(SAMPLES, settings).cost
    assert exact is not None
    assert bills[0].cost == pytest.approx(exact.likely, rel=0.2)
    bills, yes = asked(True)
    assert generate(SAMPLES, settings, tmp_path / "run", confirm=yes).states.kept == 48
    assert len(bills) == 1


def test_a_cheap_or_capped_run_is_not_asked_about(tmp_path: Path) -> None:
    for number, settings in enumerate(
        [
            Settings(model="mock", limit=1),
            Settings(model="mock", limit=1, price="1000,1000", confirm_above=1000),
        ]
    ):
        bills, no = asked(False)
        assert generate(SAMPLES, settings, tmp_path / str(number), confirm=no).states.kept == 3
        assert bills == []


def test_the_bill_is_for_what_is_left(tmp_path: Path) -> None:
    settings = Settings(model="mock", price="1000,1000", confirm_above=0)
    generate(SAMPLES, settings.model_copy(update={"limit": 15}), tmp_path / "run")
    bills, yes = asked(True)
    generate(SAMPLES, settings, tmp_path / "run", confirm=yes)
    assert [bill.requests for bill in bills] == [3]
    assert 3 * DOLLAR < bills[0].cost < 9 * DOLLAR


def test_a_finished_run_looks_up_no_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(model="mock", limit=1, price="1000,1000", confirm_above=0)
    generate(SAMPLES, settings, tmp_path / "run")
    monkeypatch.setattr(pipeline, "price_of", None)
    bills, no = asked(False)
    assert generate(SAMPLES, settings, tmp_path / "run", confirm=no).states.kept == 3
    assert bills == []


def test_a_cap_without_a_price_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    settings = Settings(model="m", base_url="http://127.0.0.1:9/v1", max_cost=5)
    with pytest.raises(datagen.SetupError, match=r"no price is known for m at http://127\.0\.0\.1:9/v1") as fault:
        generate(SAMPLES, settings, tmp_path / "run")
    assert "--price IN,OUT" in fault.value.hint
    assert datagen.status(tmp_path / "run").tally["attempts"] == 0


def test_an_unknown_price_without_a_cap_is_said_in_a_line(tmp_path: Path) -> None:
    listener = Listener()
    settings = Settings(model="m", base_url="http://127.0.0.1:9/v1", attempts=1, limit=1)
    generate(SAMPLES, settings, tmp_path / "run", observer=listener)  # nobody listens there: all of it fails
    assert sum("the cost is unknown" in line for line in listener.said) == 1
