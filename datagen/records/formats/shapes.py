"""The shapes: entry → the JSON object that one trainer reads, as pure functions under names.

Facts: haotian-liu/LLaVA:docs/Finetune_Custom_Data.md and llava/train/train.py; hiyouga/LLaMA-Factory:data/README.md;
modelscope/ms-swift:docs/source_en/Customization/Custom-dataset.md; huggingface/trl:docs/source/dataset_formats.md;
axolotl-ai-cloud/axolotl:docs/multimodal.qmd; OpenGVLab/InternVL:internvl_chat/tools; QwenLM/Qwen3-VL:qwen-vl-finetune.
Every record of a shape has the same keys with the same types, or Arrow-based loaders refuse the file; only LLaVA's own
wants no `image` where there is no picture. It knows nothing of files; `say` is who may call these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from datagen.records.formats.entry import Entry, Line, inline, pieces
from datagen.registry import Registry

Write = Callable[[Entry], dict[str, Any]]


class Shape(NamedTuple):
    """How one trainer's records look, and what they can say."""

    write: Write
    file: str
    """The name of a file of them; `.json` is an array, `.jsonl` has a line for each."""
    parts: bool
    """Whether pictures are typed parts; else tokens in the texts."""
    system: bool
    """Whether a system prompt can stand first."""
    several: bool
    """Whether it can have several pictures."""
    ids: bool
    by_turns: bool
    """Whether question and answer must come by turns."""
    as_is: bool
    """Whether a plain record of LLaVA's (plain.py) is one already."""


SHAPES: Registry[Shape] = Registry("format")
"""All of them, by name."""


def shape(
    name: str,
    file: str,
    *,
    parts: bool = False,
    system: bool = True,
    several: bool = True,
    ids: bool = True,
    by_turns: bool = True,
    as_is: bool = False,
) -> Callable[[Write], Write]:
    """Register a function that writes records."""

    def register(write: Write) -> Write:
        SHAPES(name)(Shape(write, file, parts, system, several, ids, by_turns, as_is))
        return write

    return register


_FROM = {"system": "system", "user": "human", "assistant": "gpt"}


def _conversations(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    return [{"from": _FROM[role], "value": said if said.__class__ is str else inline(said)} for role, said in lines]


@shape("llava-jsonl", "llava.jsonl", system=False, several=False, as_is=True)
@shape("llava", "llava.json", system=False, several=False, as_is=True)
def llava(entry: Entry) -> dict[str, Any]:
    """`{"id", "image", "conversations": [{"from", "value"}]}`; no `image` where there is none."""
    if entry.images:
        return {"id": entry.id, "image": entry.images[0], "conversations": _conversations(entry.lines)}
    return {"id": entry.id, "conversations": _conversations(entry.lines)}


@shape("qwen", "qwen.json", system=False, as_is=True)
def qwen(entry: Entry) -> dict[str, Any]:
    """As LLaVA's; several pictures are a list under `image`."""
    if len(entry.images) > 1:
        return {"id": entry.id, "image": list(entry.images), "conversations": _conversations(entry.lines)}
    return llava(entry)


@shape("internvl", "internvl.jsonl", as_is=True)
def internvl(entry: Entry) -> dict[str, Any]:
    """As Qwen's, a record a line, with a first turn of `system` where there is one."""
    return qwen(entry)


@shape("llamafactory", "llamafactory.json")
def llamafactory(entry: Entry) -> dict[str, Any]:
    """`{"id", "images": [path], "conversations"}`: a list, since older versions took a text's letters for paths."""
    return {"id": entry.id, "images": list(entry.images), "conversations": _conversations(entry.lines)}


@shape("swift", "swift.jsonl")
def swift(entry: Entry) -> dict[str, Any]:
    """`{"id", "images", "messages": [{"role", "content"}]}` with tokens in the texts."""
    messages = [
        {"role": role, "content": said if said.__class__ is str else inline(said)} for role, said in entry.lines
    ]
    return {"id": entry.id, "images": list(entry.images), "messages": messages}


@shape("trl", "trl.jsonl", parts=True, by_turns=False)
@shape("messages", "messages.jsonl", parts=True, by_turns=False)
def messages(entry: Entry) -> dict[str, Any]:
    """`{"id", "images", "messages"}` with typed parts, both keys in each part: loads in old and new `datasets`."""
    told = [
        {
            "role": role,
            "content": [
                {"type": "image", "text": None} if piece is None else {"type": "text", "text": piece}
                for piece in pieces(said)
            ],
        }
        for role, said in entry.lines
    ]
    return {"id": entry.id, "images": list(entry.images), "messages": told}


@shape("axolotl", "axolotl.jsonl", parts=True, by_turns=False)
def axolotl(entry: Entry) -> dict[str, Any]:
    """Typed parts that hold their pictures' paths: of a list beside them only the first is taken, and an empty one ends
    the run."""
    paths = iter(entry.images)
    told = [
        {
            "role": role,
            "content": [
                {"type": "image", "path": next(paths), "text": None}
                if piece is None
                else {"type": "text", "path": None, "text": piece}
                for piece in pieces(said)
            ],
        }
        for role, said in entry.lines
    ]
    return {"id": entry.id, "messages": told}


@shape("openai", "openai.jsonl", parts=True, ids=False, by_turns=False)
def openai(entry: Entry) -> dict[str, Any]:
    """`{"messages"}` as OpenAI's fine-tuning takes them: a list of parts only where there is a picture, under
    `image_url`."""
    paths = iter(entry.images)
    told: list[dict[str, Any]] = []
    for role, said in entry.lines:
        found = pieces(said)
        content: Any = found[0] if len(found) == 1 and found[0] is not None else [_part(each, paths) for each in found]
        told.append({"role": role, "content": content})
    return {"messages": told}


def _part(piece: str | None, paths: Any) -> dict[str, Any]:
    if piece is None:
        return {"type": "image_url", "image_url": {"url": next(paths)}}
    return {"type": "text", "text": piece}
