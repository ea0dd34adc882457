"""Q: one question asked all over a file.

Questions are counted in a table of bounded size (Misra and Gries 1982, merged as in Agarwal et al. 2012): exact while a
file has at most 4,096 different ones, beyond that a question that stands here more than once in 4,096 questions is
still in it, and counted too low by at most that share. It costs a megabyte, whatever the file's size.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.base import Seen, SeenAt, file_check
from datagen.checks.examples import record
from datagen.checks.quality.options import Options
from datagen.checks.quality.texts import look
from datagen.checks.sample import Sample
from datagen.text import shown

_KEPT = 4096
_FEW, _SHARE, _UNEVEN, _MOST = 100, 0.2, 2, 0.6
"""Questions below which no share means much; the share of all that is worth a word; how many equal shares it is; and
the share that always is, since of two questions none can be asked twice as often as it is its turn."""
_CUT = 200  # characters of a question that tell it from others


@file_check(
    "Q004",
    "frequent-question",
    "info",
    fails=[record("<image>\nWhat is this?", id=str(n)) for n in range(100)],
    passes=[record(f"<image>\nWhat is this{'?' * (n % 8)}", id=str(n)) for n in range(100)],
)
class FrequentQuestion:
    """One question makes up a fifth of all questions, or more, and twice what it would if all were asked as often.

    A model tuned on few wordings answers others less well; LLaVA asks for its descriptions in 11 wordings, about as
    often each (haotian-liu/LLaVA, detail_23k). For a task with one fixed instruction this is as it should be.
    """

    def __init__(self, options: Options) -> None:
        self._counts: dict[str, int] = {}
        self._all = 0

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        for question in look(sample).questions:
            key = question.key[:_CUT]
            self._counts[key] = self._counts.get(key, 0) + 1
            self._all += 1
        if len(self._counts) > 2 * _KEPT:
            self._prune()

    def _prune(self) -> None:
        """Take from every count the one that is 4,097th in size."""
        if len(self._counts) > _KEPT:
            least = sorted(self._counts.values(), reverse=True)[_KEPT]
            self._counts = {key: count - least for key, count in self._counts.items() if count > least}

    def merge(self, other: FrequentQuestion, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        for key, count in other._counts.items():
            self._counts[key] = self._counts.get(key, 0) + count
        self._all += other._all
        if len(self._counts) > 2 * _KEPT:
            self._prune()

    def end(self) -> Iterator[SeenAt]:
        """The questions that are asked so often, the most frequent first."""
        if self._all < _FEW:
            return
        enough = max(_SHARE, min(_UNEVEN / max(len(self._counts), 1), _MOST)) * self._all
        for key, count in sorted(self._counts.items(), key=lambda item: (-item[1], item[0])):
            if count < enough:
                return
            asked = "one and the same question" if count == self._all else f"{count / self._all:.0%} of all questions"
            yield SeenAt(None, Seen(f"{shown(key, 100)!r} is {asked} ({count:,} of {self._all:,})", words=key))
