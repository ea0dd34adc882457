"""A JSON file read front to back in slices, so that memory does not follow its size.

It knows JSON and where a fault stands, and nothing of what it means. A list is cut where its elements seem to meet, and
the cut is proven by decoding: a slice that was cut inside an element or a text is never whole JSON. Where guessing
fails, brackets are counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec

from datagen.errors import InputError
from datagen.sources.slices import Decodes, Slice, T
from datagen.sources.window import SLICE, Window

PIECE = 1 << 19
"""Bytes that are decoded at a time, about: few enough that what is made of them stays in the processor's cache, which
saves a fifth of the whole."""
_NEAR_THE_END = 1 << 12, 1 << 16
LONGEST = 1 << 26
"""Bytes of one element, beyond which it is no entry of a list."""

_GLANCE = 1 << 22
_MEETING = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*\{")
_LONGEST_KEY = 100
_FIRST_KEY = re.compile(rb'\{[ \t\r\n]*("[^"\\]{0,100}")')
_AFTER_LIST = re.compile(rb"\}\][ \t\r\n]*(?:,[ \t\r\n]*\"|\})")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\(?s:.)[^"\\]*)*"|[\[\]{}"]')
_LONG = re.compile(rb'"[^"\\]*(?:\\(?s:.)[^"\\]*)*"|-?[0-9]{4301,}(?![0-9.eE])')  # the second is what json refuses
_UNFINISHED = re.compile(rb"t|tr|tru|f|fa|fal|fals|n|nu|nul|-|-?[0-9]+(?:\.|(?:\.[0-9]+)?[eE][+-]?)")
_PRIMITIVE = re.compile(rb"[^ \t\r\n,\]}]+")


class Stream(Window):
    """One open file of JSON."""

    _alike = _MEETING

    def __enter__(self) -> Stream:
        return self

    def line(self) -> bytes | None:
        """The rest of the line, without its end; None at the end of the file."""
        seen = 0
        while True:
            end = self._data.find(b"\n", self._at + seen, self._end)
            if end < 0:
                seen = self._end - self._at
                if seen > LONGEST:
                    raise self._too_long()
                if self._more():
                    continue
                if not seen:
                    return None
            stop = self._end if end < 0 else end
            found = bytes(self._data[self._at : stop])
            self._at = min(stop + 1, self._end)
            return found

    def block(self) -> tuple[bytes, int] | None:
        """Some whole lines that come next and where they begin in the (unzipped) file; None at the end."""
        while self._end - self._at < PIECE and self._more():
            pass
        stop = min(self._end, self._at + PIECE)
        end = self._end if stop == self._end and self._ended else self._data.rfind(b"\n", self._at, stop)
        offset = self._offset + self._at
        if end < 0:
            line = self.line()
            return None if line is None else (line, offset)
        if self._at == self._end:
            return None
        found = bytes(self._data[self._at : end])
        self._at = min(end + 1, self._end)
        return found, offset

    def first_line(self) -> bytes:
        """The first of them."""
        return self.first_lines()[0]

    def first_lines(self) -> tuple[bytes, bytes]:
        """The two lines that come next, without going past them; empty where they are longer than some megabytes."""
        while self._data.count(b"\n", self._at, self._end) < 2 and self._end - self._at < _GLANCE and self._more():
            pass
        seen = bytes(self._data[self._at : self._end]).split(b"\n", 2)
        whole = len(seen) - (not self._ended)
        first, second, *_ = [*seen[:whole], b"", b""]
        return first, second

    # --- members of an object -----------------------------------------------------------------------------------

    def members(self) -> Iterator[str]:
        """The keys of the object that comes next, in their order. The value after each is the caller's to take with
        `elements` or `value`; what is not taken is gone past."""
        self._expect(b"{")
        if self.take(b"}"):
            return
        while True:
            if self.peek() not in (b'"', b""):
                raise self.fault("not JSON: expecting a property name in double quotes")
            key: str = self.value()
            self._expect(b":")
            self.peek()
            before = self._offset + self._at
            yield key
            if self._offset + self._at == before:
                self._skip()
            if self.take(b"}"):
                return
            self._expect(b",")

    def end(self) -> None:
        """Nothing more may follow."""
        if self.peek():
            raise self.fault("more text follows after the JSON", "a file holds one JSON value, or is JSON lines")

    def value(self) -> Any:
        """The value that comes next, as the json module reads it."""
        self.peek()
        end = self._value_end()  # which may move all that was read
        return self._loads(self._at, end)

    def _skip(self) -> None:
        """Go past a value without keeping it."""
        if self.peek() not in (b"[", b"{"):
            self.value()
            return
        depth = 0
        while True:
            end = self._end
            for now, place in self._brackets(depth):
                if now == 0:
                    self._at = place + 1
                    return
                if now is None:
                    end = place
                else:
                    depth = now
            if self._end - end > LONGEST:
                raise self._too_long()
            self._at = end
            self._go_on()

    def _value_end(self) -> int:
        """Where the value that begins here ends, all of it read."""
        first = bytes(self._data[self._at : min(self._at + 1, self._end)])
        while True:
            if first in (b"{", b"["):
                end = self._closing()
            elif first == b'"':
                token = _TOKEN.match(self._data, self._at, self._end)
                end = token.end() if token and len(token[0]) > 1 else -1
            else:
                word = _PRIMITIVE.match(self._data, self._at, self._end)
                if word is None and first:
                    raise self.fault("not JSON: expecting a value")
                end = word.end() if word else -1
                if end == self._end:
                    if self._more():
                        continue
                    end = self._end  # which reading on has moved, though nothing came
            if end >= 0:
                return end
            if self._end - self._at > LONGEST:
                raise self._too_long()
            self._go_on()

    def _closing(self) -> int:
        return next((place + 1 for depth, place in self._brackets() if depth == 0), -1)

    def _brackets(self, depth: int = 0) -> Iterator[tuple[int | None, int]]:
        """Each bracket that is here: how deep it leaves us, and where it stands. A text that is cut off has no depth,
        and is the last."""
        for token in _TOKEN.finditer(self._data, self._at, self._end):
            kind = token[0]
            if kind in b"[{":
                depth += 1
                yield depth, token.start()
            elif kind in b"]}":
                depth -= 1
                yield depth, token.start()
            elif kind == b'"':
                yield None, token.start()
                return

    # --- elements of a list -------------------------------------------------------------------------------------

    def elements(self, decoder: Decodes[T]) -> Iterator[Slice[T]]:
        """The elements of the list that comes next, some at a time."""
        self._expect(b"[")
        if self.take(b"]"):
            return
        self._alike = self._meeting_alike()
        while True:
            yield self._slice(decoder)
            if self.take(b"]"):
                return
            self._expect(b",")
            self.peek()

    def _slice(self, decoder: Decodes[T]) -> Slice[T]:
        while self._end - self._at < min(PIECE, SLICE // 2) and self._more():
            pass
        for cut in self._guesses():
            with self._framed(cut) as view:
                try:
                    found = decoder.decode(view)
                except msgspec.ValidationError:
                    plain = self._plain(view)
                    if plain is None:
                        break
                    return self._made(None, partial(_given, plain), cut)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue
            return self._proven(found, cut)
        return self._counted(decoder)

    def _proven(self, found: list[T], cut: int) -> Slice[T]:
        return self._made(found, partial(self._again, self._at, cut), cut)

    def _made(self, found: list[T] | None, plain: Callable[[], list[Any]], cut: int) -> Slice[T]:
        start, self._at = self._at, cut
        return Slice(found, plain, partial(self._text, start, cut), self._offset + start)

    def _text(self, start: int, cut: int) -> bytes:
        with memoryview(self._data) as view, view[start:cut] as part:  # one copy, where `+` would make four
            return b"".join((b"[", part, b"]"))

    def _again(self, start: int, cut: int) -> list[Any]:
        self._data[start - 1] = 0x5B
        plain: list[Any] = self._loads(start - 1, cut, b"]")
        return plain

    def _guesses(self) -> Iterator[int]:
        """Where the last whole element may end: where two objects meet last, or where the list seems to end."""
        for end in dict.fromkeys((min(self._end, self._at + PIECE), self._end)):
            starts = (*(max(self._at, end - near) for near in _NEAR_THE_END), self._at)
            lasts = (self._last(pattern, at, end) for pattern in (self._alike, _MEETING) for at in starts)
            last = next((last for last in lasts if last >= 0), -1)
            if last >= 0:
                yield last + 1
                break
        over = self._data.find(b"}]", self._at, self._end)  # looked for only then, since it costs as much as decoding
        if over >= 0 and _AFTER_LIST.match(self._data, over, self._end):
            yield over + 1

    def _meeting_alike(self) -> re.Pattern[bytes]:
        """What it looks like where an object ends and one begins that has the same first key as the list's first: so
        objects within the list's objects are not taken for theirs."""
        while self._end - self._at < _LONGEST_KEY and self._more():
            pass
        first = _FIRST_KEY.match(self._data, self._at, self._end)
        return re.compile(_MEETING.pattern + rb"[ \t\r\n]*" + re.escape(first[1])) if first else _MEETING

    def _last(self, meeting: re.Pattern[bytes], start: int, end: int) -> int:
        """Where two objects meet last in that part of what is seen; -1 where none do."""
        return max((found.start() for found in meeting.finditer(self._data, start, end)), default=-1)

    @contextmanager
    def _framed(self, cut: int) -> Iterator[memoryview]:
        """What lies before `cut`, as a list of its own: its neighbours are overwritten meanwhile."""
        after = self._data[cut]
        self._data[self._at - 1], self._data[cut] = 0x5B, 0x5D
        view = memoryview(self._data)
        try:
            with view[self._at - 1 : cut + 1] as frame:
                yield frame
        finally:
            view.release()
            self._data[cut] = after

    @staticmethod
    def _plain(view: memoryview) -> list[Any] | None:
        try:
            found = json.loads(bytes(view).decode("utf-8"))
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, list) else None

    def _counted(self, decoder: Decodes[T]) -> Slice[T]:
        """The slow way, which cannot be fooled: brackets are counted."""
        while (cut := self._boundary()) < 0:
            if self._end - self._at > LONGEST:
                raise self._too_long()
            self._go_on()
        if cut == self._at:
            raise self.fault("not JSON: expecting a value")
        with self._framed(cut) as view:
            try:
                found = decoder.decode(view)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                found = None
        if found is not None:
            return self._proven(found, cut)
        start = self._at
        plain = self._again(start, cut)
        self._at = start
        return self._made(None, partial(_given, plain), cut)

    def _boundary(self) -> int:
        """Where the last element ends that is wholly here, within a slice; -1 when none is."""
        cut = -1
        for depth, place in self._brackets():
            if depth is None or cut - self._at > SLICE:
                break
            if depth < 0:
                return place
            if not depth:
                cut = place + 1
        return cut

    # --- faults -------------------------------------------------------------------------------------------------

    def _expect(self, byte: bytes) -> None:
        if not self.take(byte):
            if not self.peek():
                raise self._cut_off()
            raise self.fault(f"not JSON: expecting {byte.decode()!r}")

    def _go_on(self) -> None:
        """Twice as much is looked at next, since it is looked at from its beginning again."""
        wanted = 2 * (self._end - self._at)
        if not self._more():
            raise self._cut_off()
        while self._end - self._at < min(wanted, LONGEST) and self._more():
            pass

    def _cut_off(self) -> InputError:
        self._at = self._end
        return self.fault("the JSON ends in the middle", "the file is cut off: copy or download it again")

    def _too_long(self) -> InputError:
        return self.fault(f"one entry is larger than {LONGEST >> 20} MiB", "no data set needs that")

    def _loads(self, start: int, end: int, closing: bytes = b"") -> Any:
        text = bytes(self._data[start:end]) + closing
        try:
            found = json.loads(text.decode("utf-8"))
        except UnicodeDecodeError as error:
            self._at = start + error.start
            cause = f"byte 0x{text[error.start]:02x} is not UTF-8"
            raise InputError(
                self.source.label, f"offset {self._offset + self._at}", cause, "save it as UTF-8"
            ) from error
        except json.JSONDecodeError as error:
            self._at = start + len(error.doc[: error.pos].encode())
            unfinished = end == self._end and self._ended and _UNFINISHED.fullmatch(text)
            if unfinished or (self._at >= end and not closing):
                raise self._cut_off() from error
            message = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
            raise self.fault(f"not JSON: {message}") from error
        except RecursionError as error:
            self._at = start + _deepest(text, 2 if closing else 1)
            raise self.fault("lists or objects are nested too deeply") from error
        except ValueError as error:  # json's own guard
            self._at = start + next((found.start() for found in _LONG.finditer(text) if found[0][:1] != b'"'), 0)
            raise self.fault("a number has thousands of digits", "no data set needs that") from error
        self._at = end
        return found

    def fault(self, cause: str, hint: str = "give COCO-style JSON, plain or .gz, or JSON lines") -> InputError:
        """An error at the place where reading stands."""
        return InputError(self.source.label, "line {}, column {}".format(*self._line_and_column()), cause, hint)

    def _line_and_column(self) -> tuple[int, int]:
        """Of the byte that comes next, counted from 1; the file is read once more up to there."""
        with Stream(self.source) as again:
            return again.count_lines(self._offset + self._at)


def _deepest(text: bytes, level: int) -> int:
    """Where that of the values of a level begins in which most are nested."""
    depth = most = start = found = 0
    for token in _TOKEN.finditer(text):
        if token[0] in b"[{":
            depth += 1
            start = token.start() if depth == level else start
            most, found = max((most, found), (depth, start), key=lambda pair: pair[0])
        elif token[0] in b"]}":
            depth -= 1
    return found


def _given(plain: list[Any]) -> list[Any]:
    return plain
