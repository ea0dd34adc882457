"""The pictures as a run's ledger keeps them: reading only.

What a record is about can be asked by the record's id, and what could have a box at all. It knows nothing of what is
asked about them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from datagen.errors import LedgerError
from datagen.schema import Boxed, ImageContext
from datagen.store import Store
from datagen.text import shown


class Contexts(Store):
    """The half of a ledger that knows pictures."""

    def image_of(self, record_id: str) -> ImageContext | None:
        """The image that a record is about; None where today's plan knows no such record."""
        sql = (
            "SELECT c.body FROM queries q JOIN contexts c ON c.n = q.context "
            "WHERE q.id > ? AND q.id < ? AND q.position IS NOT NULL"
        )
        found = [str(body) for (body,) in self._rows(sql, f"{record_id}-", f"{record_id}.")]  # a digest follows the `-`
        return image_in(found[0]) if len(found) == 1 else None

    def pictures(self) -> Iterator[ImageContext]:
        """The images of today's plan, each once."""
        sql = "SELECT body FROM contexts WHERE n IN (SELECT context FROM queries WHERE position IS NOT NULL) ORDER BY n"
        for (body,) in self._rows(sql):
            yield image_in(str(body))

    def boxed(self) -> Boxed:
        """What could have a box in the annotations of today's plan; of older ledgers what has one in its images."""
        told = self.meta("boxed")
        if told is not None:
            categories, everywhere = json.loads(told)
            return Boxed(tuple(categories), bool(everywhere))
        bodies = self._rows("SELECT body FROM contexts")
        return Boxed(tuple(dict.fromkeys(box.category for (body,) in bodies for box in image_in(str(body)).boxes)))


@lru_cache(maxsize=1)  # queries come in plan order, in which those about an image follow each other
def image_in(body: str) -> ImageContext:
    """A picture from its JSON. Raises LedgerError where that is none."""
    try:
        return ImageContext.model_validate_json(body)
    except ValueError as error:
        hint = "the ledger is damaged: bring it back from a copy"
        raise LedgerError(f"a picture in the ledger cannot be read: {shown(error)}", hint) from error
