"""Annotations + prompts → queries in the ledger. Free, and all or nothing.

A plan is known by the digest of what it is made from (settings, annotation files, prompts); the same again is
recognised without reading a single annotation. A changed plan keeps every answer that still fits it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from datagen.annotations.files import Source, find, sha256
from datagen.annotations.index import index
from datagen.choose import ImagesList, choose, images_list, reading, record
from datagen.errors import LedgerError, SetupError
from datagen.ledger import AnswersLeftOut, Planned
from datagen.observer import Observer
from datagen.prompting.compose import Composer
from datagen.prompting.folder import folder_digest, load_tasks, task_files, task_folder
from datagen.run import Run
from datagen.schema import ImageContext, Task
from datagen.settings import Settings
from datagen.shipped import shipped
from datagen.text import digest, shown
from datagen.version import __version__

_NOT_OF_THE_PLAN = {  # how to ask, not what
    "attempts", "cache", "concurrency", "confirm_above", "grace", "max_cost", "max_rejected", "max_time", "max_wait",
    "price", "prices", "prompts", "rpm", "timeout", "tpm",
}  # fmt: skip


def plan(run: Run, inputs: Sequence[Path], settings: Settings, *, replan: bool, observer: Observer) -> None:
    """Make today's plan the run's. A plan that would leave out answered queries wants `replan`."""
    sources = sources_of(inputs, observer)
    root = settings.prompts or shipped("prompts")
    tasks = load_tasks(root, settings.task)
    folders = {task.name: task_folder(root, task.name) for task in tasks}
    listed = images_list(settings)
    facts = _facts(sources, settings, listed, {name: folder_digest(path) for name, path in folders.items()})
    key = _key(facts)
    ledger = run.ledger
    if not replan and ledger.meta("plan") == key and _still_stands(run, facts):
        return
    before = ledger.meta("plan")
    images = index(sources, reading(settings))
    try:
        chosen = choose(images, settings, listed, observer)
        made = lines(images.contexts(chosen.rows), tasks, settings)
        retired = ledger.plan(made, key, may_retire=replan)
    except AnswersLeftOut as error:
        raise _would_leave_out(run, error.args[0], facts) from None
    except SetupError:
        for odd in images.census:
            observer.odd(odd)
        raise
    run.keep_prompts({name: task_files(path) for name, path in folders.items()})
    oddities = {odd.name: {"count": odd.number, "first": odd.example} for odd in images.census}
    found = {"oddities": oddities, "selection": record(chosen)}
    run.write_json("run.json", {"datagen": __version__, "plan": key, **facts, **found})
    for odd in images.census:
        observer.odd(odd)
    if retired:
        observer.say(f"{retired} answers of an earlier plan stay in the ledger, outside this plan")
    elif before not in (None, key):
        observer.say("the plan was changed; answers that still fit it are kept")


def sources_of(inputs: Sequence[Path], observer: Observer) -> list[Source]:
    """The annotation files that `inputs` mean; `samples` is the shipped set where nothing here is called that."""
    found = []
    for given in map(Path, inputs):
        if str(given) == "samples" and not given.exists():
            observer.say("nothing here is called samples: taking the samples that come with datagen")
            given = shipped("samples")
        found.append(given)
    return find(found)


def _facts(
    sources: Sequence[Source], settings: Settings, listed: ImagesList | None, prompts: Mapping[str, str]
) -> dict[str, Any]:
    """What a plan is made from, as run.json keeps it."""
    return {
        "settings": settings.model_dump(mode="json"),
        "annotations": [{"file": source.label, "sha256": sha256(source.path)} for source in sources],
        "images_list": listed and {"file": shown(settings.images_list), "sha256": listed.sha256},
        "prompts": dict(prompts),
    }


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


def lines(images: Iterator[ImageContext], tasks: Sequence[Task], settings: Settings) -> Iterator[Planned]:
    """The plan, line by line. Raises SetupError at its end where there is nothing to ask."""
    composers = composers_for(tasks, settings)
    asked = 0
    lacking: dict[str, int] = {}
    for image in images:
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
