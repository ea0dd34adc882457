"""T2: what LLaVA-NeXT does with a record.

Facts: LLaVA-VL/LLaVA-NeXT@df17966 with scripts/train/finetune_ov.sh (version qwen_1_5, lengths grouped by modality, one
record a step, 32768 tokens). Its dataset tries a record that raises three times and takes the next record for it, three
times too: it is lost, and the next is trained on twice (the last of a file ends the run). So with a picture that is
missing. Of videos it knows nothing; it knows the special tokens of Qwen2 and no other template of LLaVA-NeXT's.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, dialogue, record
from datagen.checks.sample import Sample
from datagen.checks.trainers.common import (
    FITS,
    MISSING_IMAGE,
    Turn,
    blanks,
    kind,
    listing,
    longer,
    model_first,
    no_list,
    no_pairs,
    says_from,
    turns,
    wordless,
    words_in,
)

FITS["llava-next"] = says_from
MISSING_IMAGE["llava-next"] = "lost"

SPECIAL = ("<|im_end|>", "<|im_start|>", "<|endoftext|>")
LIMIT = 32_768
HUMANS, MODELS = ("human", "user", "system"), ("gpt", "assistant")
ASK = f"<image>\n{QUESTION}"
GPT = {"from": "gpt", "value": ANSWER}


def kept(sample: Sample) -> tuple[Turn, ...]:
    """The turns that are not left out, as it reads them: `role` and `content` where a turn has both, else `from` and
    `value`."""
    listed = listing(sample, "conversations")
    found = [
        turn._replace(role=raw["role"], value=raw["content"]) if {"role", "content"} <= raw.keys() else turn
        for turn, raw in zip(turns(sample), listed, strict=False)
    ]
    return tuple(found[1:] if turns(sample) and turns(sample)[0].role == "gpt" else found)


@trainer_check(
    "T201",
    "no-dialogue",
    "error",
    target="llava-next",
    does="stops",
    fails={"id": "1", "messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]},
    passes=record(),
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """The record has no list of turns under `conversations`.

    LLaVA-NeXT asks all records for their lengths before it trains, and stops there
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, modality_lengths).
    """
    yield from no_list(sample, "conversations")


@trainer_check(
    "T202",
    "no-text",
    "error",
    target="llava-next",
    does="stops",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"from": "gpt", "value": None}]),
    passes=record(),
)
def no_text(sample: Sample) -> Iterator[Seen]:
    """A turn is not an object with a text under `value`.

    Each `value` is split into words to sort by length; whatever has none ends the run
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, modality_lengths).
    """
    yield from no_pairs(sample, ("value",))


@trainer_check(
    "T203",
    "no-words",
    "error",
    target="llava-next",
    does="stops",
    fails=dialogue("", ""),
    passes=dialogue(ASK, ANSWER),
)
def no_words(sample: Sample) -> Iterator[Seen]:
    """There is not one word in the whole dialogue.

    LLaVA-NeXT asserts that there is before it trains: "Conversation length is 0"
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, modality_lengths).
    """
    yield from wordless(sample)


@trainer_check(
    "T204",
    "unknown-first-role",
    "error",
    target="llava-next",
    does="lost",
    fails=dialogue(ASK, ANSWER, roles=("user", "assistant")),
    passes=dialogue(ASK, ANSWER),
    mends=True,
)
def unknown_first_role(sample: Sample) -> Iterator[Seen]:
    """The first turn is of neither `human` nor `gpt`.

    The first role is looked up in a table of these two; `system` and `user` are not in it. The record is left out, and
    the next taken for it (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen, __getitem__).
    """
    for turn in turns(sample)[:1]:
        if turn.role not in ("human", "gpt"):
            yield Seen(f"the first role is {turn.role!r}", "conversations[0].from")


@trainer_check(
    "T205",
    "no-role",
    "error",
    target="llava-next",
    does="lost",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"value": ANSWER}]),
    passes=record(),
)
def no_role(sample: Sample) -> Iterator[Seen]:
    """A later turn has no text for a role or for what is said.

    The template cannot be filled in. The record is left out, and the next taken for it
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen, __getitem__).
    """
    for turn in kept(sample):
        if not (isinstance(turn.role, str) and isinstance(turn.value, str)):
            yield Seen(f"the role is {kind(turn.role)}, the text {kind(turn.value)}", turn.where)


@trainer_check(
    "T206",
    "role-taken-for-the-model",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(conversations=[*record()["conversations"], {"from": "tool", "value": "dog: 0.9"}]),
    passes=record(),
)
def role_taken_for_the_model(sample: Sample) -> Iterator[Seen]:
    """A role is none of `human`, `user`, `system`, `gpt` and `assistant`.

    Whatever is not of a human or the system is trained on as if the model had said it
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    for turn in kept(sample):
        if isinstance(turn.role, str) and turn.role not in HUMANS + MODELS:
            yield Seen(f"the role {turn.role!r}", turn.where, turn.role)


@trainer_check(
    "T207",
    "first-turn-dropped",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(conversations=[{"from": "gpt", "value": ANSWER}, *record()["conversations"]]),
    passes=record(),
)
def first_turn_dropped(sample: Sample) -> Iterator[Seen]:
    """The dialogue begins with the model.

    That turn is left out without a word (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    yield from model_first(sample)


@trainer_check(
    "T208",
    "no-answer",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK}]),
    passes=record(),
)
def no_answer(sample: Sample) -> Iterator[Seen]:
    """There is no turn of the model.

    Nothing but the template's own marks is trained on
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    found = turns(sample)
    if found and not any(turn.role in MODELS for turn in found):
        yield Seen("no answer", "conversations")


@trainer_check(
    "T209",
    "empty-answer",
    "error",
    target="llava-next",
    does="damaged",
    fails=dialogue(ASK, " "),
    passes=dialogue(ASK, ANSWER),
)
def empty_answer(sample: Sample) -> Iterator[Seen]:
    """An answer is blank.

    LLaVA-NeXT trains the model to say nothing (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    yield from blanks(kept(sample), MODELS)


@trainer_check(
    "T210",
    "special-token",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(answer="It ends <|im_end|> here."),
    passes=record(answer="It ends here."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds `<|im_start|>`, `<|im_end|>` or `<|endoftext|>`.

    The tokenizer reads them as its own tokens, and they are trained on wherever they stand: the model learns to end
    there, or to begin (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    yield from words_in(kept(sample), SPECIAL)


@trainer_check(
    "T217",
    "too-long",
    "warning",
    target="llava-next",
    does="damaged",
    fails=record(answer="word " * 33_000),
    passes=record(),
)
def too_long(sample: Sample) -> Iterator[Seen]:
    """There are more words than the 32,768 tokens that are kept.

    The end is cut off (LLaVA-VL/LLaVA-NeXT@df17966:scripts/train/finetune_ov.sh).
    """
    yield from longer(kept(sample), LIMIT)


@trainer_check(
    "T219",
    "said-twice",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(conversations=[{"from": "human", "value": ASK, "role": "user", "content": "Hi."}, GPT]),
    passes=record(),
)
def said_twice(sample: Sample) -> Iterator[Seen]:
    """A turn has a `content` beside its `value`, and the two differ.

    `role` and `content` are what is read (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    for turn, raw in zip(turns(sample), listing(sample, "conversations"), strict=False):
        if {"role", "content"} <= raw.keys() and raw["content"] != turn.value:
            yield Seen("`content` is read, not `value`", turn.where)
