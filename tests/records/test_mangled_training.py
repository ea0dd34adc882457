"""Training data mangled in its bytes and in its structure: whatever stands there is judged or refused with its place,
never a traceback and never for ever; what is mended of it is read again."""

from __future__ import annotations

import copy
import gzip
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest

from datagen.checks.base import CHECKS
from datagen.checks.examples import chat, dialogue, record
from datagen.errors import DatagenError, InputError
from datagen.records.reading import HELD_IN
from datagen.repairing import repair
from datagen.rules import Wishes
from datagen.schema import Hit, Verdict
from datagen.sources.files import Source
from datagen.validation import validate

SECONDS = 5
"""Of the processor: longer is a hang."""
SAMPLE, ALL = 100, 10_000
TEXTS = [
    *("", " ", "\n", "\x00", "\u2028", "\u202e", "\ud800", "\udfff\ud800", "\x1b[31m", "e\u0301", "\ufeff", "\x85"),
    *("<image>", "<image>\n", "<image><image>", "</s>", " ASSISTANT: ", "<|im_start|>user", "[INST]", "===", "},{"),
    *('"}]},{"id":1', "../x.jpg", "/etc/passwd", "http://x/y.jpg", "x" * 5000, "ab " * 3000, "a" * 70_000, "a.jpg"),
    *("Question: a\nAnswer: b", "human", "gpt", "user", "assistant", "system", "The caption says so.", "\\", "NaN"),
]
NUMBERS = [0, -1, 1, 0.5, -0.0, 1e308, 2**31, 2**53 + 1, 2**63, 2**64, 10**30, 10**400]
OTHERS: list[Any] = [None, True, False, [], {}, [[]], [None], {"": 0}, {"value": None}, [{"type": "text"}], [{}]]
OTHERS += [[{"type": "text", "text": "a"}], [{"type": "image"}], {"path": "a.jpg"}, ["a.jpg"], ["a.jpg", 7]]
RAW = ["NaN", "Infinity", "-Infinity", "1e400", "9" * 5000, "0." + "3" * 5000, "[" * 400 + "]" * 400]
RAW += ["[" * 2000 + "]" * 2000, '{"a":' * 1200 + "1" + "}" * 1200, "[" * 100_000 + "]" * 100_000]
RAW += ['"\\ud800"', '"\\u0000"', "tru", "01", "'a'", "/* */ 1", "-"]
KEYS = ["id", "image", "images", "conversations", "messages", "from", "value", "role", "content", "type", "text", ""]
KEYS += ["length", "video", "loss", "\ud800", "x" * 300]


def sound() -> list[Any]:
    """Records to begin with: good ones, and what the checks speak of."""
    examples = [check.fails for check in CHECKS.values() if check.kind in ("record", "text", "trainer")]
    whole = [each for each in examples if isinstance(each, dict) and len(json.dumps(each, default=str)) < 3000]
    return [record(), record(id="b"), chat("<image>\nWhat?", "That."), dialogue("Why?", "So."), *whole]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list and object, with each of its keys."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def spoil(document: list[Any], dice: Random) -> list[Any]:
    """Something in the structure is changed."""
    here, key = dice.choice([*places(document)])
    change = dice.randrange(6)
    if change == 0:
        del here[key]
    elif change == 1 and isinstance(here, dict):
        here[dice.choice(KEYS)] = here.pop(key)
    elif change == 2 and isinstance(here, list):
        here.insert(dice.randrange(len(here) + 1), copy.deepcopy(here[key]))
    elif change == 3:
        here[key] = f"\x01{dice.randrange(len(RAW))}\x02"  # becomes raw JSON, sound or not
    else:
        here[key] = copy.deepcopy(dice.choice(dice.choice([TEXTS, NUMBERS, OTHERS, OTHERS])))
    return document


def written(document: list[Any], dice: Random) -> bytes:
    """As a file, in one of the ways in which such files are written."""
    form = dice.randrange(6)
    dump = json.JSONEncoder(ensure_ascii=dice.random() < 0.5).encode
    if form < 2:
        text = dice.choice(["\n", "\r\n", "\n\n"]).join(map(dump, document))
    elif form == 2:
        text = json.dumps(document, indent=1)
    elif form == 3:
        text = dump({"version": 1, dice.choice(HELD_IN): document, "more": {}})
    else:
        text = dump(document)
    for number, raw in enumerate(RAW):
        text = text.replace(f'"\\u0001{number}\\u0002"', raw)
    return dice.choice(["", "", "\ufeff"]).encode() + text.encode("utf-8", "surrogatepass")


