"""Answers → records → files: the half of the pipeline that costs nothing and can be done again.

It brings together what the wings know apart: `llm.wire` reads a raw answer, examine.py has it parsed and judged,
`records` exports. Files are written while the answers stream past, in plan order, so memory does not follow their
number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import jsonlines

from datagen.cards.card import CARD, card
from datagen.cards.croissant import CROISSANT, croissant
from datagen.cards.facts import facts_of
from datagen.cards.loading import OF_A_RUN
from datagen.examine import examine, strictness
from datagen.ledger import Answer, Verdict
from datagen.llm import wire
from datagen.llm.base import is_mock
from datagen.money import DOLLAR
from datagen.prompting.folder import load_task
from datagen.records.export import EXPORTS
from datagen.run import Run, replacing
from datagen.schema import Grounded, Record, Response
from datagen.settings import Settings
from datagen.text import digest
from datagen.version import __version__

FILES = (*EXPORTS, "rejects.jsonl", "provenance.jsonl")
"""What a build makes, besides manifest.json which speaks of them."""
ABOUT = (CARD, CROISSANT)
"""What tells others of them: made of manifest.json alone."""
_PARAMETERS = ("temperature", "max_tokens", "seed", "image_token", "boxes", "crowd", "repair")
"""Settings that are told of a run's making."""


def build(run: Run, *, again: bool = False) -> None:
    """Make the run's files from its answers. Does nothing when nothing came in since the last time, unless `again`."""
    asked = run.asked()
    strict = json.dumps([asked["settings"].get(name) for name in ("reject", "min_grounding", "ground")])
    key = digest(asked["plan"], run.ledger.standing(), __version__, run.ledger.meta("license") or "", strict)
    if not again and run.ledger.meta("built") == key and _is_whole(run):
        return
    run.ledger.set_meta("built", "")  # until the end: a build that is cut short must not be taken for done
    with ExitStack() as stack:
        files = {name: stack.enter_context(replacing(run.folder / name)) for name in FILES}
        run.ledger.set_verdicts(_write(run, asked, files))
    manifest = _manifest(run, asked)
    run.write_json("manifest.json", manifest)
    _tell(run, manifest)
    run.ledger.set_meta("built", key)


def _is_whole(run: Run) -> bool:
    """Whether the files are still those that manifest.json speaks of."""
    try:
        told = json.loads((run.folder / "manifest.json").read_text("ascii"))["files"]
        whole = told == {name: _file(run.folder / name) for name in FILES}
        return whole and all((run.folder / name).is_file() for name in ABOUT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _tell(run: Run, manifest: dict[str, Any]) -> None:
    """The card and its Croissant."""
    facts = facts_of(manifest, loading=OF_A_RUN)
    with replacing(run.folder / CARD, encoding="utf-8") as file:
        file.write(card(facts))
    run.write_json(CROISSANT, croissant(facts))


def _write(run: Run, asked: dict[str, Any], files: dict[str, IO[str]]) -> Iterator[Verdict]:
    """Write every file while yielding the verdicts."""
    run.check_prompts()
    tasks = {name: load_task(run.prompts / name, name) for name in asked["prompts"]}
    token, seed = asked["settings"]["image_token"], asked["settings"]["seed"]
    writers = {name: (_Lines if name.endswith(".jsonl") else _Array)(file) for name, file in files.items()}
    settings = Settings.model_validate(asked["settings"])
    strict = strictness(settings, run.ledger.boxed, ground=settings.ground)
    for answer in run.ledger.answers():
        response = wire.read(answer.query.id, answer.raw, answer.request_id)
        record = examine(answer.query, tasks[answer.query.task], response, strict=strict)
        if record.kept:
            for name, shape in EXPORTS.items():
                writers[name].write(shape(record, token, seed))
            writers["provenance.jsonl"].write(_provenance(answer, record, response, asked))
        else:
            writers["rejects.jsonl"].write(_reject(answer, record, response))
        yield Verdict(answer.n, None if record.kept else record.errors[0].check, record.grounded)
    for query, reason, message in run.ledger.failures():
        line = {"id": query.record_id, "query_id": query.id, "task": query.task, "image": query.image.file_name}
        writers["rejects.jsonl"].write({**line, "state": "failed", "reason": reason, "message": message})
    for writer in writers.values():
        writer.end()


class _Lines:
    """An object a line."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = jsonlines.Writer(file, dumps=_dump)

    def write(self, value: object) -> None:
        self._writer.write(value)

    def end(self) -> None: ...


class _Array:
    """One array with a record a line, which is what LLaVA's json.load wants and what still can be read and compared."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._between = file, "[\n"

    def write(self, value: object) -> None:
        self._file.write(self._between + _dump(value))
        self._between = ",\n"

    def end(self) -> None:
        self._file.write("\n]\n" if self._between == ",\n" else "[]\n")


_dump = json.JSONEncoder(ensure_ascii=True, check_circular=False).encode  # what is written holds no circles


def _reject(answer: Answer, record: Record, response: Response) -> dict[str, Any]:
    return {
        "id": record.id,
        "query_id": record.query_id,
        "task": record.task,
        "image": record.image,
        "state": "rejected",
        "reason": record.errors[0].check,
        "findings": [finding.model_dump() for finding in record.findings],
        "finish": response.finish,
        "model": response.model,
        "repaired": answer.sha256 is not None,
        "reply": response.text or answer.raw.decode("utf-8", "replace"),
    }


def _provenance(answer: Answer, record: Record, response: Response, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": record.id,
        "query_id": record.query_id,
        "task": record.task,
        "image_id": answer.query.image.image_id,
        "context_sha256": answer.context,
        "model": response.model,
        "request_id": response.request_id,
        "request_sha256": answer.sha256 or answer.query.digest,
        "repaired": answer.sha256 is not None,
        "prompts_sha256": asked["prompts"][record.task],
        "prompt_tokens": response.usage.prompt,
        "completion_tokens": response.usage.completion,
        "cost": None if answer.cost is None else answer.cost / DOLLAR,
        "grounding": _claims(record.grounded),
        "warnings": [finding.model_dump() for finding in record.findings],
    }


def _claims(grounded: Grounded | None) -> dict[str, Any] | None:
    if grounded is None or not any(grounded):
        return None
    score = grounded.score
    return {**grounded._asdict(), "score": None if score is None else round(score, 4)}


def _manifest(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    states = run.ledger.states()
    models = run.ledger.models()
    claims = run.ledger.claims()
    spent, price = run.ledger.spent(), run.ledger.meta("price")
    return {
        "datagen": __version__,
        "mock": any(map(is_mock, models)),
        "license": run.ledger.meta("license") or None,
        "model": asked["settings"]["model"],
        "answered_by": models,
        "answered": run.ledger.days(),
        "planned": states.planned,
        "kept": states.kept,
        "kinds": run.ledger.kept_by_task(),
        "repaired": states.repaired,
        "rejected": states.rejected,
        "failed": states.failed,
        "pending": states.pending,
        "cost": {"dollars": spent.settled / DOLLAR, "at_most_more": spent.held / DOLLAR, "price": price or None},
        "parameters": {name: asked["settings"].get(name) for name in _PARAMETERS},
        "selection": asked.get("selection"),
        "grounding": {"records": claims.records, "wrong": claims.wrong, **(_claims(claims.claims) or {})},
        "left_out": run.ledger.left_out(),
        "oddities": asked["oddities"],
        "annotations": asked["annotations"],
        "prompts": asked["prompts"],
        "files": {name: _file(run.folder / name) for name in FILES},
    }


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
