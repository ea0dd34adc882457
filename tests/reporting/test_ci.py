"""What CI reads: JUnit's XML, GitHub's commands and its Markdown. Data can neither break nor command it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given, settings

from datagen.reporting.github import plain
from datagen.schema import Hit
from tests.reporting.making import CATALOG, EVIL, TEXTS, hit, verdict, wild_hits, written


def test_junit_has_a_suite_a_file_and_a_case_a_check() -> None:
    hits = [*[hit()] * 25, hit("L002", "a caption", file="b.json")]
    root = ElementTree.fromstring(written("junit", hits, verdict(hits, files=("train.json", "b.json", "clean.json"))))
    assert root.attrib["tests"] == str(3 * len(CATALOG))
    assert root.attrib["failures"] == "1"
    first, second, third = root.findall("testsuite")
    assert [suite.attrib["failures"] for suite in (first, second, third)] == ["1", "0", "0"]
    assert [case.attrib["name"] for case in first] == [
        "S001 special-token",
        "T001 masked (llava)",
        "L002 caption",
        "Q001 frequent",
    ]
    (failure,) = first.iter("failure")
    assert failure.attrib["message"] == "25 findings"
    lines = (failure.text or "").strip().split("\n")
    assert lines[0] == "line 214 [a-1] [17].conversations[1].value: '</s>' in an answer"
    assert len(lines) == 21
    assert lines[-1] == "… and 5 more"
    assert [case.find("system-out") is not None for case in second] == [False, False, True, False]
    assert all(len(case) == 0 for case in third)


@settings(deadline=None)
@given(wild_hits())
def test_junit_is_xml_whatever_the_findings_are_of(hits: list[Hit]) -> None:
    root = ElementTree.fromstring(written("junit", hits).encode())
    assert sum(len(suite) for suite in root) == int(root.attrib["tests"])
    tags = {each.tag for each in root.iter()}
    assert tags <= {"testsuites", "testsuite", "testcase", "failure", "system-out"}
    failed = {(each.file, each.finding.code) for each in hits if each.finding.level == "error"}
    assert len(list(root.iter("failure"))) == len(failed)


def test_github_gets_an_annotation_a_finding() -> None:
    first, second, last = written(
        "github",
        [hit(file="a,b:c.json", message="100 %"), hit("Q001", "many", number=None, id=None, line=None, where="")],
    ).splitlines()
    assert first == (
        "::error file=a%2Cb%3Ac.json,line=214,title=S001 special-token::[a-1] [17].conversations[1].value: 100 %25"
    )
    assert second == "::notice file=train.json,title=Q001 frequent::many"
    assert last == "Found 1 error, 1 info in 158,000 records (2 files)."


def test_github_is_not_flooded() -> None:
    lines = written("github", [hit()] * 30).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 20
    assert "… and 10 more of S001" in lines


_COMMAND = re.compile(r"::(error|warning|notice) file=[^,:]*(,line=\d+)?,title=[^,:]*::[^\r\n]*")


@settings(deadline=None)
@given(wild_hits())
def test_github_hears_no_command_but_ours(hits: list[Hit]) -> None:
    lines = written("github", hits).split("\n")
    assert sum(bool(_COMMAND.fullmatch(line)) for line in lines) == len(hits)
    assert sum(line.strip().startswith("::") for line in lines) == len(hits)
    assert not any("##[" in line for line in lines)
    assert all(line.isprintable() for line in lines)


def test_markdown_is_tables_and_a_few_examples() -> None:
    hits = [hit(message="a|b `c` <img>")] * 5
    text = written("markdown", hits, verdict(hits, fixable=5))
    assert "| 5 | error | S001 | special-token | A token stands inside a text. | fixable |" in text
    assert "| llava | 157,998 | 1 | 1 | 0 |" in text
    assert "Found 5 errors in 158,000 records \\(1 file\\). 5 can be mended with --fix." in text
    assert text.count("a\\|b \\`c\\` \\<img\\>") == 3
    assert "<details>" not in written("markdown", [])


@settings(deadline=None)
@given(TEXTS)
def test_markdown_sees_no_markup_in_data(text: str) -> None:
    said = plain(text)
    assert said.isprintable()
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]<>|~&$#@]", said)
    assert not re.search(r"(?<!\\)://", said)
    assert "www." not in said


@settings(deadline=None)
@given(wild_hits(3))
def test_markdown_keeps_its_tables(hits: list[Hit]) -> None:
    lines = written("markdown", [*hits, hit(message=EVIL, file=EVIL, id=EVIL)]).split("\n")
    for line in lines:
        assert line.isprintable()
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) in (6, 7)
