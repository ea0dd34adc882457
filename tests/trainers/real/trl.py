"""TRL's own collator for pictures and words, from the installed package, with Qwen2-VL's own processor (qwenvl.py).

Run: trl/trainer/sft_trainer.py (DataCollatorForVisionLanguageModeling, and where a file has no column of pictures
_tokenize, since SFTTrainer then takes it for a file of texts), trl/data_utils.py (prepare_multimodal_messages), on rows
of `datasets`, as SFTTrainer hands them over. Stand-in: torch. The loss is on the whole dialogue by TRL's design; what
is counted as trained on here are the assistant's texts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.trainers.oracle import Piece
from tests.trainers.real.files import through, together
from tests.trainers.real.stubs import without

REPOSITORY = "huggingface/trl"
SETTING = "trl 1.16.0, SFTTrainer's collator for a vision model; Qwen2-VL's processor, no max_length"
COMMIT = "v1.16.0"
KEPT = ("messages", "prompt", "completion", "image", "images")


def loader(checkouts: Path, images: Path) -> Callable[[Any], tuple[list[Piece], int]]:
    """Shows a record to the loader."""
    import datasets  # noqa: F401
    import trl.data_utils

    from tests.trainers.real.qwenvl import processor, product, with_own

    words = processor(Path(trl.data_utils.__file__).with_name("chat_templates") / "qwen2_5_vl.jinja")
    without("torch", "torchvision", "torchaudio", "accelerate", "peft", "psutil")
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    collator = DataCollatorForVisionLanguageModeling(words)

    def rows(dataset: Any) -> list[Any]:
        return [{key: each[key] for key in KEPT if key in dataset.column_names} for each in dataset]

    def take(dataset: Any) -> tuple[list[Piece], int]:
        if "image" not in dataset.column_names and "images" not in dataset.column_names:
            said = trl.data_utils.maybe_convert_to_chatml(dataset[-1])["messages"]
            ids, seen = trl.data_utils._tokenize(words, said)["input_ids"], []
        else:
            together(collator.torch_call, rows(dataset))
            said, ids, seen = dataset[-1]["messages"], words.made["input_ids"][0], words.seen
        messages = len(said) + (said[0]["role"] != "system" if said else 0)
        return with_own(product(words, ids, list(seen)), messages, len(seen))

    def load(record: Any) -> tuple[list[Piece], int]:
        with contextlib.chdir(images):
            return through(record, take)

    return load
