"""The formats `json` (one document) and `jsonl` (a line a finding, and one for the summary), for programs.

    {"version": 1,
     "findings": [{"file", "line", "record", "id", "place", "code", "check", "level", "message", "where", "words",
                   "target", "fixable"}],
     "summary": {"files", "records", "findings", "by_check", "by_level", "targets", "fixable", "baselined",
                 "grounding", "unreadable"}}

`record` counts from 0, `line` from 1; both, and `id`, may be null. What `targets` holds of each is `loaded`, `damaged`,
`lost` and `stops`. All is ASCII, so that no terminal is moved by it.
"""

from __future__ import annotations

import json
from typing import Any

from datagen.reporting.base import LEVELS, WRITERS, Manner
from datagen.schema import Hit, Verdict

VERSION = 1
"""Of both formats; a member that is added does not change it."""


def dumped(value: Any, indent: int | None = None) -> str:
    """JSON in ASCII. Half a surrogate pair, which strict readers refuse, is a replacement character."""
    return json.dumps(_whole(value), indent=indent)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list | tuple) else value


def finding_json(hit: Hit) -> dict[str, Any]:
    """A hit for programs."""
    finding = hit.finding
    return {
        "file": hit.file,
        "line": hit.line,
        "record": hit.number,
        "id": hit.id,
        "place": hit.place,
        "code": finding.code,
        "check": finding.check,
        "level": finding.level,
        "message": finding.message,
        "where": finding.where,
        "words": finding.words,
        "target": finding.target,
        "fixable": hit.mends,
    }


def summary_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict for programs."""
    return {
        "files": list(verdict.files),
        "records": verdict.records,
        "findings": sum(verdict.by_check.values()),
        "by_check": verdict.by_check,
        "by_level": {level: verdict.by_level.get(level, 0) for level in LEVELS},
        "targets": {target: outcome._asdict() for target, outcome in verdict.outcomes.items()},
        "fixable": verdict.fixable,
        "baselined": verdict.baselined,
        "grounding": verdict.grounded,
        "unreadable": list(verdict.unreadable),
    }


@WRITERS("json")
class Document:
    """One JSON document, a finding a line."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._before = f'{{"version": {VERSION}, "findings": [\n'

    def hit(self, hit: Hit) -> None:
        """Written at once."""
        self._manner.write(self._before + dumped(finding_json(hit)))
        self._before = ",\n"

    def end(self, verdict: Verdict) -> None:
        """The summary."""
        begun = "" if self._before == ",\n" else self._before
        self._manner.write(f'{begun}\n], "summary": {dumped(summary_json(verdict))}}}\n')


@WRITERS("jsonl")
class Lines:
    """A JSON object a line."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner

    def hit(self, hit: Hit) -> None:
        """Written at once."""
        self._manner.write(dumped(finding_json(hit)) + "\n")

    def end(self, verdict: Verdict) -> None:
        """The summary, as the last line."""
        self._manner.write(dumped({"version": VERSION, "summary": summary_json(verdict)}) + "\n")
