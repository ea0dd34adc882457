"""ms-swift's own preprocessor and template.

Run: swift/dataset/preprocessor/core.py (AutoPreprocessor, as for a local file), swift/template/template_inputs.py and
base.py (Template.encode with the markup of qwen2_vl), on `datasets` 4.8.4. A row whose encoding fails is left out, as
swift/dataset/utils.py does (LazyLLMDataset takes another row in its place). Stand-ins: torch, modelscope, the tokenizer
(letters.py), and for the picture's tokens one, where Qwen's template asks a package for their number.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.trainers.oracle import Lost, Outcome, Piece, judge
from tests.trainers.real.files import through
from tests.trainers.real.letters import Letters, own, pieces
from tests.trainers.real.stubs import without

REPOSITORY = "modelscope/ms-swift"
COMMIT = "3602360a562313afbf2ef6065fdf61f271a2c5b9"
SETTING = "a local file, automatic columns, strict off; template qwen2_vl, no max_length"


def loader(checkouts: Path, images: Path) -> Callable[[Any], Outcome]:
    """Shows a record to the loader."""
    template = _template(checkouts / "modelscope+ms-swift", images)
    from swift.dataset.preprocessor.core import AutoPreprocessor, RowPreprocessor

    def take(dataset: Any) -> tuple[list[Piece], int]:
        made = AutoPreprocessor()(dataset, load_from_cache_file=False, strict=False, enable_auto_mapping=True)
        if len(made) < len(dataset):
            raise Lost("There are errors in the dataset, the data will be deleted")
        row = RowPreprocessor.remove_useless_columns(made)[-1]
        try:
            encoded = template.encode(row, return_template_inputs=True, return_length=True)
        except Exception as problem:
            raise Lost(f"another is taken: {type(problem).__name__}") from problem
        inputs = encoded["template_inputs"]
        names = [_name(image) for image in inputs.images]
        said = sum(message["content"] is not None for message in inputs.messages)
        made_of = pieces(encoded["input_ids"], [label != -100 for label in encoded["labels"]], names)
        return made_of, _marks(said + 1, len(names), inputs.messages)

    def load(record: Any) -> Outcome:
        with contextlib.chdir(images):
            made, marks = through(record, take)
            return judge(_as_it_reads_it(record), made, None if '"tool"' in json.dumps(record) else marks)

    return load


def _as_it_reads_it(record: Any) -> Any:
    """`bot` is one of its names for the model."""
    return json.loads(json.dumps(record).replace('"bot"', '"assistant"'))


def _marks(messages: int, images: int, said: list[dict[str, Any]]) -> int:
    """Special tokens of the markup: a last question without an answer opens one all the same."""
    return own(messages, images) + (said[-1]["content"] is None)


def _template(source: Path, folder: Path) -> Any:
    import datasets  # noqa: F401
    import transformers.image_utils  # noqa: F401

    sys.path.insert(0, str(source))
    heavy = ("swift.hub", "swift.model", "swift.infer_engine", "swift.megatron")
    without(*heavy, *("transformers.trainer", "transformers.modeling_utils", "modelscope"))
    without("torch", "torchvision", "torchaudio", "accelerate", "peft", "trl")
    import modelscope.hub.utils.utils

    modelscope.hub.utils.utils.get_cache_dir = lambda *_, **__: str(folder / "cache")
    from swift.template import TEMPLATE_MAPPING
    from swift.template.base import Template

    class OneToken(Template):
        placeholder_tokens = ["<|image_pad|>"]  # noqa: RUF012

        def replace_tag(self, media_type: str, index: int, inputs: Any) -> list[Any]:
            if media_type != "image":
                raise AssertionError("Qwen2-VL's template opens no films and sounds here")
            return ["<|vision_start|><|image_pad|><|vision_end|>"]

    model = SimpleNamespace(config=None, task_type="causal_lm", max_model_len=None)
    words = SimpleNamespace(tokenizer=Letters(), model_info=model, model_meta=SimpleNamespace(is_multimodal=True))
    template = OneToken(words, TEMPLATE_MAPPING["qwen2_vl"])
    template.mode = "train"
    return template


def _name(image: Any) -> str:
    """A picture's name by its colour, as the pictures of the matrix are painted."""
    if isinstance(image, str):
        return image.rpartition("/")[2]
    level = image.convert("RGB").getpixel((0, 0))[0]
    return "abc"[round((level - 50) / 60)] + ".jpg"
