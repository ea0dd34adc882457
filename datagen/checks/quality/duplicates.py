"""Q: records and answers that stand in a file twice, word for word.

Of a record 14 bytes are kept, by either check, and of a long answer 14 more; to find what is there twice, 50 more for
each while they are sorted. Letters' case, blanks at the ends and image tokens make no difference. What was only
reworded is for `near.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.base import Seen, SeenAt, file_check
from datagen.checks.examples import record
from datagen.checks.quality.options import Options
from datagen.checks.quality.places import Places
from datagen.checks.quality.texts import digest, look
from datagen.checks.sample import Sample

_LONG = 120
"""Bytes of an answer that is no coincidence: two dogs may well both be running after a ball."""
_TOLD = (
    "The dog is running over the wet grass after a red ball, while two children in yellow coats "
    "are watching it from a wooden bench."
)


@file_check(
    "Q001",
    "duplicate-record",
    "warning",
    fails=[record(), record(id="2", answer="It sleeps."), record(id="3")],
    passes=[record(), record(id="2", answer="It sleeps."), record(id="3", image="train2017/000000000009.jpg")],
)
class DuplicateRecord:
    """A record says of the same picture, word for word, what an earlier record says.

    Under another id, or the same one, the picture is trained on twice as often as meant; files that were joined from
    parts, or made by a run that was started twice, hold such records. The same words about another picture are no
    finding here.
    """

    def __init__(self, options: Options) -> None:
        self._places = Places()

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        seen = look(sample)
        if seen.lines:
            self._places.add(seen.whole, sample.number)

    def merge(self, other: DuplicateRecord, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        self._places.merge(other._places, shift)

    def end(self) -> Iterator[SeenAt]:
        """Each later record, with the first of its kind."""
        for again in self._places.again():
            yield SeenAt(again.number, Seen(f"the same pictures and dialogue as record {again.first}"))


@file_check(
    "Q002",
    "duplicate-answer",
    "warning",
    fails=[record(answer=_TOLD), record(id="2", image="train2017/000000000009.jpg", answer=_TOLD)],
    passes=[record(), record(id="2", image="train2017/000000000009.jpg")],
)
class DuplicateAnswer:
    """A long answer stands word for word in an earlier place of the file.

    Some twenty words that agree about two pictures are about one of them at most. Short answers agree by themselves,
    and a record that is a duplicate as a whole (Q001) is not told again.
    """

    def __init__(self, options: Options) -> None:
        self._places = Places()
        self._whole = DuplicateRecord(options)

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        long = [answer for answer in look(sample).answers if _is_long(answer.key)]
        if long:
            self._whole.see(sample)
        for answer in long:
            self._places.add(digest(answer.key), sample.number, answer.where)

    def merge(self, other: DuplicateAnswer, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        self._places.merge(other._places, shift)
        self._whole.merge(other._whole, shift)

    def end(self) -> Iterator[SeenAt]:
        """Each later answer, with the first of its kind."""
        told = {seen.number for seen in self._whole.end()}
        for again in self._places.again():
            if again.number in told:
                continue
            first = f"of record {again.first}" if again.first != again.number else f"at {again.first_where}"
            yield SeenAt(again.number, Seen(f"word for word the answer {first}", again.where))


def _is_long(key: str) -> bool:
    return len(key) >= _LONG or (not key.isascii() and len(key.encode("utf-8", "replace")) >= _LONG)
