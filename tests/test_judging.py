"""One batch judged: the fast road says what the slow one says, of whatever stands in a record."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from datagen.checks import every  # noqa: F401
from datagen.checks.base import CHECKS
from datagen.checks.examples import chat, record
from datagen.judging import Judge, Part, Plan
from datagen.records.reading import Batch, read
from datagen.sources.files import Source

TARGETS = tuple(dict.fromkeys(check.target for check in CHECKS.values() if check.target))
PLAN = Plan(tuple(CHECKS), TARGETS)
FORM = Plan(tuple(code for code, check in CHECKS.items() if code[0] == "S" and not check.texts), ())
"""Of the form alone: nobody looks at what is said."""

PIECES = ["a", " ", "\n", "<image>", "<image>\n", "\n<image>", "</s>", "<", "Question:", "é", "e\u0301", "\u202e"]
PIECES += ["===", "\nAnswer:", "caption", "ASSISTANT:", "[INST]", "\u00a0", "<|im_end|>", "\ud800", "\x08", "\x00"]
TEXT = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
VALUE = st.one_of(TEXT, st.none(), st.integers(), st.just([]), st.just([{"type": "text", "text": "a"}]))
ROLE = st.sampled_from(["human", "gpt", "user", "assistant", "system", "", None])


BEGUN = [record(), chat("<image>\nWhat?", "That."), record(question="Why?", image=...)]
IMAGES = st.sampled_from(["a/b.jpg", "../b.jpg", "/b.jpg", "a//b.jpg", ".b", ["a.jpg"], ["a", "b"], {}])


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A record that was sound, with up to two things changed."""
    one = copy.deepcopy(draw(st.sampled_from(BEGUN)))
    said = one.get("conversations") or one["messages"]
    for change in draw(st.lists(st.integers(0, 7), max_size=2)):
        at = draw(st.integers(0, len(said) - 1)) if said else 0
        if change <= 2 and said:
            said[at]["value" if "from" in said[at] else "content"] = draw(VALUE if change == 2 else TEXT)
        elif change == 3 and said:
            said[at]["from" if "from" in said[at] else "role"] = draw(ROLE)
        elif change == 4:
            said += copy.deepcopy(said)
        elif change == 5 and said:
            said.pop()
        elif change == 6:
            one[draw(st.sampled_from(["image", "images", "id", "extra"]))] = draw(
                st.one_of(
                    VALUE,
                    st.sampled_from(["a/b.jpg", "../b.jpg", "/b.jpg", "a//b.jpg", ".b", ["a.jpg"], ["a", "b"], {}]),
                )
            )
        elif change == 7:
            one.pop(draw(st.sampled_from(sorted(one))))
            said = one.get("conversations") or one.get("messages") or []
    return one


def told(part: Part, judge: Judge) -> list[tuple[Any, ...]]:
    """Each finding, without the order in which the checks of one record came. Trainers' checks may put it otherwise for
    records that are sound; what comes of it is compared by `outcomes`."""
    found = [each for each in part.found if not each.finding.target]
    return sorted((each.number, each.finding.code, each.finding.where, each.finding.message) for each in found)


def slow(monkeypatch: pytest.MonkeyPatch, plan: Plan) -> Judge:
    """A judge that takes nothing for sound and smells nothing."""
    judge = Judge(plan)
    monkeypatch.setattr(judge._prover, "prove", lambda row: None)
    monkeypatch.setattr(judge._prover, "alike", lambda rows: None)
    monkeypatch.setattr(judge._prover, "scented", lambda one: range(len(judge._texts)))
    return judge


def outcomes(part: Part, judge: Judge) -> dict[tuple[str, str], int]:
    """What each trainer does with how many records."""
    counted = dict(part.outcomes)
    for sound, count in part.sound.items():
        for target, does in judge.outcomes_of(sound).items():
            counted[target, does] = counted.get((target, does), 0) + count
    return counted


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(spoilt() | st.just(record()), min_size=1, max_size=3), st.booleans(), st.sampled_from([PLAN, FORM]))
@example([BEGUN[1], {key: value for key, value in BEGUN[1].items() if key != "id"}], False, PLAN)
def test_the_fast_road_says_what_the_slow_one_says(records: list[dict[str, Any]], lines: bool, plan: Plan) -> None:
    data = "\n".join(map(json.dumps, records)).encode() if lines else json.dumps(records).encode()
    with pytest.MonkeyPatch.context() as patch, NamedTemporaryFile(suffix=".json") as file:
        file.write(data)
        file.flush()
        fast, thorough = Judge(plan), slow(patch, plan)
        batch, files = Batch(0, data, 1, 0, lines), fast.fresh()
        decoded = [batch] if lines else read(Source(Path(file.name), named=True), fast.forms)
        quick = [fast.judge(each, files) for each in decoded]
        sure = thorough.judge(batch)
    assert sorted(each for part in quick for each in told(part, fast)) == told(sure, thorough)
    assert sum((Counter(outcomes(part, fast)) for part in quick), Counter()) == outcomes(sure, thorough)
    assert sum(part.records for part in quick) == sure.records == len(records)
    for ours, theirs in zip(files.values(), sure.files.values(), strict=True):
        assert sorted(ours.end(), key=repr) == sorted(theirs.end(), key=repr)


@pytest.mark.parametrize(
    "one",
    [
        record(),
        record(question="What is that?\n<image>"),
        record(question="Why?", image=...),
        chat("<image>\nWhat?", "That."),
    ],
    ids=["first", "chat", "none", "last"],
)
def test_what_is_sound_is_proven(one: dict[str, Any]) -> None:
    part = Judge(PLAN).judge(Batch(0, json.dumps([one, one]).encode(), 1, 0, False))
    assert part.others == 0
    assert sum(part.sound.values()) == part.records == 2
