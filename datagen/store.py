"""The ledger's SQLite file: how it is opened, brought up to date, committed to, and what its faults are called.

WAL and `synchronous=FULL`: what a commit returned from survives power loss. It knows no table but `meta`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datagen.errors import LedgerError, SetupError
from datagen.tables import MIGRATIONS, SCHEMA, VERSION
from datagen.text import shown


class Store:
    """One open ledger file. `writable=False` opens it for looking at while another process writes."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self.path = path
        self._lock = threading.RLock()  # answers are committed in a thread while the next queries are read
        with self._translated():
            self._db = self._open(writable)
            try:
                self._check_version(writable)
            except BaseException:
                self._db.close()
                raise

    def _open(self, writable: bool) -> sqlite3.Connection:
        if not writable and not self.path.exists():
            raise SetupError(f"{shown(self.path)}: there is no ledger here", "is this a run folder of datagen?")
        uri = self.path.absolute().as_uri() + ("?mode=rwc" if writable else "?mode=ro")
        if not writable and not os.access(self.path.parent, os.W_OK):
            uri += "&immutable=1"  # a WAL database cannot be opened in a folder that nothing can be written to
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=60)
        if writable:
            self._keep_log(db)
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA foreign_keys=ON")
        return db

    def _keep_log(self, db: sqlite3.Connection) -> None:
        """WAL, which SQLite does without where memory cannot be shared: nobody could look at the run meanwhile then."""
        (kind,) = db.execute("PRAGMA journal_mode=WAL").fetchone()
        if kind != "wal":
            db.close()
            hint = "some network file systems cannot: give an -o on a local disk"
            raise LedgerError(f"{shown(self.path)}: no write-ahead log can be kept here, only {shown(kind)!r}", hint)

    def _check_version(self, writable: bool) -> None:
        (found,) = self._db.execute("PRAGMA user_version").fetchone()
        if found == 0 and writable and not self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
        elif found in MIGRATIONS:
            self._migrate(found, writable)
        elif found != VERSION:
            hint = "use the datagen that made it, or another -o"
            raise LedgerError(f"{shown(self.path)}: has version {found}, this datagen reads {VERSION}", hint)

    def _migrate(self, found: int, writable: bool) -> None:
        """Bring an older ledger up to date in one transaction; the file as it was stays beside it."""
        if not writable:
            hint = "`datagen rebuild` on its folder brings it up to date, and keeps a copy of it as it was"
            raise LedgerError(f"{shown(self.path)}: has the older version {found}", hint)
        old = self.path.with_name(f"{self.path.stem}-v{found}{self.path.suffix}")
        old.unlink(missing_ok=True)
        self._db.execute("VACUUM INTO ?", (str(old),))
        for version in range(found, VERSION):
            self._db.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[version]} PRAGMA user_version={version + 1}; COMMIT;")

    def _damaged(self, error: Exception) -> LedgerError:
        if isinstance(error, sqlite3.OperationalError) and ("full" in str(error) or "disk I/O" in str(error)):
            hint = f"make room{self._room()}, or look at the disk; the same command goes on from here"
            return LedgerError(f"{shown(self.path)}: cannot be written: {shown(error)}", hint)
        if isinstance(error, sqlite3.OperationalError) and ("unable to open" in str(error) or "readonly" in str(error)):
            hint = "mend the permissions, or give an -o on a disk that can be written to"
            return LedgerError(f"{shown(self.path)}: cannot be written: {shown(error)}", hint)
        if isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error)):
            return LedgerError(f"{shown(self.path)}: another program holds it", "close that; the same command goes on")
        hint = "what is in it may still be read with sqlite3's `.recover`; datagen will not write to it"
        return LedgerError(f"{shown(self.path)}: cannot be used: {shown(error)}", hint)

    def _room(self) -> str:
        """What the disk has left, and what is there already, for people."""
        try:
            free, size = shutil.disk_usage(self.path.parent).free, self.path.stat().st_size
        except OSError:
            return ""
        return f" ({free / 1e6:,.1f} MB are free there; the ledger has {size / 1e6:,.1f} MB)"

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable at the end."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter for names that are no text any more
            raise self._damaged(error) from error

    def _rows(self, sql: str, *values: object) -> Iterator[tuple[object, ...]]:
        with self._translated():
            yield from self._db.execute(sql, values)

    def _has(self, table: str) -> bool:
        sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return next(self._rows(sql, table), None) is not None

    def meta(self, key: str) -> str | None:
        """A value that `set_meta` kept."""
        return next((str(row[0]) for row in self._rows("SELECT value FROM meta WHERE key = ?", key)), None)

    def set_meta(self, key: str, value: str) -> None:
        with self._commit() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def verify(self) -> None:
        """SQLite's own check of every page. Raises LedgerError that says what it found."""
        found = [str(row[0]) for row in self._rows("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            raise self._damaged(sqlite3.DatabaseError(found[0]))
