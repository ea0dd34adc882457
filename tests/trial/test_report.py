"""What is told of a trial: nothing sounds better than it is, and the JSON has all of it."""

from __future__ import annotations

import json

import pytest

import datagen
from datagen.trial.report import Curve, Group, Sight, Spread, Tally, Trial, sparkline, spread, thinned

TRIAL = Trial(
    file="llava.json", records=48, stopped={}, no_gradient={}, unseen={}, left_out={}, cut=0,
    tokens=Spread(600, 700, 800, 33_600), trained_tokens=Spread(50, 100, 200, 5000), vocabulary=1300, taught=48,
    weights=600_000, seed=0, curves=(Curve("first", 2, 7.0, 6.9, (7.0, 6.9)), Curve("second", 2, 6.9, 0.1, (4.0, 0.2))),
    sight=Sight(38, 38, 0), versions={"torch": "2.13.0"},
)  # fmt: skip


def told(trial: Trial) -> str:
    return "\n".join(datagen.trial_lines(trial))


def test_a_loss_that_halved_is_said_to_train_and_another_is_not() -> None:
    assert told(TRIAL).endswith("the loss fell by 98.6%: this data trains")
    worse = TRIAL._replace(curves=(TRIAL.curves[0], Curve("second", 2, 6.9, 3.6, (6.9, 3.6))))
    assert told(worse).endswith("the loss fell by 48.6%, which is less than half")
    assert (TRIAL.halved, TRIAL.sound, worse.halved, worse.sound) == (True, True, False, False)


@pytest.mark.parametrize("name", ["stopped", "no_gradient", "unseen", "left_out"])
def test_whatever_was_left_out_is_told_and_is_not_sound(name: str) -> None:
    tally = Tally()
    for number in range(5):
        tally.add("T110 empty-value", str(number))
    trial = TRIAL._replace(**{name: tally.groups})
    assert "5 records (T110 empty-value 5: 0, 1, 2, …)" in told(trial)
    assert not trial.sound
    assert ("every record gives a gradient" in told(trial)) is (name in ("unseen", "left_out"))


def test_without_two_pictures_nothing_is_said_of_seeing() -> None:
    assert "nothing shows whether it is looked at" in told(TRIAL._replace(sight=Sight(0, 0, 0)))


def test_where_bars_cannot_be_shown_there_are_numbers() -> None:
    plain = "\n".join(datagen.trial_lines(TRIAL, bars=False))
    assert plain.isascii()
    assert "4.00 0.20" in plain


def test_the_json_has_every_number_and_is_json() -> None:
    trial = TRIAL._replace(stopped={"T101 no-dialogue": Group(1, ("7",))})
    whole = json.loads(json.dumps(datagen.trial_json(trial)))
    assert whole["loss"] == {"before": 7.0, "after": 0.1, "halved": True}
    assert whole["stopped"] == {"T101 no-dialogue": {"records": 1, "ids": ["7"]}}
    assert whole["curves"][1]["losses"] == [4.0, 0.2]
    assert whole["sight"] == {"asked": 38, "right": 38, "swapped": 0}
    assert whole["sound"] is False


def test_a_curve_is_drawn_between_nought_and_its_own_top() -> None:
    assert sparkline([8, 4, 0]) == "█▅▁"
    assert sparkline([]) == ""
    assert thinned([4, 2, 1, 1], 2) == [3, 1]
    assert len(sparkline([1.0] * 1000)) == 32


def test_a_spread_is_of_all_numbers_and_of_none() -> None:
    assert spread([3, 1, 2]) == Spread(1, 2, 3, 6)
    assert spread([]) == Spread(0, 0, 0, 0)
