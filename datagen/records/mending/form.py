"""The form of a record: its members, the keys and roles of its messages, and the types of what they hold.

A dialogue has `from`/`value` by human and gpt, or `role`/`content` by user and assistant. `conversations` with the
latter are left so: MiniCPM-V reads just that (OpenBMB/MiniCPM-V:finetune/readme.md).
"""

from __future__ import annotations

from typing import Any

from datagen.records.mending.look import (
    DIALOGUES,
    IMAGE,
    keys_of,
    member_of,
    names_nothing,
    speaker_of,
    with_dialogue,
    with_text,
)
from datagen.records.mending.memory import Memory, are_bare, content_kind, image_kind
from datagen.records.mending.names import Done

_FROM, _ROLE = ("from", "value"), ("role", "content")
_NAMES = {"from": {"human": "human", "gpt": "gpt"}, "role": {"human": "user", "gpt": "assistant"}}


def members(record: dict[str, Any], done: Done, _memory: Memory) -> dict[str, Any]:
    """Members that hold null where a picture or a dialogue should stand are taken away."""
    drop = [key for key in DIALOGUES if key in record and record[key] is None]
    done.update(dict.fromkeys(["null-member"] * bool(drop)))
    for key in ("image", "images"):
        if key in record and names_nothing(record[key]) and not (key == "images" and record[key] == []):
            done["image-null"] = None
            drop.append(key)
    return {key: value for key, value in record.items() if key not in drop} if drop else record


def pictures(record: dict[str, Any], done: Done, memory: Memory) -> dict[str, Any]:
    """One type for `image`, and one for `images`, where the file has both a text and a list of texts there.

    Where some `image` is a list of several, texts stay what they are: as lists LLaVA would stop at all of them."""
    for key, kinds in memory.images.items():
        value, lists = record.get(key), kinds["one"] + kinds["many"]
        if not (kinds["text"] and lists) or names_nothing(value):
            continue
        if key == "image" and kinds["many"]:
            continue
        to_list = key == "images" or kinds["one"] > kinds["text"]
        if image_kind(value) == ("text" if to_list else "one"):
            done["image-type"] = None
            record = {**record, key: [value] if to_list else value[0]}  # type: ignore[index]
    return record


def keys(record: dict[str, Any], done: Done, _memory: Memory) -> dict[str, Any]:
    """One pair of keys in all messages of the dialogue."""
    member = member_of(record)
    if member is None:
        return record
    messages = [_without_null(message, done) for message in record[member]]
    used = {key for message in messages for key in (*_FROM, *_ROLE) if key in message}
    wanted = _ROLE if member == "messages" or used <= set(_ROLE) else _FROM
    other = _FROM if wanted is _ROLE else _ROLE
    names = dict(zip(other, wanted, strict=True))
    if used & set(other) and not any(set(pair) <= message.keys() for message in messages for pair in names.items()):
        done["keys"] = None
        messages = [
            {names.get(key, key): value for key, value in message.items()} if names.keys() & message.keys() else message
            for message in messages
        ]
    return with_dialogue(record, member, messages)


def _without_null(message: dict[str, Any], done: Done) -> dict[str, Any]:
    """Without the other form's keys where they hold null, as tables with both kinds of records leave them behind."""
    pairs = list(zip(_FROM, _ROLE, strict=True))
    drop = {
        here
        for here, there in pairs + [(there, here) for here, there in pairs]
        if here in message and message[here] is None and message.get(there) is not None
    }
    if not drop:
        return message
    done["null-member"] = None
    return {key: value for key, value in message.items() if key not in drop}


def roles(record: dict[str, Any], done: Done, _memory: Memory) -> dict[str, Any]:
    """The form's own names for those who speak."""
    member = member_of(record)
    if member is None:
        return record
    return with_dialogue(record, member, [_named(message, done) for message in record[member]])


def _named(message: dict[str, Any], done: Done) -> dict[str, Any]:
    key = keys_of(message)[0]
    speaker = speaker_of(message.get(key))
    if speaker is None:
        return message
    name = _NAMES[key].get(speaker, speaker)
    if message[key] == name:
        return message
    done["roles"] = None
    return {**message, key: name}


def contents(record: dict[str, Any], done: Done, memory: Memory) -> dict[str, Any]:
    """Texts or typed parts, but not both in one file: lists where a list holds more than a text, else texts."""
    member = member_of(record)
    if member is None:
        return record
    held = [message.get(keys_of(message)[1]) for message in record[member]]
    kinds = memory.contents.union(map(content_kind, held))
    if "text" not in kinds or not kinds & {"plain", "rich"}:
        return record
    bare = memory.bare_parts and are_bare(held)
    rich = "rich" in kinds and all(keys_of(message)[1] == "content" for message in record[member])  # a value is a text
    fresh = [_in_parts(each, bare) if rich else _as_text(each) for each in held]
    if any(isinstance(each, str) for each in fresh) and "rich" not in map(content_kind, held):
        fresh = list(map(_as_text, held))  # what cannot all be parts is at least all texts
    messages = [with_text(message, each) for message, each in zip(record[member], fresh, strict=True)]
    changed = with_dialogue(record, member, messages)
    done.update(dict.fromkeys(["content-type"] * (changed is not record)))
    return changed


def _as_text(content: Any) -> Any:
    return content[0]["text"] if content_kind(content) == "plain" else content


def _in_parts(content: Any, bare: bool) -> Any:
    """Typed parts with both keys in each, which old and new `datasets` read alike."""
    if not isinstance(content, str):
        return content
    if IMAGE not in content:
        return [{"type": "text", "text": content}]
    text = content.removeprefix(f"{IMAGE}\n")
    at_front, text = text != content, text.removesuffix(f"\n{IMAGE}")
    if not bare or IMAGE in text or content.count(IMAGE) != 1:
        return content
    picture, said = {"type": "image", "text": None}, {"type": "text", "text": text}
    return [picture, said] if at_front else [said, picture]
