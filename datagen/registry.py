"""A dict that a decorator fills, and that names the near misses.

It knows nothing of what is registered. Adding a parser, a check or a backend is writing a function under a decorator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import TypeVar

from datagen.errors import UnknownName

T = TypeVar("T")
MANY = 90
"""Names that are listed whole where none comes near."""


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a name that is not there, with what was probably meant."""
    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    listed = ", ".join(names[:MANY]) + (f" … {len(names)} in all" if len(names) > MANY else "")
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {listed or 'none'}"
    return UnknownName(f"no {kind} is called {name!r}", hint)


class Registry(dict[str, T]):
    """Names to things of one kind. `@REGISTRY("name")` registers; a missing key raises UnknownName."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __call__(self, name: str) -> Callable[[T], T]:
        def register(thing: T) -> T:
            if name in self:
                raise ValueError(f"two {self.kind}s are called {name!r}")
            self[name] = thing
            return thing

        return register

    def __missing__(self, name: str) -> T:
        raise unknown(self.kind, name, self)
