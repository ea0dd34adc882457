"""Benchmarks read for what training data must not hold: their pictures' names or numbers, and their questions.

It takes whatever such files look like: JSON or JSON lines of objects with `image` or `image_id` and a question
(LLaVA-Bench's qa90_questions.jsonl), COCO's own annotation files, lists of names or numbers, or a text with one name,
number or question a line. It knows no benchmark by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from datagen.checks.quality.options import Options
from datagen.checks.quality.texts import key_of
from datagen.errors import InputError
from datagen.sources.files import find
from datagen.sources.stream import Stream
from datagen.text import shown

_ANY = msgspec.json.Decoder(list[Any])
_COCO = re.compile(r"(?:COCO_[a-z]+[0-9]{4}_)?([0-9]{12})(?:\.[A-Za-z]{3,4})?")
_NUMBER = re.compile(r"[0-9]{1,12}")
_PICTURE = re.compile(r"\S+\.(?:jpe?g|png|webp|gif|bmp|tiff?|jfif)", re.IGNORECASE)
_HAS_NUMBER = re.compile("[0-9]")
_SPOKEN_FOR, _FEW_DIGITS = 6, re.compile("[0-9]{1,8}")  # `1.jpg`, `image.png` and `000012.jpg` are many pictures' names
_IMAGE_KEYS = ("image", "images", "image_id", "file_name", "coco_url", "image_path", "img", "img_path", "filename")
_QUESTION_KEYS = ("question", "text", "instruction", "prompt", "query")
_OF_COCO = ("categories", "info", "licenses")  # what stands there is about no single picture
_FEW_WORDS = 10
_INSTRUCTION = re.compile(
    r"(?:describe|analy[sz]e|explain|write|provide|give|share|clarify|present|render|summari[sz]e|(?:can|could) you|"
    r"please|what do you (?:see|think)|what['’]s happening)\b.{0,60}\b(?:image|picture|photo|snapshot|scene)",
    re.DOTALL,
)
"""What anybody asks about any picture, as the wordings in which LLaVA asks for descriptions."""
_DEEPEST = 6


def picture(name: Any) -> str:
    """What a picture is known by: COCO's number, or else the name without its folders; with the last of them where the
    name is too short to be one picture's. Empty for what is no name."""
    if not isinstance(name, str) or not name:
        return ""
    parts = re.split(r"[/\\]", name.strip())
    coco = _COCO.fullmatch(parts[-1])
    if coco:
        return f"coco {int(coco[1])}"
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    generic = len(stem) < _SPOKEN_FOR or not _HAS_NUMBER.search(stem) or _FEW_DIGITS.fullmatch(stem)
    return "/".join(parts[-2:] if generic else parts[-1:]).lower()


def read_against(paths: Iterable[Path]) -> Options:
    """The pictures and questions of some files. Raises InputError for one that cannot be read or tells neither."""
    seen = _Seen()
    for source in find(list(paths)):
        before = len(seen)
        with Stream(source) as stream:
            for value in _values(stream):
                seen.take(value)
        if len(seen) == before and not seen.again:
            raise InputError(
                source.label,
                "",
                "no picture and no question was found in it",
                "give JSON or JSON lines with `image` and `question` or `text`, or a text with a name or number a line",
            )
    return seen.options()


def _values(stream: Stream) -> Iterator[Any]:
    """What a file holds, piece by piece: JSON values, or the lines of a text as lists of one."""
    first = stream.peek()
    if first == b"[":
        for piece in stream.elements(_ANY):
            for value in piece.plain():
                yield value if isinstance(value, dict | list) else [value]
        stream.end()
    elif first == b"{" and not _is_object(stream.first_line()):
        for key in stream.members():
            if key in _OF_COCO:
                continue
            if stream.peek() == b"[":
                for piece in stream.elements(_ANY):
                    yield from (value if isinstance(value, dict | list) else [value] for value in piece.plain())
            else:
                yield {key: stream.value()}
        stream.end()
    else:
        yield from _lines(stream, json_lines=first == b"{")


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _lines(stream: Stream, json_lines: bool) -> Iterator[Any]:
    number = 0
    while (line := stream.line()) is not None:
        number += 1
        if b"\0" in line:
            raise InputError(stream.source.label, f"line {number}", "is no text", "give JSON, JSON lines or plain text")
        text = line.decode("utf-8-sig", "replace").strip()
        if not text:
            continue
        if not json_lines:
            yield [text]
            continue
        try:
            yield json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(stream.source.label, f"line {number}", f"not JSON: {shown(error)}") from error


class _Seen:
    """What was found so far; of each question, the first picture it was asked about, and whether there was another."""

    def __init__(self) -> None:
        self.pictures: set[str] = set()
        self.questions: dict[str, str | None] = {}
        self.again = False

    def __len__(self) -> int:
        return len(self.pictures) + len(self.questions)

    def options(self) -> Options:
        asked = (key for key, image in self.questions.items() if image is not None)
        return Options(frozenset(self.pictures), frozenset(asked))

    def take(self, value: Any, depth: int = 0) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(value, dict):
            self._object(value, depth)
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict | list):
                    self.take(each, depth + 1)
                elif not depth:
                    self._listed(each)

    def _object(self, entry: dict[str, Any], depth: int) -> None:
        names = [name for key in _IMAGE_KEYS for name in _scalars(entry.get(key))]
        if names:
            keys = [key for key in map(self._picture, names) if key]
            self.again = True
            for question in _questions(entry):
                self._question(question, keys[0] if keys else "")
            return
        for key, value in entry.items():
            if _PICTURE.fullmatch(key) or _COCO.fullmatch(key):
                self._picture(key)
            if isinstance(value, dict | list) and key not in _OF_COCO:
                self.take(value, depth + (depth > 0 or isinstance(value, dict)))

    def _listed(self, value: Any) -> None:
        """A name, a number or a question of a mere list."""
        if isinstance(value, int) and not isinstance(value, bool):
            self._picture(value)
        elif isinstance(value, str) and value.strip():
            first, *more = value.split(maxsplit=1)
            if _PICTURE.fullmatch(first) or (not more and _HAS_NUMBER.search(first)):
                self._picture(first)
            else:
                self._question(value, "")

    def _picture(self, name: str | int) -> str:
        text = str(name).strip()
        key = f"coco {int(text)}" if _NUMBER.fullmatch(text) else picture(text)
        if key:
            self.pictures.add(key)
        return key

    def _question(self, text: str, image: str) -> None:
        key = key_of(text)
        if (
            len(key.split()) >= _FEW_WORDS
            and not _INSTRUCTION.match(key)
            and self.questions.setdefault(key, image) != image
        ):
            self.questions[key] = None


def _scalars(value: Any) -> list[str | int]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str | int) and not isinstance(each, bool) and each != ""]


def _questions(entry: dict[str, Any]) -> Iterator[str]:
    """What is asked in an object that names a picture."""
    for key in _QUESTION_KEYS:
        if isinstance(entry.get(key), str):
            yield entry[key]
    for key in ("conversations", "messages"):
        for message in entry[key] if isinstance(entry.get(key), list) else ():
            if isinstance(message, dict) and message.get("from", message.get("role")) in ("human", "user"):
                text = message.get("value", message.get("content"))
                if isinstance(text, str):
                    yield text
