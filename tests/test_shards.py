"""Batches in the ledger: an intent is whole or not there, its queries are nobody else's, and each ends in one state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from datagen.errors import LedgerError
from datagen.ledger import Ledger, Sending
from datagen.schema import Answered, Failure, Response, Usage
from datagen.shards import BAD_LINE, Ending, Member, Shard
from tests.test_ledger import answer, ask, failure, planned, query

TOLD = {"state": "intended", "address": "a", "sha256": "s", "size": 9, "tokens": 2, "price": None}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.db", writable=True)
    opened.plan(planned(1, 2, 3, 4), "k", may_retire=False)
    yield opened
    opened.close()


def intend(ledger: Ledger, *numbers: int, reserved: int | None = None) -> Shard:
    return ledger.intend([Member(query(n).id, reserved) for n in numbers], **TOLD)  # type: ignore[arg-type]


def unasked(ledger: Ledger, in_batches: int | None = None) -> list[str]:
    return [each.image.image_id for each, _ in ledger.unasked(in_batches=in_batches)]


def failed(reason: str) -> Ending:
    return Ending(Response(query_id="", error=Failure(reason=reason, message="no", again=True)), 0)


def test_what_is_in_a_batch_is_asked_nowhere_else(ledger: Ledger) -> None:
    shard = intend(ledger, 1, 3)
    assert (shard.n, shard.first, shard.requests, ledger.in_batches()) == (1, 1, 2, 2)
    assert unasked(ledger) == unasked(ledger, 5) == ["2", "4"]
    assert ledger.unasked_count() == ledger.unasked_count(5) == 2
    assert ledger.settle_unknown() == 0, "nobody died: it is at the provider's"
    assert ledger.states().pending == 4
    with pytest.raises(LedgerError):
        intend(ledger, 2, 3)
    assert unasked(ledger) == ["2", "4"], "all of an intent or nothing"
    assert len(ledger.batches()) == 1


def test_an_intent_knows_each_of_its_queries(ledger: Ledger) -> None:
    with pytest.raises(AssertionError, match="each line of a batch is a query"):
        ledger.intend([Member("nobodys")], **TOLD)  # type: ignore[arg-type]
    assert ledger.batches() == []


def test_its_money_is_aside_until_it_is_settled(ledger: Ledger) -> None:
    shard = intend(ledger, 1, 2, reserved=50)
    assert ledger.spent().held == 100
    ledger.take_in([(shard.first, Ending(answer(1), 7))], shard)
    assert (ledger.spent().settled, ledger.spent().held) == (7, 50)
    assert ledger.settle(shard, "batch-missing", "gone", outcome="unknown") == 1
    assert ledger.spent().held == 50, "nobody knows"
    assert ledger.batch(1).state == "settled"


def test_what_was_not_run_costs_nothing_and_is_no_failure(ledger: Ledger) -> None:
    ledger.settle(intend(ledger, 1, 2, reserved=50), "batch-withdrawn", "not sent")
    assert ledger.spent().held == 0
    assert (ledger.states().pending, ledger.states().failed) == (4, {})
    assert list(ledger.failures()) == []
    assert unasked(ledger, 1) == ["1", "2", "3", "4"], "it counts as no attempt"


@pytest.mark.parametrize(("reason", "times"), [("server-error", 2), ("batch-expired", 2), (f"{BAD_LINE}bad", 1)])
def test_it_is_put_into_so_many_batches(ledger: Ledger, reason: str, times: int) -> None:
    for _ in range(times):
        assert "1" in unasked(ledger, 2)
        shard = intend(ledger, 1)
        ledger.take_in([(shard.first, failed(reason))], shard)
        ledger.settle(shard, "", "")
    assert "1" not in unasked(ledger, 2)
    assert "1" in unasked(ledger), "the other road may ask it"
    assert ledger.states().failed == {reason: 1}


def test_failures_of_the_other_road_do_not_count(ledger: Ledger) -> None:
    for _ in range(3):
        ask(ledger, failure(1))
    assert "1" in unasked(ledger, 1)


def test_a_bad_reply_is_given_up_with_the_intent(ledger: Ledger) -> None:
    ask(ledger, answer(1))
    ledger.intend([Member(query(1).id, None, "cut")], **TOLD)  # type: ignore[arg-type]
    assert list(ledger.answers()) == []
    assert ledger.tally()["spoiled"] == 1


def test_an_answer_that_came_elsewhere_meanwhile_stays(ledger: Ledger) -> None:
    shard = intend(ledger, 1)
    ledger.settle(shard, "batch-missing", "gone", outcome="unknown")
    ask(ledger, answer(1))
    late = Answered(query(1).id, b"late", "m", Usage(1, 1), None)
    ledger.take_in([(shard.first, Ending(late, 5))], shard)
    assert [kept.raw for kept in ledger.answers()] == [b'{"a": 1}']
    assert ledger.spent().settled == 5, "it was paid for all the same"
    assert ledger.outcomes(1) == {"answered": 1}


def test_the_other_road_does_not_touch_what_is_in_a_batch(ledger: Ledger) -> None:
    intend(ledger, 1)
    ledger.record([Sending(query(2).id)], [])
    ledger.record([], [Ending(answer(1)), Ending(answer(2))])
    assert ledger.outcomes(1) == {"": 1}
    assert [kept.query.id for kept in ledger.answers()] == [query(2).id]


def test_files_are_made_again_whenever_something_came_in(ledger: Ledger) -> None:
    seen = [ledger.standing()]
    first, second = intend(ledger, 1), intend(ledger, 2)
    seen.append(ledger.standing())
    for shard, n in ((second, 2), (first, 1)):  # the later one first
        ledger.take_in([(shard.first, Ending(answer(n)))], shard)
        seen.append(ledger.standing())
    ledger.intend([Member(query(2).id, None, "cut")], **TOLD)  # type: ignore[arg-type]
    seen.append(ledger.standing())
    assert len(set(seen)) == len(seen)


def test_who_a_run_is_stays_the_same(ledger: Ledger) -> None:
    assert ledger.run_id() == ledger.run_id()
    assert len(ledger.run_id()) == 16
