"""One batch of records, judged: what `validate` does with each, in one process or in several.

It brings `records` and `checks` together, which do not know each other. Most records are proven sound and need no
check; the others are shown to every check that was chosen. It knows nothing of files, output or exit codes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from datagen.checks import every as _every  # noqa: F401  (registers them)
from datagen.checks.base import CHECKS, Check, Does, Seen
from datagen.checks.grounding import judged_as
from datagen.checks.length import Measure
from datagen.checks.pictures import Folder
from datagen.checks.quality.options import Options
from datagen.checks.sample import Sample, Sound, sample
from datagen.checks.sound import FORMS, Proof, Prover, Row, as_sample
from datagen.checks.trainers.common import MISSING_IMAGE
from datagen.prompting.tokens import measure, measure_with
from datagen.records.reading import Batch
from datagen.schema import Finding
from datagen.text import digest, shown
from datagen.witness import Told, witness

GRAVITY: Mapping[Does | None, int] = {None: 0, "damaged": 1, "lost": 2, "stops": 3}
"""Which of several things that a trainer does with a record is the one that counts: the highest."""
_LONGEST_ID = 200


class Plan(NamedTuple):
    """What is asked of each record. Small and plain: it goes to other processes."""

    codes: tuple[str, ...]
    """Of the checks to run."""
    targets: tuple[str, ...]
    """The trainers through whose eyes records are seen."""
    options: Options = Options()
    """What file checks are told."""
    images: str = ""
    """The folder of pictures, where they are to be looked at."""
    max_tokens: int | None = None
    """What a record may be long."""
    tokenizer: str = ""
    """The file that tells how its tokens are counted."""
    told: Told | None = None
    """Where to look for what records are held against."""


class Found(NamedTuple):
    """One finding in one record of a batch."""

    number: int
    id: str | None
    at: int
    """The line from the batch's beginning, or in an array's file the offset from the batch's beginning, in bytes."""
    finding: Finding
    digest: str
    text: str
    mends: bool = False
    """Whether mending the record takes it away."""


class Part(NamedTuple):
    """What became of a batch."""

    records: int
    found: list[Found]
    sound: Counter[Sound]
    """How many records were sound, of each kind."""
    outcomes: Counter[tuple[str, Does]]
    """How many of the others each trainer does what with."""
    others: int
    """How many were not sound."""
    files: dict[str, Any]
    """What the file checks keep, by code."""
    grounded: Counter[str]
    """What `Verdict.grounded` tells, of this batch."""


