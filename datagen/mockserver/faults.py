"""What a fault is, the list of them, and how often each is to come.

A fault is a function under one of three decorators. `@refusal` makes an answer that costs nothing, at once. `@spoiled`
turns the completion that was paid for into something worse. `@broken` has the connection itself and does with the
reply what it likes. The first docstring line says what it is. `refusals.py`, `spoiled.py` and `broken.py` hold them.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from datagen.errors import SetupError
from datagen.registry import Registry, unknown
from datagen.text import shown

if TYPE_CHECKING:
    from aiohttp import web

JSON = "application/json; charset=utf-8"
GROUPS = {
    "all": ("500", "502", "drop-before", "drop-after", "truncate", "garbled", "length", "refusal", "null", "no-usage")
}
"""Names that stand for several faults in equal shares."""


class Reply(NamedTuple):
    """What goes back: everything but the rate limit's headers."""

    status: int
    body: bytes
    headers: dict[str, str]


class Sent(NamedTuple):
    """Whether all of a reply went out, and the response that aiohttp is to hold for finished: an empty one for a
    connection that was closed, to which it will not get."""

    whole: bool
    told: web.StreamResponse | None = None

    @property
    def response(self) -> web.StreamResponse:
        """What a handler gives back."""
        from aiohttp import web

        return web.Response() if self.told is None else self.told


Completion = dict[str, Any]
Make = Callable[[Completion], Reply]
Play = Callable[["web.Request", Reply], Awaitable["Sent"]]


class Fault(NamedTuple):
    """A registered fault."""

    name: str
    about: str
    billed: bool
    """Whether the answer is made and paid for; what is not billed is answered at once."""
    make: Make
    """The reply, from the completion that it should have been (an empty one where it is not billed). What it leaves
    there as usage is what is billed."""
    good: bool = False
    """Whether what arrives is as good as any: asking for it again would be a waste."""
    play: Play | None = None
    """How the reply is sent, where that is the fault; it says whether all of it went out."""


FAULTS: Registry[Fault] = Registry("fault")


def refusal(name: str) -> Callable[[Callable[[], Reply]], Callable[[], Reply]]:
    """Register an answer that is given at once and not billed."""

    def register(function: Callable[[], Reply]) -> Callable[[], Reply]:
        FAULTS(name)(Fault(name, _about(function), False, lambda _completion: function()))
        return function

    return register


def spoiled(name: str, *, good: bool = False) -> Callable[[Make], Make]:
    """Register something that is done to a completion that was billed."""

    def register(function: Make) -> Make:
        FAULTS(name)(Fault(name, _about(function), True, function, good=good))
        return function

    return register


def broken(name: str, *, billed: bool = True) -> Callable[[Play], Play]:
    """Register something that is done to the connection."""

    def register(function: Play) -> Play:
        FAULTS(name)(Fault(name, _about(function), billed, as_json, play=function))
        return function

    return register


def _about(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").strip().splitlines()[0]


def as_json(value: object, status: int = 200) -> Reply:
    """A reply that holds `value`."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": JSON})


def as_html(status: int, title: str) -> Reply:
    """A page such as a proxy puts in a server's place."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>datagen-mock</body></html>"
    return Reply(status, page.encode(), {"Content-Type": "text/html; charset=utf-8"})


def as_error(status: int, message: str, code: str | None, kind: str = "invalid_request_error") -> Reply:
    """An error in OpenAI's shape."""
    return as_json({"error": {"message": shown(message), "type": kind, "param": None, "code": code}}, status)


class Mix(NamedTuple):
    """Which faults come how often: names and the upper ends of their shares of [0, 1)."""

    names: tuple[str, ...] = ()
    ends: tuple[float, ...] = ()

    def drawn(self, share: float) -> Fault | None:
        """The fault that a share falls on; None for the rest."""
        name = self.name(share)
        return None if name is None else FAULTS[name]

    def name(self, share: float) -> str | None:
        """Its name."""
        place = bisect_right(self.ends, share)
        return self.names[place] if place < len(self.names) else None


def parse(words: Iterable[str]) -> Mix:
    """`NAME=RATE` … → Mix. Rates of one fault add up. Raises SetupError."""
    return mixed(rates(words, "fault", {**{name: (name,) for name in FAULTS}, **GROUPS}))


def rates(words: Iterable[str], kind: str, known: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """`NAME=RATE` … → the share of each; a name may stand for several. Raises SetupError."""
    shares: dict[str, float] = {}
    for word in words:
        name, equals, told = word.partition("=")
        if name not in known:
            raise unknown(kind, name, known)
        share = rate(told) if equals else None
        if share is None:
            raise SetupError(f"{kind} {word!r}: no rate", f"give a share from 0 to 1 or 0% to 100%, as in {name}=5%")
        for one in known[name]:
            shares[one] = shares.get(one, 0.0) + share / len(known[name])
    return shares


def mixed(shares: dict[str, float]) -> Mix:
    """Names and their shares → Mix. Raises SetupError where they are more than the whole."""
    if sum(shares.values()) > 1 + 1e-9:
        total = f"{sum(shares.values()):.1%}"
        raise SetupError(f"the faults' rates add up to {total}", "a request has one fault at most: stay within 100%")
    return Mix(tuple(shares), tuple(accumulate(shares.values())))


def rate(text: str) -> float | None:
    """A share from 0 to 1, or 0% to 100%; None for anything else."""
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None
    return share if 0 <= share <= 1 else None
