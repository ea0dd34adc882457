"""A record in a file of its own kind, and that file through `datasets`, as trainers read it.

Beside the record stands a sound one of its form, so that what Arrow does to a column (a member that is missing becomes
null) is done. What a mixture of types does to a whole file is another matter (the target `hf`): where the record's
types differ from its companion's, it is alone.
"""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.trainers.matrix import ASK, IMAGE, A, chat, part, talk

T = Any


def beside(record: Any) -> dict[str, Any]:
    """A sound record of the same form."""
    if not isinstance(record, dict):
        return talk(ASK, A)
    key = next((key for key in ("messages", "conversations", "conversation") if record.get(key) is not None), "")
    key = key or next((key for key in ("messages", "conversation") if key in record), "conversations")
    image = {"images": [IMAGE]} if "images" in record or key == "messages" else {"image": IMAGE}
    image = {"image": IMAGE} if "images" not in record and "image" in record else image
    if key != "messages":
        turns = talk(ASK, A)["conversations"]
        return {"id": "0", **image, key: turns}
    typed = any(isinstance(each, dict) and isinstance(each.get("content"), list) for each in record[key] or [])
    listed = chat(part("What?", 1), part("That.")) if typed else chat(ASK, A)
    if typed and "images" not in record and "image" not in record:
        listed["messages"][0]["content"][0]["image"] = IMAGE
        image = {}
    return {"id": "0", **image, "messages": listed["messages"]}


def through(record: Any, run: Callable[[Any], T]) -> T:
    """`run` on the dataset of a file with a sound record first and this one last; where a file of both does not load,
    on one with this record alone."""
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = _read([beside(record), record], Path(folder), "both")
        except Exception:
            alone = record
            if isinstance(record, dict):
                alone = {**dict.fromkeys(key for key in beside(record) if key in ("image", "images", "id")), **record}
            made = _read([alone], Path(folder), "alone")
        return run(made)


def _read(records: list[Any], folder: Path, name: str) -> Any:
    from datasets import load_dataset

    path = folder / f"{name}.json"
    path.write_text(json.dumps(records), "ascii")
    return load_dataset("json", data_files=str(path), split="train", cache_dir=str(folder / name))


def together(collate: Callable[[list[Any]], Any], rows: list[Any]) -> None:
    """A batch of the last row and the one before it, if that one can be in a batch; then one of the last alone."""
    try:
        collate(copy.deepcopy(rows[:-1]))
    except Exception:
        rows = rows[-1:]
    collate(copy.deepcopy(rows[::-1]))
    collate(copy.deepcopy(rows[-1:]))
