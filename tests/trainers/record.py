"""Runs the real loaders over the matrix and writes down what happened: `python -m tests.trainers.record llava qwen`.

DATAGEN_TRAINERS names a folder with checkouts, `<owner>+<name>/` each; what else a loader needs (torch, a tokenizer)
is told in its module under real/. Without that folder nothing can be recorded; the outcomes stand in outcomes/ and are
what the tests read.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.trainers.matrix import ASK, A, chat, talk
from tests.trainers.matrix_more import shown
from tests.trainers.matrix_pairs import PAIRED
from tests.trainers.oracle import Lost, Outcome, judge

HERE = Path(__file__).parent
OUTCOMES = HERE / "outcomes"
GONE = "nowhere.jpg"


def main(targets: list[str]) -> None:
    """Record these targets."""
    checkouts = Path(os.environ["DATAGEN_TRAINERS"])
    for target in targets:
        real = importlib.import_module(f"tests.trainers.real.{target.replace('-', '_')}")
        with tempfile.TemporaryDirectory() as folder:
            paint(Path(folder))
            loader = real.loader(checkouts, Path(folder))
            records = {name: run(loader, record, name)._asdict() for name, record in shown(target).items()}
            gone = run(loader, talk(ASK, A, image=GONE) if target in PAIRED else chat(ASK, A, images=(GONE,)))
        write(target, real, checkouts, records, gone)
        counts: dict[str, int] = {}
        for told in records.values():
            counts[told["outcome"]] = counts.get(told["outcome"], 0) + 1
        print(target, counts)


def paint(folder: Path) -> None:
    """The pictures that the matrix speaks of."""
    from PIL import Image

    for number, name in enumerate(("a.jpg", "b.jpg", "c.jpg")):
        Image.new("RGB", (64, 64), (50 + 60 * number, 100, 100)).save(folder / name)


def run(loader: Any, record: Any, name: str = "") -> Outcome:
    """What a loader does with a record. It gives an Outcome, or pieces and the template's own special tokens."""
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            made = loader(copy.deepcopy(record))
    except Lost as problem:
        return Outcome("lost", str(problem))
    except Exception as problem:
        return Outcome("stops", told(problem))
    return made if isinstance(made, Outcome) else judge(record, *made)


def told(problem: BaseException) -> str:
    """An exception in a few words, without a place of this machine."""
    first = (str(problem).splitlines() or [""])[0]
    return f"{type(problem).__name__}: {first[:80]}".rstrip(": ") if "/" not in first else type(problem).__name__


def write(target: str, real: Any, checkouts: Path, records: dict[str, Any], gone: Outcome) -> None:
    """The file of outcomes."""
    folder = checkouts / real.REPOSITORY.replace("/", "+")
    head = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    commit = (
        getattr(real, "COMMIT", "") or subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
    )
    top = {"target": target, "repository": real.REPOSITORY, "commit": commit, "setting": real.SETTING}
    told = {
        **top,
        "re-enacted": getattr(real, "REENACTED", False),
        "picture missing": gone._asdict(),
        "records": records,
    }
    text = json.dumps(told, indent=0, ensure_ascii=True)
    (OUTCOMES / f"{target}.json").write_text(
        text.replace('{\n"outcome"', '{"outcome"').replace(',\n"how"', ', "how"').replace('"\n}', '"}') + "\n", "ascii"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
