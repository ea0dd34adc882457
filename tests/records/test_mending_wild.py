"""What holds of mending whatever a file has in it: mangled records, wild ones, and real ones spoilt at random."""

from __future__ import annotations

import copy
import gzip
import importlib.util
import json
import random
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.checks.examples import dialogue, record
from datagen.records.mending import REPAIRS, Memory, mend
from datagen.text import clean

_spec = importlib.util.spec_from_file_location("llava_loader", Path(__file__).with_name("llava_loader.py"))
assert _spec is not None
assert _spec.loader is not None
llava_loader = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(llava_loader)

PIECES = [
    *("<image>", "<image>\n", "\n<image>", "<im", "age>", "</s>", "<s>", "<|im_end|>", "[INST]", "<|im_start|>"),
    *("\n", " ", "\t", "\r\n", "\x00", "\u202e", "\ufeff", "\ud800", "\u0301", "e", "é", "\u2028", "\xa0"),
    *("What is it?", "A dog.", "It runs", "It is a picture.", "user", "assistant\n", ".", "中文。"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
ROLES = st.sampled_from(["human", "gpt", "user", "assistant", "USER", "Human", "GPT", "bot", "system", "narrator", 3])
PART = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS}),
    st.sampled_from([{"type": "image"}, {"type": "image", "text": None}, {"type": "image", "image": "a"}, None, "x"]),
)
CONTENT = st.one_of(TEXTS, TEXTS, TEXTS, st.none(), st.just(7), st.lists(PART, max_size=3))
ROLE_KEYS, TEXT_KEYS = st.sampled_from(["from", "role"]), st.sampled_from(["value", "content"])
MESSAGE = st.one_of(
    st.builds(lambda role, text: {"from": role, "value": text}, ROLES, CONTENT),
    st.builds(lambda role, text: {"from": role, "value": text}, st.sampled_from(["human", "gpt"]), TEXTS),
    st.builds(lambda a, role, b, text: {a: role, b: text}, ROLE_KEYS, ROLES, TEXT_KEYS, CONTENT),
    st.dictionaries(st.sampled_from(["from", "value", "role", "content", "loss"]), CONTENT, max_size=5),
    st.sampled_from([None, 7, "x"]),
)
DIALOGUE = st.one_of(
    st.lists(MESSAGE, max_size=6),
    st.lists(TEXTS, min_size=1, max_size=5).map(lambda texts: dialogue(*texts)["conversations"]),
    st.sampled_from([None, "text", {}]),
)
PICTURE = st.sampled_from(
    [None, "", "a.jpg", ["a.jpg"], ["a.jpg", "b.jpg"], [], [None], 7, {"path": None}, {"path": "a"}]
)
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
JSON = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
RECORD = st.fixed_dictionaries(
    {},
    optional={
        "note": JSON,
        "id": st.one_of(st.sampled_from(["a", "a-2", "7", 7, 7.0, " a", ""]), JSON),
        "image": PICTURE,
        "images": PICTURE,
        "conversations": DIALOGUE,
        "messages": DIALOGUE,
        "image_path": st.sampled_from([None, "a.jpg"]),
    },
)
FILES = st.lists(st.one_of(RECORD, RECORD, RECORD, JSON), min_size=1, max_size=5)
WILD = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def fix(raws: list[Any], *, seen: bool = True) -> list[Any]:
    memory = Memory()
    for raw in raws if seen else ():
        memory.see(raw)
    return [mend(raw, number, memory) for number, raw in enumerate(raws)]


@WILD
@given(FILES, st.booleans())
def test_mending_twice_changes_nothing(raws: list[Any], seen: bool) -> None:
    fixed = [raw for raw, _ in fix(raws, seen=seen)]
    for before, (after, done) in zip(fixed, fix(fixed, seen=seen), strict=True):
        assert done == ()
        assert after is before


@WILD
@given(FILES)
def test_what_comes_out_is_json_in_utf8_and_what_went_in_is_untouched(raws: list[Any]) -> None:
    before = copy.deepcopy(raws)
    for fixed, done in fix(raws):
        written = json.dumps(fixed, allow_nan=False, ensure_ascii=False).encode("utf-8")
        assert json.loads(written) == fixed
        assert set(done) <= set(REPAIRS)
        assert len(set(done)) == len(done)
    assert repr(raws) == repr(before)


@WILD
@given(FILES)
def test_what_is_counted_was_done_and_what_was_done_is_counted(raws: list[Any]) -> None:
    for raw, (fixed, done) in zip(raws, fix(raws), strict=True):
        assert (fixed is raw) == (done == ())
        assert (repr(fixed) == repr(raw)) == (done == ())


@WILD
@given(FILES)
def test_ids_that_are_texts_are_unique(raws: list[Any]) -> None:
    ids = [raw["id"] for raw, _ in fix(raws) if isinstance(raw, dict) and isinstance(raw.get("id"), str)]
    assert len(set(ids)) == len(ids)


