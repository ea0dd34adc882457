"""Hostile text is made harmless, folded as it should be, and numbers and names drawn from text are stable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datagen.text import clean, digest, one_line, paragraphs, pick, shown, slug, unbroken

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = [chr(code) for code in (*range(32), *range(127, 160))]
BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
ANY = st.text(st.characters(), max_size=60)  # with surrogates
ESCAPES = [
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://x\x1b\\",
    "\x1bPq\x1b\\",
    "\x1b[",
    "\x1b",
    "\x9b31m",
    "\x1bc",
]
NASTY = st.lists(ANY | st.sampled_from([*ESCAPES, *BREAKS, *BIDI, "\t", "\ud800", "  "]), max_size=8).map("".join)


def assert_harmless(text: str) -> None:
    assert not [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n"]
    assert not set(text) & {*BIDI, "\ufeff"}
    assert text.encode("utf-8").decode("utf-8") == text


# clean


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain text.", "plain text."),
        ("tab\there", "tab here"),
        ("two  spaces ", "two  spaces "),
        ("e\u0301", "\u00e9"),
        ("a\x00b\x1bc\x7fd", "abcd"),
        ("lone \ud800 and \udfff", "lone \ufffd and \ufffd"),
        ("\U0001f600 \u732b \u0642\u0637\u0629", "\U0001f600 \u732b \u0642\u0637\u0629"),
        ("\ufeffBOM", "BOM"),
        ("zero\u200bwidth stays", "zero\u200bwidth stays"),
        ("hard\u00a0space stays", "hard\u00a0space stays"),
        ("family \U0001f468\u200d\U0001f469", "family \U0001f468\u200d\U0001f469"),
    ],
)
def test_clean_keeps_what_is_harmless(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize("line_break", BREAKS)
def test_clean_has_one_kind_of_line_break(line_break: str) -> None:
    assert clean(f"a{line_break}b{line_break}{line_break}c") == "a\nb\n\nc"


def test_clean_leaves_no_control_or_bidi_character() -> None:
    for letter in (*CONTROLS, *BIDI, "\ufff9", "\ufffa", "\ufffb"):
        assert clean(f"a{letter}b") in ("ab", "a b", "a\nb"), ascii(letter)


@settings(deadline=None)
@given(text=NASTY)
def test_clean_text_is_harmless_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert_harmless(cleaned)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)


# one_line, unbroken, paragraphs


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a  b\n\nc\t d ", "a b c d"),
        ("a\u00a0\u3000b", "a b"),
        ("a\x1cb", "ab"),
        (" \n\t\u202e\x00 ", ""),
        ("", ""),
    ],
)
def test_one_line_folds_all_white_space(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" A cat. ", "A cat."),
        ("A  cat.", "A  cat."),
        ("A cat \n sits.", "A cat sits."),
        ("A cat\r\n\r\n\r\nsits.\n", "A cat sits."),
        ("A\tcat", "A cat"),
        (" \n \u2028 ", ""),
    ],
)
def test_unbroken_joins_lines_but_keeps_spaces_between_words(text: str, line: str) -> None:
    assert unbroken(text) == line


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\n\n One.\n\n- two\n- three \n\n", "One.\n\n- two\n- three"),
        ("a  b\r\n  indented", "a  b\n  indented"),
        ("\u202eevil\x1b[31m", "evil[31m"),
    ],
)
def test_paragraphs_keep_their_lines(text: str, kept: str) -> None:
    assert paragraphs(text) == kept


@settings(deadline=None)
@given(text=NASTY)
def test_folding_leaves_single_stripped_lines_and_loses_no_word(text: str) -> None:
    for fold in (one_line, unbroken):
        line = fold(text)
        assert_harmless(line)
        assert len(line.splitlines()) <= 1
        assert line == line.strip() == fold(line)
        assert line.split() == clean(text).split()


@settings(deadline=None)
@given(text=NASTY)
def test_paragraphs_are_harmless_stripped_and_lose_no_word(text: str) -> None:
    kept = paragraphs(text)
    assert_harmless(kept)
    assert kept == kept.strip() == paragraphs(kept)
    assert kept.split() == clean(text).split()


# shown


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;2;1;2;3mred\x1b[?25l", "red"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPdevice\x1b\\after", "after"),
        ("\x1b_app\x1b\\after", "after"),
        ("\x1b]0;never ends", ""),
        ("\x1bcreset", "creset"),
        ("\x1b7saved", "7saved"),
        ("\x1b\x1b[1mbold", "bold"),
        ("two\nlines\r\nand\tmore", "two lines and more"),
        ("\u202eabc\u2066", "abc"),
        ("[/red] [bold]markup stays[/bold]", "[/red] [bold]markup stays[/bold]"),
        ("", ""),
    ],
)
def test_shown_is_one_line_without_escape_sequences(text: str, line: str) -> None:
    assert shown(text) == line


@pytest.mark.parametrize(("value", "line"), [(3, "3"), (None, "None"), ([1, "a"], "[1, 'a']"), (1.5, "1.5")])
def test_shown_takes_any_object(value: object, line: str) -> None:
    assert shown(value) == line


@pytest.mark.parametrize(("length", "limit"), [(299, 300), (300, 300), (301, 300), (9999, 300), (5, 5), (6, 5), (9, 1)])
def test_shown_is_cut_at_its_limit(length: int, limit: int) -> None:
    line = shown("x" * length, limit)
    assert len(line) == min(length, limit)
    assert line.endswith("\u2026") == (length > limit)


@settings(deadline=None, max_examples=300)
@given(text=NASTY, limit=st.integers(1, 80))
@example(text="\x1b[\x1b[31m31m", limit=80)
@example(text="\x1b\x1b]\x07]0;x\x07", limit=80)
@example(text="\x1b" * 50, limit=80)
def test_shown_never_has_a_control_escape_or_bidi_character(text: str, limit: int) -> None:
    line = shown(text, limit)
    assert_harmless(line)
    assert "\n" not in line
    assert len(line) <= limit


def test_shown_never_has_any_control_or_bidi_character() -> None:
    for letter in (*CONTROLS, *BIDI):
        assert shown(f"a{letter}b{letter}{letter}") in ("ab", "a b", "a"), ascii(letter)


# digest and pick


def test_a_digest_is_sha256_over_lengths_and_parts() -> None:
    assert digest("ab", b"c") == hashlib.sha256(b"2:ab1:c").hexdigest()
    assert digest("\u00e9") == hashlib.sha256(b"2:\xc3\xa9").hexdigest()


def test_lists_of_parts_do_not_agree_by_accident() -> None:
    lists = [(), ("",), ("", ""), ("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c"), ("1:a",), ("2:ab1:c",)]
    assert len({digest(*parts) for parts in lists}) == len(lists)


@settings(deadline=None)
@given(one=st.lists(ANY, max_size=3), other=st.lists(ANY, max_size=3))
def test_digests_are_equal_exactly_when_the_parts_are(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


@given(count=st.integers(1, 50), parts=st.lists(ANY, max_size=3))
def test_a_pick_is_in_range_and_the_same_again(count: int, parts: list[str]) -> None:
    assert 0 <= pick(count, *parts) < count
    assert pick(count, *parts) == pick(count, *parts)


def test_picks_are_even() -> None:
    tally = Counter(pick(10, "seed", str(number)) for number in range(5000))
    assert sorted(tally) == list(range(10))
    assert all(400 < number < 600 for number in tally.values())


# slug


@pytest.mark.parametrize("text", ["a", "A-b_9", "-", "_", "x" * 24, "000000000007", "--"])
def test_a_slug_leaves_alone_what_is_one(text: str) -> None:
    assert slug(text, 24) == text


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a b", "a-b-"),
        ("a/b.jpg", "a-b-jpg-"),
        ("x" * 25, "x" * 15 + "-"),
        ("  caf\u00e9 ", "caf-"),
        ("a\n", "a-"),
        ("12345678901234 5", "12345678901234-"),
    ],
)
def test_a_slug_keeps_what_it_can_and_adds_a_digest(text: str, start: str) -> None:
    made = slug(text, 24)
    assert made.startswith(start)
    assert made.removeprefix(start).endswith(digest(text)[:8])


@pytest.mark.parametrize("text", ["", "\u732b", "///", "\ud800", "-- --"])
def test_a_slug_of_nothing_usable_is_a_digest(text: str) -> None:
    assert slug(text, 24) == digest(text)[:8]


@settings(deadline=None, max_examples=300)
@given(text=ANY | st.text("aB-_ /", max_size=60), limit=st.integers(9, 64))
def test_a_slug_always_matches_its_form(text: str, limit: int) -> None:
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{1,{limit}}}", slug(text, limit))


@settings(deadline=None)
@given(texts=st.lists(ANY | st.text("ab- ", max_size=8), unique=True, max_size=30))
def test_slugs_of_different_texts_differ(texts: list[str]) -> None:
    assert len({slug(text, 24) for text in texts}) == len(texts)
