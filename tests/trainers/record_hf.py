"""Runs the installed `datasets` over the files of hf_files.py and writes down what happened:
`python -m tests.trainers.record_hf`, once in an environment of each version that is recorded."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.trainers.hf_files import FILES

TOLD = Path(__file__).with_name("hf_outcomes.json")
WORST = ("stops", "damaged", "loaded")


def outcome(records: list[Any]) -> str:
    """What becomes of a file, as an array or as JSON Lines: the worse of both."""
    array, rows = json.dumps(records), "".join(json.dumps(each) + "\n" for each in records)
    return min((_load(records, array, "json"), _load(records, rows, "jsonl")), key=WORST.index)


def _load(records: list[Any], text: str, ending: str) -> str:
    import datasets

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"file.{ending}")
        path.write_text(text, "ascii")
        try:
            made = datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=f"{folder}/cache")
            return "loaded" if same(bare(list(made)), bare(records)) else "damaged"
        except Exception:
            return "stops"


def bare(value: Any) -> Any:
    """Without the members that are null: Arrow has one for each that is missing."""
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items() if inner is not None}
    return [bare(each) for each in value] if isinstance(value, list) else value


def same(one: Any, other: Any) -> bool:
    """Whether both are equal, and of the same kind; 1 and 1.0 are."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def main() -> None:
    """Record this version."""
    import datasets

    datasets.disable_progress_bars()
    told = json.loads(TOLD.read_text("ascii")) if TOLD.exists() else {}
    told[datasets.__version__] = {name: outcome(records) for name, records in FILES.items()}
    TOLD.write_text(json.dumps(told, indent=0, ensure_ascii=True) + "\n", "ascii")


if __name__ == "__main__":
    main()
