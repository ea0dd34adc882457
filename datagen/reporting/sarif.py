"""The format `sarif`: SARIF 2.1.0 (OASIS), which code scanning on GitHub and GitLab and most editors read.

Each check of the catalog is a rule with its explanation. The rules come first, so that results can be written as they
come. A place inside a record is a logical location; a physical one has a line where the line is known.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from datagen.reporting.base import WRITERS, Explained, Manner
from datagen.reporting.baseline import key_of
from datagen.reporting.documents import dumped, summary_json
from datagen.schema import Hit, Verdict
from datagen.text import digest, visible
from datagen.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {"error": "error", "warning": "warning", "info": "note"}


@WRITERS("sarif")
class Sarif:
    """One SARIF document with one run, a result a line."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._index = {code: at for at, code in enumerate(manner.catalog)}
        driver = {
            "name": "datagen",
            "semanticVersion": __version__,
            "rules": [_rule(check) for check in manner.catalog.values()],
        }
        self._before = (
            f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"columnKind": "unicodeCodePoints", '
            f'"tool": {{"driver": {dumped(driver)}}}, "results": [\n'
        )
        self._begun = False

    def hit(self, hit: Hit) -> None:
        """Written at once."""
        self._manner.write((",\n" if self._begun else self._before) + dumped(self._result(hit)))
        self._begun = True

    def end(self, verdict: Verdict) -> None:
        """The summary, among the run's properties."""
        begun = "" if self._begun else self._before
        self._manner.write(f'{begun}\n], "properties": {dumped(summary_json(verdict))}}}]}}\n')

    def _result(self, hit: Hit) -> dict[str, Any]:
        finding = hit.finding
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "level": _LEVEL[finding.level],
            "message": {"text": _literal(f"{finding.check}: {visible(finding.message, 2000)}")},
            "locations": [_location(hit)],
            "partialFingerprints": {"datagen/v1": digest(*key_of(hit))[:32]},
            "properties": {"record": hit.number, "id": hit.id, "words": finding.words, "target": finding.target},
        }
        if finding.code in self._index:
            result["ruleIndex"] = self._index[finding.code]
        return result


def _rule(check: Explained) -> dict[str, Any]:
    target = f"About {check.target}: such a record is {check.does}.\n" if check.target and check.does else ""
    return {
        "id": check.code,
        "name": check.name,
        "shortDescription": {"text": _literal(check.about or check.name)},
        "fullDescription": {"text": _literal(check.about or check.name)},
        "help": {"text": _literal(f"{check.about}\n{target}{check.why}".strip() or check.name)},
        "defaultConfiguration": {"level": _LEVEL[check.level]},
        "properties": {"tags": [tag for tag in (check.code[:1], check.target) if tag], "fixable": check.mends},
    }


def _location(hit: Hit) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(hit.file)}}
    if hit.line is not None:
        physical["region"] = {"startLine": hit.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if hit.place:
        location["logicalLocations"] = [{"fullyQualifiedName": hit.place, "kind": "value"}]
    return location


def _uri(file: str) -> str:
    """A relative reference: no colon of a name may look like a scheme, no two slashes like a host."""
    if file == "-":
        return "stdin"
    named = quote(file.encode("utf-8", "surrogateescape" if _is_path(file) else "replace"), safe="/-._~")
    return f"file://{named}" if file.startswith("/") and not file.startswith("//") else named.lstrip("/") or "file"


def _is_path(file: str) -> bool:
    """Whether it came from bytes, as paths do that are not UTF-8."""
    return all(not "\ud800" <= each <= "\udfff" or "\udc80" <= each <= "\udcff" for each in file)


def _literal(text: str) -> str:
    """Braces are doubled, else they are placeholders; and no `[text](target)` stays a link (SARIF 2.1.0, 3.11.5 and
    3.11.6, as in oasis-tcs/sarif-spec:sarif-2.2/prose/edit/src/file-format-11-message-object.md)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
