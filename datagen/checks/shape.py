"""S: what stands in a text and must not: tokens that mean something to a trainer, blanks, signs of a lost separator.

Facts from LLaVA's loader (haotian-liu/LLaVA@c121f04:llava/train/train.py, llava/model/llava_arch.py): an end token or
` ASSISTANT: ` in a value masks the whole sample, `<image>` in an answer shifts the images of the batch, an empty value
masks or merges turns. Other trainers' tokens are refused for the same reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from datagen.checks.base import Seen, Subject, task_check, text_check
from datagen.checks.examples import ANSWER, QUESTION, dialogue, record
from datagen.checks.sample import IMAGE, Said
from datagen.schema import Turn
from datagen.text import shown

_TOKENS = (
    r"</?s>|<unk>|<pad>|</?bos>|</?eos>|\[/?INST\]|<</?SYS>>|<\|[^|<>\s]{1,40}\|>"
    r"|</?(?:image|img|video|audio|im_start|im_end|im_patch|image-placeholder|ref-object|bbox|box|ref|tool_call|"
    r"think(?:ing)?|start_of_turn|end_of_turn|start_of_image|IMG_CONTEXT|vision_start|vision_end)>"
)
_SPECIAL = re.compile(_TOKENS + r"|\b(?:ASSISTANT|USER):")
_SWALLOWED = re.compile(
    r"^\s{0,8}===$|^[\W\d_]{0,8}question\W{0,4}:"
    r"|\n[\W\d_]{0,8}(?:q|human|user)\W{0,4}:[\s\S]{0,1000}?\n[\W\d_]{0,8}(?:a|assistant|gpt)\W{0,4}:",
    re.MULTILINE | re.IGNORECASE,
)
_BLANKS = r"[\x01-\x20\x7f-\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_DOUBLED = re.compile(r"^[\W\d_]{0,8}answer\W{0,4}:", re.MULTILINE | re.IGNORECASE)


@text_check(
    "S001",
    "special-token",
    "error",
    fails=record(answer="The sign reads STOP.</s>"),
    passes=record(answer="The sign reads STOP."),
    scent=_TOKENS + "|assistant:|user:",
)
def special_token(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A text holds a token that means something to a trainer.

    LLaVA masks the whole sample when it meets `</s>` or ` ASSISTANT: ` in a value, and takes an image token in an
    answer for one more picture, so that the next samples get the wrong ones (LLaVA issues 677, 732). The image tokens
    of a file's own questions are no finding here.
    """
    for number, (text, speaker, where) in enumerate(said):
        for found in _SPECIAL.finditer(text):
            if found[0] == IMAGE and speaker == "human" and _asks_for_a_picture(said, number):
                continue
            around = shown(text[max(0, found.start() - 30) : found.end() + 30])
            yield Seen(f"{shown(found[0])!r} in {around!r}", where, found[0])
            break


def _asks_for_a_picture(said: tuple[Said, ...], number: int) -> bool:
    """Whether that place is one of a file's record, where image tokens stand in questions, and not a reply's."""
    return not said[number].where.startswith("turn ")


@text_check(
    "S002",
    "empty-value",
    "error",
    fails=dialogue(f"<image>\n{QUESTION}", " "),
    passes=dialogue(f"<image>\n{QUESTION}", ANSWER),
    scent=rf"(?:^|\x00\n){_BLANKS}*(?:\n\x00|$)",
)
def empty_value(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A question or an answer is blank.

    LLaVA masks the sample, or trains on the blank, or merges the question into the turn before
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1).
    """
    for text, _, where in said:
        if not text.strip():
            yield Seen("blank", where)


@task_check(
    "S003",
    "pairs",
    "error",
    fails="Question:\nWhat is this?\n===\nAnswer:\nA dog.\n===\nQuestion:\nWhy?\n===\nAnswer:\nIt barks.",
    passes="Question:\nWhat is this?\n===\nAnswer:\nA dog.",
)
def pairs(subject: Subject, turns: tuple[Turn, ...]) -> Iterator[Seen]:
    """The task allows fewer or more question/answer pairs than these."""
    fewest, most = subject.task.pairs
    if len(turns) < fewest or (most is not None and len(turns) > most):
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}" if most else f"at least {fewest}"
        yield Seen(f"{len(turns)} pairs, but {subject.task.name} wants {wanted}", "reply")


@text_check(
    "S004",
    "swallowed",
    "error",
    fails=record(answer="A dog.\nQuestion: What colour is it?\nAnswer: It is brown."),
    passes=record(answer="A dog. The question is whose it is: nobody is near."),
    scent=r"===|question|\n\W*[0-9_]*(?:q|human|user)\W{0,4}:|[\W\d_](?:q|human|user)\W{0,4}:",
)
def swallowed(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A separator or a question stands inside a text, because the separator before it is missing.

    What should be two turns is one, and the model learns to ask itself questions.
    """
    for text, _, where in said:
        found = _SWALLOWED.search(text)
        if found:
            yield Seen(f"a line that begins with {shown(found[0].strip(), 60)!r}", where, found[0].strip())


@text_check(
    "S005",
    "doubled-label",
    "warning",
    fails=record(answer="It is brown.\nAnswer: It is a brown dog."),
    passes=record(answer="The answer is: brown."),
    scent=r"answer\W{0,4}:",
)
def doubled_label(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A second `Answer:` stands inside a text: the model answered twice."""
    for text, _, where in said:
        found = _DOUBLED.search(text)
        if found:
            yield Seen("a line that begins with 'Answer:'", where, found[0])
