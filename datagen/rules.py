"""Which checks are run on a file, and through whose eyes: what was wished for, turned into a plan.

Wishes are flags, then the `[validate]` table of datagen.toml, then the defaults. A code's family works wherever a code
does: `S`, `T1` and `S016` are all prefixes of codes. It knows checks by code, and looks at a file's first records only
to see which trainers could read it at all.
"""

from __future__ import annotations

import fnmatch
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from datagen.checks import every as _every  # noqa: F401  (registers them)
from datagen.checks.base import CHECKS
from datagen.checks.quality.against import read_against
from datagen.checks.sample import Sample, Sound, sample
from datagen.checks.trainers.common import FITS, NOT_BY_DEFAULT
from datagen.errors import SetupError
from datagen.judging import Judge, Plan
from datagen.prompting.tokens import measure_with
from datagen.records.reading import read
from datagen.registry import unknown
from datagen.schema import Level
from datagen.sources.files import Source
from datagen.text import shown

TABLE = "validate"
"""The table of datagen.toml."""
_GLANCE = 50
_NEARLY_ALL = 0.9


class Wishes(BaseModel):
    """What `validate` is asked to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    select: tuple[str, ...] = ()
    """Codes or their beginnings; none means all."""
    ignore: tuple[str, ...] = ()
    level: Level = "info"
    """Findings below it are left out."""
    target: tuple[str, ...] = ()
    """Trainers; none means all that can read the file, `all` all there are."""
    images: Path | None = None
    """The folder of pictures."""
    against: tuple[Path, ...] = ()
    """Files of benchmarks whose pictures and questions should not be in there."""
    annotations: tuple[Path, ...] = ()
    """Annotation files that hold the pictures' captions and boxes, or folders of them."""
    max_tokens: int | None = Field(default=None, ge=1)
    """What a record may be long, its pictures included."""
    tokenizer: Path | None = None
    """The trainer's tokenizer: a tokenizer.json, or the folder that holds one."""
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    """File name pattern → codes."""

    @field_validator("select", "ignore", "target", "against", "annotations", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        """`"S,T1"` as two."""
        return _parted(value)

    @field_validator("select", "ignore", mode="after")
    @classmethod
    def _codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(code.upper() for code in value)

    @field_validator("per_file_ignores", mode="before")
    @classmethod
    def _each_several(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: _parted(codes) for key, codes in value.items()}

    @field_validator("per_file_ignores", mode="after")
    @classmethod
    def _each_codes(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {key: tuple(code.upper() for code in codes) for key, codes in value.items()}


def _parted(value: Any) -> Any:
    """`"S,T1"` as two; what is no list of texts is left for others to refuse. An empty part is none: every code begins
    with it."""
    if not isinstance(value, str | list | tuple):
        return value
    given = [value] if isinstance(value, str) else value
    parts = [[part.strip() for part in each.split(",")] if isinstance(each, str) else [each] for each in given]
    return [part for each in parts for part in each if part != ""]


def wishes(flags: Mapping[str, Any], file: Path | None) -> Wishes:
    """The wishes that hold: `flags` that are given, over the table in `file`. Raises SetupError that names the wish."""
    told = _from_file(file)
    told |= {key: value for key, value in flags.items() if value not in (None, (), [])}
    for key in told:
        if key not in Wishes.model_fields:
            fault = unknown("wish", key, Wishes.model_fields)
            raise SetupError(f"{shown(file)}: [{TABLE}] {shown(key)}: {fault}", fault.hint)
    try:
        found = Wishes(**told)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        cause = first["msg"].removeprefix("Value error, ")
        raise SetupError(f"{name}: {cause[:1].lower()}{cause[1:]}, not {shown(first['input'], 60)!r}") from error
    for codes in (found.select, found.ignore, *found.per_file_ignores.values()):
        _known(codes)
    if found.images is not None and not found.images.is_dir():
        raise SetupError(f"images: there is no folder {shown(found.images)}", "give the folder of pictures")
    if found.tokenizer is not None:
        _counts(found)
    for target in found.target:
        if target != "all" and target not in FITS:
            raise unknown("target", target, [*FITS, "all"])
    return found


def _counts(found: Wishes) -> None:
    """Raises SetupError where the tokenizer cannot be loaded, or there is nothing to count for."""
    if found.max_tokens is None:
        raise SetupError("tokenizer: there is nothing to count tokens for", "give --max-tokens N too")
    measure_with(str(found.tokenizer))


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8")).get(TABLE, {})
    except OSError as error:
        raise SetupError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{shown(path)}: not TOML: {shown(error)}") from error
    if not isinstance(table, dict):
        raise SetupError(f"{shown(path)}: [{TABLE}] must be a table")
    return {key.replace("-", "_"): value for key, value in table.items()}


def _known(codes: Iterable[str]) -> None:
    """Raises UnknownName for what no code begins with."""
    for code in codes:
        if not any(each.startswith(code) for each in CHECKS):
            raise unknown("check", code, [*CHECKS, *sorted({each[0] for each in CHECKS})])


def plan_for(wished: Wishes, source: Source) -> Plan:
    """The plan for one file. Raises InputError where it cannot be read."""
    ignored = list(wished.ignore)
    for pattern, several in wished.per_file_ignores.items():
        if fnmatch.fnmatch(source.path.name, pattern) or fnmatch.fnmatch(str(source.path), pattern):
            ignored += several
    codes = tuple(code for code in plan_codes(wished) if not code.startswith(tuple(ignored)))
    images = str(wished.images) if wished.images else ""
    tokenizer = str(wished.tokenizer) if wished.tokenizer else ""
    against = read_against(wished.against)
    targets = _targets(wished, source) if wished.target or any(map(_is_of_trainers, codes)) else ()
    return Plan(codes, targets, against, images, wished.max_tokens, tokenizer)


def _is_of_trainers(code: str) -> bool:
    """Whether what a check says depends on who trains. Where none does, no trainer is looked for, nor anything said of
    one: it would be said without having looked."""
    check = CHECKS[code]
    return check.kind in ("trainer", "picture", "length") or bool(check.target)


def plan_codes(wished: Wishes) -> list[str]:
    """The checks that are wished for, but for those that are ignored in some files only."""
    chosen = [code for code in CHECKS if code.startswith(wished.select or ("",))]
    return [code for code in chosen if not code.startswith(wished.ignore)]


def _targets(wished: Wishes, source: Source) -> tuple[str, ...]:
    if "all" in wished.target:
        return tuple(FITS)
    if wished.target:
        return tuple(dict.fromkeys(wished.target))
    return tuple(_suited(list(_first(source))))


def _suited(first: list[Sample]) -> Iterator[str]:
    """The trainers that a file is made for, as far as its first records tell: those that can read nearly all of them,
    and load a sound record of that form, or one of these with a picture."""
    told = [one for one in first if one.messages]
    pictured = [one for one in told if one.images] or told
    names = [name for name in FITS if name not in NOT_BY_DEFAULT]
    judge = Judge(Plan(tuple(code for code in CHECKS if CHECKS[code].kind == "trainer"), tuple(names)))
    plain = [one for one in told if all(message.parts is None for message in one.messages)]
    forms = {one.dialogue for one in plain} & {"conversations", "messages"}
    sounds = [Sound("messages" if form == "messages" else "conversations", True, False, True) for form in forms]
    for name in names:
        fitting = sum(map(FITS[name], told))
        native = any(name not in judge.outcomes_of(sound) for sound in sounds)
        loads = native or any(name not in judge.outcomes_in(one) for one in pictured)
        if fitting > _NEARLY_ALL * len(told) and loads:
            yield name


def _first(source: Source) -> Iterable[Sample]:
    """The first records of a file that are JSON."""
    batch = next(read(source), None)
    for number, text in enumerate(islice(batch.records() if batch else (), _GLANCE)):
        try:
            yield sample(number, json.loads(text))
        except (ValueError, RecursionError):
            continue
