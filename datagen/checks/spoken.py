"""Importing this registers the checks of what is said, which are those that a model's reply meets: a run that only asks
need not load what files are checked for."""

from __future__ import annotations

from datagen.checks import hedges, leaks, leftovers, places, reply, shape  # noqa: F401
from datagen.checks.quality import loops, scripts  # noqa: F401
