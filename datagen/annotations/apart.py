"""Annotations read in a copy of this process, while this one does something else that takes its time.

What was joined comes back in memory that both see. It knows how a process is copied and when that pays, and nothing of
what the files hold.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Sequence

from datagen.annotations.packing import Packed
from datagen.sources.files import Source
from datagen.workers import Killed, beside, can_copy

__all__ = ["WORTH", "Killed", "pays", "read"]

WORTH = 64 << 20
"""Bytes of annotations from which it pays: reading them takes as long as what may be done meanwhile."""


def pays(sources: Sequence[Source]) -> bool:
    """Whether these should be read so. Raises OSError for one that is not there."""
    if not can_copy() or not hasattr(os, "memfd_create") or len(os.sched_getaffinity(0)) < 2:
        return False
    return sum(source.path.stat().st_size for source in sources) >= WORTH


def read(pack: Callable[[], bytes], meanwhile: Callable[[], None]) -> Packed:
    """What `pack` gives, unpacked. Raises what it or `meanwhile` raised, OSError where there is no room for it, and
    Killed where the copy was."""
    shared = os.memfd_create("datagen-index")
    try:

        def write(_: object) -> None:
            with open(shared, "wb", closefd=False) as file:
                file.write(pack())

        beside(write, "now", meanwhile, kept=(shared,))
        return Packed(mmap.mmap(shared, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(shared)
