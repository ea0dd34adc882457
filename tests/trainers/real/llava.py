"""LLaVA's own loader: its dataset, sampler, collator and the place where pictures are put between words.

Run: train.py (LazySupervisedDataset, preprocess…, the collator), llava_trainer.py (the sampler by length),
mm_utils.py (tokenizer_image_token), conversation.py, llava_arch.py (prepare_inputs_labels_for_multimodal). Stand-ins:
the tokenizer (words.py), the picture's pixels (all of one number, which tells the picture), the embeddings (a token's
number). Batches of one and two, the record first and last in them; the worst of them counts.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.trainers.matrix import said
from tests.trainers.oracle import Outcome, Piece, judge
from tests.trainers.real.extract import definitions, module
from tests.trainers.real.words import Llama, Words

REPOSITORY = "haotian-liu/LLaVA"
SETTING = "scripts/v1_5/finetune.sh: version v1, group_by_modality_length, model_max_length 2048; images as square"
WIDTH = 576
"""Tokens of a picture of 336 by 336 pixels, which is what the script's vision tower takes."""
WORST = ("stops", "lost", "damaged", "loaded")
NEXT = said(("human", "<image>\nWhat stands beside the tree?"), ("gpt", "A bench."), image="c.jpg", id="next")
NEXT_TEXT = said(("human", "What is a tree?"), ("gpt", "A tall plant."), image=..., id="next")


def loader(checkouts: Path, images: Path, version: str = "v1") -> Callable[[Any], Outcome]:
    """Shows a record to the loader."""

    words = Llama(2048)
    data, collate, lengths = _train(checkouts / "haotian-liu+LLaVA", images, words, version)
    joined = arch(checkouts / "haotian-liu+LLaVA" / "llava" / "model" / "llava_arch.py", WIDTH, 2048)

    def load(record: Any) -> Outcome:
        beside = NEXT if version == "plain" or (isinstance(record, dict) and "image" in record) else NEXT_TEXT
        made = data([record, beside])
        lengths(made)
        items = [made[0], made[1]]
        orders = [[items[0]], [items[0], items[1]], [items[1], items[0]]]
        frame = _plain_frame if version == "plain" else _frame
        asks = version != "plain"
        told = [batch(order, collate, joined, words, record, beside, items[0], frame, asks) for order in orders]
        return min(told, key=lambda each: WORST.index(each.outcome))

    return load


def _train(folder: Path, images: Path, words: Words, version: str) -> tuple[Any, Any, Any]:
    import torch
    import transformers
    from PIL import Image

    talks = module(folder / "llava/conversation.py")
    talks.default_conversation = talks.conv_templates[version]
    tokens = definitions(folder / "llava/mm_utils.py", {"tokenizer_image_token"}, {**usual(folder), "torch": torch})
    around = {
        "conversation_lib": talks,
        "tokenizer_image_token": tokens["tokenizer_image_token"],
        "IS_TOKENIZER_GREATER_THAN_0_14": True,
        **{"torch": torch, "transformers": transformers, "Image": Image, "copy": copy, "json": json, "local_rank": 1},
        **usual(folder),
    }
    names = {"preprocess_multimodal", "preprocess_v1", "preprocess_plain", "preprocess", "LazySupervisedDataset"}
    names |= {"DataCollatorForSupervisedDataset", "rank0_print"}
    train = definitions(folder / "llava/train/train.py", names, around)
    sampler = definitions(
        folder / "llava/train/llava_trainer.py",
        {"split_to_even_chunks", "get_modality_length_grouped_indices", "get_length_grouped_indices"},
        {"torch": torch},
    )
    arguments = SimpleNamespace(
        is_multimodal=True,
        mm_use_im_start_end=False,
        image_folder=str(images),
        image_aspect_ratio="square",
        image_processor=Pixels(),
    )

    def data(records: list[Any]) -> Any:
        (images / "data.json").write_text(json.dumps(records), "ascii")
        return train["LazySupervisedDataset"](str(images / "data.json"), words, arguments)

    def lengths(made: Any) -> None:
        if version == "plain":
            return
        sampler["get_modality_length_grouped_indices"](made.modality_lengths, 1, 1)

    return data, train["DataCollatorForSupervisedDataset"](words), lengths


CONSTANTS = {"IGNORE_INDEX", "IMAGE_TOKEN_INDEX", "DEFAULT_IMAGE_TOKEN", "DEFAULT_IM_START_TOKEN"}


