"""T4: what ms-swift does with a record.

Facts: modelscope/ms-swift@3602360:swift/dataset/preprocessor/core.py, swift/template/{template_inputs,base}.py, for a
local file with its members named as usual (`messages`, `conversations`, `image`, `images` are all found). Whatever
raises for one row drops that row: it is deleted while the file is prepared, or another is taken for it while training
(swift/dataset/utils.py, LazyLLMDataset; issue 4026: 1,124,869 rows became 586,472). A picture without a token is given
one before the first message, so that is none of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, chat, dialogue, parts, record
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import FITS, MISSING_IMAGE, kind
from datagen.checks.trainers.lines import Line, broken_parts, lines, no_lines, no_path, silent, special, wordless_parts

KEYS = ("messages", "conversations", "conversation")
ASKS, ANSWERS, SYSTEM = ("user", "human"), ("assistant", "gpt", "bot"), "system"
TOOLS = (
    *("tool_call", "tool_response", "tool", "function_call", "function-call", "function_response"),
    *("function-response", "observation", "observations"),
)
READ = ("text", "image", "image_url", "audio", "audio_url", "video", "video_url")
ASK = f"<image>\n{QUESTION}"


def key(sample: Sample) -> str:
    """The member that holds the dialogue."""
    raw = sample.raw if isinstance(sample.raw, dict) else {}
    return next((each for each in KEYS if raw.get(each) is not None), next((k for k in KEYS if k in raw), KEYS[0]))


def reads(sample: Sample) -> bool:
    """Whether the dialogue is a list under one of the names that are found."""
    return sample.sound is not None or bool(said(sample))


def said(sample: Sample) -> tuple[Line, ...] | None:
    """The messages: `from` and `value` count before `role` and `content`, where a message has both."""
    here = key(sample)
    listed = sample.raw.get(here) if isinstance(sample.raw, dict) else None
    old = isinstance(listed, list) and any(isinstance(x, dict) and "from" in x for x in listed)
    value = isinstance(listed, list) and any(isinstance(x, dict) and "value" in x for x in listed)
    return lines(sample, here, "from" if old else "role", "value" if value else "content")


FITS["swift"] = reads
MISSING_IMAGE["swift"] = "lost"


def kept(sample: Sample) -> tuple[Line, ...]:
    """The messages, where no row is dropped for their form; else none."""
    found = said(sample) or ()
    return () if any(deleted(sample)) or any(misplaced(sample)) else found


def pictures(sample: Sample) -> list[Any]:
    """What is taken for the pictures: those in the messages' parts, or else the record's."""
    inside = [value for line in said(sample) or () for part in line.pictures if (value := payload(part))]
    raw = sample.raw if isinstance(sample.raw, dict) else {}
    named = raw.get("images") if "images" in raw else raw.get("image")
    return inside or ([] if named is None else named if isinstance(named, list) else [named])


def payload(part: dict[str, Any]) -> Any:
    """The picture that a part itself holds."""
    value = part.get(part["type"])
    return value.get("url") if isinstance(value, dict) else value


@trainer_check(
    "T401",
    "deleted",
    "error",
    target="swift",
    does="lost",
    fails=dialogue(ASK, None),  # type: ignore[arg-type]
    passes=dialogue(ASK, ANSWER),
)
def deleted(sample: Sample) -> Iterator[Seen]:
    """There is no list of messages, each with a known role and a text.

    "There are errors in the dataset, the data will be deleted": only the first ten are shown
    (modelscope/ms-swift@3602360:swift/dataset/preprocessor/core.py, _check_messages; issue 4026).
    """
    found = said(sample)
    if found is None:
        if not isinstance(sample.raw, str):
            yield from no_lines(sample, key(sample))
        return
    if all(line.role == SYSTEM for line in found) and sample.sound is None:
        yield Seen("no messages", key(sample))
    for line in found:
        if line.role not in (*ASKS, *ANSWERS, *TOOLS, SYSTEM):
            yield Seen(f"the role is {line.role!r}", line.where)
        if not isinstance(line.content, str | list) or (line.role == SYSTEM and not isinstance(line.content, str)):
            yield Seen(f"it is {kind(line.content)}, not a text", line.where)


@trainer_check(
    "T402",
    "part-unread",
    "error",
    target="swift",
    does="lost",
    fails=chat([{"type": "image"}, {"text": QUESTION}], parts(ANSWER)),
    passes=chat(parts(QUESTION, image=True), parts(ANSWER)),
)
def part_unread(sample: Sample) -> Iterator[Seen]:
    """A typed part has no type, or its text is none.

    What raises here drops the row (modelscope/ms-swift@3602360:swift/template/template_inputs.py,
    remove_messages_media).
    """
    found = said(sample) or ()
    yield from broken_parts(found)
    yield from wordless_parts(found)
    for line in found:
        for at, part in enumerate(line.parts):
            if not isinstance(part.get("type", ""), str):
                yield Seen(f"the part's type is {kind(part['type'])}", f"{line.where}[{at}]")
            elif str(part.get("type")).partition("_")[0] in ("audio", "video"):
                yield Seen("a part that is a sound or a film", f"{line.where}[{at}]")


@trainer_check(
    "T403",
    "misplaced-role",
    "error",
    target="swift",
    does="lost",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"from": "system", "value": "Be brief."}]),
    passes=dialogue(ASK, ANSWER),
)
def misplaced(sample: Sample) -> Iterator[Seen]:
    """A message of the system stands behind the first.

    The template's assertion drops the row; two of one role in a row are merged instead
    (modelscope/ms-swift@3602360:swift/template/base.py, _swift_encode).
    """
    for line in (said(sample) or ())[1:]:
        if line.role == SYSTEM:
            yield Seen("a system's message that is not the first", line.where)


@trainer_check(
    "T404",
    "image-unread",
    "error",
    target="swift",
    does="lost",
    fails=record(image=""),
    passes=record(),
)
def image_unread(sample: Sample) -> Iterator[Seen]:
    """A picture has no path.

    It cannot be opened, and the row is dropped (modelscope/ms-swift@3602360:swift/template/base.py, _load_image).
    """
    for image in pictures(sample) if kept(sample) else ():
        if image is None or image == "":
            yield Seen(f"a picture {no_path(image)}", "images")


@trainer_check(
    "T405",
    "image-number",
    "error",
    target="swift",
    does="stops",
    fails=record(image=33471),
    passes=record(),
)
def image_number(sample: Sample) -> Iterator[Seen]:
    """A picture is given by a number.

    It fits no column of pictures, which ends the run and not only the row
    (modelscope/ms-swift@3602360:swift/dataset/preprocessor/core.py, _cast_mm_data).
    """
    for image in pictures(sample) if kept(sample) else ():
        if isinstance(image, int | float):
            yield Seen(f"a picture {no_path(image)}", "images")


@trainer_check(
    "T406",
    "image-twice",
    "error",
    target="swift",
    does="lost",
    fails=chat([{"type": "image", "image": "a.jpg"}, *parts(QUESTION)], parts(ANSWER)),
    passes=chat(parts(QUESTION, image=True), parts(ANSWER)),
)
def image_twice(sample: Sample) -> Iterator[Seen]:
    """Pictures are named in the messages' parts and in the record too.

    One of the two is allowed, else the row is dropped
    (modelscope/ms-swift@3602360:swift/template/template_inputs.py, StdTemplateInputs.from_dict).
    """
    for line in said(sample) or ():
        if any(payload(part) for part in line.pictures) and (sample.raw.get("images") or sample.raw.get("image")):
            yield Seen("a picture of its own, beside the record's", line.where)


@trainer_check(
    "T407",
    "token-left",
    "error",
    target="swift",
    does="damaged",
    fails=record(f"<image>\n{ASK}"),
    passes=record(ASK),
)
def token_left(sample: Sample) -> Iterator[Seen]:
    """There are more image tokens or picture parts than pictures.

    "We will only replace the frontmost": the others are left in the text as a word
    (modelscope/ms-swift@3602360:swift/template/base.py, _add_default_tags).
    """
    found, left = kept(sample), len(pictures(sample))
    for line in found:
        asked = line.tokens + len(line.pictures)
        if line.role not in ANSWERS and asked > max(0, left):
            yield Seen(f"{IMAGE!r} without a picture", line.where, IMAGE)
        left -= asked


@trainer_check(
    "T408",
    "image-in-answer",
    "error",
    target="swift",
    does="damaged",
    fails=record(QUESTION, "<image> A dog."),
    passes=record(ASK, "A dog."),
)
def image_in_answer(sample: Sample) -> Iterator[Seen]:
    """A picture is put into what the model says.

    The first tokens stand for the pictures, whoever says them (modelscope/ms-swift@3602360:swift/template/base.py,
    _pre_tokenize_images).
    """
    found, left = kept(sample), len(pictures(sample))
    for line in found:
        if line.role in ANSWERS and line.tokens and left > 0:
            yield Seen(f"{IMAGE!r} in an answer", line.where, IMAGE)
        left -= line.tokens + len(line.pictures)


@trainer_check(
    "T409",
    "special-token",
    "error",
    target="swift",
    does="damaged",
    fails=record(ASK, "It ends <|im_end|> here."),
    passes=record(ASK, "It ends here."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds what a tokenizer reads as a special token.

    Texts are set as they are and tokenized (modelscope/ms-swift@3602360:swift/template/base.py, _tokenize).
    """
    yield from special(kept(sample))


