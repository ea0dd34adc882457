"""S: would a trainer take these turns as they are meant?

Facts from LLaVA's loader (haotian-liu/LLaVA@c121f04:llava/train/train.py, llava/model/llava_arch.py): an end token or
` ASSISTANT: ` in a value masks the whole sample, `<image>` in an answer shifts the images of the batch, an empty value
masks or merges turns. Other trainers' tokens are refused for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from datagen.checks.base import Seen, Subject, record_check, values
from datagen.schema import Turn
from datagen.text import shown

_SPECIAL = re.compile(
    r"</?s>|<unk>|<pad>|</?bos>|</?eos>|\[/?INST\]|<</?SYS>>|<\|[^|<>\s]{1,40}\|>"
    r"|</?(?:image|img|video|audio|im_start|im_end|im_patch|image-placeholder|ref-object|bbox|box|ref|tool_call|"
    r"think(?:ing)?|start_of_turn|end_of_turn|start_of_image|IMG_CONTEXT|vision_start|vision_end)>"
    r"|\b(?:ASSISTANT|USER):",
)


_SWALLOWED = re.compile(
    r"^\s{0,8}===$|^[\W\d_]{0,8}question\W{0,4}:"
    r"|\n[\W\d_]{0,8}(?:q|human|user)\W{0,4}:[\s\S]{0,1000}?\n[\W\d_]{0,8}(?:a|assistant|gpt)\W{0,4}:",
    re.MULTILINE | re.IGNORECASE,
)
_DOUBLED = re.compile(r"^[\W\d_]{0,8}answer\W{0,4}:", re.MULTILINE | re.IGNORECASE)


def _search(
    pattern: re.Pattern[str], marks: tuple[str, ...], turns: tuple[Turn, ...]
) -> Iterator[tuple[re.Match[str], str]]:
    """The first place in each value where `pattern` is found. Whatever it finds holds one of `marks`; looking for those
    first spares most replies the pattern, which costs fifty times as much."""
    whole = "\n".join(chain.from_iterable(turns))
    if not any(mark in whole for mark in marks):
        return
    for value, where in values(turns):
        found = pattern.search(value)
        if found:
            yield found, where


@record_check("S001", "special-token", "error")
def special_token(_subject: Subject, turns: tuple[Turn, ...]) -> Iterator[Seen]:
    """A value holds a token that means something to a trainer."""
    for found, where in _search(_SPECIAL, ("<", "[", "ASSISTANT:", "USER:"), turns):
        value = found.string
        yield Seen(f"{shown(found[0])!r} in {shown(value[max(0, found.start() - 30) : found.end() + 30])!r}", where)


@record_check("S002", "empty-value", "error")
def empty_value(_subject: Subject, turns: tuple[Turn, ...]) -> Iterator[Seen]:
    """A question or an answer is blank."""
    for value, where in values(turns):
        if not value.strip():
            yield Seen("blank", where)


@record_check("S003", "pairs", "error")
def pairs(subject: Subject, turns: tuple[Turn, ...]) -> Iterator[Seen]:
    """The task allows fewer or more question/answer pairs than these."""
    fewest, most = subject.task.pairs
    if len(turns) < fewest or (most is not None and len(turns) > most):
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}" if most else f"at least {fewest}"
        yield Seen(f"{len(turns)} pairs, but {subject.task.name} wants {wanted}")


@record_check("S004", "swallowed", "error")
def swallowed(_subject: Subject, turns: tuple[Turn, ...]) -> Iterator[Seen]:
    """A separator or a question stands inside a value, because the separator before it is missing."""
    for found, where in _search(_SWALLOWED, (":", "==="), turns):
        yield Seen(f"a line that begins with {found[0].strip()!r}", where)


@record_check("S005", "doubled-label", "warning")
def doubled_label(_subject: Subject, turns: tuple[Turn, ...]) -> Iterator[Seen]:
    """A second `Answer:` stands inside a value: the model answered twice."""
    for _, where in _search(_DOUBLED, (":",), turns):
        yield Seen("a line that begins with 'Answer:'", where)
