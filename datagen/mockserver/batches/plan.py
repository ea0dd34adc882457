"""What is to become of a batch: how long it takes, how it ends, and what is wrong with the files that it leaves.

In a script it is the object `batches`:

    {"batches": {"tick": 600, "lines": {"500": "2%", "missing": "1%"}, "each": [{"end": "expired", "share": 0.4}]}}

All seconds are of the virtual clock. Once for the whole server:

    tick        seconds by which each call to files or batches moves the clock (60); with 0 only POST /clock does
    arrives     seconds until an uploaded file can be had: 404 until then (0)
    enqueued    prompt tokens, at four bytes each, that unfinished batches of a model may have together (no limit)
    requests    lines that a batch may have (50000)
    bytes       bytes that an input may have (200000000); a larger upload is a 400
    price       "IN,OUT", the dollars that a million tokens cost in a batch (unknown)

For all batches, and in `each` for the n-th that is created:

    validating, working, finalizing, cancelling    seconds that it stays so (60, 240, 60, 60)
    window      seconds from creation until it expires (86400)
    end         completed, expired, cancelled (by the provider) or failed (completed)
    share       of its lines that were worked on when it ends as expired or cancelled (0.5)
    errors      what a failed one says: an array of objects of code, line, message, param
    appears     seconds from creation until a list shows it (0)
    late        seconds from its end until its files can be had: 404 until then (0)
    shuffle     whether lines are worked on, and written, in another order than they came (true)
    lines       what is wrong with lines, and how often; `datagen mock-server --help` names them
    at          the same for single lines: {"1": "torn", "7": "500"}, numbered from 1
    cut         output, error or both: that file's last line breaks off (none)
    without     output, error or both: the batch names no such file, though it worked (none)
    blank       whether a file that is not there has the id "" instead of null (false)
    bare        whether request_counts, usage and model are null, as with other makers' servers (false)
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from datagen.errors import DatagenError
from datagen.mockserver.batches.lines import LINE_FAULTS
from datagen.mockserver.faults import Mix, mixed, rate, rates
from datagen.mockserver.told import Wrong, known
from datagen.money import Price, parse_price
from datagen.registry import unknown

ENDS = ("completed", "expired", "cancelled", "failed")
_FILES = ("output", "error", "both")
_SECONDS = ("validating", "working", "finalizing", "cancelling", "window", "appears", "late")
_OURS = ("tick", "arrives", "enqueued", "requests", "bytes", "price", "each")
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_FAILED = ({"code": "invalid_request", "line": 1, "message": "The mock fails this batch, on purpose.", "param": None},)


class Plan(NamedTuple):
    """What is to become of one batch."""

    validating: float = 60.0
    working: float = 240.0
    finalizing: float = 60.0
    cancelling: float = 60.0
    window: float = 86400.0
    appears: float = 0.0
    late: float = 0.0
    end: str = "completed"
    share: float = 0.5
    errors: tuple[Mapping[str, Any], ...] = _FAILED
    shuffle: bool = True
    lines: Mix = Mix()
    at: Mapping[int, str] = MappingProxyType({})
    cut: str = ""
    without: str = ""
    blank: bool = False
    bare: bool = False


class Plans(NamedTuple):
    """What is to become of all of them, and the server's own terms."""

    plan: Plan = Plan()
    each: tuple[Plan, ...] = ()
    tick: float = 60.0
    arrives: float = 0.0
    enqueued: int | None = None
    requests: int = 50_000
    bytes: int = 200_000_000
    price: Price | None = None

    def of(self, number: int) -> Plan:
        """The plan of the batch that was created after `number` others."""
        return self.each[number] if number < len(self.each) else self.plan

    def with_faults(self, words: Iterable[str]) -> Plans:
        """The same, with NAME=RATE of a command line for the lines of all plans that have no faults of their own."""
        mix = mixed(rates(words, "fault of a line", {name: (name,) for name in LINE_FAULTS}))
        plan, *each = (one if one.lines.names else one._replace(lines=mix) for one in (self.plan, *self.each))
        return self._replace(plan=plan, each=tuple(each))


