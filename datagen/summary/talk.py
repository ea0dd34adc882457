"""What the data is like: turns, lengths, first words, what is spoken of, and a few records to look at.

Records go past one at a time; what is kept of them does not grow with their number, but for the words that questions
begin with. It knows records and no files.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections import Counter
from typing import NamedTuple

from datagen.checks.sample import IMAGE, Sample
from datagen.summary.svg import Node

SHOWN = 12
"""Records that are shown whole."""
LONGEST = 3000
"""Letters of a text that are shown."""
_WORD = re.compile(r"[\w'-]+")
_MOST_OPENINGS = 50_000


class Shown(NamedTuple):
    """A record to look at."""

    id: str
    task: str
    image: str
    said: tuple[tuple[str, str], ...]
    """(`human` or `gpt`, text)."""


class Talk:
    """Fed with records. `tasks`: an id → the task it was made by, where that is known."""

    def __init__(self, tasks: dict[str, str]) -> None:
        self._tasks = tasks
        self.records = 0
        self.kinds: Counter[str] = Counter()
        self.turns: Counter[int] = Counter()
        self.questions: Counter[int] = Counter()
        """Words of a question → how many."""
        self.answers: Counter[int] = Counter()
        self.pictures: Counter[int] = Counter()
        """Pictures of a record → how many."""
        self._openings: Counter[tuple[str, str]] = Counter()
        self._shown: list[tuple[int, int, Shown]] = []

    def see(self, sample: Sample) -> None:
        """One record."""
        self.records += 1
        name = sample.id if isinstance(sample.id, str) else "" if sample.id is None else str(sample.id)
        kind = self._tasks.get(name, "")
        self.kinds[kind] += 1
        self.pictures[len(sample.images or ())] += 1
        asked = [said.text for said in sample.said if said.speaker == "human"]
        told = [said.text for said in sample.said if said.speaker == "gpt"]
        self.turns[len(told)] += 1
        for question in asked:
            words = _WORD.findall(question.replace(IMAGE, " "))
            self.questions[len(words)] += 1
            self._open(words)
        self.answers.update(len(_WORD.findall(answer)) for answer in told)
        self._maybe_show(name, kind, sample)

    def _open(self, words: list[str]) -> None:
        pair = (*(word.lower()[:20] for word in words[:2]), "", "")[:2]
        if pair in self._openings or len(self._openings) < _MOST_OPENINGS:
            self._openings[pair[0], pair[1]] += 1

    def _maybe_show(self, name: str, kind: str, sample: Sample) -> None:
        """Those whose ids have the smallest digests: the same ones each time, and from all over the file."""
        rank = -int.from_bytes(
            hashlib.blake2b(f"{name}\0{sample.number}".encode("utf-8", "replace"), digest_size=8).digest()
        )
        if len(self._shown) >= SHOWN and rank <= self._shown[0][0]:
            return
        image = next((each for each in sample.images or () if isinstance(each, str)), "")
        said = tuple((one.speaker or "?", one.text[:LONGEST]) for one in sample.said)
        heapq.heappush(self._shown, (rank, sample.number, Shown(name, kind, image, said)))
        if len(self._shown) > SHOWN:
            heapq.heappop(self._shown)

    @property
    def shown(self) -> list[Shown]:
        """The records to look at, in the file's order."""
        return [each for _, _, each in sorted(self._shown, key=lambda entry: entry[1])]

    def openings(self, first: int = 14, then: int = 6) -> tuple[Node, ...]:
        """The words that questions begin with, as a tree of two rings; what is rare is `other`."""
        by_first: dict[str, Counter[str]] = {}
        for (one, two), count in self._openings.items():
            by_first.setdefault(one, Counter())[two] += count
        listed = sorted(by_first.items(), key=lambda item: (-item[1].total(), item[0]))
        nodes = [Node(word or "—", after.total(), _most(after, then)) for word, after in listed[:first]]
        rest = sum(after.total() for _, after in listed[first:])
        return (*nodes, Node("other", rest)) if rest else tuple(nodes)


def _most(after: Counter[str], then: int) -> tuple[Node, ...]:
    listed = sorted(after.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in listed[then:])
    nodes = [Node(word or "—", count) for word, count in listed[:then]]
    return (*nodes, Node("other", rest)) if rest else tuple(nodes)


def binned(counts: Counter[int], bins: int = 24) -> list[tuple[str, int]]:
    """A histogram: whole numbers in at most so many equal steps up to the largest but one in a hundred; the last takes
    what is beyond."""
    if not counts:
        return []
    top = _quantile(counts, 0.99)
    step = max(1, -(-(top + 1) // bins))
    heights: Counter[int] = Counter()
    for value, count in counts.items():
        heights[min(value, top) // step] += count
    return [
        (_span(at * step, step, at == top // step and max(counts) > top), heights[at]) for at in range(top // step + 1)
    ]


def _span(low: int, step: int, more: bool) -> str:
    return f"{low}+" if more else str(low) if step == 1 else f"{low}–{low + step - 1}"


def _quantile(counts: Counter[int], share: float) -> int:
    left = share * counts.total()
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return max(counts)


def typical(counts: Counter[int]) -> tuple[int, int, int]:
    """The median, and what all but one in ten stay above and below."""
    return (_quantile(counts, 0.5), _quantile(counts, 0.1), _quantile(counts, 0.9)) if counts else (0, 0, 0)
