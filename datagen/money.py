"""What requests cost: prices, what is set aside before each send, and a cap that cannot be overshot.

All amounts are whole picodollars (10⁻¹² $), so that sums are exact: a dollar for a million tokens is a million of them
for one. Where a price comes from stands in prices.py; this file knows nothing of models, ledgers or networks.
"""

from __future__ import annotations

from typing import NamedTuple

from datagen.schema import Usage

DOLLAR = 10**12
"""Picodollars."""


class Price(NamedTuple):
    """Picodollars for one token, and where they are from."""

    prompt: int
    completion: int
    basis: str
    """For people and for the manifest: the package and its version, `--price`, or the settings file."""

    def of(self, usage: Usage) -> int | None:
        """What so many tokens cost; None where the provider did not count both."""
        if usage.prompt is None or usage.completion is None:
            return None
        return self.prompt * usage.prompt + self.completion * usage.completion


def dollars(amount: int) -> str:
    """`$0.0012`, `$12.34`: four digits that tell something, for people."""
    value = amount / DOLLAR
    return f"${value:,.2f}" if value >= 1 or value == 0 else f"${value:.4f}" if value >= 0.0001 else f"${value:.2g}"
