"""Jobs → files of requests, each within a provider's limits.

A file is written as its jobs come, so that no more of it is in memory than the ids. Lines are put together and not
dumped: the body is the very bytes that the ledger's digest proves, and a writer of JSON lines would take them apart.
What is packed is on disk; that it is to be sent is for the caller to note, before it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from datagen.llm.batch_api import ENDPOINT
from datagen.llm.course import Job
from datagen.money import Price, worst
from datagen.schema import Request
from datagen.shards import Member

_BYTES_A_TOKEN = 4  # English in JSON has more: what is enqueued is rather told too high
_MIDDLE = b'","method":"POST","url":"' + ENDPOINT.encode() + b'","body":'


class Room(NamedTuple):
    """What one more file may hold at most."""

    requests: int
    bytes: int
    tokens: int | None = None
    money: int | None = None
    """Picodollars that may be set aside; None is no limit."""


class Packed(NamedTuple):
    """A file of requests that is on disk, and whose they are."""

    path: Path
    sha256: str
    bytes: int
    tokens: int
    members: list[Member]


class Packer:
    """Packs one file after the other from the same jobs."""

    def __init__(self, jobs: Iterator[Job], folder: Path, price: Price | None, reply_limit: int) -> None:
        self._jobs, self._folder, self._price, self._reply_limit = jobs, folder, price, reply_limit
        self._next: Job | None = None
        self.short: int | None = None
        """What the next request could cost, where there was no money for it."""

    def pack(self, room: Room) -> Packed | None:
        """The next file; None where there is nothing more to ask, or no money for any of it (then `short` tells)."""
        first = self._peek()
        if first is None or not self._fits(first, 0, 0, 0, room):
            return None
        self._folder.mkdir(exist_ok=True)
        part = self._folder / ".packing.part"
        members: list[Member] = []
        sha, size, tokens, money = hashlib.sha256(), 0, 0, 0
        with part.open("wb") as file:
            while (job := self._peek()) is not None and len(members) < room.requests:
                line = line_of(job)
                if not self._fits(job, size + len(line) if members else 0, tokens, money, room):
                    break
                file.write(line)
                sha.update(line)
                size += len(line)
                tokens += _tokens(job)
                money += self._worst(job) or 0
                members.append(self._member(job))
                self._next = None
            file.flush()
            os.fsync(file.fileno())
        path = self._folder / f"{sha.hexdigest()[:16]}.jsonl"
        part.replace(path)
        return Packed(path, sha.hexdigest(), size, tokens, members)

    def _peek(self) -> Job | None:
        if self._next is None:
            self._next = next(self._jobs, None)
        return self._next

    def _fits(self, job: Job, size: int, tokens: int, money: int, room: Room) -> bool:
        """Money must be there for each; of the rest, the first in a file may be as large as it is."""
        amount = self._worst(job)
        if room.money is not None and amount is not None and money + amount > room.money:
            self.short = amount
            return False
        if size > room.bytes:
            return False
        return not tokens or room.tokens is None or tokens + _tokens(job) <= room.tokens

    def _worst(self, job: Job) -> int | None:
        body = _sent(job).body
        return None if self._price is None else worst(len(body), self._reply_limit, self._price)

    def _member(self, job: Job) -> Member:
        return Member(job.request.id, self._worst(job), job.spoiled, _sent(job).sha256)


def _sent(job: Job) -> Request:
    return job.first or job.request


def _tokens(job: Job) -> int:
    return len(_sent(job).body) // _BYTES_A_TOKEN


def line_of(job: Job) -> bytes:
    """A job as a line of a file of requests."""
    return b'{"custom_id":"' + job.request.id.encode("ascii") + _MIDDLE + _sent(job).body + b"}\n"
