"""Who wants to know how a run goes: what the acts of the pipeline tell, and one who does not look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datagen.annotations.census import Oddity
    from datagen.schema import Response


class Observer(Protocol):
    """Who wants to know how a run goes."""

    def say(self, message: str) -> None:
        """One line that a person should read."""
        ...

    def odd(self, oddity: Oddity) -> None:
        """Something in the annotations that was counted."""
        ...

    def asking(self, total: int) -> None:
        """So many queries are about to be asked."""
        ...

    def heard(self, response: Response, fault: str | None) -> None:
        """An attempt ended, and that is on disk; `fault` is what is wrong with the reply, if one came."""
        ...

    def tick(self) -> None:
        """About once a second while answers are waited for, whether any came or not."""
        ...


class Silent:
    """An Observer that does not look."""

    def say(self, message: str) -> None: ...

    def odd(self, oddity: Oddity) -> None: ...

    def asking(self, total: int) -> None: ...

    def heard(self, response: Response, fault: str | None) -> None: ...

    def tick(self) -> None: ...
