"""Proving that a record is sound, fast: most are, and those need no check at all.

`Prover` reads records straight into typed rows, and looks at each row's texts once, with all patterns that matter at
once (RE2's sets: linear, whatever the text). What it cannot prove it says nothing of; then the checks look. It knows
nothing of files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from datagen.checks.base import Check
from datagen.checks.sample import Message, Sample, Sound, Speaker

_JOINT = "\n\x00\n"  # so that a pattern sees lines as they are, and the ends of texts too
_TOKENS = (
    r"<[/|a-z_!]|<<|\[/?inst|</?sys|assistant:|user:|[^a-z _-]assistant|^assistant"  # what may be special to a trainer
)
_UNPRINTABLE = (
    r"[\x01-\x09\x0b-\x1f\x7f-\x{9f}\x{61c}\x{200b}-\x{200f}"
    r"\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}\x{fff9}-\x{fffb}]"
)
_SPACE = r"[ \n\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_BLANK = rf"^{_SPACE}|{_SPACE}$|\x00\n{_SPACE}|{_SPACE}\n\x00|^\n?\x00|\x00\n?$"
_UNSOUND = f"{_TOKENS}|{_UNPRINTABLE}|{_BLANK}"
_BY_TURNS: tuple[Speaker, Speaker] = ("human", "gpt")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@=,+-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.@=,+-]*)*")


class _Turn(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    role: Literal["human", "gpt"] = msgspec.field(name="from")
    text: str = msgspec.field(name="value")


class Conversations(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A record in LLaVA's form, with nothing in it that a sound one has not."""

    id: str
    dialogue: list[_Turn] = msgspec.field(name="conversations")
    image: str | msgspec.UnsetType = msgspec.UNSET


class _Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    role: Literal["user", "assistant"]
    text: str = msgspec.field(name="content")


class Messages(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A record of chat messages, with nothing in it that a sound one has not."""

    id: str
    dialogue: list[_Message] = msgspec.field(name="messages")
    images: list[str] | msgspec.UnsetType = msgspec.UNSET


Row = Conversations | Messages
FORMS: tuple[type[Row], ...] = (Conversations, Messages)


@lru_cache(maxsize=16)
def _nose(patterns: tuple[str, ...]) -> Any:
    """What finds at once which of the patterns are in a text. Making it takes a while, and it can be shared."""
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    nose = re2.Set.SearchSet(options)
    for pattern in patterns:
        nose.Add(pattern)
    nose.Compile()
    return nose


class Proof(NamedTuple):
    """What was proven of a record."""

    sound: Sound
    texts: list[str]
    scented: Sequence[int]
    """The positions, among the text checks, of those that must look at the texts all the same."""


_AS_TO_FORM = {
    True: Proof(Sound("conversations", True, False, True), [], ()),
    False: Proof(Sound("messages", True, False, True), [], ()),
}


class Prover:
    """Proves records, for some text checks that are to be run on them.

    `texts`: whether anybody looks at what is said; else a record with the right members, types and roles is taken for
    sound, whatever it says.
    """

    def __init__(self, text_checks: Sequence[Check], *, texts: bool = True) -> None:
        self._looks = texts
        self._always = [at for at, check in enumerate(text_checks) if not check.scent]
        scents = [(at, check.scent) for at, check in enumerate(text_checks) if check.scent]
        self._at = [-1, *(at for at, _ in scents)]
        self._nose = _nose((_UNSOUND, *(scent for _, scent in scents)))
        self._paths: dict[str, bool] = {}

    def alike(self, rows: Sequence[Row]) -> Sound | None:
        """What all of them are, where nobody looks at what is said and each of them is sound; the rows are of one form.
        It says what `prove` would say of each, in half the time."""
        if self._looks or not rows:
            return None
        conversations = type(rows[0]) is Conversations
        for row in rows:
            dialogue: list[Any] = row.dialogue
            if [turn.role for turn in dialogue] != _roles(conversations, len(dialogue)) or not row.id:
                return None
        return _AS_TO_FORM[conversations].sound

    def prove(self, row: Row) -> Proof | None:
        """The proof that a typed row is sound; None where it is not, or may not be."""
        dialogue: list[Any] = row.dialogue
        count = len(dialogue)
        conversations = type(row) is Conversations
        if [turn.role for turn in dialogue] != _roles(conversations, count) or not row.id:
            return None
        if not self._looks:
            return _AS_TO_FORM[conversations]
        texts = [turn.text for turn in dialogue]
        images = _images(row)
        whole, first = _JOINT.join(texts), True
        if images is not None:
            if len(images) != 1 or not self._is_plain(images[0]):
                return None
            question = texts[0]
            if question.startswith("<image>\n"):
                whole = whole[8:]
            elif question.endswith("\n<image>"):
                whole, first = whole[: len(question) - 8] + whole[len(question) :], False
            else:
                return None
        found = self._nose.Match(whole) or ()
        if 0 in found:
            return None
        if whole.count("\x00") != count - 1:
            return None
        if not (whole.isascii() or unicodedata.is_normalized("NFC", whole)):
            return None
        sound = _sound("conversations" if conversations else "messages", images is not None, count == 2, first)
        return Proof(sound, texts, [*self._always, *(self._at[each] for each in found)] if found else self._always)

    def scented(self, texts: Sequence[str]) -> Sequence[int]:
        """The positions of those text checks that have something to look at in texts that were not proven sound."""
        try:
            found = self._nose.Match(_JOINT.join(texts)) or ()
        except UnicodeEncodeError:  # a lone surrogate
            found = range(len(self._at))
        return sorted({*self._always, *(self._at[each] for each in found if each)})

    def _is_plain(self, path: str) -> bool:
        """Whether it is a plain relative path; what was seen of folders is remembered."""
        folder, slash, name = path.rpartition("/")
        known = self._paths.get(folder)
        if known is None:
            if len(self._paths) > 10_000:
                self._paths.clear()
            known = self._paths[folder] = not slash or bool(_PLAIN_PATH.fullmatch(folder))
        return (
            known
            and name.isascii()
            and bool(name)
            and name.replace(".", "a").replace("_", "a").isalnum()
            and (name[0] != ".")
        )


def _images(row: Row) -> list[str] | None:
    if isinstance(row, Messages):
        return None if row.images is msgspec.UNSET else row.images
    return None if row.image is msgspec.UNSET else [row.image]


@lru_cache(maxsize=1024)
def _roles(conversations: bool, count: int) -> list[str]:
    """The roles that `count` messages must have; nothing fits an odd or zero count."""
    if count < 2 or count % 2:
        return ["?"]
    return (["human", "gpt"] if conversations else ["user", "assistant"]) * (count // 2)


@lru_cache(maxsize=32)
def _sound(form: Any, image: bool, single: bool, first: bool) -> Sound:
    return Sound(form, image, single, first)


def as_sample(number: int, row: Row, proof: Proof, texts: bool) -> Sample:
    """A sound row as a sample; with its texts only where somebody will look at them."""
    conversations = proof.sound.form == "conversations"
    key, member = ("conversations", "value") if conversations else ("messages", "content")
    messages: tuple[Message, ...] = ()
    if texts:
        said: list[Any] = row.dialogue
        messages = tuple(
            Message(turn.role, _BY_TURNS[at % 2], turn.text, None, f"{key}[{at}]", f"{key}[{at}].{member}")
            for at, turn in enumerate(said)
        )
    images = _images(row)
    return Sample(number, {}, key, messages, None if images is None else tuple(images), proof.sound, row.id)
