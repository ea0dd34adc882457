"""Q: records whose answers are nearly those of another record.

MinHash (Broder 1997) with 8 bits of each of 48 values (Li and König 2010, b-bit minwise hashing): a record is 48 bytes,
and its answers' words are gone. Six bands of 8 values each are one number, so records that agree in a band are found by
sorting; how alike two of them are is told by how many of the 48 values agree. With the record's number and a digest it
is 60 bytes: 9.5 MB for 158,000 records, 300 MB for five million, and 16 more for each while they are sorted. It sees
words and not their order or meaning, and looks at each record beside the first and the last one in its band only, so
that a file of one template stays cheap.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from datagen.checks.base import Seen, SeenAt, file_check
from datagen.checks.examples import record
from datagen.checks.quality.options import Options
from datagen.checks.quality.texts import digest, look, words_of
from datagen.checks.sample import Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VALUES, _BANDS = 48, 6
_ALIKE = 39  # of 48 values: four words in five are shared; of 627 real dialogues no two share more than half
_WORDS = 20
_PENDING = 1024
_TOLD = (
    "The photo shows a brown dog running over wet grass after a red ball, while two children in yellow coats are "
    "watching from a wooden bench under tall trees, and behind them some cars stand along the quiet street of a town"
)

_OTHER = (
    "The photo shows a black cat asleep on a window sill in the sun. A cup of tea and an open book lie beside it, and "
    "the curtains are half drawn."
)


@file_check(
    "Q003",
    "near-duplicate",
    "info",
    fails=[record(answer=f"{_TOLD}."), record(id="2", image="9.jpg", answer=f"{_TOLD} today.")],
    passes=[record(answer=f"{_TOLD}."), record(id="2", image="9.jpg", answer=_OTHER)],
)
class NearDuplicate:
    """A record's answers share four words in five with another record's.

    Either one was made from the other, or both from one template; a model that is asked about the same picture twice
    also gives such answers. Only answers of twenty words and more together are looked at, and those that agree word for
    word are told by Q001 and Q002.
    """

    def __init__(self, options: Options) -> None:
        from rensa import RMinHash

        self._sketch = RMinHash
        self._pending, self._values = array("I"), bytearray()
        self._digests, self._numbers = array("Q"), array("I")

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        keys = [answer.key for answer in look(sample).answers]
        words = words_of(keys)
        if len(words) < _WORDS:
            return
        sketch = self._sketch(_VALUES, 1)
        sketch.update(words)
        self._pending.extend(sketch.digest())
        self._digests.append(digest("\n".join(keys)))
        self._numbers.append(sample.number)
        if len(self._pending) >= _PENDING * _VALUES:
            self._settle()

    def _settle(self) -> None:
        import numpy as np

        self._values += np.frombuffer(self._pending, np.uint32).astype(np.uint8).tobytes()
        self._pending = array("I")

    def merge(self, other: NearDuplicate, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        self._settle()
        other._settle()
        self._values += other._values
        self._digests += other._digests
        self._numbers.extend(number + shift for number in other._numbers)

    def end(self) -> Iterator[SeenAt]:
        """Each later record, with the one that it is most like."""
        import numpy as np

        self._settle()
        values = np.frombuffer(self._values, np.uint8).reshape(-1, _VALUES)
        digests = np.frombuffer(self._digests, np.uint64)
        best = np.zeros(len(values), np.uint8)
        like = np.zeros(len(values), np.uint32)
        for band in range(_BANDS):
            for earlier, later in _pairs(values.view(np.uint64)[:, band]):
                _compare(values, digests, earlier, later, best, like)
        for at in np.flatnonzero(best >= _ALIKE).tolist():
            share, other = _share(int(best[at])), self._numbers[int(like[at])]
            yield SeenAt(
                self._numbers[at], Seen(f"about {share:.0%} of the answers' words are those of record {other}")
            )

    def __getstate__(self) -> dict[str, Any]:
        self._settle()
        return {name: value for name, value in self.__dict__.items() if name != "_sketch"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        from rensa import RMinHash

        self.__dict__.update(state, _sketch=RMinHash)


def _pairs(keys: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Records of equal keys: each with the first such, and each with the one before."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    same = np.append(False, ranked[1:] == ranked[:-1])
    del ranked
    at = np.flatnonzero(same)
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(same))))[at]
    yield order[first], order[at]
    yield order[at - 1], order[at]


def _compare(
    values: NDArray[np.uint8],
    digests: NDArray[np.uint64],
    earlier: NDArray[np.intp],
    later: NDArray[np.intp],
    best: NDArray[np.uint8],
    like: NDArray[np.uint32],
) -> None:
    """Note for each `later` how many of its values agree with `earlier`, where that is more than was known."""
    import numpy as np

    for start in range(0, len(later), 1 << 14):
        one, two = earlier[start : start + (1 << 14)], later[start : start + (1 << 14)]
        agree = (values[one] == values[two]).sum(axis=1, dtype=np.uint8)
        agree[digests[one] == digests[two]] = 0
        more = (agree > best[two]) | ((agree == best[two]) & (one < like[two]))
        best[two[more]], like[two[more]] = agree[more], one[more]


def _share(agree: int) -> float:
    """How much of two sets is shared, when so many of 48 values agree; one in 256 agrees by chance."""
    return (agree / _VALUES - 1 / 256) / (1 - 1 / 256)
