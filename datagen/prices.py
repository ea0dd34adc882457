"""What a token costs at a model: as the user says, else as genai-prices knows it, else unknown.

Unknown is None and never a guess: a price is looked up only at a provider that is known by its address, and only under
a name that the table lists. Nothing is fetched; the table is as old as the installed package, which the basis names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from datagen.money import Price, parse_price, per_token
from datagen.text import shown

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider, TieredPrices

    from datagen.settings import Settings

_OPENAI = "https://api.openai.com/v1"
_NAMED_BY_THE_CUSTOMER = {"azure", "databricks", "modal"}
"""Providers where a model's name is what the customer called his own deployment, and tells nothing."""

_DATE = re.compile(r"[-@](?:20\d\d(?:-?\d\d-?\d\d)?|\d{4}|latest)-?$")
_MOST = (  # the most that OpenAI documents for a family, the first that fits
    (r"gpt-3\.5-turbo-16k", 16_384),
    (r"gpt-3\.5|gpt-35", 4_096),
    (r"gpt-4-(?:turbo|1106|0125|vision)", 4_096),
    (r"gpt-4-32k", 32_768),
    (r"gpt-4(?:-|$)", 8_192),
    (r"gpt-4o|chatgpt-4o|gpt-4\.5", 16_384),
    (r"gpt-4\.1", 32_768),
    (r"o\d", 100_000),
    (r"gpt-\d[^/]*-pro", 272_000),
    (r"gpt-(?:[5-9]|\d\d)", 128_000),
)


def price_of(model: str, settings: Settings, *, batch: bool = False) -> Price | None:
    """What a token costs at `model`, asked as `settings` say; None where nobody knows. `batch`: by the batch endpoint.

    What the user tells (`--price`, then `[prices]`) holds as it is told, for both.
    """
    if settings.price is not None:
        return parse_price(settings.price, "--price")
    told = _told(model, settings)
    if told is not None:
        return told
    if model == "mock" and settings.base_url is None:
        return Price(0, 0, "the mock is free")
    if settings.base_url is not None and not settings.base_url.startswith("https://"):
        return None
    return _from_table(model, settings.base_url or _OPENAI, batch)


def batch_price_of(model: str, settings: Settings) -> Price | None:
    """What a token costs by batch: as `--batch-price` says, as the table knows it, else half of what it costs alone,
    which is what every provider of batches asks."""
    if settings.batch_price is not None:
        return parse_price(settings.batch_price, "--batch-price")
    known = None if _is_told(model, settings) else price_of(model, settings, batch=True)
    alone = price_of(model, settings)
    if known is not None or alone is None:
        return known
    return Price(-(-alone.prompt // 2), -(-alone.completion // 2), f"{alone.basis}, half of it by batch")


def _is_told(model: str, settings: Settings) -> bool:
    """Whether the user himself says what `model` costs."""
    return settings.price is not None or _told(model, settings) is not None


def _told(model: str, settings: Settings) -> Price | None:
    """From `[prices]`: the very name, else the longest that ends in `*` and fits."""
    starts = [name for name in settings.prices if name.endswith("*") and model.startswith(name[:-1])]
    name = model if model in settings.prices else max(starts, key=len, default=None)
    return None if name is None else parse_price(settings.prices[name], f"[prices]: {shown(name, 60)}")


def reply_limit(model: str) -> int:
    """The most tokens a reply can have where `--max-tokens` is not given.

    OpenAI's documented maxima by family; of gpt-4-32k and the rest whose limit is the context alone, 32768, which is
    also taken for what is not known: most servers end a reply there or sooner. Whoever wants to be sure of a lower or
    another bound gives `--max-tokens`, which is sent.
    """
    name = model.lower().rpartition("/")[2].removeprefix("ft:")
    return next((most for family, most in _MOST if re.match(family, name)), 32_768)


def _from_table(model: str, address: str, batch: bool) -> Price | None:
    import genai_prices  # a quarter of a second: its data is Python
    from genai_prices.data_snapshot import get_snapshot

    providers = get_snapshot().providers
    provider = _provider(providers, address)
    found = None if provider is None else provider.find_model(model, all_providers=providers)
    if provider is None or found is None or _known_as(model) not in set(_names(found)):
        return None
    at = datetime.now(UTC)
    figures = [_figures(found, at.replace(hour=hour, minute=30), batch) for hour in range(24)]
    if not all(figures):
        return None
    # Where the hour of the day matters the dearest counts: a run may last until then.
    prompt, completion = (max(amounts) for amounts in zip(*filter(None, figures), strict=True))
    since = _since(found, at)
    basis = f"genai-prices {genai_prices.__version__}: {provider.id}/{found.id}{since}{', batch' if batch else ''}"
    return Price(prompt, completion, basis)


def _provider(providers: list[Provider], address: str) -> Provider | None:
    """Who is asked at `address`. Their patterns are open at the end and some at the front, so they are held against
    the whole of the host, and of as much of the path as they name."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname or port not in (None, 443):
        return None
    stem = f"https://{parts.hostname}"
    steps = [stem]
    for step in filter(None, parts.path.split("/")):
        steps.append(f"{steps[-1]}/{step}")
    for provider in providers:
        pattern = provider.api_pattern.replace(".*", "[^/]*")
        if provider.id not in _NAMED_BY_THE_CUSTOMER and any(re.fullmatch(pattern, step) for step in steps):
            return provider
    return None


def _names(found: ModelInfo) -> Iterator[str]:
    """Every name that the table itself writes for a model, dates cut off."""
    yield _known_as(found.id)
    clauses: list[Any] = [found.match]
    while clauses:
        clause = clauses.pop()
        for told in vars(clause).values():
            if isinstance(told, str):
                yield _known_as(told)
            else:
                clauses += told


def _known_as(name: str) -> str:
    """A model's name without its date, and a fine-tuned one's without what its owner added."""
    name = name.lower()
    if name.startswith("ft:"):
        name = "ft:" + name.split(":")[1]
    return _DATE.sub("", name).rstrip("-@")


def _figures(found: ModelInfo, at: datetime, batch: bool) -> tuple[int, int] | None:
    """Picodollars for a token in and out, for prompts as short as ours; None where the table does not say both."""
    if batch:
        variants = [v for v in found.price_variants or () if v.when == {"processing": "batch"}]
        if not any(v.constraint is None or v.constraint.active(at) for v in variants):
            return None
    prices = found.get_prices(at, {"processing": "batch"} if batch else None)
    if prices.requests_kcount:
        return None
    prompt, completion = _smallest(prices.input_mtok), _smallest(prices.output_mtok)
    return None if prompt is None or completion is None else (per_token(prompt), per_token(completion))


def _smallest(amount: Decimal | TieredPrices | None) -> Decimal | None:
    """The price of the lowest tier: no prompt of ours comes near the next one."""
    return amount if amount is None or isinstance(amount, Decimal) else amount.base


def _since(found: ModelInfo, at: datetime) -> str:
    """`, since 2025-06-10` where the table says from when the price holds."""
    told = found.prices if isinstance(found.prices, list) else []
    dates = [
        start
        for entry in told
        if (start := getattr(entry.constraint, "start_date", None)) is not None and start <= at.date()
    ]
    return f", since {max(dates)}" if dates else ""
