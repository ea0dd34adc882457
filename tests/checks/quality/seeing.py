"""Files of records shown to the checks of a whole file, at once or in parts."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

from datagen.checks import every  # noqa: F401
from datagen.checks.base import CHECKS, SeenAt
from datagen.checks.examples import record
from datagen.checks.quality.options import EXAMPLE, Options
from datagen.checks.sample import sample

FILE_CHECKS = sorted(code for code, check in CHECKS.items() if code[0] == "Q" and check.kind == "file")


def shown_to(code: str, records: Sequence[Any], options: Options = EXAMPLE, start: int = 0) -> Any:
    """A check that has seen these records."""
    check = CHECKS[code].run(options)
    for number, raw in enumerate(records, start):
        check.see(sample(number, raw))
    return check


def seen(code: str, records: Sequence[Any], options: Options = EXAMPLE) -> list[SeenAt]:
    """What a check says of a file of these records."""
    return list(shown_to(code, records, options).end())


def seen_in_parts(code: str, parts: Sequence[Sequence[Any]], from_zero: bool) -> list[SeenAt]:
    """The same of a file in parts that were looked at by processes of their own; `from_zero`: each counted its own
    records."""
    whole, before = CHECKS[code].run(EXAMPLE), 0
    for part in parts:
        made = shown_to(code, part, start=0 if from_zero else before)
        whole.merge(pickle.loads(pickle.dumps(made)), before if from_zero else 0)
        before += len(part)
    return list(whole.end())


def numbers(found: Sequence[SeenAt]) -> list[int | None]:
    """The records that were found."""
    return [each.number for each in found]


def saying(*answers: str, **more: Any) -> list[dict[str, Any]]:
    """A file of records with these answers, each of another picture."""
    return [record(answer=answer, id=str(n), image=f"{n:012d}.jpg", **more) for n, answer in enumerate(answers, 1)]
