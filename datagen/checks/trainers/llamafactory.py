"""T3: what LLaMA-Factory does with a record.

Facts: hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data (converter.py, processor/supervised.py, mm_plugin.py), with a
dataset_info.json that names the file's own members and roles (`formatting: sharegpt`). A record whose roles do not
alternate is dropped with "Skipping this abnormal example"; whatever raises while a file is prepared ends the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, dialogue, record
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import FITS, MISSING_IMAGE, kind
from datagen.checks.trainers.lines import Line, lines, no_lines, no_path, silent, special

KEYS = ("messages", "conversations", "conversation")
ASKS, ANSWERS = ("human", "user", "observation"), ("gpt", "assistant", "function_call")
ASK = f"<image>\n{QUESTION}"


def reads(sample: Sample) -> bool:
    """Whether the dialogue is a list under a name that dataset_info.json can give."""
    return sample.sound is not None or (isinstance(sample.raw, dict) and isinstance(sample.raw.get(key(sample)), list))


FITS["llamafactory"] = reads
MISSING_IMAGE["llamafactory"] = "stops"


def key(sample: Sample) -> str:
    """The member that holds the dialogue."""
    raw = sample.raw if isinstance(sample.raw, dict) else {}
    return next((each for each in KEYS if raw.get(each) is not None), next((k for k in KEYS if k in raw), KEYS[1]))


def said(sample: Sample) -> tuple[Line, ...] | None:
    """The messages, by the names that go with the member's."""
    here = key(sample)
    return lines(sample, here, *(("role", "content") if here == "messages" else ("from", "value")))


def unordered(sample: Sample) -> Iterator[Seen]:
    """Where the roles are not those that must come next; nothing of a dialogue that cannot be read."""
    found = said(sample)
    if found is None or sample.sound is not None:
        return
    chat = key(sample) == "messages"
    ask, answer = (("user",), ("assistant",)) if chat else (("human",), ("gpt",))
    body = found[1:] if found and found[0].role == "system" else found
    for at, line in enumerate(body):
        wanted = (ask, answer)[at % 2] + (("observation",), ("function_call",))[at % 2]
        if line.role not in wanted:
            yield Seen(f"the role is {line.role!r}, where {wanted[0]!r} must stand", line.where)
            return
    if not body or len(body) % 2:
        yield Seen(f"{len(body)} messages, and they go in pairs", key(sample))


def kept(sample: Sample) -> tuple[Line, ...]:
    """The messages of a record that is not dropped for its roles; else none."""
    return () if any(unordered(sample)) else said(sample) or ()


def dialogued(sample: Sample) -> list[Line]:
    """The same without the system's, which is no message there."""
    return [line for line in kept(sample) if line.role != "system"]


def pictures(sample: Sample) -> list[Any]:
    """What is taken for the pictures."""
    named = sample.raw.get("images") if "images" in sample.raw else sample.raw.get("image")
    return [] if named is None else named if isinstance(named, list) else [named]


