"""The undisturbed run over the live road, to compare with."""

from __future__ import annotations

from tests.faults.conftest import calm

__all__ = ["calm"]
