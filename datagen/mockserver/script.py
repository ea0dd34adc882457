"""What is to happen to which request, told by a file, for tests that must not be left to chance.

The file is JSON: an array, or an object with the array under `requests`:

    ["ok", "500", {"fault": "429", "headers": {"retry-after": "3"}, "times": 5}, {"from": 10, "to": 40, "fault": "503"}]
    {"requests": [...], "then": "ok"}

The n-th entry is for the n-th request that arrives. An entry is `"ok"`, the name of a fault, or an object of

    fault      `ok` or the name of a fault
    status     another status than the fault's; alone it makes an answer of its own, billed if it is below 300
    headers    an object of strings, added to the answer's
    body       a string to send as it is, or anything else, which is sent as JSON
    latency    seconds, or a distribution as for --latency; else --latency, and none for what is not billed
    times      for so many requests in a row (1)
    from, to   makes it a window: not for the n-th request but for all that arrive in these seconds, counted from
               the first request; `to` is not part of it. A window goes before what the n-th request would get.

`then` is for the requests after the last entry: an entry, or `again` to start over. Without it `--fault` decides. The
rate limits come before the script: what they refuse counts as a request that arrived.

The object may also have `batches`, which says what becomes of batches (see `batches/plan.py`), and `calls`: for each
call of files and batches (`CALLS`) an array or object as above, of errors and of faults of the connection:

    {"calls": {"create": ["drop-after", "503"], "content": ["short"], "retrieve": {"then": {"status": 500}}}}

Beside `requests` and `then` there may be `rates`, {"drop-after": "5%"}: for calls that nothing is told for, drawn by
the seed and the call's number. What is not billed there is not done either; after `drop-after`, `hang`, `html` and
their like it is. `from` and `to` are seconds of the virtual clock.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from datagen.errors import DatagenError, InputError
from datagen.mockserver import faults as _faults
from datagen.mockserver import latency as _latency
from datagen.mockserver.batches import plan as _plan
from datagen.mockserver.batches.plan import Plans
from datagen.mockserver.faults import FAULTS, Fault, Mix, Reply, as_error
from datagen.mockserver.latency import Latency
from datagen.mockserver.told import Wrong as _Wrong
from datagen.mockserver.told import known
from datagen.registry import unknown

OK, AGAIN = "ok", "again"
CALLS = ("upload", "retrieve-file", "content", "delete", "list-files", "create", "retrieve", "cancel", "list")
"""The calls of files and batches."""
_WORDS = ("fault", "status", "headers", "body", "latency")
_OURS = {"content-length", "transfer-encoding", "connection"}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


_SAID = as_error(500, "The mock server's script says so.", None, "server_error")


class Step(NamedTuple):
    """What to do with a request; what is None is as it would be."""

    fault: Fault | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    latency: Latency | None = None

    def over(self, reply: Reply) -> Reply:
        """`reply` with what the script says in its place."""
        status = reply.status if self.status is None else self.status
        body = reply.body if self.body is None else self.body
        return Reply(status, body, {**reply.headers, **dict(self.headers)} if self.headers else reply.headers)


class Window(NamedTuple):
    """A step for all that arrive within some seconds."""

    start: float
    end: float
    step: Step


class Script(NamedTuple):
    """A script, read. `ends[i]` is how many requests have come when `steps[i]` is used up."""

    steps: tuple[Step, ...] = ()
    ends: tuple[int, ...] = ()
    windows: tuple[Window, ...] = ()
    then: Step | None = None
    again: bool = False
    calls: Mapping[str, Script] = MappingProxyType({})
    rates: Mix = Mix()
    """Of a call's script: what comes by chance."""
    batches: Plans = Plans()

    def call(self, name: str) -> Script:
        """What is told for one of `CALLS`."""
        return self.calls.get(name) or _NOTHING

    def step(self, place: int, since: float) -> Step | None:
        """What is told for the request at `place` (from 0), `since` seconds after the first; None: nothing is."""
        for window in self.windows:
            if window.start <= since < window.end:
                return window.step
        if self.again:
            place %= self.ends[-1]
        at = bisect_right(self.ends, place)
        return self.steps[at] if at < len(self.steps) else self.then


_NOTHING = Script()


