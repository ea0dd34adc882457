"""What is looked at: a run's ledger or a file of training data, each with its side file and a thread that keeps that
up to date.

Reading never waits for the thread: lists grow while it works, and a sample is read from its source. What a reply is
worth is judged here by the same checks that a build uses, so that a run at work shows what it will keep.
"""

from __future__ import annotations

import json
import os
import threading
import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from datagen.annotations.cache import cache_folder
from datagen.errors import DatagenError, InputError
from datagen.llm import wire
from datagen.prompting.context import captions
from datagen.prompting.folder import load_task
from datagen.records.reading import read
from datagen.rules import Wishes
from datagen.run import Run
from datagen.schema import Hit, Task
from datagen.sources.files import Source, find
from datagen.text import digest, one_line, shown
from datagen.validation import LEVELS, validate
from datagen.version import __version__
from datagen.viewer import facts, records
from datagen.viewer.facts import Facts
from datagen.viewer.index import RULES, Entry, Index, Words
from datagen.viewer.labels import Labels
from datagen.viewer.search import Lists
from datagen.viewer.shelf import Shelf, Standing
from datagen.viewer.words import Speaking

_STEP = 500
_PAUSE = 1.0


class Book(ABC):
    """A thing to look at."""

    kind: str
    tagged = True

    def __init__(self, path: Path, labels: Path) -> None:
        self.path = path
        self.index = Index(_side_file(path))
        self.lists = Lists(self.index, tagged=self.tagged)
        self.labels = Labels(labels)
        self.changed = 0.0
        self.trouble = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, name=f"index {path.name}", daemon=True)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.resolve().name or str(self.path)

    @abstractmethod
    def sample(self, key: str) -> Facts | None:
        """One sample whole; None where there is none."""

    @abstractmethod
    def picture(self, key: str) -> str | None:
        """The file name of its picture, as it was told."""

    @abstractmethod
    def step(self) -> bool:
        """Take in some of what is new; false when there is nothing."""

    @abstractmethod
    def size(self) -> int:
        """Samples in all; 0 where nobody knows yet."""

    def about(self) -> Facts:
        """For people: what made it."""
        return {}

    def start(self) -> None:
        """Keep up with the source from now on."""
        self._thread.start()

    def catch_up(self) -> None:
        """Take in all that there is, here and now."""
        while self.step():
            pass
        self.read_labels()

    def close(self) -> None:
        """Stop, and let go of the files."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self.index.close()

    def status(self) -> Facts:
        """How far the side file is, and what there is of each kind."""
        done = int(self.index.rows("SELECT count(*) FROM samples")[0][0])
        return {
            "changes": self.index.changes,
            "done": done,
            "size": max(done, self.size()),
            "live": time.monotonic() - self.changed < 5 if self.changed else False,
            "trouble": self.trouble,
            "facets": self.lists.facets(),
        }

    def read_labels(self) -> None:
        """What people said, into the side file; only when it changed."""
        told = self.labels.changed()
        if told is None:
            return
        with self.index.commit() as db:
            db.execute("UPDATE samples SET label = '' WHERE label != ''")
            for (query_id, name), label in told.items():
                where, value = ("key = ?", query_id) if query_id else ("id = ?", name)
                db.execute(f"UPDATE samples SET label = ? WHERE {where}", (label.verdict or "note", value))  # noqa: S608

    def _keep_up(self) -> None:
        settled = False
        while not self._stop.is_set():
            busy = False
            try:
                busy = self.step()
                self.read_labels()
                self.trouble = ""
            except DatagenError as error:
                self.trouble = shown(error)
            if busy:
                settled = False
                time.sleep(0.001)  # for who looks on meanwhile
                continue
            if not settled:
                self.index.settle()
                settled = True
            self._stop.wait(_PAUSE)


class RunBook(Book):
    """A run's ledger."""

    kind = "run"

    def __init__(self, folder: Path) -> None:
        with Run.look(folder) as run:
            self.asked = run.asked()
            self._tasks = {name: load_task(run.prompts / name, name) for name in self.asked["prompts"]}
            self._told = {"model": self.asked["settings"]["model"], "models": run.ledger.models()}
        self.shelf = Shelf(folder / "ledger.db", writable=False)
        super().__init__(folder, folder / "labels.jsonl")
        self._version = -1
        self._speaking: Speaking | None = None
        self._begin()

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

    def task(self, name: str) -> Task:
        """A task as it was that day."""
        return self._tasks[name]

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
        page = self.shelf.planned(self._planned, _STEP * 4)
        if page:
            self._planned = page[-1].position
            self.index.put([(_planned(each), None) for each in page], planned=self._planned)
        self._whole = not page
        return bool(page)

    def _take_answers(self) -> bool:
        """The next attempts, and what became of the queries they are for."""
        page = self.shelf.newer(self._low, _STEP)
        known = self._known(sorted({query for _, query, _ in page}))
        self.index.put(known, low=self._next_low(page))
        self._caught = len(page) < _STEP
        return bool(known) or not self._caught

    def _next_low(self, page: Sequence[tuple[int, int, bool]]) -> int:
        """Where to look next: at the first attempt whose end is still to come."""
        open_ = next((n for n, _, waits in page if waits), None)
        if open_ is not None and len(page) < _STEP:
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
    return Words(f"{standing.query.id} {image.file_name}", seen, f"{standing.query.question or ''}\n{said}")


