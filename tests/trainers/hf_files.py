"""Whole files for `load_dataset("json")`: each of the broken records behind a sound one of its form, and files whose
records differ from one another."""

from __future__ import annotations

from typing import Any

from tests.trainers.matrix import ASK, MATRIX, A, chat, part, talk
from tests.trainers.matrix_more import MORE
from tests.trainers.real.files import beside


def _of(*records: Any, **named: list[Any]) -> list[Any]:
    return list(records)


SOUND, WORDS = talk(ASK, A), talk(ASK, A, image=...)
FILES: dict[str, list[Any]] = {
    **{
        f"beside: {name}": [beside(record), record]
        for name, record in {**MATRIX, **MORE}.items()
        if "too long" not in name
    },
    "two alike": _of(SOUND, SOUND),
    "ids numbers": _of(talk(ASK, A, id=1), talk(ASK, A, id=2)),
    "ids number, then text": _of(talk(ASK, A, id=1), SOUND),
    "ids text, then number": _of(SOUND, talk(ASK, A, id=1)),
    "ids number, then null": _of(talk(ASK, A, id=1), talk(ASK, A, id=None)),
    "ids number, then none": _of(talk(ASK, A, id=1), talk(ASK, A, id=...)),
    "ids whole and broken numbers": _of(talk(ASK, A, id=1), talk(ASK, A, id=1.5)),
    "ids number and true": _of(talk(ASK, A, id=1), talk(ASK, A, id=True)),
    "ids null, then text": _of(talk(ASK, A, id=None), SOUND),
    "ids too large": _of(talk(ASK, A, id=2**70), talk(ASK, A, id=1)),
    "ids days": _of(talk(ASK, A, id="2020-01-01"), talk(ASK, A, id="2020-01-02")),
    "ids a day and a text": _of(talk(ASK, A, id="2020-01-01"), SOUND),
    "image text, then list": _of(SOUND, talk(ASK, A, image=["a.jpg"])),
    "image list, then text": _of(talk(ASK, A, image=["a.jpg"]), SOUND),
    "image lists": _of(talk(ASK, A, image=["a.jpg"]), talk(ASK, A, image=["a.jpg", "b.jpg"])),
    "image missing once": _of(SOUND, WORDS, SOUND),
    "image missing first": _of(WORDS, SOUND),
    "image null first": _of(talk(ASK, A, image=None), SOUND),
    "image empty list, then list": _of(talk(ASK, A, image=[]), talk(ASK, A, image=["a.jpg"])),
    "image empty list, then text": _of(talk(ASK, A, image=[]), SOUND),
    "content text, then parts": _of(chat(ASK, A), chat(part(ASK, 1), part(A))),
    "content parts, then text": _of(chat(part(ASK, 1), part(A)), chat(ASK, A)),
    "parts with other keys": _of(chat(part(ASK, 1), part(A)), chat([{"type": "image", "image": "b.jpg"}], part(A))),
    "two forms": _of(talk(ASK, A, image=...), chat(ASK, A, images=...)),
    "meta of other keys": _of(talk(ASK, A, meta={"a": 1}), talk(ASK, A, meta={"b": "x"})),
    "meta of other kinds": _of(talk(ASK, A, meta={"a": 1}), talk(ASK, A, meta={"a": "x"})),
    "meta object, then text": _of(talk(ASK, A, meta={"a": 1}), talk(ASK, A, meta="x")),
    "meta empty object": _of(talk(ASK, A, meta={}), talk(ASK, A, meta={"a": 1})),
    "meta always empty": _of(talk(ASK, A, meta={}), talk(ASK, A, meta={})),
    "list of mixed kinds": _of(talk(ASK, A, tags=["x", 1]), talk(ASK, A, tags=["x"])),
    "list of numbers, then texts": _of(talk(ASK, A, tags=[1]), talk(ASK, A, tags=["x"])),
    "lists in lists, then texts": _of(talk(ASK, A, tags=[["x"]]), talk(ASK, A, tags=["x"])),
    "list with null": _of(talk(ASK, A, tags=["x", None]), talk(ASK, A, tags=["x"])),
    "list of wholes and broken numbers": _of(talk(ASK, A, tags=[1, 2.5]), talk(ASK, A, tags=[2])),
    "more members at the end": _of(SOUND, talk(ASK, A, score=1)),
    "a number whole, then broken": _of(talk(ASK, A, score=1), talk(ASK, A, score=0.5)),
    "a number, then a text": _of(talk(ASK, A, score=1), talk(ASK, A, score="high")),
    "a number, then true": _of(talk(ASK, A, score=1), talk(ASK, A, score=True)),
    "true, then a text": _of(talk(ASK, A, ok=True), talk(ASK, A, ok="yes")),
    "true, then none": _of(talk(ASK, A, ok=True), SOUND),
    "lone surrogate in an answer": _of(SOUND, talk(ASK, "A dog \ud83d runs.")),
    "lone surrogate in an id": _of(SOUND, talk(ASK, A, id="\udc00")),
    "pair of surrogates": _of(SOUND, talk(ASK, "A dog \U0001f415 runs.")),
    "zero byte": _of(SOUND, talk(ASK, "A dog\x00runs.")),
    "member twice named": _of(SOUND, talk(ASK, A, Id="2")),
    "empty key": _of(SOUND, {**SOUND, "": 1}),
    "key with a dot": _of(SOUND, {**SOUND, "a.b": 1}),
}