LOSES_WORDS = {"leading-answer-dropped", "trailing-question-dropped", "special-token-at-end", "null-member"}


def letters(raw: Any) -> str:
    """All letters of all dialogues, in order, but those of image tokens."""
    texts: list[str] = []
    for key in ("conversations", "messages"):
        for message in raw.get(key) or () if isinstance(raw, dict) else ():
            for name, value in message.items() if isinstance(message, dict) else ():
                if name in ("value", "content"):
                    texts += [value] if isinstance(value, str) else _texts_of(value)
    plain = clean("|".join(clean(text) for text in texts)).replace("<image>", "")
    return "".join(c for c in unicodedata.normalize("NFD", plain) if c.isalpha())


def _texts_of(value: Any) -> list[str]:
    return [p["text"] for p in value if isinstance(p, dict) and p.get("text")] if isinstance(value, list) else []


@WILD
@given(FILES)
def test_no_word_is_made_up_and_none_is_lost_but_under_a_name(raws: list[Any]) -> None:
    for raw, (fixed, done) in zip(raws, fix(raws), strict=True):
        if not LOSES_WORDS & set(done):
            assert letters(fixed) == letters(raw)


@WILD
@given(FILES)
def test_no_message_is_lost_but_under_a_name(raws: list[Any]) -> None:
    for raw, (fixed, done) in zip(raws, fix(raws), strict=True):
        lost = sum(
            len(raw[key]) - len(fixed[key])
            for key in ("conversations", "messages")
            if isinstance(raw, dict) and isinstance(raw.get(key), list)
        )
        named = {"leading-answer-dropped", "trailing-question-dropped", "same-speaker-joined"} & set(done)
        assert lost >= len(named)
        assert bool(lost) == bool(named)


@WILD
@given(RECORD)
def test_members_keep_their_order(raw: dict[str, Any]) -> None:
    fixed, _ = mend(raw, 0, Memory())
    kept = [key for key in raw if key in fixed]
    assert [key for key in fixed if key in raw] == kept
    assert set(fixed) - set(raw) <= {"id"}


WORD = st.sampled_from(["A dog.", "It runs", "中文。", "Yes", "a < b > c", "1\n\n2", "- x\n\t- y", "the <b>tag</b>"])


@WILD
@given(st.lists(WORD, min_size=2, max_size=6).filter(lambda words: len(words) % 2 == 0), st.sampled_from([0, 1, 2]))
def test_a_sound_record_is_the_same_object(words: list[str], place: int) -> None:
    words[0] = (words[0], f"<image>\n{words[0]}", f"{words[0]}\n<image>")[place]
    raw = record(conversations=dialogue(*words)["conversations"], image="a.jpg" if place else ...)
    assert fix([raw])[0] == (raw, ())
    assert fix([raw])[0].raw is raw
    assert mend(raw, 0, Memory(), sound=True).raw is raw


@cache
def real() -> list[Any]:
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "llava"
    if not folder.is_dir():
        pytest.skip("the shared data is not here")
    found: list[Any] = []
    for path in sorted(folder.glob("*.json*")):
        if ".jsonl" not in path.name:
            data = path.read_bytes()
            found += json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)[:60]
    return found


SPOILERS = (
    lambda text: f" {text}\r\n",
    lambda text: f"{text}</s>",
    lambda text: text.replace("<image>", ""),
    lambda text: f"<image>\n{text}",
    lambda text: f"{text}\n<image>",
    lambda text: text.replace(" ", " \u200e", 1),
    lambda text: f"<|im_start|>user\n{text}<|im_end|>\n",
)


@WILD
@given(st.integers(0, 2**64))
def test_real_records_spoilt_in_ways_that_can_be_mended_are_as_they_were(seed: int) -> None:
    dice = random.Random(seed)
    whole = fix([dice.choice([raw for raw in real() if isinstance(raw.get("image"), str) and "id" in raw])])[0].raw
    spoilt = copy.deepcopy(whole)
    for message in spoilt["conversations"]:
        for spoil in dice.sample(SPOILERS, dice.randrange(4)):
            message["value"] = spoil(message["value"])
        message["from"] = dice.choice({"human": ["user", "Human", "human"], "gpt": ["GPT", "bot"]}[message["from"]])
    fixed = fix([spoilt])[0].raw
    assert letters(fixed) == letters(whole)
    said = [message["value"] for message in fixed["conversations"]]
    assert [text.count("<image>") for text in said] == [1] + [0] * (len(said) - 1)
    assert all(text == text.strip() for text in said)
    assert [m["from"] for m in fixed["conversations"]] == [m["from"] for m in whole["conversations"]]
    assert llava_loader.load(fixed).well
