"""plan → ask → build: the one file that knows the order.

    plan     annotations + prompts → queries in the ledger             free
    ask      unanswered queries → a language model → the ledger        MONEY, and nowhere else
    build    answers → turns → checks → records → files                free, and can be done again

A raw answer is on disk before anybody reads it, and every act can be stopped anywhere and done again: the same call
resumes. Same input and same replies give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from datagen.annotations.index import Index, index
from datagen.ask import Ended, ask
from datagen.batch.managing import cancel, collect
from datagen.batch.road import Batching, by_batch
from datagen.build import build
from datagen.choose import reading
from datagen.counts import Claims, Spent, States
from datagen.errors import SetupError, Stopped
from datagen.estimates import Bill, likely_bill
from datagen.examine import codes_of
from datagen.keys import Key
from datagen.llm.base import is_mock, warm_up
from datagen.money import DOLLAR, dollars
from datagen.observer import Observer, Silent
from datagen.paging import contexts
from datagen.plan import begin, composers_for, sources_of
from datagen.prices import batch_price_of, price_of
from datagen.prompting.compose import Composer, messages
from datagen.prompting.context import describe
from datagen.prompting.folder import load_tasks
from datagen.prompting.tokens import Tokens, count
from datagen.run import Run
from datagen.schema import Grounded, ImageContext, Task
from datagen.settings import Settings, changed
from datagen.shards import Shard
from datagen.text import shown


class BatchState(NamedTuple):
    """A batch, and what came of its requests."""

    shard: Shard
    outcomes: dict[str, int]
    """`answered`, or the reason for which one was not; '' for not yet."""


class Outcome(NamedTuple):
    """How a run stands."""

    folder: Path
    states: States
    left_out: dict[str, dict[str, int]]
    tally: dict[str, int]
    models: list[str]
    mock: bool
    """Whether any answer came from the mock."""
    settings: dict[str, Any]
    spent: Spent = Spent(0, 0, 0, 0, 0)
    claims: Claims = Claims(0, 0, Grounded())
    """What the kept records claim of their pictures."""
    price: str = ""
    """Where the price is from that it was last asked at; empty where there was none."""
    ended: Ended = Ended()
    """What ended the asking before its time, if anything did."""
    batches: tuple[BatchState, ...] = ()
    """All batches that there were, in the order in which they were made."""

    @property
    def open_batches(self) -> int:
        """How many of them have requests that wait for their answers."""
        return sum(batch.shard.state != "settled" for batch in self.batches)

    @property
    def interrupted(self) -> int | None:
        """The signal that ended the asking, if one did."""
        return self.ended.signal


def generate(
    inputs: Sequence[Path],
    settings: Settings,
    folder: Path,
    *,
    key: Key | None = None,
    replan: bool = False,
    observer: Observer | None = None,
    confirm: Callable[[Bill], bool] | None = None,
    batch: Batching | None = None,
) -> Outcome:
    """Plan, ask what is unanswered, build. The same call again resumes and sends nothing twice.

    With `batch` it is asked by batch: this takes in what came of the open ones, submits what is left, and comes back.

    Where the rest will likely cost more than `confirm_above`, `confirm` must agree first; who gives none agrees to all.
    Raises a DatagenError; what was answered until then is in the ledger, and the files are built from it.
    """
    observer = observer or Silent()
    codes_of(settings.reject)  # a check that nobody knows is told before anything is made
    with Run.create(folder) as run:
        unknown = run.ledger.settle_unknown()
        if unknown:
            observer.say(
                f"{unknown} requests were on their way when an earlier process died; they may have been billed"
            )
        _license(run, settings.license)
        loading = partial(warm_up, settings.model, settings.base_url)
        pages = begin(run, inputs, settings, replan=replan, observer=observer, meanwhile=loading)
        ended = Ended()
        try:
            if batch is None:
                agree = partial(_agree, run, settings, observer, confirm)
                ended = ask(run, settings, key or Key(None), observer, pages, agree)
            else:
                if not batch.is_elsewhere and run.ledger.unasked_count():
                    _agree(run, settings, observer, confirm, by_batch=True)
                ended = by_batch(run, settings, key or Key(None), observer, pages, batch)
        finally:
            left = run.ledger.settle_unknown()
            if left:
                observer.say(f"{left} requests were sent and not waited for; they may have been billed")
            build(run)
        return outcome(run, ended)


def _agree(
    run: Run, settings: Settings, observer: Observer, confirm: Callable[[Bill], bool] | None, again: int = 0,
    *, by_batch: bool = False,
) -> None:  # fmt: skip
    """Nothing is sent that somebody wants to know the price of first; `again`: how many that have answers are asked
    once more. Raises SetupError where a cap cannot be kept, Stopped where it is not agreed to."""
    price = (batch_price_of if by_batch else price_of)(settings.model, settings)
    if price is None:
        whom = f"{shown(settings.model)} at {shown(settings.base_url or 'api.openai.com')}"
        if settings.max_cost is not None:
            raise SetupError(
                f"--max-cost cannot be kept: no price is known for {whom}",
                "say it with --price IN,OUT, dollars for a million tokens (0,0 if it costs nothing)",
            )
        observer.say(f"the cost is unknown: there is no price for {whom}; --price IN,OUT tells it")
        return
    if confirm is None or not price.prompt + price.completion:
        return
    bill = likely_bill(run, settings, price, again)
    likely = bill.cost / DOLLAR
    most = likely if settings.max_cost is None else min(likely, settings.max_cost)  # no more than that is spent anyway
    if most > settings.confirm_above and not confirm(bill):
        raise Stopped(
            f"nothing was sent: a likely {dollars(bill.cost)} was not agreed to",
            "the same command asks again; --yes agrees beforehand, --max-cost $ caps it, --limit N asks less",
        )


def rebuild(
    folder: Path,
    license: str | None = None,
    *,
    reject: Sequence[str] | None = None,
    min_grounding: float | None = None,
    ground: bool | None = None,
) -> Outcome:
    """Parse, check and export a run's answers again. Sends nothing and costs nothing. `reject`, `min_grounding` and
    `ground` are the run's settings from then on, where they are given; `license` is for its card."""
    with Run.create(folder, must_exist=True) as run:
        run.ledger.verify()
        _license(run, license)
        told = {"reject": reject, "min_grounding": min_grounding, "ground": ground}
        _hold_to(run, {name: value for name, value in told.items() if value is not None})
        build(run, again=True)
        return outcome(run)


