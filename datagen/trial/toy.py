"""A LLaVA of toy size: transformers' own classes, weights drawn at random, nothing downloaded.

What is small here is all that differs from LLaVA-1.5: a CLIP vision tower whose last layer but one is taken without its
class token, a projector of two layers, and a language model of Llama's kind of one layer. It knows tokens and pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

from datagen.trial.pictures import SIDE
from datagen.trial.words import BEGIN, IGNORED, PAD, STOP, Numbers

PATCH = 16
PATCHES = (SIDE // PATCH) ** 2
ROOM = 640
"""Tokens of a record that the toy is taught."""
TOGETHER = 8
"""Records a step."""


class Example(NamedTuple):
    """A record as the toy takes it."""

    numbers: Numbers
    pixels: np.ndarray[Any, Any] | None
    """None where the record has no picture, or does not ask for it."""


class Toy:
    """The model."""

    def __init__(self, vocabulary: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.model = LlavaForConditionalGeneration(_config(vocabulary))
        self.weights = sum(each.numel() for each in self.model.parameters())

    @property
    def projector(self) -> list[Any]:
        """What stage 1 trains."""
        return list(self.model.model.multi_modal_projector.parameters())

    @property
    def language(self) -> list[Any]:
        """What stage 2 trains beside it."""
        return [*self.model.model.language_model.parameters(), *self.model.lm_head.parameters()]

    def loss(self, examples: Sequence[Example]) -> Any:
        """The mean over all tokens that are trained on, as a tensor that gradients run back from."""
        return self.model(**_batch(examples)).loss

    def mean_loss(self, examples: Sequence[Example]) -> float:
        """The same over any number of examples, without gradients."""
        total, tokens = 0.0, 0
        with torch.no_grad():
            for some in _some(examples):
                count = sum(label != IGNORED for each in some for label in each.numbers.labels)
                total += float(self.loss(some)) * count
                tokens += count
        return total / tokens

    def repeats(self, examples: Sequence[Example]) -> list[bool]:
        """Whether the toy, asked what each example asks and always taking its likeliest word, would say just that
        answer: it would if each word is the likeliest after those before it."""
        found: list[bool] = []
        with torch.no_grad():
            for some in _some(examples):
                batch = _batch(some)
                likeliest = self.model(**batch).logits[:, :-1].argmax(-1)
                wanted = batch["labels"][:, 1:]
                found += ((likeliest == wanted) | (wanted == IGNORED)).all(1).tolist()
        return found

    def answer(self, example: Example, most: int = 200) -> list[int]:
        """What the toy says when it is asked what the example asks: tokens up to its end."""
        ids, labels, _ = _cut(example.numbers)
        asked = next(at for at, label in enumerate(labels) if label != IGNORED)
        given = {"input_ids": torch.tensor([ids[:asked]]), "attention_mask": torch.ones((1, asked), dtype=torch.long)}
        if example.pixels is not None:
            given["pixel_values"] = torch.from_numpy(example.pixels).unsqueeze(0)
        with torch.no_grad():
            said = self.model.generate(**given, max_new_tokens=most, do_sample=False, pad_token_id=PAD)
        return [int(each) for each in said[0, asked:]]


def _config(vocabulary: int) -> Any:
    vision = CLIPVisionConfig(
        hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, image_size=SIDE,
        patch_size=PATCH,
    )  # fmt: skip
    text = LlamaConfig(
        vocab_size=vocabulary, hidden_size=128, intermediate_size=256, num_hidden_layers=1, num_attention_heads=4,
        max_position_embeddings=2048, pad_token_id=PAD, bos_token_id=BEGIN, eos_token_id=STOP,
    )  # fmt: skip
    return LlavaConfig(
        vision_config=vision, text_config=text, image_token_id=vocabulary - 1, image_seq_length=PATCHES,
        vision_feature_layer=-2, vision_feature_select_strategy="default",
    )  # fmt: skip


def _some(examples: Sequence[Example]) -> list[Sequence[Example]]:
    return [examples[at : at + 2 * TOGETHER] for at in range(0, len(examples), 2 * TOGETHER)]


def _cut(numbers: Numbers) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """As much as there is room for."""
    ids = numbers.ids[:ROOM]
    return ids, numbers.labels[:ROOM], len(ids)


def _batch(examples: Sequence[Example]) -> dict[str, Any]:
    cut = [_cut(each.numbers) for each in examples]
    shape = (len(cut), max(length for *_, length in cut))
    ids, labels = torch.full(shape, PAD), torch.full(shape, IGNORED)
    mask = torch.zeros(shape, dtype=torch.long)
    for row, (words, trained, length) in enumerate(cut):
        ids[row, :length] = torch.tensor(words)
        labels[row, :length] = torch.tensor(trained)
        mask[row, :length] = 1
    batch = {"input_ids": ids, "labels": labels, "attention_mask": mask}
    pixels = [torch.from_numpy(each.pixels) for each in examples if each.pixels is not None]
    return {**batch, "pixel_values": torch.stack(pixels)} if pixels else batch
