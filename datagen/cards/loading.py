"""How each trainer is told to read the two files of a run's folder. `PICTURES` is where the pictures are."""

from __future__ import annotations

LLAVA = """python llava/train/train_mem.py --data_path llava.json --image_folder PICTURES --version v1 ..."""
LLAMAFACTORY = """\
# dataset_info.json, beside llava.json
{"datagen": {"file_name": "llava.json", "formatting": "sharegpt",
             "columns": {"messages": "conversations", "images": "image"}}}
# and for llamafactory-cli train
dataset: datagen
dataset_dir: .
media_dir: PICTURES"""
SWIFT = "ROOT_IMAGE_DIR=PICTURES swift sft --dataset llava.json ..."
QWEN = """\
# qwen-vl-finetune/qwenvl/data/__init__.py, then --dataset_use datagen
data_dict["datagen"] = {"annotation_path": "llava.json", "data_path": "PICTURES"}"""
TRL = """\
from datasets import Image, Sequence, load_dataset
data = load_dataset("json", data_files="messages.jsonl", split="train")
data = data.map(lambda row: {"images": ["PICTURES/" + name for name in row["images"]]})
data = data.cast_column("images", Sequence(Image()))  # as SFTTrainer takes it"""
OF_A_RUN = {
    "LLaVA and LLaVA-NeXT": LLAVA,
    "LLaMA-Factory": LLAMAFACTORY,
    "ms-swift": SWIFT,
    "qwen-vl-finetune": QWEN,
    "datasets, TRL": TRL,
    "any other": "datagen export RUN --format FORMAT -o DIR",
}
"""Heading → the lines to paste."""
