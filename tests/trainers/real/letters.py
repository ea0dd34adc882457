"""A tokenizer of letters that knows the special tokens of two families of models, and chat markup read back from it.

Trainers such as LLaMA-Factory train any model, so a text is judged by the tokens of both Qwen2-VL (`<|im_end|>` …) and
LLaVA (`</s>` …): what is a token to either is one here, and every other letter is one token. Which texts a trainer
sets, in which order, with what around them and which of them it trains on does not hang on a vocabulary.
"""

from __future__ import annotations

import re
from typing import Any

from tests.trainers.oracle import Piece

_NAMES = "endoftext im_start im_end object_ref_start object_ref_end box_start box_end quad_start quad_end"
_NAMES += " vision_start vision_end vision_pad image_pad video_pad"
SPECIALS = {
    name: 0x110000 + at for at, name in enumerate([f"<|{n}|>" for n in _NAMES.split()] + ["<s>", "</s>", "<unk>"])
}
NAMES = {number: name for name, number in SPECIALS.items()}
PAD, START, END = SPECIALS["<|image_pad|>"], SPECIALS["<|im_start|>"], SPECIALS["<|im_end|>"]
_SPLIT = re.compile("(" + "|".join(map(re.escape, SPECIALS)) + ")")


class Letters:
    """What loaders ask of a tokenizer."""

    eos_token, eos_token_id = "<|im_end|>", END
    pad_token, pad_token_id = "<|endoftext|>", SPECIALS["<|endoftext|>"]
    bos_token = bos_token_id = None
    padding_side = "right"
    model_max_length = 1 << 30

    def encode(self, text: str, add_special_tokens: bool = False, **_: Any) -> list[int]:
        """A text's tokens, special ones read out of it."""
        if not isinstance(text, str):
            raise TypeError("TextEncodeInput must be Union[TextInputSequence, Tuple[InputSequence, InputSequence]]")
        found: list[int] = []
        for piece in _SPLIT.split(text):
            found += [SPECIALS[piece]] if piece in SPECIALS else map(ord, piece)
        return found

    def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
        return {"input_ids": self.encode(text)}

    def convert_tokens_to_ids(self, token: str) -> int:
        return SPECIALS[token]

    def decode(self, ids: list[int], **_: Any) -> str:
        return "".join(NAMES.get(number) or chr(number) for number in ids)


def pieces(ids: list[int], trained: list[bool], images: list[str]) -> list[Piece]:
    """What tokens and a mask say: each image token one of the pictures, as long as there are any."""
    found: list[Piece] = []
    left = list(images)
    for number, label in zip(ids, trained, strict=True):
        if number == PAD and left:
            found.append(Piece(left.pop(0), label, "image"))
        elif number in NAMES:
            found.append(Piece(NAMES[number], label, "special"))
        elif found and found[-1].kind == "text" and found[-1].trained == label:
            found[-1] = Piece(found[-1].text + chr(number), label)
        else:
            found.append(Piece(chr(number), label))
    return found + [Piece(f"{name}, never shown", False, "special") for name in left]


def own(messages: int, images: int) -> int:
    """How many special tokens chat markup has: two for each message, two around each picture."""
    return 2 * messages + 2 * images


def spoken(ids: list[int], role: str = "assistant") -> list[bool]:
    """Which tokens a role says, as markup has it: those after `<|im_start|>assistant` and a line's end."""
    head = [START, *map(ord, role), ord("\n")]
    mask, speaking = [False] * len(ids), False
    at = 0
    while at < len(ids):
        if not speaking and ids[at : at + len(head)] == head:
            speaking, at = True, at + len(head)
            continue
        mask[at] = speaking
        speaking = speaking and ids[at] != END
        at += 1
    return mask
