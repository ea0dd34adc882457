"""Training data repaired, one record at a time, as far as that is safe: mending twice changes nothing.

A record is any JSON value. What is certain is mended and named; what is not is left as it is, for a person to see. No
text is made up but the image token, no turn is lost but under its name, and members that nobody here knows keep their
place. It knows no files: `Memory` holds what must be known of the other records.
"""

from __future__ import annotations

from datagen.records.mending.memory import Memory
from datagen.records.mending.names import REPAIRS
from datagen.records.mending.plain import writable
from datagen.records.mending.record import Mended, mend

__all__ = ["REPAIRS", "Memory", "Mended", "mend", "writable"]