def damage(data: bytes, dice: Random) -> bytes:
    """Something in the bytes is changed."""
    at = dice.randrange(len(data) + 1)
    end = min(len(data), at + dice.randrange(60))
    bit = bytes([data[at] ^ 1 << dice.randrange(8)]) if at < len(data) else b"\x00"
    return dice.choice([
        data[:at],
        data[at:],
        data[:at] + bit + data[at + 1 :],
        data[:at] + b"\x00" * dice.randrange(1, 9) + data[at:],
        data[:at] + dice.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88", b"\xef\xbb\xbf"]) + data[at:],
        data[:at] + data[at:end] * 3 + data[end:],
        data[:at] + data[end:],
        data[:at] + dice.choice([b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b"\r"]) + data[at:],
    ])  # fmt: skip


def mangled(seed: int) -> bytes:
    """One input; the seed is all there is to it."""
    dice = Random(seed)
    document = [copy.deepcopy(dice.choice(sound())) for _ in range(dice.randrange(1, 5))]
    for _ in range(dice.choice([0, 1, 1, 2, 4])):
        document = spoil(document, dice) if document else document
    data = written(document, dice)
    for _ in range(dice.choice([0, 0, 1, 1, 3])):
        data = damage(data, dice)
    if dice.random() < 0.1:
        data = gzip.compress(data, 1)
        data = damage(data, dice) if dice.random() < 0.5 else data
    return data


@contextmanager
def no_hang() -> Iterator[None]:
    def hangs(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it hangs")

    before = signal.signal(signal.SIGVTALRM, hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judged(path: Path) -> tuple[list[Hit], Verdict] | None:
    """What is found; None where the file is refused, with its name."""
    hits: list[Hit] = []
    try:
        verdict = validate([Source(path, True)], Wishes(target=("all",)), lambda hit: hits.append(hit) or True)
    except InputError as error:
        return None if str(path) in str(error) else pytest.fail(str(error))
    for hit in hits:
        assert hit.finding.message
        assert hit.number is None or (0 <= hit.number < verdict.records and hit.place.startswith(f"[{hit.number}]"))
        assert hit.line is None or hit.line >= 1
        assert hit.number is None or hit.line or path.read_bytes()[:2] == b"\x1f\x8b", "every finding has a place"
    for outcome in verdict.outcomes.values():
        assert sum(outcome) == verdict.records
        assert min(outcome) >= 0
    return hits, verdict


def holds(path: Path, out: Path, seed: int) -> bool:
    """What must hold of one input; whether it was read."""
    path.write_bytes(mangled(seed))
    with no_hang():
        found = judged(path)
    with no_hang():
        try:
            made = repair(Source(path, True), out, Wishes(), drop=seed % 3 == 0)
        except DatagenError as error:
            told = found is None or str(out) in str(error) or "nested" in str(error)
            return found is not None if told else pytest.fail(str(error))
    assert found is not None
    assert made.records == found[1].records
    left = made.records - sum(made.dropped.values())
    if not left:
        return True
    with no_hang():
        again = judged(out)
        assert again is not None, "a mended file is read"
        assert again[1].records == left
        assert again[1].fixable == 0, [hit for hit in again[0] if hit.mends]
    return True


def all_hold(tmp_path: Path, seeds: range) -> None:
    read = 0
    for seed in seeds:
        try:
            read += holds(tmp_path / "data.json", tmp_path / "out.json", seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    assert len(seeds) * 0.2 < read < len(seeds), "some are read, and some are refused"


def test_whatever_is_mangled_is_judged_or_refused(tmp_path: Path) -> None:
    all_hold(tmp_path, range(SAMPLE))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_mangled_files(tmp_path: Path, part: int) -> None:
    all_hold(tmp_path, range(SAMPLE + part * ALL // 10, SAMPLE + (part + 1) * ALL // 10))
