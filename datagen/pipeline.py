"""plan → ask → build → export: the one file that knows the order.

    plan     annotations + prompts → queries in the ledger             free
    ask      unanswered queries → a language model → the ledger        MONEY, and nowhere else
    build    answers → turns → checks → records → files                free, and can be done again

A raw answer is on disk before anybody reads it, and every step can be stopped anywhere and done again: the same
command resumes. Same input and same replies give the same bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from datagen.annotations import coco
from datagen.annotations.census import Census, Oddity
from datagen.annotations.files import Source, find, sha256
from datagen.build import build
from datagen.errors import DatagenError, LedgerError, SetupError
from datagen.journal import GroupJournal
from datagen.keys import Key
from datagen.ledger import AnswersLeftOut, Ledger, Planned, States
from datagen.llm.base import backend
from datagen.llm.fanout import Limits, ask_all
from datagen.prompting.compose import Composer, messages
from datagen.prompting.context import describe
from datagen.prompting.folder import folder_digest, load_tasks, task_files, task_folder
from datagen.prompting.tokens import Tokens, count
from datagen.run import Run
from datagen.schema import ImageContext, Query, Request, Response, Task
from datagen.settings import Settings
from datagen.shipped import shipped
from datagen.text import digest, shown
from datagen.version import __version__

T = TypeVar("T")


class Observer(Protocol):
    """Who wants to know how a run goes."""

    def say(self, message: str) -> None:
        """One line that a person should read."""
        ...

    def odd(self, oddity: Oddity) -> None:
        """Something in the annotations that was counted."""
        ...

    def asking(self, total: int) -> None:
        """So many queries are about to be asked."""
        ...

    def heard(self, response: Response) -> None:
        """An attempt ended, and that is on disk."""
        ...


class Silent:
    """An Observer that does not look."""

    def say(self, message: str) -> None: ...

    def odd(self, oddity: Oddity) -> None: ...

    def asking(self, total: int) -> None: ...

    def heard(self, response: Response) -> None: ...


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
    interrupted: int | None = None
    """The signal that ended the asking, if one did."""


def generate(
    inputs: Sequence[Path],
    settings: Settings,
    folder: Path,
    *,
    key: Key | None = None,
    replan: bool = False,
    observer: Observer | None = None,
) -> Outcome:
    """Plan, ask what is unanswered, build. The same call again resumes and sends nothing twice.

    Raises a DatagenError; what was answered until then is in the ledger, and the files are built from it.
    """
    observer = observer or Silent()
    with Run.create(folder) as run:
        unknown = run.ledger.settle_unknown()
        if unknown:
            observer.say(
                f"{unknown} requests were on their way when an earlier process died; they may have been billed"
            )
        plan(run, inputs, settings, replan=replan, observer=observer)
        interrupted: int | None = None
        try:
            interrupted = ask(run, settings, key or Key(None), observer)
        finally:
            build(run)
        return outcome(run, interrupted)


def rebuild(folder: Path) -> Outcome:
    """Parse, check and export a run's answers again. Sends nothing and costs nothing."""
    with Run.create(folder, must_exist=True) as run:
        run.ledger.verify()
        build(run, again=True)
        return outcome(run)


def status(folder: Path) -> Outcome:
    """How a run stands, also while it is being worked on."""
    with Run.look(folder) as run:
        return outcome(run)


def outcome(run: Run, interrupted: int | None = None) -> Outcome:
    """The counts of an open run."""
    ledger = run.ledger
    models = ledger.models()
    return Outcome(
        folder=run.folder,
        states=ledger.states(),
        left_out=ledger.left_out(),
        tally=ledger.tally(),
        models=models,
        mock=any(name.startswith("datagen-mock") for name in models),
        settings=run.read_json("run.json")["settings"],
        interrupted=interrupted,
    )


