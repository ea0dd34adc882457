"""Texts cut at spans come together again, and say what they should."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datagen.viewer.pieces import LONGEST, Span, pieces, place_of

SPANS = st.lists(
    st.tuples(st.integers(-2, 40), st.integers(-2, 44), st.integers(0, 3), st.booleans()).map(
        lambda told: Span(told[0], told[1], (told[2],) if told[3] else (), None if told[3] else told[2])
    ),
    max_size=8,
)
PLAIN = st.text(st.characters(categories=("L", "N", "P", "Zs", "So")), max_size=40)


@given(PLAIN, SPANS)
def test_the_pieces_are_the_text_and_carry_what_stands_over_them(text: str, spans: list[Span]) -> None:
    cut = pieces(text, spans)
    at = 0
    for piece in cut:
        told = piece if isinstance(piece, dict) else {"t": piece}
        end = at + len(told["t"])
        assert told["t"] == text[at:end] != ""
        sound = [span for span in spans if 0 <= span.start < span.end <= len(text)]
        over = [span for span in sound if span.start < end and at < span.end]
        assert told.get("b", []) == sorted({box for span in over for box in span.boxes})
        assert told.get("f", []) == sorted({span.finding for span in over if span.finding is not None})
        at = end
    assert at == len(text)


@given(st.text(max_size=60), SPANS)
def test_whatever_the_text_nothing_that_cannot_be_seen_is_left(text: str, spans: list[Span]) -> None:
    for piece in pieces(text, spans):
        told = piece if isinstance(piece, str) else piece["t"]
        assert not any(sign in told for sign in "\x00\x1b\x7f\x9b\u202e\u2066\u200b\ufeff\ud800")


def test_what_cannot_be_seen_is_written_out() -> None:
    assert pieces("a\u202eb\x1b[0m") == ["a", {"t": "\\u202e", "o": 1}, "b", {"t": "\\x1b", "o": 1}, "[0m"]
    assert pieces("line\nline\tend") == ["line\nline\tend"]


def test_a_text_without_end_is_cut_and_says_so() -> None:
    cut = pieces("x" * (LONGEST + 7))
    assert cut[0] == "x" * LONGEST
    assert cut[1] == {"t": "… and 7 characters more", "o": 1}


def test_words_are_found_though_they_were_folded_or_cut() -> None:
    assert place_of("a b", "x a\n b y") == (2, 6)
    assert place_of("there it is…", "and there it is, at last") == (4, 15)
    assert place_of("gone", "here") is None
    assert place_of("", "here") is None
