"""Each repair by an example: what is mended, under which name, and what is left because it is not certain."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from datagen.checks.examples import chat, dialogue, parts, record
from datagen.records.mending import REPAIRS, Memory, mend, writable

Q, A = "What is it?", "A dog."
TOKEN_Q = f"<image>\n{Q}"


def said(*pairs: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return record(conversations=[{"from": role, "value": value} for role, value in pairs], **more)


def roles_and_values(raw: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(message["from"], message["value"]) for message in raw["conversations"]]


def alone(raw: Any) -> tuple[Any, tuple[str, ...]]:
    """A record as the only one of its file."""
    return mended([raw])[0]


def mended(raws: list[Any]) -> list[Any]:
    memory = Memory()
    for raw in raws:
        memory.see(raw)
    return [tuple(mend(raw, number, memory)) for number, raw in enumerate(raws)]


CURED: list[tuple[str, Any, Any]] = [
    ("surrogates", record(note="a\ud800b"), record(note="a\ufffdb")),
    ("not-a-number", record(score=float("nan")), record(score=None)),
    ("null-member", record(messages=None), record()),
    (
        "null-member",
        record(conversations=[{**message, "content": None} for message in record()["conversations"]]),
        record(),
    ),
    ("image-null", record(Q, image=None), record(Q, image=...)),
    ("image-null", record(Q, image=" "), record(Q, image=...)),
    ("image-null", record(Q, image=[]), record(Q, image=...)),
    ("image-null", record(Q, image={"bytes": None, "path": None}), record(Q, image=...)),
    (
        "keys",
        record(conversations=[{"from": "human", "value": TOKEN_Q}, {"role": "gpt", "content": A}]),
        record(TOKEN_Q, A),
    ),
    (
        "keys",
        {"id": "a", "messages": [{"from": "user", "value": Q}, {"from": "assistant", "value": A}]},
        chat(Q, A, images=(), id="a") | {"images": ...},
    ),
    ("roles", said(("user", TOKEN_Q), ("assistant", A)), record(TOKEN_Q, A)),
    ("roles", said((" USER ", TOKEN_Q), ("Bot", A)), record(TOKEN_Q, A)),
    ("roles", said(("system", "Be short."), ("Human", TOKEN_Q), ("GPT", A)), None),
    ("content-type", chat([*parts(Q, image=True)], A), chat(parts(Q, image=True), parts(A))),
    ("content-type", chat(TOKEN_Q, parts(A)), chat(TOKEN_Q, A)),
    ("line-endings", record(answer="One.\r\nTwo.\u2028Three."), record(answer="One.\nTwo.\nThree.")),
    ("control-characters", record(answer="A\x00 dog\x1b.\n\tIt runs."), record(answer="A dog.\n\tIt runs.")),
    ("bidi-marks", record(answer="A \u202edog."), record(answer="A dog.")),
    ("nfc", record(answer="A cafe\u0301."), record(answer="A café.")),
    ("white-space", record(answer=" A dog.\n\n It runs. \n"), record(answer="A dog.\n\n It runs.")),
    ("special-token-at-end", record(answer="A dog.</s>"), record(answer="A dog.")),
    ("special-token-at-end", record(answer="<s> A dog. <|im_end|>\n</s>"), record(answer="A dog.")),
    ("special-token-at-end", record(f"[INST]{Q}</s>\n<image>"), record(f"{Q}\n<image>")),
    ("special-token-at-end", record(f"[INST] {TOKEN_Q} [/INST]"), record(TOKEN_Q)),
    ("special-token-at-end", record(answer="<|im_start|>assistant\nA dog.<|im_end|>"), record(answer="A dog.")),
    (
        "same-speaker-joined",
        said(("human", "<image>"), ("human", Q), ("gpt", "A dog."), ("gpt", "It runs.")),
        record(f"<image>\n\n{Q}", "A dog.\n\nIt runs."),
    ),
    ("leading-answer-dropped", said(("gpt", "Hello."), ("human", TOKEN_Q), ("gpt", A)), record(TOKEN_Q, A)),
    ("trailing-question-dropped", said(("human", TOKEN_Q), ("gpt", A), ("human", "Why?")), record(TOKEN_Q, A)),
    ("image-token-added", record(Q), record(TOKEN_Q)),
    ("image-token-added", dialogue(Q, A, "Where?", "Here."), dialogue(TOKEN_Q, A, "Where?", "Here.")),
    ("image-token-moved", record(f"<image>{Q}"), record(TOKEN_Q)),
    ("image-token-moved", record(f"{Q} <image>"), record(TOKEN_Q)),
    ("image-token-moved", record(f"Look.\n<image>\n{Q}"), record(f"<image>\nLook.\n{Q}")),
    ("image-token-moved", dialogue(Q, A, "<image>\nWhere?", "Here."), dialogue(TOKEN_Q, A, "Where?", "Here.")),
    ("image-token-doubled", record(f"<image><image>\n{Q}"), record(TOKEN_Q)),
    ("image-token-doubled", record(f"<image>\n{Q}\n<image>"), record(TOKEN_Q)),
    ("image-token-doubled", dialogue(TOKEN_Q, A, TOKEN_Q, A), dialogue(TOKEN_Q, A, Q, A)),
    ("image-token-in-answer", record(TOKEN_Q, f"<image>\n{A}"), record(TOKEN_Q, A)),
    ("image-token-in-answer", record(f"{Q}\n<image>", f"{A} <image>"), record(f"{Q}\n<image>", A)),
    ("image-token-in-answer", record(Q, f"{A}<image>"), record(TOKEN_Q, A)),
    ("image-token-without-image", record("<image>\nWhat is 2 + 2?", image=...), record("What is 2 + 2?", image=...)),
    ("id-missing", record(id=...), {"id": "000000033471-0", **record(id=...)}),
    ("id-missing", record(Q, id=None, image=...), record(Q, id="record-0", image=...)),
    ("id-type", record(id=33471), record(id="33471")),
    ("id-type", record(id=7.0), record(id="7")),
    ("id-text", record(id=" a\nb "), record(id="a b")),
]


@pytest.mark.parametrize(("name", "spoilt", "whole"), CURED, ids=[f"{n}-{case[0]}" for n, case in enumerate(CURED)])
def test_what_is_certain_is_mended(name: str, spoilt: Any, whole: Any) -> None:
    fixed, done = alone(spoilt)
    assert name in done
    if whole is not None:
        whole = {key: value for key, value in whole.items() if value is not ...}
        assert fixed == whole
        assert list(fixed) == list(whole)
    assert alone(fixed) == (fixed, ())


def test_every_repair_has_its_example_and_its_line() -> None:
    shown = {name for name, *_ in CURED} | {"image-type", "id-repeated"}
    assert shown == set(REPAIRS)
    assert all(REPAIRS.values())


LEFT = [
    *(None, 1, "text", [], [{"id": 1}], {}, {"id": True, "image": 7}),
    record(conversations="text"),
    record(conversations=[]),
    record(conversations=[None, 7]),
    record(conversations=[{"from": "human"}, {"value": A}]),
    said(("narrator", TOKEN_Q), ("gpt", A)),
    dialogue(TOKEN_Q, " "),  # blank
    dialogue(TOKEN_Q, "</s>"),
    dialogue(TOKEN_Q, "HTML strikes <s>out</s>"),
    record(answer="Here </s> it goes on."),
    record("What is in <image> here?"),  # a word of its sentence
    record(answer="In <image> there is a dog."),
    record(TOKEN_Q, image=["a.jpg", "b.jpg"]),  # which of the two?
    record(TOKEN_Q, images=["a.jpg"]),
    record("<image>\nWhat is in this picture?", image=...),  # the picture was lost
    record("Which SVG tag is it?", "The tag <image> draws one.", image=...),
    record("<image>\nHow many?", image=..., image_path="a.jpg"),  # it may be that one
    record("<|image_1|>\nWhat is it?"),
    said(("human", "<image>\nHow old?"), ("human", Q), ("gpt", A)),  # an answer is missing
    said(("human", TOKEN_Q), ("gpt", "The dog"), ("gpt", "runs.")),
    said(("human", TOKEN_Q), ("gpt", A), ("gpt", A)),
    said(("human", TOKEN_Q), ("gpt", "1."), ("gpt", "2."), ("gpt", "3.")),
    said(("gpt", A), ("human", TOKEN_Q)),
    said(("human", TOKEN_Q), ("gpt", A), ("human", "<image>"), image=["a.jpg", "b.jpg"]),
    record(id=["a"]),
    chat(Q, A),  # TRL's form: pictures in a list, and no token in any text
    chat([{"type": "image", "image": "a.jpg"}, {"type": "text", "text": Q}], f"<image>\n{A}"),
    {"id": "a", "image": "a.jpg", "conversations": chat(TOKEN_Q, A)["messages"]},  # MiniCPM-V's form
    chat(Q, A, images=()),  # an empty list is a type too
]


@pytest.mark.parametrize("raw", LEFT, ids=range(len(LEFT)))
def test_what_is_not_certain_is_left(raw: Any) -> None:
    fixed, done = mend(raw, 0, Memory())
    assert done == ()
    assert fixed is raw


SOUND = [
    record(),
    record(f"{Q}\n<image>"),
    record("<image>"),
    record(Q, image=...),
    dialogue(TOKEN_Q, A, "Why?", "It\n\n\tbarks <b>."),
    chat(TOKEN_Q, A),
    chat(parts(Q, image=True), parts(A)),
    record("<image>\n<image>\nWhich?", image=["a.jpg", "b.jpg"]),
    record(extra={"deep": [1, None, "x"]}, loss=0.5),
]


@pytest.mark.parametrize("raw", SOUND, ids=range(len(SOUND)))
def test_a_sound_record_is_the_same_object(raw: Any) -> None:
    fixed, done = mend(raw, 0, Memory())
    assert fixed is raw
    assert done == ()


def test_unknown_members_and_the_order_of_keys_are_kept() -> None:
    raw = {"score": 1, "conversations": [{"weight": 2, "value": f" {Q}", "from": "user"}], "image": "a", "id": 5}
    fixed, _ = alone(raw)
    assert list(fixed) == list(raw)
    assert list(fixed["conversations"][0].items()) == [("weight", 2), ("value", TOKEN_Q), ("from", "human")]
    assert raw["id"] == 5


def test_ids_become_texts_of_their_own() -> None:
    ids = [record(id=told) for told in ("a", 7, "a", "7", "a-2", "a", None)]
    fixed = mended(ids)
    given = [raw["id"] for raw, _ in fixed]
    assert given == ["a", "7", "a-2", "7-2", "a-2-2", "a-3", "000000033471-6"]
    assert [done for _, done in fixed][2] == ("id-repeated",)
    assert [done for _, done in mended([raw for raw, _ in fixed])] == [()] * 7


def test_an_id_is_made_of_the_picture_whatever_its_name_holds() -> None:
    fixed = mended([record(id=..., image="a\\b.c/dé x.tar.gz"), record(id=..., image=["../x.png"])])
    first, second = (raw["id"] for raw, _ in fixed)
    assert second == "x-1"
    assert first.isascii()
    assert not set("./\\ ") & set(first)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (["a", "b", ["c"]], ["a", "b", "c"]),
        (["a", ["b"], ["c"]], [["a"], ["b"], ["c"]]),
        (["a", "b", ["c", "d"]], ["a", "b", ["c", "d"]]),
        ([["a"], ["b"]], [["a"], ["b"]]),
    ],
)
def test_one_type_of_image_in_a_file(told: list[Any], wanted: list[Any]) -> None:
    raws = [record(id=str(n), image=image, conversations=...) for n, image in enumerate(told)]
    fixed = mended(raws)
    assert [raw["image"] for raw, _ in fixed] == wanted
    assert {name for _, done in fixed for name in done} == ({"image-type"} if told != wanted else set())


def test_texts_and_typed_parts_become_one_over_the_file() -> None:
    (text, _), (typed, done) = mended([chat(TOKEN_Q, A), chat(parts(Q, image=True), parts(A), id="b")])
    assert text["messages"] == typed["messages"]
    assert done == ()


def test_of_what_is_known_to_be_sound_only_the_file_is_looked_at() -> None:
    memory = Memory()
    raws = [record(), record(), record(image=["b.jpg"]), record(" told to be sound "), record(image=["c.jpg"])]
    raws += [record(image=[f"{n}.jpg"]) for n in range(3)]
    for raw in raws:
        memory.see(raw)
    fixed = [mend(raw, number, memory, sound=True) for number, raw in enumerate(raws)]
    assert fixed[1].done == ("image-type", "id-repeated")
    assert fixed[3].raw["conversations"] is raws[3]["conversations"]


def test_messages_get_the_token_where_others_of_the_file_have_it() -> None:
    fixed = mended([chat(TOKEN_Q, A), chat(Q, A, id="b")])
    assert fixed[1][0]["messages"][0]["content"] == TOKEN_Q
    assert fixed[1][1] == ("image-token-added",)


def test_a_dropped_message_takes_no_picture_of_several_with_it() -> None:
    raw = said(("gpt", "<image>"), ("human", TOKEN_Q), ("gpt", A), image=["a.jpg", "b.jpg"])
    assert mend(raw, 0, Memory()) == (raw, ())


def test_the_token_of_a_dropped_message_comes_back() -> None:
    raw = said(("gpt", "<image>\nHello."), ("human", Q), ("gpt", A))
    fixed, done = alone(raw)
    assert roles_and_values(fixed) == [("human", TOKEN_Q), ("gpt", A)]
    assert done == ("leading-answer-dropped", "image-token-added")


@pytest.mark.parametrize(
    "part", ["</s>", "</s> ", "<image>", "<image> ", " ", "\n", "\t", "\x00", "<|im_start|>", "\n<image>"]
)
def test_what_is_said_tens_of_thousands_of_times_is_no_hang(part: str) -> None:
    for text in (part * 30_000, part * 30_000 + "x", "x " + part * 30_000, "x" + part * 30_000 + " x"):
        mend(record(text, text), 0, Memory())
        mend(record(text, text, image=...), 0, Memory())


def test_what_nests_too_deeply_is_left() -> None:
    deep: Any = "\ud800"
    for _ in range(3_000):
        deep = [deep]
    assert writable(deep) is deep
    assert mend(record(note=deep, image=deep), 0, Memory()).done == ()


def _read(path: Path) -> Iterable[Any]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in text.splitlines()] if ".jsonl" in path.name else json.loads(text)


@pytest.mark.parametrize("name", ["llava_instruct_100.json", "blip_laion_cc_sbu_1000.json.gz"])
def test_real_records_have_nothing_to_mend(name: str, shared_data: Path) -> None:
    assert {done for _, done in mended(list(_read(shared_data / "llava" / name)))} == {()}


def test_real_variants_get_ids_and_lines_for_their_tokens(shared_data: Path) -> None:
    for path in sorted((shared_data / "llava").glob("*m*_*.json")):
        fixed = mended(list(_read(path)))
        assert {name for _, done in fixed for name in done} <= {"id-missing", "image-token-moved"}, path.name
        assert [done for _, done in mended([raw for raw, _ in fixed])] == [()] * len(fixed)
