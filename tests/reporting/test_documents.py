"""What programs read: JSON, JSON lines, SARIF. Strict readers take it whatever the findings are of."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import msgspec
from hypothesis import given, settings

from datagen.schema import Hit
from tests.reporting.making import CATALOG, EVIL, hit, verdict, wild_hits, written

FINDING = {
    "file": "train.json",
    "line": 214,
    "record": 17,
    "id": "a-1",
    "place": "[17].conversations[1].value",
    "code": "S001",
    "check": "special-token",
    "level": "error",
    "message": "'</s>' in an answer",
    "where": "conversations[1].value",
    "words": "</s>",
    "target": "",
    "fixable": True,
}
SUMMARY = {
    "files": ["train.json"],
    "records": 158_000,
    "findings": 1,
    "by_check": {"S001": 1},
    "by_level": {"error": 1, "warning": 0, "info": 0},
    "targets": {
        "llava": {"loaded": 157_998, "damaged": 1, "lost": 1, "stops": 0},
        "qwen": {"loaded": 158_000, "damaged": 0, "lost": 0, "stops": 0},
    },
    "fixable": 1,
    "baselined": 0,
    "grounding": None,
    "unreadable": [],
}


def test_json_is_one_document() -> None:
    end = verdict([hit()], fixable=1)
    assert json.loads(written("json", [hit()], end)) == {"version": 1, "findings": [FINDING], "summary": SUMMARY}
    assert json.loads(written("json", []))["findings"] == []


def test_jsonl_is_a_line_a_finding_and_a_summary() -> None:
    first, last = written("jsonl", [hit()], verdict([hit()], fixable=1)).splitlines()
    assert json.loads(first) == FINDING
    assert json.loads(last) == {"version": 1, "summary": SUMMARY}


@settings(deadline=None)
@given(wild_hits())
def test_a_strict_reader_takes_it_and_a_terminal_is_not_moved(hits: list[Hit]) -> None:
    text, lines = written("json", hits), written("jsonl", hits).splitlines()
    told = msgspec.json.decode(text.encode("ascii"))
    assert [msgspec.json.decode(line) for line in lines[:-1]] == told["findings"]
    assert all(line.isprintable() for line in (*text.splitlines(), *lines))
    for each, finding in zip(hits, told["findings"], strict=True):
        assert finding["words"] == each.finding.words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def run_of(text: str) -> dict[str, Any]:
    """The run of a SARIF document, after what the standard demands of its members."""
    document = msgspec.json.decode(text.encode("ascii"))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "datagen"
    assert [rule["id"] for rule in driver["rules"]] == list(CATALOG)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning", "note")
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert uri.isprintable()
        assert urlsplit(uri).scheme in ("", "file")
        assert not urlsplit(uri).netloc
        assert location["physicalLocation"].get("region", {"startLine": 1})["startLine"] >= 1
        assert all(named["fullyQualifiedName"] for named in location.get("logicalLocations", ()))
    return run  # type: ignore[no-any-return]


def test_sarif_names_rule_place_and_line() -> None:
    (first, second) = run_of(written("sarif", [hit(), hit("Q001", "many", number=None, line=None)]))["results"]
    assert first["ruleId"] == "S001"
    assert first["level"] == "error"
    assert first["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "train.json"}, "region": {"startLine": 214}},
            "logicalLocations": [{"fullyQualifiedName": "[17].conversations[1].value", "kind": "value"}],
        }
    ]
    assert second["level"] == "note"
    assert second["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "train.json"}}}]
    assert run_of(written("sarif", []))["results"] == []


def test_sarif_reads_no_placeholder_and_no_link_into_data() -> None:
    (result,) = run_of(written("sarif", [hit(message="{0} [a](http://evil)")]))["results"]
    assert result["message"]["text"] == "special-token: {{0}} [a] (http://evil)"


def test_sarif_names_files_as_they_are() -> None:
    for file, uri in (("-", "stdin"), ("a b.json", "a%20b.json"), ("/x/c:d", "file:///x/c%3Ad"), ("\udcff", "%FF")):
        (result,) = run_of(written("sarif", [hit(file=file)]))["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@settings(deadline=None)
@given(wild_hits())
def test_sarif_holds_whatever_the_findings_are_of(hits: list[Hit]) -> None:
    assert len(run_of(written("sarif", [*hits, hit(file=EVIL)]))["results"]) == len(hits) + 1