class Judge:
    """Judges batches by one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        chosen = [CHECKS[code] for code in plan.codes]
        self._texts = [check for check in chosen if check.kind == "text"]
        self._records = [check for check in chosen if check.kind == "record"]
        self._trainers = [check for check in chosen if check.kind == "trainer" and check.target in plan.targets]
        self._folder = Folder(plan.images) if plan.images else None
        self._pictures = [check for check in chosen if check.kind == "picture" and self._folder is not None]
        self._files = [check for check in chosen if check.kind == "file" and check.target in ("", *plan.targets)]
        self._lengths = [check for check in chosen if check.kind == "length" and plan.max_tokens is not None]
        self._measure = _measure(plan)
        self._claims = [check for check in chosen if check.kind == "grounding"]
        self._witness = witness(plan.told) if plan.told is not None and self._claims else None
        looks = [bool(self._texts or self._trainers or self._pictures or self._lengths or self._witness)]
        looks += [check.texts for check in self._records]
        looks += [_reads(check.run) != "ids" for check in self._files]
        self._prover = Prover(self._texts, texts=any(looks))
        self._forms = [(msgspec.json.Decoder(list[form]), msgspec.json.Decoder(form)) for form in FORMS]  # type: ignore[valid-type]
        self._of_sound: dict[Sound, tuple[list[tuple[Check, Seen]], dict[str, Does]]] = {}

    @property
    def forms(self) -> tuple[msgspec.json.Decoder[list[Any]], ...]:
        """What decodes an array of records that are such as sound ones are."""
        return tuple(whole for whole, _ in self._forms)

    def fresh(self) -> dict[str, Any]:
        """The file checks as they begin."""
        return {check.code: check.run(self.plan.options) for check in self._files}

    def judge(self, batch: Batch, files: dict[str, Any] | None = None) -> Part:
        """Judge a batch. `files`: the file checks to go on with; else new ones."""
        part = Part(0, [], Counter(), Counter(), 0, self.fresh() if files is None else files, Counter())
        rows, texts = self._rows(batch)
        looks = [check for check in part.files.values() if _reads(check) == "texts"]
        more, number = bool(self._pictures or self._lengths or self._witness), batch.number - 1
        closely = bool(looks or more)
        if isinstance(rows, list) and not closely and (alike := self._prover.alike(rows)) and not self._speaks(alike):
            part.sound[alike] += len(rows)
            _tell(part, range(batch.number, batch.number + len(rows)), [row.id for row in rows], {alike: batch.number})
            return part._replace(records=len(rows))
        firsts: dict[Sound, int] = {}
        numbers: list[int] = []
        ids: list[str] = []
        prove, speaks, sound = self._prover.prove, self._speaks, part.sound
        for number, row in enumerate(rows, batch.number):
            proof = None if row is None else prove(row)
            if proof is None:
                self._judge_other(number, texts(number - batch.number), part)
                continue
            if proof.sound not in sound:
                firsts[proof.sound] = number
            sound[proof.sound] += 1
            numbers.append(number)
            ids.append(row.id)
            if looks or proof.scented or more or speaks(proof.sound):
                self._judge_sound(number, row, proof, looks, texts, part, number - batch.number)
        _tell(part, numbers, ids, firsts)
        count = number + 1 - batch.number
        placed = _placed(batch, part.found) if part.found else []
        return part._replace(records=count, others=count - len(ids), found=placed)

    def _rows(self, batch: Batch) -> tuple[Iterable[Any], Callable[[int], bytes]]:
        """The records as typed rows where they are such, and what gives one's own text."""
        raws: list[bytes] = []

        def text(at: int) -> bytes:
            if not raws:
                raws.extend(batch.records())
            return raws[at]

        if batch.rows is not None:
            return batch.rows or self._one_by_one(batch), text
        for whole, one in self._forms:
            try:
                rows = one.decode_lines(batch.data) if batch.lines else whole.decode(batch.data)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            if not batch.lines or len(rows) == batch.data.count(b"\n") + 1:
                return rows, text
        return self._one_by_one(batch), text

    def _one_by_one(self, batch: Batch) -> Iterator[Any]:
        forms = list(self._forms)
        for raw in batch.records():
            row = None
            for at, (_, one) in enumerate(forms):
                try:
                    row = one.decode(raw)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue
                if at:
                    forms.insert(0, forms.pop(at))
                break
            yield row

    def _speaks(self, sound: Sound) -> bool:
        """Whether some trainer's check has something to say of all records that are sound like this."""
        known = self._of_sound.get(sound)
        if known is None:
            self._of_sound[sound] = known = self._trained(Sample(0, {}, sound.form, (), None, sound))
        return bool(known[0])

    def outcomes_of(self, sound: Sound) -> dict[str, Does]:
        """What trainers do with records that are sound like this, where they do not just load them."""
        self._speaks(sound)
        return self._of_sound[sound][1]

    def outcomes_in(self, one: Sample) -> dict[str, Does]:
        """What trainers do with a record, where they do not just load it."""
        return self._trained(one)[1]

    def _trained(self, one: Sample) -> tuple[list[tuple[Check, Seen]], dict[str, Does]]:
        """What the checks of trainers say of a record, and the worst that each trainer does with it."""
        seen: list[tuple[Check, Seen]] = []
        worst: dict[str, Does] = {}
        for check in self._trainers:
            for each in check.run(one):
                seen.append((check, each))
                if check.does and GRAVITY[check.does] > GRAVITY[worst.get(check.target)]:
                    worst[check.target] = check.does
        return seen, worst

    def _pictured(self, one: Sample, part: Part, before: Mapping[str, Does]) -> list[tuple[Check, Seen]]:
        """What is wrong with a record's pictures and length. Where a picture is missing, that may be the worst that a
        trainer meets."""
        seen = [(check, each) for check in self._pictures for each in check.run(one, self._folder)]
        seen += [(check, each) for check in self._lengths for each in check.run(one, self._measure)]
        if any(check.code in ("I001", "I002") for check, _ in seen):
            for target in self.plan.targets:
                does, worst = MISSING_IMAGE.get(target), before.get(target)
                if does and GRAVITY[does] > GRAVITY[worst]:
                    part.outcomes[target, does] += 1
                    if worst:
                        part.outcomes[target, worst] -= 1
        return seen

    def _grounded(self, one: Sample, part: Part) -> list[tuple[Check, Seen]]:
        """What a record says of its picture and the annotations contradict."""
        if self._witness is None:
            return []
        found = self._witness.ground(one)
        if found is None:
            part.grounded["elsewhere"] += 1
            return []
        tally, places = found
        part.grounded["records"] += 1
        part.grounded.update({standing: number for standing, number in tally.grounded._asdict().items() if number})
        return list(judged_as(tally.against, places, self._claims))

    def _judge_sound(
        self, number: int, row: Row, proof: Proof, looks: list[Any], texts: Callable[[int], bytes], part: Part, at: int
    ) -> None:
        one = as_sample(number, row, proof, bool(proof.scented or self._lengths or looks or self._witness))
        for check in looks:
            check.see(one)
        seen = [(self._texts[at], each) for at in proof.scented for each in self._texts[at].run(one.said)]
        seen += self._grounded(one, part)
        seen += self._pictured(one, part, self.outcomes_of(proof.sound))
        seen += self._of_sound[proof.sound][0]
        if seen:
            part.found.extend(_found(one, seen, texts(at)))

    def _judge_other(self, number: int, text: bytes, part: Part) -> None:
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            one = Sample(number, None, None, (), None)
            part.found.extend(_found(one, [(NOT_JSON, Seen(f"not JSON: {shown(error, 100)}"))], text))
            part.outcomes.update({(target, "stops"): 1 for target in self.plan.targets})
            return
        one = sample(number, raw)
        for check in part.files.values():
            check.see(one)
        seen = [(check, each) for check in self._records for each in check.run(one)]
        said = one.said
        seen += [
            (self._texts[at], each)
            for at in self._prover.scented([each.text for each in said])
            for each in self._texts[at].run(said)
        ]
        seen += self._grounded(one, part)
        trained, worst = self._trained(one)
        part.outcomes.update(worst.items())
        seen += self._pictured(one, part, worst)
        if seen or trained:
            part.found.extend(_found(one, seen + trained, text))


