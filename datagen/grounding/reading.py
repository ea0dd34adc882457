"""A turn's phrases → claims, each judged as it is read: what is there, what is not, how many.

A question is asked and not claimed; but what it takes for granted (`the dog`, `the three dogs`) is. An answer of one
word is read together with its question. Whatever stands after a guess or a not is passed over.
"""

from __future__ import annotations

from datagen.grounding import places, spatial, verdicts
from datagen.grounding import words as tables
from datagen.grounding.claims import Claim, Judged, Kind, Part
from datagen.grounding.phrases import Phrase, Sentence, Text, sentences
from datagen.grounding.scene import Scene
from datagen.grounding.verdicts import Verdict
from datagen.grounding.vocabulary import Vocabulary
from datagen.schema import Turn

_BE = frozenset("is are was were isn't aren't 's".split())
_SEEN = frozenset("visible present seen shown pictured depicted here there total all in on".split())
_ROOMS = frozenset("car train bus boat airplane truck oven microwave refrigerator".split())
_ADVERBS = frozenset("also clearly still only just currently exactly altogether".split())


class Reader:
    """Reads one turn."""

    def __init__(self, vocabulary: Vocabulary, scene: Scene, turn: int) -> None:
        self._vocabulary, self._scene, self._turn = vocabulary, scene, turn
        self._judged: list[Judged] = []
        self._known: set[tuple[str, str, str]] = set()  # what was claimed already in this turn

    def turn(self, turn: Turn) -> list[Judged]:
        """All claims of a question and its answer."""
        asked, answered = Text(turn.question), Text(turn.answer)
        questions = sentences(asked, self._vocabulary)
        answers = sentences(answered, self._vocabulary)
        denied = self._answer(answered, answers)
        self._question(asked, questions, denied)
        return self._judged

    def _add(self, text: Text, part: Part, kind: Kind, phrase: Phrase, verdict: Verdict, code: str,
             number: int | None = None, presupposed: bool = False) -> None:  # fmt: skip
        start, end = text.span(phrase.start, phrase.end)
        self._put(kind, part, start, end, text.text[start:end], phrase, verdict, code, "", number, presupposed)

    def _put(self, kind: Kind, part: Part, start: int, end: int, words: str, phrase: Phrase, verdict: Verdict,
             code: str, other: str = "", number: int | None = None, presupposed: bool = False) -> None:  # fmt: skip
        claim = Claim(kind, self._turn, part, start, end, words, phrase.noun.name, other, number, presupposed)
        self._judged.append(Judged(claim, verdict.standing, verdict.score, verdict.why, verdict.boxes,
                                   code if verdict.standing == "contradicted" else ""))  # fmt: skip

    # --- answers ------------------------------------------------------------------------------------------------

    def _answer(self, text: Text, found: list[Sentence]) -> set[str]:
        """Reads the answer; returns the names of what it denies."""
        denied: set[str] = set()
        for sentence in found:
            framed = False
            for number, phrase in enumerate(sentence.phrases):
                framed = _framed(sentence, number, framed)
                if _denies(sentence, phrase):
                    denied.update(phrase.noun.categories)
                    self._absent(text, sentence, phrase)
                elif not phrase.hedged:
                    self._there(text, sentence, phrase, framed)
            self._places(text, sentence)
        return denied

    def _places(self, text: Text, sentence: Sentence) -> None:
        for place in places.read(sentence):
            if place.end > sentence.hedge:
                continue
            phrase = place.of[0]
            start, end = text.span(min(place.start, phrase.start), max(place.end, phrase.end))
            words = text.text[start:end]
            kind: Kind = "relation" if place.other else "place"
            code = "G003" if place.where.startswith(("left", "right")) else "G004"
            where = place.other.noun.name if place.other else place.where
            self._put(kind, "answer", start, end, words, phrase, spatial.judge(self._scene, place, words), code, where)

    def _absent(self, text: Text, sentence: Sentence, phrase: Phrase) -> None:
        if phrase.told or phrase.some or not _closed(sentence, phrase.end):
            return
        words = _words(text, phrase)
        self._add(text, "answer", "absence", phrase, verdicts.absence(self._scene, phrase.noun, words), "G005")

    def _there(self, text: Text, sentence: Sentence, phrase: Phrase, framed: bool) -> None:
        words = _words(text, phrase)
        if phrase.determiner == "number" and phrase.number is not None and phrase.number > 1:
            closed = _closed(sentence, phrase.end)
            verdict = verdicts.count(self._scene, phrase, phrase.number, words, framed, closed)
            code = "G002" if verdict.boxes else "G001"
            self._add(text, "answer", "count", phrase, verdict, code, phrase.number)
            return
        key = (phrase.noun.name, phrase.determiner, "there")
        if key in self._known or not _asserted(sentence, phrase, framed):
            return
        self._known.add(key)
        self._add(text, "answer", "presence", phrase, verdicts.presence(self._scene, phrase.noun, words), "G001")

    # --- questions ----------------------------------------------------------------------------------------------

    def _question(self, text: Text, found: list[Sentence], denied: set[str]) -> None:
        for sentence in found:
            for phrase in sentence.phrases:
                if phrase.determiner == "the" and not phrase.hedged and denied.isdisjoint(phrase.noun.categories):
                    verdict = verdicts.presence(self._scene, phrase.noun, _words(text, phrase))
                    self._add(text, "question", "presence", phrase, verdict, "G007", presupposed=True)