@trainer_check(
    "T301",
    "no-dialogue",
    "error",
    target="llamafactory",
    does="stops",
    fails=record(conversations=None),
    passes=record(),
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """There is no list of messages in the record.

    The converter raises, and the run ends (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/converter.py).
    """
    if said(sample) is None:
        yield from no_lines(sample, key(sample))


@trainer_check(
    "T302",
    "skipped",
    "error",
    target="llamafactory",
    does="lost",
    fails=dialogue(ASK, ANSWER, "And what then?"),
    passes=dialogue(ASK, ANSWER),
)
def skipped(sample: Sample) -> Iterator[Seen]:
    """The roles do not alternate, or the last question has no answer.

    "Skipping this abnormal example": it is dropped with a warning, and only one role each is known
    (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/converter.py, SharegptDatasetConverter).
    """
    yield from unordered(sample)


@trainer_check(
    "T303",
    "no-text",
    "error",
    target="llamafactory",
    does="stops",
    fails=dialogue(ASK, None),  # type: ignore[arg-type]
    passes=dialogue(ASK, ANSWER),
)
def no_text(sample: Sample) -> Iterator[Seen]:
    """What is said, or a role, is not a text.

    Contents of typed parts are not read, null raises, and a mixture of kinds does not even load: the run ends
    (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/formatter.py, mm_plugin.py; issue 7909).
    """
    for line in kept(sample):
        if not isinstance(line.content, str):
            yield Seen(f"it is {kind(line.content)}, not a text", line.where)
    found = said(sample) or ()
    for name, values in (("roles", [x.role for x in found]), ("texts", [x.content for x in found])):
        kinds = sorted({kind(value) for value in values if value is not None})
        if len(kinds) > 1:
            yield Seen(f"{name} of more than one kind: {', '.join(kinds)}", key(sample))


@trainer_check(
    "T304",
    "image-count",
    "error",
    target="llamafactory",
    does="stops",
    fails=record(QUESTION),
    passes=record(ASK),
)
def image_count(sample: Sample) -> Iterator[Seen]:
    """There are more or fewer image tokens than pictures.

    "The number of images does not match the number of <image> tokens" ends the run
    (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/mm_plugin.py; issues 5658, 5883, 6135, 8734).
    """
    found = dialogued(sample)
    if found and all(isinstance(line.content, str) for line in found):
        tokens, images = sum(line.tokens for line in found), len(pictures(sample))
        if tokens != images:
            yield Seen(f"{tokens} image tokens, {images} pictures", key(sample))


@trainer_check(
    "T305",
    "image-value",
    "error",
    target="llamafactory",
    does="stops",
    fails=record(image=""),
    passes=record(),
)
def image_value(sample: Sample) -> Iterator[Seen]:
    """A picture is not given by its path.

    What is not a text cannot be opened; of an object, `media_dir` is not set before its path
    (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/converter.py, _find_medias).
    """
    for image in pictures(sample) if kept(sample) else ():
        whole = isinstance(image, dict) and (image.get("bytes") or str(image.get("path")).startswith("/"))
        if no_path(image) and not whole:
            yield Seen(f"a picture {no_path(image)}", "images" if "images" in sample.raw else "image")


@trainer_check(
    "T306",
    "other-token",
    "error",
    target="llamafactory",
    does="stops",
    fails=record(f"<video>\n{ASK}"),
    passes=record(ASK),
)
def other_token(sample: Sample) -> Iterator[Seen]:
    """A text holds the token of a video or a sound, and the record has none.

    They are counted as pictures are (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/mm_plugin.py).
    """
    for line in dialogued(sample):
        for token, member in (("<video>", "videos"), ("<audio>", "audios")):
            if any(token in text for text in line.texts) and not sample.raw.get(member):
                yield Seen(f"{token!r} in the text", line.where, token)


@trainer_check(
    "T307",
    "special-token",
    "error",
    target="llamafactory",
    does="damaged",
    fails=record(ASK, "It ends <|im_end|> here."),
    passes=record(ASK, "It ends here."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds what a tokenizer reads as a special token.

    Texts are put into the template as they are, and tokenized with it: the token ends a turn or stands for a picture
    (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/template.py).
    """
    yield from special(kept(sample))


@trainer_check(
    "T308",
    "image-in-answer",
    "error",
    target="llamafactory",
    does="damaged",
    fails=record(QUESTION, "<image> A dog."),
    passes=record(ASK, "A dog."),
)
def image_in_answer(sample: Sample) -> Iterator[Seen]:
    """An image token stands in what the model says.

    The picture is put there, and its tokens are trained on
    (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/mm_plugin.py).
    """
    for line in dialogued(sample):
        if line.role in ANSWERS and line.tokens:
            yield Seen(f"{IMAGE!r} in an answer", line.where, IMAGE)


@trainer_check(
    "T309",
    "empty-answer",
    "error",
    target="llamafactory",
    does="damaged",
    fails=dialogue(ASK, " "),
    passes=dialogue(ASK, ANSWER),
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank.

    The model is trained to say nothing and stop (hiyouga/LLaMA-Factory@ff6d4d1:src/llamafactory/data/template.py).
    """
    yield from silent(kept(sample), ANSWERS)
