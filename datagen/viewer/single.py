"""One sample of a run by its id, for `datagen show` and for programs. It needs none of the server's packages."""

from __future__ import annotations

from pathlib import Path

from datagen.errors import UnknownName
from datagen.labels import Labels
from datagen.prompting.folder import load_task
from datagen.run import Run
from datagen.text import shown
from datagen.viewer import facts
from datagen.viewer.facts import Facts
from datagen.viewer.shelf import Shelf


def sample(folder: Path, name: str) -> Facts:
    """A sample of the run in `folder` as plain JSON; `name` is its id, the query's or the record's, or how one begins.

    Raises UnknownName where there is none, or more than one.
    """
    with Run.look(folder) as run:
        run.asked()
        shelf = Shelf(folder / "ledger.db", writable=False)
        try:
            standing = shelf.standing(_one(shelf, name))
            assert standing is not None
            task = load_task(run.prompts / standing.query.task, standing.query.task)
            told = facts.of_run(standing, task, shelf.attempts(standing.query.id), None)
        finally:
            shelf.close()
    label = Labels(folder / "labels.jsonl").of(told["key"], told["id"])
    told["label"] = None if label is None else label._asdict()
    return told


def _one(shelf: Shelf, name: str) -> str:
    """The one id that is meant."""
    if not name:
        raise UnknownName("a sample's id must be given", "`datagen view` shows them all")
    found = shelf.named(name)
    exact = [each for each in found if each in (name, each) and name in (each, each.rpartition("-")[0])]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    if not found:
        near = shelf.named(name.partition("-")[0]) or shelf.named(name[:6])
        hint = f"there are: {', '.join(near)}" if near else "`datagen view` shows them all"
        raise UnknownName(f"no sample of this run is called {shown(name)!r}", hint)
    raise UnknownName(f"several samples begin with {shown(name)!r}", f"among them: {', '.join(found)}")
