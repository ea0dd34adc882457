"""The format `junit`, which CI servers show as tests: a suite a file, a case a check.

A check fails by its errors; what else it found stands in its case's output and fails nothing. The
counts come before the cases in that format, so it is written at the end; of each check and file the first findings are
remembered, and the others counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from datagen.reporting.base import WRITERS, Manner, many, sentence
from datagen.schema import Hit, Verdict
from datagen.text import visible


class _Case:
    def __init__(self, level: str) -> None:
        self.level = level
        self.count = 0
        self.lines: list[str] = []


@WRITERS("junit")
class Junit:
    """XML for CI servers."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._files: dict[str, dict[str, _Case]] = {}

    def hit(self, hit: Hit) -> None:
        """Remembered or counted."""
        finding, most = hit.finding, self._manner.most
        case = self._files.setdefault(hit.file, {}).setdefault(finding.code, _Case(finding.level))
        case.count += 1
        if most is None or case.count <= most:
            case.lines.append(("" if hit.line is None else f"line {hit.line} ") + sentence(hit))

    def end(self, verdict: Verdict) -> None:
        """All of it."""
        files = dict.fromkeys((*verdict.files, *self._files))
        suites = [(file, self._files.get(file, {})) for file in files]
        tests = sum(len(self._codes(cases)) for _, cases in suites)
        failures = sum(_failures(cases) for _, cases in suites)
        self._manner.write(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="datagen" tests="{tests}" '
            f'failures="{failures}" errors="0" skipped="0">\n'
        )
        for file, cases in suites:
            for line in self._suite(file, cases):
                self._manner.write(line + "\n")
        self._manner.write("</testsuites>\n")

    def _codes(self, cases: dict[str, _Case]) -> list[str]:
        return list(dict.fromkeys((*self._manner.catalog, *cases)))

    def _suite(self, file: str, cases: dict[str, _Case]) -> Iterator[str]:
        name, codes = _quoted(file), self._codes(cases)
        yield (
            f'<testsuite name={name} tests="{len(codes)}" failures="{_failures(cases)}" errors="0" skipped="0" '
            'time="0">'
        )
        for code in codes:
            check = self._manner.catalog.get(code)
            told = _quoted(f"{code} {check.name}{f' ({check.target})' if check.target else ''}" if check else code)
            yield from _case(f"<testcase classname={name} name={told} file={name}", cases.get(code))
        yield "</testsuite>"


def _failures(cases: dict[str, _Case]) -> int:
    return sum(case.level == "error" for case in cases.values())


def _case(opening: str, case: _Case | None) -> Iterator[str]:
    if case is None:
        yield f"{opening} />"
        return
    tag = f'failure message="{many(case.count, "finding")}" type="error"' if case.level == "error" else "system-out"
    yield f"{opening}>"
    yield f"<{tag}>"
    if case.level != "error":
        yield f"{case.level}: {many(case.count, 'finding')}"
    yield from (escape(line) for line in case.lines)
    if case.count > len(case.lines):
        yield f"… and {case.count - len(case.lines):,} more"
    yield f"</{tag.split()[0]}>"
    yield "</testcase>"


def _quoted(text: str) -> str:
    """An attribute's value. What XML cannot hold at all is told by its number."""
    return f'"{escape(visible(text, 1000))}"'
