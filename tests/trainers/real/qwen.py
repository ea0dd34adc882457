"""The loader of qwen-vl-finetune: its dataset, its masks, its positions and its collator, imported whole.

Stand-ins: the processor (Qwen2.5-VL's chat template re-enacted; a picture is four `<|image_pad|>`, of which there must
be as many as pictures, as in transformers' Qwen2_5_VLProcessor), with Qwen's own vocabulary. A record that fails is
replaced by the next one: it is lost.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.trainers.oracle import Lost, Outcome, Piece, judge, meaning
from tests.trainers.real import llava
from tests.trainers.real.words import Qwen

REPOSITORY = "QwenLM/Qwen3-VL"
SETTING = "qwen-vl-finetune/scripts/sft_7b.sh: Qwen2.5-VL, data_flatten; the processor is re-enacted"
PADS = 4
GROUNDING = {f"<|{name}_{end}|>" for name in ("object_ref", "box", "quad") for end in ("start", "end")}
"""The marks of Qwen-VL's own form for places in a picture: whoever writes them means them."""


def loader(checkouts: Path, images: Path) -> Callable[[Any], Outcome]:
    """Shows a record to the loader."""
    sys.path.insert(0, str(checkouts / "QwenLM+Qwen3-VL" / "qwen-vl-finetune"))
    taken = importlib.import_module("qwenvl.data.data_processor")
    registry = importlib.import_module("qwenvl.data")
    taken.time = SimpleNamespace(sleep=lambda seconds: None)
    registry.data_dict["matrix"] = {"annotation_path": str(images / "data.json"), "data_path": str(images)}
    arguments = SimpleNamespace(
        dataset_use="matrix", model_type="qwen2.5vl", data_packing=False, data_flatten=True, min_pixels=1, max_pixels=9
    )
    processor = Processor()

    def load(record: Any) -> Outcome:
        (images / "data.json").write_text(json.dumps([record, llava.NEXT]), "ascii")
        made = taken.make_supervised_data_module(processor, arguments)
        item = made["train_dataset"][0]
        batch = made["data_collator"]([item])
        pieces = _pieces(batch, processor.tokenizer)
        if any("beside the tree" in piece.text for piece in pieces):
            raise Lost(_why(made["train_dataset"]))
        turns, pictures = meaning(record)
        return judge(record, pieces, 2 + 2 * len(turns or []) + 2 * len(pictures))

    return load


def _why(made: Any) -> str:
    try:
        made._get_item([made.list_data_dict[0]])
    except Exception as problem:
        return f"{type(problem).__name__}; the next record is taken for it"
    raise AssertionError("it was not lost")


def _pieces(batch: dict[str, Any], words: Qwen) -> list[Piece]:
    pixels = batch["pixel_values"]
    names = [] if pixels is None else ["abc"[int(number) - 1] + ".jpg" for number in pixels[::PADS, 0]]
    pieces = words.pieces(batch["input_ids"][0].tolist(), (batch["labels"][0] != -100).tolist())
    found: list[Piece] = []
    pads = 0
    for piece in pieces:
        if piece.text in GROUNDING:
            found.append(piece._replace(kind="text"))
        elif piece.text == "<|image_pad|>" and pads < PADS * len(names):
            if pads % PADS == 0:
                found.append(Piece(names[pads // PADS], piece.trained, "image"))
            pads += 1
        else:
            found.append(piece)
    return found


class Processor:
    """Stands for Qwen2.5-VL's."""

    def __init__(self) -> None:
        self.tokenizer = Qwen(8192)
        self.image_processor = SimpleNamespace(size={}, merge_size=1)
        self.video_processor = None

    def apply_chat_template(self, messages: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        """A dialogue's tokens and pictures."""
        import torch
        from PIL import Image

        pictures = []
        text = "" if messages[0]["role"] == "system" else "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
        for message in messages:
            text += f"<|im_start|>{message['role']}\n"
            for part in message["content"]:
                if part["type"] == "image":
                    pictures.append(Image.open(part["image"]).convert("RGB"))
                    text += "<|vision_start|><|image_pad|><|vision_end|>"
                else:
                    text += str(part["text"])
            text += "<|im_end|>\n"
        made: dict[str, Any] = {}
        if pictures:
            text = self._padded(text, len(pictures))
            pixels = [llava.Pixels().preprocess(picture)["pixel_values"][0][0, 0, 0] for picture in pictures]
            made["pixel_values"] = torch.stack([pixel for pixel in pixels for _ in range(PADS)]).unsqueeze(1)
            made["image_grid_thw"] = torch.tensor([[1, 2, 2]] * len(pictures))
        return {"input_ids": torch.tensor([self.tokenizer.ids(text)]), **made}

    def _padded(self, text: str, pictures: int) -> str:
        halves = text.split("<|image_pad|>")
        if len(halves) - 1 > pictures:
            raise IndexError("more image tokens than pictures")
        return ("<|image_pad|>" * PADS).join(halves)
