"""Where a price comes from (to be filled in): `--price` only, for now."""

from __future__ import annotations

from datagen.money import Price
from datagen.settings import Settings


def price_of(model: str, settings: Settings) -> Price | None:
    """The price of a model's tokens, or None."""
    if settings.price is None:
        return None
    prompt, completion = (round(float(part) * 10**6) for part in settings.price.split(","))
    return Price(prompt, completion, "--price")


def reply_limit(model: str) -> int:
    """The most tokens of a reply."""
    return 16384
