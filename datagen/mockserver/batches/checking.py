"""A batch's input read once, line by line, before any of it is worked on: what is wrong with it, and where lines begin.

Codes are those that OpenAI's batches were seen to fail with (openai-python#1643, #2084). Sizes of whole files are the
uploads' matter.
"""

from __future__ import annotations

import asyncio
from array import array
from typing import Any, NamedTuple

import msgspec

from datagen.mockserver.batches.files import Spool
from datagen.text import shown

_SLICE = 1 << 20
_MOST_ERRORS = 100


class _Body(msgspec.Struct, gc=False):
    model: str


class _Line(msgspec.Struct, gc=False):
    custom_id: str
    method: str
    url: str
    body: _Body


_DECODER = msgspec.json.Decoder(_Line)


class Checked(NamedTuple):
    """What an input holds. With errors the rest means nothing."""

    starts: array[int]
    model: str
    tokens: int
    """Of all prompts, at four bytes each."""
    errors: list[dict[str, Any]]

    @classmethod
    def nothing(cls) -> Checked:
        """Of an input that was not read, or cannot be used."""
        return cls(array("Q"), "", 0, [])


class _Check:
    def __init__(self, endpoint: str, most: int) -> None:
        self.endpoint, self.most = endpoint, most
        self.starts: array[int] = array("Q")
        self.ids: set[str] = set()
        self.model: str | None = None
        self.bytes = 0
        self.errors: list[dict[str, Any]] = []

    def line(self, at: int, number: int, data: bytes) -> None:
        """One line, numbered from 1."""
        try:
            told = _DECODER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            if _is_json(data):
                self.wrong("invalid_request", number, f"This line is no request: {wrong}")
            else:
                self.wrong("invalid_json_line", number, "This line cannot be parsed as JSON.")
            return
        self.starts.append(at)
        self.bytes += len(data)
        self.model = self.model or told.body.model
        if told.custom_id in self.ids:
            self.wrong("duplicate_custom_id", number, "This custom_id stands in an earlier line.", "custom_id")
        self.ids.add(told.custom_id)
        if told.method != "POST":
            self.wrong("invalid_method", number, "The method must be POST.", "method")
        if told.url != self.endpoint:
            self.wrong("url_mismatch", number, f"The url is not the batch's, {self.endpoint}.", "url")
        if told.body.model != self.model:
            said = f"The model {told.body.model} is not the first line's, {self.model}."
            self.wrong("model_mismatch", number, said, "body.model")

    def wrong(self, code: str, line: int | None, message: str, param: str | None = None) -> None:
        """Keep an error in OpenAI's shape, as long as there are few."""
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append({"code": code, "line": line, "message": shown(message), "param": param})

    def end(self) -> Checked:
        """After the last line."""
        if not self.starts and not self.errors:
            self.wrong("empty_file", None, "The input has no lines.")
        if len(self.starts) > self.most:
            self.errors.clear()
            self.wrong("too_many_tasks", None, f"{len(self.starts)} requests are more than the {self.most} of a batch.")
        return Checked(self.starts, self.model or "", self.bytes // 4, self.errors)


def _is_json(data: bytes) -> bool:
    """A line may be of the wrong shape long before its JSON breaks off."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


async def check(spool: Spool, endpoint: str, most: int) -> Checked:
    """Read it all, giving way after each slice."""
    checked, at, number = _Check(endpoint, most), 0, 0
    while at < spool.size:
        await asyncio.sleep(0)
        lines = spool.lines(at, _SLICE)
        for data in lines:
            number += 1
            if not data.isspace():
                checked.line(at, number, data)
            at += len(data)
    return checked.end()
