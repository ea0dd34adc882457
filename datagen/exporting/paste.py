"""The lines to paste: for each format, what its trainer is told so that it reads the export.

They are printed, kept in LOADING.md, and where a trainer wants a file of its own (`dataset_info.json`, InternVL's meta
file) written as that. It knows names and numbers, and no record.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import NamedTuple

PLACE = "PATH/TO/IMAGES"
"""What stands for the folder of pictures where nobody told it."""


class Told(NamedTuple):
    """What the lines are made with."""

    name: str
    """Of the data set: `datagen`, or `datagen_mock`."""
    folder: str
    """The export's, as it was given."""
    images: str
    """The pictures', or what to put in its place."""
    written: Mapping[str, int]
    """Records by format."""
    warning: str = ""
    """What whoever loads it must know."""
    embedded: bool = False
    """Whether the parquet files hold the pictures."""


def own_files(told: Told) -> dict[str, str]:
    """Files that trainers read themselves, by name."""
    files: dict[str, str] = {}
    if "llamafactory" in told.written:
        columns = {"messages": "conversations", "images": "images"}
        entry: dict[str, object] = {"file_name": "llamafactory.json", "formatting": "sharegpt", "columns": columns}
        files["dataset_info.json"] = _json({told.name: entry})
    if "internvl" in told.written:
        meta = {
            "root": f"{told.images}/",
            "annotation": f"{told.folder}/internvl.jsonl",
            "data_augment": False,
            "repeat_time": 1,
            "length": told.written["internvl"],
        }
        files["internvl_meta.json"] = _json({told.name: meta})
    return files


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, indent=2) + "\n"


def lines_for(form: str, told: Told) -> str:
    """The lines of one format. Those for mock data say so."""
    lines = LINES[form] if form != "parquet" else _EMBEDDED if told.embedded else _PARQUET
    warning = f"# {told.warning}\n" if told.warning else ""
    quoted = shlex.quote if _LANGUAGE.get(form) == "sh" else _in_quotes
    return warning + lines.format(**{**told._asdict(), "folder": quoted(told.folder), "images": quoted(told.images)})


def _in_quotes(text: str) -> str:
    """As Python and YAML read it between double quotes."""
    return json.dumps(text)[1:-1]


def page(told: Told) -> str:
    """LOADING.md: the lines of all formats that were written."""
    head = f"# How to load this\n\nFrom within this folder; `{PLACE}` is the folder of pictures.\n"
    if told.warning:
        head += f"\n**{told.warning}**\n"
    parts = [
        f"\n## {form}\n\n```{_LANGUAGE.get(form, 'python')}\n{lines_for(form, told)}```\n" for form in told.written
    ]
    return head + "".join(parts)


_LANGUAGE = {
    **dict.fromkeys(("llava", "llava-jsonl", "pretrain", "swift", "internvl"), "sh"),
    **dict.fromkeys(("llamafactory", "axolotl"), "yaml"),
}
_ROWS = """from datasets import Image, Sequence, load_dataset
data = load_dataset("json", data_files="{folder}/{file}", split="train")
data = data.map(lambda row: {{"images": ["{images}/" + name for name in row["images"]]}})
"""
_CAST = 'data = data.cast_column("images", Sequence(Image()))  # every message keeps its place for a picture\n'
_TRAINER = """from trl import SFTTrainer
trainer = SFTTrainer(model, train_dataset=data)
"""
_PARQUET = """from datasets import load_dataset
data = load_dataset("parquet", data_files="{folder}/parquet/*.parquet", split="train")
# the pictures' paths stand in data["images"], below {images}
"""
_EMBEDDED = """from datasets import load_dataset
data = load_dataset("parquet", data_files="{folder}/parquet/*.parquet", split="train")
data[0]["images"][0].show()  # the pictures are inside; TRL's SFTTrainer takes it as it is
"""
LINES: Mapping[str, str] = {
    "llava": "# haotian-liu/LLaVA (and LLaVA-NeXT), stage 2\n"
    "--data_path {folder}/llava.json --image_folder {images} --version v1\n",
    "llava-jsonl": "# LLaVA-NeXT takes lines too\n--data_path {folder}/llava.jsonl --image_folder {images}\n",
    "pretrain": "# haotian-liu/LLaVA, stage 1: the projector alone\n"
    "--data_path {folder}/pretrain.json --image_folder {images} --version plain --tune_mm_mlp_adapter True\n",
    "qwen": "# qwen-vl-finetune/qwenvl/data/__init__.py, then --dataset_use {name}\n"
    'data_dict["{name}"] = {{"annotation_path": "{folder}/qwen.json", "data_path": "{images}"}}\n',
    "internvl": "# internvl_chat\n--meta_path {folder}/internvl_meta.json --conv_style internvl2_5\n",
    "llamafactory": "# llamafactory-cli train; dataset_info.json stands beside the data\n"
    'dataset_dir: "{folder}"\ndataset: {name}\nmedia_dir: "{images}"\n',
    "swift": "# ms-swift: pictures are looked for below ROOT_IMAGE_DIR\n"
    "ROOT_IMAGE_DIR={images} swift sft --dataset {folder}/swift.jsonl\n",
    "axolotl": "# run in the folder of pictures, or under it their paths are not found: cd {images}\n"
    'datasets:\n  - path: "{folder}/axolotl.jsonl"\n'
    "    ds_type: json\n    type: chat_template\n"
    "    field_messages: messages\nskip_prepare_dataset: true\nremove_unused_columns: false\n"
    "sample_packing: false\n",
    "messages": _ROWS.replace("{file}", "messages.jsonl") + _CAST,
    "trl": _ROWS.replace("{file}", "trl.jsonl") + _CAST + _TRAINER,
    "openai": "from openai import OpenAI\nclient = OpenAI()  # it opens no path: --images DIR puts pictures inside\n"
    'client.files.create(file=open("{folder}/openai.jsonl", "rb"), purpose="fine-tune")\n',
    "imagefolder": "from datasets import load_dataset\n"
    'data = load_dataset("imagefolder", data_dir="{folder}/imagefolder", split="train")\n',
    "webdataset": "from glob import glob\nimport webdataset\n"
    'data = webdataset.WebDataset(sorted(glob("{folder}/webdataset/*.tar")), shardshuffle=False)\n'
    'data = data.decode("pil").to_tuple("jpg;png;webp", "json")\n',
}
