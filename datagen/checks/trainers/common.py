"""What the trainers' checks share: which trainers there are, which records each can read at all, and what each does
without the picture.

A trainer's module says in FITS whether a record has a form that the trainer reads (the trainers asked about without
`--target` are those that fit a file's first records), and in MISSING_IMAGE what it does where the picture's file is
not there or does not open. It knows no trainer itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from datagen.checks.base import Does, Seen
from datagen.checks.sample import IMAGE, Sample

FITS: dict[str, Callable[[Sample], bool]] = {}
"""For each target: whether it can read a record of this form at all, well or not."""
MISSING_IMAGE: dict[str, Does] = {}
"""For each target: what happens to a record whose picture is missing or cannot be read."""
NOT_BY_DEFAULT: set[str] = set()
"""Targets that are asked about only by name."""

ORDER: tuple[Does, ...] = ("stops", "lost", "damaged")
"""From the worst."""


def worst(does: Iterable[Does | None]) -> str:
    """The worst of what is done to a record; `loaded` where nothing is."""
    done = set(does)
    return next((each for each in ORDER if each in done), "loaded")


class Turn(NamedTuple):
    """One turn of `conversations`, as it stands there."""

    role: Any
    """What stands under `from`; None where nothing does."""
    value: Any
    where: str
    """`conversations[0].value`"""

    def has(self, word: str) -> bool:
        """Whether its text holds that."""
        return isinstance(self.value, str) and word in self.value

    @property
    def blank(self) -> bool:
        """Whether its text is nothing but white space."""
        return isinstance(self.value, str) and not self.value.strip()


_latest: tuple[Any, tuple[Turn, ...], tuple[Turn, ...]] = (None, (), ())
"""The record that was asked about last, its turns and its texts: all checks ask about one record after the other."""


def turns(sample: Sample) -> tuple[Turn, ...]:
    """The turns of a record in LLaVA's form, where all of them are objects; else none. A sound record shows none."""
    return _looked_at(sample)[1]


def texts(sample: Sample) -> tuple[Turn, ...]:
    """The same, where also each has a role and a text; else none."""
    return _looked_at(sample)[2]


def _looked_at(sample: Sample) -> tuple[Any, tuple[Turn, ...], tuple[Turn, ...]]:
    global _latest
    if sample.sound is not None:
        return None, (), ()
    kept = _latest
    if kept[0] is not sample:
        listed = listing(sample, "conversations")
        found: tuple[Turn, ...] = ()
        if all(isinstance(turn, dict) for turn in listed):
            places = (f"conversations[{at}].value" for at in range(len(listed)))
            found = tuple(
                Turn(turn.get("from"), turn.get("value"), where) for turn, where in zip(listed, places, strict=True)
            )
        told = all(isinstance(turn.role, str) and isinstance(turn.value, str) for turn in found)
        kept = _latest = (sample, found, found if told else ())
    return kept


def listing(sample: Sample, key: str) -> list[Any]:
    """The list under a member of the record; an empty one where there is none."""
    listed = member(sample, key)
    return listed if isinstance(listed, list) else []


def member(sample: Sample, key: str) -> Any:
    """What stands under a member of the record; None where there is nothing, or where the record is sound."""
    return sample.raw.get(key) if has_member(sample, key) else None


def has_member(sample: Sample, key: str) -> bool:
    """Whether the record has that member, whatever it holds. A sound record shows none."""
    return sample.sound is None and isinstance(sample.raw, dict) and key in sample.raw


def no_list(sample: Sample, form: str) -> Iterator[Seen]:
    """What there is instead of a list of turns under that name."""
    if sample.sound is not None:
        if sample.sound.form != form:
            yield Seen(f"the dialogue stands under `{sample.sound.form}`, not under `{form}`")
    elif not isinstance(sample.raw, dict):
        yield Seen(f"the record is {kind(sample.raw)}, not an object")
    elif form not in sample.raw:
        yield Seen(f"no `{form}`")
    elif not isinstance(sample.raw[form], list):
        yield Seen(f"`{form}` is {kind(sample.raw[form])}, not a list", form)


def no_pairs(sample: Sample, keys: Iterable[str] = ("from", "value")) -> Iterator[Seen]:
    """Turns that are no objects with these members, each a text."""
    for at, turn in enumerate(listing(sample, "conversations")):
        where = f"conversations[{at}]"
        if not isinstance(turn, dict):
            yield Seen(f"the turn is {kind(turn)}, not an object", where)
            continue
        for key in keys:
            if key not in turn:
                yield Seen(f"no `{key}`", where)
            elif not isinstance(turn[key], str):
                yield Seen(f"`{key}` is {kind(turn[key])}, not a text", f"{where}.{key}")


def blanks(found: Iterable[Turn], roles: Iterable[str]) -> Iterator[Seen]:
    """Turns of these roles without a text."""
    for turn in found:
        if turn.role in tuple(roles) and turn.blank:
            yield Seen("empty", turn.where)


def words_in(found: Iterable[Turn], words: Iterable[str]) -> Iterator[Seen]:
    """Turns that hold one of these words, each turn once."""
    pattern = _any_of(tuple(words))
    for turn in found:
        word = pattern.search(turn.value) if isinstance(turn.value, str) else None
        if word is not None:
            yield Seen(f"{word[0]!r} in the text", turn.where, word[0])


@lru_cache(64)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


def longer(found: Iterable[Turn], limit: int) -> Iterator[Seen]:
    """More words than tokens are kept; a word is at least one token."""
    said = [turn.value for turn in found if isinstance(turn.value, str)]
    if sum(len(value) + 1 for value in said) <= 2 * limit:
        return
    count = sum(len(value.split()) for value in said)
    if count > limit:
        yield Seen(f"{count:,} words, and {limit:,} tokens are kept", "conversations")


def tokens(found: Iterable[Turn]) -> int:
    """Image tokens in these turns."""
    return sum(turn.value.count(IMAGE) for turn in found if isinstance(turn.value, str))


def images_unread(sample: Sample) -> Iterator[Seen]:
    """Pictures under `images`, where only `image` is read."""
    if member(sample, "images") and not member(sample, "image"):
        yield Seen("the pictures stand under `images`, and only `image` is read", "images")


def wordless(sample: Sample) -> Iterator[Seen]:
    """Nothing but white space in all turns, or no turn."""
    found = turns(sample)
    whole = isinstance(member(sample, "conversations"), list) and len(found) == len(listing(sample, "conversations"))
    if whole and all(isinstance(turn.value, str) and not turn.value.split() for turn in found):
        yield Seen("no words" if found else "no turn", "conversations")


def model_first(sample: Sample) -> Iterator[Seen]:
    """The first turn is the model's."""
    found = turns(sample)
    if found and found[0].role == "gpt":
        yield Seen("the first turn is the model's", found[0].where)


def kind(value: Any) -> str:
    """What kind of JSON value that is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)


def says_from(sample: Sample) -> bool:
    """Whether the record's dialogue is a list under `conversations` of `from` and `value`."""
    if sample.sound is not None:
        return sample.sound.form == "conversations"
    first = next(iter(listing(sample, "conversations")), None)
    return isinstance(first, dict) and "from" in first and "value" in first


def says_role(sample: Sample) -> bool:
    """Whether the record's dialogue is a list under `messages` of `role` and `content`."""
    if sample.sound is not None:
        return sample.sound.form == "messages"
    first = next(iter(listing(sample, "messages")), None)
    return isinstance(first, dict) and "role" in first and "content" in first
