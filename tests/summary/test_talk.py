"""What the data is like, added up."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from datagen.checks.sample import sample
from datagen.summary.talk import SHOWN, Talk, binned, typical


def record(number: int, question: str, answer: str = "A dog.") -> dict[str, object]:
    talk = [{"from": "human", "value": f"<image>\n{question}"}, {"from": "gpt", "value": answer}]
    return {"id": f"r{number}", "image": f"{number}.jpg", "conversations": talk}


def test_the_words_that_questions_begin_with() -> None:
    talk = Talk({})
    for number, question in enumerate(["What is it?", "What is there?", "What can be?", "Why?", "<image>"]):
        talk.see(sample(number, record(number, question)))
    told = {node.label: (node.value, {after.label: after.value for after in node.inner}) for node in talk.openings()}
    assert told == {"what": (3, {"is": 2, "can": 1}), "why": (1, {"—": 1}), "—": (1, {"—": 1})}
    assert [(node.label, node.value) for node in talk.openings(first=1)] == [("what", 3), ("other", 2)]
    assert talk.questions == Counter({3: 3, 1: 1, 0: 1})


def test_what_is_shown_does_not_hang_on_the_order() -> None:
    one, two = Talk({}), Talk({})
    records = [record(number, "What?") for number in range(100)]
    for number, each in enumerate(records):
        one.see(sample(number, each))
    for each in reversed(records):
        two.see(sample(int(str(each["id"])[1:]), each))
    assert len(one.shown) == SHOWN
    assert one.shown == two.shown


def test_whatever_a_record_is() -> None:
    talk = Talk({})
    for number, raw in enumerate([None, 3, {}, {"id": 7, "conversations": [None, {"from": "x", "value": 3}]}]):
        talk.see(sample(number, raw))
    assert talk.records == 4


@given(st.dictionaries(st.integers(0, 5000), st.integers(1, 50), min_size=1, max_size=60), st.integers(1, 40))
def test_a_histogram_holds_all(counts: dict[int, int], bins: int) -> None:
    counted = Counter(counts)
    made = binned(counted, bins)
    assert sum(value for _, value in made) == counted.total()
    assert len(made) <= bins + 1
    assert len({label for label, _ in made}) == len(made)
    middle, low, high = typical(counted)
    assert min(counts) <= low <= middle <= high <= max(counts)


def test_nothing_at_all() -> None:
    assert binned(Counter()) == []
    assert typical(Counter()) == (0, 0, 0)
    assert Talk({}).openings() == ()
