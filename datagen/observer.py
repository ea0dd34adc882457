"""Who wants to know how a run goes: what the acts of the pipeline tell, and one who does not look."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from datagen.annotations.census import Oddity
    from datagen.schema import Response


class Pulse(NamedTuple):
    """How the asking goes at a moment."""

    in_flight: int
    spent: int
    """Picodollars over the run's whole life, the most that attempts of unknown cost can have been among them."""
    cap: int | None
    """Picodollars; None where there is no `--max-cost`."""
    rpm: float | None = None
    """Requests a minute that are allowed; None where nobody tells."""
    tpm: float | None = None
    """Tokens a minute that are allowed."""
    held: float = 0.0
    """Seconds for which nothing is sent, because the server asked for that or is out."""


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

    def tick(self, pulse: Pulse) -> None:
        """About once a second while answers are waited for, whether any came or not."""
        ...


class Silent:
    """An Observer that does not look."""

    def say(self, message: str) -> None: ...

    def odd(self, oddity: Oddity) -> None: ...

    def asking(self, total: int) -> None: ...

    def heard(self, response: Response, fault: str | None) -> None: ...

    def tick(self, pulse: Pulse) -> None: ...
