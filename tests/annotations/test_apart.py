"""Annotations read in a copy of the process are those that are read in this one, and whatever befalls the copy, the
files are read.

Each test is a process of its own, since only one without other threads is ever copied.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")

_BEFORE = """
import os, sys
from pathlib import Path
from datagen.annotations import apart
from datagen.annotations.index import Annotations, Reading
from datagen.errors import InputError
from datagen.sources.files import find
apart.WORTH = 0
os.sched_getaffinity = lambda _: {0, 1}
folder = Path(sys.argv[1])
asked = Annotations(find([folder / "a.json"]), Reading(cache="cache" in sys.argv))
done = []
here = os.getpid()
"""
_AFTER = """
index = asked.index(lambda: done.append(os.getpid()))
print(len(index), index.context(0).captions, [sha for _, sha in asked.digests()], done == [here], made_elsewhere)
"""


def _file(folder: Path, caption: str = "a cat", count: int = 3) -> Path:
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 9, "height": 9} for n in range(count)]
    captions = [{"id": n, "image_id": n, "caption": f"{caption} {n}"} for n in range(count)]
    path = folder / "a.json"
    path.write_text(json.dumps({"images": images, "annotations": captions}))
    return path


def _run(folder: Path, between: str, *arguments: str, after: str = _AFTER) -> str:
    watch = "made_elsewhere = None\n"
    code = _BEFORE + watch + between + after
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path), "DATAGEN_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-c", code, str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


_WATCHED = """
whole = asked._joined
def joined(digests):
    (folder / "who").write_text(str(os.getpid()))
    return whole(digests)
asked._joined = joined
class Elsewhere:
    def __repr__(self): return str((folder / "who").read_text() != str(here))
made_elsewhere = Elsewhere()
"""


def test_the_same_comes_of_it_and_it_was_another_process(tmp_path: Path) -> None:
    path = _file(tmp_path)
    from datagen.sources.files import sha256

    assert _run(tmp_path, _WATCHED) == f"3 ('a cat 0',) ['{sha256(path)}'] True True\n"


def test_it_is_kept_for_the_next_start(tmp_path: Path) -> None:
    from datagen.sources.files import sha256

    sha = sha256(_file(tmp_path))
    worth = "from datagen.annotations import cache; cache.WORTH = 0\n"
    again = "asked = Annotations(find([folder / 'a.json']), Reading())\n"
    assert _run(tmp_path, worth + again + _WATCHED, "cache") == f"3 ('a cat 0',) ['{sha}'] True True\n"
    assert _run(tmp_path, worth + again, "cache") == f"3 ('a cat 0',) ['{sha}'] False None\n"


def test_a_file_that_cannot_be_used_is_told_as_ever(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"images": [], "annotations": 7}')
    after = """
try:
    asked.index(lambda: None)
except InputError as error:
    print(error.place, error.cause, error.file.endswith("a.json"))
"""
    assert _run(tmp_path, "", after=after) == "$.annotations a number stands here, not a list True\n"


_KILLED = """
from datagen import workers
def joined(digests):
    if os.getpid() != here: os.kill(os.getpid(), 9)
    return whole(digests)
whole, asked._joined = asked._joined, joined
"""


def test_where_the_copy_is_killed_they_are_read_here(tmp_path: Path) -> None:
    _file(tmp_path)
    assert _run(tmp_path, _KILLED).startswith("3 ('a cat 0',)")


_CHANGED = """
def joined(digests):
    found = whole(digests)
    if os.getpid() != here:
        text = (folder / "a.json").read_text()
        (folder / "a.json").write_text(text.replace("a cat", "two dogs"))
    return found
whole, asked._joined = asked._joined, joined
"""


def test_a_file_that_changes_meanwhile_is_read_again_and_its_digest_is_of_what_was_read(tmp_path: Path) -> None:
    from datagen.sources.files import sha256

    path = _file(tmp_path)
    told = _run(tmp_path, _CHANGED)
    assert "two dogs" in path.read_text()
    assert told.startswith(f"3 ('two dogs 0',) ['{sha256(path)}']")


def test_in_a_pools_process_they_are_read_there(tmp_path: Path) -> None:
    from datagen.sources.files import sha256

    sha = sha256(_file(tmp_path))
    pooled = """
from multiprocessing import get_context
def there(_):
    global here
    here = os.getpid()
    index = asked.index(lambda: done.append(os.getpid()))
    return len(index), [sha for _, sha in asked.digests()], int((folder / "who").read_text()) == here
with get_context("fork").Pool(1) as pool:
    print(pool.map(there, [0]))
"""
    assert _run(tmp_path, _WATCHED, after=pooled) == f"[(3, ['{sha}'], True)]\n"


def test_what_is_done_meanwhile_may_fail(tmp_path: Path) -> None:
    _file(tmp_path)
    after = """
try:
    asked.index(lambda: 1 / 0)
except ZeroDivisionError:
    import multiprocessing
    print(multiprocessing.active_children())
"""
    assert _run(tmp_path, "", after=after) == "[]\n"


def test_a_copy_holds_no_lock_of_the_process(tmp_path: Path) -> None:
    """A run that was killed while its annotations were read can be taken up at once."""
    _file(tmp_path)
    after = """
import fcntl
from datagen.workers import beside
file = open(folder / "lock", "w")
fcntl.flock(file, fcntl.LOCK_EX)
def look(_):
    fcntl.flock(os.open(folder / "lock", os.O_RDWR), fcntl.LOCK_EX)  # waits until nobody has it
    return "free"
print(beside(look, 0, file.close))
"""
    assert _run(tmp_path, "", after=after) == "free\n"