def usual(folder: Path) -> dict[str, Any]:
    """Names that the sources import."""
    import os
    import random
    import re
    import time
    import typing
    from dataclasses import dataclass, field

    import torch

    quick = SimpleNamespace(**{**vars(time), "sleep": lambda seconds: None})
    constants = definitions(folder / "llava/constants.py", CONSTANTS | {"DEFAULT_IM_END_TOKEN"}, {})
    return {
        **{key: value for key, value in constants.items() if key.isupper()},
        **{"os": os, "re": re, "random": random, "time": quick, "dataclass": dataclass, "field": field},
        **{name: getattr(typing, name) for name in ("Any", "Dict", "List", "Optional", "Sequence", "Tuple")},
        "Dataset": torch.utils.data.Dataset,
        "DataArguments": object,
    }


class Pixels:
    """A picture's processor: all its pixels are the number of the picture, from 1."""

    image_mean = (0.5, 0.5, 0.5)

    def __init__(self) -> None:
        self.crop_size = {"height": 2, "width": 2}

    def preprocess(self, image: Any, **_: Any) -> dict[str, Any]:
        import torch

        number = round((image.getpixel((image.width // 2, image.height // 2))[0] - 50) / 60) + 1
        return {"pixel_values": [torch.full((3, 2, 2), float(number))]}


def arch(path: Path, width: int = 1, longest: int | None = None) -> Callable[..., Any]:
    """The place where pictures are put between words, with a model of stand-ins around it: a picture is `width` tokens
    wide, and what is longer than `longest` is cut."""
    import torch

    around = {"torch": torch, "IGNORE_INDEX": -100, "IMAGE_TOKEN_INDEX": -200}
    space = definitions(path, {"prepare_inputs_labels_for_multimodal"}, around)
    model = SimpleNamespace(embed_tokens=lambda ids: torch.stack([ids.double(), torch.zeros(len(ids)).double()], 1))
    itself = SimpleNamespace(
        get_vision_tower=lambda: object(),
        get_model=lambda: model,
        encode_images=lambda pixels: (
            torch.stack([pixels[:, 0, 0, 0].double(), torch.ones(len(pixels)).double()], 1)
            .unsqueeze(1)
            .repeat(1, width, 1)
        ),
        config=SimpleNamespace(tokenizer_model_max_length=longest),
        device="cpu",
        training=True,
    )
    return lambda *given, **named: space["prepare_inputs_labels_for_multimodal"](itself, *given, **named)


def batch(
    order: list[Any], collate: Any, joined: Any, words: Words, record: Any, beside: Any, own: Any, frame: Any, asks: Any
) -> Outcome:
    """What a batch makes of the record, and of the one beside it."""
    batch = collate(order)
    more = {key: batch[key] for key in ("modalities", "image_sizes") if key in batch}
    _, _, mask, _, embedded, labels = joined(
        batch["input_ids"], None, batch["attention_mask"], None, batch["labels"], batch["images"], **more
    )
    for row, item in enumerate(order):
        kept = mask[row].bool()
        pieces = _pieces(
            embedded[row][kept].tolist(), labels[row][kept].tolist(), words, 1 if words.bos_token is None else WIDTH
        )
        whose = record if item is own else beside
        told = judge(whose, pieces, frame(whose), asks)
        if told.outcome != "loaded":
            return told if item is own else Outcome("damaged", f"the record beside it: {told.how}")
    return Outcome("loaded")


def _pieces(rows: list[list[float]], labels: list[int], words: Words, width: int) -> list[Piece]:
    found: list[Piece] = []
    ids: list[int] = []
    trained: list[bool] = []
    seen = 0
    for (number, picture), label in [*zip(rows, labels, strict=True), ((-1, 2), -100)]:
        if picture:
            found += words.pieces(ids, trained)
            ids, trained = [], []
        if picture == 1 and seen % width == 0:
            found.append(Piece({0: "none"}.get(int(number), "xabc"[int(number)] + ".jpg"), label != -100, "image"))
        seen += picture == 1
        if not picture:
            ids.append(int(number))
            trained.append(label != -100)
    return found


def _frame(record: Any) -> int:
    """One `<s>`, and one `</s>` after each answer."""
    return 1 + sum(turn["from"] == "gpt" for turn in record["conversations"])


def _plain_frame(record: Any) -> int:
    """One `<s>`."""
    return 1