def _license(run: Run, told: str | None) -> None:
    """Kept with the answers, so that a resume need not tell it again."""
    if told and told != run.ledger.meta("license"):
        run.ledger.set_meta("license", told)


def collect_batches(
    folder: Path, settings: Settings, *, key: Key | None = None, observer: Observer | None = None,
    batch: Batching = Batching(),  # noqa: B008 (frozen)
) -> Outcome:  # fmt: skip
    """Take in what came of a run's batches, and build. Submits nothing."""
    return _with_batches(collect, folder, settings, key, observer, batch)


def cancel_batches(
    folder: Path, settings: Settings, *, key: Key | None = None, observer: Observer | None = None,
    batch: Batching = Batching(),  # noqa: B008 (frozen)
) -> Outcome:  # fmt: skip
    """End a run's open batches. What they answered until then is still to be collected."""
    return _with_batches(cancel, folder, settings, key, observer, batch)


def _with_batches(
    work: Callable[[Run, Settings, Key, Observer, Batching], None], folder: Path, settings: Settings,
    key: Key | None, observer: Observer | None, batch: Batching
) -> Outcome:  # fmt: skip
    with Run.create(folder, must_exist=True) as run:
        try:
            work(run, settings, key or Key(None), observer or Silent(), batch)
        finally:
            build(run)
        return outcome(run)


def _hold_to(run: Run, told: dict[str, Any]) -> None:
    """Have the run's settings say so. Raises SetupError for what they cannot be."""
    asked = run.asked()
    settings = changed(asked["settings"], told)
    codes_of(settings.reject)
    if told:
        run.write_json("run.json", {**asked, "settings": settings.model_dump(mode="json")})


def status(folder: Path) -> Outcome:
    """How a run stands, also while it is being worked on."""
    with Run.look(folder) as run:
        return outcome(run)


def outcome(run: Run, ended: Ended | None = None) -> Outcome:
    """The counts of an open run."""
    ledger = run.ledger
    models = ledger.models()
    return Outcome(
        folder=run.folder,
        states=ledger.states(),
        left_out=ledger.left_out(),
        tally=ledger.tally(),
        models=models,
        mock=any(map(is_mock, models)),
        settings=run.asked()["settings"],
        spent=ledger.spent(),
        claims=ledger.claims(),
        price=ledger.meta("price") or "",
        ended=ended or Ended(),
        batches=tuple(BatchState(shard, ledger.outcomes(shard.n)) for shard in ledger.batches()),
    )


class Preview(NamedTuple):
    """Exactly what would be sent for one image and task, and how much of it there is."""

    id: str
    task: str
    image: ImageContext
    question: str | None
    messages: list[dict[str, str]]
    tokens: Tokens
    body: dict[str, Any]


def preview(inputs: Sequence[Path], settings: Settings, task_name: str, image_id: str | None = None) -> Preview:
    """The request for one image (the first that the task can ask about) and one task. Sends nothing."""
    (task,) = load_tasks(settings.prompts, (task_name,))
    composer = composers_for((task,), settings)[task.name]
    image = _image_for(composer, index(sources_of(inputs, Silent()), reading(settings)), image_id)
    query = composer.query(image)
    said = messages(task, describe(image, task.sees))
    return Preview(
        id=query.id,
        task=task.name,
        image=image,
        question=query.question,
        messages=said,
        tokens=count(said, settings.model),
        body=composer.request(query).payload(),
    )


def _image_for(composer: Composer, images: Index, image_id: str | None) -> ImageContext:
    if image_id is None:
        for image in contexts(images, range(len(images)), {"": composer}):
            if not composer.lacks(image):
                return image
        raise SetupError(f"no image has what {composer.task.name} needs: {', '.join(composer.task.needs)}")
    (image,) = contexts(images, (_row_of(images, image_id),), {"": composer})
    if missing := composer.lacks(image):
        raise SetupError(f"image {shown(image_id)} has no {missing}, which {composer.task.name} needs")
    return image


def _row_of(images: Index, wanted: str) -> int:
    """The first row with that id (zeros before it do not count) or file name."""
    ids = (wanted, wanted.lstrip("0") or "0")
    for row in range(len(images)):
        if images.image_id(row) in ids or images.file_name(row) == wanted:
            return row
    raise SetupError(f"no image has the id or file name {shown(wanted)!r}")


def tasks(prompts: Path | None = None, names: Sequence[str] = ()) -> list[Task]:
    """The tasks of a prompt directory, the shipped one by default."""
    return load_tasks(prompts, names)
