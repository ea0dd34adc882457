"""What requests cost: prices, what is set aside before each send, and a cap that cannot be overshot.

All amounts are whole picodollars (10⁻¹² $), so that sums are exact: a dollar for a million tokens is a million of them
for one. Where a price comes from stands in prices.py; this file knows nothing of models, ledgers or networks.
"""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal
from typing import NamedTuple

from datagen.schema import Usage

DOLLAR = 10**12
"""Picodollars."""


class Price(NamedTuple):
    """Picodollars for one token, and where they are from."""

    prompt: int
    completion: int
    basis: str
    """For people and for the manifest: the package and its version, `--price`, or `[prices]`."""

    def of(self, usage: Usage) -> int | None:
        """What so many tokens cost; None where the provider did not count both."""
        if usage.prompt is None or usage.completion is None:
            return None
        return self.prompt * usage.prompt + self.completion * usage.completion


class Budget:
    """What was spent, what is set aside for requests on their way, and a cap that the two together never pass.

    An attempt whose cost nobody knows (a time-out, a killed process) stays set aside for good.
    """

    def __init__(self, cap: int | None, spent: int) -> None:
        self.cap, self.spent, self.aside = cap, spent, 0
        self._changed: asyncio.Event | None = None
        self._shut = False

    async def set_aside(self, amount: int | None) -> bool:
        """Wait until `amount` fits under the cap and set it aside. False when it never will: nothing is on its way that
        could turn out cheaper."""
        while self.cap is not None and amount is not None and self.spent + self.aside + amount > self.cap:
            if not self.aside or self._shut:
                return False
            self._changed = self._changed or asyncio.Event()
            self._changed.clear()
            await self._changed.wait()
        self.aside += amount or 0
        return True

    def settle(self, amount: int | None, cost: int | None) -> None:
        """A request that `amount` was set aside for has cost `cost`; None where nobody knows: then it is gone."""
        self.aside -= amount or 0
        self.spent += (amount or 0) if cost is None else cost
        if self._changed is not None:
            self._changed.set()

    def shut(self) -> None:
        """Nobody shall wait any more."""
        self._shut = True
        if self._changed is not None:
            self._changed.set()


def worst(body_bytes: int, max_tokens: int, price: Price) -> int:
    """What a request of so many bytes can cost at most: no tokenizer that falls back to bytes makes more tokens than
    there are bytes, and what a chat template adds to a message is less than the JSON around it."""
    return price.prompt * body_bytes + price.completion * max_tokens


_FORM = "must be IN,OUT: dollars for a million tokens of prompts and of replies, such as 2.50,10"
_AMOUNT = re.compile(r"(?:[0-9]{1,6}(?:\.[0-9]{0,6}0*)?|\.[0-9]{1,6}0*)")
_MOST = 100_000
"""Dollars for a million tokens: ten thousand times what is usual, and sums still fit SQLite's 64 bits."""


def parse_price(told: str, basis: str) -> Price:
    """`IN,OUT`, dollars for a million tokens, as a Price. Raises ValueError that says how it is written."""
    amounts = [part.strip() for part in told.split(",")]
    if len(amounts) != 2 or not all(map(_AMOUNT.fullmatch, amounts)):
        raise ValueError(_FORM)
    prompt, completion = map(Decimal, amounts)
    if max(prompt, completion) > _MOST:
        raise ValueError(f"{_FORM}, and at most {_MOST}")
    return Price(per_token(prompt), per_token(completion), basis)


def per_token(dollars_for_a_million: Decimal) -> int:
    """Picodollars for one token; a part of one counts as a whole, so that no sum is ever too low."""
    return -int(-(dollars_for_a_million * (DOLLAR // 10**6)) // 1)


def written_price(told: object) -> str:
    """What a settings file may say for `IN,OUT`: that text, or two numbers in a list. Raises ValueError otherwise."""
    if isinstance(told, list | tuple) and len(told) == 2 and all(type(part) in (int, float) for part in told):
        told = ",".join(format(Decimal(str(part)), "f") for part in told)
    if not isinstance(told, str):
        raise ValueError(_FORM)
    parse_price(told, "")
    return told


def dollars(amount: int) -> str:
    """`$0.0012`, `$12.34`: four digits that tell something, for people."""
    value = amount / DOLLAR
    return f"${value:,.2f}" if value >= 1 or value == 0 else f"${value:.4f}" if value >= 0.0001 else f"${value:.2g}"