def plan(run: Run, inputs: Sequence[Path], settings: Settings, *, replan: bool, observer: Observer) -> None:
    """Make today's plan the run's. A plan that would leave out answered queries wants `replan`."""
    sources = _sources(inputs, observer)
    root = settings.prompts or shipped("prompts")
    tasks = load_tasks(root, settings.task)
    folders = {task.name: task_folder(root, task.name) for task in tasks}
    facts = _facts(sources, settings, {name: folder_digest(path) for name, path in folders.items()})
    key = digest(json.dumps(facts, sort_keys=True))
    ledger = run.ledger
    if ledger.meta("plan") == key and _planned_with(run) == key:
        return
    before = ledger.meta("plan")
    census = Census()
    lines = _lines(coco.contexts(sources, census), tasks, settings)
    try:
        retired = ledger.plan(lines, key, may_retire=replan)
    except AnswersLeftOut as error:
        raise _would_leave_out(run, error.args[0], facts) from None
    run.keep_prompts({name: task_files(path) for name, path in folders.items()})
    oddities = {odd.name: {"count": odd.number, "first": odd.example} for odd in census}
    run.write_json("run.json", {"datagen": __version__, "plan": key, **facts, "oddities": oddities})
    for odd in census:
        observer.odd(odd)
    if retired:
        observer.say(f"{retired} answers of an earlier plan stay in the ledger, outside this plan")
    elif before is not None:
        observer.say("the plan was changed; answers that still fit it are kept")


def _sources(inputs: Sequence[Path], observer: Observer) -> list[Source]:
    """The annotation files that `inputs` mean; `samples` is the shipped set where nothing here is called that."""
    found = []
    for given in map(Path, inputs):
        if str(given) == "samples" and not given.exists():
            observer.say("nothing here is called samples: taking the samples that come with datagen")
            given = shipped("samples")
        found.append(given)
    return find(found)


def _facts(sources: Sequence[Source], settings: Settings, prompts: Mapping[str, str]) -> dict[str, Any]:
    """What a plan is made from: all that, changed, makes another plan."""
    asked = settings.model_dump(
        mode="json", include=set(Settings.model_fields) - {"concurrency", "attempts", "timeout"}
    )
    return {
        "settings": asked,
        "annotations": [{"file": source.label, "sha256": sha256(source.path)} for source in sources],
        "prompts": dict(prompts),
    }


def _planned_with(run: Run) -> str | None:
    try:
        value = run.read_json("run.json").get("plan")
    except LedgerError:
        return None
    return str(value)


def _lines(images: Iterator[ImageContext], tasks: Sequence[Task], settings: Settings) -> Iterator[Planned]:
    composers = composers_for(tasks, settings)
    asked = 0
    lacking: dict[str, int] = {}
    for number, image in enumerate(images):
        if settings.limit is not None and number >= settings.limit:
            break
        for name, composer in composers.items():
            missing = composer.lacks(image)
            if missing:
                reason = f"no {missing}"
                lacking[f"{name}: {reason}"] = lacking.get(f"{name}: {reason}", 0) + 1
                yield Planned(None, name, image.image_id, reason)
            else:
                asked += 1
                yield Planned(composer.query(image), name, image.image_id)
    if not asked:
        raise _nothing_to_ask(lacking)


def _nothing_to_ask(lacking: Mapping[str, int]) -> SetupError:
    if not lacking:
        return SetupError("there is nothing to ask: the annotations hold no images")
    why = "; ".join(f"{reason} ({count} images)" for reason, count in lacking.items())
    hint = (
        "give the file with the captions (or boxes) of the same images too; what a task needs stands in its task.toml"
    )
    return SetupError(f"there is nothing to ask: {why}", hint)


def _would_leave_out(run: Run, count: int, facts: Mapping[str, Any]) -> SetupError:
    hint = "give another -o, or --replan to go on in this one: the answers stay in the ledger, outside the new plan"
    return SetupError(f"{shown(run.folder)}: {count} answers would be left out: {_changed(run, facts)}", hint)


def _changed(run: Run, facts: Mapping[str, Any]) -> str:
    """What differs from the run's last plan, in words."""
    try:
        old = run.read_json("run.json")
    except LedgerError:
        return "the plan is another one"
    names = [f"{k}: {shown(old['settings'].get(k), 40)} → {shown(v, 40)}"
             for k, v in facts["settings"].items() if old["settings"].get(k) != v]  # fmt: skip
    names += [f"prompts/{name}" for name, sha in facts["prompts"].items() if old["prompts"].get(name, sha) != sha]
    names += ["the annotations"] if old["annotations"] != facts["annotations"] else []
    return f"changed since they were asked: {', '.join(names)}" if names else "the plan is another one"


