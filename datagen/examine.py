"""One reply, read and judged: the asking wants to know if it is worth asking again, the build if it is kept.

It brings `records`, `checks` and `grounding` together, which do not know each other; it knows nothing of ledgers or
networks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from datagen.checks import grounding as _grounding  # noqa: F401  (registers them)
from datagen.checks.base import CHECKS, Subject, of_kind
from datagen.checks.grounding import judged_as
from datagen.checks.replies import judge_reply, judge_turns
from datagen.prompting.context import describe
from datagen.records.parse import spoken, turns_of
from datagen.registry import unknown
from datagen.schema import Boxed, Finding, Grounded, ImageContext, Query, Record, Response, Task, Turn
from datagen.settings import Settings
from datagen.text import shown

if TYPE_CHECKING:
    from datagen.grounding.judge import Grounder

LOW = "min-grounding"
"""What a reply is rejected for that falls short of `--min-grounding`."""
_LOW = "G010"
_ABOUT = {_LOW: "Too much of what it says of the picture is not so."}
_FORM = "It does not have the form that was asked for."  # what the parser finds, which is no check
_MOST, _LONG = 8, 300


class Strictness(NamedTuple):
    """What replies are held to, besides what always rejects them."""

    reject: tuple[str, ...] = ()
    """Codes, or beginnings of codes, whose findings are errors."""
    least: float | None = None
    """Of the claims that can be judged, the share that must be borne out."""
    grounder: Grounder | None = None
    """Judges what is claimed; None where nobody asks."""


_USUAL = Strictness()


def strictness(settings: Settings, boxed: Callable[[], Boxed], *, ground: bool = True) -> Strictness:
    """What the settings hold replies to. `ground`: whether claims are judged even where nothing is rejected by them.
    Raises UnknownName for a check that `generate` does not know."""
    reject = codes_of(settings.reject)
    by_claims = settings.min_grounding is not None or any(code[:1] == "G" for code in reject)
    if not (ground or by_claims):
        return Strictness(reject)
    from datagen.grounding.federated import grounder_for

    return Strictness(reject, settings.min_grounding, grounder_for(boxed()))


def codes_of(names: Sequence[str]) -> tuple[str, ...]:
    """Checks that look at replies, by name or the beginning of their codes. Raises UnknownName for what is none."""
    checks = of_kind("reply", "task", "text", "grounding")
    by_name = {check.name: check.code for check in checks}
    codes = []
    for name in filter(None, names):  # every code begins with an empty one
        code = by_name.get(name.lower(), name.upper())
        if not any(check.code.startswith(code) for check in checks):
            raise unknown("check of replies", name, [*by_name, *by_name.values()])
        codes.append(code)
    return tuple(codes)


def examine(
    query: Query, task: Task, response: Response, context: str | None = None, strict: Strictness = _USUAL
) -> Record:
    """Read and judge one answer; `context` is what the task saw of the image, where somebody has it at hand."""
    text = spoken(response.text)
    if text is not response.text:
        response = response.model_copy(update={"text": text})
    context = describe(query.image, task.sees) if context is None else context
    subject = Subject(query, task, response, context)
    findings = judge_reply(subject)
    turns: tuple[Turn, ...] = ()
    grounded = None
    if not any(finding.level == "error" for finding in findings):
        turns, faults = turns_of(query, task, response)
        findings += faults or judge_turns(subject, turns)
        if turns and strict.grounder is not None:
            more, grounded = _held_against(query.image, turns, strict.grounder, strict.least)
            findings += more
    return Record(
        id=query.record_id,
        query_id=query.id,
        task=task.name,
        image=query.image.file_name,
        turns=turns,
        findings=_raised(findings, strict.reject) if strict.reject else findings,
        grounded=grounded,
    )


def _held_against(
    image: ImageContext, turns: tuple[Turn, ...], grounder: Grounder, least: float | None
) -> tuple[tuple[Finding, ...], Grounded]:
    """What the turns say of the picture, and the annotations do not."""
    grounded, against = grounder.tally(turns, image)
    findings: list[Finding] = []
    if against:
        places = [(f"turn {n} question", f"turn {n} answer") for n in range(1, len(turns) + 1)]
        seen = judged_as(against, places, of_kind("grounding"))
        findings += [check.finding(each) for check, each in seen]
    if least is not None and grounded.score is not None and grounded.score < least:
        judged = grounded.supported + grounded.contradicted
        message = f"{grounded.supported} of {judged} claims are borne out: {grounded.score:.2f} is below {least:g}"
        findings.append(Finding(code=_LOW, check=LOW, level="error", message=message, where="reply"))
    return tuple(findings), grounded


def _raised(findings: tuple[Finding, ...], reject: tuple[str, ...]) -> tuple[Finding, ...]:
    """With those that reject as errors."""
    return tuple(
        each.model_copy(update={"level": "error"}) if each.code.startswith(reject) else each for each in findings
    )


def complaints(record: Record) -> tuple[str, ...]:
    """What to tell the model of the errors in its reply, and of what is not so in it, a line each. Nothing where
    telling it cannot help."""
    checks = [CHECKS.get(error.code) for error in record.errors]
    if not all(check is None or check.tells for check in checks):
        return ()
    wrong = [each for each in record.findings if each.level == "error" or _is_claim(each)]
    return tuple(dict.fromkeys(_told(each) for each in wrong))[:_MOST]


def _is_claim(finding: Finding) -> bool:
    check = CHECKS.get(finding.code)
    return check is not None and check.kind == "grounding"


def shortcomings(record: Record) -> tuple[int, int]:
    """How bad a reply is: its errors, then how much of what it says is not so. Of two the lower one is kept."""
    return len(record.errors), record.grounded.contradicted if record.grounded is not None else 0


def _told(error: Finding) -> str:
    check = CHECKS.get(error.code)
    about = check.about if check else _ABOUT.get(error.code, _FORM)
    message, words = shown(error.message, _LONG), shown(error.words, _LONG)
    quoted = f"; the words: {words}" if words not in message else ""
    return f"{shown(error.where, _LONG)}: {about} {message}{quoted}"
