"""Axolotl's own strategy and collator for pictures and words, with Qwen2-VL's own processor (qwenvl.py).

Run: processing_strategies.py (Qwen2VLProcessingStrategy), utils/collators/mm_chat.py (MultiModalChatDataCollator), on
rows of `datasets` 4.8.4, which it asks for. Stand-ins: torch, and so the labels: what Qwen's role boundaries there say
(from `<|im_start|>assistant` to the end token) is read from the tokens instead.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.trainers.oracle import Piece
from tests.trainers.real.files import through, together
from tests.trainers.real.stubs import without

REPOSITORY = "axolotl-ai-cloud/axolotl"
COMMIT = "067b021c8b87a9e5e380b9173c704cf7340e30f5"
SETTING = "skip_prepare_dataset, chat_template qwen2_vl, as examples/qwen2-vl/lora-7b.yaml; run in the pictures' folder"


def loader(checkouts: Path, images: Path) -> Callable[[Any], tuple[list[Piece], int]]:
    """Shows a record to the loader."""
    import datasets  # noqa: F401
    import transformers.image_utils
    import transformers.models.internvl
    import transformers.models.smolvlm
    import transformers.models.voxtral  # noqa: F401

    from tests.trainers.real.qwenvl import processor, product, with_own

    source = checkouts / "axolotl-ai-cloud+axolotl" / "src"
    words = processor(source / "axolotl" / "utils" / "chat_templates" / "templates" / "qwen2_vl.jinja")
    sys.path.insert(0, str(source))
    without("torch", "torchvision", "torchaudio", "accelerate", "peft", "psutil", "trl", "bitsandbytes")
    from axolotl.processing_strategies import Qwen2VLProcessingStrategy
    from axolotl.utils.collators.mm_chat import MultiModalChatDataCollator

    class Strategy(Qwen2VLProcessingStrategy):
        said: Any = None

        def __call__(self, examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
            made = super().__call__(examples)
            type(self).said = made[0]["messages"]
            return made

        def process_labels(self, input_ids: Any) -> Any:
            return None

    strategy = Strategy(words, words.chat_template, None, None)
    collator = MultiModalChatDataCollator(words.tokenizer, strategy)

    def take(dataset: Any) -> tuple[list[Piece], int]:
        together(collator.torch_call, list(dataset))
        ids, seen, said = words.made["input_ids"][0], list(words.seen), Strategy.said
        return with_own(product(words, ids, seen), len(said) + (said[0]["role"] != "system" if said else 0), len(seen))

    def load(record: Any) -> tuple[list[Piece], int]:
        with contextlib.chdir(images):
            return through(record, take)

    return load