def composers_for(tasks: Sequence[Task], settings: Settings) -> dict[str, Composer]:
    """Task name → what composes its queries and requests under these settings."""
    return {task.name: Composer(task, settings.model, settings.options, settings.seed) for task in tasks}


def ask(run: Run, settings: Settings, key: Key, observer: Observer) -> int | None:
    """Ask all that is unanswered; returns the signal that ended it early, if one did."""
    total = run.ledger.unasked_count()
    if not total:
        return None
    composers = composers_for(load_tasks(run.prompts, ()), settings)
    requests = (_request(composers, query) for query in run.ledger.unasked())
    observer.asking(total)
    return _run(_ask(run.ledger, requests, settings, key, observer))


def _request(composers: Mapping[str, Composer], query: Query) -> Request:
    request = composers[query.task].request(query)
    if hashlib.sha256(request.body).hexdigest() != query.digest:
        raise LedgerError(f"{query.id}: what would be sent is not what was planned", "run with --replan")
    return request


async def _ask(
    ledger: Ledger, requests: Iterator[Request], settings: Settings, key: Key, observer: Observer
) -> int | None:
    model = backend(settings.model, settings.base_url, key.value, settings.concurrency, settings.timeout)
    limits = Limits(settings.concurrency, settings.attempts)
    try:
        async with GroupJournal(ledger, observer.heard) as journal:
            with _Signals(observer) as signals:
                await ask_all(model, requests, journal, limits, signals.stop)
                return signals.caught
    finally:
        await model.aclose()


class _Signals:
    """The first SIGINT or SIGTERM asks to stop; the second ends the process at once, which loses nothing."""

    def __init__(self, observer: Observer) -> None:
        self.stop = asyncio.Event()
        self.caught: int | None = None
        self._observer = observer
        self._taken: list[signal.Signals] = []

    def __enter__(self) -> _Signals:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._catch, number)
            except (ValueError, NotImplementedError, RuntimeError):  # not the main thread, or Windows
                continue
            self._taken.append(number)
        return self

    def __exit__(self, *_exc: object) -> None:
        for number in self._taken:
            asyncio.get_running_loop().remove_signal_handler(number)

    def _catch(self, number: signal.Signals) -> None:
        if self.caught is not None:
            os._exit(128 + number)
        self.caught = int(number)
        self._observer.say("stopping: nothing more is sent; waiting for answers on their way (again to stop at once)")
        self.stop.set()


def _run(work: Coroutine[Any, Any, T]) -> T:
    """asyncio.run, also where a loop runs already (a notebook): then in a thread of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


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
    image = _image_for(composer, coco.contexts(_sources(inputs, Silent()), Census()), image_id)
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


def _image_for(composer: Composer, images: Iterator[ImageContext], image_id: str | None) -> ImageContext:
    wanted = image_id and (image_id.lstrip("0") or "0")
    for image in images:
        missing = composer.lacks(image)
        if wanted is None and not missing:
            return image
        if wanted is not None and (wanted == image.image_id or image_id in (image.image_id, image.file_name)):
            if missing:
                raise SetupError(f"image {shown(image_id)} has no {missing}, which {composer.task.name} needs")
            return image
    if image_id is not None:
        raise SetupError(f"no image has the id or file name {shown(image_id)!r}")
    raise SetupError(f"no image has what {composer.task.name} needs: {', '.join(composer.task.needs)}")


def tasks(prompts: Path | None = None, names: Sequence[str] = ()) -> list[Task]:
    """The tasks of a prompt directory, the shipped one by default."""
    return load_tasks(prompts, names)


__all__ = [
    "DatagenError",
    "Observer",
    "Outcome",
    "Preview",
    "Silent",
    "generate",
    "preview",
    "rebuild",
    "status",
    "tasks",
]
