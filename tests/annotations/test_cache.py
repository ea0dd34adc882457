"""What was joined once is found again only while it is true, and a cache that fails in any way does no harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.annotations import cache, packing
from datagen.annotations import index as indexing
from datagen.annotations.index import Reading, index
from datagen.errors import InputError
from datagen.sources.files import find

Write = Callable[[str, Any], Path]
OLD = time.time() - 3600


def document(caption: str = "A dog.", first: int = 1) -> dict[str, Any]:
    """Two images, a caption and a box each, and something odd."""
    ids = (first, first + 1)
    return {
        "images": [{"id": n, "file_name": f"{n}\u00e9.jpg", "width": 40, "height": 20} for n in ids],
        "annotations": [
            *({"id": n, "image_id": n, "caption": f"{caption} \u2603"} for n in ids),
            *({"id": 9 + n, "image_id": n, "category_id": 1, "bbox": [1, 2, 3, 4], "iscrowd": 1} for n in ids),
            {"id": 99, "image_id": 77, "caption": "dangling"},
        ],
        "categories": [{"id": 1, "name": "dog"}],
    }


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache's own folder, in which anything is worth keeping and nothing too young."""
    monkeypatch.setattr(cache, "WORTH", 0)
    monkeypatch.setattr(cache, "_YOUNG", -1.0)
    monkeypatch.setenv("DATAGEN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def paths(write: Write) -> list[Path]:
    return [write("a.json", document()), write("b.json.gz", document("A cat.", 2))]


def everything(paths: list[Path], **reading: Any) -> Any:
    found = index(find(paths), Reading(**reading))
    sizes = [(found.image_id(n), found.size(n), found.captions(n), found.boxes(n)) for n in range(len(found))]
    return list(found.contexts()), list(found.census), found.files, found.categories, sizes


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from now on."""
    read: list[str] = []
    was = indexing.read_file

    def counted(source: Any, *rest: Any) -> Any:
        read.append(source.path.name)
        return was(source, *rest)

    monkeypatch.setattr(indexing, "read_file", counted)
    return read


def kept(folder: Path, ending: str = "index") -> list[Path]:
    return sorted(folder.glob(f"*.{ending}"))


def test_a_second_start_reads_no_annotations(
    paths: list[Path], reads: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = everything(paths, cache=False)
    assert not folder.exists()
    first = everything(paths)
    assert reads == ["a.json", "b.json.gz"] * 2
    assert (len(kept(folder)), len(kept(folder, "sha256"))) == (1, 2)
    monkeypatch.setattr(cache, "sha256", lambda path: pytest.fail(f"{path} was read"))
    assert everything(paths) == first == plain
    assert reads == ["a.json", "b.json.gz"] * 2
    assert first[1]


def test_nothing_but_the_cache_is_left_behind(paths: list[Path], folder: Path) -> None:
    everything(paths)
    assert {path.suffix for path in folder.iterdir()} == {".index", ".sha256"}
    assert folder.stat().st_mode & 0o077 == 0


def test_what_is_small_is_not_kept(paths: list[Path], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "WORTH", sum(path.stat().st_size for path in paths) + 1)
    everything(paths)
    assert not folder.exists()
    monkeypatch.setattr(cache, "WORTH", sum(path.stat().st_size for path in paths))
    everything(paths)
    assert kept(folder)


# When it is another index


@pytest.mark.parametrize("young", [-1.0, 2.0])
def test_a_changed_file_is_never_answered_from_the_old(
    young: float, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_YOUNG", young)
    os.utime(paths[0], (OLD, OLD))
    before = paths[0].stat()
    first = everything(paths)
    paths[0].write_text(json.dumps(document("A hog.")), encoding="ascii")
    os.utime(paths[0], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert paths[0].stat().st_size == before.st_size
    assert paths[0].stat().st_mtime_ns == before.st_mtime_ns
    again = everything(paths)
    assert again[0][0].captions == ("A hog. \u2603",)
    assert again != first
    assert again == everything(paths, cache=False)


def test_another_file_of_the_same_bytes_is_known_by_them(
    paths: list[Path], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = everything(paths)
    reads.clear()
    data = paths[0].read_bytes()
    paths[0].unlink()
    paths[0].write_bytes(data)
    assert everything(paths) == first
    assert reads == []


def test_young_files_are_not_remembered_by_their_times(
    paths: list[Path], reads: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_YOUNG", 2.0)
    monkeypatch.setattr(cache.time, "time", lambda: max(path.stat().st_ctime for path in paths) + 1.5)
    first = everything(paths)
    assert kept(folder)
    assert not kept(folder, "sha256")
    reads.clear()
    assert everything(paths) == first
    assert (reads, kept(folder, "sha256")) == ([], [])  # it was found by the bytes
    monkeypatch.setattr(cache.time, "time", lambda: max(path.stat().st_ctime for path in paths) + 2.5)
    assert everything(paths) == first
    assert len(kept(folder, "sha256")) == 2


def test_how_files_are_to_be_read_makes_another_index(paths: list[Path], reads: list[str], folder: Path) -> None:
    ways: list[dict[str, Any]] = [
        {}, {"boxes": "xyxy"}, {"boxes": "xywh"}, {"boxes": "normalized"}, {"crowd": "drop"}, {"crowd": "group"},
    ]  # fmt: skip
    plain = [everything(paths, cache=False, **way) for way in ways]
    for _ in range(2):
        assert [everything(paths, **way) for way in ways] == plain
    assert len(kept(folder)) == len(ways)
    reads.clear()
    assert everything(paths[::-1]) == everything(paths[::-1], cache=False)
    assert everything(paths[:1]) == everything(paths[:1], cache=False)
    assert len(kept(folder)) == len(ways) + 2


def test_another_code_makes_another_index(
    paths: list[Path], reads: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = everything(paths)
    monkeypatch.setattr(cache, "_rules", lambda: "another")
    reads.clear()
    assert everything(paths) == first
    assert (len(reads), len(kept(folder))) == (2, 2)


def test_with_pictures_the_cache_is_not_used(paths: list[Path], folder: Path, tmp_path: Path) -> None:
    first = everything(paths, images=tmp_path)
    assert not folder.exists()
    everything(paths)
    there = [path.stat().st_mtime_ns for path in kept(folder)]
    assert everything(paths, images=tmp_path) == first
    assert [path.stat().st_mtime_ns for path in kept(folder)] == there


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    paths: list[Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = indexing.read_file

    def changing(source: Any, *rest: Any) -> Any:
        found = was(source, *rest)
        source.path.write_bytes(source.path.read_bytes() + b"\n" * (source.path.suffix == ".json"))
        return found

    monkeypatch.setattr(indexing, "read_file", changing)
    everything(paths)
    assert not kept(folder)


def test_a_bad_file_is_refused_each_time(paths: list[Path], write: Write, folder: Path) -> None:
    bad = write("c.json", "{")
    for _ in range(2):
        with pytest.raises(InputError):
            everything([*paths, bad])
    assert not kept(folder)


# Damage


@pytest.mark.parametrize("ending", ["index", "sha256"])
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    number=st.integers(0, 1),
    place=st.integers(0, 2**16),
    some=st.binary(min_size=1, max_size=9),
    damage=st.sampled_from(["flip", "cut", "add", "insert", "empty", "nothing but zeros", "gone", "a folder"]),
)
def test_whatever_is_damaged_is_made_anew(
    ending: str, number: int, place: int, some: bytes, damage: str, paths: list[Path], folder: Path
) -> None:
    plain = everything(paths, cache=False)
    assert everything(paths) == plain
    victim = kept(folder, ending)[number * (ending == "sha256")]
    whole = victim.read_bytes()
    at = place % len(whole)
    spoilt = {
        "flip": whole[:at] + bytes([whole[at] ^ (some[0] or 1)]) + whole[at + 1 :],
        "cut": whole[:at],
        "add": whole + some,
        "insert": whole[:at] + some + whole[at:],
        "nothing but zeros": bytes(len(whole)),
    }.get(damage, b"")
    victim.unlink()
    if damage == "a folder":
        victim.mkdir()
    elif damage != "gone":
        victim.write_bytes(spoilt)
    assert everything(paths) == plain
    if damage == "a folder":
        victim.rmdir()
    assert everything(paths) == plain
    with pytest.MonkeyPatch.context() as patch:  # and now all is as it was
        patch.setattr(cache, "sha256", lambda path: pytest.fail(f"{path} was read"))
        patch.setattr(indexing, "read_file", lambda source, *_: pytest.fail(f"{source.path} was read"))
        assert everything(paths) == plain


def test_an_index_of_another_version_is_made_anew(
    paths: list[Path], reads: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = everything(paths, cache=False)
    with monkeypatch.context() as patch:
        patch.setattr(packing, "MAGIC", b"datagen index 0l")
        everything(paths)
    reads.clear()
    assert everything(paths) == plain
    assert len(reads) == 2
    assert everything(paths) == plain
    assert len(reads) == 2


def test_the_digest_of_another_place_is_not_believed(paths: list[Path], folder: Path) -> None:
    plain = everything(paths)
    one, other = kept(folder, "sha256")
    one_text, other_text = one.read_bytes(), other.read_bytes()
    one.write_bytes(other_text)
    other.write_bytes(one_text)
    assert everything(paths) == plain


# Where nothing can be kept


@pytest.mark.parametrize("below", [False, True])
def test_a_file_in_the_folders_place_does_no_harm(
    below: bool, paths: list[Path], folder: Path, monkeypatch: Any
) -> None:
    plain = everything(paths, cache=False)
    folder.write_text("a file")
    if below:
        monkeypatch.setenv("DATAGEN_CACHE_DIR", str(folder / "more"))
    assert everything(paths) == plain
    assert everything(paths) == plain
    assert folder.read_text() == "a file"


@pytest.mark.parametrize("failing", ["mkstemp", "_make_room", "_replace"])
def test_a_disk_that_fails_does_no_harm(
    failing: str, paths: list[Path], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    plain = everything(paths, cache=False)
    monkeypatch.setattr(cache.tempfile if failing == "mkstemp" else cache, failing, fail)
    assert everything(paths) == plain
    assert everything(paths) == plain


def test_no_home_does_no_harm(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    plain = everything(paths, cache=False)
    monkeypatch.delenv("DATAGEN_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert everything(paths) == plain


@pytest.mark.parametrize(
    ("own", "base", "there"),
    [
        ("x", "/b", "x"),
        ("", "/b", "/b/datagen"),
        (None, "/b", "/b/datagen"),
        (None, "b", "/home/me/.cache/datagen"),
        (None, None, "/home/me/.cache/datagen"),
    ],
)
def test_the_folder_is_where_it_was_told_to_be(
    own: Any, base: Any, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    told = {"DATAGEN_CACHE_DIR": own, "XDG_CACHE_HOME": base}
    assert cache.cache_folder({name: value for name, value in told.items() if value is not None}) == Path(there)


# Room


def test_what_was_used_longest_ago_goes_when_there_is_no_room(
    write: Write, folder: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(f"{n}.json", document(f"Dog {n}.")) for n in range(4)]
    names: list[Path] = []
    for n, path in enumerate(files[:3]):
        everything([path])
        names += [new for new in kept(folder) if new not in names]
        os.utime(names[-1], (OLD + n, OLD + n))
    size = max(path.stat().st_size for path in names)
    everything([files[0]])  # and so it was used now
    monkeypatch.setattr(cache, "ROOM", 3 * size + 8)
    everything([files[3]])
    assert names[1] not in kept(folder)
    assert {names[0], names[2]} < set(kept(folder))
    assert sum(path.stat().st_size for path in kept(folder)) <= cache.ROOM


def test_what_a_killed_process_left_goes_when_it_is_old(paths: list[Path], folder: Path) -> None:
    folder.mkdir()
    old, young = folder / ".old.part", folder / ".young.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (OLD - 9, OLD - 9))
    everything(paths)
    assert (old.exists(), young.exists()) == (False, True)


# Several at once

BUILD = """
import os
import sys
from pathlib import Path
from datagen.annotations import cache
from datagen.sources.files import find
from datagen.annotations.index import index
cache.WORTH, cache._YOUNG = 0, -1.0
sys.stdin.read()
for _ in range(20):
    found = index(find(list(map(Path, sys.argv[1:]))))
    for path in Path(os.environ["DATAGEN_CACHE_DIR"]).glob("*.*"):
        if _ % 3 == 0:
            path.unlink(missing_ok=True)
    print(len(found), [context.model_dump_json() for context in found.contexts()] == ROWS)
"""


def test_several_builders_at_once_do_no_harm(paths: list[Path], folder: Path) -> None:
    plain = everything(paths, cache=False)
    rows = [context.model_dump_json() for context in plain[0]]
    command = [sys.executable, "-c", f"ROWS = {rows!r}\n{BUILD}", *map(str, paths)]
    pipe = subprocess.PIPE
    builders = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    for builder in builders:
        assert builder.stdin is not None
        builder.stdin.close()
        builder.stdin = None
    for builder in builders:
        said, wrong = builder.communicate(timeout=60)
        assert (builder.returncode, wrong) == (0, "")
        assert said.splitlines() == ["3 True"] * 20
    assert everything(paths) == plain