def _reads(check: Any) -> str:
    """How much of a sound record a file check wants to see."""
    return getattr(check, "reads", "texts")


def _measure(plan: Plan) -> Measure | None:
    if plan.max_tokens is None:
        return None
    size = measure_with(plan.tokenizer) if plan.tokenizer else measure("gpt-4o")
    return Measure(plan.max_tokens, size, own=bool(plan.tokenizer))


NOT_JSON: Check = CHECKS["S006"]
"""Said of a line that is none; nothing else can be."""


def _found(one: Sample, seen: list[tuple[Check, Seen]], text: bytes) -> Iterator[Found]:
    name = None if one.id is None else shown(one.id, _LONGEST_ID)
    own = digest(text)[:16]
    by_place = {said.where: said.text for said in one.said}
    for check, each in seen:
        around = _around(by_place.get(each.where, ""), each.words)
        yield Found(one.number, name, one.number, check.finding(each), own, around)


def pick(batch: Batch, wanted: Mapping[int, list[tuple[Check, Seen]]]) -> list[Found]:
    """What was seen, by a record's number, in those of the records that this batch holds: with their ids and places."""
    found: list[Found] = []
    for number, text in enumerate(batch.records(), batch.number):
        for_it = wanted.get(number)
        if for_it:
            found.extend(_found(_as_sample(number, text), for_it, text))
    return _placed(batch, found) if found else found


def _as_sample(number: int, text: bytes) -> Sample:
    try:
        return sample(number, json.loads(text))
    except (ValueError, RecursionError):
        return Sample(number, None, None, (), None)


def _around(text: str, words: str) -> str:
    """What stands around the words, a few hundred characters at most."""
    at = max(text.find(words), 0)
    return text[max(0, at - 200) : at + len(words) + 200]


def _tell(part: Part, numbers: Sequence[int], ids: Sequence[str], firsts: Mapping[Sound, int]) -> None:
    """Tell the file checks of sound records: their numbers and ids, and where each kind of them comes first."""
    for check in part.files.values():
        if _reads(check) != "texts":
            check.see_ids(numbers, ids)
        if _reads(check) == "sounds":
            for each, first in firsts.items():
                check.see_sound(each, part.sound[each], first)


def _placed(batch: Batch, found: list[Found]) -> list[Found]:
    """With each record's place in the batch: one walk over its texts."""
    wanted = {each.number for each in found}
    places: dict[int, int] = {}
    at = line = 0
    for number, raw in enumerate(batch.records(), batch.number):
        before, at = at, batch.data.find(raw, at)
        line += batch.data.count(b"\n", before, at) if batch.lines else 0
        if number in wanted:
            places[number] = line if batch.lines else at - 1
        at += len(raw)
    return [each._replace(at=places[each.number]) for each in found]
