"""Qwen2-VL's processor as `transformers` has it (template, pictures, tokens), without torch and with letters for words.

Real: Qwen2VLProcessor, its picture processor on PIL, `apply_chat_template`, a fast tokenizer. Its vocabulary is the 256
bytes and the special tokens of letters.py; its template is Qwen2-VL's own, from a checkout.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor

from tests.trainers.oracle import Piece
from tests.trainers.real.letters import SPECIALS, Letters, own, pieces, spoken

_PICTURE = re.compile(r"<\|vision_start\|>(?:<\|image_pad\|>)+<\|vision_end\|>")
_ONE = "<|vision_start|><|image_pad|><|vision_end|>"


class Rows(numpy.ndarray):
    """An array that can be copied as a tensor is."""

    def clone(self) -> Any:
        """A copy."""
        return self.copy()


class Processor(Qwen2VLProcessor):
    """Gives arrays where tensors are asked for, and keeps what it made last."""

    made: Any = None
    seen: tuple[str, ...] = ()

    def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
        """Any class: those for films are not there without torch."""
        return type(argument)

    def __call__(self, images: Any = None, text: Any = None, **more: Any) -> Any:
        more["return_tensors"] = "np"
        made = super().__call__(images=images, text=text, **more)
        made["input_ids"] = numpy.asarray(made["input_ids"]).view(Rows)
        type(self).made = made
        type(self).seen = tuple(_name(each) for each in _flat(images))
        return made


def processor(template: Path) -> Processor:
    """A processor with the template in that file."""
    alphabet = {letter: at for at, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    inner = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens(list(SPECIALS))
    words = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<|endoftext|>", eos_token="<|im_end|>")
    text = template.read_text("utf-8")
    return Processor(Qwen2VLImageProcessorPil(), words, None, chat_template=text)


def product(words: Any, ids: Any, images: list[str]) -> tuple[list[Piece], int]:
    """What one row of tokens says; the assistant's texts count as trained on."""
    text = words.tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
    again = Letters().encode(_PICTURE.sub(_ONE, text))
    return pieces(again, spoken(again), images), 0


def with_own(made: tuple[list[Piece], int], messages: int, images: int) -> tuple[list[Piece], int]:
    """The same, with what the markup itself has."""
    return made[0], own(messages, images)


def _flat(images: Any) -> list[Any]:
    if images is None:
        return []
    return [each for one in images for each in _flat(one)] if isinstance(images, list | tuple) else [images]


def _name(image: Any) -> str:
    """A picture's name: a path's end, or by its colour, as the pictures of the matrix are painted."""
    if isinstance(image, dict):
        image = image.get("path") or image.get("bytes")
    if isinstance(image, str):
        return image.rpartition("/")[2]
    level = image.convert("RGB").getpixel((0, 0))[0]
    return "abc"[round((level - 50) / 60)] + ".jpg"
