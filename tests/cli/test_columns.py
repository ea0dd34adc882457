"""Lines stand straight, nothing is lost by folding, and a command can be copied as it stands."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from datagen.cli.columns import beside, command, fold, pad, share, table, tail
from datagen.text import shown

_words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=60)


@given(_words, st.integers(0, 20))
def test_folding_loses_nothing_and_keeps_to_its_places(text: str, indent: int) -> None:
    lines = fold(text, indent, width=40)
    assert all(cell_len(line) <= 40 for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown(text).split())


def test_folding_hangs_under_what_stands_first() -> None:
    assert fold("one two three", 5, "no:", width=10) == ["no:  one", "     two", "     three"]
    assert fold("x", 2, "1,000,000  ") == ["1,000,000  x"]


@given(st.text(), st.integers(2, 30))
def test_what_is_padded_takes_exactly_its_places(text: str, places: int) -> None:
    assert cell_len(pad(text, places)) == places


@given(st.text(), st.integers(2, 30))
def test_a_tail_is_the_end(text: str, places: int) -> None:
    kept = tail(text, places)
    assert cell_len(kept) <= places
    assert shown(text, 2000).endswith(kept.removeprefix("..").strip())


def test_columns_line_up_in_every_script() -> None:
    assert table([("", "a"), ("消防", "10"), ("  x", "1,000")]) == ["          a", "消防     10", "  x   1,000"]
    assert beside(["消", "b", "c"], ["1", "2"], 4) == ["消  1", "b   2", "c"]


def test_control_bytes_are_taken_out() -> None:
    evil = "\x1b[31m\u202eA\x07\nB"
    for lines in (table([(evil, evil)]), fold(evil), [pad(evil, 9)], [tail(evil, 9)], command([evil])):
        assert not set("".join(lines)) & set("\x1b\u202e\x07\n")


_plain = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40)


@given(st.lists(_plain, max_size=8))
def test_a_command_that_is_copied_is_the_command(words: list[str]) -> None:
    lines = command(["datagen", *words])
    assert shlex.split("\n".join(lines).replace("\\\n", "")) == ["datagen", *words]  # shlex joins no lines
    assert all(line.endswith(" \\") for line in lines[:-1])


def test_a_shell_reads_the_command_as_it_was_meant() -> None:
    words = ["a b.json", "it's", "$HOME", "*", "back\\slash", "e\u0301  x"]
    script = "\n".join(command(["printf", "%s|", *words], width=20))
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "".join(f"{word}|" for word in words)


def test_a_flag_and_its_value_stay_together() -> None:
    assert command(["datagen", "x", "--limit", "20"], width=20) == ["  datagen x \\", "      --limit 20"]


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 9, "0.0%"), (9, 9, "100.0%"), (1, 3, "33.3%"), (1, 99_999, "<0.1%"), (99_998, 99_999, ">99.9%"), (0, 0, "-")],
)
def test_a_share_never_looks_like_nothing_or_all(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said
