"""The ledger: one answer a query, exact states, plans that keep what was paid for, damage that is refused."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.errors import LedgerError, SetupError
from datagen.ledger import AnswersLeftOut, Bad, Ending, Ledger, Planned, Preferred, Sending, Verdict
from datagen.schema import Boxed, Failure, Grounded, ImageContext, Query, Response, Usage


def query(n: int, digest: str = "d", task: str = "conversation") -> Query:
    image = ImageContext(image_id=str(n), file_name=f"{n}.jpg", width=4, height=3, captions=("A.",), boxes=())
    return Query(id=f"{n}-{task}-0-{digest}", task=task, image=image, question=None, draw=0, digest=digest)


def planned(*numbers: int, digest: str = "d") -> list[Planned]:
    return [Planned(query(n, digest), "conversation", str(n)) for n in numbers]


def answer(n: int, digest: str = "d") -> Response:
    return Response(
        query_id=query(n, digest).id, text="x", model="m", usage=Usage(10, 5), request_id="r", raw=b'{"a": 1}'
    )


def failure(n: int, *, again: bool = True) -> Response:
    reason = "server-error" if again else "too-long"
    return Response(query_id=query(n).id, error=Failure(reason=reason, message="no", again=again))


def ask(ledger: Ledger, response: Response) -> None:
    ledger.record([Sending(response.query_id)], [])
    ledger.record([], [Ending(response)])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.db", writable=True)
    yield opened
    opened.close()


def test_what_was_planned_is_unasked_in_order(ledger: Ledger) -> None:
    ledger.plan(planned(3, 1, 2), "k", may_retire=False)
    assert [q.id for q, _ in ledger.unasked()] == [query(n).id for n in (3, 1, 2)]
    assert ledger.unasked_count() == 3
    assert next(iter(ledger.unasked())) == (query(3), 0)


def test_unasked_goes_on_past_a_page_while_answers_come_in(ledger: Ledger) -> None:
    ledger.plan(planned(*range(1200)), "k", may_retire=False)
    seen = []
    for asked, _ in ledger.unasked():
        seen.append(asked.id)
        ask(ledger, answer(int(asked.image.image_id)))
    assert seen == [query(n).id for n in range(1200)]
    assert ledger.states().unread == 1200


def test_an_answer_is_kept_and_its_query_not_asked_again(ledger: Ledger) -> None:
    ledger.plan(planned(1, 2), "k", may_retire=False)
    ask(ledger, answer(1))
    assert [q.id for q, _ in ledger.unasked()] == [query(2).id]
    (kept,) = ledger.answers()
    assert (kept.query, kept.raw, kept.request_id) == (query(1), b'{"a": 1}', "r")


def test_the_database_itself_refuses_a_second_answer(ledger: Ledger) -> None:
    ledger.plan(planned(1), "k", may_retire=False)
    ask(ledger, answer(1))
    with pytest.raises(LedgerError):
        ask(ledger, answer(1))
    assert len(list(ledger.answers())) == 1


def test_what_has_no_answer_is_asked_again_unless_it_was_refused(ledger: Ledger) -> None:
    ledger.plan(planned(1, 2, 3), "k", may_retire=False)
    ask(ledger, failure(1))
    ask(ledger, failure(2, again=False))
    ask(ledger, answer(3))
    assert [q.id for q, _ in ledger.unasked()] == [query(1).id]
    assert ledger.unasked_count() == 1
    assert ledger.states().failed == {"server-error": 1, "too-long": 1}
    assert [(q.id, reason) for q, reason, _ in ledger.failures()] == [
        (query(1).id, "server-error"), (query(2).id, "too-long"),
    ]  # fmt: skip


def test_what_was_on_its_way_when_a_process_died_is_unknown_and_pending(ledger: Ledger) -> None:
    ledger.plan(planned(1, 2), "k", may_retire=False)
    ledger.record([Sending(query(1).id)], [])
    assert ledger.settle_unknown() == 1
    assert ledger.settle_unknown() == 0
    assert ledger.tally()["unknown"] == 1
    assert ledger.states().pending == 2
    assert len(list(ledger.unasked())) == 2


def test_a_larger_plan_keeps_the_answers_and_asks_the_rest(ledger: Ledger) -> None:
    ledger.plan(planned(1, 2), "k", may_retire=False)
    ask(ledger, answer(1))
    assert ledger.plan(planned(0, 1, 2, 3), "k2", may_retire=False) == 0
    assert [q.id for q, _ in ledger.unasked()] == [query(n).id for n in (0, 2, 3)]


def test_a_plan_that_leaves_answers_out_changes_nothing_unless_told(ledger: Ledger) -> None:
    ledger.plan(planned(1, 2), "k", may_retire=False)
    ask(ledger, answer(1))
    with pytest.raises(AnswersLeftOut) as left:
        ledger.plan(planned(2, 3), "k2", may_retire=False)
    assert left.value.args == (1,)
    assert ledger.meta("plan") == "k"
    assert [a.query.id for a in ledger.answers()] == [query(1).id]
    assert ledger.plan(planned(2, 3), "k2", may_retire=True) == 1
    assert list(ledger.answers()) == []
    assert ledger.tally()["answered"] == 1
    assert ledger.plan(planned(1), "k3", may_retire=False) == 0
    assert len(list(ledger.answers())) == 1


def test_one_id_with_two_bodies_is_refused(ledger: Ledger) -> None:
    ledger.plan(planned(1), "k", may_retire=False)
    other = query(1).model_copy(update={"digest": "e"})
    with pytest.raises(LedgerError, match="another request"):
        ledger.plan([Planned(other, "conversation", "1")], "k2", may_retire=True)
    with pytest.raises(LedgerError, match="planned twice"):
        ledger.plan(planned(1, 1), "k2", may_retire=True)
    assert ledger.meta("plan") == "k"


def test_edited_annotations_reach_a_query_whose_request_is_the_same(ledger: Ledger) -> None:
    ledger.plan(planned(1), "k", may_retire=False)
    ask(ledger, answer(1))
    image = query(1).image.model_copy(update={"file_name": "moved/1.jpg"})
    line = Planned(query(1).model_copy(update={"image": image}), "conversation", "1")
    ledger.plan([line], "k2", may_retire=False)
    (kept,) = ledger.answers()
    assert kept.query.image.file_name == "moved/1.jpg"


def test_images_left_out_are_counted_by_task_and_reason(ledger: Ledger) -> None:
    lines = [*planned(1), Planned(None, "conversation", "2", "no captions"), Planned(None, "detail", "2", "no boxes")]
    ledger.plan(lines, "k", may_retire=False)
    assert ledger.left_out() == {"conversation": {"no captions": 1}, "detail": {"no boxes": 1}}


STEPS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["answer", "fail", "refuse", "die", "kept", "cut"])), max_size=40
)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_every_query_is_in_exactly_one_state_whatever_happens(steps: list[tuple[int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db", writable=True)
        _walk(ledger, steps)
        ledger.close()


def _walk(ledger: Ledger, steps: list[tuple[int, str]]) -> None:
    ledger.plan(planned(*range(10)), "k", may_retire=False)
    answered: set[int] = set()
    for n, what in steps:
        if what in ("kept", "cut"):
            ledger.set_verdicts(Verdict(a.n, None if what == "kept" else "cut") for a in list(ledger.answers()))
        elif n in answered:
            continue
        elif what == "die":
            ledger.record([Sending(query(n).id)], [])
            ledger.settle_unknown()
        else:
            answered |= {n} if what == "answer" else set()
            ask(ledger, answer(n) if what == "answer" else failure(n, again=what == "fail"))
        states = ledger.states()
        assert states.planned == 10
        assert states.kept + sum(states.rejected.values()) + states.unread == len(answered)


def send_repair(ledger: Ledger, n: int, spoiled: str | None = "grammar") -> None:
    ledger.record([Sending(query(n).id, None, spoiled, "5e")], [])


def test_a_repair_is_known_by_its_bytes_and_counts_once_it_was_answered(ledger: Ledger) -> None:
    ledger.plan(planned(1, 2), "k", may_retire=False)
    assert ledger.last_bad(query(1).id) is None
    ask(ledger, answer(1))
    assert ledger.last_bad(query(1).id) == Bad(b'{"a": 1}', 0)
    send_repair(ledger, 1)
    ledger.settle_unknown()
    assert ledger.last_bad(query(1).id) == Bad(b'{"a": 1}', 0), "nobody heard its end: it may be sent again"
    send_repair(ledger, 1, None)
    ledger.record([], [Ending(answer(1).model_copy(update={"raw": b"mended"}))])
    assert ledger.last_bad(query(1).id) == Bad(b"mended", 1)
    ask(ledger, answer(2))
    assert [kept.sha256 for kept in ledger.answers()] == ["5e", None]
    ledger.set_verdicts(Verdict(kept.n, None) for kept in list(ledger.answers()))
    assert (ledger.states().kept, ledger.states().repaired) == (2, 1)
    assert (ledger.tally()["attempts"], ledger.tally()["repairs"]) == (4, 2)


def test_a_repair_that_is_refused_says_nothing_of_its_query(ledger: Ledger) -> None:
    ledger.plan(planned(1), "k", may_retire=False)
    ask(ledger, answer(1))
    send_repair(ledger, 1)
    ledger.record([], [Ending(failure(1, again=False))])
    assert ledger.last_bad(query(1).id) == Bad(b"", 1), "and the same is not tried again"
    assert list(ledger.unasked()) == [(query(1), 1)]
    ask(ledger, failure(1, again=False))
    assert ledger.unasked_count() == 0


def test_it_can_be_read_while_another_process_writes(ledger: Ledger, tmp_path: Path) -> None:
    ledger.plan(planned(1, 2), "k", may_retire=False)
    reader = Ledger(tmp_path / "ledger.db", writable=False)
    ask(ledger, answer(1))
    assert reader.states().unread == 1
    with pytest.raises(LedgerError):
        reader.set_meta("k", "v")
    reader.close()


def test_no_ledger_a_foreign_one_and_a_newer_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no ledger"):
        Ledger(tmp_path / "none.db", writable=False)
    (tmp_path / "text.db").write_text("this is no database, but long enough to look at" * 50)
    with pytest.raises(LedgerError, match="cannot be used"):
        Ledger(tmp_path / "text.db", writable=True)
    with sqlite3.connect(tmp_path / "newer.db") as db:
        db.execute("PRAGMA user_version=99")
        db.execute("CREATE TABLE x (y)")
    db.close()
    with pytest.raises(LedgerError, match="version 99"):
        Ledger(tmp_path / "newer.db", writable=True)


def test_damage_is_found_and_named(ledger: Ledger, tmp_path: Path) -> None:
    ledger.plan(planned(*range(300)), "k", may_retire=False)
    ledger.verify()
    ledger.close()
    path = tmp_path / "ledger.db"
    damaged = bytearray(path.read_bytes())
    for page in range(4096 * 3, len(damaged), 4096):
        damaged[page : page + 64] = b"\xff" * 64
    path.write_bytes(damaged)
    with pytest.raises(LedgerError, match="cannot be used"):
        list(Ledger(path, writable=True).unasked())


def test_raw_answers_are_bytes_as_they_came(ledger: Ledger) -> None:
    raw = json.dumps({"text": "\ud800 ü \u0000"}).encode() + b"\xff\x00"
    ledger.plan(planned(1), "k", may_retire=False)
    ask(ledger, answer(1).model_copy(update={"raw": raw}))
    assert next(iter(ledger.answers())).raw == raw


def test_a_repair_of_a_good_answer_is_none_until_it_is_preferred(ledger: Ledger) -> None:
    """And a reply that the ledger does not hold takes the place of nothing."""
    ledger.plan(planned(1), "k", may_retire=False)
    ask(ledger, answer(1))
    (good,) = ledger.answers()
    send_repair(ledger, 1, None)
    ledger.record([], [Ending(answer(1).model_copy(update={"raw": b"better"}))])
    assert [each.raw for each in ledger.answers()] == [good.raw]
    assert ledger.replies(query(1).id, second=True) == [b"better"]
    ledger.record([], [], [], [Preferred(query(1).id, b"nowhere")])
    assert [each.raw for each in ledger.answers()] == [good.raw]
    ledger.record([], [], [query(1).id], [Preferred(query(1).id, b"better")])
    (better,) = ledger.answers()
    assert (better.raw, better.sha256) == (b"better", "5e")
    assert ledger.replies(query(1).id) == [good.raw]
    assert ledger.replies(query(1).id, second=True) == []
    assert list(ledger.unfinished(contradicted=True)) == []
    ledger.set_verdicts([Verdict(better.n, None, Grounded(2, 1, 0))])
    assert (ledger.states().kept, ledger.states().repaired) == (1, 1)
    assert ledger.claims() == (1, 1, Grounded(2, 1, 0))


def test_a_record_s_image_is_found_by_its_id(ledger: Ledger) -> None:
    ledger.plan(planned(1, 2), "k", may_retire=False)
    found = ledger.image_of(query(2).record_id)
    assert found == query(2).image
    assert ledger.image_of(query(2).id) is None
    assert ledger.image_of("") is None
    assert ledger.boxed() == Boxed(tuple(dict.fromkeys(box.category for box in query(1).image.boxes)))
    ledger.set_meta("boxed", '[["dog", "cat"], false]')
    assert ledger.boxed() == Boxed(("dog", "cat"), False)
