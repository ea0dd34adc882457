"""LLaVA-NeXT's own loader: its dataset, sampler, collator and the place where pictures are put between words.

Run and stood in for as LLaVA's (llava.py), with the vocabulary and special tokens of Qwen2 and the template `qwen_1_5`
of the repository's own scripts. Its dataset takes the next record for one that fails: such a record is lost.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.trainers.oracle import Lost, Outcome
from tests.trainers.real import llava
from tests.trainers.real.extract import definitions
from tests.trainers.real.words import Qwen

REPOSITORY = "LLaVA-VL/LLaVA-NeXT"
SETTING = (
    "scripts/train/finetune_ov.sh: version qwen_1_5, group_by_modality_length, model_max_length 32768; images as pad"
)


def loader(checkouts: Path, images: Path) -> Callable[[Any], Outcome]:
    """Shows a record to the loader."""
    folder = checkouts / "LLaVA-VL+LLaVA-NeXT"
    words = Qwen(32768, vision=False)
    space, sampler = _space(folder)
    arguments = SimpleNamespace(
        is_multimodal=True,
        mm_use_im_start_end=False,
        early_mix_text=False,
        image_folder=str(images),
        image_aspect_ratio="pad",
        image_processor=llava.Pixels(),
    )
    arch = llava.arch(folder / "llava/model/llava_arch.py")
    collate = space["DataCollatorForSupervisedDataset"](words)

    def load(record: Any) -> Outcome:
        beside = llava.NEXT if isinstance(record, dict) and "image" in record else llava.NEXT_TEXT
        (images / "data.json").write_text(json.dumps([record, beside]), "ascii")
        made = space["LazySupervisedDataset"](str(images / "data.json"), words, arguments)
        sampler["get_modality_length_grouped_indices"](made.modality_lengths, 1, 1)
        items = [made[0], made[1]]
        if items[0]["id"] == "next":
            raise Lost(_why(made))
        orders = [[items[0]], [items[0], items[1]], [items[1], items[0]]]
        told = [llava.batch(order, collate, arch, words, record, beside, items[0], _frame, True) for order in orders]
        return min(told, key=lambda each: llava.WORST.index(each.outcome))

    return load


def _why(made: Any) -> str:
    try:
        made._get_item(0)
    except Exception as problem:
        return f"{type(problem).__name__}; the next record is taken for it"
    raise AssertionError("it was not lost")


def _space(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    import torch
    import transformers
    from PIL import Image

    around = llava.usual(folder)
    around |= {"torch": torch, "transformers": transformers, "Image": Image, "copy": copy, "json": json}
    around["rank0_print"] = print
    around["conversation_lib"] = SimpleNamespace(
        default_conversation=SimpleNamespace(sep_style="chatml", version="qwen"),
        SeparatorStyle=SimpleNamespace(PLAIN="plain", LLAMA_2="llama 2"),
    )
    names = {"preprocess_multimodal", "preprocess_qwen", "preprocess", "LazySupervisedDataset"}
    names |= {"DataCollatorForSupervisedDataset"}
    _same_template(folder)
    sampler = {"split_to_even_chunks", "get_modality_length_grouped_indices", "get_length_grouped_indices"}
    return (
        definitions(folder / "llava/train/train.py", names, around),
        definitions(folder / "llava/train/llava_trainer.py", sampler, {"torch": torch}),
    )


def _same_template(folder: Path) -> None:
    """The script's template is still the one whose version is `qwen` (its module asks for models when imported)."""
    source = (folder / "llava/conversation.py").read_text("utf-8")
    assert '"qwen_1_5": conv_qwen' in source
    assert 'version="qwen"' in source


def _frame(record: Any) -> int:
    """The start and end of each turn, and of the system's that the loader sets itself."""
    return 2 + 2 * len(record["conversations"])