def parse(told: Any) -> Plans:
    """The plans from a script's JSON. Raises Wrong."""
    if not isinstance(told, dict):
        raise Wrong("batches", "no object", 'as in {"tick": 600, "lines": {"500": "5%"}}')
    known(told, (*Plan._fields, *_OURS), "batches")
    plan = _plan({word: value for word, value in told.items() if word in Plan._fields}, Plan(), "batches")
    each = told.get("each", [])
    if not isinstance(each, list):
        raise Wrong("batches.each", "no array")
    terms = {word: _seconds(told[word], f"batches.{word}") for word in ("tick", "arrives") if word in told}
    counts = {word: _count(told[word], f"batches.{word}") for word in ("enqueued", "requests", "bytes") if word in told}
    price = _price(told["price"]) if "price" in told else None
    plans = tuple(_plan(entry, plan, f"batches.each[{number}]") for number, entry in enumerate(each))
    return Plans(plan, plans, **terms, **counts, price=price)  # type: ignore[arg-type]


def _plan(told: Any, base: Plan, place: str) -> Plan:
    if not isinstance(told, dict):
        raise Wrong(place, "no object")
    known(told, Plan._fields, place)
    return base._replace(**{word: _read(word, value, f"{place}.{word}") for word, value in told.items()})


def _read(word: str, value: Any, place: str) -> Any:
    if word in _SECONDS:
        return _seconds(value, place)
    if word in ("shuffle", "blank", "bare"):
        return _truth(value, place)
    if word in ("cut", "without"):
        return _one_of(value, _FILES, place)
    readers = {"share": _share, "errors": _errors, "lines": _lines, "at": _at}
    return _one_of(value, ENDS, place) if word == "end" else readers[word](value, place)


def _seconds(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise Wrong(place, "no number of seconds")
    return float(value)


def _count(value: Any, place: str) -> int:
    if type(value) is not int or value < 1:
        raise Wrong(place, "no whole number from 1")
    return value


def _truth(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Wrong(place, "neither true nor false")
    return value


def _one_of(value: Any, words: tuple[str, ...], place: str) -> str:
    if not isinstance(value, str) or value not in words:
        error = unknown("word", str(value), words)
        raise Wrong(place, str(error), error.hint)
    return value


def _share(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise Wrong(place, "no share from 0 to 1")
    return float(value)


def _errors(value: Any, place: str) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not value or not all(isinstance(error, dict) for error in value):
        raise Wrong(place, "no array of objects")
    for number, error in enumerate(value):
        known(error, ("code", "line", "message", "param"), f"{place}[{number}]")
    return tuple({**_FAILED[0], "line": None, **error} for error in value)


def _lines(value: Any, place: str) -> Mix:
    if not isinstance(value, dict):
        raise Wrong(place, "no object of names and rates", 'as in {"500": "5%"}')
    shares: dict[str, float] = {}
    for name, told in value.items():
        found = rate(str(told))
        if found is None:
            raise Wrong(f"{place}.{name}", "no share from 0 to 1 or 0% to 100%")
        shares[_line_fault(name, place)] = found
    try:
        return mixed(shares)
    except DatagenError as error:
        raise Wrong(place, str(error), error.hint) from None


def _at(value: Any, place: str) -> Mapping[int, str]:
    if not isinstance(value, dict) or not all(_NUMBER.fullmatch(number) for number in value):
        raise Wrong(place, "no object of line numbers from 1", 'as in {"3": "missing"}')
    return MappingProxyType({int(number): _line_fault(name, f"{place}.{number}") for number, name in value.items()})


def _line_fault(name: Any, place: str) -> str:
    if isinstance(name, str) and name in LINE_FAULTS:
        return name
    error = unknown("fault of a line", str(name), LINE_FAULTS)
    raise Wrong(place, str(error), error.hint)


def _price(value: Any) -> Price:
    try:
        return parse_price(value if isinstance(value, str) else "", "the mock's")
    except ValueError as error:
        raise Wrong("batches.price", str(error)) from None
