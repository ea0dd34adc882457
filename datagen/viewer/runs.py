"""A run's ledger as a book: its plan first, then every attempt as it ends.

A reply is judged here by the same checks that a build uses, so that a run at work shows what it will keep.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from datagen.llm import wire
from datagen.prompting.context import captions
from datagen.prompting.folder import load_task
from datagen.run import Run
from datagen.text import digest, one_line
from datagen.version import __version__
from datagen.viewer import facts
from datagen.viewer.books import STEP, Book
from datagen.viewer.facts import Facts
from datagen.viewer.index import RULES, Entry, Words
from datagen.viewer.shelf import Shelf, Standing
from datagen.viewer.words import Speaking


class RunBook(Book):
    """A run's ledger."""

    kind = "run"

    def __init__(self, folder: Path) -> None:
        self._read_asked(folder)
        self.shelf = Shelf(folder / "ledger.db", writable=False)
        super().__init__(folder, folder / "labels.jsonl")
        self._version = -1
        self._speaking: Speaking | None = None
        self._begin()

    def _read_asked(self, folder: Path) -> None:
        with Run.look(folder) as run:
            self.asked = run.asked()
            self._tasks = {name: load_task(run.prompts / name, name) for name in self.asked["prompts"]}
            self._told = {"model": self.asked["settings"]["model"], "models": run.ledger.models()}

    def _begin(self) -> None:
        self._identity = self.shelf.identity()
        self.index.begin(digest(RULES, __version__, self._identity))
        self._planned = int(self.index.meta("planned") or -1)
        self._low = int(self.index.meta("low") or 0)
        self._whole = self._caught = False

    def close(self) -> None:
        super().close()
        self.shelf.close()

    def about(self) -> Facts:
        return {**self._told, "plan": self.asked["plan"][:12], "tasks": list(self._tasks)}

    def size(self) -> int:
        return self.shelf.size() + sum(self.shelf_unplanned())

    def shelf_unplanned(self) -> Iterator[int]:
        """Queries that are foreseen and not planned yet."""
        told = self.shelf.meta("progress")
        yield from () if told is None else (int(count) for count in json.loads(told)[2].values())

    def sample(self, key: str) -> Facts | None:
        standing = self.shelf.standing(key)
        if standing is None:
            return None
        return facts.of_run(standing, self._tasks[standing.query.task], self.shelf.attempts(key), self._words())

    def _words(self) -> Speaking:
        categories = frozenset(str(pair[0]) for pair in self.lists.facets()["category"])
        if self._speaking is None or self._speaking.categories != categories:
            self._speaking = Speaking(categories)
        return self._speaking

    def picture(self, key: str) -> str | None:
        rows = self.index.rows("SELECT file FROM samples WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def step(self) -> bool:
        if not self._whole and self._take_plan():
            return True
        version = self.shelf.version()
        if version == self._version and self._caught:
            return False
        if version != self._version and self.shelf.identity() != self._identity:
            self._read_asked(self.path)
            self._begin()
            return True
        if version != self._version and self._version >= 0:
            self.changed = time.monotonic()
            if self._take_plan():
                return True
        self._version = version
        return self._take_answers()

    def _take_plan(self) -> bool:
        """The next queries of the plan, not yet asked as far as is known."""
        page = self.shelf.planned(self._planned, STEP * 4)
        if page:
            self._planned = page[-1].position
            self.index.put([(_planned(each), None) for each in page], planned=self._planned)
        self._whole = not page
        return bool(page)

    def _take_answers(self) -> bool:
        """The next attempts, and what became of the queries they are for."""
        page = self.shelf.newer(self._low, STEP)
        known = self._known(sorted({query for _, query, _ in page}))
        self.index.put(known, low=self._next_low(page))
        self._caught = len(page) < STEP
        return bool(known) or not self._caught

    def _next_low(self, page: Sequence[tuple[int, int, bool]]) -> int:
        """Where to look next: at the first attempt whose end is still to come."""
        open_ = next((n for n, _, waits in page if waits), None)
        if open_ is not None and len(page) < STEP:
            self._low = open_
        elif page:
            self._low = page[-1][0] + 1
        return self._low

    def _known(self, queries: Sequence[int]) -> list[tuple[Entry, Words | None]]:
        """Entries of those that stand otherwise than the side file says."""
        standings = self.shelf.standings(queries) if queries else []
        marks = ",".join("?" * len(standings))
        sql = f"SELECT n, attempt, outcome FROM samples WHERE n IN ({marks})"  # noqa: S608
        before = {row[0]: row[1:] for row in self.index.rows(sql, [each.position for each in standings])}
        found = []
        for standing in standings:
            was = before.get(standing.position, (None, ""))
            if was == (standing.attempt, standing.outcome) or standing.position > self._planned:
                continue
            said = None if was[0] is None or was[1] in ("", "sent") else self._words_before(standing, was[0])
            found.append((self._entry(standing), said))
        return found

    def _entry(self, standing: Standing) -> Entry:
        record, response = facts.judged(standing, self._tasks[standing.query.task])
        state, reason = facts.state_of(standing, record)
        line = (record.turns[0].question or record.turns[0].answer) if record is not None and record.turns else ""
        line = line or (response.text if response is not None else standing.message)
        codes = tuple(sorted({each.code for each in record.findings})) if record is not None else ()
        words = None if state == "pending" else _words(standing, _said(standing, standing.raw))
        return _planned(standing)._replace(
            state=state, reason=reason, attempt=standing.attempt, outcome=standing.outcome,
            line=one_line(line[:400])[:160], codes=codes, words=words,
        )  # fmt: skip

    def _words_before(self, standing: Standing, attempt: int) -> Words:
        """What was indexed of a sample while another attempt counted."""
        return _words(standing, _said(standing, self.shelf.raw(attempt)))


def _planned(standing: Standing) -> Entry:
    query = standing.query
    image = query.image
    return Entry(
        standing.position, query.id, query.record_id, query.task, image.image_id, image.file_name, query.draw,
        "pending", "", None, "", query.question or "", categories=tuple(dict.fromkeys(b.category for b in image.boxes)),
    )  # fmt: skip


def _said(standing: Standing, raw: bytes) -> str:
    if not raw:
        return ""
    return wire.read(standing.query.id, raw).text or raw[:4000].decode("utf-8", "replace")


def _words(standing: Standing, said: str) -> Words:
    image = standing.query.image
    seen = "\n".join([captions(image), *dict.fromkeys(box.category for box in image.boxes)])
    named = f"{standing.query.id} {image.image_id} {image.file_name}"
    return Words(named, seen, f"{standing.query.question or ''}\n{said}")
