"""An annotation file's categories → the nouns by which a text may speak of them, found by their tokens.

A noun is exact (`doggy`: any dog and nothing else), a part (`puppy`: some dogs) or wide (`animal`: several categories).
Categories that COCO has too, under whatever name, get COCO's synonyms; others go by their own names, and by the last
word of these. It knows words, not sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, compress
from typing import Literal, NamedTuple

from datagen.grounding import things
from datagen.grounding.naming import is_group, plural, spoken
from datagen.grounding.tokens import tokens
from datagen.grounding.words import MARKS, NOUN, bag

_FEDERATED = 400  # so many categories are never looked for in every picture

Width = Literal["exact", "part", "wide"]


class Noun(NamedTuple):
    """What a word stands for."""

    name: str
    """The category where there is one, else the word."""
    categories: tuple[str, ...]
    """All whose boxes it may speak of."""
    width: Width
    certain: bool
    """Whether the picture can be shown to hold none: it has one sense, and all of it would have been boxed."""
    near: frozenset[str]
    """Categories that it may have been taken for."""
    plain: bool = True
    """Whether the word has one sense only."""


class Form(NamedTuple):
    """A phrase of the vocabulary."""

    noun: Noun
    many: bool | None
    """Whether it is a plural; None where both numbers look the same."""


Hit = tuple[int, int, Form]
"""A noun in a text: its first token, the one after its last, and what it is."""


class _Entry(NamedTuple):
    exact: tuple[str, ...]
    part: tuple[str, ...]
    near: tuple[str, ...]


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in text.split(","))))


def _table() -> dict[str, _Entry]:
    found = {}
    for line in things.THINGS.strip().replace("\n    ", " ").splitlines():
        name, exact, part, near = (*line.split("|"), "")[:4]
        found[name.strip()] = _Entry((name.strip(), *_split(exact)), _split(part), _split(near))
    return found


class Vocabulary:
    """All nouns of a set of categories."""

    def __init__(self, categories: Iterable[str]) -> None:
        self.categories = tuple(dict.fromkeys(categories))
        self.groups = frozenset(name for name in self.categories if is_group(name))
        self._whole = len(self.categories) <= _FEDERATED
        self._first: dict[str, list[tuple[tuple[str, ...], Form]]] = {}
        self._hints: dict[str, list[tuple[tuple[str, ...], Iterable[str]]]] = {}
        self._coco: dict[str, list[str]] = {}
        self._own(_table())
        for rests in self._first.values():
            rests.sort(key=lambda each: -len(each[0]))
        self._alone = {word: rests[0][1] for word, rests in self._first.items() if rests[0][0] == ()}
        """Those that begin no longer one."""
        self.marks = dict(MARKS)
        """What each word is that makes a sentence worth a closer look."""
        for word, rests in self._first.items():
            self.marks[word] = self.marks.get(word, 0) | NOUN
            self._hints.setdefault(word, []).extend((rest, form.noun.categories) for rest, form in rests)

    def _own(self, table: dict[str, _Entry]) -> None:
        exact = {key: name for name, entry in table.items() for word in entry.exact for key in (word, _joined(word))}
        part = {word: name for name, entry in table.items() for word in entry.part}
        mine: dict[str, list[str]] = {}
        adopted: dict[str, list[str]] = {}
        for category in self.categories:
            name = spoken(category)
            known = name if name in table else exact.get(name) or exact.get(_joined(name))
            (adopted if known else mine).setdefault(known or name, []).append(category)
        for name, members in adopted.items():
            self._coco[name] = members
        for name, members in mine.items():
            if part.get(name) in adopted and name not in things.VAGUE:
                self._coco[part[name]] += members
        for name, members in self._coco.items():
            self._adopt(table[name], members, mine)
        for name, members in mine.items():
            kinds = [member for other in mine if other.endswith(f" {name}") for member in mine[other]]
            self._name(name, Noun(members[0], (*members, *kinds), "exact", self._whole, frozenset()))
        self._heads(mine)
        self._wide(table)

    def _adopt(self, entry: _Entry, members: list[str], mine: dict[str, list[str]]) -> None:
        """COCO's words for a category of the file."""
        near = frozenset(chain.from_iterable(self._coco.get(other, ()) for other in entry.near))
        for words, width in ((entry.exact, "exact"), (entry.part, "part")):
            for word in words:
                if word not in mine:
                    sure = self._whole and word not in things.VAGUE
                    self._name(word, Noun(members[0], tuple(members), width, sure, near, word not in things.VAGUE))  # type: ignore[arg-type]

    def _heads(self, mine: dict[str, list[str]]) -> None:
        """`bottle` for all categories that end in it."""
        heads: dict[str, list[str]] = {}
        for name, members in mine.items():
            _, space, last = name.rpartition(" ")
            if space and last not in mine and len(last) > 2:
                heads.setdefault(last, []).extend(members)
        for word, members in heads.items():
            if not self._knows(word):
                self._name(word, Noun(word, tuple(members), "wide", False, frozenset(), False))

    def _wide(self, table: dict[str, _Entry]) -> None:
        for word, listed in things.WIDER.items():
            members = tuple(chain.from_iterable(self._coco.get(name, ()) for name in _split(listed)))
            if not members:
                continue
            for phrase in {word, plural(word)}:
                first, *rest = tokens(phrase)
                self._hints.setdefault(first, []).append((tuple(rest), frozenset(members)))
            if word in things.UMBRELLA and not self._knows(word):
                self._name(word, Noun(word, members, "wide", False, frozenset(), False))

    def _knows(self, word: str) -> bool:
        first, *rest = tokens(word)
        return any(known == tuple(rest) for known, _ in self._first.get(first, ()))

    def _name(self, word: str, noun: Noun) -> None:
        several = plural(word)
        forms = [(word, None)] if several == word else [(word, False), (several, True)]
        for phrase, many in forms:
            self._add(phrase, Form(noun, _number(phrase, many)))

    def _add(self, phrase: str, form: Form) -> None:
        """A phrase that is there already stands for both."""
        cut = tokens(phrase)
        if not cut:
            return
        rests = self._first.setdefault(cut[0], [])
        for number, (rest, old) in enumerate(rests):
            if rest == tuple(cut[1:]):
                rests[number] = rest, Form(_either(old.noun, form.noun), old.many if old.many == form.many else None)
                return
        rests.append((tuple(cut[1:]), form))

    def at(self, words: Sequence[str], i: int) -> Hit | None:
        """The longest noun that begins with that token."""
        form = self._alone.get(words[i])
        if form:
            return i, i + 1, form
        after = words[i + 1] if i + 1 < len(words) else ""
        for rest, form in self._first[words[i]]:
            if not rest:
                return i, i + 1, form
            if after == rest[0] and tuple(words[i + 1 : i + 1 + len(rest)]) == rest:
                return i, i + 1 + len(rest), form
        return None

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Where the nouns stand; the longest phrase wins."""
        found: list[Hit] = []
        done = 0
        for i in compress(range(len(words)), map(self._first.__contains__, words)):
            hit = self.at(words, i) if i >= done else None
            if hit:
                found.append(hit)
                done = hit[1]
        return found

    def hinted(self, words: Sequence[str]) -> set[str]:
        """The categories that a caption's words make thinkable."""
        found: set[str] = set()
        hints = self._hints
        for i in compress(range(len(words)), map(hints.__contains__, words)):
            for rest, names in hints[words[i]]:
                if not rest or tuple(words[i + 1 : i + 1 + len(rest)]) == rest:
                    found.update(names)
        return found


def _joined(name: str) -> str:
    return name.replace(" ", "")


_PLURAL_WORDS = bag("people folks persons bleachers skis men women scissors geese mice calves oxen ponies")


def _number(phrase: str, many: bool | None) -> bool | None:
    return True if phrase.rpartition(" ")[2] in _PLURAL_WORDS else many


def _either(one: Noun, two: Noun) -> Noun:
    """A word for things of two categories: it is sure of neither."""
    if one.categories == two.categories:
        return one
    several = tuple(dict.fromkeys(one.categories + two.categories))
    width: Width = "exact" if one.width == two.width == "exact" else "part"
    return Noun(one.name, several, width, one.certain and two.certain,
                (one.near | two.near) - frozenset(several), one.plain and two.plain)  # fmt: skip
