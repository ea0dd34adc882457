"""T1: what LLaVA does with a record.

Facts: haotian-liu/LLaVA@c121f04 with scripts/v1_5/finetune.sh (version v1, lengths grouped by modality, 2048 tokens).
Everything that raises ends the run: nothing is caught there, and lengths are asked of
all records before the first step. A picture that is missing or does not open ends it too. It knows no tokenizer but
the three special tokens of LLaMA's, and no other template of LLaVA's.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, dialogue, record
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import (
    FITS,
    MISSING_IMAGE,
    Turn,
    blanks,
    has_member,
    images_unread,
    kind,
    longer,
    member,
    model_first,
    no_list,
    no_pairs,
    says_from,
    texts,
    tokens,
    wordless,
    words_in,
)

FITS["llava"] = says_from
MISSING_IMAGE["llava"] = "stops"

SPECIAL = ("</s>", "<s>", "<unk>")
TURN = " ASSISTANT: "
LIMIT, PICTURE = 2048, 576
ASK = f"<image>\n{QUESTION}"


def kept(sample: Sample) -> tuple[Turn, ...]:
    """The turns that are not left out: a first turn of the model is."""
    found = texts(sample)
    return found[1:] if found and found[0].role == "gpt" else found


@trainer_check(
    "T101",
    "no-dialogue",
    "error",
    target="llava",
    does="stops",
    fails={"id": "1", "messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]},
    passes=record(),
)
def no_dialogue(sample: Sample) -> Iterator[Seen]:
    """The record has no list of turns under `conversations`.

    LLaVA asks all records for their lengths before it trains, and stops there with a KeyError or TypeError
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, modality_lengths).
    """
    yield from no_list(sample, "conversations")


@trainer_check(
    "T102",
    "no-text",
    "error",
    target="llava",
    does="stops",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"from": "gpt", "value": None}]),
    passes=record(),
)
def no_text(sample: Sample) -> Iterator[Seen]:
    """A turn is not an object with a text under `from` and one under `value`.

    LLaVA splits each `value` into words to sort by length, and stops at whatever has none
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, modality_lengths, preprocess_v1).
    """
    yield from no_pairs(sample)


@trainer_check(
    "T103",
    "unknown-role",
    "error",
    target="llava",
    does="stops",
    fails=dialogue(ASK, ANSWER, roles=("user", "assistant")),
    passes=dialogue(ASK, ANSWER),
    mends=True,
)
def unknown_role(sample: Sample) -> Iterator[Seen]:
    """A role is neither `human` nor `gpt`.

    LLaVA looks the role up in a table of these two and stops with a KeyError; `user`, `assistant` and `system` are
    not in it (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1).
    """
    for at, turn in enumerate(texts(sample)):
        if turn.role not in ("human", "gpt"):
            yield Seen(f"the role {turn.role!r}", f"conversations[{at}].from", turn.role)


@trainer_check(
    "T104",
    "no-words",
    "error",
    target="llava",
    does="stops",
    fails=dialogue("", ""),
    passes=dialogue(ASK, ANSWER),
)
def no_words(sample: Sample) -> Iterator[Seen]:
    """There is not one word in the whole dialogue.

    LLaVA's sampler stops before the first step: "Should not have zero length."
    (haotian-liu/LLaVA@c121f04:llava/train/llava_trainer.py, get_modality_length_grouped_indices).
    """
    yield from wordless(sample)


@trainer_check(
    "T105",
    "not-by-turns",
    "error",
    target="llava",
    does="stops",
    fails=record(conversations=[{"from": "human", "value": ASK}, {"from": "human", "value": "And where?"}]),
    passes=dialogue(ASK, ANSWER),
)
def not_by_turns(sample: Sample) -> Iterator[Seen]:
    """Human and model do not speak by turns.

    LLaVA asserts it, and stops with an AssertionError that says only `0`
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1). A first turn of the model is left out before.
    """
    for at, turn in enumerate(kept(sample)):
        if turn.role in ("human", "gpt") and turn.role != ("human", "gpt")[at % 2]:
            yield Seen(f"another turn of {turn.role!r}", turn.where)
            return


@trainer_check(
    "T106",
    "image-not-a-path",
    "error",
    target="llava",
    does="stops",
    fails=record(image=["train2017/000000033471.jpg"]),
    passes=record(),
    mends=True,
)
def image_not_a_path(sample: Sample) -> Iterator[Seen]:
    """What stands under `image` is not one path.

    LLaVA joins it to the image folder whatever it is: a list, null or a number is a TypeError, and an empty text is
    the folder itself. Records without a picture must not have the member at all
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, __getitem__).
    """
    if has_member(sample, "image"):
        image = member(sample, "image")
        if not isinstance(image, str):
            yield Seen(f"`image` is {kind(image)}, not a text", "image")
        elif not image:
            yield Seen("`image` is empty", "image")


@trainer_check(
    "T107",
    "images-shift",
    "error",
    target="llava",
    does="stops",
    fails=dialogue(ASK, ANSWER, f"<image>\n{QUESTION}", ANSWER),
    passes=dialogue(ASK, ANSWER, QUESTION, ANSWER),
    mends=True,
)
def images_shift(sample: Sample) -> Iterator[Seen]:
    """More than one turn has the image token, and there is one picture.

    LLaVA keeps one token for each turn that has any, and takes the batch's pictures one after the other: the records
    after this one get each other's pictures, and the last of the batch is an IndexError (LLaVA issues 677, 732;
    haotian-liu/LLaVA@c121f04:llava/model/llava_arch.py, prepare_inputs_labels_for_multimodal).
    """
    having = [turn for turn in kept(sample) if turn.has(IMAGE)]
    if has_member(sample, "image") and len(having) > 1:
        yield Seen(f"{len(having)} turns with {IMAGE}, one picture", having[1].where, IMAGE)


@trainer_check(
    "T108",
    "first-turn-dropped",
    "error",
    target="llava",
    does="damaged",
    fails=record(conversations=[{"from": "gpt", "value": ANSWER}, *record()["conversations"]]),
    passes=record(),
)
def first_turn_dropped(sample: Sample) -> Iterator[Seen]:
    """The dialogue begins with the model.

    LLaVA leaves that turn out without a word, its image token too; with nothing else there, all is masked
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1).
    """
    yield from model_first(sample)


@trainer_check(
    "T109",
    "unanswered",
    "error",
    target="llava",
    does="damaged",
    fails=dialogue(ASK, ANSWER, QUESTION),
    passes=dialogue(ASK, ANSWER),
    mends=True,
)
def unanswered(sample: Sample) -> Iterator[Seen]:
    """The dialogue ends with a question.

    What LLaVA counts is then not as long as the text, and it masks the whole record: "tokenization mismatch"
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1).
    """
    found = texts(sample)
    if found and found[-1].role == "human":
        yield Seen("the last turn is a question", found[-1].where)


@trainer_check(
    "T110",
    "empty-value",
    "error",
    target="llava",
    does="damaged",
    fails=dialogue(ASK, ANSWER, QUESTION, ""),
    passes=dialogue(ASK, ANSWER, QUESTION, ANSWER),
)
def empty_value(sample: Sample) -> Iterator[Seen]:
    """A question is empty, or an answer blank.

    LLaVA sets no end after an empty text: the turn melts into the next one, or the whole record is masked. On a blank
    answer it trains (haotian-liu/LLaVA@c121f04:llava/conversation.py, get_prompt).
    """
    yield from blanks(kept(sample), ("gpt",))
    for turn in kept(sample):
        if turn.role == "human" and not turn.value:
            yield Seen("empty", turn.where)


@trainer_check(
    "T111",
    "special-token",
    "error",
    target="llava",
    does="damaged",
    fails=record(answer="The sign reads STOP.</s>"),
    passes=record(answer="The sign reads STOP."),
)
def special_token(sample: Sample) -> Iterator[Seen]:
    """A text holds `</s>`, `<s>` or `<unk>`.

    The tokenizer reads them as its own tokens. At `</s>` LLaVA parts the turns, `<unk>` is what it pads with: either
    masks the whole record; `<s>` is a new beginning in the middle
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1; LLaVA issues 661, 1166).
    """
    yield from words_in(kept(sample), SPECIAL)


@trainer_check(
    "T112",
    "turn-marker",
    "error",
    target="llava",
    does="damaged",
    fails=record(answer="Then ASSISTANT: answers again."),
    passes=record(answer="Then the assistant answers again."),
)
def turn_marker(sample: Sample) -> Iterator[Seen]:
    """A text holds ` ASSISTANT: `.

    LLaVA parts question and answer there; with two of them in a turn it masks the whole record
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_v1).
    """
    for turn in kept(sample):
        if not turn.has(TURN.strip()):
            continue
        value = _moved(turn.value) if has_member(sample, "image") else turn.value
        asked = turn.role == "human"
        if f" {value}{TURN}".find(TURN) <= len(value) if asked else TURN in value:
            yield Seen(f"{TURN!r} in the text", turn.where, TURN.strip())


def _moved(value: str) -> str:
    """A text as LLaVA turns it where there is a picture: one token, and first."""
    return f"{IMAGE}\n{value.replace(IMAGE, '').strip()}".strip() if IMAGE in value else value


@trainer_check(
    "T113",
    "image-unused",
    "error",
    target="llava",
    does="damaged",
    fails=record(QUESTION),
    passes=record(ASK),
    mends=True,
)
def image_unused(sample: Sample) -> Iterator[Seen]:
    """There is a picture, and no image token asks for it.

    LLaVA trains on the answer without the picture and says nothing: the model learns to describe what it does not see
    (haotian-liu/LLaVA@c121f04:llava/model/llava_arch.py).
    """
    if has_member(sample, "image") and texts(sample) and not tokens(kept(sample)):
        yield Seen(f"no {IMAGE} in any turn that is kept", "conversations")


@trainer_check(
    "T114",
    "token-without-image",
    "error",
    target="llava",
    does="damaged",
    fails=record(image=...),
    passes=record(QUESTION, image=...),
    mends=True,
)
def token_without_image(sample: Sample) -> Iterator[Seen]:
    """A question has the image token, and the record no `image`.

    LLaVA reads the token as letters, as in a record of text only
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, __getitem__).
    """
    if not has_member(sample, "image") and not member(sample, "images"):
        yield from words_in((turn for turn in kept(sample) if turn.role == "human"), (IMAGE,))


@trainer_check(
    "T115",
    "token-in-answer",
    "error",
    target="llava",
    does="damaged",
    fails=record(answer="An <image> shows a dog."),
    passes=record(answer="An image shows a dog."),
)
def token_in_answer(sample: Sample) -> Iterator[Seen]:
    """An answer has the image token.

    LLaVA takes it out, puts the picture before that answer and trains on what is left (LLaVA issue 677;
    haotian-liu/LLaVA@c121f04:llava/train/train.py, preprocess_multimodal).
    """
    if has_member(sample, "image"):
        yield from words_in((turn for turn in kept(sample) if turn.role == "gpt"), (IMAGE,))


@trainer_check(
    "T116",
    "images-unread",
    "error",
    target="llava",
    does="damaged",
    fails=record(image=..., images=["train2017/000000033471.jpg"]),
    passes=record(),
    mends=True,
)
def images_not_read(sample: Sample) -> Iterator[Seen]:
    """The pictures stand under `images`.

    LLaVA knows only `image`, and trains on such a record as on text
    (haotian-liu/LLaVA@c121f04:llava/train/train.py, __getitem__).
    """
    yield from images_unread(sample)


@trainer_check(
    "T117",
    "too-long",
    "warning",
    target="llava",
    does="damaged",
    fails=record(answer="word " * 2100),
    passes=record(),
)
def too_long(sample: Sample) -> Iterator[Seen]:
    """There are more words than the 2048 tokens that LLaVA keeps, 576 of them for a picture.

    The end is cut off; where the question alone is too long nothing is left to train on
    (haotian-liu/LLaVA@c121f04:scripts/v1_5/finetune.sh, llava/model/llava_arch.py; LLaVA issues 816, 1166).
    """
    yield from longer(kept(sample), LIMIT - (PICTURE if tokens(kept(sample)) and has_member(sample, "image") else 0))
