"""One record of a file of training data, as it stands there, and how to look at it.

Whatever JSON a file holds becomes a `Sample`; nothing is refused here, since what is wrong is for the checks to say. It
knows the two ways in which dialogues are written (`conversations` with from/value, `messages` with role/content) and
their mixtures, and nothing of files or trainers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

IMAGE = "<image>"
"""The token that stands for a picture in LLaVA's form."""

Speaker = Literal["human", "gpt", "system"]
SPEAKERS: Mapping[str, Speaker] = {
    "human": "human",
    "user": "human",
    "gpt": "gpt",
    "assistant": "gpt",
    "system": "system",
}
"""Roles by the names that files give them."""


class Said(NamedTuple):
    """One thing that is said in a dialogue: a text, by whom, and its place (a JSON path inside the record)."""

    text: str
    speaker: Speaker | None
    where: str


class Message(NamedTuple):
    """One message as it stands there."""

    role: Any
    """What is written for the role, of any type; None where nothing is."""
    speaker: Speaker | None
    """Whose role that is; None where it is no known one."""
    text: str | None
    """The text, image tokens of its own included; of typed parts all texts joined. None where there is no text."""
    parts: tuple[Any, ...] | None
    """The typed parts, where the content is a list."""
    path: str
    """`conversations[0]`."""
    where: str
    """`conversations[0].value`."""


class Sound(NamedTuple):
    """What is left to tell of a record with nothing wrong in it: checks of trainers are asked once for each of these.

    Sound is a record with an id that is a non-empty text; with a dialogue of 2, 4, 6 … messages, each of just a role
    and a text, by turns of the human and the model, none blank at either end or holding a special token, a control
    character or anything that is not in NFC; with no member but these and the image; and with either an image that is
    one plain relative path and one image token, on the first or last line of the first message and alone there, or
    neither.
    """

    form: Literal["conversations", "messages"]
    """`conversations` of from/value by `human` and `gpt` with a text `image`; or `messages` of role/content by `user`
    and `assistant`, contents being texts, with `images`, a list of one text (absent where there is no image)."""
    image: bool
    single: bool
    """One question and one answer only."""
    token_first: bool
    """Whether the image token stands before the question's text; of no meaning without an image."""


class Sample(NamedTuple):
    """One record."""

    number: int
    """From 0."""
    raw: Any
    """The JSON value as Python reads it."""
    dialogue: str | None
    """The member that holds the dialogue; None where there is none."""
    messages: tuple[Message, ...]
    images: tuple[Any, ...] | None
    """What stands under `image` or `images`, as a list; None where there is neither."""
    sound: Sound | None = None
    """Set where the record was proven to be sound: then nothing else need be looked at, and `raw` is empty."""
    id: Any = None
    """What stands under `id`."""

    @property
    def said(self) -> tuple[Said, ...]:
        """What is said, in order; messages without a text left out."""
        return tuple(Said(m.text, m.speaker, m.where) for m in self.messages if m.text is not None)


def sample(number: int, raw: Any) -> Sample:
    """Whatever `raw` is, looked at as a record."""
    if not isinstance(raw, dict):
        return Sample(number, raw, None, (), None)
    dialogue = next(
        (key for key in ("conversations", "messages", "conversation") if isinstance(raw.get(key), list)), None
    )
    listed = raw[dialogue] if dialogue else []
    messages = tuple(_message(each, f"{dialogue}[{at}]") for at, each in enumerate(listed))
    return Sample(number, raw, dialogue, messages, _images(raw), None, raw.get("id"))


def _message(raw: Any, path: str) -> Message:
    if not isinstance(raw, dict):
        return Message(None, None, None, None, path, path)
    role_key = "from" if "from" in raw else "role"
    text_key = next((key for key in ("value", "content") if key in raw), "value" if role_key == "from" else "content")
    role, content = raw.get(role_key), raw.get(text_key)
    speaker = SPEAKERS.get(role) if isinstance(role, str) else None
    parts = tuple(content) if isinstance(content, list) else None
    text = content if isinstance(content, str) else _joined(parts)
    return Message(role, speaker, text, parts, path, f"{path}.{text_key}")


def _joined(parts: tuple[Any, ...] | None) -> str | None:
    if parts is None:
        return None
    texts = [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    return "".join(texts)


def _images(raw: dict[str, Any]) -> tuple[Any, ...] | None:
    for key in ("image", "images"):
        if key in raw:
            listed = raw[key]
            return tuple(listed) if isinstance(listed, list) else (listed,)
    return None
