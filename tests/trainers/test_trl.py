"""The installed TRL does with each record what was recorded of it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trainers.record import OUTCOMES

NEEDS = ("trl", "datasets", "transformers", "tokenizers", "PIL", "numpy")
MISSING = [name for name in NEEDS if importlib.util.find_spec(name) is None]
RUN = """
import json, sys, tempfile
from pathlib import Path
from tests.trainers.matrix_more import shown
from tests.trainers.real.trl import loader
from tests.trainers.record import paint, run
with tempfile.TemporaryDirectory() as folder:
    paint(Path(folder))
    load = loader(Path(folder), Path(folder))
    told = {name: run(load, record, name).outcome for name, record in shown("trl").items() if "messages" in str(record)}
Path(sys.argv[1]).write_text(json.dumps(told))
"""


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_the_installed_one_does_what_was_recorded(tmp_path: Path) -> None:
    """In a process of its own: torch is replaced there."""
    there = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path / "told")], cwd=there, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads((tmp_path / "told").read_text())
    recorded = json.loads((OUTCOMES / "trl.json").read_text("ascii"))["records"]
    assert told == {name: recorded[name]["outcome"] for name in told}
