"""What people see: plain lines at their time, the sum at the end, nothing that data chose on the terminal."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from datagen import Outcome, Pulse, States
from datagen.cli import screen
from datagen.cli.screen import Screen, counted, summary
from datagen.schema import Failure, Response

PULSE = Pulse(in_flight=0, spent=0, cap=None)
FINE = Response(query_id="q")
FAILED = Response(query_id="q", error=Failure(reason="timeout", message="", again=True))


def test_a_plain_line_comes_in_time_also_when_nothing_was_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "EVERY", 0.0)
    times = count(0.0, 15.0)
    shown = Screen(display="plain", clock=lambda: next(times))
    shown.asking(10)
    shown.tick(PULSE)
    shown.heard(FINE, None)
    shown.heard(FAILED, None)
    shown.tick(PULSE)
    assert capsys.readouterr().err.splitlines() == [
        "0 of 10 answered, 0 requests/min",
        "1 of 10 answered, 1 attempts failed (timeout 1), 2 requests/min",
    ]


def test_no_line_before_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Screen(display="plain")
    shown.asking(10)
    shown.heard(FINE, None)
    shown.tick(PULSE)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("quiet", "display"), [(True, "plain"), (True, "live"), (False, "none")])
def test_quiet_and_none_show_no_progress(
    quiet: bool, display: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "EVERY", 0.0)
    shown = Screen(quiet=quiet, display=display)
    shown.asking(10)
    shown.heard(FINE, None)
    shown.tick(PULSE)
    shown.close()
    assert capsys.readouterr() == ("", "")


def test_a_live_line_takes_hostile_text_and_goes_away(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Screen(display="live")
    shown.asking(2)
    shown.say("a [/red] \x1b]0;owned\x07 :smile: caption")
    shown.heard(FINE, None)
    shown.close()
    err = capsys.readouterr().err
    assert "a [/red] :smile: caption" in err
    assert "\x07" not in err


def test_the_last_line_adds_everything_up(tmp_path: Path) -> None:
    states = States(10, 5, {"cut": 2, "echo": 1}, {"timeout": 1}, 0, 1)
    states.check()
    outcome = Outcome(
        tmp_path, states, {"conversation": {"no captions": 4}}, {}, ["datagen-mock"], True, {"model": "m"}
    )
    lines = summary(outcome)
    assert lines[0] == "left out of conversation: 4 images with no captions"
    assert "MOCK" in lines[1]
    assert lines[-1] == "planned 10 · kept 5 · rejected 3 (cut 2, echo 1) · failed 1 (timeout 1) · pending 1"


def test_counts_that_do_not_add_up_are_a_bug() -> None:
    with pytest.raises(AssertionError, match="10 planned, but 9 accounted for"):
        States(10, 5, {"cut": 2}, {"timeout": 1}, 0, 1).check()


def test_counted() -> None:
    assert counted({}) == "0"
    assert counted({"a": 2, "b": 1}) == "3 (a 2, b 1)"
