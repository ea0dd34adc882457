"""The text format: what a person reads, folded and painted on a terminal only, and harmless whatever it is of."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from datagen.reporting.base import manner_of
from datagen.reporting.paint import back, front, wrap
from datagen.reporting.terminal import excerpt
from datagen.schema import Hit, Outcome
from datagen.text import visible
from tests.reporting.making import CATALOG, EVIL, TEXTS, hit, verdict, wild_hits, written

_SGR = re.compile(r"\x1b\[[0-9;]*m")


def test_a_finding_is_its_place_its_name_and_the_words_underlined() -> None:
    text = written("text", [hit(text="The sign reads STOP.</s>")])
    assert text.split("\n\n")[0].split("\n") == [
        "train.json:214: [a-1] S001 special-token '</s>' in an answer",
        "    at [17].conversations[1].value",
        "  │ The sign reads STOP.</s>",
        "  │                     ^^^^",
    ]


def test_what_is_not_known_is_left_out() -> None:
    text = written("text", [hit("Q001", "too many", number=None, id=None, line=None, words="")])
    assert text.split("\n\n")[0] == "train.json: Q001 frequent too many"


def test_the_end_counts_each_check_and_says_what_becomes_of_the_records() -> None:
    hits = [hit(), *[hit("L002", "a caption", words="")] * 2]
    checks, trainers, last = written("text", hits, verdict(hits, fixable=1, baselined=3)).split("\n\n")[-3:]
    first, second = checks.split("\n")
    assert first.split()[:5] == ["1", "error", "S001", "special-token", "[fixable]"]
    assert second.split()[:4] == ["2", "warning", "L002", "caption"]
    assert "[fixable]" not in second
    assert [line.split() for line in trainers.split("\n")] == [
        ["trainer", "loaded", "damaged", "lost", "stops"],
        ["llava", "157,998", "1", "1", "0"],
        ["qwen", "158,000", "0", "0", "0"],
    ]
    assert last.splitlines() == [
        "Found 1 error, 2 warnings in 158,000 records (1 file).",
        "1 can be mended with --fix.",
        "The baseline accepts 3 findings more.",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "All 350 records pass (targets: llava, qwen).\n"),
        ({"outcomes": {}}, "All 350 records pass (1 file).\n"),
        ({"records": 0}, "There are no records (1 file).\n"),
        ({"records": 1, "outcomes": {}}, "The one record passes (1 file).\n"),
        ({"baselined": 2}, "Nothing new in 350 records (1 file).\nThe baseline accepts 2 findings more.\n"),
    ],
)
def test_nothing_found_is_one_line(more: dict[str, object], said: str) -> None:
    outcomes = {"llava": Outcome(350, 0, 0, 0), "qwen": Outcome(350, 0, 0, 0)}
    assert written("text", [], verdict([], **{"records": 350, "outcomes": outcomes, **more})) == said


def test_of_many_findings_of_a_check_the_first_are_shown_and_the_others_counted() -> None:
    hits = [hit("L002", f"number {n}") for n in range(1_254)] + [hit()]
    text = written("text", hits)
    assert text.count(" L002 caption number ") == 20
    assert "… and 1,234 more of L002" in text
    assert "more of S001" not in text
    assert written("text", hits, most=None).count(" L002 caption number ") == 1_254


@settings(deadline=None)
@given(wild_hits())
def test_only_our_own_lines_and_colours_reach_a_terminal(hits: list[Hit]) -> None:
    for colour in (False, True):
        text = written("text", hits, width=80, colour=colour)
        assert all(line.isprintable() for line in (_SGR.sub("", text) if colour else text).split("\n"))


@settings(deadline=None)
@given(wild_hits())
def test_each_finding_is_one_line_that_can_be_found_where_there_is_no_terminal(hits: list[Hit]) -> None:
    lines = written("text", hits).split("\n")
    for each in hits:
        assert any(f" {each.finding.code} {each.finding.check} " in line for line in lines)
    assert not any(line.strip().startswith("::") for line in lines)  # GitHub would take it for a command


@settings(deadline=None)
@given(wild_hits(3), st.sampled_from([40, 80, 120]))
def test_paint_changes_nothing_that_is_said(hits: list[Hit], width: int) -> None:
    assert _SGR.sub("", written("text", hits, width=width, colour=True)) == written("text", hits, width=width)


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.integers(20, 120))
def test_an_excerpt_keeps_to_its_places_and_shows_the_words(before: str, words: str, after: str, room: int) -> None:
    left, marked, right = excerpt(hit(words=words, text=before * 5 + words + after * 5, message="x"), room)
    assert cell_len(left + marked + right) <= room
    assert bool(marked) == bool(words)
    if len(visible(words)) <= room // 2 and words.isascii():
        assert marked == visible(words)


def test_words_that_the_message_shows_are_not_shown_twice() -> None:
    assert excerpt(hit(message="'</s>' in an answer", words="</s>"), 80) == ("", "", "")
    assert excerpt(hit(message="a token", words="</s>"), 80) == ("", "</s>", "")


@settings(deadline=None)
@given(TEXTS, st.integers(2, 40))
def test_cut_and_folded_lines_keep_to_their_places(text: str, room: int) -> None:
    plain = visible(text)
    assert cell_len(front(plain, room)) <= room
    assert cell_len(back(plain, room)) <= room
    assert all(cell_len(line) <= room for line in wrap(plain, room, room // 2)[1:])
    assert "".join("".join(wrap(plain, room, room // 2)).split()) == "".join(plain.split())


def test_what_cannot_be_seen_is_written_as_json_writes_it() -> None:
    assert visible('<image>\n\t\x7f\u202e\ud800"\\é消\U000e0041') == (
        '<image>\\n\\t\\u007f\\u202e\\ud800"\\é消\\udb40\\udc41'
    )
    assert visible("abcdef", 4) == "abc…"
    assert len(visible(EVIL * 99, 50)) == 50


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_and_width_are_a_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "97")
    there = manner_of(_Terminal(), CATALOG, environ={})
    assert (there.colour, there.width) == (True, 97)
    assert not manner_of(_Terminal(), CATALOG, environ={"NO_COLOR": "1"}).colour
    assert not manner_of(_Terminal(), CATALOG, environ={"TERM": "dumb"}).colour
    elsewhere = manner_of(io.StringIO(), CATALOG, environ={})
    assert (elsewhere.colour, elsewhere.width) == (False, None)


def test_a_locale_that_lacks_our_letters_is_no_traceback() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    manner_of(stream, CATALOG, environ={}).write("… 消 é\n")
    stream.flush()
    assert raw.getvalue() == b"\\u2026 \\u6d88 \xe9\n"