@trainer_check(
    "T410",
    "empty-answer",
    "error",
    target="swift",
    does="damaged",
    fails=dialogue(ASK, " "),
    passes=dialogue(ASK, ANSWER),
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank.

    The model is trained to say nothing and stop (modelscope/ms-swift@3602360:swift/template/base.py, _swift_encode).
    """
    yield from silent(kept(sample), ANSWERS)


@trainer_check(
    "T411",
    "no-answer",
    "error",
    target="swift",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK}]),
    passes=dialogue(ASK, ANSWER),
)
def no_answer(sample: Sample) -> Iterator[Seen]:
    """The model says nothing, so there is nothing to train on.

    It is taken for a question to answer later (modelscope/ms-swift@3602360:swift/template/base.py, _get_std_messages).
    """
    found = kept(sample)
    if found and not any(line.role in ANSWERS for line in found):
        yield Seen("no answer", key(sample))


@trainer_check(
    "T412",
    "part-misread",
    "error",
    target="swift",
    does="damaged",
    fails=chat([{"type": "image"}, {"type": "note", "text": QUESTION}], parts(ANSWER)),
    passes=chat(parts(QUESTION, image=True), parts(ANSWER)),
)
def part_misread(sample: Sample) -> Iterator[Seen]:
    """A typed part is of no known type, or the record is a text.

    The type's name is set as a token and the part's text is lost; a file of texts is taken for answers without
    questions (modelscope/ms-swift@3602360:swift/template/template_inputs.py, swift/dataset/preprocessor/core.py).
    """
    if sample.sound is None and isinstance(sample.raw, str):
        yield Seen("the record is a text")
    for line in kept(sample):
        for at, part in enumerate(line.parts):
            if isinstance(part.get("type"), str) and part["type"] not in READ:
                yield Seen(f"a part of the type {part['type']!r}", f"{line.where}[{at}]")
