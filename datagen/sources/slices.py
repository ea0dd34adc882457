"""Some elements of a list, as they were read: in the three ways in which somebody may want them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Slice(Generic[T]):
    """Some elements of a list: as the decoder made them, where it could, and as plain JSON values. To be used before
    the next one is asked for."""

    __slots__ = ("_plain", "_text", "offset", "typed")

    def __init__(
        self, typed: list[T] | None, plain: Callable[[], list[Any]], text: Callable[[], bytes], offset: int
    ) -> None:
        self.typed, self._plain, self._text = typed, plain, text
        self.offset = offset
        """Of the first element in the (unzipped) file."""

    def plain(self) -> list[Any]:
        """The elements as the json module reads them."""
        return self._plain()

    def text(self) -> bytes:
        """The elements as they stand there, as a list of their own."""
        return self._text()


class Decodes(Protocol[T]):
    """What makes a list of such elements of its bytes: a msgspec decoder, or several, one after the other."""

    def decode(self, data: memoryview, /) -> list[T]:
        """Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError for what is no such list."""
        ...
