"""Many waiters, one commit: nobody goes on before it is on disk, and what is paid for gets there if it can."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from datagen.errors import LedgerError
from datagen.journal import GroupJournal
from datagen.ledger import Preferred, Sending
from datagen.schema import Failure, Fault, Request, Response
from datagen.shards import Ending


class Disk:
    """A ledger that only writes down, and can be slow or full."""

    def __init__(self) -> None:
        self.commits: list[tuple[list[str], list[str], list[str]]] = []
        self.full = False
        self.go = threading.Event()
        self.go.set()

    def record(
        self, sent: Sequence[Sending], done: Sequence[Ending], final: Sequence[str] = (), _: Sequence[Preferred] = ()
    ) -> None:
        assert self.go.wait(20)
        if self.full:
            raise LedgerError("disk full")
        self.commits.append(([s.query_id for s in sent], [e.response.query_id for e in done], list(final)))

    @property
    def done(self) -> list[str]:
        return [query for _, done, _ in self.commits for query in done]


def request(name: str) -> Request:
    return Request(id=name, body=b"{}")


def answer(name: str) -> Response:
    return Response(query_id=name, text="x")


def good(_response: Response) -> None:
    return None


async def end(journal: GroupJournal, response: Response, look: Fault) -> str | None:
    await journal.done(response, 1)
    return await journal.looked(response, look)


def run(disk: Disk, work: Callable[[GroupJournal], Awaitable[Any]]) -> list[tuple[str, str | None]]:
    heard: list[tuple[str, str | None]] = []

    async def main() -> None:
        async with GroupJournal(disk, lambda response, fault: heard.append((response.query_id, fault))) as journal:  # type: ignore[arg-type]
            await work(journal)

    asyncio.run(asyncio.wait_for(main(), 20))
    return heard


def test_what_arrives_during_a_commit_shares_the_next() -> None:
    disk = Disk()

    async def work(journal: GroupJournal) -> None:
        disk.go.clear()
        first = asyncio.create_task(journal.sent(request("first"), None, None))
        await asyncio.sleep(0.01)
        rest = [asyncio.create_task(journal.sent(request(f"q{n}"), None, None)) for n in range(50)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in (first, *rest))
        disk.go.set()
        await asyncio.gather(first, *rest)

    run(disk, work)
    assert [len(sent) for sent, _, _ in disk.commits] == [1, 50]


def test_where_some_come_at_a_time_a_group_waits_a_moment_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datagen.journal._MOMENT", 0.5)
    disk = Disk()

    async def work(journal: GroupJournal) -> None:
        async def later(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            await journal.sent(request(name), None, None)

        disk.go.clear()
        first = [asyncio.create_task(later(f"a{n}", 0)) for n in range(5)]
        await asyncio.sleep(0.05)  # they are being written
        second = [asyncio.create_task(later(f"b{n}", n * 0.1)) for n in range(3)]
        await asyncio.sleep(0.02)
        disk.go.set()
        await asyncio.gather(*first, *second)
        await later("alone", 0)

    run(disk, work)
    groups = [sent for sent, _, _ in disk.commits if sent]
    assert [len(group) for group in groups] == [5, 3, 1]


def test_a_reply_is_looked_at_once_it_is_on_disk_and_heard_of_then() -> None:
    disk = Disk()
    seen: list[bool] = []

    def short(response: Response) -> str:
        seen.append(response.query_id in disk.done)
        return "short"

    async def work(journal: GroupJournal) -> None:
        assert await end(journal, answer("a"), short) == "short"
        failure = Failure(reason="timeout", message="", again=True)
        assert await end(journal, Response(query_id="b", error=failure), short) is None
        journal.final(request("a"))

    assert run(disk, work) == [("a", "short"), ("b", None)]
    assert seen == [True]
    assert disk.commits[-1] == ([], [], ["a"])


def test_a_look_that_fails_is_told_to_who_asked_and_to_nobody_else() -> None:
    """It broke the journal, and all answers on their way were thrown away."""
    disk = Disk()

    def bug(_response: Response) -> str:
        raise ZeroDivisionError

    async def work(journal: GroupJournal) -> None:
        tasks = [
            end(journal, answer("a"), bug),
            end(journal, answer("b"), good),
            journal.sent(request("c"), 1, None),
        ]
        assert [type(end) for end in await asyncio.gather(*tasks, return_exceptions=True)] == [
            ZeroDivisionError, type(None), type(None),
        ]  # fmt: skip
        await end(journal, answer("c"), good)

    run(disk, work)
    assert disk.done == ["a", "b", "c"]


def test_a_full_disk_is_told_to_everyone_and_what_is_paid_for_is_tried_once_more_at_the_end() -> None:
    disk = Disk()

    async def work(journal: GroupJournal) -> None:
        await journal.sent(request("a"), 1, None)
        await journal.sent(request("b"), 1, None)
        disk.full = True
        ends = [end(journal, answer("a"), good), journal.sent(request("c"), 1, None)]
        assert [type(end) for end in await asyncio.gather(*ends, return_exceptions=True)] == [LedgerError, LedgerError]
        with pytest.raises(LedgerError):
            await end(journal, answer("b"), good)
        with pytest.raises(LedgerError):
            await journal.sent(request("d"), 1, None)
        disk.full = False

    assert run(disk, work) == []
    assert disk.done == ["a", "b"]
    assert [query for sent, _, _ in disk.commits for query in sent] == ["a", "b"]


def test_a_disk_that_stays_full_ends_with_its_own_error() -> None:
    disk = Disk()

    async def work(journal: GroupJournal) -> None:
        disk.full = True
        await end(journal, answer("a"), good)

    with pytest.raises(LedgerError, match="disk full"):
        run(disk, work)


def test_the_answer_of_a_cancelled_worker_is_kept() -> None:
    disk = Disk()

    async def work(journal: GroupJournal) -> None:
        disk.go.clear()
        task = asyncio.create_task(end(journal, answer("a"), good))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        disk.go.set()

    run(disk, work)
    assert disk.done == ["a"]


def test_leaving_waits_for_what_was_begun() -> None:
    disk = Disk()

    async def work(journal: GroupJournal) -> None:
        disk.go.clear()
        begun = asyncio.create_task(journal.sent(request("a"), 1, None))
        await asyncio.sleep(0.01)
        late = asyncio.create_task(end(journal, answer("b"), good))
        asyncio.get_running_loop().call_later(0.01, disk.go.set)
        await asyncio.sleep(0)
        del begun, late

    run(disk, work)
    assert [len(sent) + len(done) for sent, done, _ in disk.commits] == [1, 1]
