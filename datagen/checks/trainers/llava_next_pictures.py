"""T2, of pictures: what LLaVA-NeXT does with a record's pictures and image tokens.

Facts and terms as in llava_next.py: LLaVA-VL/LLaVA-NeXT@df17966. What cannot be opened is lost before tokens are
counted; what is lost cannot end the run. Of videos it knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datagen.checks.base import Seen, trainer_check
from datagen.checks.examples import ANSWER, QUESTION, dialogue, record
from datagen.checks.sample import IMAGE, Sample
from datagen.checks.trainers.common import has_member, images_unread, kind, member, tokens, turns, words_in
from datagen.checks.trainers.llava_next import ASK, HUMANS, MODELS, kept, no_role, unknown_first_role


def paths(image: Any) -> list[Any]:
    """The pictures as a list, whatever stands there."""
    return image if isinstance(image, list) else [image]


def _fetched(sample: Sample) -> bool:
    """Whether the record gets as far as the model."""
    return not any(any(check(sample)) for check in (unknown_first_role, no_role, image_not_a_path))


@trainer_check(
    "T211",
    "image-not-a-path",
    "error",
    target="llava-next",
    does="lost",
    fails=record(image=None),
    passes=record(),
    mends=True,
)
def image_not_a_path(sample: Sample) -> Iterator[Seen]:
    """What stands under `image` is neither a path nor a list of paths.

    It cannot be opened: the record is left out, and the next taken for it. Records without a picture must not have the
    member at all (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, process_image, __getitem__).
    """
    if has_member(sample, "image"):
        for image in paths(member(sample, "image")):
            if not (isinstance(image, str) and image):
                yield Seen("an empty path" if image == "" else f"a path that is {kind(image)}", "image")


@trainer_check(
    "T212",
    "no-images-listed",
    "error",
    target="llava-next",
    does="stops",
    fails=record(QUESTION, image=[]),
    passes=record(QUESTION, image=...),
    mends=True,
)
def no_images_listed(sample: Sample) -> Iterator[Seen]:
    """`image` is an empty list.

    Then the step has no picture at all, not even the black one that text gets, and ends with "expected a non-empty
    list of Tensors" (LLaVA-VL/LLaVA-NeXT@df17966:llava/model/llava_arch.py, one record a step).
    """
    if member(sample, "image") == [] and _fetched(sample):
        yield Seen("`image` is an empty list", "image")


@trainer_check(
    "T213",
    "images-and-tokens",
    "error",
    target="llava-next",
    does="damaged",
    fails=dialogue(ASK, ANSWER, ASK, ANSWER),
    passes=dialogue(ASK, ANSWER, QUESTION, ANSWER),
    mends=True,
)
def images_and_tokens(sample: Sample) -> Iterator[Seen]:
    """There are more image tokens than pictures, or fewer.

    With too many the last picture, or the next record's, is shown again; with too few pictures are left out. Nothing
    is said of either (LLaVA-VL/LLaVA-NeXT@df17966:llava/model/llava_arch.py, prepare_inputs_labels_for_multimodal).
    """
    if has_member(sample, "image") and turns(sample):
        pictures = len(paths(member(sample, "image")))
        found = tokens(turn for turn in kept(sample) if turn.role not in MODELS)
        if found != pictures and tokens(kept(sample)) < pictures + 2:
            yield Seen(f"{IMAGE} {found} times, and pictures: {pictures}", "conversations", IMAGE)


@trainer_check(
    "T214",
    "token-without-image",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(image=...),
    passes=record(QUESTION, image=...),
    mends=True,
)
def token_without_image(sample: Sample) -> Iterator[Seen]:
    """A question has the image token, and the record no picture.

    The token is read as letters (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_qwen).
    """
    if not any(member(sample, key) for key in ("images", "video")) and not has_member(sample, "image"):
        yield from words_in((turn for turn in kept(sample) if turn.role in HUMANS), (IMAGE,))


@trainer_check(
    "T215",
    "token-in-answer",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(answer="An <image> shows a dog."),
    passes=record(answer="An image shows a dog."),
)
def token_in_answer(sample: Sample) -> Iterator[Seen]:
    """An answer has the image token.

    A picture is put there and the answer is trained on without the word
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, preprocess_multimodal, preprocess_qwen).
    """
    if has_member(sample, "image"):
        yield from words_in((turn for turn in kept(sample) if turn.role in MODELS), (IMAGE,))


@trainer_check(
    "T216",
    "images-unread",
    "error",
    target="llava-next",
    does="damaged",
    fails=record(image=..., images=["train2017/000000033471.jpg"]),
    passes=record(),
    mends=True,
)
def images_not_read(sample: Sample) -> Iterator[Seen]:
    """The pictures stand under `images`.

    Only `image` is read, one path or a list; such a record is trained on as text
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/train/train.py, _get_item).
    """
    yield from images_unread(sample)


@trainer_check(
    "T218",
    "far-too-many-tokens",
    "error",
    target="llava-next",
    does="stops",
    fails=record(f"<image>\n<image>\n<image>\n{QUESTION}"),
    passes=record(ASK),
    mends=True,
)
def far_too_many_tokens(sample: Sample) -> Iterator[Seen]:
    """There are two image tokens more than pictures.

    For one too many the last picture is shown again, for the next there is none left: an IndexError
    (LLaVA-VL/LLaVA-NeXT@df17966:llava/model/llava_arch.py, one record a step).
    """
    if has_member(sample, "image") and turns(sample):
        pictures, found = len(paths(member(sample, "image"))), tokens(kept(sample))
        if found > pictures + 1 and _fetched(sample):
            yield Seen(f"{IMAGE} {found} times, and pictures: {pictures}", "conversations", IMAGE)
