"""What was joined once, kept for the next start: found by what the files hold, never by their names alone.

An index is known by the digests of its files, by how they were to be read, and by this code's own text. Files need not
be read again to know their digests: one is remembered for a file's very place, size and times, unless those are so
young that the file could change without them. Whatever is damaged or does not fit is made anew; that nothing can be
kept is nobody's misfortune.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from datagen.annotations.packing import Damaged, Packed
from datagen.sources.files import Source, sha256
from datagen.text import digest

WORTH = 4 << 20
"""Bytes of annotations from which keeping them pays."""
ROOM = 2 << 30
"""Bytes that the cache may have; what was used longest ago goes first."""
_YOUNG = 2.0  # seconds in which some file systems do not tell two changes apart


class Place:
    """Where the index of some files is, or would be, kept."""

    def __init__(
        self, folder: Path, sources: Sequence[Source], options: Sequence[str], digests: dict[Path, str]
    ) -> None:
        self._folder, self._sources, self._options, self._digests = folder, sources, options, digests
        self._stats = {source.path: stat_of(source.path) for source in sources}
        for source in sources:
            known = self._remembered(source.path)
            if known:
                self._digests[source.path] = known

    def load(self) -> Packed | None:
        """The index, if it was kept and is whole."""
        unknown = [source for source in self._sources if source.path not in self._digests]
        if unknown and not any(self._folder.glob("*.index")):
            return None  # they are learnt while the files are read
        for source in unknown:
            self._digests[source.path] = sha256(source.path)
        self._remember()
        path = self._path()
        try:
            with path.open("rb") as file:
                packed = Packed(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            os.utime(path)
        except (OSError, ValueError, Damaged):
            return None
        return packed

    def save(self, packed: bytes | memoryview) -> None:
        """Keep the index, unless the files changed while they were read."""
        if any(stat_of(path) != stat for path, stat in self._stats.items()):
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(self._path(), packed)
            self._remember()
            _make_room(self._folder)

    def _path(self) -> Path:
        labels = [source.label for source in self._sources]  # they stand in what is told of oddities
        digests = [self._digests[source.path] for source in self._sources]
        return self._folder / f"{digest(_rules(), *self._options, *labels, *digests)[:40]}.index"

    def _memo(self, path: Path) -> Path:
        return self._folder / f"{digest(str(path.resolve()), *map(str, self._stats[path]))[:40]}.sha256"

    def _remembered(self, path: Path) -> str | None:
        try:
            told, proof = self._memo(path).read_text("ascii").split()
        except (OSError, ValueError):
            return None
        return told if len(told) == 64 and proof == digest(told, self._memo(path).name) else None

    def _remember(self) -> None:
        """Digests of files that are old enough for their times to tell of any change."""
        for path, told in list(self._digests.items()):
            *_, modified, changed = self._stats[path]
            if time.time() - max(modified, changed) / 1e9 > _YOUNG and stat_of(path) == self._stats[path]:
                memo = self._memo(path)
                with suppress(OSError):
                    if self._remembered(path) != told:
                        _replace(memo, f"{told} {digest(told, memo.name)}".encode())


def place_for(
    sources: Sequence[Source], options: Sequence[str], environ: Mapping[str, str], digests: dict[Path, str]
) -> Place | None:
    """Where the index of `sources`, read with `options`, is kept; None where that is not worth it, or nowhere. What is
    known of the files' digests is put into `digests`."""
    try:
        if sum(source.path.stat().st_size for source in sources) < WORTH:
            return None
        return Place(cache_folder(environ), sources, options, digests)
    except (OSError, RuntimeError):  # no home
        return None


def cache_folder(environ: Mapping[str, str]) -> Path:
    """`DATAGEN_CACHE_DIR`, or `datagen` in the user's cache."""
    own = environ.get("DATAGEN_CACHE_DIR")
    if own:
        return Path(own)
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "datagen"


def stat_of(path: Path) -> tuple[int, ...]:
    """What differs where a file's bytes may differ. Raises OSError where it is gone."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=1)
def _rules() -> str:
    """Of this code: an index that other rules made is another index."""
    here = Path(__file__).parent
    sha = hashlib.sha256()
    for path in [*sorted(here.glob("*.py")), *sorted((here.parent / "sources").glob("*.py")), here.parent / "text.py"]:
        sha.update(path.read_bytes())
    return sha.hexdigest()


def _replace(path: Path, data: bytes | memoryview) -> None:
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _make_room(folder: Path) -> None:
    now = time.time()
    for part in folder.glob(".*.part"):  # what a killed process left half-written
        if now - part.stat().st_mtime > 3600:
            part.unlink(missing_ok=True)
    kept = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in folder.glob("*.index")), reverse=True)
    used = 0
    for _, size, path in kept:
        used += size
        if used > ROOM:
            path.unlink(missing_ok=True)