def _words(text: Text, phrase: Phrase) -> str:
    start, end = text.span(phrase.start, phrase.end)
    return text.text[start:end]


def _framed(sentence: Sentence, number: int, before: bool) -> bool:
    """Whether the phrase says what the picture holds: `there are`, `the image shows`, or one more of such a list."""
    words, phrase = sentence.words, sentence.phrases[number]
    k = phrase.start - 1
    while k > sentence.start and words[k] in _ADVERBS:
        k -= 1
    if k > sentence.start and words[k] in _BE and words[k - 1] == "there":
        return True
    if k >= sentence.start and words[k] in tables.LOOKS:
        return True
    if before and number:
        between = words[sentence.phrases[number - 1].end : phrase.start]
        return len(between) <= 3 and all(word in (",", "and", "also", "plus") for word in between)
    return False


def _closed(sentence: Sentence, end: int) -> bool:
    """Whether the noun phrase ends without a word of which ones are meant."""
    words = sentence.words
    if end >= sentence.end or words[end] in (",", "and", ")", ":", "—", "–", '"'):
        return True
    k = end
    while k < sentence.end and words[k] in _BE | {"can", "be", "that", "which"} | _ADVERBS:
        k += 1
    if k >= sentence.end or words[k] in ("visible", "present", "seen", "shown", "pictured", "depicted", "here", "total"):
        return True
    if words[k] in ("in", "within"):
        rest = words[k + 1 : k + 3]
        return rest[-1:] != [] and rest[-1] in tables.FRAME or bool(rest) and rest[0] in ("total", "all", "view")
    return False


def _denies(sentence: Sentence, phrase: Phrase) -> bool:
    """`there is no dog`, `no dogs are visible`, `there isn't a dog`, `does not show any dogs`."""
    words, k = sentence.words, phrase.start
    if phrase.determiner == "no":
        return k == sentence.start or words[k - 1] in _BE | tables.LOOKS | {",", "and", "or", "see", "however"}
    if phrase.determiner in ("unsure", "a") and words[k] in ("any", "a", "an"):
        before = list(words[max(sentence.start, k - 3) : k])
        if before[-1:] and before[-1] in ("isn't", "aren't"):
            return before[-2:-1] == ["there"]
        if before[-1:] == ["not"]:
            return before[-3:-2] == ["there"]
        return before[-2:-1] in (["not"], ["don't"], ["doesn't"]) and before[-1] in tables.LOOKS
    return False


def _asserted(sentence: Sentence, phrase: Phrase, framed: bool) -> bool:
    """Whether the phrase says that there is such an object, and not what such objects are like or what they are for."""
    words, k = sentence.words, phrase.start
    if phrase.determiner in ("unsure", "no") or words[k] == "another" or _inside(sentence, phrase):
        return False
    if phrase.determiner == "bare":
        return framed
    if framed:
        return True
    if k - 2 >= sentence.start and words[k - 2] == "to" and words[k - 1].isalpha():
        return False
    if phrase.determiner == "the":
        return True
    after = words[phrase.end] if phrase.end < sentence.end else ""
    if after in ("'s", "’s"):
        return False
    if after in tables.MODALS or words[sentence.start].endswith("ing") or words[sentence.start] == "to":
        return False
    return k != sentence.start or after not in _BE




def _inside(sentence: Sentence, phrase: Phrase) -> bool:
    """`on a train`, `the window of a car`: the picture may be taken from within, where nothing is boxed."""
    before = sentence.words[phrase.start - 1] if phrase.start > sentence.start else ""
    return before in ("in", "inside", "on", "of", "aboard", "from", "onto", "into") and phrase.noun.name in _ROOMS
