"""What stops a run.

One image that fails is data (a finding, a failed attempt); only what makes going on pointless is raised, and it is
always one of these. Each carries a message (what and where) and a hint (what to do), and knows the exit code that the
command line gives it. Anything else that reaches the user as a traceback is a bug.

    DatagenError
    ├── SetupError        2   mend before a run: settings, a prompt folder, an unknown name
    │   ├── InputError    2   an annotation file that cannot be used; says file, JSON path, cause
    │   └── UnknownName   2   a name that is not registered; says the near misses
    ├── Stopped           3   a limit was reached; the same command goes on from here
    ├── ProviderError     4   the provider refuses: key, model, quota
    └── LedgerError       5   the run folder is locked, damaged, cannot be written, or not what it says
"""

from __future__ import annotations

from typing import ClassVar


class DatagenError(Exception):
    """A fault that the user can mend. `str()` is the message; `hint` says what to do."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SetupError(DatagenError):
    """Something to mend before a run can start."""


class InputError(SetupError):
    """An annotation file that cannot be used: `file: place: cause`."""

    def __init__(self, file: object, place: str, cause: str, hint: str = "") -> None:
        super().__init__(f"{file}: {place}: {cause}" if place else f"{file}: {cause}", hint)
        self.file, self.place, self.cause = str(file), place, cause

    def __reduce__(self) -> tuple[object, ...]:
        """It comes whole from another process."""
        return type(self), (self.file, self.place, self.cause, self.hint), self.__dict__


class UnknownName(SetupError):
    """A name that nobody registered."""


class Stopped(DatagenError):
    """A limit was reached. Nothing is lost and the same command goes on."""

    exit_code = 3


class ProviderError(DatagenError):
    """The provider refuses every request: a bad key, an unknown model, no quota left."""

    exit_code = 4


class LedgerError(DatagenError):
    """The run folder is in use by another process, damaged, cannot be written, or was made by a newer datagen."""

    exit_code = 5
