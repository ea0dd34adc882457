"""A turn's phrases → claims, each judged as it is read: what is there, what is not, how many, where, and what colour.

A question is asked and not claimed; but what it takes for granted (`the dog`, `the three dogs`) is. An answer of one
word is read together with its question. Whatever stands after a guess or a not is passed over.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property, partial

from datagen.grounding import attributes, frames, places, replies, sizes, spatial, things, verdicts
from datagen.grounding import words as tables
from datagen.grounding.claims import Claim, Judged, Kind, Part, Standing
from datagen.grounding.phrases import Phrase, Sentence, Text, about, sentences
from datagen.grounding.scene import Scene
from datagen.grounding.verdicts import Said, Verdict
from datagen.grounding.vocabulary import Noun, Vocabulary
from datagen.grounding.words import bag
from datagen.schema import Turn
from datagen.text import shown

_LINE = 400  # characters of an explanation
_ANYONE = bag("person people persons human humans individual individuals")


class Reader:
    """Reads the turns about one picture. `brief`: of claims that are not contradicted, only how many there are."""

    def __init__(self, vocabulary: Vocabulary, scene: Scene, *, brief: bool = False) -> None:
        self._vocabulary, self.scene, self._brief = vocabulary, scene, brief
        self.passed: Counter[tuple[Kind, Standing]] = Counter()
        """What was only counted."""
        self._judged: list[Judged] = []
        self._known: set[tuple[str, str]] = set()  # what was claimed already in this turn
        self._present: dict[int, Verdict] = {}
        self._turn = 0
        self._text = Text("")
        self._part: Part = "answer"

    @cached_property
    def _palette(self) -> attributes.Palette:
        return attributes.Palette(self.scene)

    def turn(self, number: int, turn: Turn) -> list[Judged]:
        """All claims of a question and its answer; in brief, those that are contradicted."""
        self._turn, self._judged = number, []
        self._known.clear()
        asked, answered = Text(turn.question), Text(turn.answer)
        questions, _ = sentences(asked, self._vocabulary)
        answers, marks = sentences(answered, self._vocabulary)
        topic = replies.topic(questions)
        self._text, self._part = answered, "answer"
        denied = self._answer(answers, marks, topic)
        if topic:
            denied |= self._reply(topic, answers)
        for start, end in sizes.coordinates(turn.question, turn.answer):
            self._coordinates(start, end)
        self._text, self._part = asked, "question"
        self._question(questions, denied, topic)
        return self._judged

    # --- what becomes of a claim --------------------------------------------------------------------------------

    def _words(self, first: int, last: int) -> Said:
        return partial(self._text.between, first, last)

    def _put(
        self, kind: Kind, subject: str, at: tuple[int, int], verdict: Verdict, code: str,
        other: str = "", number: int | None = None,
    ) -> None:  # fmt: skip
        """Keep a claim; its words are those from one token to before another."""
        if verdict.standing != "contradicted":
            if self._brief:
                self.passed[kind, verdict.standing] += 1
                return
            code = ""
        start, end = self._text.span(*at)
        words = self._text.text[start:end]
        presupposed = self._part == "question"
        claim = Claim(kind, self._turn, self._part, start, end, words, subject, other, number, presupposed)
        why = shown(verdict.why(), _LINE) if code else verdict.why()
        self._judged.append(Judged(claim, verdict.standing, verdict.score, why, verdict.boxes, code))

    # --- answers ------------------------------------------------------------------------------------------------

    def _answer(self, found: list[Sentence], marks: int, topic: replies.Topic | None) -> set[str]:
        """Reads the answer, which has such `marks`; returns the categories that it denies."""
        denied: set[str] = set()
        spoken: Phrase | None = None
        for sentence in found:
            framed, start = False, sentence.start
            for number, phrase in enumerate(sentence.phrases):
                framed = frames.framed(sentence, number, framed)
                if frames.denies(sentence, phrase) or (phrase.start == start and self._unseen(sentence, phrase)):
                    denied.update(phrase.noun.categories)
                    self._absent(sentence, phrase)
                elif not phrase.hedged:
                    asked = topic is not None and topic.kind == "many" and topic.phrase.noun == phrase.noun
                    self._there(sentence, phrase, framed, asked and sentence is found[0])
            if marks & tables.SIGN:
                if sentence.marks & tables.SIGN:
                    self._places(sentence)
                    for place in places.listed(sentence, spoken):
                        self._place(sentence, place)
                self._of_it(sentence)
                spoken = places.counted(sentence)
            if sentence.marks & tables.SCENT:
                self._sizes(sentence)
            self._attributes(sentence, marks)
        return denied

    def _of_it(self, sentence: Sentence) -> None:
        """`There is a dog. It is on the left.`"""
        words, after = sentence.words, sentence.end + 1
        if len(sentence.phrases) == 1 and words[after : after + 1] == ["it"] and not sentence.phrases[0].many:
            self._places(about(self._text, after, sentence.phrases[0]))

    def _absent(self, sentence: Sentence, phrase: Phrase) -> None:
        if phrase.some or set(phrase.told) - {"visible", "single"}:
            return
        if not (frames.closed(sentence, phrase.end) or self._unseen(sentence, phrase)):
            return
        self._known.add((phrase.noun.name, "absence"))
        words = self._words(phrase.start, phrase.end)
        self._put("absence", phrase.noun.name, phrase.span, verdicts.absence(self.scene, phrase.noun, words), "G005")

    @staticmethod
    def _unseen(sentence: Sentence, phrase: Phrase) -> bool:
        """Whether it is no certain one that cannot be seen: of `the dog` a part or a doing may be meant."""
        whole = phrase.determiner in ("a", "unsure", "bare") and phrase.start == sentence.start
        return whole and sentence.hedge < sentence.end and frames.unseen(sentence, phrase)

    def _there(self, sentence: Sentence, phrase: Phrase, framed: bool, asked: bool) -> None:
        one = bool(phrase.number or phrase.told) and frames.only(sentence, phrase, framed, asked)
        number = 1 if one else phrase.number
        if number is not None and (number > 1 or one):
            words = self._words(phrase.start, phrase.end)
            closed = frames.closed(sentence, phrase.end)
            whole = framed or asked or one or phrase.start == sentence.start
            verdict = self._likely(phrase, verdicts.count(self.scene, phrase, number, words, whole, closed))
            self._put(
                "count", phrase.noun.name, phrase.span, verdict, "G001" if verdict.missing else "G002", number=number
            )
            return
        if (phrase.noun.name, phrase.determiner) in self._known or not frames.asserted(sentence, phrase, framed):
            return
        self._known.add((phrase.noun.name, phrase.determiner))
        words = self._words(phrase.start, phrase.end)
        whole = framed or phrase.start == sentence.start
        few = verdicts.several(self.scene, phrase, words) if phrase.determiner == "many" and whole else None
        if few and frames.several(sentence, phrase):
            self._put("count", phrase.noun.name, phrase.span, few, "G002")
            return
        verdict = self._likely(phrase, self._presence(phrase.noun, words))
        if verdict.standing == "contradicted" and not framed and sentence.words[phrase.head] in _ANYONE:
            verdict = verdict._replace(standing="unknown")  # `the person`: whoever would be there
        self._put("presence", phrase.noun.name, phrase.span, verdict, "G001")

    def _presence(self, noun: Noun, words: Said) -> Verdict:
        """What is named is named again: of each noun, which is the vocabulary's own and stays, it is asked once."""
        verdict = self._present.get(id(noun))
        if verdict is None:
            verdict = verdicts.presence(self.scene, noun, words)
            if verdict.standing != "contradicted":  # which quotes the words
                self._present[id(noun)] = verdict
        return verdict

    def _likely(self, phrase: Phrase, verdict: Verdict) -> Verdict:
        """What statues were spoken of before is of stone as well: no animal is missing."""
        made = phrase.noun.name in things.LIVING and verdict.missing
        if made and not tables.LIKENESSES.isdisjoint(self._text.words[: phrase.start]):
            return Verdict("unknown", 0.5, lambda: "it may be one of the likenesses that were spoken of before")
        return verdict

    def _places(self, sentence: Sentence) -> None:
        for place in places.read(sentence):
            self._place(sentence, place)

    def _sizes(self, sentence: Sentence) -> None:
        for said in sizes.read(sentence):
            verdict = sizes.judge(self.scene, said, self._words(said.one.start, said.end))
            other = said.two.noun.name if said.two else ""
            self._put("size", said.one.noun.name, (said.one.start, said.end), verdict, "G009", other)

    def _place(self, sentence: Sentence, place: places.Place) -> None:
        if place.end > sentence.hedge and sentence.words[sentence.hedge] != "than":
            return
        phrase = place.of[0]
        first, last = min(place.start, phrase.start), max(place.end, phrase.end)
        verdict = spatial.judge(self.scene, place, self._words(first, last))
        code = "G004" if place.where in ("top", "bottom", "above", "below") else "G003"
        other = place.other.noun.name if place.other else place.where
        kind: Kind = "relation" if place.other else "place"
        self._put(kind, phrase.noun.name, (first, last), verdict, code, other)

    def _attributes(self, sentence: Sentence, marks: int) -> None:
        if not self.scene.image.captions:
            return
        for fact in attributes.facts(sentence) if sentence.marks & tables.COLOUR else ():
            if fact.end <= sentence.hedge:
                self._colour(fact)
        more = attributes.of_it(sentence) if marks & tables.COLOUR and sentence.hedge == sentence.end else None
        if more:
            self._colour(more)
        for phrase in sentence.phrases:
            if phrase.told and not phrase.hedged and attributes.STATES.intersection(phrase.told):
                verdict = self._palette.state(phrase, self._words(phrase.start, phrase.end))
                if verdict:
                    self._put("attribute", phrase.noun.name, phrase.span, verdict, "G006", " ".join(phrase.told))

    def _colour(self, fact: attributes.Fact) -> None:
        verdict = self._palette.judge(fact, self._words(fact.start, fact.end))
        if verdict:
            self._put("attribute", fact.of, (fact.start, fact.end), verdict, "G006", " ".join(sorted(fact.colours)))

    def _coordinates(self, start: int, end: int) -> None:
        words = self._text.text[start:end]
        claim = Claim("coordinates", self._turn, "answer", start, end, words, "")
        self._judged.append(Judged(claim, "contradicted", 0.8, f"{words!r} can be known from boxes only", (), "G008"))

    # --- answers with their questions ---------------------------------------------------------------------------

    def _reply(self, topic: replies.Topic, found: list[Sentence]) -> set[str]:
        """What a bare yes, no, number or colour says; returns the categories that are denied."""
        phrase, said = topic.phrase, replies.said(self._text)
        if topic.kind == "many":
            count = replies.number(self._text)
            if count and not (found and found[0].phrases and found[0].phrases[0].start <= count[1]):
                verdict = verdicts.count(self.scene, phrase._replace(determiner="number"), count[0],
                                         partial(self._text.words.__getitem__, count[1]), True, True)  # fmt: skip
                code = "G001" if verdict.missing else "G002"
                self._put("count", phrase.noun.name, (count[1], count[1] + 1), verdict, code, number=count[0])
        elif topic.kind == "colour":
            colours = [n for n, word in enumerate(self._text.words[:8]) if word in attributes.COLOURS]
            if colours and not (found and found[0].start <= colours[0] < found[0].end):
                first, last = colours[0], colours[-1] + 1
                named = frozenset(attributes.COLOURS[self._text.words[n]] for n in colours)
                self._colour(attributes.Fact(phrase.noun.name, named, first, last, phrase))
        elif topic.kind == "where":
            self._places(about(self._text, 0, phrase))
        elif said == "yes" and (phrase.noun.name, "a") not in self._known:
            verdict = verdicts.presence(self.scene, phrase.noun, lambda: "Yes")
            self._put("presence", phrase.noun.name, (0, 1), verdict, "G001")
        elif said == "no" and (phrase.noun.name, "absence") not in self._known and not _names(found, phrase):
            verdict = verdicts.absence(self.scene, phrase.noun, lambda: f"No (asked for {phrase.noun.name})")
            self._put("absence", phrase.noun.name, (0, 1), verdict, "G005")
            return set(phrase.noun.categories)
        return set()

    # --- questions ----------------------------------------------------------------------------------------------

    def _question(self, found: list[Sentence], denied: set[str], topic: replies.Topic | None) -> None:
        """What is taken for granted, unless the answer sets it right."""
        for sentence in found:
            for phrase in sentence.phrases:
                the = phrase.determiner == "the" or (phrase.number and sentence.words[phrase.start] in ("the", "these"))
                if not the or phrase.hedged or not denied.isdisjoint(phrase.noun.categories):
                    continue
                words = self._words(phrase.start, phrase.end)
                if phrase.number and phrase.number > 1:
                    verdict = verdicts.count(self.scene, phrase, phrase.number, words, True, False)
                    self._put("count", phrase.noun.name, phrase.span, verdict, "G007", number=phrase.number)
                elif frames.asserted(sentence, phrase, False) and sentence.words[phrase.head] not in _ANYONE:
                    verdict = self._presence(phrase.noun, words)
                    self._put("presence", phrase.noun.name, phrase.span, verdict, "G007")


def _names(found: list[Sentence], phrase: Phrase) -> bool:
    """Whether an answer speaks of such a thing as one that is there: `No, there are two dogs.`"""
    return any(
        not set(each.noun.categories).isdisjoint(phrase.noun.categories) and not frames.denies(sentence, each)
        for sentence in found
        for each in sentence.phrases
    )
