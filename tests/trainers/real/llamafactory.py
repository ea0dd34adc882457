"""LLaMA-Factory's own data pipeline: converter, processor, template and plugin for pictures.

Run: data/converter.py (the ShareGPT converter, through align_dataset), data/processor/supervised.py, data/template.py
(qwen2_vl), data/mm_plugin.py (opens the pictures), with `datasets` 4.0.0, the newest that it allows. Stand-ins: torch,
the tokenizer (letters.py) and the picture processor, which gives each picture one token.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.trainers.oracle import Lost, Piece
from tests.trainers.real.files import beside, through
from tests.trainers.real.letters import Letters, own, pieces
from tests.trainers.real.stubs import without

REPOSITORY = "hiyouga/LLaMA-Factory"
COMMIT = "ff6d4d12eeb035d6ce06805a5733dd7b29f2ac30"
SETTING = "sharegpt formatting, columns and tags as the file has them; template qwen2_vl, cutoff_len long enough"
CUT = 1 << 30


def loader(checkouts: Path, images: Path) -> Callable[[Any], tuple[list[Piece], int]]:
    """Shows a record to the loader."""
    _imported(checkouts / "hiyouga+LLaMA-Factory" / "src")
    from llamafactory.data.converter import align_dataset
    from llamafactory.data.processor import SupervisedDatasetProcessor
    from llamafactory.data.template import TEMPLATES

    processor = SimpleNamespace(image_processor=_Pictures())
    data = SimpleNamespace(
        media_dir=str(images),
        streaming=False,
        preprocessing_num_workers=None,
        overwrite_cache=True,
        mask_history=False,
        cutoff_len=CUT,
        train_on_prompt=False,
    )
    training = SimpleNamespace(local_process_index=0)
    handle = SupervisedDatasetProcessor(TEMPLATES["qwen2_vl"], Letters(), processor, data)

    def take(dataset: Any, record: Any) -> tuple[list[Piece], int]:
        aligned = align_dataset(dataset, _attributes(record), data, training)
        made = handle.preprocess_dataset(aligned[len(aligned) - 1 :])
        if not made.get("input_ids"):
            raise Lost("Skipping this abnormal example")
        ids, labels = made["input_ids"][-1], made["labels"][-1]
        names = [Path(each["path"] if isinstance(each, dict) else each).name for each in made["images"][-1] or ()]
        said = len(aligned[-1]["_prompt"]) + 1
        return pieces(ids, [label != -100 for label in labels], names), own(said + 1, len(names))

    return lambda record: through(record, lambda dataset: take(dataset, record))


def _imported(source: Path) -> None:
    import datasets  # noqa: F401
    import transformers.image_utils
    import transformers.models.mllama.processing_mllama
    import transformers.video_utils  # noqa: F401

    sys.path.insert(0, str(source))
    without("torch", "torchaudio", "peft", "trl", "accelerate", "omegaconf", "modelscope")


class _Pictures:
    """One token for each picture."""

    merge_size = 2

    def __call__(self, images: list[Any], **_: Any) -> dict[str, Any]:
        import numpy

        return {"image_grid_thw": numpy.array([[1, 2, 2]] * len(images))}


def _attributes(record: Any) -> Any:
    """`dataset_info.json` as a person writes it for such a file."""
    from llamafactory.data.parser import DatasetAttr

    kind = beside(record)
    key = next(key for key in ("messages", "conversations", "conversation") if key in kind)
    chat = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
    named = {**chat, "system_tag": "system"} if key == "messages" else {}
    image = next((each for each in ("image", "images") if each in kind), None)
    return DatasetAttr("file", "data", "sharegpt", messages=key, images=image, **named)
