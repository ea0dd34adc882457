"""Annotations + prompts → queries in the ledger. Free.

A plan is known by the digest of what it is made from (settings, annotation files, prompts); the same again is
recognised without reading a single annotation. A changed plan keeps every answer that still fits it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from datagen.annotations.index import Annotations, Index
from datagen.annotations.selection import Chosen
from datagen.choose import ImagesList, choose, images_list, reading, record
from datagen.errors import LedgerError, SetupError
from datagen.ledger import AnswersLeftOut, Planned, Progress
from datagen.observer import Observer, Silent
from datagen.paging import Pages, contexts, foreseen, lines
from datagen.prompting.compose import Composer
from datagen.prompting.folder import folder_digest, task_files, task_folder, wanted_tasks
from datagen.run import Run
from datagen.schema import Task
from datagen.settings import Settings
from datagen.shipped import shipped
from datagen.sources.files import Source, find
from datagen.text import digest, shown
from datagen.version import __version__

_NOT_OF_THE_PLAN = {  # how to ask, not what
    "attempts", "batch_bytes", "batch_poll", "batch_price", "batch_requests", "batch_tokens", "cache", "concurrency",
    "confirm_above", "grace", "ground", "license", "max_cost", "max_rejected", "max_time", "max_wait", "min_grounding",
    "price", "prices", "prompts", "reject", "repair", "rpm", "timeout", "tpm",
}  # fmt: skip


def plan(run: Run, inputs: Sequence[Path], settings: Settings, *, replan: bool, observer: Observer) -> None:
    """Make today's plan the run's, all of it. A plan that would leave out answered queries wants `replan`."""
    pages = begin(run, inputs, settings, replan=replan, observer=observer)
    while pages is not None and pages.more():
        pass


def begin(
    run: Run, inputs: Sequence[Path], settings: Settings, *, replan: bool, observer: Observer,
    meanwhile: Callable[[], None] | None = None,
) -> Pages | None:  # fmt: skip
    """As `plan`; where the run is new, or was stopped while it was planned, only what can be asked first is planned,
    and the rest is handed back. `meanwhile` is done while files are read, if they are."""
    wanted = _wanted(run, inputs, settings, observer, meanwhile)
    same = not replan and run.ledger.meta("plan") == wanted.key and _still_stands(run, wanted.facts)
    progress = run.ledger.progress()
    if same and progress is None:
        return None
    images = wanted.annotations.index(meanwhile)
    try:
        if settings.strict:
            _refuse_wrong(images)
        chosen = choose(images, settings, wanted.listed, Silent() if same else observer)
        composers = composers_for(wanted.tasks, settings)
        if same and progress is not None:
            return Pages(run.ledger, images, chosen.rows, composers, progress)
        left = foreseen(images, chosen.rows, wanted.tasks)
        if run.ledger.is_new() and any(left.values()):
            progress = Progress(0, 0, left)
            run.keep_prompts(wanted.files)
            run.ledger.begin(wanted.key, progress)
            _keep(run, wanted, images, chosen, observer)
            pages = Pages(run.ledger, images, chosen.rows, composers, progress)
            pages.more()
            return pages
        _plan_at_once(run, wanted, lines(contexts(images, chosen.rows, composers), composers), replan, observer)
    except SetupError:
        for odd in images.census:
            observer.odd(odd)
        raise
    _keep(run, wanted, images, chosen, observer)
    return None


def _refuse_wrong(images: Index) -> None:
    """Raises SetupError where something is wrong with the annotations."""
    wrong = [odd for odd in images.census if odd.wrong]
    if wrong:
        more = f", and {len(wrong) - 1} more kinds" if len(wrong) > 1 else ""
        raise SetupError(
            f"--strict: {shown(wrong[0].sentence, 400)}{more}", "`datagen inspect` on the same files tells all of it"
        )


def _plan_at_once(run: Run, wanted: _Wanted, made: Iterator[Planned], replan: bool, observer: Observer) -> None:
    """Over what an earlier plan asked: what of that is left out is known only at the end."""
    before = run.ledger.meta("plan")
    try:
        retired = run.ledger.plan(made, wanted.key, may_retire=replan)
    except AnswersLeftOut as error:
        raise _would_leave_out(run, error.args[0], wanted.facts) from None
    run.keep_prompts(wanted.files)
    if retired:
        observer.say(f"{retired} answers of an earlier plan stay in the ledger, outside this plan")
    elif before not in (None, wanted.key):
        observer.say("the plan was changed; answers that still fit it are kept")


def _keep(run: Run, wanted: _Wanted, images: Index, chosen: Chosen, observer: Observer) -> None:
    """run.json, and what was odd for whom it concerns."""
    oddities = {odd.name: {"count": odd.number, "first": odd.example} for odd in images.census}
    found = {"oddities": oddities, "selection": record(chosen)}
    run.ledger.set_meta("boxed", json.dumps(images.boxed))
    run.write_json("run.json", {"datagen": __version__, "plan": wanted.key, **wanted.facts, **found})
    for odd in images.census:
        observer.odd(odd)


class _Wanted(NamedTuple):
    """What a plan is to be made from."""

    tasks: Sequence[Task]
    files: dict[str, list[Path]]
    """Of each task's prompts."""
    listed: ImagesList | None
    annotations: Annotations
    facts: dict[str, Any]
    key: str


