"""Stand-ins for what a trainer's module imports and its loading of data never uses: torch, peft and the like.

`without("torch", …)` lets `import torch` and everything below it succeed where it is not installed. What is taken from
such a module is a stand-in too: it can be called, subclassed, decorated with and indexed, and does nothing. So the
trainer's own functions run as they are; one that really computes with tensors would hand on a stand-in and be noticed.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any


class _Anything(type):
    """A class that has every attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name not in ("__version__",):
            raise AttributeError(name)
        return Nothing

    def __or__(cls, other: Any) -> Any:
        return Any

    __ror__ = __or__

    def __getitem__(cls, key: Any) -> Any:
        return cls

    def __iter__(cls) -> Iterator[Any]:
        return iter(())


class Nothing(metaclass=_Anything):
    """Stands for any class, function, decorator or context manager."""

    def __new__(cls, *args: Any, **named: Any) -> Any:
        if cls is Nothing and len(args) == 1 and not named and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return super().__new__(cls)

    def __init__(self, *args: Any, **named: Any) -> None:
        """Whatever it is given."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        return args[0] if len(args) == 1 and isinstance(args[0], types.FunctionType | type) else Nothing()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __getitem__(self, key: Any) -> Any:
        return Nothing()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to end."""


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "99.0"
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, roots: frozenset[str]) -> None:
        self.roots = roots

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """A stand-in for a module below one of the roots."""
        if any(name == root or name.startswith(root + ".") for root in self.roots):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        """An empty module that has every name."""
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing in it."""


def without(*roots: str) -> None:
    """Let these packages, and all below them, be imported as stand-ins from here on."""
    sys.meta_path.insert(0, _Finder(frozenset(roots)))
