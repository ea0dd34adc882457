"""How long an answer takes: always the same, or drawn from a distribution by its quantile.

`0.2`, `uniform:0.1,0.5`, `lognormal:MEDIAN,SIGMA` and `exp:MEAN`, in seconds. A new shape is one function under
`@SHAPES`: a share in [0, 1) and the numbers after the colon → seconds. It knows nothing of clocks or requests.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import NamedTuple

from datagen.errors import SetupError
from datagen.registry import Registry

LONGEST = 600.0
"""Seconds; what is drawn above is cut off here, what is asked for above is refused."""
SHAPES: Registry[Callable[..., float]] = Registry("distribution of latencies")
_NORMAL = NormalDist()
_FORMS = "seconds, as in 0.2, or uniform:A,B, lognormal:MEDIAN,SIGMA or exp:MEAN"


@SHAPES("always")
def always(_share: float, seconds: float) -> float:
    """The same each time."""
    return seconds


@SHAPES("uniform")
def uniform(share: float, shortest: float, longest: float) -> float:
    """Even between two bounds."""
    return shortest + (longest - shortest) * share


@SHAPES("lognormal")
def lognormal(share: float, median: float, sigma: float) -> float:
    """What language models look like: many about the median, few very long; sigma is of the logarithm."""
    return median * math.exp(min(sigma * _NORMAL.inv_cdf(max(share, 2.0**-53)), 50.0))


@SHAPES("exp")
def exponential(share: float, mean: float) -> float:
    """Many short ones, a long tail."""
    return -mean * math.log1p(-share)


class Latency(NamedTuple):
    """A shape and its numbers."""

    shape: str = "always"
    numbers: tuple[float, ...] = (0.0,)

    def seconds(self, share: float) -> float:
        """How long, for a share drawn from [0, 1)."""
        return min(SHAPES[self.shape](share, *self.numbers), LONGEST)

    @property
    def drawn(self) -> bool:
        """Whether it needs a share at all."""
        return self.shape != "always"


def parse(words: str) -> Latency:
    """`0.2` or `SHAPE:NUMBER,NUMBER` → Latency. Raises SetupError."""
    shape, colon, rest = words.strip().partition(":")
    if not colon:
        if shape not in SHAPES and _number(shape) is None and not shape[:1].isalpha():
            raise SetupError(f"latency {words!r}: no number of seconds", f"give {_FORMS}")
        shape, rest = ("always", shape) if _number(shape) is not None else (shape, "")
    wanted = list(inspect.signature(SHAPES[shape]).parameters)[1:]
    numbers = [_number(part) for part in rest.split(",")]
    sound = [number for number in numbers if number is not None and 0 <= number <= LONGEST]
    if len(sound) != len(numbers) or len(sound) != len(wanted):
        needs = " and ".join(wanted)
        raise SetupError(f"latency {words!r}: {shape} needs {needs}, each from 0 to {LONGEST:g}", f"give {_FORMS}")
    if shape == "uniform" and sound[0] > sound[1]:
        raise SetupError(f"latency {words!r}: the first bound is above the second", f"give {_FORMS}")
    return Latency(shape, tuple(sound))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
