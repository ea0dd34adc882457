"""What a run is asked to do: flags, then DATAGEN_* variables, then datagen.toml, then the defaults below.

Unknown keys are refused, with the near misses. A key for a provider is not a setting: it is read from the environment
or a file at the moment of asking and is never kept.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from datagen.errors import SetupError
from datagen.money import written_price
from datagen.registry import unknown
from datagen.text import one_line, shown

FILE = "datagen.toml"
PREFIX = "DATAGEN_"
_NOT_SETTINGS = {"DATAGEN_API_KEY", "DATAGEN_CACHE_DIR"}
_LISTS = ("task", "categories", "reject")
_PATHS = ("prompts", "images", "images_list")
_PART = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


class Settings(BaseModel):
    """One run's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str = Field(min_length=1, max_length=200)
    """Asked for by name; `mock` is the embedded writer. There is no default: what makes the data must be said."""
    base_url: str | None = None
    """Of an OpenAI-compatible server; None is OpenAI's own."""
    task: tuple[str, ...] = ()
    """Names of prompt folders, in this order; empty is all that are asked by default."""
    prompts: Path | None = None
    """A directory of prompt folders; None is the shipped one."""
    boxes: Literal["auto", "xywh", "xyxy", "normalized"] = "auto"
    """What four numbers of a box mean; `auto` is what the format says, unless the file shows otherwise."""
    crowd: Literal["keep", "drop", "group"] = "keep"
    """Regions of a crowd: kept like others as LLaVA did, left out, or named as a group."""
    images: Path | None = None
    """The pictures' folder: sizes that no file tells are read from their headers."""
    strict: bool = False
    """Whether annotations in which something is wrong are refused."""
    cache: bool = True
    """Whether annotations that were joined once may be kept for the next start."""
    images_list: Path | None = None
    """A file with an image's id or file name a line: no others are taken."""
    categories: tuple[str, ...] = ()
    """Images with a box of one of these; empty is all images."""
    min_captions: int = Field(default=0, ge=0)
    """Images with so many captions at least."""
    min_boxes: int = Field(default=0, ge=0)
    """Images with so many boxes at least."""
    max_boxes: int | None = Field(default=None, ge=0)
    """Images with so many boxes at most."""
    split: str | None = None
    """`i/N`: the i-th of N parts of the images, dealt by their ids."""
    sample: int | None = Field(default=None, ge=1)
    """So many of the images that are left, drawn by `seed` and their ids."""
    sample_by: Literal["random", "coverage"] | None = None
    """How they are drawn; `coverage` takes rare categories first, balanced. None is random."""
    limit: int | None = Field(default=None, ge=1)
    """At most this many of those, the first ones."""
    seed: int = 0
    """Of everything that is drawn: samples, questions, image-token places."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Sent only when given; None leaves it to the provider."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Of a reply; sent only when given."""
    concurrency: int = Field(default=32, ge=1, le=1000)
    """Requests in flight at most."""
    attempts: int = Field(default=5, ge=1, le=20)
    """Replies or failures of one request at most; waiting out a rate limit or an outage does not count."""
    repair: int = Field(default=0, ge=0, le=3)
    """How often a rejected reply to one request is shown to the model to be mended, within its attempts."""
    reject: tuple[str, ...] = ()
    """Checks, by code, beginning of codes or name, whose findings reject a reply though they are warnings else."""
    min_grounding: float | None = Field(default=None, ge=0, le=1)
    """Replies of whose claims a smaller share is borne out are rejected; not those without any that can be judged."""
    ground: bool = True
    """Whether what replies claim is held against boxes and captions, also where nothing is rejected by that."""
    timeout: float = Field(default=300.0, gt=0, le=86400)
    """Seconds one request may take."""
    rpm: float | None = Field(default=None, gt=0)
    """Requests a minute at most, besides what the server itself tells of its limits."""
    tpm: float | None = Field(default=None, gt=0)
    """Tokens a minute at most, prompts and replies together."""
    max_cost: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Dollars that the run may cost at most, over all the times the command is run."""
    price: str | None = None
    """`IN,OUT`: dollars for a million tokens of prompts and of replies; over what is known of the model."""
    prices: dict[str, str] = {}
    """Model name → `IN,OUT`, the `[prices]` of datagen.toml; a `*` at the end of a name stands for any rest."""
    confirm_above: float = Field(default=5.0, ge=0)
    """Dollars of likely cost above which somebody must agree."""
    batch_requests: int = Field(default=50_000, ge=1, le=50_000)
    """Of one batch at most; OpenAI's own limit."""
    batch_bytes: int = Field(default=200_000_000, ge=1, le=200_000_000)
    """Of a batch's file at most; OpenAI's own limit, its MB taken for a million bytes."""
    batch_tokens: int | None = Field(default=None, ge=1)
    """Tokens of prompts, roughly, that wait in batches at a time at most; None until the provider says how many."""
    batch_price: str | None = None
    """`IN,OUT` for what goes by batch; None is what is known of the model's batches, else half of its price."""
    batch_poll: float = Field(default=30.0, gt=0, le=86400)
    """Seconds between two looks at open batches, at first; up to ten times that where nothing happens."""
    grace: float = Field(default=30.0, ge=0, le=86400)
    """Seconds to wait for answers on their way when told to stop."""
    max_time: float | None = Field(default=None, gt=0)
    """Seconds of asking after which it stops as if told to."""
    max_wait: float = Field(default=900.0, ge=0)
    """Seconds that a server may ask to wait, or be out; more than that stops the run."""
    license: str | None = Field(default=None, max_length=100)
    """Of the data that is made, for its card. There is no default: a licence is told and never guessed."""
    image_token: Literal["first", "last", "random"] = "first"
    """Where `<image>` stands in the first human turn; random is LLaVA's own habit, here seeded."""
    max_rejected: str = "10%"
    """How many records may be rejected or failed before the exit code says 1: `N`, or a share `0.1`, `10%`."""

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as http://127.0.0.1:8000/v1")
        if parts.username or parts.password:
            raise ValueError("must not hold a name or password: keys come from the environment or --api-key-file")
        if parts.query or parts.fragment:
            raise ValueError("must end with its path: keys are no part of an address")
        return value.rstrip("/")

    @field_validator("license")
    @classmethod
    def _check_license(cls, value: str | None) -> str | None:
        if value is not None and not one_line(value):
            raise ValueError("must be a licence's name, such as cc-by-4.0")
        return value and one_line(value)

    @field_validator("max_rejected", mode="before")
    @classmethod
    def _check_max_rejected(cls, value: object) -> str:
        allowed(str(value), 1)
        return str(value)

    @field_validator("price", "batch_price", mode="before")
    @classmethod
    def _check_price(cls, value: object) -> str | None:
        return None if value is None else written_price(value)

    @field_validator("prices", mode="before")
    @classmethod
    def _check_prices(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            raise ValueError('must be a table: [prices], then a line a model, such as "gpt-4o" = "2.50,10"')
        return {str(model): _price_for(str(model), told) for model, told in value.items()}

    @field_validator(*_PATHS)
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.absolute()

    @field_validator("categories")
    @classmethod
    def _check_categories(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(name.strip() for name in value if name.strip()))
        if value and not names:
            raise ValueError("must name a category")
        return names

    @field_validator("max_boxes")
    @classmethod
    def _check_max_boxes(cls, value: int | None, info: ValidationInfo) -> int | None:
        least = info.data.get("min_boxes", 0)
        if value is not None and value < least:
            raise ValueError(f"must be at least as many as min-boxes, which is {least}")
        return value

    @field_validator("split")
    @classmethod
    def _check_split(cls, value: str | None) -> str | None:
        return value if value is None else "{}/{}".format(*part_of(value))

    @field_validator("sample_by")
    @classmethod
    def _check_sample_by(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("sample") is None:
            raise PydanticCustomError("alone", "says how a sample is drawn: give --sample N too")
        return value

    @property
    def options(self) -> dict[str, Any]:
        """The further fields of each request's body."""
        fields: dict[str, Any] = {}
        if self.temperature is not None:
            fields["temperature"] = self.temperature
        if self.max_tokens is not None:
            # OpenAI's newer models refuse `max_tokens`; most compatible servers know nothing else.
            fields["max_completion_tokens" if self.base_url is None else "max_tokens"] = self.max_tokens
        return fields


def _price_for(model: str, told: object) -> str:
    try:
        return written_price(told)
    except ValueError as error:
        raise ValueError(f"the price of {shown(model, 60)!r} {error}") from None


def allowed(max_rejected: str, planned: int) -> float:
    """How many of `planned` records `max_rejected` lets be rejected or failed. Raises ValueError for garbage."""
    try:
        text = max_rejected.strip()
        if text.endswith("%"):
            share = float(text[:-1]) / 100
        elif text.isdecimal():
            return int(text)
        else:
            share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise ValueError("must be a number of records (25) or a share of them (0.1 or 10%)")
    return share * planned


def part_of(split: str) -> tuple[int, int]:
    """The i and N of `i/N`. Raises ValueError for garbage."""
    told = _PART.fullmatch(split.strip())
    part, parts = map(int, told.groups()) if told else (0, 0)
    if not 1 <= part <= parts:
        raise ValueError("must be i/N, the i-th of N parts: 1/4, 2/4, 3/4 and 4/4 are all the images")
    return part, parts


def resolve(
    flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None, model: str | None = None
) -> Settings:
    """The settings that hold: `flags` that are not None, over `environ`, over `file`, over the defaults. `model` is for
    those who can do without one being named.

    Raises SetupError that names the setting and where it was set.
    """
    values: dict[str, Any] = {"model": model} if model else {}
    origin: dict[str, str] = {}
    for source, found in ((shown(file or FILE), _from_file(file)), ("", _from_environment(environ)), ("flag", flags)):
        for key, value in found.items():
            if value is not None and value != ():
                values[key] = value
                origin[key] = _named(key, source)
    if "base_url" not in values and values.get("model") != "mock" and (address := base_url_in(environ)):
        values["base_url"], origin["base_url"] = address, "OPENAI_BASE_URL"
    try:
        return Settings(**values)
    except ValidationError as error:
        raise _fault(error, origin) from error


def changed(settings: Mapping[str, Any], told: Mapping[str, Any]) -> Settings:
    """A run's settings, those in `told` otherwise. Raises SetupError that names what cannot be."""
    try:
        return Settings.model_validate({**settings, **told})
    except ValidationError as error:
        raise _fault(error, {key: _named(key, "flag") for key in told}) from error


def base_url_in(environ: Mapping[str, str]) -> str | None:
    """The address that the environment names, ours before the one that OpenAI's own client reads."""
    return environ.get(f"{PREFIX}BASE_URL") or environ.get("OPENAI_BASE_URL") or None


def _named(key: str, source: str) -> str:
    if source == "flag":
        return f"--{key.replace('_', '-')}"
    return f"{source}: {key}" if source else f"{PREFIX}{key.upper()}"


def _fault(error: ValidationError, origin: Mapping[str, str]) -> SetupError:
    first = error.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "missing" and key == "model":
        hint = "give --model NAME (or DATAGEN_MODEL); --model mock needs no key and no network, and makes mock data"
        return SetupError("no model was named", hint)
    cause = first["msg"].removeprefix("Value error, ")
    quiet = ("base_url", "prices")  # an address may hold a secret, and a table says itself which line is meant
    told = first["input"]
    one = told[0] if isinstance(told, tuple) and len(told) == 1 else told  # as it was given
    seen = "" if key in quiet or first["type"] == "alone" else f", not {shown(one, 60)!r}"
    return SetupError(f"{origin.get(key, key)}: {cause[:1].lower()}{cause[1:]}{seen}")


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in environ.items():
        if name.startswith(PREFIX) and name not in _NOT_SETTINGS and value:
            key = _known(name.removeprefix(PREFIX).lower(), name)
            found[key] = tuple(name.strip() for name in value.split(",")) if key in _LISTS else value
    return found


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SetupError(f"{shown(path)}: there is no such file") from error
    except OSError as error:
        raise SetupError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{shown(path)}: not TOML: {shown(error)}") from error
    told.pop("validate", None)  # the wishes of another command: rules.py reads them
    settings = {_known(key.replace("-", "_"), f"{shown(path)}: {key}"): value for key, value in told.items()}
    settings |= {key: [settings[key]] for key in _LISTS if isinstance(settings.get(key), str)}
    settings |= {key: path.parent / settings[key] for key in _PATHS if isinstance(settings.get(key), str)}
    return settings


def _known(key: str, name: str) -> str:
    if key not in Settings.model_fields:
        fault = unknown("setting", key, Settings.model_fields)
        raise SetupError(f"{shown(name)}: {fault}", fault.hint)
    return key
