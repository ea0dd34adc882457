"""The side file: what lists, filters and full-text search need of every sample, kept in the cache folder.

It is made from a run or a file and can be thrown away; nothing of the run itself is ever written. A sample's number is
its place in the plan or the file, so that lists need no sorting. The words stand in an FTS5 table that keeps no text:
to take a sample's words out again, the same words must be given once more.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from datagen.errors import SetupError
from datagen.text import shown

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE samples (
    n INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,      -- in addresses: a query's id, or a record's number
    id TEXT NOT NULL,              -- the record's
    task TEXT NOT NULL,
    image TEXT NOT NULL,           -- the picture's id
    file TEXT NOT NULL,            -- the picture's file name
    draw INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempt INTEGER,               -- whose words are indexed
    outcome TEXT NOT NULL,
    line TEXT NOT NULL,            -- how it begins
    label TEXT NOT NULL DEFAULT '' -- what a person said of it
) STRICT;
CREATE INDEX samples_state ON samples(state);
CREATE INDEX samples_task ON samples(task);
CREATE INDEX samples_pair ON samples(image, task, draw);
CREATE INDEX samples_id ON samples(id);
CREATE INDEX samples_label ON samples(label) WHERE label != '';
CREATE TABLE found (code TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (code, n)) STRICT, WITHOUT ROWID;
CREATE INDEX found_in ON found(n);
CREATE TABLE categories (category TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (category, n)) STRICT, WITHOUT ROWID;
CREATE INDEX categories_of ON categories(n);
CREATE TABLE bodies (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE hits (n INTEGER NOT NULL, finding TEXT NOT NULL) STRICT;
CREATE INDEX hits_of ON hits(n);
CREATE TABLE whole (finding TEXT NOT NULL) STRICT; -- of a file, and of none of its records
CREATE VIRTUAL TABLE texts USING fts5(
    named, seen, said, content='', prefix='2 3', tokenize="unicode61 remove_diacritics 2");
"""
RULES = "2"
"""Of the tables above: a side file of other rules is made anew."""


class Words(NamedTuple):
    """What a sample is found by."""

    named: str
    """Its id and its picture."""
    seen: str
    """The context."""
    said: str
    """The dialogue, or the reply where there is none."""


class Entry(NamedTuple):
    """One sample, as the side file keeps it."""

    n: int
    key: str
    id: str
    task: str
    image: str
    file: str
    draw: int
    state: str
    reason: str
    attempt: int | None
    outcome: str
    line: str
    codes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    words: Words | None = None
    body: bytes | None = None


class Index:
    """An open side file: one connection that writes, one that reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._writing = threading.RLock()
        self.changes = 0
        """Grows with every commit."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer, self._reader = self._open(path)
        except (OSError, sqlite3.Error) as error:
            hint = "give another folder with DATAGEN_CACHE_DIR"
            raise SetupError(f"{shown(path)}: the viewer's index cannot be kept there: {shown(error)}", hint) from error

    @staticmethod
    def _open(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        try:
            return _connect(path), _connect(path)
        except sqlite3.DatabaseError:  # damaged, or somebody else's: it can be made anew
            for name in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                name.unlink(missing_ok=True)
            return _connect(path), _connect(path)

    def close(self) -> None:
        """Let go of the file."""
        with self._writing, self._lock:
            self._reader.close()
            self._writer.close()

    @contextmanager
    def commit(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            self.changes += 1

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query gives."""
        with self._lock:
            return self._reader.execute(sql, values).fetchall()

    def numbers(self, sql: str, values: Sequence[Any] = ()) -> list[int]:
        """The one column that a query gives, of numbers: many take a tenth of the room that their rows would."""
        with self._lock:
            return [n for (n,) in self._reader.execute(sql, values)]

    def meta(self, key: str) -> str:
        """A value that was kept; `` where there is none."""
        return next((str(row[0]) for row in self.rows("SELECT value FROM meta WHERE key = ?", (key,))), "")

    def begin(self, identity: str) -> None:
        """Go on with what is there if it is of the same thing; else begin anew."""
        if self.meta("identity") == identity:
            return
        with self.commit() as db:
            for table in ("meta", "samples", "found", "categories", "bodies", "hits", "whole"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608
            db.execute("INSERT INTO texts(texts) VALUES ('delete-all')")
            db.execute("INSERT INTO meta VALUES ('identity', ?)", (identity,))

    def put(self, entries: Iterable[tuple[Entry, Words | None]], **meta: object) -> None:
        """Replace samples; with each, the words that were indexed of it before, if any were."""
        with self.commit() as db:
            for entry, before in entries:
                _put(db, entry, before)
            for key, value in meta.items():
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(value)))

    def settle(self) -> None:
        """All is in: have the words' index in as few parts as it gets, which makes searching quick."""
        with suppress(sqlite3.Error), self._writing:
            self._writer.execute("INSERT INTO texts(texts) VALUES ('optimize')")
            self._writer.execute("PRAGMA optimize")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=OFF")  # it can be made again
    db.execute("PRAGMA cache_size=-8000")
    db.execute("PRAGMA temp_store=MEMORY")
    if db.execute("PRAGMA user_version").fetchone()[0] != int(RULES):
        if db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            db.close()
            raise sqlite3.DatabaseError("of other rules")
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={RULES}; COMMIT;")
    path.chmod(0o600)  # it holds the words of what may be private
    return db


_PUT = (
    "INSERT INTO samples (n, key, id, task, image, file, draw, state, reason, attempt, outcome, line) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET state = excluded.state, "
    "reason = excluded.reason, attempt = excluded.attempt, outcome = excluded.outcome, line = excluded.line"
)


def _put(db: sqlite3.Connection, entry: Entry, before: Words | None) -> None:
    if before is not None:
        _take_out(db, entry.n, before)
    db.execute("DELETE FROM found WHERE n = ?", (entry.n,))
    categories = [_sound(name) for name in dict.fromkeys(entry.categories)]
    db.execute(_PUT, tuple(map(_sound, entry[:12])))
    db.executemany("INSERT OR IGNORE INTO found VALUES (?, ?)", [(code, entry.n) for code in entry.codes])
    db.executemany("INSERT OR IGNORE INTO categories VALUES (?, ?)", [(name, entry.n) for name in categories])
    if entry.words is not None:
        db.execute(_TEXT, (entry.n, *map(_sound, entry.words)))
    if entry.body is not None:
        db.execute("INSERT OR REPLACE INTO bodies VALUES (?, ?)", (entry.n, entry.body))


_TEXT = "INSERT INTO texts(rowid, named, seen, said) VALUES (?, ?, ?, ?)"


def _take_out(db: sqlite3.Connection, n: int, words: Words) -> None:
    """Out of the words' index again: with the very words that went in."""
    sql = "INSERT INTO texts(texts, rowid, named, seen, said) VALUES ('delete', ?, ?, ?, ?)"
    db.execute(sql, (n, *map(_sound, words)))


def _sound(value: Any) -> Any:
    """Texts that SQLite takes: half a character is none."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value
