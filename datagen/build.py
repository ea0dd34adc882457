"""Answers → records → files: the half of the pipeline that costs nothing and can be done again.

It brings together what the wings know apart: `llm.wire` reads a raw answer, `records` parses and exports, `checks`
judge. Files are written while the answers stream past, in plan order, so memory does not follow their number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import jsonlines

from datagen.checks import reply as _reply  # noqa: F401  (registers its checks)
from datagen.checks import shape as _shape  # noqa: F401
from datagen.checks.base import Subject, judge_reply, judge_turns
from datagen.ledger import Answer
from datagen.llm import wire
from datagen.prompting.context import describe
from datagen.prompting.folder import load_task
from datagen.records.export import EXPORTS
from datagen.records.parse import spoken, turns_of
from datagen.run import Run, replacing
from datagen.schema import Finding, Record, Response, Task, Turn
from datagen.text import digest
from datagen.version import __version__

FILES = ("llava.json", "messages.jsonl", "rejects.jsonl", "provenance.jsonl")
"""What a build makes, besides manifest.json which speaks of them."""


def build(run: Run, *, again: bool = False) -> None:
    """Make the run's files from its answers. Does nothing when nothing came in since the last time, unless `again`."""
    asked = run.asked()
    key = digest(asked["plan"], str(run.ledger.newest()), __version__)
    whole = all((run.folder / name).exists() for name in (*FILES, "manifest.json"))
    if whole and not again and run.ledger.meta("built") == key:
        return
    with ExitStack() as stack:
        files = {name: stack.enter_context(replacing(run.folder / name)) for name in FILES}
        run.ledger.set_verdicts(_write(run, asked, files))
    run.write_json("manifest.json", _manifest(run, asked))
    run.ledger.set_meta("built", key)


def _write(run: Run, asked: dict[str, Any], files: dict[str, IO[str]]) -> Iterator[tuple[int, str | None]]:
    """Write every file while yielding the verdicts."""
    tasks = {name: load_task(run.prompts / name, name) for name in asked["prompts"]}
    token, seed = asked["settings"]["image_token"], asked["settings"]["seed"]
    lines = {name: jsonlines.Writer(files[name], dumps=_dump) for name in FILES if name.endswith(".jsonl")}
    kept = 0
    files["llava.json"].write("[")
    for answer in run.ledger.answers():
        response = wire.read(answer.query.id, answer.raw, answer.request_id)
        record = examine(answer, tasks[answer.query.task], response)
        if record.kept:
            files["llava.json"].write(",\n" if kept else "\n")
            files["llava.json"].write(_dump(EXPORTS["llava"](record, token, seed)))
            lines["messages.jsonl"].write(EXPORTS["messages"](record, token, seed))
            lines["provenance.jsonl"].write(_provenance(answer, record, response, asked))
            kept += 1
        else:
            lines["rejects.jsonl"].write(_reject(answer, record, response))
        yield answer.n, None if record.kept else record.errors[0].check
    files["llava.json"].write("\n]\n")
    for query, reason, message in run.ledger.failures():
        line = {"id": query.record_id, "query_id": query.id, "task": query.task, "image": query.image.file_name}
        lines["rejects.jsonl"].write({**line, "state": "failed", "reason": reason, "message": message})


def examine(answer: Answer, task: Task, response: Response) -> Record:
    """Read and judge one answer."""
    query = answer.query
    response = response.model_copy(update={"text": spoken(response.text)})
    subject = Subject(query, task, response, describe(query.image, task.sees))
    findings = judge_reply(subject)
    turns: tuple[Turn, ...] = ()
    if not any(finding.level == "error" for finding in findings):
        turns, faults = turns_of(query, task, response)
        findings += faults or judge_turns(subject, turns)
    return Record(
        id=query.record_id,
        query_id=query.id,
        task=task.name,
        image=query.image.file_name,
        turns=turns,
        findings=findings,
    )


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _finding(finding: Finding) -> dict[str, str]:
    return {"code": finding.code, "check": finding.check, "message": finding.message, "where": finding.where}


def _reject(answer: Answer, record: Record, response: Response) -> dict[str, Any]:
    return {
        "id": record.id,
        "query_id": record.query_id,
        "task": record.task,
        "image": record.image,
        "state": "rejected",
        "reason": record.errors[0].check,
        "findings": [_finding(finding) for finding in record.findings],
        "finish": response.finish,
        "model": response.model,
        "reply": response.text or answer.raw.decode("utf-8", "replace"),
    }


def _provenance(answer: Answer, record: Record, response: Response, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": record.id,
        "query_id": record.query_id,
        "task": record.task,
        "image_id": answer.query.image.image_id,
        "model": response.model,
        "request_id": response.request_id,
        "request_sha256": answer.query.digest,
        "prompts_sha256": asked["prompts"][record.task],
        "prompt_tokens": response.usage.prompt,
        "completion_tokens": response.usage.completion,
        "warnings": [_finding(finding) for finding in record.findings],
    }


def _manifest(run: Run, asked: dict[str, Any]) -> dict[str, Any]:
    states = run.ledger.states()
    models = run.ledger.models()
    return {
        "datagen": __version__,
        "mock": any(name.startswith("datagen-mock") for name in models),
        "model": asked["settings"]["model"],
        "answered_by": models,
        "planned": states.planned,
        "kept": states.kept,
        "rejected": states.rejected,
        "failed": states.failed,
        "pending": states.pending,
        "left_out": run.ledger.left_out(),
        "oddities": asked["oddities"],
        "annotations": asked["annotations"],
        "prompts": asked["prompts"],
        "files": {name: _file(run.folder / name) for name in FILES},
    }


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
