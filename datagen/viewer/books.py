"""What is looked at: a run's ledger or a file of training data, each with its side file and a thread that keeps that
up to date.

Reading never waits for the thread: lists grow while it works, and a sample is read from its source. What a reply is
worth is judged here by the same checks that a build uses, so that a run at work shows what it will keep.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path

from datagen.errors import DatagenError
from datagen.labels import Labels
from datagen.text import shown
from datagen.viewer.facts import Facts
from datagen.viewer.index import Index
from datagen.viewer.places import place_of
from datagen.viewer.search import Lists

STEP = 500
"""Samples taken in at a time: lists are answered in between."""
_PAUSE = 1.0


class Book(ABC):
    """A thing to look at."""

    kind: str

    def __init__(self, path: Path, labels: Path) -> None:
        self.path = path
        self._place = place_of(path)
        self.index = Index(self._place.path)
        self.lists = Lists(self.index)
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

    def whole(self) -> list[Facts]:
        """What checks found in the whole of it, and in no one sample."""
        return []

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
        self._place.let_go()

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
            "whole": self.whole(),
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
            except (DatagenError, sqlite3.Error, OSError) as error:  # a full disk, say: what there is can be looked at
                self.trouble = shown(error)
            if busy:
                settled = False
                time.sleep(0.001)  # for who looks on meanwhile
                continue
            if not settled:
                self.index.settle()
                settled = True
            self._stop.wait(_PAUSE)