class FileBook(Book):
    """A file of training data."""

    kind = "file"
    tagged = False  # what its checks find is known long after its words are

    def __init__(self, path: Path) -> None:
        (self._source,) = find([path])[:1] or [Source(path, named=True)]
        stat = path.stat()
        super().__init__(path, path.with_name(f"{path.name}.labels.jsonl"))
        self.index.begin(digest(RULES, __version__, f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ino}"))
        self._records = self._read()
        self._done = self.index.meta("done") == "1"
        self._judged = self.index.meta("judged") == "1"
        self._n = int(self.index.meta("planned") or -1)

    def size(self) -> int:
        return 0

    def _read(self) -> Iterator[tuple[int, bytes]]:
        for batch in read(self._source):
            yield from enumerate(batch.records(), batch.number)

    def step(self) -> bool:
        if not self._done:
            return self._take_records()
        if not self._judged:
            self._judge()
            return True
        return False

    def _take_records(self) -> bool:
        try:
            page = list(islice(self._records, _STEP))
        except InputError as error:
            self.trouble, page = shown(error), []
        fresh = [(n, body) for n, body in page if n > self._n]
        if page:
            self._n = max(self._n, page[-1][0])
        self._done = not page
        self.index.put([(_record(n, body), None) for n, body in fresh], planned=self._n, done=int(self._done))
        return True

    def _judge(self) -> None:
        """What `datagen validate` finds, record by record; whole-file findings belong to none."""
        held: list[tuple[int, str]] = []
        with self.index.commit() as db:  # of a look that was cut short
            for sql in ("DELETE FROM hits", "DELETE FROM found", "UPDATE samples SET state = 'clean'"):
                db.execute(sql)

        def take(hit: Hit) -> bool:
            if hit.number is not None:
                held.append((hit.number, json.dumps(facts.finding_facts(hit.finding))))
            if len(held) >= 2000:
                self._hold(held)
            return not self._stop.is_set()

        with suppress(InputError):  # it was said when the records were read
            validate([self._source], Wishes(), take)
        self._hold(held)
        with self.index.commit() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('judged', '1')")
        self._judged = True

    def _hold(self, held: list[tuple[int, str]]) -> None:
        with self.index.commit() as db:
            db.executemany("INSERT INTO hits VALUES (?, ?)", held)
            for n, told in held:
                finding = json.loads(told)
                db.execute("INSERT OR IGNORE INTO found VALUES (?, ?)", (finding["code"], n))
                worse = ("clean", "info") if finding["level"] == "warning" else ("clean", "info", "warning")
                if finding["level"] != "info":
                    marks = ",".join("?" * len(worse))
                    sql = f"UPDATE samples SET state = ? WHERE n = ? AND state IN ({marks})"  # noqa: S608
                    db.execute(sql, (finding["level"], n, *worse))
        held.clear()

    def sample(self, key: str) -> Facts | None:
        n = int(key) if key.isdecimal() and len(key) < 12 else -1
        rows = self.index.rows("SELECT b.body, s.state FROM bodies b JOIN samples s ON s.n = b.n WHERE b.n = ?", (n,))
        if not rows:
            return None
        told = [json.loads(row[0]) for row in self.index.rows("SELECT finding FROM hits WHERE n = ? LIMIT 200", (n,))]
        told.sort(key=lambda each: -LEVELS.index(each["level"]))
        return records.of_file(n, zlib.decompress(rows[0][0]), told, str(rows[0][1]))

    def picture(self, key: str) -> str | None:
        rows = self.index.rows("SELECT file FROM samples WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None


def _record(number: int, body: bytes) -> Entry:
    record = records.load(body)
    texts = [text for _, text in records.texts_of(record)]
    name, image = records.id_of(record), records.picture_of(record)
    first = next((text for text in texts if text.strip()), "")
    line = one_line(first[:400].replace("<image>", ""))[:160]
    words = Words(f"{name} {image}", "", "\n".join(texts))
    return Entry(
        number, str(number), name, "", image, image, 0, "clean", "", None, "", line,
        words=words, body=zlib.compress(body, 1),
    )  # fmt: skip


def open_book(path: Path) -> Book:
    """A run's folder or a file of training data. Raises a DatagenError that says what it is not."""
    return RunBook(path) if path.is_dir() or not path.exists() else FileBook(path)


def _side_file(path: Path) -> Path:
    return cache_folder(os.environ) / "views" / f"{digest(str(path.resolve()))[:24]}.db"
