"""What the real packages read of an export, as each says it: run in an interpreter that has them, with all that it is
to load; prints a JSON line for each. It imports nothing of datagen's, and compares nothing."""

import hashlib
import json
import sys


def rows(file, cache):
    """`load_dataset`, and every row."""
    import datasets

    data = datasets.load_dataset("json", data_files=file, split="train", cache_dir=cache)
    return [told(dict(row)) for row in data]


def pasted(lines):
    """The lines that are told to be pasted, as far as they load, and every row of `data`; pictures as the digest of
    their pixels."""
    space = {}
    exec(lines.partition("from trl")[0].partition("data[0]")[0], space)
    return [told(dict(row) if hasattr(row, "keys") else list(row)) for row in space["data"]]


def told(value):
    """The same with every picture as its digest, and what old Arrow makes of lists of objects put back."""
    if hasattr(value, "convert"):
        return hashlib.sha256(value.convert("RGB").tobytes()).hexdigest()
    if isinstance(value, dict):
        return {key: told(inner) for key, inner in value.items()}
    return [told(inner) for inner in value] if isinstance(value, list) else value


def samples(tars):
    """`webdataset`, and every sample."""
    import webdataset

    data = webdataset.WebDataset(tars, shardshuffle=False).decode("pil")
    return [{key: told(value) for key, value in each.items() if key[0] != "_"} for each in data]


def table(path):
    """`pyarrow`, and every row of the parquet file."""
    import pyarrow.parquet

    return [
        {**row, "images": [hashlib.sha256(each["bytes"]).hexdigest() for each in row["images"]]}
        for row in pyarrow.parquet.read_table(path).to_pylist()
    ]


if __name__ == "__main__":
    for how, *arguments in json.loads(sys.argv[1]):
        print("read", json.dumps(globals()[how](*arguments)))
