"""What two files say of the same image twice: COCO's keypoint files repeat the boxes of its instance files, and people
give a file and a copy of it. It knows positions in columns, and counts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from datagen.annotations.placing import Placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEAR = 10  # thousandths
_CELL = 20

Corners = tuple[int, int, int, int]


def repeated_captions(
    chosen: Sequence[int],
    rows: NDArray[Any],
    files: NDArray[Any],
    starts: NDArray[Any],
    sizes: NDArray[Any],
    text: memoryview,
) -> Iterator[int]:
    """Those of `chosen` whose very words an earlier file has for their image."""
    first: dict[tuple[int, bytes], int] = {}
    for n in chosen:
        words = bytes(text[starts[n] : starts[n] + sizes[n]])
        if first.setdefault((int(rows[n]), words), int(files[n])) != files[n]:
            yield n


def repeated_boxes(chosen: Sequence[int], placed: Placed, files: NDArray[Any]) -> Iterator[int]:
    """Those of `chosen`, which lie row by row, that an earlier file has: the same category, each corner within a
    hundredth. One box stands for one."""
    row, earlier = -1, _Earlier()
    for n in chosen:
        if placed.rows[n] != row:
            row, earlier = int(placed.rows[n]), _Earlier()
        a, b, c, d = placed.corners[n].tolist()
        if earlier.takes(int(files[n]), int(placed.categories[n]), (a, b, c, d)):
            yield n


class _Earlier:
    """The boxes that files gave so far of one image, each of which a later file may repeat once; found by where they
    begin."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int, int], list[tuple[int, Corners]]] = {}

    def takes(self, number: int, category: int, box: Corners) -> bool:
        """Whether `box` of file `number` is one that an earlier file gave; if not, it is remembered."""
        column, row = box[0] // _CELL, box[1] // _CELL
        near: list[tuple[int, int, list[tuple[int, Corners]]]] = []
        for x, y in product((column - 1, column, column + 1), (row - 1, row, row + 1)):
            cell = self._cells.get((category, x, y), [])
            near += [(_apart(e[1], box), n, cell) for n, e in enumerate(cell) if e[0] < number]
        apart, n, cell = min(near, key=lambda entry: entry[0], default=(_NEAR + 1, 0, []))
        if apart <= _NEAR:
            del cell[n]
            return True
        self._cells.setdefault((category, column, row), []).append((number, box))
        return False


def _apart(a: Corners, b: Corners) -> int:
    """The largest distance between two corners' coordinates."""
    return max(abs(p - q) for p, q in zip(a, b, strict=True))
