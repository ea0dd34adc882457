"""Q: answers in another script than the rest of the file, and words of two scripts.

It knows the scripts that letters belong to, as Unicode names them, and no languages: French among English is nothing to
it. Chinese and Japanese are one, since they share their letters; of Greek, single letters are everybody's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from datagen.checks.base import Seen, SeenAt, file_check, text_check
from datagen.checks.examples import ANSWER, record
from datagen.checks.quality.options import Options
from datagen.checks.quality.texts import look
from datagen.checks.sample import Said, Sample
from datagen.text import shown

_ALIAS = {"CJK": "Han", "HIRAGANA": "Han", "KATAKANA": "Han", "HALFWIDTH": "Han", "FULLWIDTH": "Latin"}
_FEW_LETTERS = 12  # that are a name, or what is written on a sign
_MOST = 2 / 3
_MANY_ANSWERS, _REST, _TOLD = 20, 0.9, 20
_ABOUT_LANGUAGE = re.compile(
    r"translat|language|chinese|japanese|korean|russian|arabic|hebrew|hindi|thai|greek|transcri|\bread|\bocr\b|text|"
    r"written|write|\bsays?\b|\bsign",
    re.IGNORECASE,
)
_OTHERS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Thai}\p{Devanagari}"
_BLENDING = {"Han", "HANGUL", "CYRILLIC", "ARABIC", "HEBREW", "THAI", "DEVANAGARI"}
_WORD = re.compile(r"[^\W\d_]+")
_QUOTES = frozenset("\"'“”‘’«»„‚「」『』()（）[]")


@lru_cache(1 << 14)
def _script(letter: str) -> str:
    """The script of a letter; empty for what is none."""
    if not letter.isalpha():
        return ""
    name = unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
    return _ALIAS.get(name, "Latin" if name == "LATIN" else name)


def script_of(text: str) -> str:
    """The script that most letters of a text are of; empty where there are few letters, or no script has most."""
    if text.isascii():
        return "Latin" if len(text) >= 2 * _FEW_LETTERS or sum(map(str.isalpha, text)) >= _FEW_LETTERS else ""
    strange = [letter for letter in text if letter > "\x7f"]
    if len(strange) * 10 < len(text):
        return "Latin" if len(text) >= 2 * _FEW_LETTERS else ""
    counts = Counter(map(_script, text))
    counts.pop("", None)
    letters = counts.total()
    script, count = counts.most_common(1)[0] if counts else ("", 0)
    return script if letters >= _FEW_LETTERS and count >= _MOST * letters else ""


def _named(script: str) -> str:
    return "Chinese or Japanese" if script == "Han" else script.capitalize()


class _Strangers:
    """Answers of one script that their own questions are not in: how many, and the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[tuple[int, str]] = []

    def add(self, number: int, where: str) -> None:
        self.count += 1
        if len(self.first) < _TOLD:
            self.first.append((number, where))


@file_check(
    "Q008",
    "other-script",
    "warning",
    fails=[record(id=str(n), answer=ANSWER if n else "Собака бежит за мячом по траве.") for n in range(30)],
    passes=[record(id=str(n), answer=ANSWER if n else "Собака (a dog) runs after a ball.") for n in range(30)],
)
class OtherScript:
    """An answer is in another script than nearly all answers of the file, and than its question.

    The model fell into another language. An answer in the script of its own question is none of these, nor one to a
    question about a language or about what is written in the picture. At most 20 are told for each script.
    """

    def __init__(self, options: Options) -> None:
        self._scripts: Counter[str] = Counter()
        self._strangers: dict[str, _Strangers] = {}

    def see(self, sample: Sample) -> None:
        """One record, in the file's order."""
        seen = look(sample)
        plain = all(line.text.isascii() for line in seen.questions)
        for answer in seen.answers:
            script = script_of(answer.text)
            if not script:
                continue
            self._scripts[script] += 1
            if not (plain and script == "Latin") and not any(
                _asks_for(script, question.text) for question in seen.questions
            ):
                self._strangers.setdefault(script, _Strangers()).add(sample.number, answer.where)

    def merge(self, other: OtherScript, shift: int = 0) -> None:
        """Take over what was seen in the records that follow."""
        self._scripts += other._scripts
        for script, theirs in other._strangers.items():
            ours = self._strangers.setdefault(script, _Strangers())
            for number, where in theirs.first:
                ours.add(number + shift, where)
            ours.count += theirs.count - len(theirs.first)

    def end(self) -> Iterator[SeenAt]:
        """The answers in other scripts than the file's."""
        answers = self._scripts.total()
        main, most = self._scripts.most_common(1)[0] if answers else ("", 0)
        if answers < _MANY_ANSWERS or most < _REST * answers:
            return
        for script, strangers in sorted(self._strangers.items()):
            if script == main:
                continue
            for number, where in strangers.first:
                rest = f"{most / answers:.1%} of the answers are in {_named(main)}"
                yield SeenAt(number, Seen(f"in {_named(script)}, while {rest}", where))
            if strangers.count > _TOLD:
                yield SeenAt(None, Seen(f"{strangers.count - _TOLD:,} more answers are in {_named(script)}"))


def _asks_for(script: str, question: str) -> bool:
    """Whether an answer in that script is what a question asks for."""
    return any(_script(letter) == script for letter in question) or bool(_ABOUT_LANGUAGE.search(question))


@text_check(
    "Q009",
    "mixed-script",
    "warning",
    fails=record(answer="The dog is running after a红色 ball."),
    passes=record(answer="The sign above the dog reads 红色 in white."),
    scent=rf"[a-z][{_OTHERS}]|[{_OTHERS}][a-z]",
)
def mixed_script(said: tuple[Said, ...]) -> Iterator[Seen]:
    """A word of an answer runs from Latin letters into those of another script.

    The model slipped into another language, or letters were replaced by others that look like them. A text that is
    mostly in the other script, as Chinese with `T恤` in it, and what stands in quotation marks or brackets, is none.
    """
    for text, speaker, where in said:
        if speaker != "gpt" or text.isascii() or script_of(text) != "Latin":
            continue
        for word in _WORD.finditer(text):
            scripts = set() if word[0].isascii() else set(map(_script, word[0]))
            if "Latin" in scripts and scripts & _BLENDING and not _quoted(text, *word.span()):
                yield Seen(f"{shown(word[0], 60)!r} is of two scripts", where, word[0])
                break


def _quoted(text: str, start: int, end: int) -> bool:
    return bool(_QUOTES & {*text[max(0, start - 1) : start], *text[end : end + 1]})
