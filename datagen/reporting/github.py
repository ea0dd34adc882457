"""The formats of GitHub Actions: `github`, a workflow command a finding, which becomes an annotation; and `markdown`, a
summary to append to the file that `$GITHUB_STEP_SUMMARY` names.

Escaping of commands is as in actions/toolkit (packages/core/src/command.ts). GitHub shows ten annotations of a level
and a step, so that of each check only the first are written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from datagen.reporting.base import LEVELS, WRITERS, Manner, closing, remarks, sentence
from datagen.schema import Hit, Verdict
from datagen.text import visible

_COMMAND = {"error": "error", "warning": "warning", "info": "notice"}
_EXAMPLES = 3
"""Of each check, in a summary."""
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#!|~&$@:])")


@WRITERS("github")
class Github:
    """Workflow commands."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._seen: Counter[str] = Counter()

    def hit(self, hit: Hit) -> None:
        """Written at once, unless enough of its check were."""
        finding, most = hit.finding, self._manner.most
        self._seen[finding.code] += 1
        if most is not None and self._seen[finding.code] > most:
            return
        line = "" if hit.line is None else f",line={hit.line}"
        title = _property(f"{finding.code} {finding.check}")
        self._put(f"::{_COMMAND[finding.level]} file={_property(hit.file)}{line},title={title}::{_data(sentence(hit))}")

    def end(self, verdict: Verdict) -> None:
        """What was not written, and the last line."""
        most = self._manner.most
        for code, seen in sorted(self._seen.items()):
            if most is not None and seen > most:
                self._put(f"… and {seen - most:,} more of {visible(code)}")
        for line in (closing(verdict), *remarks(verdict)):
            self._put(visible(line, 2000))

    def _put(self, line: str) -> None:
        self._manner.write(line.replace("##[", "# #[") + "\n")  # the older commands are heard in mid-line too


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text, 1000)).replace(":", "%3A").replace(",", "%2C")


@WRITERS("markdown")
class Markdown:
    """A summary with tables; of each check a few examples."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._examples: dict[str, list[Hit]] = {}
        self._mends: set[str] = set()

    def hit(self, hit: Hit) -> None:
        """The first of each check are remembered, without the text that they are about."""
        if hit.mends:
            self._mends.add(hit.finding.code)
        examples = self._examples.setdefault(hit.finding.code, [])
        if len(examples) < _EXAMPLES:
            examples.append(hit._replace(text=""))

    def end(self, verdict: Verdict) -> None:
        """All of it."""
        parts = (self._checks(verdict), _targets(verdict), self._details(verdict))
        lines = ["### datagen validate", "", plain(" ".join((closing(verdict), *remarks(verdict))))]
        for part in parts:
            lines += part
        self._manner.write("\n".join(lines) + "\n")

    def _checks(self, verdict: Verdict) -> Iterator[str]:
        if not verdict.by_check:
            return
        yield from ("", "| count | level | code | check | what is wrong | |", "| ---: | --- | --- | --- | --- | --- |")
        known = self._manner.catalog
        rank = {code: LEVELS.index(check.level) for code, check in known.items()}
        for code, count in sorted(verdict.by_check.items(), key=lambda item: (rank.get(item[0], 9), -item[1], item[0])):
            told = [f"{count:,}", "", plain(code), "", "", ""]
            if check := known.get(code):
                mends = "fixable" * (code in self._mends)
                told[1], told[3:] = check.level, [plain(check.name), plain(check.about), mends]
            yield f"| {' | '.join(told)} |"

    def _details(self, verdict: Verdict) -> Iterator[str]:
        if not self._examples:
            return
        yield from ("", "<details><summary>Examples</summary>", "")
        for code, hits in self._examples.items():
            for hit in hits:
                line = "" if hit.line is None else f":{hit.line}"
                at = plain(f"{visible(hit.file, 200)}{line}")
                yield f"- **{plain(code)}** {at} {plain(sentence(hit))}"
        yield from ("", "</details>")


def _targets(verdict: Verdict) -> Iterator[str]:
    if not verdict.outcomes:
        return
    yield from ("", "| trainer | loaded | damaged | lost | stops |", "| --- | ---: | ---: | ---: | ---: |")
    for target, outcome in verdict.outcomes.items():
        yield f"| {plain(target)} | {' | '.join(f'{count:,}' for count in outcome)} |"


def plain(text: str) -> str:
    """`text` on one line of Markdown, with nothing in it that is markup, a link or a mention."""
    return _MARKUP.sub(r"\\\1", visible(text, 2000)).replace("www.", "www\\.")
