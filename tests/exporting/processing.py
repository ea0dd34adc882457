"""What `trl`'s collator and `transformers`' own processor make of an export: LLaVA's processor with a toy tokenizer of
bytes, so that every letter comes back. Prints a JSON line for each; imports nothing of datagen's, compares nothing."""

import hashlib
import json
import os
import sys
from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}[{{ message.role }}]{% for part in message.content %}"
    "{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}</s>{% endfor %}"
)


def processor():
    """LLaVA's, which takes four tokens for a picture."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import CLIPImageProcessor, LlavaProcessor, PreTrainedTokenizerFast

    letters = {letter: at for at, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    words = Tokenizer(models.BPE(vocab=letters, merges=[]))
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    words.decoder = decoders.ByteLevel()
    tokens = PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>",
        extra_special_tokens={"image_token": "<image>"},
    )  # fmt: skip
    pictures = CLIPImageProcessor(size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    return LlavaProcessor(
        pictures, tokens, patch_size=14, vision_feature_select_strategy="full", chat_template=TEMPLATE
    )


def told(words, batch):
    """The text that a model would see, and the digest of the pictures that come with it."""
    pixels = batch.get("pixel_values")
    return {
        "text": words.tokenizer.decode(batch["input_ids"][0], skip_special_tokens=False),
        "pictures": 0 if pixels is None else len(pixels),
        "pixels": "" if pixels is None else hashlib.sha256(pixels.numpy().tobytes()).hexdigest(),
    }


def collated(file, cache, images):
    """TRL's collator for models that see, on rows of `datasets` made with the lines to paste."""
    from datasets import Image, Sequence, load_dataset
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    words = processor()
    collator = DataCollatorForVisionLanguageModeling(words)
    data = load_dataset("json", data_files=file, split="train", cache_dir=cache)
    data = data.map(lambda row: {"images": [images + "/" + name for name in row["images"]]})
    data = data.cast_column("images", Sequence(Image()))
    return [told(words, collator([row])) for row in data]


def inside(file, cache):
    """The same of parquet files that hold the pictures, as they are."""
    from datasets import load_dataset
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    words = processor()
    collator = DataCollatorForVisionLanguageModeling(words)
    data = load_dataset("parquet", data_files=file, split="train", cache_dir=cache)
    return [told(words, collator([row])) for row in data]


def templated(file, images):
    """transformers' own `apply_chat_template`, which opens the paths in the parts itself, in the pictures' folder."""
    words = processor()
    os.chdir(images)
    rows = [json.loads(line)["messages"] for line in Path(file).read_text("ascii").splitlines()]
    how = {"tokenize": True, "return_dict": True, "return_tensors": "pt"}
    return [told(words, words.apply_chat_template([row], **how)) for row in rows]


def pictures(names, images):
    """The digest of each picture as the processor gives it."""
    from PIL import Image

    found = {}
    for name in sorted(set(names)):
        with Image.open(Path(images) / name) as picture:
            pixels = processor().image_processor(picture.convert("RGB"), return_tensors="pt")["pixel_values"]
            found[name] = hashlib.sha256(pixels.numpy().tobytes()).hexdigest()
    return found


if __name__ == "__main__":
    for how, *arguments in json.loads(sys.argv[1]):
        print("read", json.dumps(globals()[how](*arguments)))