def read(path: Path) -> Script:
    """The script in a file. Raises InputError that says where it is wrong."""
    try:
        told = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(path, "", error.strerror or str(error), "--script needs a file that can be read") from None
    except json.JSONDecodeError as error:
        raise InputError(path, f"line {error.lineno} column {error.colno}", f"no JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(path, "", f"no JSON: {error}") from None
    try:
        return parse(told)
    except _Wrong as wrong:
        raise InputError(path, wrong.place, wrong.cause, wrong.hint) from None


def parse(told: Any) -> Script:
    """A script from its JSON."""
    whole = _object(told, "")
    known(whole, ("requests", "then", "calls", "batches"), "")
    script = _requests({word: whole[word] for word in ("requests", "then") if word in whole})
    calls = whole.get("calls", {})
    if not isinstance(calls, dict):
        raise _Wrong("calls", "no object", 'as in {"create": ["drop-after"]}')
    known(calls, CALLS, "calls")
    return script._replace(
        calls={name: _call(entry, f"calls.{name}") for name, entry in calls.items()},
        batches=_plan.parse(whole.get("batches", {})),
    )


def _object(told: Any, place: str) -> dict[str, Any]:
    whole = {"requests": told} if isinstance(told, list) else told
    if not isinstance(whole, dict):
        raise _Wrong(place, "neither an array nor an object", 'as in ["ok", "500", {"fault": "429", "times": 3}]')
    return whole


def _call(told: Any, place: str) -> Script:
    """What the calls of one kind meet."""
    whole = _object(told, place)
    known(whole, ("requests", "then", "rates"), place)
    try:
        script = _requests(whole)._replace(rates=_rates(whole.get("rates", {})))
    except _Wrong as wrong:
        raise _Wrong(f"{place}.{wrong.place}", wrong.cause, wrong.hint) from None
    steps = (*script.steps, *(window.step for window in script.windows), script.then)
    for fault in (*(step.fault for step in steps if step is not None), *(FAULTS[name] for name in script.rates.names)):
        if fault is not None and not _for_calls(fault):
            raise _Wrong(place, f"{fault.name!r} is for completions only")
    return script


def _rates(told: Any) -> Mix:
    if not isinstance(told, dict):
        raise _Wrong("rates", "no object of names and rates", 'as in {"drop-after": "5%"}')
    try:
        return _faults.parse(f"{name}={share}" for name, share in told.items())
    except DatagenError as error:
        raise _Wrong("rates", str(error), error.hint) from None


def _for_calls(fault: Fault) -> bool:
    return not fault.billed or fault.play is not None or fault.name in ("empty", "html", "truncate")


def _requests(whole: dict[str, Any]) -> Script:
    entries = whole.get("requests", [])
    if not isinstance(entries, list):
        raise _Wrong("requests", "no array")
    steps, times, windows = [], [], []
    for number, entry in enumerate(entries):
        place = f"requests[{number}]"
        if isinstance(entry, dict) and ("from" in entry or "to" in entry):
            windows.append(_window(entry, place))
        else:
            times.append(_times(entry, place))
            steps.append(_step(_without(entry, "times"), place))
    then = whole.get("then")
    if then == AGAIN and not steps:
        raise _Wrong("then", "there is nothing to start again")
    last = None if then is None or then == AGAIN else _step(then, "then")
    return Script(tuple(steps), tuple(accumulate(times)), tuple(windows), last, then == AGAIN)


def _without(entry: Any, *words: str) -> Any:
    return {word: value for word, value in entry.items() if word not in words} if isinstance(entry, dict) else entry


def _times(entry: Any, place: str) -> int:
    times = entry.get("times", 1) if isinstance(entry, dict) else 1
    if type(times) is not int or times < 1:
        raise _Wrong(f"{place}.times", "no whole number above 0")
    return times


def _window(entry: dict[str, Any], place: str) -> Window:
    if "times" in entry:
        raise _Wrong(place, "a window has no `times`: it is for all that arrive within it")
    start, end = _seconds(entry.get("from", 0), f"{place}.from"), _seconds(entry.get("to", math.inf), f"{place}.to")
    if end <= start:
        raise _Wrong(place, f"it ends ({end:g}) before it begins ({start:g})")
    return Window(start, end, _step(_without(entry, "from", "to"), place))


def _seconds(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise _Wrong(place, "no number of seconds")
    return float(value)


def _step(entry: Any, place: str) -> Step:
    if isinstance(entry, str):
        return Step(_fault(entry, place))
    if not isinstance(entry, dict):
        raise _Wrong(place, "neither a fault's name nor an object")
    known(entry, _WORDS, place)
    fault = _fault(entry["fault"], f"{place}.fault") if "fault" in entry else None
    status = _status(entry["status"], f"{place}.status") if "status" in entry else None
    if fault is None and status is not None and status >= 300:
        fault = Fault("scripted", "a status from the script", False, lambda _completion: _SAID)
    return Step(
        fault,
        status,
        _headers(entry.get("headers", {}), f"{place}.headers"),
        _body(entry["body"]) if "body" in entry else None,
        _how_long(entry["latency"], f"{place}.latency") if "latency" in entry else None,
    )


def _fault(name: Any, place: str) -> Fault | None:
    if name == OK:
        return None
    if not isinstance(name, str) or name not in FAULTS:
        error = unknown("fault", str(name), [*FAULTS, OK])
        raise _Wrong(place, str(error), error.hint)
    return FAULTS[name]


def _status(status: Any, place: str) -> int:
    if type(status) is not int or not 200 <= status <= 599 or status in (204, 205, 304):
        raise _Wrong(place, "no status from 200 to 599 that can have a body")
    return status


def _headers(headers: Any, place: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(headers, dict):
        raise _Wrong(place, "no object")
    for name, value in headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise _Wrong(place, f"{name!r} cannot be set")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise _Wrong(f"{place}.{name}", "no string of one line")
    return tuple(headers.items())


def _body(body: Any) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode("utf-8", "surrogatepass")


def _how_long(words: Any, place: str) -> Latency:
    try:
        return _latency.parse(str(words))
    except DatagenError as error:
        raise _Wrong(place, str(error), error.hint) from None
