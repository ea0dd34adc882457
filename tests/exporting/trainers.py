"""What the trainers' own packages make of an export, as far as they come without a GPU: LLaMA-Factory reads its
dataset_info.json and the file beside it, ms-swift its lines, Axolotl's strategy and collator the rows of `datasets`.
Each in a process of its own (`axolotl`, `llamafactory`, `swift`); prints a JSON line; imports nothing of datagen's."""

import importlib.machinery
import json
import os
import sys
import types
from pathlib import Path


def llamafactory(folder, name, images, cache):
    """Its parser, its loader's file, its converter: the rows that are tokenized."""
    import transformers.audio_utils
    import transformers.processing_utils  # noqa: F401  (which must not believe in the stand-in for sounds below)

    sounds = types.ModuleType("torchaudio")
    sounds.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
    sys.modules.setdefault("torchaudio", sounds)
    from datasets import load_dataset
    from llamafactory.data.converter import get_dataset_converter
    from llamafactory.data.parser import get_dataset_list

    (told,) = get_dataset_list([name], folder)
    data = load_dataset("json", data_files=str(Path(folder) / told.dataset_name), split="train", cache_dir=cache)
    convert = get_dataset_converter(told.formatting, told, types.SimpleNamespace(media_dir=images))
    return [
        {"messages": made["_prompt"] + made["_response"], "system": made["_system"], "images": made["_images"]}
        for made in map(convert, data)
    ]


def swift(file, images):
    """Its own `load_dataset`, and its template's view of where the pictures are."""
    os.environ["ROOT_IMAGE_DIR"] = images
    from swift.dataset import load_dataset
    from swift.template.vision_utils import load_image

    data, _ = load_dataset(file, strict=True)
    return [
        {
            "messages": [{"role": each["role"], "content": each["content"]} for each in row["messages"]],
            "sizes": [load_image(each["path"] if isinstance(each, dict) else each).size for each in row["images"]],
        }
        for row in data
    ]


def axolotl(file, images, cache):
    """Its strategy and its collator, in the pictures' folder, on rows of `datasets`."""
    sys.path.insert(0, str(Path(__file__).parent))
    from axolotl.processing_strategies import ProcessingStrategy
    from axolotl.utils.collators.mm_chat import MultiModalChatDataCollator
    from datasets import load_dataset
    from processing import TEMPLATE, processor, told

    os.chdir(images)
    words = processor()
    strategy = ProcessingStrategy(words, TEMPLATE)
    collator = MultiModalChatDataCollator(words.tokenizer, strategy)
    data = load_dataset("json", data_files=file, split="train", cache_dir=cache)
    return [told(words, collator.torch_call([row])) for row in data]


if __name__ == "__main__":
    how, *arguments = json.loads(sys.argv[1])
    print("read", json.dumps(globals()[how](*arguments)))
