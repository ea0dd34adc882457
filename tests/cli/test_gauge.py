"""A progress line that leaves nothing behind, and is nowhere but on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from datagen.cli import gauge
from datagen.cli.gauge import Gauge


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


def terminal(patch: pytest.MonkeyPatch) -> Terminal:
    """In place of stderr; not a fixture, since pytest takes stderr for itself between a test and what sets it up."""
    stream = Terminal()
    patch.setattr(sys, "stderr", stream)
    patch.setattr(gauge, "EVERY", 0)
    patch.setenv("TERM", "xterm")
    return stream


def test_it_draws_on_one_line_and_is_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    with Gauge() as line:
        line("a.json", 5_000_000, 10_000_000)
    drawn = stream.getvalue()
    assert "a.json [==========          ]  50% of 10 MB" in drawn
    assert "\n" not in drawn
    assert drawn.endswith("\r\x1b[2K")


def test_nothing_is_wiped_that_was_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    with Gauge() as line:
        line.clear()
        line("empty.json", 0, 0)
    assert stream.getvalue() == ""


def test_a_hostile_name_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    with Gauge() as line:
        line("a\x1b]0;x\x07.json", 1, 2)
    assert "\x1b]" not in stream.getvalue()


@pytest.mark.parametrize("quiet", [True, False])
def test_it_is_nowhere_else(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal() if quiet else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with Gauge(quiet=quiet) as line:
        line("a.json", 1, 2)
    assert stream.getvalue() == ""


def test_a_terminal_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal(monkeypatch)
    line = Gauge()
    line("a.json", 1, 2)
    stream.close()
    line("a.json", 2, 2)
    line.clear()
