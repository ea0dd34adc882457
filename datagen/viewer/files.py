"""A file of training data as a book: its records first, then what `datagen validate` finds in them.

The side file keeps a copy of every record, so that one can be shown without reading the file up to it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from datagen.errors import InputError
from datagen.records.reading import read
from datagen.rules import Wishes
from datagen.schema import Hit
from datagen.sources.files import Source, find
from datagen.text import digest, one_line, shown
from datagen.validation import LEVELS, validate
from datagen.version import __version__
from datagen.viewer import facts, records
from datagen.viewer.books import STEP, Book
from datagen.viewer.facts import Facts
from datagen.viewer.index import RULES, Entry, Words


class FileBook(Book):
    """A file of training data."""

    kind = "file"

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
            page = list(islice(self._records, STEP))
        except InputError as error:
            self.trouble, page = shown(error), []
        fresh = [(n, body) for n, body in page if n > self._n]
        if page:
            self._n = max(self._n, page[-1][0])
        self._done = not page
        self.index.put([(_record(n, body), None) for n, body in fresh], planned=self._n, done=int(self._done))
        return True

    def _judge(self) -> None:
        """What `datagen validate` finds, record by record, and in the file as a whole."""
        held: list[tuple[int, str]] = []
        whole: list[tuple[str]] = []
        with self.index.commit() as db:  # of a look that was cut short
            for table in ("hits", "whole", "found"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608
            db.execute("UPDATE samples SET state = 'clean'")

        def take(hit: Hit) -> bool:
            told = json.dumps(facts.finding_facts(hit.finding))
            if hit.number is None:
                whole.append((told,))
            else:
                held.append((hit.number, told))
            if len(held) >= 2000:
                self._hold(held)
            return not self._stop.is_set()

        with suppress(InputError):  # it was said when the records were read
            validate([self._source], Wishes(), take)
        self._hold(held)
        with self.index.commit() as db:
            db.executemany("INSERT INTO whole VALUES (?)", whole)
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

    def whole(self) -> list[Facts]:
        return _worst_first(self.index.rows("SELECT finding FROM whole LIMIT 200"))

    def sample(self, key: str) -> Facts | None:
        n = int(key) if key.isdecimal() and len(key) < 12 else -1
        rows = self.index.rows("SELECT b.body, s.state FROM bodies b JOIN samples s ON s.n = b.n WHERE b.n = ?", (n,))
        if not rows:
            return None
        told = _worst_first(self.index.rows("SELECT finding FROM hits WHERE n = ? LIMIT 200", (n,)))
        return records.of_file(n, zlib.decompress(rows[0][0]), told, str(rows[0][1]))

    def picture(self, key: str) -> str | None:
        rows = self.index.rows("SELECT file FROM samples WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None


def _worst_first(rows: list[tuple[Any, ...]]) -> list[Facts]:
    """Findings as they were kept, the errors first."""
    return sorted((json.loads(row[0]) for row in rows), key=lambda each: -LEVELS.index(each["level"]))


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
