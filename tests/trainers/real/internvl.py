"""InternVL's loader: its dataset, its way of cutting pictures, its template `internvl2_5` and its masks.

Run: internvl_chat_finetune.py (LazySupervisedDataset), dataset.py (preprocess_internvl2_5, dynamic_preprocess),
conversation.py. Stand-ins: the picture's pixels, four `<IMG_CONTEXT>` for a picture; the vocabulary is Qwen's, as
InternVL3's is. A record that fails is replaced by another at random: it is lost, unless the report of it fails too.
"""

from __future__ import annotations

import copy
import json
import os
import random
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.trainers.oracle import Lost, Outcome, Piece, judge, meaning
from tests.trainers.real import llava
from tests.trainers.real.extract import definitions, module
from tests.trainers.real.words import Qwen

REPOSITORY = "OpenGVLab/InternVL"
SETTING = "internvl3_8b_dynamic_res_2nd_finetune_full.sh: internvl2_5, group_by_length, max_seq_length 16384"
CONTEXT = 4
GROUNDING = {f"<{end}{name}>" for end in ("", "/") for name in ("ref", "box", "quad")}
"""The marks of InternVL's own form for places in a picture: whoever writes them means them."""


def loader(checkouts: Path, images: Path) -> Callable[[Any], Outcome]:
    """Shows a record to the loader."""
    space = _space(checkouts / "OpenGVLab+InternVL" / "internvl_chat" / "internvl")
    words = Qwen(16384)
    words.add_tokens(["<img>", "</img>", "<IMG_CONTEXT>", "<quad>", "</quad>", "<ref>", "</ref>", "<box>", "</box>"])
    path = images / "data.jsonl"

    def load(record: Any) -> Outcome:
        path.write_text("\n".join(json.dumps(each) for each in [record, *[llava.NEXT] * 9]), "ascii")
        made = space["LazySupervisedDataset"](
            "internvl2_5",
            {"annotation": str(path), "root": str(images)},
            words,
            None,
            ds_name="matrix",
            num_image_token=CONTEXT,
            group_by_length=True,
            dynamic_image_size=True,
            use_thumbnail=True,
        )
        pieces = _pieces(made[0], words)
        if any("beside the tree" in piece.text for piece in pieces):
            raise Lost("another record is taken for it at random")
        turns, pictures = meaning(record)
        first = turns and not turns[0].model and record["conversations"][0]["from"] == "system"
        return judge(record, pieces, 2 * len(turns or []) + (0 if first else 2) + 2 * len(pictures))

    return load


def _space(folder: Path) -> dict[str, Any]:
    import numpy
    import torch
    from PIL import Image, UnidentifiedImageError

    names = {"IMG_CONTEXT_TOKEN", "IMG_START_TOKEN", "IMG_END_TOKEN"}
    around = definitions(folder / "train/constants.py", names, {})
    around |= {"np": numpy, "torch": torch, "F": torch.nn.functional, "transformers": SimpleNamespace()}
    around |= {"IGNORE_TOKEN_ID": -100, "get_conv_template": module(folder / "conversation.py").get_conv_template}
    around |= {"Dict": dict, "PreTrainedTokenizer": object, "Image": Image}
    around["transformers"] = SimpleNamespace(PreTrainedTokenizer=object)
    wanted = {"preprocess_internvl2_5", "dynamic_preprocess", "find_closest_aspect_ratio"}
    around |= {name: definitions(folder / "train/dataset.py", wanted, around)[name] for name in wanted}
    others = dict.fromkeys(("preprocess", "preprocess_mpt", "preprocess_internlm", "preprocess_phi3"))
    around |= {"json": json, "os": os, "random": random, "traceback": traceback, "deepcopy": copy.deepcopy, **others}
    around |= {"UnidentifiedImageError": UnidentifiedImageError, "Dataset": torch.utils.data.Dataset}
    around["logger"] = SimpleNamespace(info=lambda text: None)
    around["build_transform"] = lambda **_: lambda image: llava.Pixels().preprocess(image)["pixel_values"][0]
    return definitions(folder / "train/internvl_chat_finetune.py", {"LazySupervisedDataset"}, around)


def _pieces(item: dict[str, Any], words: Qwen) -> list[Piece]:
    shown = [int(pixel[0, 0, 0]) for pixel, flag in zip(item["pixel_values"], item["image_flags"], strict=True) if flag]
    kept = item["attention_mask"].bool()
    pieces = words.pieces(item["input_ids"][kept].tolist(), (item["labels"][kept] != -100).tolist())
    found: list[Piece] = []
    seen = 0
    for piece in pieces:
        if piece.text in GROUNDING:
            found.append(piece._replace(kind="text"))
        elif piece.text == "<IMG_CONTEXT>" and seen < CONTEXT * len(shown):
            if seen % CONTEXT == 0:
                found.append(Piece("xabc"[shown[seen // CONTEXT]] + ".jpg", piece.trained, "image"))
            seen += 1
        else:
            found.append(piece)
    return found
