"""A plan made page by page, so that the first query can be asked while the rest is still being planned.

What a page holds does not depend on when it is made: a run that was stopped goes on with the next one. How many queries
are still to come is known from the beginning, from what the index can count without making an image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from datagen.annotations.index import Index
from datagen.errors import SetupError
from datagen.ledger import Ledger, Planned, Progress
from datagen.prompting.compose import Composer
from datagen.schema import ImageContext, Task, Turn

if TYPE_CHECKING:
    from datagen.annotations.company import Company

PAGE = 128
"""Images of one commit."""


class Pages:
    """The pages of one plan that are still to be made."""

    def __init__(
        self, ledger: Ledger, index: Index, rows: Sequence[int], composers: Mapping[str, Composer], start: Progress
    ) -> None:
        self._ledger, self._composers, self._progress = ledger, composers, start
        self._images = contexts(index, islice(rows, start.images, None), composers)

    def more(self) -> bool:
        """Plan one more page; false when there was none."""
        page = list(islice(self._images, PAGE))
        lines = list(_lines(page, self._composers))
        left = dict(self._progress.left)
        for line in lines:
            if line.query is not None:
                left[line.task] = max(0, left.get(line.task, 0) - 1)
        images, position = self._progress.images + len(page), self._progress.position + len(lines)
        self._progress = Progress(images, position, left)
        self._ledger.extend(lines, self._progress if page else None)
        return bool(page)


def foreseen(index: Index, rows: Sequence[int], tasks: Sequence[Task]) -> dict[str, int]:
    """Task → how many of the images it can be asked about, as far as captions and boxes decide that."""
    kinds = Counter((index.captions(row) > 0, index.boxes(row) > 0) for row in rows)
    counts = {}
    for task in tasks:
        counts[task.name] = sum(number for held, number in kinds.items() if _can_ask(task, *held, index.everywhere))
    return counts


def _can_ask(task: Task, captions: bool, boxes: bool, everywhere: bool) -> bool:
    has = {"captions": captions, "boxes": boxes, "absences": boxes and everywhere}  # which else cannot be proven
    return all(has.get(name, True) for name in task.needs) and any(has.get(name, True) for name in task.sees)


def contexts(index: Index, rows: Iterable[int], composers: Mapping[str, Composer]) -> Iterator[ImageContext]:
    """The images of `rows`, with all that the composers' tasks see of them."""
    images = index.contexts(rows)
    seeds = [composer.seed for composer in composers.values() if "absences" in composer.task.sees]
    return map(_company(index, seeds[0]).completed, images) if seeds else images


def _company(index: Index, seed: int) -> Company:
    """Who knows what is absent; what proves it is what also judges the answers."""
    from datagen.annotations.company import Company  # with numpy, which most plans do without
    from datagen.grounding.federated import grounder_for

    grounder = grounder_for(index.boxed)

    def proof(image: ImageContext, names: Sequence[str]) -> list[bool]:
        turns = [Turn(f"Is there any {name}?", f"No, there is no {name}.") for name in names]
        judged = grounder.ground(turns, image).judged
        told = {(each.claim.turn, each.standing) for each in judged if each.claim.part == "answer"}
        return [{s for t, s in told if t == turn} == {"supported"} for turn in range(len(names))]

    return Company(index, seed, proof)


def lines(images: Iterator[ImageContext], composers: Mapping[str, Composer]) -> Iterator[Planned]:
    """The plan, line by line. Raises SetupError at its end where there is nothing to ask."""
    asked = 0
    lacking: dict[str, int] = {}
    for line in _lines(images, composers):
        asked += line.query is not None
        if line.query is None:
            reason = f"{line.task}: {line.reason}"
            lacking[reason] = lacking.get(reason, 0) + 1
        yield line
    if not asked:
        raise _nothing_to_ask(lacking)


def _lines(
    images: Iterator[ImageContext] | Sequence[ImageContext], composers: Mapping[str, Composer]
) -> Iterator[Planned]:
    for image in images:
        for name, composer in composers.items():
            missing = composer.lacks(image)
            if missing:
                yield Planned(None, name, image.image_id, f"no {missing}")
            else:
                yield Planned(composer.query(image), name, image.image_id)


def _nothing_to_ask(lacking: Mapping[str, int]) -> SetupError:
    if not lacking:
        return SetupError("there is nothing to ask: the annotations hold no images")
    why = "; ".join(f"{reason} ({count} images)" for reason, count in lacking.items())
    hint = (
        "give the file with the captions (or boxes) of the same images too; what a task needs stands in its task.toml"
    )
    return SetupError(f"there is nothing to ask: {why}", hint)
