"""What is told as a duplicate is one; what was said twice of other pictures in few words is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.checks.examples import chat, dialogue, record
from tests.checks.quality.seeing import numbers, saying, seen

LONG = (
    "The photo shows a brown dog running over wet grass after a red ball, while two children in yellow coats are "
    "watching from a wooden bench under tall trees"
)
WORDS = LONG.split()


def plain(raw: dict[str, Any]) -> Any:
    said = [(m["from"], m["value"].replace("<image>", "").strip().lower()) for m in raw["conversations"]]
    return raw.get("image"), said


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            record,
            question=st.sampled_from(["<image>\nWhat?", "What?\n<image>", "what?", "Why?", "What ?"]),
            answer=st.sampled_from(["Yes.", "yes.", "Yes. ", "No.", "yes .", ""]),
            image=st.sampled_from(["1.jpg", "2.jpg"]),
            id=st.text(max_size=3),
        ),
        max_size=30,
    )
)
def test_duplicate_records_are_those_that_say_the_same_of_the_same_picture(records: list[dict[str, Any]]) -> None:
    expected = []
    for number, raw in enumerate(records):
        first = next(at for at, each in enumerate(records) if plain(each) == plain(raw))
        if first < number:
            expected.append((number, f"the same pictures and dialogue as record {first}"))
    assert [(each.number, each.seen.message) for each in seen("Q001", records)] == expected


def test_the_same_words_by_other_speakers_are_another_dialogue() -> None:
    assert not seen("Q001", [dialogue("a", "b"), dialogue("a", "b", roles=("gpt", "human"))])
    assert not seen("Q001", [dialogue("a", "b", "c"), dialogue("a", "b\nc")])


def test_the_second_of_two_answers_in_one_record_is_told_with_its_place() -> None:
    (found,) = seen("Q002", [dialogue("<image>\na", LONG, "b", f" {LONG} ")])
    assert (found.number, found.seen.where) == (0, "conversations[3].value")
    assert "conversations[1].value" in found.seen.message


def test_answers_in_other_forms_are_compared_too() -> None:
    (found,) = seen("Q002", [record(answer=LONG), chat("Why?", LONG)])
    assert (found.number, found.seen.where) == (1, "messages[1].content")
    assert "record 0" in found.seen.message


def test_a_record_that_is_told_as_a_whole_is_not_told_again() -> None:
    same = [record(answer=LONG), record(answer=LONG, id="2")]
    assert numbers(seen("Q001", same)) == [1]
    assert not seen("Q002", same)
    assert not seen("Q003", same)


def test_short_answers_agree_by_themselves() -> None:
    assert not seen("Q002", saying(*["The man in the picture is riding a wave on his surfboard."] * 9))


def test_an_answer_with_a_word_more_is_near() -> None:
    found = seen("Q003", saying(LONG, "A cat sleeps on the sill. " * 9, f"{LONG} now"))
    assert numbers(found) == [2]
    assert "record 0" in found[0].seen.message


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=20, max_size=26), min_size=2, max_size=12))
def test_near_duplicates_share_most_of_their_words(texts: list[list[str]]) -> None:
    for found in seen("Q003", saying(*map(" ".join, texts))):
        other = int(found.seen.message.rpartition(" ")[2])
        one, two = set(texts[found.number or 0]), set(texts[other])
        assert len(one & two) / len(one | two) > 0.6
        assert texts[found.number or 0] != texts[other]


def test_many_of_one_template_are_each_told_once() -> None:
    found = seen("Q003", saying(*(f"{LONG} {n}" for n in range(300))))
    assert len(found) > 280
    assert len(set(numbers(found))) == len(found)
    assert all(int(each.seen.message.rpartition(" ")[2]) < (each.number or 0) for each in found)


def test_answers_without_blanks_are_compared_in_pairs() -> None:
    one = "这张照片展示了一只棕色的狗在湿漉漉的草地上追着一个红色的球跑两个穿黄色外套的孩子坐在大树下的木头长椅上看着它"
    found = seen(
        "Q003",
        saying(
            one, f"{one}们", "一只黑猫在窗台上晒着太阳睡觉旁边放着一杯热茶和一本打开的旧书窗帘半掩着外面下着小雨很安静"
        ),
    )
    assert numbers(found) == [1]


@pytest.mark.parametrize(
    "other",
    [
        {
            "messages": [
                {"role": "user", "content": [{"type": "image", "image": "b.jpg"}, {"type": "text", "text": "Q?"}]}
            ]
        },
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "b"}}]}]},
        {"messages": [{"role": "user", "content": "Q?"}], "videos": ["b.mp4"]},
        {"messages": [{"role": "user", "content": "Q?"}], "image_path": "b.jpg"},
    ],
)
def test_the_same_words_about_another_medium_are_no_duplicate(other: dict[str, Any]) -> None:
    one = json.loads(json.dumps(other).replace('"b', '"a'))
    assert not seen("Q001", [one, other])
