"""How the server is to behave, as one frozen thing, and the words of a command line turned into it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from datagen.errors import SetupError
from datagen.mockserver import broken as _broken  # noqa: F401  (registers its faults)
from datagen.mockserver import faults as _faults
from datagen.mockserver import latency as _latency
from datagen.mockserver import refusals as _refusals  # noqa: F401
from datagen.mockserver import script as _script
from datagen.mockserver import spoiled as _spoiled  # noqa: F401
from datagen.mockserver.faults import Mix
from datagen.mockserver.latency import Latency
from datagen.mockserver.script import Script
from datagen.registry import unknown

MOMENTS = ("admission", "answer")
"""When the rate limit's headers are computed."""


class Behaviour(NamedTuple):
    """How slow, how limited and how faulty the server is. As it stands: not at all."""

    latency: Latency = Latency()
    seed: int = 0
    rpm: int | None = None
    tpm: int | None = None
    burst: float = 60.0
    """Seconds' worth of the rate that can be saved up."""
    headers: bool = True
    headers_at: str = "answer"
    faults: Mix = Mix()
    script: Script = Script()
    ledger: Path | None = None
    stock: bool = False
    """Answer with what was written for the first request that began the same, for next to no CPU."""

    @classmethod
    def told(
        cls,
        *,
        latency: str = "0",
        faults: Iterable[str] = (),
        script: Path | None = None,
        seed: int = 0,
        rpm: int | None = None,
        tpm: int | None = None,
        burst: float = 60.0,
        headers: bool = True,
        headers_at: str = "answer",
        ledger: Path | None = None,
        stock: bool = False,
        batch_faults: Iterable[str] = (),
        tick: float | None = None,
    ) -> Behaviour:
        """The behaviour that a command line asks for. Raises SetupError that says what is wrong with it."""
        if headers_at not in MOMENTS:
            raise unknown("moment for --headers-at", headers_at, MOMENTS)
        if rpm is not None and rpm * burst < 60:
            hint = f"with --rpm {rpm} it needs --burst {60 / rpm:g} or more"
            raise SetupError(f"a bank of {burst:g} seconds never holds a whole request", hint)
        return cls(
            latency=_latency.parse(latency),
            seed=seed,
            rpm=rpm,
            tpm=tpm,
            burst=burst,
            headers=headers,
            headers_at=headers_at,
            faults=_faults.parse(faults),
            script=_told(script, batch_faults, tick),
            ledger=ledger,
            stock=stock,
        )


def _told(path: Path | None, batch_faults: Iterable[str], tick: float | None) -> Script:
    """The script in a file, with what the flags say of batches where it says nothing."""
    script = Script() if path is None else _script.read(path)
    plans = script.batches.with_faults(batch_faults)
    return script._replace(batches=plans if tick is None else plans._replace(tick=tick))
