"""Latencies are drawn from what was asked for, by a seed; what cannot be meant is refused."""

from __future__ import annotations

import math
from statistics import mean, median

import pytest

from datagen.errors import SetupError
from datagen.mockserver.dice import share
from datagen.mockserver.latency import LONGEST, SHAPES, Latency, parse

SHARES = [share(0, b"%d" % n, 0, "latency") for n in range(4000)]


def drawn(words: str) -> list[float]:
    latency = parse(words)
    return [latency.seconds(one) for one in SHARES]


def test_a_number_is_always_that_number() -> None:
    assert set(drawn("0.2")) == {0.2}
    assert parse("0.2") == Latency("always", (0.2,))
    assert not parse("3").drawn


def test_uniform_stays_within_its_bounds_and_fills_them() -> None:
    took = drawn("uniform:0.5,1.5")
    assert 0.5 <= min(took) < 0.51
    assert 1.49 < max(took) < 1.5
    assert mean(took) == pytest.approx(1.0, abs=0.02)


def test_lognormal_has_its_median_and_its_sigma() -> None:
    took = drawn("lognormal:0.8,0.5")
    assert median(took) == pytest.approx(0.8, rel=0.05)
    logs = [math.log(one / 0.8) for one in took]
    assert math.sqrt(mean(log * log for log in logs)) == pytest.approx(0.5, rel=0.05)


def test_exp_has_its_mean() -> None:
    assert mean(drawn("exp:2")) == pytest.approx(2.0, rel=0.05)


def test_none_is_negative_or_endless_whatever_is_drawn() -> None:
    edges = (0.0, 2.0**-53, 0.5, 1 - 2.0**-53)
    for words in ("0", "600", "uniform:0,600", "lognormal:600,600", "lognormal:0,3", "exp:600"):
        assert all(0 <= parse(words).seconds(edge) <= LONGEST for edge in edges), words


def test_the_dice_are_even_and_depend_on_each_thing() -> None:
    assert mean(SHARES) == pytest.approx(0.5, abs=0.02)
    assert share(1, b"a", 2, "x") == share(1, b"a", 2, "x")
    others = {share(1, b"a", 2, "x"), share(2, b"a", 2, "x"), share(1, b"b", 2, "x"), share(1, b"a", 3, "x"),
              share(1, b"a", 2, "y")}  # fmt: skip
    assert len(others) == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "no number of seconds"),
        ("-1", "from 0 to 600"),
        ("601", "from 0 to 600"),
        ("nan", "no distribution of latencies is called 'nan'"),
        ("0.2s", "no number of seconds"),
        ("uniform", "needs shortest and longest"),
        ("uniform:1", "needs shortest and longest"),
        ("uniform:2,1", "the first bound is above the second"),
        ("lognormal:1,2,3", "needs median and sigma"),
        ("exp:soon", "needs mean"),
        ("unifrom:1,2", "no distribution of latencies is called 'unifrom'"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: str, said: str) -> None:
    with pytest.raises(SetupError, match=said) as refused:
        parse(words)
    assert refused.value.hint


def test_every_shape_says_what_it_is() -> None:
    assert all(shape.__doc__ for shape in SHAPES.values())
