"""Q: an answer that goes round and round.

A text is probed in five places at most, its end among them, and only where a probe stands in it before is it looked at
closely, so that a sound answer costs few microseconds; what goes round inside a long answer, for less than a fifth of
it, may be missed. Lines of code, tables and rows of signs repeat themselves by right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from datagen.checks.base import Seen, text_check
from datagen.checks.examples import record
from datagen.checks.sample import Said
from datagen.text import shown

_PROBE, _STRIDE, _MOST_PROBES = 12, 40, 5
_SHORTEST = 60  # characters that go round; "very, very, very" is a manner of speaking
_LOOPS, _LOOPS_OF_A_WORD = 3, 8
_SENTENCES, _SENTENCE_WORDS, _SENTENCE_SHARE = 4, 4, 0.25
_SENTENCE = re.compile(r"[^.!?\n。！？]+")
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_CODE = re.compile(r"[{}<>=|;\\]|\w\(|```")


@text_check(
    "Q007",
    "repetition-loop",
    "warning",
    fails=record(answer="The dog runs." + " It is running after the ball." * 4),
    passes=record(answer="The dog runs and runs, over the grass, over the path, over the hill, after a red ball."),
)
def repetition_loop(said: tuple[Said, ...]) -> Iterator[Seen]:
    """An answer repeats the same words over and over: the model got stuck.

    Three times on end, a single word eight times, or the same sentence at least four times in one answer. A model that
    is tuned on it learns to get stuck.
    """
    for text, speaker, where in said:
        if speaker == "gpt" and len(text) >= _SHORTEST:
            found = _loop(text)
            if found:
                unit, times = found
                yield Seen(f"{shown(unit, 60)!r} {times} times", where, unit[:200])


def _loop(text: str) -> tuple[str, int] | None:
    again = False
    for at in range(len(text) - _PROBE, 0, -max(_STRIDE, len(text) // _MOST_PROBES)):
        before = text.rfind(text[at : at + _PROBE], 0, at + _PROBE - 1)
        if before >= 0:
            again = True
            found = _on_end(text, before, at)
            if found:
                return found
    return _sentences(text) if again else None


def _on_end(text: str, left: int, right: int) -> tuple[str, int] | None:
    """What is repeated without a break around two places that are alike, and how often."""
    period = right - left
    while left and text[left - 1] == text[left - 1 + period]:
        left -= 1
    while right < len(text) and text[right] == text[right - period]:
        right += 1
    unit, times = text[left : left + period], (right - left) // period
    words = _WORD.findall(unit)
    enough = _LOOPS if len(set(words)) > 1 else _LOOPS_OF_A_WORD
    if words and times >= enough and right - left >= _SHORTEST and not _CODE.search(unit):
        return unit, times
    return None


def _sentences(text: str) -> tuple[str, int] | None:
    """The sentence that stands in a text again and again, and how often."""
    counts = Counter(sentence.strip().lower() for sentence in _SENTENCE.findall(text))
    for sentence, times in counts.most_common(1):
        long = len(sentence) * times >= _SENTENCE_SHARE * len(text) and len(sentence.split()) >= _SENTENCE_WORDS
        if times >= _SENTENCES and long and not _CODE.search(sentence):
            return sentence, times
    return None
