"""One sample whole, as plain JSON: what the page and `datagen show` tell of it.

Texts are cut into pieces where words speak of a box or were marked by a check (pieces.py). Everything in here may be
hostile; it is made harmless by whoever shows it, by showing it as text and as nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datagen.checks.base import CHECKS
from datagen.examine import examine
from datagen.llm import wire
from datagen.money import DOLLAR
from datagen.prompting.context import SIGHTS
from datagen.schema import Finding, ImageContext, Record, Response, Task
from datagen.viewer.pieces import Piece, Span, pieces, place_of
from datagen.viewer.shelf import Attempt, Standing
from datagen.viewer.words import Speaking

Facts = dict[str, Any]
_GRAMMAR = "It does not have the form that was asked for."


def judged(standing: Standing, task: Task) -> tuple[Record | None, Response | None]:
    """What a build would make of the answer; nothing where there is none."""
    if standing.outcome != "answered":
        return None, None
    response = wire.read(standing.query.id, standing.raw, standing.request_id)
    return examine(standing.query, task, response), response


def state_of(standing: Standing, record: Record | None) -> tuple[str, str]:
    """The state it is listed under, and why."""
    if record is not None:
        return ("kept", "") if record.kept else ("rejected", record.errors[0].check)
    return ("failed", standing.reason) if standing.failed else ("pending", "")


def of_run(standing: Standing, task: Task, attempts: Sequence[Attempt], speaking: Speaking | None) -> Facts:
    """A query of a run, with all that became of it."""
    query = standing.query
    record, response = judged(standing, task)
    state, reason = state_of(standing, record)
    findings = record.findings if record is not None else ()
    turns = record.turns if record is not None else ()
    places = _places(findings, _texts(record, response))
    spoken = speaking.spans(turns, query.image) if speaking is not None and turns else {}
    messages = []
    for number, turn in enumerate(turns):
        for part, role, text in (("question", "human", turn.question), ("answer", "gpt", turn.answer)):
            spans = [*spoken.get((number, part), ()), *places.get(f"turn {number + 1} {part}", ())]
            messages.append({"role": role, "text": pieces(text, spans)})
    return {
        "key": query.id,
        "id": query.record_id,
        "task": query.task,
        "draw": query.draw,
        "state": state,
        "reason": reason,
        "message": standing.message if state == "failed" else "",
        "image": image_facts(query.image),
        "context": _context(query.image, task.sees),
        "question": query.question or "",
        "messages": messages,
        "reply": _reply(standing, response, places),
        "findings": [finding_facts(each) for each in findings],
        "told": _told(standing, response, query.digest),
        "attempts": [_attempt(each) for each in attempts],
    }


def image_facts(image: ImageContext) -> Facts:
    """A picture's name, size and boxes."""
    return {
        "id": image.image_id,
        "name": image.file_name,
        "width": image.width,
        "height": image.height,
        "boxes": [list(box) for box in image.boxes],
    }


def finding_facts(finding: Finding) -> Facts:
    """A finding, and what its check is about."""
    check = CHECKS.get(finding.code)
    about = check.about if check is not None else _GRAMMAR
    return {**finding.model_dump(), "about": about.split("\n")[0]}


def check_name(code: str) -> str:
    """What a check is called; the parser's own finding is called what it is counted under."""
    return CHECKS[code].name if code in CHECKS else "grammar"


def _texts(record: Record | None, response: Response | None) -> dict[str, str]:
    """What findings point at → its text."""
    texts = {} if response is None else {"reply": response.text}
    for number, turn in enumerate(record.turns if record is not None else (), 1):
        texts[f"turn {number} question"], texts[f"turn {number} answer"] = turn
    return texts


def _places(findings: Sequence[Finding], texts: Mapping[str, str]) -> dict[str, list[Span]]:
    """Where → the words there that findings quote."""
    places: dict[str, list[Span]] = {}
    for number, finding in enumerate(findings):
        if finding.where.startswith("reply line ") and "reply" in texts:
            at = _line(texts["reply"], finding.where.removeprefix("reply line "))
            places.setdefault("reply", []).append(Span(*at, finding=number))
            continue
        found = place_of(finding.words, texts.get(finding.where, ""))
        if found is not None:
            places.setdefault(finding.where, []).append(Span(*found, finding=number))
    return places


def _line(text: str, number: str) -> tuple[int, int]:
    """From where to where the so-manieth line goes."""
    lines = text.split("\n")
    at = min(int(number), len(lines)) - 1 if number.isdecimal() else 0
    start = sum(len(line) + 1 for line in lines[:at])
    return start, start + len(lines[at])


def _context(image: ImageContext, sees: Sequence[str]) -> list[Facts]:
    """What the task saw, sight by sight, line by line; a box's line says which box it is."""
    told = []
    for name in sees:
        text = SIGHTS[name](image)
        lines = text.split("\n") if text else []
        boxes = name == "boxes" and len(lines) == len(image.boxes)
        told.append(
            {
                "sight": name,
                "lines": [
                    {"text": pieces(line), **({"box": number} if boxes else {})} for number, line in enumerate(lines)
                ],
            }
        )
    return [each for each in told if each["lines"]]


def _reply(standing: Standing, response: Response | None, places: Mapping[str, Sequence[Span]]) -> list[Piece]:
    """The raw reply's text; the bytes as they came where there is none."""
    if response is not None and response.text:
        return pieces(response.text, places.get("reply", ()))
    return pieces(standing.raw.decode("utf-8", "replace"))


def _told(standing: Standing, response: Response | None, digest: str) -> Facts:
    told: Facts = {"request": standing.sha256 or digest, "repaired": standing.sha256 is not None}
    if response is not None:
        usage = response.usage
        told |= {
            "model": response.model,
            "finish": response.finish,
            "refusal": response.refusal,
            "request_id": response.request_id,
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
        }
    told["cost"] = None if standing.cost is None else standing.cost / DOLLAR
    return told


def _attempt(attempt: Attempt) -> Facts:
    told = attempt._asdict()
    for name in ("reserved", "cost"):
        told[name] = None if told[name] is None else told[name] / DOLLAR
    return told