def _wanted(
    run: Run, inputs: Sequence[Path], settings: Settings, observer: Observer, meanwhile: Callable[[], None] | None
) -> _Wanted:
    sources = sources_of(inputs, observer)
    root = settings.prompts or shipped("prompts")
    tasks = wanted_tasks(root, settings.task)
    folders = {task.name: task_folder(root, task.name) for task in tasks}
    listed = images_list(settings)
    annotations = Annotations(sources, reading(settings))
    if run.ledger.meta("plan") is None:
        annotations.index(meanwhile)  # their digests are told on the way, and no plan is there to compare with before
    facts = {
        "settings": settings.model_dump(mode="json"),
        "annotations": [{"file": source.label, "sha256": sha} for source, sha in annotations.digests()],
        "images_list": listed and {"file": shown(settings.images_list), "sha256": listed.sha256},
        "prompts": {name: folder_digest(path) for name, path in folders.items()},
    }
    return _Wanted(
        tasks, {name: task_files(path) for name, path in folders.items()}, listed, annotations, facts, _key(facts)
    )


def sources_of(inputs: Sequence[Path], observer: Observer) -> list[Source]:
    """The annotation files that `inputs` mean; `samples` is the shipped set where nothing here is called that."""
    found = []
    for given in map(Path, inputs):
        if str(given) == "samples" and not given.exists():
            observer.say("nothing here is called samples: taking the samples that come with datagen")
            given = shipped("samples")
        found.append(given)
    return find(found)


def _of_the_plan(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that make a plan what it is. Of a list of images that is its content, and of the pictures' folder
    that there is one: neither is another for lying elsewhere."""
    told = Settings.model_validate(facts["settings"]).model_dump(mode="json")  # an older run.json lacks the newer ones
    told["images"] = told["images"] is not None
    told["images_list"] = (facts.get("images_list") or {}).get("sha256")
    return {name: value for name, value in told.items() if name not in _NOT_OF_THE_PLAN}


def _key(facts: Mapping[str, Any]) -> str:
    """The same for the same settings, annotations and prompts, wherever their files lie."""
    annotations = [entry["sha256"] for entry in facts["annotations"]]
    return digest(json.dumps([_of_the_plan(facts), annotations, facts["prompts"]], sort_keys=True))


def _still_stands(run: Run, facts: Mapping[str, Any]) -> bool:
    """Whether the run's folder holds what its plan was made with; settings that are none of the plan's are noted."""
    try:
        asked = run.asked()
        run.check_prompts()
    except LedgerError:
        return False
    if asked["settings"] != facts["settings"]:
        run.write_json("run.json", {**asked, "settings": facts["settings"]})
    return True


def _would_leave_out(run: Run, count: int, facts: Mapping[str, Any]) -> SetupError:
    hint = "give another -o, or --replan to go on in this one: the answers stay in the ledger, outside the new plan"
    return SetupError(f"{shown(run.folder)}: {count} answers would be left out: {_changed(run, facts)}", hint)


def _changed(run: Run, facts: Mapping[str, Any]) -> str:
    """What differs from the run's last plan, in words."""
    try:
        old = run.asked()
    except LedgerError:
        return "the plan is another one"
    was, now = _of_the_plan(old), _of_the_plan(facts)
    names = [f"{name}: {shown(was[name], 40)} → {shown(now[name], 40)}" for name in now if was[name] != now[name]]
    names += [f"prompts/{name}" for name, sha in facts["prompts"].items() if old["prompts"].get(name, sha) != sha]
    if [entry["sha256"] for entry in old["annotations"]] != [entry["sha256"] for entry in facts["annotations"]]:
        names.append("the annotations")
    return f"changed since they were asked: {', '.join(names)}" if names else "the plan is another one"


def composers_for(tasks: Sequence[Task], settings: Settings) -> dict[str, Composer]:
    """Task name → what composes its queries and requests under these settings."""
    return {task.name: Composer(task, settings.model, settings.options, settings.seed) for task in tasks}
